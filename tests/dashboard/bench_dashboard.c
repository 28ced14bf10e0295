/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_dashboard frame|rate PAIRS [WxH]: a line for each interleaved pair: ours, reference.
 * frame: ms of a frame (the pilot at 500 kS/s, a new snapshot each frame) above clear-and-present of the same window, and that, medians of
 * 60 frames. rate: frames a second over 2 s with vsync off, and those of clear-and-present alone. Default size 1280x800.
 * SDL_VIDEODRIVER chooses where (offscreen needs no display); hardware draws where there is some. The last line on stderr says which. */
#include "base/wall.h"
#include "dashboard/window.h"
#include "tests/dashboard/scenes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAIRS_MAX = 999, FRAMES = 60, RATE_S = 2 };

static struct pb_source source;
static struct pb_views views;
static struct pb_snapshot *snapshot;

static double seconds_since(pb_instant from) { return (double)pb_between(from, pb_wall_now()).ns * 1e-9; }

static void frame_of_dashboard(SDL_Renderer *renderer, int width, int height) {
    struct pb_error error;
    pb_snapshot_begin(snapshot);
    pb_scene_advance(&snapshot->body, 16700000, pb_wall_now().ns);
    pb_snapshot_end(snapshot);
    if (pb_source_poll(&source, &error) != PB_OK) exit(1);
    views.life = pb_source_life(&source, pb_wall_now(), &views.silent);
    pb_views_draw(&views, width, height);
    SDL_RenderPresent(renderer);
}

static void frame_of_nothing(SDL_Renderer *renderer, int width, int height) {
    (void)width, (void)height;
    pb_draw_clear(views.draw, PB_INK_GROUND);
    SDL_RenderPresent(renderer);
}

typedef void frame_fn(SDL_Renderer *renderer, int width, int height);

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of one frame, the median: a frame in which others had the core says nothing. */
static double median_seconds(frame_fn *frame, SDL_Renderer *renderer, int width, int height) {
    double seconds[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
        const pb_instant from = pb_wall_now();
        frame(renderer, width, height);
        seconds[i] = seconds_since(from);
    }
    qsort(seconds, FRAMES, sizeof *seconds, compare);
    return seconds[FRAMES / 2];
}

static double rate(frame_fn *frame, SDL_Renderer *renderer, int width, int height) {
    const pb_instant from = pb_wall_now();
    int frames = 0;
    for (; seconds_since(from) < RATE_S; frames++) frame(renderer, width, height);
    return frames / seconds_since(from);
}

static void measure_frames(SDL_Renderer *renderer, int width, int height) {
    const double ours = median_seconds(frame_of_dashboard, renderer, width, height);
    const double bare = median_seconds(frame_of_nothing, renderer, width, height);
    printf("%.4f %.4f\n", (ours - bare) * 1e3, bare * 1e3);
}

static void measure_rate(SDL_Renderer *renderer, int width, int height) {
    const double ours = rate(frame_of_dashboard, renderer, width, height);
    printf("%.1f %.1f\n", ours, rate(frame_of_nothing, renderer, width, height));
}

static enum pb_status open_all(struct pb_window_setup *setup, SDL_Window **ret_window, SDL_Renderer **ret_renderer,
                               struct pb_error *error) {
    enum pb_status status = pb_snapshot_create(setup->path, &snapshot, error);
    if (status == PB_OK) status = pb_window_make(setup, false, ret_window, ret_renderer, error);
    if (status == PB_OK) status = pb_draw_open(*ret_renderer, NULL, &views.draw, error);
    if (status != PB_OK) return status;
    SDL_GetRendererOutputSize(*ret_renderer, &setup->width, &setup->height);
    return pb_draw_set(views.draw, pb_layout_unit(setup->width, setup->height, 0, 0), PB_THEME_DARK, error);
}

int main(int argc, char **argv) {
    char path[64];
    struct pb_window_setup setup = {.width = 1280, .height = 800, .path = path};
    struct pb_error error;
    SDL_Window *window = NULL;
    SDL_Renderer *renderer = NULL;
    SDL_RendererInfo info = {0};
    const int pairs = argc > 2 ? atoi(argv[2]) : 0;
    const bool is_frame = argc > 1 && strcmp(argv[1], "frame") == 0, is_rate = argc > 1 && strcmp(argv[1], "rate") == 0;
    const bool is_size = argc <= 3 || sscanf(argv[3], "%dx%d", &setup.width, &setup.height) == 2;
    if ((!is_frame && !is_rate) || pairs < 1 || pairs > PAIRS_MAX || !is_size) {
        fprintf(stderr, "usage: bench_dashboard frame|rate PAIRS [WxH]\n");
        return 2;
    }
    snprintf(path, sizeof path, "/tmp/pb-bench-dashboard-%ld.snap", (long)getpid());
    if (open_all(&setup, &window, &renderer, &error) != PB_OK) {
        fprintf(stderr, "bench_dashboard: %s: %s\n", error.where, error.text);
        pb_snapshot_destroy(snapshot, path);
        return 1;
    }
    pb_scene_fill(PB_SCENE_FAILING, pb_wall_now().ns, &snapshot->body);
    pb_source_init(&source, path);
    views.body = &source.body;
    views.first_row = -1;
    (void)median_seconds(frame_of_dashboard, renderer, setup.width, setup.height); /* every glyph has been seen */
    for (int i = 0; i < pairs; i++) (is_frame ? measure_frames : measure_rate)(renderer, setup.width, setup.height);
    SDL_GetRendererInfo(renderer, &info);
    fprintf(stderr, "%dx%d, %s, renderer %s\n", setup.width, setup.height, SDL_GetCurrentVideoDriver(), info.name);
    pb_source_finish(&source);
    pb_draw_close(views.draw);
    SDL_DestroyRenderer(renderer);
    SDL_DestroyWindow(window);
    SDL_Quit();
    pb_snapshot_destroy(snapshot, path);
    return 0;
}
