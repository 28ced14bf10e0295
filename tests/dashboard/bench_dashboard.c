/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_dashboard [--verbose] [WxH [PAIRS]]: one JSON object a line.
 * dashboard_frame: ms of a frame (the pilot at 500 kS/s, a new snapshot each frame) above clear-and-present of the same window, median
 * of interleaved pairs of 60 frames each. dashboard_rate: frames a second over 2 s with vsync off; reference: clear and present alone.
 * SDL_VIDEODRIVER chooses where (offscreen needs no display); the window is the person's, or software where there is no hardware. */
#include "base/wall.h"
#include "dashboard/window.h"
#include "tests/dashboard/scenes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 99, FRAMES = 60, RATE_S = 2 };

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

/* Seconds of one frame. */
static double measure(frame_fn *frame, SDL_Renderer *renderer, int width, int height) {
    const pb_instant from = pb_wall_now();
    for (int i = 0; i < FRAMES; i++) frame(renderer, width, height);
    return seconds_since(from) / FRAMES;
}

static double rate(frame_fn *frame, SDL_Renderer *renderer, int width, int height) {
    const pb_instant from = pb_wall_now();
    int frames = 0;
    for (; seconds_since(from) < RATE_S; frames++) frame(renderer, width, height);
    return frames / seconds_since(from);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void report(const char *name, double value, const char *unit, const char *reference, double reference_value) {
    printf("{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"reference\":\"%s\",\"reference_value\":%.3f,\"ratio\":%.4f}\n", name, value, unit,
           reference, reference_value, value / reference_value);
}

int main(int argc, char **argv) {
    struct pb_window_setup setup = {.width = 1280, .height = 800};
    struct pb_error error;
    SDL_Window *window;
    SDL_Renderer *renderer;
    char path[] = "/tmp/pb-bench-XXXXXX";
    const int is_verbose = argc > 1 && strcmp(argv[1], "--verbose") == 0;
    argv += is_verbose, argc -= is_verbose;
    const int pairs = argc > 2 ? atoi(argv[2]) : 9;
    if (pairs < 1 || pairs > PAIRS_MAX || (argc > 1 && sscanf(argv[1], "%dx%d", &setup.width, &setup.height) != 2)) {
        fprintf(stderr, "usage: bench_dashboard [--verbose] [WxH [PAIRS]]\n");
        return 2;
    }
    const int fd = mkstemp(path);
    setup.path = path;
    enum pb_status status = fd < 0 ? PB_ERR_IO : pb_snapshot_create(path, &snapshot, &error);
    if (status == PB_OK) status = pb_window_make(&setup, false, &window, &renderer, &error);
    if (status == PB_OK) status = pb_draw_open(renderer, NULL, &views.draw, &error);
    int width = setup.width, height = setup.height;
    if (status == PB_OK) SDL_GetRendererOutputSize(renderer, &width, &height);
    if (status == PB_OK) status = pb_draw_set(views.draw, pb_layout_unit(width, height, 0, 0), PB_THEME_DARK, &error);
    if (status != PB_OK) {
        fprintf(stderr, "bench_dashboard: %s\n", error.text);
        pb_snapshot_destroy(snapshot, path);
        return 1;
    }
    pb_scene_fill(PB_SCENE_FAILING, pb_wall_now().ns, &snapshot->body);
    pb_source_init(&source, path);
    views.body = &source.body;
    views.first_row = -1;
    double ours[PAIRS_MAX], bare[PAIRS_MAX], above[PAIRS_MAX];
    measure(frame_of_dashboard, renderer, width, height); /* every glyph has been seen */
    for (int i = 0; i < pairs; i++) {
        ours[i] = measure(frame_of_dashboard, renderer, width, height) * 1e3;
        bare[i] = measure(frame_of_nothing, renderer, width, height) * 1e3;
        above[i] = ours[i] - bare[i];
        if (is_verbose) fprintf(stderr, "%7.3f %7.3f ms, above %.3f ms\n", ours[i], bare[i], above[i]);
    }
    SDL_RendererInfo info = {0};
    SDL_GetRendererInfo(renderer, &info);
    if (is_verbose) fprintf(stderr, "%dx%d, %s, renderer %s\n", width, height, SDL_GetCurrentVideoDriver(), info.name);
    report("dashboard_frame", median(above, pairs), "ms", "clear and present of the same window, ms", median(bare, pairs));
    const double reached = rate(frame_of_dashboard, renderer, width, height);
    report("dashboard_rate", reached, "frames/s", "clear and present of the same window", rate(frame_of_nothing, renderer, width, height));
    pb_source_finish(&source);
    pb_draw_close(views.draw);
    SDL_DestroyRenderer(renderer);
    SDL_DestroyWindow(window);
    SDL_Quit();
    pb_snapshot_destroy(snapshot, path);
    return 0;
}
