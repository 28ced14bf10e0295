/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What did not pass, with what was expected, what was seen, and the wave or the edges that show it. */
#include "reports/html.h"

#include "pilot_emulator/state.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FIGURES_MAX = 40, WAVE_COLUMNS = 620, MARKS_MAX = 24 };
static const double chart_width = 560;

/* --- waveforms ----------------------------------------------------------------------------------------------------------- */

static void write_wave(struct pb_html *html, const char *channel, const struct pb_waveform *given, pb_instant from,
                       pb_instant to) {
    struct pb_wave_column columns[WAVE_COLUMNS];
    struct pb_scene scene = {0};
    int64_t found = 0;
    if (html->status != PB_OK || !pb_is_before(from, to)) return;
    html->status = pb_story_columns(&html->story, channel, from, to, columns, WAVE_COLUMNS, &found, html->error);
    if (html->status != PB_OK || !found) return;
    struct pb_waveform waveform = *given;
    waveform.columns = columns;
    waveform.column_count = WAVE_COLUMNS;
    waveform.from = from;
    waveform.to = to;
    pb_figure_waveform(&scene, &waveform);
    pb_html_scroll_figure(html, waveform.title, &scene);
}

/* An edge, and how long it may take: so long to either side of its crossing that a slow one is seen whole. */
static void write_edge_time(struct pb_html *html, const struct pb_summary_check *check, const struct pb_recipe *recipe,
                            const char *title, const struct pb_story_period *period) {
    pb_instant at = recipe->extractor == PB_EXTRACT_PILOT_FALL ? period->fall : period->rise;
    int64_t seen_ns = check->reading.outcome == PB_OUTCOME_VALUE ? check->reading.quantity.value : 0;
    int64_t limit_ns = check->check.limit.max, most_ns = seen_ns > limit_ns ? seen_ns : limit_ns;
    struct pb_stretch allowed = {pb_after(at, pb_ns(-limit_ns / 2)), pb_after(at, pb_ns(limit_ns / 2)), PB_TONE_ALLOWED,
                                 "limit"};
    struct pb_waveform waveform = {.title = title, .zero = at, .stretches = &allowed, .stretch_count = 1};
    write_wave(html, recipe->name, &waveform, pb_after(at, pb_ns(-2 * most_ns)), pb_after(at, pb_ns(2 * most_ns)));
}

/* The first periods of the samples that a reading was taken from; of a duty, where its edge may fall. */
static void write_sample_wave(struct pb_html *html, const struct pb_summary_check *check,
                              const struct pb_recipe *recipe, const char *title) {
    const struct pb_limit *limit = &check->check.limit;
    struct pb_sampling sampling;
    struct pb_story_period period;
    struct pb_stretch allowed;
    struct pb_wave_mark mark = {PB_INSTANT_NEVER, "this edge decides", pb_tone_of_verdict(check->verdict)};
    struct pb_wave_window window = {"limit", limit->min == INT64_MIN ? -14000000 : limit->min,
                                    limit->max == INT64_MAX ? 14000000 : limit->max, PB_TONE_ALLOWED};
    enum pb_status status = pb_story_sampling(&html->story, recipe->name, &sampling, html->error);
    if (status == PB_OK)
        status = pb_story_find_period(&html->story, recipe->name, recipe->first, recipe->count, &period, html->error);
    if (status != PB_OK) return; /* the samples are lost: the reason says so */
    pb_instant begin = {pb_sampling_ns_of(&sampling, recipe->first)},
               end = {pb_sampling_ns_of(&sampling, recipe->first + recipe->count)};
    bool has_period = period.next_rise.ns != PB_INSTANT_NEVER.ns;
    bool is_edge = recipe->extractor == PB_EXTRACT_PILOT_RISE || recipe->extractor == PB_EXTRACT_PILOT_FALL;
    if (is_edge && has_period && limit->max > 0 && limit->max < INT64_C(1000000000)) {
        write_edge_time(html, check, recipe, title, &period);
        return;
    }
    struct pb_waveform waveform = {.title = title, .zero = begin};
    pb_instant to = pb_earlier(end, pb_after(begin, pb_ms(4)));
    if (limit->unit == PB_UNIT_VOLT) {
        int64_t span = window.max_uv - window.min_uv,
                value = check->reading.outcome == PB_OUTCOME_VALUE ? check->reading.quantity.value : window.min_uv;
        waveform.windows = &window;
        waveform.window_count = 1;
        waveform.least_uv = (value < window.min_uv ? value : window.min_uv) - span / 2;
        waveform.most_uv = (value > window.max_uv ? value : window.max_uv) + span / 2;
    }
    if (limit->unit == PB_UNIT_PERCENT && has_period) {
        int64_t length = pb_between(period.rise, period.next_rise).ns;
        int64_t from_ppm = limit->min == INT64_MIN ? 0 : limit->min,
                to_ppm = limit->max == INT64_MAX ? 1000000 : limit->max;
        begin = pb_after(period.rise, pb_ns(-length / 5));
        to = pb_after(period.next_rise, pb_ns(length / 5));
        allowed = (struct pb_stretch){pb_after(period.rise, pb_ns((int64_t)((double)length * (double)from_ppm / 1e6))),
                                      pb_after(period.rise, pb_ns((int64_t)((double)length * (double)to_ppm / 1e6))),
                                      PB_TONE_ALLOWED, "limit"};
        waveform.stretches = &allowed;
        waveform.stretch_count = 1;
        waveform.zero = period.rise;
        mark.at = period.fall;
        waveform.marks = &mark;
        waveform.mark_count = 1;
    }
    write_wave(html, recipe->name, &waveform, begin, to);
}

/* --- edges --------------------------------------------------------------------------------------------------------------- */

static bool is_in_range(const struct pb_recipe *recipe, const struct pb_story_event *event) {
    pb_instant at = recipe->use_other_date ? event->other : event->at;
    if (recipe->extractor == PB_EXTRACT_COUNT_EVENTS && at.ns == recipe->until.ns) return false;
    return !pb_is_before(at, recipe->from) && !pb_is_before(recipe->until, at);
}

/* When what the recipe waits for happened; for a count all of them. */
static size_t find_marks(const struct pb_html *html, const struct pb_summary_check *check,
                         const struct pb_recipe *recipe, struct pb_moment *marks) {
    size_t count = 0, most = recipe->extractor == PB_EXTRACT_COUNT_EVENTS ? MARKS_MAX : 1;
    for (size_t i = 0; i < html->story.event_count && count < most; i++) {
        const struct pb_story_event *event = &html->story.events[i];
        if (!pb_story_matches(&html->story, recipe, event) || !is_in_range(recipe, event)) continue;
        marks[count] = (struct pb_moment){recipe->use_other_date ? event->other : event->at,
                                          count ? "" : "this edge decides", check->reason, check->verdict};
        count++;
    }
    return count;
}

static void write_edges(struct pb_html *html, const struct pb_summary_check *check, const struct pb_recipe *recipe,
                        const char *title, const struct pb_moment *marks, size_t count) {
    const struct pb_limit *limit = &check->check.limit;
    bool is_count = recipe->extractor == PB_EXTRACT_COUNT_EVENTS;
    const struct pb_summary_case *of = pb_html_case_of(html->summary, check->check.case_no);
    pb_instant from = pb_later(recipe->from, of->began), until = recipe->until;
    if (!is_count && limit->max != INT64_MAX) until = pb_after(from, pb_ns(limit->max));
    pb_instant last = count ? pb_later(marks[count - 1].at, until) : recipe->until;
    pb_span pad = pb_ns(pb_between(from, last).ns / 10 + 1000);
    struct pb_stretch stretch = {from, until, is_count ? PB_TONE_FAIL_SOFT : PB_TONE_ALLOWED,
                                 is_count ? "must not happen here" : "allowed"};
    struct pb_axis axis;
    struct pb_scene scene = {0};
    if (!pb_is_before(from, last)) return;
    pb_axis_make_linear(&axis, pb_after(from, pb_ns(-pad.ns)), pb_after(last, pad), chart_width);
    struct pb_timing timing = {.title = title,
                               .tracks = html->tracks.tracks,
                               .track_count = html->tracks.count,
                               .marks = marks,
                               .mark_count = count,
                               .stretches = &stretch,
                               .stretch_count = 1,
                               .zero = of->began,
                               .axis = &axis};
    pb_figure_timing(&scene, &timing);
    pb_html_scroll_figure(html, title, &scene);
}

/* The samples around the edge that decides, or around the one that the time counts from. */
static void write_edge_wave(struct pb_html *html, const struct pb_summary_check *check, const struct pb_recipe *recipe,
                            const struct pb_moment *marks, size_t count) {
    const struct pb_cp_windows *of = &html->story.windows;
    struct pb_wave_window windows[] = {{"A", of->a.min_uv, of->a.max_uv, PB_TONE_PANEL},
                                       {"B", of->b.min_uv, of->b.max_uv, PB_TONE_PANEL},
                                       {"C", of->c.min_uv, of->c.max_uv, PB_TONE_PANEL},
                                       {"D", of->d.min_uv, of->d.max_uv, PB_TONE_PANEL}};
    bool is_of_pilot = strcmp(recipe->name, "cp.state") == 0 && count;
    pb_instant at = is_of_pilot ? marks[0].at : recipe->from;
    struct pb_wave_mark mark = {at, is_of_pilot ? "this edge decides" : "time counts from here",
                                is_of_pilot ? pb_tone_of_verdict(check->verdict) : PB_TONE_TEXT};
    struct pb_waveform waveform = {.title = "Control pilot around that edge",
                                   .windows = windows,
                                   .window_count = html->story.has_windows ? 4 : 0,
                                   .marks = &mark,
                                   .mark_count = 1,
                                   .zero = at};
    write_wave(html, "cp.sense", &waveform, pb_after(at, pb_us(-1500)), pb_after(at, pb_us(2500)));
}

static void write_figures(struct pb_html *html, const struct pb_summary_check *check) {
    struct pb_moment marks[MARKS_MAX];
    struct pb_recipe recipe;
    char title[160];
    if (html->status == PB_OK) html->status = pb_summary_recipe(html->reader, check, &recipe, html->error);
    if (html->status != PB_OK) return;
    bool is_of_events = recipe.extractor == PB_EXTRACT_SPAN_TO_FIRST || recipe.extractor == PB_EXTRACT_COUNT_EVENTS;
    snprintf(title, sizeof title, "What %.96s was judged by", check->check.id);
    if (!is_of_events) {
        write_sample_wave(html, check, &recipe, title);
        return;
    }
    size_t count = find_marks(html, check, &recipe, marks);
    write_edges(html, check, &recipe, title, marks, count);
    write_edge_wave(html, check, &recipe, marks, count);
}

/* --- failures ------------------------------------------------------------------------------------------------------------ */

/* Our own words before and after a stranger's text, which may be NULL, stay outside of its direction of writing. */
static void write_pair(struct pb_html *html, const char *term, const char *before, const char *foreign,
                       const char *after) {
    pb_markup_element(&html->markup, "dt", term);
    pb_markup_begin(&html->markup, "dd");
    pb_markup_text(&html->markup, before);
    if (foreign) pb_html_foreign(html, foreign);
    pb_markup_text(&html->markup, after);
    pb_markup_end(&html->markup);
}

/* "4.5 % below the limit". */
static bool describe_excess(const struct pb_summary_check *check, char *ret_text, size_t size) {
    const struct pb_limit *limit = &check->check.limit;
    char amount[48];
    int64_t value = check->reading.quantity.value, excess;
    if (!check->has_reading || check->reading.outcome != PB_OUTCOME_VALUE) return false;
    bool is_low = limit->min != INT64_MIN && value < limit->min,
         is_high = limit->max != INT64_MAX && value > limit->max;
    if (!is_low && !is_high) return false;
    if (__builtin_sub_overflow(is_low ? limit->min : value, is_low ? value : limit->max, &excess)) return false;
    snprintf(ret_text, size, "%s %s the limit", pb_quantity_format(excess, limit->unit, 4, amount, sizeof amount),
             is_low ? "below" : "above");
    return true;
}

static void write_failure_facts(struct pb_html *html, const struct pb_summary_check *check,
                                const struct pb_summary_step *step) {
    struct pb_markup *markup = &html->markup;
    const struct pb_limit *limit = &check->check.limit;
    char text[160], bounds[128];
    pb_limit_describe(limit, bounds, sizeof bounds);
    pb_markup_begin(markup, "dl");
    snprintf(text, sizeof text, ": %s", bounds);
    write_pair(html, "Expected", "", check->check.text, text);
    pb_check_describe_reading(check, "\xC2\xB1", text, sizeof text);
    write_pair(html, "Seen", text, NULL, "");
    if (describe_excess(check, text, sizeof text)) write_pair(html, "By how much", text, NULL, "");
    else write_pair(html, "Reason", "", pb_check_shown_reason(check), "");
    if (check->side != PB_SIDE_NONE) {
        snprintf(text, sizeof text, "%s: ", pb_side_name(check->side));
        write_pair(html, "At fault", text, check->fault, "");
    }
    snprintf(text, sizeof text, " (%s%s)", pb_confidence_name(limit->confidence),
             pb_confidence_is_unverified(limit->confidence) ? ": unverified limit" : "");
    write_pair(html, "Clause", "", limit->clause, text);
    if (limit->source[0]) write_pair(html, "Source", "", limit->source, "");
    snprintf(text, sizeof text, "%s%s: ", step->id, pb_evidence_is_marked(step->evidence) ? "*" : "");
    write_pair(html, "Step", text, step->text, "");
    pb_markup_end(markup);
}

static void write_failure(struct pb_html *html, const struct pb_summary_check *check, bool has_figures) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "article");
    pb_markup_attribute_f(markup, "class", "failure %s", pb_verdict_name(check->verdict));
    pb_markup_attribute_f(markup, "id", "check-%d", check->check.check_no);
    pb_markup_begin(markup, "h3");
    pb_html_verdict(html, check->verdict, pb_verdict_name(check->verdict));
    pb_html_foreign(html, check->check.id);
    pb_markup_end(markup);
    pb_markup_begin(markup, "div");
    write_failure_facts(html, check, pb_html_step_of(html->summary, check));
    if (check->has_reading && check->reading.outcome == PB_OUTCOME_VALUE) {
        pb_html_begin_scroll(html, "Value and limits");
        pb_html_limit_bar(html, check, true);
        pb_markup_end(markup);
    }
    pb_markup_end(markup);
    pb_markup_begin(markup, "div");
    if (has_figures && check->has_reading && check->reading.outcome != PB_OUTCOME_LOST) write_figures(html, check);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static void write_case_failure(struct pb_html *html, const struct pb_summary_case *of, enum pb_verdict verdict) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "article");
    pb_markup_attribute_f(markup, "class", "failure %s", pb_verdict_name(verdict));
    pb_markup_begin(markup, "h3");
    pb_html_verdict(html, verdict, pb_verdict_name(verdict));
    pb_markup_text(markup, "case ");
    pb_html_foreign(html, of->id);
    pb_markup_end(markup);
    pb_markup_begin(markup, "p");
    pb_html_foreign(html, of->reason[0] ? of->reason : "The bench gave this verdict without a reason.");
    pb_markup_end(markup);
    pb_markup_end(markup);
}

void pb_html_write_failures(struct pb_html *html) {
    static const enum pb_verdict order[] = {PB_VERDICT_FAIL, PB_VERDICT_ERROR, PB_VERDICT_INCONC};
    const struct pb_summary *summary = html->summary;
    struct pb_markup *markup = &html->markup;
    int64_t written = 0;
    pb_html_begin_section(html, "failures", "What did not pass");
    for (size_t v = 0; v < sizeof order / sizeof *order; v++) {
        for (size_t i = 0; i < summary->case_count; i++)
            if (pb_case_own_verdict(summary, &summary->cases[i]) == order[v]) {
                write_case_failure(html, &summary->cases[i], order[v]);
                written++;
            }
        for (size_t i = 0; i < summary->check_count; i++)
            if (summary->checks[i].verdict == order[v] &&
                (summary->checks[i].has_reading || order[v] != PB_VERDICT_INCONC))
                write_failure(html, &summary->checks[i], written++ < FIGURES_MAX);
    }
    if (!written)
        pb_markup_element(markup, "p",
                          summary->counts.judged ? "Every check that was judged passed." : "Nothing was judged.");
    pb_markup_end(markup);
}

/* --- not judged ---------------------------------------------------------------------------------------------------------- */

static void write_line(struct pb_html *html, const char *of, const char *what, const char *kind, const char *reason) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "tr");
    pb_markup_begin(markup, "th");
    pb_markup_attribute(markup, "scope", "row");
    pb_html_foreign(html, of);
    pb_markup_end(markup);
    pb_markup_begin(markup, "td");
    pb_html_foreign(html, what);
    pb_markup_end(markup);
    pb_markup_element(markup, "td", kind);
    pb_markup_begin(markup, "td");
    pb_html_foreign(html, reason);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static bool is_reason_needed(const struct pb_summary_step *step) {
    return step->mode == PB_STEP_NOT_RUN || step->mode == PB_STEP_NOT_OBSERVABLE ||
           (step->mode == PB_STEP_PLAYED && !pb_html_is_reached(step));
}

static int64_t write_step_lines(struct pb_html *html, const struct pb_summary_case *of,
                                const struct pb_summary_step *step, bool is_counting) {
    char place[96];
    int64_t count = 0;
    snprintf(place, sizeof place, "%s/%s", of->id, step->id);
    if (is_reason_needed(step)) {
        count++;
        if (!is_counting)
            write_line(html, place, step->text,
                       step->mode == PB_STEP_PLAYED ? "not reached" : pb_step_mode_name(step->mode),
                       step->reason[0]                ? step->reason
                       : step->mode == PB_STEP_PLAYED ? "the case ended before"
                                                      : "no reason was recorded");
    }
    for (size_t i = step->first_check; i < step->first_check + step->check_count; i++) {
        const struct pb_summary_check *check = &html->summary->checks[i];
        if (check->has_reading || check->verdict > PB_VERDICT_INCONC) continue;
        count++;
        if (!is_counting)
            write_line(html, check->check.id, check->check.text, "not judged", pb_check_shown_reason(check));
    }
    return count;
}

static int64_t write_case_lines(struct pb_html *html, const struct pb_summary_case *of, bool is_counting) {
    int64_t count = of->verdict == PB_VERDICT_NONE;
    if (count && !is_counting)
        write_line(html, of->id, of->title, "case not run", of->reason[0] ? of->reason : "no reason was recorded");
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++)
        count += write_step_lines(html, of, &html->summary->steps[i], is_counting);
    return count;
}

void pb_html_write_not_judged(struct pb_html *html) {
    static const char *const heads[] = {"Where", "What", "Kind", "Reason"};
    const struct pb_summary *summary = html->summary;
    struct pb_markup *markup = &html->markup;
    int64_t count = 0;
    for (size_t i = 0; i < summary->case_count; i++) count += write_case_lines(html, &summary->cases[i], true);
    pb_html_begin_section(html, "not-judged", "What was not judged, and why");
    if (count) {
        pb_html_begin_table(html, "What was not judged", "wide", heads, sizeof heads / sizeof *heads, 0);
        pb_markup_begin(markup, "tbody");
        for (size_t i = 0; i < summary->case_count; i++) write_case_lines(html, &summary->cases[i], false);
        for (int i = 0; i < 3; i++) pb_markup_end(markup);
    } else pb_markup_element(markup, "p", "Every step was run and every check was judged.");
    pb_markup_end(markup);
}
