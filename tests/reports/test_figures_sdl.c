/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SDL back end on a surface in memory: what the scene says is there, in both themes. Leaves BUILD/looks/figures-*.bmp for people. */
#include "reports/figures/figures.h"
#include "reports/figures/sdl.h"
#include "tests/support/check.h"

#include <SDL_ttf.h>
#include <stdio.h>
#include <sys/stat.h>

static const char *const fonts[2] = {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
                                     "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"};

static void make_sequence(struct pb_scene *scene) {
    static const struct pb_sequence_actor actors[] = {{"PEV", false}, {"EVSE", true}, {"Utility", false}};
    static const struct pb_sequence_message messages[] = {{"energy_request", 0, 2}};
    static const struct pb_sequence_check checks[] = {{"duty", PB_VERDICT_FAIL},
                                                      {"frequency", PB_VERDICT_PASS},
                                                      {"low_level", PB_VERDICT_INCONC},
                                                      {"edge", PB_VERDICT_ERROR}};
    static const struct pb_sequence_step steps[] = {
        {.number = "5",
         .text = "starts the PWM whose duty announces the available line current",
         .when = "2 s",
         .actor = 1,
         .to = 0,
         .mode = PB_STEP_JUDGED,
         .is_reached = true,
         .checks = checks,
         .check_count = 4},
        {.number = "9",
         .text = "sends the energy request",
         .when = "3 s",
         .actor = 0,
         .to = 2,
         .mode = PB_STEP_PLAYED,
         .is_reached = true,
         .messages = messages,
         .message_count = 1},
        {.number = "12a",
         .text = "sends the schedule for the energy available",
         .when = "",
         .actor = 2,
         .to = 0,
         .mode = PB_STEP_NOT_RUN}};
    pb_figure_sequence(scene, &(struct pb_sequence){"sequence", actors, 3, steps, 3});
}

static void make_timing(struct pb_scene *scene) {
    static struct pb_axis axis;
    static const struct pb_change states[] = {{{0}, 9},          {{400000000}, 1},  {{900000000}, 3},
                                              {{1400000000}, 4}, {{2000000000}, 6}, {{50000000000000}, 4}};
    static const struct pb_change poles[] = {{{0}, 0}, {{2200000000}, 1}, {{50000100000000}, 0}};
    static const struct pb_change amps[] = {{{0}, 0}, {{2200000000}, 16000}, {{50000000000000}, 0}};
    static const struct pb_track tracks[] = {{"pilot", PB_TRACK_STATE, PB_UNIT_NONE, states, 6},
                                             {"pole 1", PB_TRACK_LEVEL, PB_UNIT_NONE, poles, 3},
                                             {"current", PB_TRACK_AMOUNT, PB_UNIT_AMPERE, amps, 3}};
    static const pb_instant instants[] = {
        {0},          {400000000},      {900000000},      {1400000000},    {2000000000},
        {2200000000}, {50000000000000}, {50000100000000}, {50000400000000}};
    static const struct pb_moment marks[] = {{{50000100000000}, "opens", "too late", PB_VERDICT_FAIL}};
    pb_axis_make(&axis, PB_INSTANT_ZERO, (pb_instant){50000500000000}, instants, 9, 900);
    pb_figure_timing(
        scene,
        &(struct pb_timing){
            .title = "timing", .tracks = tracks, .track_count = 3, .marks = marks, .mark_count = 1, .axis = &axis});
}

static int count_of(SDL_Surface *surface, SDL_Color colour) {
    int count = 0;
    for (int y = 0; y < surface->h; y++)
        for (int x = 0; x < surface->w; x++) {
            const Uint8 *pixel = (const Uint8 *)surface->pixels + (ptrdiff_t)y * surface->pitch + (ptrdiff_t)4 * x;
            count += pixel[0] == colour.r && pixel[1] == colour.g && pixel[2] == colour.b;
        }
    return count;
}

static void check_drawn(const char *name, void (*make)(struct pb_scene *), bool is_dark, const enum pb_tone *tones,
                        size_t tone_count) {
    struct pb_scene scene = {0};
    struct pb_sdl_painter *painter = NULL;
    struct pb_error error = {0};
    char path[300];
    make(&scene);
    SDL_Surface *surface =
        SDL_CreateRGBSurfaceWithFormat(0, (int)scene.width, (int)scene.height, 32, SDL_PIXELFORMAT_RGBA32);
    SDL_Renderer *renderer = SDL_CreateSoftwareRenderer(surface);
    PB_CHECK_TRUE(renderer != NULL, "no software renderer: %s", SDL_GetError());
    enum pb_status status = pb_sdl_painter_open(renderer, fonts, &painter, &error);
    if (status == PB_ERR_NOT_FOUND) {
        print_message("skipped: %s\n", error.text);
        skip();
    }
    SDL_Color paper = pb_sdl_colour(PB_TONE_PAPER, is_dark);
    SDL_SetRenderDrawColor(renderer, paper.r, paper.g, paper.b, 255);
    SDL_RenderClear(renderer);
    pb_sdl_paint(painter, &scene, 0, 0, 1, is_dark);
    SDL_RenderPresent(renderer);
    for (size_t i = 0; i < tone_count; i++) {
        int pixels = count_of(surface, pb_sdl_colour(tones[i], is_dark));
        PB_CHECK_TRUE(pixels >= 8, "%s, %s: %d px of tone %s, expected at least 8", name, is_dark ? "dark" : "light",
                      pixels, pb_tone_rows[tones[i]].name);
    }
    mkdir(PB_BUILD_DIR "/looks", 0777);
    snprintf(path, sizeof path, PB_BUILD_DIR "/looks/figures-%s-%s.bmp", name, is_dark ? "dark" : "light");
    SDL_SaveBMP(surface, path);
    pb_sdl_painter_close(painter);
    SDL_DestroyRenderer(renderer);
    SDL_FreeSurface(surface);
    pb_scene_finish(&scene);
}

static void test_a_sequence_diagram_is_drawn_with_its_tones_and_texts(void **state) {
    (void)state;
    static const enum pb_tone tones[] = {PB_TONE_TEXT, PB_TONE_ACCENT, PB_TONE_ACCENT_SOFT, PB_TONE_PASS,
                                         PB_TONE_FAIL, PB_TONE_INCONC, PB_TONE_ERROR,       PB_TONE_GRID};
    for (int dark = 0; dark < 2; dark++)
        check_drawn("sequence", make_sequence, dark, tones, sizeof tones / sizeof *tones);
}

static void test_a_timing_chart_is_drawn_with_its_states_and_marks(void **state) {
    (void)state;
    static const enum pb_tone tones[] = {PB_TONE_STATE_A, PB_TONE_STATE_B, PB_TONE_STATE_C, PB_TONE_STATE_E,
                                         PB_TONE_SIGNAL,  PB_TONE_PANEL,   PB_TONE_FAIL};
    for (int dark = 0; dark < 2; dark++) check_drawn("timing", make_timing, dark, tones, sizeof tones / sizeof *tones);
}

static void test_a_font_that_is_not_there_is_an_error(void **state) {
    (void)state;
    struct pb_sdl_painter *painter = NULL;
    struct pb_error error = {0};
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(0, 8, 8, 32, SDL_PIXELFORMAT_RGBA32);
    SDL_Renderer *renderer = SDL_CreateSoftwareRenderer(surface);
    PB_CHECK_INT(
        pb_sdl_painter_open(renderer, (const char *const[2]){"/no/font.ttf", "/no/bold.ttf"}, &painter, &error),
        PB_ERR_NOT_FOUND, "");
    SDL_DestroyRenderer(renderer);
    SDL_FreeSurface(surface);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sequence_diagram_is_drawn_with_its_tones_and_texts),
        cmocka_unit_test(test_a_timing_chart_is_drawn_with_its_states_and_marks),
        cmocka_unit_test(test_a_font_that_is_not_there_is_an_error),
    };
    if (TTF_Init() != 0) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    TTF_Quit();
    return failed;
}
