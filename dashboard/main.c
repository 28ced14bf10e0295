/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench-dashboard: a window on a run, or a picture of it. Exit status: 0; 2 for bad usage, no snapshot, no font, no display. */
#include "base/wall.h"
#include "dashboard/picture.h"
#include "dashboard/window.h"

#include <argp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_INPUT = 2, SIZE_MAX_PX = 16384, POLL_MS = 20 };

struct options {
    struct pb_window_setup window;
    const char *picture;
    int frames;
};

static enum pb_status save_frames(const struct options *options, SDL_Surface *surface, struct pb_source *source,
                                  struct pb_views *views, struct pb_error *error) {
    SDL_Renderer *renderer = SDL_CreateSoftwareRenderer(surface);
    if (!renderer) return pb_fail(error, PB_ERR_UNSUPPORTED, 0, "picture", "%s", SDL_GetError());
    enum pb_status status = pb_draw_open(renderer, options->window.font_folder, &views->draw, error);
    const int unit = pb_layout_unit(surface->w, surface->h, 0, 0);
    if (status == PB_OK) status = pb_draw_set(views->draw, unit, options->window.theme, error);
    for (int i = 0; status == PB_OK && i < options->frames; i++) {
        status = pb_source_poll(source, error);
        views->life = pb_source_life(source, pb_wall_now(), &views->silent);
        pb_views_draw(views, surface->w, surface->h);
        SDL_RenderFlush(renderer);
    }
    if (status == PB_OK) status = pb_picture_save(surface, options->picture, error);
    pb_draw_close(views->draw);
    SDL_DestroyRenderer(renderer);
    return status;
}

/* Needs no display: the software renderer draws on a surface. */
static enum pb_status save_picture(const struct options *options, struct pb_error *error) {
    struct pb_source *source = malloc(sizeof *source);
    struct pb_views *views = calloc(1, sizeof *views);
    SDL_Surface *surface =
        SDL_CreateRGBSurfaceWithFormat(0, options->window.width, options->window.height, 32, SDL_PIXELFORMAT_XRGB8888);
    enum pb_status status = PB_OK;
    if (!source || !views || !surface) status = pb_fail(error, PB_ERR_MEMORY, 0, "picture", "no memory");
    else {
        pb_source_init(source, options->window.path);
        views->body = &source->body;
        views->path = options->window.path;
        views->first_row = -1;
        const pb_instant wait_ends = pb_after(pb_wall_now(), options->window.wait);
        while ((status = pb_source_poll(source, error)) == PB_ERR_NOT_FOUND && pb_is_before(pb_wall_now(), wait_ends))
            poll(NULL, 0, POLL_MS);
        if (status == PB_OK) status = save_frames(options, surface, source, views, error);
        pb_source_finish(source);
    }
    if (surface) SDL_FreeSurface(surface);
    free(views);
    free(source);
    return status;
}

/* ---- options ---- */

static bool read_number(const char *text, int min, int max, int *ret_number) {
    char *end;
    const long number = strtol(text, &end, 10);
    if (end == text || *end || text[0] < '0' || text[0] > '9' || number < min || number > max) return false;
    *ret_number = (int)number;
    return true;
}

static bool read_size(const char *text, struct pb_window_setup *window) {
    char width[8];
    const char *x = strchr(text, 'x');
    if (!x || (size_t)(x - text) >= sizeof width) return false;
    memcpy(width, text, (size_t)(x - text));
    width[x - text] = 0;
    return read_number(width, PB_WINDOW_MIN_WIDTH, SIZE_MAX_PX, &window->width) &&
           read_number(x + 1, PB_WINDOW_MIN_HEIGHT, SIZE_MAX_PX, &window->height);
}

static error_t refuse(struct argp_state *state, const char *what, const char *found, const char *expected) {
    fprintf(stderr, "pilotbench-dashboard: found %s '%.200s', expected %s\n", what, found, expected);
    exit(EXIT_INPUT);
    return state ? 0 : EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state) {
    struct options *options = state->input;
    int number;
    switch (key) {
    case 'a': options->window.path = text; return 0;
    case 'p': options->picture = text; return 0;
    case 's':
        return read_size(text, &options->window)
                   ? 0
                   : refuse(state, "size", text, "WIDTHxHEIGHT from 800x480 to 16384x16384");
    case 't': return pb_theme_find(text, &options->window.theme) ? 0 : refuse(state, "theme", text, "dark or light");
    case 'n':
        return read_number(text, 1, 1000000, &options->frames) ? 0 : refuse(state, "frames", text, "1 to 1000000");
    case 'w':
        if (!read_number(text, 0, 86400, &number)) return refuse(state, "time to wait", text, "0 to 86400 seconds");
        options->window.wait = pb_s(number);
        return 0;
    case 'f': options->window.font_folder = text; return 0;
    case 'S': options->window.is_software = true; return 0;
    case ARGP_KEY_ARG: return refuse(state, "argument", text, "options only");
    case ARGP_KEY_END: return options->window.path ? 0 : refuse(state, "snapshot", "", "--attach RUN.snap");
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option rows[] = {
    {"attach", 'a', "RUN.snap", 0, "snapshot of the run to show (beside its run file)", 0},
    {"wait", 'w', "SECONDS", 0, "for the snapshot to appear (default 10)", 0},
    {"theme", 't', "NAME", 0, "dark (default) or light", 0},
    {"size", 's', "WxH", 0, "of window or picture (default 1280x800)", 0},
    {"picture", 'p', "FILE", 0, "save a picture (.png, else BMP) and end; needs no display", 0},
    {"after", 'n', "FRAMES", 0, "frames to draw before the picture is saved (default 1)", 0},
    {"fonts", 'f', "FOLDER", 0, "where DejaVuSans.ttf and DejaVuSans-Bold.ttf are", 0},
    {"software", 'S', 0, 0, "use no graphics hardware", 0},
    {0}};

int main(int argc, char **argv) {
    static const struct argp parser = {
        rows,
        parse,
        NULL,
        "Shows a run in progress.\vKeys: q close, t theme, + and - size of text, 0 usual size, d checks of every step, arrows and "
        "Page Up/Down scroll the steps, End follow the run, a stop the run (asks first).",
        0,
        0,
        0};
    struct options options = {.window = {.width = 1280, .height = 800, .wait = pb_s(10)}, .frames = 1};
    struct pb_error error = {0};
    argp_err_exit_status = EXIT_INPUT;
    argp_parse(&parser, argc, argv, 0, NULL, &options);
    enum pb_status status = options.picture ? save_picture(&options, &error) : pb_window_run(&options.window, &error);
    if (status == PB_OK) return 0;
    fprintf(stderr, "pilotbench-dashboard: %s: %s\n", error.where, error.text);
    return EXIT_INPUT;
}
