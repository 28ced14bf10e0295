/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of figures that can be told without looking: the axis, texts that must fit, what is escaped. */
#include "reports/figures/figures.h"
#include "reports/figures/markup.h"
#include "reports/figures/svg.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pb_instant at_s(double seconds) { return (pb_instant){(int64_t)(seconds * 1e9)}; }

/* --- axis ---------------------------------------------------------------------------------------------------------------- */

static void check_whole(const struct pb_axis *axis, pb_instant from, pb_instant to) {
    PB_CHECK_TRUE(axis->piece_count > 0, "%zu pieces", axis->piece_count);
    PB_CHECK_INT(axis->pieces[0].from.ns, from.ns, "ns");
    PB_CHECK_INT(axis->pieces[axis->piece_count - 1].to.ns, to.ns, "ns");
    for (size_t i = 0; i < axis->piece_count; i++) {
        const struct pb_axis_piece *piece = &axis->pieces[i];
        PB_CHECK_TRUE(piece->x >= 0 && piece->width > 0 && piece->x + piece->width <= axis->row_width + 1,
                      "piece %zu: x %g px, width %g px", i, piece->x, piece->width);
        if (i) PB_CHECK_INT(piece->from.ns, axis->pieces[i - 1].to.ns, "ns");
        PB_CHECK_TRUE(!i || piece->row >= axis->pieces[i - 1].row, "piece %zu is in row %d", i, piece->row);
    }
    PB_CHECK_INT(axis->pieces[axis->piece_count - 1].row + 1, axis->row_count, "rows");
}

static double px_between(const struct pb_axis *axis, pb_instant a, pb_instant b) {
    const struct pb_axis_piece *x = pb_axis_find(axis, a), *y = pb_axis_find(axis, b);
    PB_CHECK_TRUE(x && x == y, "%lld ns and %lld ns are in one piece", (long long)a.ns, (long long)b.ns);
    return pb_axis_x(y, b) - pb_axis_x(x, a);
}

static void test_a_tenth_of_a_second_and_fourteen_hours_are_both_wide_enough(void **state) {
    (void)state;
    struct pb_axis axis;
    const pb_instant instants[] = {at_s(0),       at_s(0.8),   at_s(1.2),     at_s(1.6),
                                   at_s(2.1),     at_s(2.6),   at_s(25680),   at_s(25680.1),
                                   at_s(25680.9), at_s(50400), at_s(50400.1), at_s(50400.6)};
    pb_axis_make(&axis, at_s(0), at_s(50401), instants, sizeof instants / sizeof *instants, 1000);
    check_whole(&axis, at_s(0), at_s(50401));
    PB_CHECK_TRUE(px_between(&axis, at_s(25680), at_s(25680.1)) >= 10, "100 ms take %g px, expected at least 10",
                  px_between(&axis, at_s(25680), at_s(25680.1)));
    int compressed = 0;
    for (size_t i = 0; i < axis.piece_count; i++) {
        compressed += axis.pieces[i].is_compressed;
        if (axis.pieces[i].is_compressed)
            PB_CHECK_TRUE(axis.pieces[i].width >= 60, "a compressed piece takes %g px, expected at least 60",
                          axis.pieces[i].width);
    }
    PB_CHECK_INT(compressed, 2, "compressed pieces");
    PB_CHECK_TRUE(axis.row_count <= 2, "%d rows, expected at most 2", axis.row_count);
}

static void test_a_meter_that_reads_every_quarter_of_an_hour_does_not_break_the_axis(void **state) {
    (void)state;
    struct pb_axis axis;
    pb_instant instants[60];
    for (int i = 0; i < 57; i++) instants[i] = at_s(900 * i);
    pb_axis_make(&axis, at_s(0), at_s(900 * 57), instants, 57, 1000);
    check_whole(&axis, at_s(0), at_s(900 * 57));
    PB_CHECK_TRUE(axis.piece_count <= 3, "%zu pieces, expected at most 3", axis.piece_count);
}

static void test_any_instants_make_a_whole_axis(void **state) {
    (void)state;
    static pb_instant instants[3000];
    struct pb_axis axis;
    uint64_t random = 1;
    for (int round = 0; round < 300; round++) {
        int64_t at = 0;
        size_t count = (size_t)round * 10;
        for (size_t i = 0; i < count; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            at += (int64_t)(random >> 33) << (random % 13); /* ns to hours */
            instants[i] = (pb_instant){at};
        }
        pb_instant to = {at + 1 + round * 1000L};
        pb_axis_make(&axis, PB_INSTANT_ZERO, to, instants, count, 800);
        check_whole(&axis, PB_INSTANT_ZERO, to);
    }
}

/* --- text ---------------------------------------------------------------------------------------------------------------- */

static void test_a_text_that_is_cut_fits_and_ends_with_an_ellipsis(void **state) {
    (void)state;
    char text[200];
    pb_text_fit("a name that is much longer than the place for it", 12, 80, text, sizeof text);
    PB_CHECK_TRUE(pb_text_width(text, 12) <= 80 + 12, "cut to %g px, expected at most 92: %s", pb_text_width(text, 12),
                  text);
    PB_CHECK_TRUE(strstr(text, "\xE2\x80\xA6") != NULL, "no ellipsis in %s", text);
    PB_CHECK_TEXT(pb_text_fit("short", 12, 80, text, sizeof text), "short");
    char small[12];
    pb_text_fit("\xE5\x85\x85\xE9\x9B\xBB\xE5\x99\xA8\xE3\x81\xAE\xE8\xA9\xA6", 12, 900, small, sizeof small);
    PB_CHECK_TEXT(small, "\xE5\x85\x85\xE9\x9B\xBB\xE2\x80\xA6");
}

static void test_a_paragraph_keeps_every_word_or_says_that_it_does_not(void **state) {
    (void)state;
    struct pb_scene scene = {0};
    int lines =
        pb_scene_paragraph(&scene, PB_TONE_TEXT, 12, 0, 0, 100, 15, 3,
                           "plugs the cordset into the energy portal; with grid power it puts 12 V on the pilot");
    PB_CHECK_INT(lines, 3, "lines");
    PB_CHECK_INT((int64_t)scene.item_count, 3, "texts");
    PB_CHECK_TRUE(strstr(pb_scene_item_text(&scene, &scene.items[2]), "\xE2\x80\xA6") != NULL, "no ellipsis in %s",
                  pb_scene_item_text(&scene, &scene.items[2]));
    PB_CHECK_INT(pb_scene_paragraph(NULL, PB_TONE_TEXT, 12, 0, 0, 100, 15, 3, ""), 0, "lines");
    pb_scene_finish(&scene);
}

/* --- markup -------------------------------------------------------------------------------------------------------------- */

static void check_escaped(const char *text, const char *expected) {
    struct pb_markup markup = {0};
    pb_markup_text(&markup, text);
    pb_markup_raw(&markup, "");
    char seen[256];
    snprintf(seen, sizeof seen, "%.*s", (int)markup.count, markup.bytes ? markup.bytes : "");
    PB_CHECK_TEXT(seen, expected);
    pb_markup_finish(&markup);
}

static void test_text_is_escaped_and_cannot_turn_the_page_round(void **state) {
    (void)state;
    check_escaped("<b>&\"'", "&lt;b&gt;&amp;&quot;'");
    check_escaped("a\x01"
                  "b\xC2\x85"
                  "c\xEF\xBF\xBE"
                  "d\xFF",
                  "a\xEF\xBF\xBD"
                  "b\xEF\xBF\xBD"
                  "c\xEF\xBF\xBD"
                  "d\xEF\xBF\xBD");
    check_escaped("x\xE2\x80\xAEy", "x\xEF\xBF\xBDy");
    check_escaped("Z\xCC\x80\xCC\x80\xCC\x80\xCC\x80z", "Z\xCC\x80\xCC\x80z");
    check_escaped("\xD7\xA9\xD7\x9C \xE5\xAE\xA2 \xF0\x9F\x94\x8C", "\xD7\xA9\xD7\x9C \xE5\xAE\xA2 \xF0\x9F\x94\x8C");
}

static void test_void_elements_are_closed_as_xml_wants_it_and_others_get_their_end_tag(void **state) {
    (void)state;
    struct pb_markup markup = {0};
    pb_markup_begin(&markup, "p");
    pb_markup_attribute(&markup, "title", "a<\"b\"");
    pb_markup_begin(&markup, "br");
    pb_markup_end(&markup);
    pb_markup_begin(&markup, "bdi");
    pb_markup_end(&markup);
    pb_markup_end(&markup);
    pb_markup_raw(&markup, "\n");
    markup.bytes[markup.count - 1] = 0;
    PB_CHECK_TEXT(markup.bytes, "<p title=\"a&lt;&quot;b&quot;\"><br/><bdi></bdi></p>");
    pb_markup_finish(&markup);
}

/* --- figures ------------------------------------------------------------------------------------------------------------- */

static char *svg_of(struct pb_scene *scene) {
    struct pb_markup markup = {0};
    pb_svg_write(&markup, scene, "f");
    pb_scene_finish(scene);
    PB_CHECK_TRUE(!markup.has_failed, "the markup has failed: %d", markup.has_failed);
    char *text = malloc(markup.count + 1);
    memcpy(text, markup.bytes, markup.count);
    text[markup.count] = 0;
    pb_markup_finish(&markup);
    return text;
}

static void test_a_sequence_diagram_holds_its_texts_as_text(void **state) {
    (void)state;
    const struct pb_sequence_actor actors[] = {{"PEV", false}, {"EVSE", true}};
    const struct pb_sequence_message messages[] = {{"energy_request", 0, 1}};
    const struct pb_sequence_check checks[] = {{"duty", PB_VERDICT_FAIL}};
    const struct pb_sequence_step steps[] = {{.number = "9",
                                              .text = "asks",
                                              .when = "1 s",
                                              .actor = 0,
                                              .to = 1,
                                              .mode = PB_STEP_PLAYED,
                                              .is_reached = true,
                                              .messages = messages,
                                              .message_count = 1},
                                             {.number = "stop",
                                              .text = "opens S2",
                                              .when = "",
                                              .actor = 0,
                                              .to = -1,
                                              .mode = PB_STEP_JUDGED,
                                              .is_marked = true,
                                              .checks = checks,
                                              .check_count = 1}};
    struct pb_scene scene = {0};
    pb_figure_sequence(&scene, &(struct pb_sequence){"the \"title\"", actors, 2, steps, 2});
    char *svg = svg_of(&scene);
    const char *const expected[] = {"role=\"img\"",       "<title id=\"f-t\">the &quot;title&quot;</title>",
                                    "<desc id=\"f-d\">",  ">energy_request</text>",
                                    ">stop*</text>",      ">duty</text>",
                                    ">under test</text>", "class=\"s-fail\""};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        PB_CHECK_TRUE(strstr(svg, expected[i]) != NULL, "no %s in %.3000s", expected[i], svg);
    free(svg);
}

static void test_a_limit_bar_stays_in_its_place_whatever_the_value(void **state) {
    (void)state;
    const int64_t values[] = {0, 1, -1, INT64_MAX, INT64_MIN + 1, 12000000, 11400000, 999999999999};
    const int64_t limits[][2] = {{INT64_MIN, 100},       {0, 0},        {11400000, 12600000}, {INT64_MIN, INT64_MAX},
                                 {-12600000, -11400000}, {5, INT64_MAX}};
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++)
            for (int large = 0; large < 2; large++) {
                struct pb_scene scene = {0};
                pb_figure_limit_bar(&scene, &(struct pb_limit_bar){.title = "x",
                                                                   .min = limits[l][0],
                                                                   .max = limits[l][1],
                                                                   .unit = PB_UNIT_VOLT,
                                                                   .rule = PB_RULE_GUARDED,
                                                                   .has_value = true,
                                                                   .value = values[v],
                                                                   .u = 5000,
                                                                   .verdict = PB_VERDICT_FAIL,
                                                                   .is_large = large});
                for (size_t i = 0; i < scene.item_count; i++)
                    PB_CHECK_TRUE(scene.items[i].x >= -1 && scene.items[i].x <= (float)scene.width + 1,
                                  "item %zu of value %lld at x = %g px of %g", i, (long long)values[v],
                                  (double)scene.items[i].x, scene.width);
                pb_scene_finish(&scene);
            }
}

/* Marks of any size, a law of any steepness: all of it inside the figure. */
static void test_a_duty_chart_stays_in_its_place_whatever_is_drawn(void **state) {
    (void)state;
    static const int64_t values[] = {0, 5, 16000, 80000, -70000, INT64_MAX, INT64_MIN, INT64_MAX / 3};
    const struct pb_duty_row rows[] = {{.from = 30000, .to = 70000, .meaning = PB_DUTY_DIGITAL},
                                       {.from = 80000, .to = 100000, .meaning = PB_DUTY_CURRENT, .fixed_ma = 6000},
                                       {.from = 100000, .to = 850000, .meaning = PB_DUTY_CURRENT, .slope_ma = 600}};
    for (size_t v = 0; v < sizeof values / sizeof *values; v++)
        for (int has_law = 0; has_law < 2; has_law++) {
            struct pb_scene scene = {0};
            struct pb_duty_point points[PB_VERDICT_COUNT];
            for (int i = 0; i < PB_VERDICT_COUNT; i++)
                points[i] = (struct pb_duty_point){.duty_ppm = INT64_C(250000) * i,
                                                   .ma = values[v],
                                                   .u_ma = i % 2 ? INT64_MAX : 20,
                                                   .limit_ma = values[v] / 2,
                                                   .is_s2_open = i == 4,
                                                   .verdict = (enum pb_verdict)i,
                                                   .tooltip = "t"};
            pb_figure_duty_chart(&scene, &(struct pb_duty_chart){.title = "duty",
                                                                 .rows = rows,
                                                                 .row_count = has_law ? 3 : 0,
                                                                 .tolerance_ppm = 5000,
                                                                 .points = points,
                                                                 .point_count = PB_VERDICT_COUNT});
            PB_CHECK_TRUE(scene.item_count < 200, "%zu items", scene.item_count);
            int groups = 0;
            for (size_t i = 0; i < scene.item_count; i++) {
                const struct pb_item *item = &scene.items[i];
                groups += item->kind == PB_ITEM_GROUP;
                PB_CHECK_TRUE(item->x >= -1 && item->x <= (float)scene.width + 1 && item->y >= -1 &&
                                  item->y <= (float)scene.height + 1,
                              "item %zu of value %lld at %g, %g px", i, (long long)values[v], (double)item->x,
                              (double)item->y);
            }
            PB_CHECK_INT(groups, PB_VERDICT_COUNT, "marks");
            pb_scene_finish(&scene);
        }
}

static void test_a_thousand_bounces_are_no_thousand_rectangles(void **state) {
    (void)state;
    static struct pb_change changes[10000];
    struct pb_axis axis;
    struct pb_scene scene = {0};
    for (int i = 0; i < 10000; i++) changes[i] = (struct pb_change){{i * 1000000LL}, i & 1};
    const struct pb_track track = {"pole 1", PB_TRACK_LEVEL, PB_UNIT_NONE, changes, 10000};
    pb_axis_make_linear(&axis, PB_INSTANT_ZERO, at_s(10), 500);
    pb_figure_timing(&scene, &(struct pb_timing){.title = "t", .tracks = &track, .track_count = 1, .axis = &axis});
    PB_CHECK_TRUE(scene.item_count < 1100, "%zu items on 500 px, expected at most two a px", scene.item_count);
    pb_scene_finish(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tenth_of_a_second_and_fourteen_hours_are_both_wide_enough),
        cmocka_unit_test(test_a_meter_that_reads_every_quarter_of_an_hour_does_not_break_the_axis),
        cmocka_unit_test(test_any_instants_make_a_whole_axis),
        cmocka_unit_test(test_a_text_that_is_cut_fits_and_ends_with_an_ellipsis),
        cmocka_unit_test(test_a_paragraph_keeps_every_word_or_says_that_it_does_not),
        cmocka_unit_test(test_text_is_escaped_and_cannot_turn_the_page_round),
        cmocka_unit_test(test_void_elements_are_closed_as_xml_wants_it_and_others_get_their_end_tag),
        cmocka_unit_test(test_a_sequence_diagram_holds_its_texts_as_text),
        cmocka_unit_test(test_a_limit_bar_stays_in_its_place_whatever_the_value),
        cmocka_unit_test(test_a_duty_chart_stays_in_its_place_whatever_is_drawn),
        cmocka_unit_test(test_a_thousand_bounces_are_no_thousand_rectangles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
