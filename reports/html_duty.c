/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Current against duty, for a case in which the bench announced several duties to a vehicle. All from the record: the duties from its actions,
 * currents and verdicts from its readings, the law from its header (runs of before it stood there show each reading's limit). */
#include "reports/html.h"

#include "reports/words.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DUTIES_MIN = 5, SOURCE_IS_PWM = 4, TOOLTIP = 320 };

/* --- duties -------------------------------------------------------------------------------------------------------------- */

struct duties {
    const struct pb_summary_case *of;
    int64_t *of_step; /* by the step's place in the case; 0: none was announced; -1: as in the step before */
    int32_t first_step_no;
    int64_t duty_ppm;
};

static enum pb_status take_action(void *user, const struct pb_row *row) {
    struct duties *duties = user;
    int32_t place = row->step_no - duties->first_step_no;
    if (row->case_no != duties->of->case_no || place < 0 || (size_t)place >= duties->of->step_count) return PB_OK;
    if (strcmp(row->name, "cp.source.duty") == 0) duties->duty_ppm = row->a;
    else if (strcmp(row->name, "cp.source") == 0)
        duties->of_step[place] = row->a == SOURCE_IS_PWM && duties->duty_ppm > 0 ? duties->duty_ppm : 0;
    return PB_OK;
}

/* What was announced at the end of each step of the case; NULL: no memory, or the record cannot be read. */
static int64_t *find_duties(struct pb_html *html, const struct pb_summary_case *of) {
    struct duties duties = {.of = of, .of_step = malloc((of->step_count + 1) * sizeof *duties.of_step)};
    if (!duties.of_step || !of->step_count) return duties.of_step;
    duties.first_step_no = html->summary->steps[of->first_step].step_no;
    for (size_t i = 0; i < of->step_count; i++) duties.of_step[i] = -1;
    enum pb_status status = pb_reader_each_row(html->reader, 0, 1u << PB_ROW_ACTION, take_action, &duties, html->error);
    if (html->status == PB_OK) html->status = status;
    for (size_t i = 0; i < of->step_count; i++)
        if (duties.of_step[i] < 0) duties.of_step[i] = i ? duties.of_step[i - 1] : 0;
    return duties.of_step;
}

/* --- the law ------------------------------------------------------------------------------------------------------------- */

static int64_t member(const json_t *row, const char *key, int64_t most) {
    const json_t *value = json_object_get(row, key);
    int64_t number = json_is_integer(value) ? json_integer_value(value) : 0;
    return number < 0 ? 0 : number > most ? most : number;
}

/* Rows of the header's current_of_duty; a row that is none is left out. */
static size_t read_law(struct pb_html *html, struct pb_duty_row *ret_rows, size_t room) {
    const char *text = pb_reader_header(html->reader, "current_of_duty");
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *one;
    size_t i, count = 0;
    json_array_foreach(list, i, one) {
        bool is_digital = json_is_true(json_object_get(one, "digital"));
        struct pb_duty_row row = {.from = member(one, "from", 1000000),
                                  .to = member(one, "to", 1000000),
                                  .meaning = is_digital ? PB_DUTY_DIGITAL : PB_DUTY_CURRENT,
                                  .slope_ma = member(one, "slope", 1000000),
                                  .zero_ppm = member(one, "zero", 1000000),
                                  .fixed_ma = member(one, "fixed", 1000000)};
        if (count < room && row.to > row.from) ret_rows[count++] = row;
    }
    json_decref(list);
    return count;
}

static int64_t read_tolerance(struct pb_html *html) {
    const char *text = pb_reader_header(html->reader, "duty_tolerance_ppm");
    long long ppm = text ? strtoll(text, NULL, 10) : 0;
    return ppm > 0 && ppm <= 50000 ? ppm : 0;
}

/* --- points -------------------------------------------------------------------------------------------------------------- */

/* A current that was held against what a duty allows, or S2 that had to stay open. */
static bool is_drawn(const struct pb_summary_check *check) {
    return check->check.extractor == PB_EXTRACT_CURRENT_MAX && strcmp(check->check.limit.id, "ev.current.over") == 0;
}
static bool is_refused(const struct pb_summary_check *check) {
    size_t length = strlen(check->check.id);
    return check->check.extractor == PB_EXTRACT_COUNT_EVENTS && length > 6 &&
           strcmp(check->check.id + length - 6, "/not_c") == 0;
}

static bool make_point(const struct pb_summary_check *check, int64_t duty_ppm, char *tooltip, size_t size,
                       struct pb_duty_point *ret_point) {
    bool has_value = check->has_reading && check->reading.outcome == PB_OUTCOME_VALUE;
    char duty[40], reading[128], bounds[128];
    if (duty_ppm <= 0 || !has_value || (!is_drawn(check) && !is_refused(check))) return false;
    enum pb_verdict verdict = pb_check_shown_verdict(check);
    pb_quantity_format(duty_ppm, PB_UNIT_PERCENT, 5, duty, sizeof duty);
    pb_check_describe_reading(check, "\xC2\xB1", reading, sizeof reading);
    pb_limit_describe(&check->check.limit, bounds, sizeof bounds);
    *ret_point = (struct pb_duty_point){
        .duty_ppm = duty_ppm, .verdict = verdict, .is_s2_open = is_refused(check), .tooltip = tooltip};
    if (is_refused(check))
        snprintf(tooltip, size, "%s: S2 %s, %s", duty, check->reading.quantity.value ? "closed" : "stayed open",
                 pb_verdict_name(verdict));
    else {
        ret_point->ma = check->reading.quantity.value;
        ret_point->u_ma = check->reading.quantity.u;
        ret_point->limit_ma = check->check.limit.max;
        snprintf(tooltip, size, "%s: %s, %s: %s", duty, reading, bounds, pb_verdict_name(verdict));
    }
    return true;
}

struct points {
    struct pb_duty_point *points;
    char (*tooltips)[TOOLTIP];
    size_t count;
};

static void find_points(const struct pb_html *html, const struct pb_summary_case *of, const int64_t *duties,
                        struct points *points) {
    for (size_t i = 0; i < of->step_count; i++) {
        const struct pb_summary_step *step = &html->summary->steps[of->first_step + i];
        for (size_t k = 0; k < step->check_count; k++)
            if (make_point(&html->summary->checks[step->first_check + k], duties[i], points->tooltips[points->count],
                           sizeof points->tooltips[0], &points->points[points->count]))
                points->count++;
    }
}

static size_t count_duties(const struct points *points) {
    size_t count = 0;
    for (size_t i = 0; i < points->count; i++) {
        size_t k = 0;
        while (k < i && points->points[k].duty_ppm != points->points[i].duty_ppm) k++;
        count += k == i;
    }
    return count;
}

static int64_t greatest_u(const struct points *points) {
    int64_t most = 0;
    for (size_t i = 0; i < points->count; i++) most = points->points[i].u_ma > most ? points->points[i].u_ma : most;
    return most;
}

static void draw(struct pb_html *html, const struct pb_summary_case *of, const struct points *points) {
    struct pb_markup *markup = &html->markup;
    struct pb_duty_row rows[PB_DUTY_ROWS_MAX];
    struct pb_scene scene = {0};
    char title[160], caption[320], u[40];
    snprintf(title, sizeof title, "Current against duty in %.100s", of->id);
    struct pb_duty_chart chart = {.title = title,
                                  .rows = rows,
                                  .row_count = read_law(html, rows, PB_DUTY_ROWS_MAX),
                                  .tolerance_ppm = read_tolerance(html),
                                  .points = points->points,
                                  .point_count = points->count};
    pb_figure_duty_chart(&scene, &chart);
    pb_markup_element(markup, "h3", "Current against duty");
    pb_markup_begin(markup, "figure");
    pb_html_scroll_figure(html, title, &scene);
    pb_quantity_format(greatest_u(points), PB_UNIT_AMPERE, 3, u, sizeof u);
    snprintf(
        caption, sizeof caption,
        "Each mark is the greatest current while its duty was announced, its bar U (at most %s; a bar smaller than its mark is not seen). %s"
        "A ring stands for a duty at which the vehicle did not ask for energy.",
        u, chart.row_count ? "" : "The record holds no law, so each mark's own limit is shown. ");
    pb_markup_element(markup, "figcaption", caption);
    pb_markup_end(markup);
}

void pb_html_write_duty(struct pb_html *html, const struct pb_summary_case *of) {
    size_t room = 1;
    for (size_t i = 0; i < of->step_count; i++) room += html->summary->steps[of->first_step + i].check_count;
    struct points points = {calloc(room, sizeof *points.points), calloc(room, sizeof *points.tooltips), 0};
    int64_t *duties = find_duties(html, of);
    if (!points.points || !points.tooltips || !duties) html->markup.has_failed = true;
    else {
        find_points(html, of, duties, &points);
        if (count_duties(&points) >= DUTIES_MIN) draw(html, of, &points);
    }
    free(points.points);
    free(points.tooltips);
    free(duties);
}
