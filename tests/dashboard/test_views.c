/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layout at many sizes; every text that is drawn, at many sizes and in every scene: inside the window, and none over another. */
#include "dashboard/views.h"
#include "dashboard/words.h"
#include "tests/dashboard/scenes.h"
#include "tests/support/check.h"

#include <stdio.h>

enum { TEXTS_MAX = 4000, NOW_S = 1000 };

static struct pb_snapshot_body body;
static struct pb_views views;
static struct pb_scope scope;

static const int widths[] = {800, 801, 853, 960, 1024, 1280, 1366, 1600, 1920, 2560, 3840};
static const int heights[] = {480, 481, 540, 600, 768, 800, 1000, 1080, 1200, 1600, 2160, 3840};

static void check_layout(int width, int height, int steps) {
    struct pb_layout layout;
    const int unit = pb_layout_unit(width, height, 0, steps), hair = unit < 22 ? 1 : unit / 11;
    pb_layout_make(width, height, unit, hair, &layout);
    const SDL_Rect window = {0, 0, width, height};
    SDL_Rect all[2 * PB_PLACE_COUNT], both;
    int count = 0, area = 0;
    for (int i = 0; i < PB_PLACE_COUNT; i++) all[count++] = layout.places[i];
    for (int i = 0; i < layout.rule_count; i++) all[count++] = layout.rules[i];
    for (int i = 0; i < count; i++) {
        PB_CHECK_TRUE(all[i].w > 0 && all[i].h > 0, "%dx%d: place %d has no room", width, height, i);
        SDL_UnionRect(&window, &all[i], &both);
        PB_CHECK_TRUE(SDL_RectEquals(&window, &both), "%dx%d: place %d leaves the window", width, height, i);
        for (int j = 0; j < i; j++)
            PB_CHECK_TRUE(!SDL_HasIntersection(&all[i], &all[j]), "%dx%d: places %d and %d overlap", width, height, i,
                          j);
        area += all[i].w * all[i].h;
    }
    PB_CHECK_INT(area, width * height, "px of the window that belong to somebody");
    PB_CHECK_TRUE(layout.places[PB_PLACE_SCOPE].h >= 12 * unit, "%dx%d at %d px: the scope is %d px high", width,
                  height, unit, layout.places[PB_PLACE_SCOPE].h);
    PB_CHECK_TRUE(layout.places[PB_PLACE_STEPS].h >= 11 * unit, "%dx%d at %d px: the steps are %d px high", width,
                  height, unit, layout.places[PB_PLACE_STEPS].h);
}

static void test_views_fill_the_window_and_never_overlap(void **state) {
    (void)state;
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t h = 0; h < sizeof heights / sizeof *heights; h++)
            for (int steps = -6; steps <= 12; steps += 3) check_layout(widths[w], heights[h], steps);
}

static void test_text_grows_with_the_window_and_by_wish_but_never_past_its_room(void **state) {
    (void)state;
    PB_CHECK_INT(pb_layout_unit(800, 480, 0, 0), 13, "px");
    PB_CHECK_INT(pb_layout_unit(1920, 1080, 0, 0), 18, "px");
    PB_CHECK_INT(pb_layout_unit(3840, 2160, 0, 0), 27, "px");
    PB_CHECK_INT(pb_layout_unit(3840, 2160, 36, 0), 36, "px on a display with many dots");
    PB_CHECK_INT(pb_layout_unit(800, 480, 36, 12), 13, "px");
    PB_CHECK_TRUE(pb_layout_unit(1920, 1080, 0, 3) > 18, "wished larger");
    PB_CHECK_INT(pb_layout_unit(1920, 1080, 0, -6), 10, "px");
}

/* ---- texts ---- */

static struct {
    SDL_Rect box;
    char text[80];
    bool is_cut;
} texts[TEXTS_MAX];
static int text_count;

static void note_text(void *user, const char *text, SDL_Rect box, bool is_cut) {
    (void)user;
    PB_CHECK_TRUE(text_count < TEXTS_MAX, "%d texts", text_count);
    texts[text_count].box = box;
    texts[text_count].is_cut = is_cut;
    snprintf(texts[text_count++].text, sizeof texts[0].text, "%s", text);
}

static void draw_scene(SDL_Surface *surface, SDL_Renderer *renderer, struct pb_draw *draw, enum pb_scene scene) {
    static const enum pb_life lives[PB_SCENE_COUNT] = {
        [PB_SCENE_CONNECTING] = PB_LIFE_RUNNING, [PB_SCENE_CHARGING] = PB_LIFE_RUNNING,
        [PB_SCENE_STEADY] = PB_LIFE_RUNNING,     [PB_SCENE_FAILING] = PB_LIFE_RUNNING,
        [PB_SCENE_PASSED] = PB_LIFE_OVER,        [PB_SCENE_FAILED] = PB_LIFE_OVER,
        [PB_SCENE_ERROR] = PB_LIFE_OVER,         [PB_SCENE_STALLED] = PB_LIFE_STALLED,
        [PB_SCENE_GONE] = PB_LIFE_GONE,          [PB_SCENE_LONG] = PB_LIFE_RUNNING,
        [PB_SCENE_NON_LATIN] = PB_LIFE_RUNNING,  [PB_SCENE_FULL] = PB_LIFE_RUNNING};
    (void)renderer;
    pb_scene_fill(scene, (int64_t)NOW_S * 1000000000, &body);
    pb_snapshot_make_sane(&body);
    views.draw = draw, views.body = &body, views.life = lives[scene], views.path = "runs/x.snap",
    views.silent = pb_s(61);
    text_count = 0;
    pb_views_draw(&views, surface->w, surface->h);
}

/* Lines of text have some empty height, which may touch. */
static SDL_Rect ink_of(SDL_Rect box) { return pb_inset(box, 0, box.h / 6); }

static void check_texts(const SDL_Surface *surface, const char *what) {
    const SDL_Rect window = {0, 0, surface->w, surface->h};
    for (int i = 0; i < text_count; i++) {
        const SDL_Rect box = ink_of(texts[i].box);
        SDL_Rect both;
        SDL_UnionRect(&window, &box, &both);
        PB_CHECK_TRUE(SDL_RectEquals(&window, &both), "%s %dx%d: '%s' leaves the window", what, window.w, window.h,
                      texts[i].text);
        for (int j = 0; j < i; j++) {
            const SDL_Rect other = ink_of(texts[j].box);
            PB_CHECK_TRUE(!SDL_HasIntersection(&box, &other), "%s %dx%d: '%s' and '%s' overlap", what, window.w,
                          window.h, texts[i].text, texts[j].text);
        }
    }
}

static void with_window(int width, int height, void (*work)(SDL_Surface *, SDL_Renderer *, struct pb_draw *)) {
    struct pb_draw *draw;
    struct pb_error error;
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_XRGB8888);
    SDL_Renderer *renderer = SDL_CreateSoftwareRenderer(surface);
    PB_CHECK_OK(pb_draw_open(renderer, NULL, &draw, &error), &error);
    memset(&views, 0, sizeof views);
    views.first_row = -1;
    pb_draw_watch(draw, note_text, NULL);
    work(surface, renderer, draw);
    pb_draw_close(draw);
    SDL_DestroyRenderer(renderer);
    SDL_FreeSurface(surface);
}

static void check_scenes(SDL_Surface *surface, SDL_Renderer *renderer, struct pb_draw *draw) {
    struct pb_error error;
    for (int steps = 0; steps <= 12; steps += 6) {
        const int unit = pb_layout_unit(surface->w, surface->h, 0, steps);
        PB_CHECK_OK(pb_draw_set(draw, unit, PB_THEME_LIGHT, &error), &error);
        for (int scene = 0; scene < PB_SCENE_COUNT; scene++) {
            for (int is_detailed = 0; is_detailed < 2; is_detailed++) {
                views.has_details = is_detailed;
                draw_scene(surface, renderer, draw, (enum pb_scene)scene);
                PB_CHECK_TRUE(text_count > 20, "%s: only %d texts", pb_scene_name((enum pb_scene)scene), text_count);
                check_texts(surface, pb_scene_name((enum pb_scene)scene));
            }
        }
    }
}

static void test_no_text_leaves_the_window_or_lies_on_another(void **state) {
    (void)state;
    static const int sizes[][2] = {{800, 480},  {801, 599},   {1024, 600},  {1280, 800}, {1920, 1080},
                                   {800, 1000}, {1080, 1920}, {3840, 2160}, {2400, 480}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) with_window(sizes[i][0], sizes[i][1], check_scenes);
}

/* Names of steps and free texts may be cut. What the bench says itself may not. */
static void check_uncut(SDL_Surface *surface, SDL_Renderer *renderer, struct pb_draw *draw) {
    static const char *const may[] = {"plugs",
                                      "stub EVSE",
                                      "2026",
                                      "sends",
                                      "takes",
                                      "switches",
                                      "the vehicle",
                                      "pauses",
                                      "balance",
                                      "has its",
                                      "hands",
                                      "records",
                                      "pulls",
                                      "closes",
                                      "starts",
                                      "watches",
                                      "wakes",
                                      "prepares",
                                      "opens",
                                      "asks",
                                      "verifies",
                                      "confirms",
                                      "first: step",
                                      "the leakage",
                                      "duty announces",
                                      "frequency of",
                                      "low level",
                                      "high level",
                                      "no pole",
                                      "the contactor does",
                                      "PWM starts",
                                      "source res",
                                      "every pole",
                                      "the pilot's state",
                                      "the pilot reaches",
                                      "The run's process"};
    struct pb_error error;
    PB_CHECK_OK(pb_draw_set(draw, pb_layout_unit(surface->w, surface->h, 0, 0), PB_THEME_DARK, &error), &error);
    for (int scene = 0; scene < PB_SCENE_LONG; scene++) {
        draw_scene(surface, renderer, draw, (enum pb_scene)scene);
        for (int i = 0; i < text_count; i++) {
            bool is_allowed = !texts[i].is_cut;
            for (size_t k = 0; k < sizeof may / sizeof *may; k++)
                is_allowed |= strncmp(texts[i].text, may[k], strlen(may[k])) == 0;
            PB_CHECK_TRUE(is_allowed, "%s %dx%d: '%s' is cut", pb_scene_name((enum pb_scene)scene), surface->w,
                          surface->h, texts[i].text);
        }
    }
}

static void test_the_bench_s_own_words_and_numbers_are_never_cut(void **state) {
    (void)state;
    static const int sizes[][2] = {{800, 480}, {1024, 600}, {1280, 800}, {1920, 1080}, {800, 1000}, {3840, 2160}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) with_window(sizes[i][0], sizes[i][1], check_uncut);
}

static bool was_drawn(const char *text) {
    for (int i = 0; i < text_count; i++)
        if (strncmp(texts[i].text, text, strlen(text)) == 0) return true;
    return false;
}

static void check_frames(SDL_Surface *surface, SDL_Renderer *renderer, struct pb_draw *draw) {
    struct pb_error error;
    PB_CHECK_OK(pb_draw_set(draw, 15, PB_THEME_DARK, &error), &error);
    draw_scene(surface, renderer, draw, PB_SCENE_CHARGING);
    for (int i = 0; i < 300; i++) {
        pb_scene_advance(&body, 16700000, 0);
        pb_views_draw(&views, surface->w, surface->h);
        text_count = 0;
    }
    const long made = pb_draw_glyphs_made(draw);
    for (int i = 0; i < 1000; i++) {
        pb_scene_advance(&body, 16700000, 0);
        pb_views_draw(&views, surface->w, surface->h);
        text_count = 0;
    }
    PB_CHECK_INT(pb_draw_glyphs_made(draw), made, "glyphs after 1000 more frames");
}

static void test_after_a_while_no_frame_makes_a_glyph(void **state) {
    (void)state;
    with_window(1280, 800, check_frames);
}

static void check_following(SDL_Surface *surface, SDL_Renderer *renderer, struct pb_draw *draw) {
    draw_scene(surface, renderer, draw, PB_SCENE_CHARGING);
    PB_CHECK_TRUE(was_drawn("now"), "the present step is out of sight");
    PB_CHECK_TRUE(was_drawn("all poles conduct"), "its last check is out of sight");
    views.first_row = 0;
    draw_scene(surface, renderer, draw, PB_SCENE_CHARGING);
    PB_CHECK_TRUE(was_drawn("unplug") || was_drawn("5"), "the list did not scroll to its top");
    PB_CHECK_TRUE(!was_drawn("now"), "the list did not scroll away");
    views.first_row = 100000;
    draw_scene(surface, renderer, draw, PB_SCENE_CHARGING);
    PB_CHECK_TRUE(was_drawn("the leakage is gone"), "the list did not scroll to its end");
    views.first_row = -1;
    draw_scene(surface, renderer, draw, PB_SCENE_FAILED);
    PB_CHECK_TRUE(was_drawn("25.97 %"), "the first failure is out of sight at the end");
    PB_CHECK_TRUE(was_drawn("19.5 % to 20.5 %: above the limit"), "its reason is out of sight");
}

static void test_the_list_follows_the_run_until_somebody_scrolls(void **state) {
    (void)state;
    with_window(800, 480, check_following);
}

static void check_deadline(SDL_Surface *surface, SDL_Renderer *renderer, struct pb_draw *draw) {
    draw_scene(surface, renderer, draw, PB_SCENE_CHARGING);
    PB_CHECK_TRUE(was_drawn("2.3 s left"), "no countdown");
    pb_scene_advance(&body, 2000000000, 0);
    text_count = 0;
    pb_views_draw(&views, surface->w, surface->h);
    PB_CHECK_TRUE(was_drawn("360 ms left"), "the countdown stood still");
    draw_scene(surface, renderer, draw, PB_SCENE_STALLED);
    PB_CHECK_TRUE(was_drawn("\u25a0 STALLED") && was_drawn("Nothing heard from the run for 1 min 01 s"),
                  "a stalled run does not say so");
    draw_scene(surface, renderer, draw, PB_SCENE_FAILED);
    PB_CHECK_TRUE(was_drawn("\u2717 FAIL") && was_drawn("The run is over: 25 of 29 checks passed, 4 failed"),
                  "a failed run does not say so");
}

static void test_the_status_counts_down_and_tells_how_the_run_is(void **state) {
    (void)state;
    with_window(1280, 800, check_deadline);
}

static void test_a_missing_font_is_named_with_its_package(void **state) {
    (void)state;
    struct pb_draw *draw = NULL;
    struct pb_error error;
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(0, 800, 480, 32, SDL_PIXELFORMAT_XRGB8888);
    SDL_Renderer *renderer = SDL_CreateSoftwareRenderer(surface);
    PB_CHECK_INT(pb_draw_open(renderer, "/no/such/folder", &draw, &error), PB_ERR_NOT_FOUND, "(status)");
    PB_CHECK_CONTAINS(error.text, "DejaVuSans.ttf");
    PB_CHECK_CONTAINS(error.text, "fonts-dejavu-core");
    PB_CHECK_TEXT(error.where, "/no/such/folder");
    SDL_DestroyRenderer(renderer);
    SDL_FreeSurface(surface);
}

/* ---- scope ---- */

static void test_scope_shows_a_rise_through_zero_at_its_place(void **state) {
    (void)state;
    pb_scene_fill(PB_SCENE_CHARGING, 0, &body);
    pb_scope_make(&scope, &body, 500); /* 10 us a column, the trigger at 50 */
    PB_CHECK_TRUE(scope.is_triggered, "no trigger");
    PB_CHECK_INT(scope.drawn_count, 500, "columns");
    PB_CHECK_NEAR(scope.high_volts[45], -12, 0.2, "V");
    PB_CHECK_TRUE(scope.low_volts[50] <= 0.1 || scope.low_volts[49] <= 0.1, "the edge is not at the trigger");
    PB_CHECK_NEAR(scope.low_volts[60], 6, 0.3, "V");
    PB_CHECK_NEAR(scope.high_volts[80], -12, 0.3, "V"); /* 20 % of 1 ms later */
    for (int turn = 0; turn < 20; turn++) {
        pb_scene_advance(&body, 333000, 0);
        pb_scope_make(&scope, &body, 500);
        PB_CHECK_TRUE(scope.is_triggered && scope.high_volts[45] < -11 && scope.low_volts[60] > 5,
                      "turn %d: the picture jumped", turn);
    }
}

/* Where the name of a window stands: in the middle of it, beside the plot. */
static double middle_of(const char *letter) {
    double middle = -1;
    for (int i = 0; i < text_count; i++)
        if (strcmp(texts[i].text, letter) == 0) middle = texts[i].box.y + texts[i].box.h / 2.0;
    PB_CHECK_TRUE(middle >= 0, "no window is called %s", letter);
    return middle;
}

static void check_windows(SDL_Surface *surface, SDL_Renderer *renderer, struct pb_draw *draw) {
    struct pb_error error;
    PB_CHECK_OK(pb_draw_set(draw, 18, PB_THEME_DARK, &error), &error);
    draw_scene(surface, renderer, draw, PB_SCENE_CHARGING);
    const double a = middle_of("A"), b = middle_of("B"), px_a_volt = (middle_of("C") - a) / 6;
    PB_CHECK_NEAR(b - a, 3 * px_a_volt, 2, "px");
    body.windows[1].min_uv = 8000000, body.windows[1].max_uv = 8400000;
    text_count = 0;
    pb_views_draw(&views, surface->w, surface->h);
    PB_CHECK_NEAR(middle_of("A"), a, 0.1, "px");
    PB_CHECK_NEAR(middle_of("B"), b + 0.8 * px_a_volt, 2, "px");
}

static void test_scope_shows_the_windows_of_the_run(void **state) {
    (void)state;
    with_window(1920, 1080, check_windows);
}

static void test_scope_shows_the_newest_samples_of_a_steady_pilot(void **state) {
    (void)state;
    pb_scene_fill(PB_SCENE_PASSED, 0, &body);
    pb_scope_make(&scope, &body, 300);
    PB_CHECK_TRUE(!scope.is_triggered, "triggered on a steady level");
    PB_CHECK_INT(scope.drawn_count, 300, "columns");
    PB_CHECK_NEAR(scope.low_volts[299], 12, 0.2, "V");
}

static void test_a_spike_of_one_sample_is_seen_however_few_the_columns(void **state) {
    (void)state;
    pb_scene_fill(PB_SCENE_PASSED, 0, &body);
    body.trace[PB_SNAPSHOT_TRACE - 1000] = -10000; /* -5 V */
    pb_scope_make(&scope, &body, 7);
    float lowest = 99;
    for (int i = 0; i < 7; i++) lowest = scope.low_volts[i] < lowest ? scope.low_volts[i] : lowest;
    PB_CHECK_NEAR(lowest, -5, 0.01, "V");
}

static void test_a_short_trace_takes_only_its_part_of_the_picture(void **state) {
    (void)state;
    pb_scene_fill(PB_SCENE_PASSED, 0, &body);
    body.trace_count = 1251; /* half of 5 ms */
    pb_scope_make(&scope, &body, 100);
    PB_CHECK_INT(scope.first_drawn, 50, "(column)");
    PB_CHECK_INT(scope.drawn_count, 50, "columns");
    body.trace_count = 1;
    pb_scope_make(&scope, &body, 100);
    PB_CHECK_INT(scope.drawn_count, 0, "columns");
}

/* ---- words ---- */

static void test_times_and_readings_are_written_as_people_read_them(void **state) {
    (void)state;
    char text[64];
    PB_CHECK_TEXT(pb_words_clock((pb_instant){25680640 * 1000000LL}, text, sizeof text), "07:08:00.640");
    PB_CHECK_TEXT(pb_words_span(pb_ms(350), text, sizeof text), "350 ms");
    PB_CHECK_TEXT(pb_words_span(pb_ms(59990), text, sizeof text), "59.9 s");
    PB_CHECK_TEXT(pb_words_span(pb_s(185), text, sizeof text), "3 min 05 s");
    PB_CHECK_TEXT(pb_words_span(pb_s(4 * 3600 + 720), text, sizeof text), "4 h 12 min");
    PB_CHECK_TEXT(pb_words_span(pb_ns(-1), text, sizeof text), "0 ms");
    PB_CHECK_TEXT(pb_words_reading((struct pb_quantity){-11981000, 21000, PB_UNIT_VOLT}, 3, text, sizeof text),
                  "\u221211.981 \u00b1 0.021 V");
    PB_CHECK_TEXT(pb_words_reading((struct pb_quantity){200040, 130, PB_UNIT_PERCENT}, 3, text, sizeof text),
                  "20.004 \u00b1 0.013 %");
    PB_CHECK_TEXT(pb_words_reading((struct pb_quantity){200040, 131, PB_UNIT_PERCENT}, 2, text, sizeof text),
                  "20.00 \u00b1 0.02 %");
    PB_CHECK_TEXT(pb_words_reading((struct pb_quantity){9000000, 0, PB_UNIT_VOLT}, 3, text, sizeof text), "9.000 V");
}

static void test_every_verdict_has_a_mark_and_a_word_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < PB_VERDICT_COUNT; i++)
        for (int k = 0; k < i; k++) {
            const struct pb_sign *a = pb_sign_of_verdict((enum pb_verdict)i),
                                 *b = pb_sign_of_verdict((enum pb_verdict)k);
            PB_CHECK_TRUE(strcmp(a->mark, b->mark) != 0 && strcmp(a->word, b->word) != 0,
                          "verdicts %d and %d look alike", i, k);
        }
}

static double brightness(uint32_t rgb) {
    double sum = 0;
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
        double part = (double)(rgb >> (16 - 8 * i) & 255) / 255;
        double square = (part + 0.055) / 1.055;
        sum += weights[i] *
               (part <= 0.04045 ? part / 12.92 : square * square * (0.6 + 0.4 * square)); /* about square^2.4 */
    }
    return sum;
}

/* Contrast of WCAG 2.1. */
static void check_contrast(enum pb_theme theme, enum pb_ink ink, enum pb_ink ground) {
    const double a = brightness(pb_theme_rgb(theme, ink)), b = brightness(pb_theme_rgb(theme, ground));
    const double ratio = a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
    PB_CHECK_TRUE(ratio >= 4.5, "theme %d: ink %d on %d has a contrast of %.2f, expected 4.5", theme, ink, ground,
                  ratio);
}

static void test_text_can_be_read_in_both_themes(void **state) {
    (void)state;
    static const enum pb_ink texts_on_ground[] = {PB_INK_TEXT,   PB_INK_MUTED, PB_INK_ACCENT, PB_INK_PASS,
                                                  PB_INK_INCONC, PB_INK_FAIL,  PB_INK_ERROR};
    static const enum pb_ink pairs[][2] = {{PB_INK_ON_PASS, PB_INK_PASS},     {PB_INK_ON_INCONC, PB_INK_INCONC},
                                           {PB_INK_ON_FAIL, PB_INK_FAIL},     {PB_INK_ON_ERROR, PB_INK_ERROR},
                                           {PB_INK_ON_ACCENT, PB_INK_ACCENT}, {PB_INK_TEXT, PB_INK_RULE}};
    for (int theme = 0; theme < PB_THEME_COUNT; theme++) {
        for (size_t i = 0; i < sizeof texts_on_ground / sizeof *texts_on_ground; i++) {
            check_contrast((enum pb_theme)theme, texts_on_ground[i], PB_INK_GROUND);
            check_contrast((enum pb_theme)theme, texts_on_ground[i], PB_INK_RAISED);
        }
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
            check_contrast((enum pb_theme)theme, pairs[i][0], pairs[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views_fill_the_window_and_never_overlap),
        cmocka_unit_test(test_text_grows_with_the_window_and_by_wish_but_never_past_its_room),
        cmocka_unit_test(test_no_text_leaves_the_window_or_lies_on_another),
        cmocka_unit_test(test_the_bench_s_own_words_and_numbers_are_never_cut),
        cmocka_unit_test(test_after_a_while_no_frame_makes_a_glyph),
        cmocka_unit_test(test_the_list_follows_the_run_until_somebody_scrolls),
        cmocka_unit_test(test_the_status_counts_down_and_tells_how_the_run_is),
        cmocka_unit_test(test_a_missing_font_is_named_with_its_package),
        cmocka_unit_test(test_scope_shows_a_rise_through_zero_at_its_place),
        cmocka_unit_test(test_scope_shows_the_windows_of_the_run),
        cmocka_unit_test(test_scope_shows_the_newest_samples_of_a_steady_pilot),
        cmocka_unit_test(test_a_spike_of_one_sample_is_seen_however_few_the_columns),
        cmocka_unit_test(test_a_short_trace_takes_only_its_part_of_the_picture),
        cmocka_unit_test(test_times_and_readings_are_written_as_people_read_them),
        cmocka_unit_test(test_every_verdict_has_a_mark_and_a_word_of_its_own),
        cmocka_unit_test(test_text_can_be_read_in_both_themes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
