/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws when the run has moved on, at most 60 times a second, and else ten times, for the clock of a silent run: it must leave the
 * machine to the run. The only thing it ever sends is what the person asks for, through harness/control. */
#include "dashboard/window.h"

#include "base/wall.h"
#include "harness/control/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { FRAME_MS = 16, IDLE_MS = 100, NOTICE_MS = 6000, ASK_MS = 500, NICE = 5 };

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    struct pb_draw *draw;
    struct pb_source source;
    struct pb_views views;
    enum pb_theme theme;
    int text_steps, least_px;
    bool is_closed, is_dirty, is_asking;
    pb_instant drawn, notice_ends;
    char notice[300], control_path[4096];
};

/* ---- making it ---- */

/* GL in software takes every core there is, which the run needs. */
static bool is_gl_in_software(SDL_Renderer *renderer) {
    SDL_RendererInfo info;
    if (SDL_GetRendererInfo(renderer, &info) != 0 || strncmp(info.name, "opengl", 6) != 0) return false;
    const unsigned char *(*get_string)(unsigned) =
        (const unsigned char *(*)(unsigned))SDL_GL_GetProcAddress("glGetString");
    const char *name = get_string ? (const char *)get_string(0x1f01 /* GL_RENDERER */) : NULL;
    return !name || strstr(name, "llvmpipe") || strstr(name, "softpipe") || strstr(name, "swrast") ||
           strstr(name, "SWR");
}

static SDL_Renderer *make_renderer(SDL_Window *window, bool is_software, bool has_vsync) {
    const Uint32 vsync = has_vsync ? SDL_RENDERER_PRESENTVSYNC : 0;
    SDL_Renderer *renderer = is_software ? NULL : SDL_CreateRenderer(window, -1, SDL_RENDERER_ACCELERATED | vsync);
    if (renderer && is_gl_in_software(renderer)) {
        SDL_DestroyRenderer(renderer);
        renderer = NULL;
    }
    return renderer ? renderer : SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE);
}

enum pb_status pb_window_make(const struct pb_window_setup *setup, bool has_vsync, SDL_Window **ret_window,
                              SDL_Renderer **ret_renderer, struct pb_error *error) {
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION,
                "0"); /* the software renderer must not present through GL in software */
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, "window",
                       "found no display (%s), expected one (pictures need none: --picture)", SDL_GetError());
    const char *driver = SDL_GetCurrentVideoDriver(), *asked = SDL_getenv("SDL_VIDEODRIVER");
    if (!asked && driver && (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0)) {
        SDL_Quit();
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, "window",
                       "found no display, expected one (pictures need none: --picture)");
    }
    SDL_Window *window = SDL_CreateWindow("Pilotbench", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, setup->width,
                                          setup->height, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    SDL_Renderer *renderer = window ? make_renderer(window, setup->is_software, has_vsync) : NULL;
    if (!renderer) {
        enum pb_status status =
            pb_fail(error, PB_ERR_UNSUPPORTED, 0, "window", "cannot be opened (%s)", SDL_GetError());
        if (window) SDL_DestroyWindow(window);
        SDL_Quit();
        return status;
    }
    SDL_SetWindowMinimumSize(window, PB_WINDOW_MIN_WIDTH, PB_WINDOW_MIN_HEIGHT);
    *ret_window = window;
    *ret_renderer = renderer;
    return PB_OK;
}

/* Text of 9 points on this display; what cannot be true is ignored. */
static int least_text_px(SDL_Window *window) {
    float dots_per_inch = 0;
    const int display = SDL_GetWindowDisplayIndex(window);
    if (display < 0 || SDL_GetDisplayDPI(display, NULL, &dots_per_inch, NULL) != 0) return 0;
    return dots_per_inch >= 110 && dots_per_inch <= 400 ? (int)(dots_per_inch * 9 / 72) : 0;
}

/* ---- asking the run ---- */

static void tell(struct window *window, const char *text) {
    snprintf(window->notice, sizeof window->notice, "%s", text);
    window->views.notice = window->notice;
    window->views.is_question = window->is_asking;
    window->notice_ends = window->is_asking ? PB_INSTANT_NEVER : pb_after(pb_wall_now(), pb_ms(NOTICE_MS));
    window->is_dirty = true;
}

static void forget_notice(struct window *window) {
    window->is_asking = false;
    window->views.notice = NULL;
    window->is_dirty = true;
}

/* The socket stands beside the snapshot: RUN.snap, RUN.sock. */
static void find_control(struct window *window, const char *snapshot_path) {
    const size_t length = strlen(snapshot_path), ending = strlen(".snap");
    const bool is_usual = length > ending && strcmp(snapshot_path + length - ending, ".snap") == 0;
    snprintf(window->control_path, sizeof window->control_path, "%.*s.sock", (int)(is_usual ? length - ending : length),
             snapshot_path);
}

/* One request by the run's one door; what came of it is told. what: "asked to stop". */
static void ask_run(struct window *window, enum pb_verb verb, const char *words, const char *what) {
    char answer[200], text[300];
    struct pb_error error = {0};
    window->is_asking = false;
    enum pb_status status = pb_control_ask(window->control_path, verb, words, ASK_MS, answer, sizeof answer, &error);
    if (status == PB_OK) snprintf(text, sizeof text, "The run was %s: %s", what, answer);
    else snprintf(text, sizeof text, "The run could not be %s: %.200s", what, error.text);
    tell(window, text);
}

/* ---- keys ---- */

static void scroll(struct window *window, int rows) {
    struct pb_views *views = &window->views;
    const int first = views->shown_first_row + rows;
    views->first_row = first < 0 ? 0 : first >= views->row_count ? views->row_count - 1 : first;
    if (views->first_row < 0) views->first_row = 0;
}

static void on_key(struct window *window, SDL_Keycode key) {
    if (window->is_asking && key == SDLK_y) {
        ask_run(window, PB_VERB_ABORT, "", "asked to stop");
        return;
    }
    forget_notice(window);
    switch (key) {
    case SDLK_q: window->is_closed = true; return;
    case SDLK_t: window->theme = window->theme == PB_THEME_DARK ? PB_THEME_LIGHT : PB_THEME_DARK; return;
    case SDLK_PLUS:
    case SDLK_EQUALS:
    case SDLK_KP_PLUS: window->text_steps += window->text_steps < 12; return;
    case SDLK_MINUS:
    case SDLK_KP_MINUS: window->text_steps -= window->text_steps > -6; return;
    case SDLK_0: window->text_steps = 0; return;
    case SDLK_d: window->views.has_details = !window->views.has_details; return;
    case SDLK_DOWN: scroll(window, 1); return;
    case SDLK_UP: scroll(window, -1); return;
    case SDLK_PAGEDOWN: scroll(window, 10); return;
    case SDLK_PAGEUP: scroll(window, -10); return;
    case SDLK_HOME: window->views.first_row = 0; return;
    case SDLK_END: window->views.first_row = -1; return;
    case SDLK_RETURN:
    case SDLK_KP_ENTER: ask_run(window, PB_VERB_ANSWER, "done", "told that it is done"); return;
    case SDLK_a:
        if (window->views.life != PB_LIFE_RUNNING && window->views.life != PB_LIFE_STALLED) return;
        window->is_asking = true;
        tell(window, "Stop the run and bring the bench to its safe state?  y: stop it   any other key: go on");
        return;
    default: return;
    }
}

static void on_event(struct window *window, const SDL_Event *event) {
    switch (event->type) {
    case SDL_QUIT: window->is_closed = true; return;
    case SDL_KEYDOWN: on_key(window, event->key.keysym.sym); return;
    case SDL_MOUSEWHEEL:
        scroll(window, event->wheel.y > 0 ? -3 : 3);
        window->is_dirty = true;
        return;
    case SDL_WINDOWEVENT:
    case SDL_RENDER_TARGETS_RESET: window->is_dirty = true; return;
    default: return;
    }
}

/* ---- the loop ---- */

static enum pb_status draw_frame(struct window *window, struct pb_error *error) {
    int width, height;
    struct pb_views *views = &window->views;
    if (SDL_GetRendererOutputSize(window->renderer, &width, &height) != 0) return PB_OK;
    enum pb_status status = pb_draw_set(
        window->draw, pb_layout_unit(width, height, window->least_px, window->text_steps), window->theme, error);
    if (status != PB_OK) return status;
    pb_views_draw(views, width, height);
    SDL_RenderPresent(window->renderer);
    window->is_dirty = false;
    return PB_OK;
}

/* One turn: at most a frame. wait: until when the snapshot must have appeared. */
static enum pb_status turn(struct window *window, pb_instant wait_ends, struct pb_error *error) {
    SDL_Event event;
    if (SDL_WaitEventTimeout(&event, FRAME_MS)) do
            on_event(window, &event);
        while (SDL_PollEvent(&event));
    const pb_instant now = pb_wall_now();
    enum pb_status status = pb_source_poll(&window->source, error);
    if (status != PB_OK && (status != PB_ERR_NOT_FOUND || pb_is_before(wait_ends, now))) return status;
    window->views.life = pb_source_life(&window->source, now, &window->views.silent);
    if (window->views.notice && pb_is_before(window->notice_ends, now)) forget_notice(window);
    const bool is_old = pb_is_shorter(pb_ms(IDLE_MS), pb_between(window->drawn, now));
    const bool is_due = pb_is_shorter(pb_ms(FRAME_MS - 4), pb_between(window->drawn, now));
    if (!((window->source.is_new || window->is_dirty) && is_due) && !is_old) {
        window->is_dirty |= window->source.is_new;
        return PB_OK;
    }
    window->drawn = now;
    return draw_frame(window, error);
}

enum pb_status pb_window_run(const struct pb_window_setup *setup, struct pb_error *error) {
    struct window *window = calloc(1, sizeof *window);
    if (!window) return pb_fail(error, PB_ERR_MEMORY, 0, "window", "no memory");
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* the run comes first */
    enum pb_status status = pb_window_make(setup, true, &window->window, &window->renderer, error);
    if (status != PB_OK) {
        free(window);
        return status;
    }
    pb_source_init(&window->source, setup->path);
    find_control(window, setup->path);
    window->theme = setup->theme;
    window->least_px = least_text_px(window->window);
    window->is_dirty = true;
    window->views = (struct pb_views){.body = &window->source.body, .path = setup->path, .first_row = -1};
    status = pb_draw_open(window->renderer, setup->font_folder, &window->draw, error);
    window->views.draw = window->draw;
    const pb_instant wait_ends = pb_after(pb_wall_now(), setup->wait);
    while (status == PB_OK && !window->is_closed) status = turn(window, wait_ends, error);
    pb_source_finish(&window->source);
    pb_draw_close(window->draw);
    SDL_DestroyRenderer(window->renderer);
    SDL_DestroyWindow(window->window);
    SDL_Quit();
    free(window);
    return status;
}
