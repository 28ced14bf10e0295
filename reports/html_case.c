/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case: who did what (sequence), when (timing), and the table that holds the same as text. */
#include "reports/html.h"

#include "reports/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACTORS_MAX = 12, DIAGRAM_STEPS = 400, CHART_MOMENTS = 4000, CHART_MARKS = 200 };
static const double chart_width = 1040;

/* Room for what a case's figures point to. */
struct drawing {
    struct pb_sequence_actor actors[ACTORS_MAX];
    char actor_keys[ACTORS_MAX][24], actor_labels[ACTORS_MAX][24];
    size_t actor_count;
    struct pb_sequence_step *steps;
    struct pb_sequence_check *checks;
    struct pb_sequence_message *messages;
    char (*whens)[32];
    struct pb_moment *step_moments, *message_moments;
    char (*step_tooltips)[300], (*message_tooltips)[160], (*labels)[28];
    pb_instant *instants;
};

static void finish(struct drawing *drawing) {
    void *const all[] = {drawing->steps,         drawing->checks,           drawing->messages,
                         drawing->whens,         drawing->step_moments,     drawing->message_moments,
                         drawing->step_tooltips, drawing->message_tooltips, drawing->labels,
                         drawing->instants};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(drawing);
}

static struct drawing *begin(const struct pb_html *html, const struct pb_summary_case *of) {
    struct drawing *drawing = calloc(1, sizeof *drawing);
    size_t steps = of->step_count + 1, messages = html->story.message_count + 1;
    if (!drawing) return NULL;
    drawing->steps = calloc(steps, sizeof *drawing->steps);
    drawing->checks = calloc(html->summary->check_count + 1, sizeof *drawing->checks);
    drawing->messages = calloc(messages, sizeof *drawing->messages);
    drawing->whens = calloc(steps, sizeof *drawing->whens);
    drawing->step_moments = calloc(steps, sizeof *drawing->step_moments);
    drawing->message_moments = calloc(messages, sizeof *drawing->message_moments);
    drawing->step_tooltips = calloc(steps, sizeof *drawing->step_tooltips);
    drawing->message_tooltips = calloc(messages, sizeof *drawing->message_tooltips);
    drawing->labels = calloc(steps, sizeof *drawing->labels);
    drawing->instants = calloc(steps + messages + html->story.event_count, sizeof *drawing->instants);
    if (drawing->steps && drawing->checks && drawing->messages && drawing->whens && drawing->step_moments &&
        drawing->message_moments && drawing->step_tooltips && drawing->message_tooltips && drawing->labels &&
        drawing->instants)
        return drawing;
    finish(drawing);
    return NULL;
}

/* --- sequence ------------------------------------------------------------------------------------------------------------ */

/* Number of the actor, added if new; -1 for nobody, or for one too many. */
static int find_actor(struct drawing *drawing, const struct pb_html *html, const char *key) {
    size_t i = 0;
    if (!*key) return -1;
    while (i < drawing->actor_count && strcmp(drawing->actor_keys[i], key) != 0) i++;
    if (i < drawing->actor_count) return (int)i;
    if (i == ACTORS_MAX) return -1;
    snprintf(drawing->actor_keys[i], sizeof drawing->actor_keys[i], "%s", key);
    pb_html_actor_label(key, drawing->actor_labels[i], sizeof drawing->actor_labels[i]);
    drawing->actors[i] = (struct pb_sequence_actor){drawing->actor_labels[i], pb_html_is_dut(html, key)};
    drawing->actor_count++;
    return (int)i;
}

/* The known actors that take part stand in the order of the sources' drawings. */
static void add_actors(struct drawing *drawing, const struct pb_html *html, const struct pb_summary_case *of) {
    static const char *const usual[] = {"pev", "customer", "evse", "eumd", "esci", "utility"};
    for (size_t u = 0; u < sizeof usual / sizeof *usual; u++) {
        bool takes_part = false;
        for (size_t i = 0; i < of->step_count && !takes_part; i++) {
            const struct pb_summary_step *step = &html->summary->steps[of->first_step + i];
            takes_part = strcmp(step->actor, usual[u]) == 0 || strcmp(step->to, usual[u]) == 0;
        }
        if (takes_part) find_actor(drawing, html, usual[u]);
    }
}

static void fill_step(struct drawing *drawing, const struct pb_html *html, const struct pb_summary_case *of, size_t i,
                      size_t *message_count) {
    const struct pb_summary_step *step = &html->summary->steps[of->first_step + i];
    struct pb_sequence_step *into = &drawing->steps[i];
    *into = (struct pb_sequence_step){.number = step->id,
                                      .text = step->text,
                                      .when = drawing->whens[i],
                                      .mode = step->mode,
                                      .is_marked = pb_evidence_is_marked(step->evidence),
                                      .is_reached = pb_html_is_reached(step),
                                      .check_count = step->check_count,
                                      .checks = &drawing->checks[step->first_check],
                                      .messages = &drawing->messages[*message_count]};
    into->actor = find_actor(drawing, html, step->actor);
    into->to = find_actor(drawing, html, step->to);
    if (into->is_reached && of->began.ns != PB_INSTANT_NEVER.ns)
        pb_span_describe(pb_between(of->began, step->began), drawing->whens[i], sizeof drawing->whens[i]);
    for (size_t k = 0; k < step->check_count; k++) {
        const struct pb_summary_check *check = &html->summary->checks[step->first_check + k];
        drawing->checks[step->first_check + k] =
            (struct pb_sequence_check){pb_check_short_name(check, step, of), pb_check_shown_verdict(check)};
    }
    for (size_t m = 0; m < html->story.message_count; m++) {
        const struct pb_story_message *message = &html->story.messages[m];
        if (message->step_no != step->step_no || message->said == PB_SAID_MUTATED) continue;
        drawing->messages[(*message_count)++] = (struct pb_sequence_message){
            message->label, find_actor(drawing, html, message->from), find_actor(drawing, html, message->to)};
        into->message_count++;
    }
}

static void write_sequence(struct pb_html *html, const struct pb_summary_case *of, struct drawing *drawing) {
    struct pb_markup *markup = &html->markup;
    struct pb_scene scene = {0};
    char title[240];
    size_t shown = of->step_count < DIAGRAM_STEPS ? of->step_count : DIAGRAM_STEPS, messages = 0;
    add_actors(drawing, html, of);
    for (size_t i = 0; i < shown; i++) fill_step(drawing, html, of, i, &messages);
    snprintf(title, sizeof title, "Sequence diagram of %.100s", of->id);
    struct pb_sequence sequence = {title, drawing->actors, drawing->actor_count, drawing->steps, shown};
    pb_figure_sequence(&scene, &sequence);
    pb_markup_element(markup, "h3", "Sequence");
    pb_markup_begin(markup, "figure");
    pb_html_scroll_figure(html, title, &scene);
    pb_markup_begin(markup, "figcaption");
    pb_markup_text(
        markup,
        "Filled dot: judged. Ring: played by the bench. \"?\": not observable. Dashed: not seen. * no source text says it.");
    if (shown < of->step_count)
        pb_markup_text_f(markup, " The first %zu of %zu steps; the table has all.", shown, of->step_count);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

/* --- timing -------------------------------------------------------------------------------------------------------------- */

static bool is_within(const struct pb_summary_case *of, pb_instant at) {
    return !pb_is_before(at, of->began) && !pb_is_before(of->ended, at);
}

static int by_instant(const void *a, const void *b) {
    const pb_instant *x = a, *y = b;
    return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static size_t fill_step_moments(const struct pb_html *html, const struct pb_summary_case *of, struct drawing *drawing) {
    size_t count = 0;
    for (size_t i = 0; i < of->step_count && count < CHART_MOMENTS; i++) {
        const struct pb_summary_step *step = &html->summary->steps[of->first_step + i];
        if (!pb_html_is_reached(step)) continue;
        snprintf(drawing->labels[count], sizeof drawing->labels[count], "%s%s", step->id,
                 pb_evidence_is_marked(step->evidence) ? "*" : "");
        snprintf(drawing->step_tooltips[count], sizeof drawing->step_tooltips[count], "%s: %s", drawing->labels[count],
                 step->text);
        drawing->step_moments[count] =
            (struct pb_moment){step->began, drawing->labels[count], drawing->step_tooltips[count], PB_VERDICT_NONE};
        count++;
    }
    return count;
}

static size_t fill_message_moments(const struct pb_html *html, const struct pb_summary_case *of,
                                   struct drawing *drawing) {
    size_t count = 0;
    for (size_t i = 0; i < html->story.message_count && count < CHART_MOMENTS; i++) {
        const struct pb_story_message *message = &html->story.messages[i];
        if (message->case_no != of->case_no || message->said == PB_SAID_MUTATED) continue;
        snprintf(drawing->message_tooltips[count], sizeof drawing->message_tooltips[count], "%s, %s to %s",
                 message->label, message->from, message->to);
        drawing->message_moments[count] =
            (struct pb_moment){message->at, message->label, drawing->message_tooltips[count], PB_VERDICT_NONE};
        count++;
    }
    return count;
}

static size_t fill_marks(const struct pb_html *html, const struct pb_summary_case *of, struct pb_moment *marks) {
    size_t count = 0;
    for (size_t i = 0; i < of->step_count; i++) {
        const struct pb_summary_step *step = &html->summary->steps[of->first_step + i];
        for (size_t k = 0; k < step->check_count && count < CHART_MARKS; k++) {
            const struct pb_summary_check *check = &html->summary->checks[step->first_check + k];
            if (check->verdict > PB_VERDICT_PASS && check->has_reading)
                marks[count++] = (struct pb_moment){check->judged_at, pb_check_short_name(check, step, of),
                                                    check->reason, check->verdict};
        }
    }
    return count;
}

/* Everything that a person would want to see apart, in order of time. */
static size_t fill_instants(const struct pb_html *html, const struct pb_summary_case *of, struct drawing *drawing,
                            size_t steps, size_t messages) {
    size_t count = 0;
    for (size_t i = 0; i < steps; i++) drawing->instants[count++] = drawing->step_moments[i].at;
    for (size_t i = 0; i < messages; i++) drawing->instants[count++] = drawing->message_moments[i].at;
    for (size_t i = 0; i < html->story.event_count; i++)
        if (is_within(of, html->story.events[i].at) && pb_story_is_drawn(&html->story, &html->story.events[i]))
            drawing->instants[count++] = html->story.events[i].at;
    qsort(drawing->instants, count, sizeof *drawing->instants, by_instant);
    return count;
}

static void write_timing(struct pb_html *html, const struct pb_summary_case *of, struct drawing *drawing) {
    struct pb_markup *markup = &html->markup;
    struct pb_moment marks[CHART_MARKS];
    struct pb_scene scene = {0};
    struct pb_axis axis;
    char title[240];
    if (of->began.ns == PB_INSTANT_NEVER.ns || !pb_is_before(of->began, of->ended)) return;
    size_t steps = fill_step_moments(html, of, drawing), messages = fill_message_moments(html, of, drawing);
    size_t instants = fill_instants(html, of, drawing, steps, messages);
    pb_axis_make(&axis, of->began, of->ended, drawing->instants, instants, chart_width);
    snprintf(title, sizeof title, "Timing chart of %.100s", of->id);
    struct pb_timing timing = {.title = title,
                               .tracks = html->tracks.tracks,
                               .track_count = html->tracks.count,
                               .steps = drawing->step_moments,
                               .step_count = steps,
                               .messages = drawing->message_moments,
                               .message_count = messages,
                               .marks = marks,
                               .mark_count = fill_marks(html, of, marks),
                               .zero = of->began,
                               .axis = &axis};
    pb_figure_timing(&scene, &timing);
    pb_markup_element(markup, "h3", "Timing");
    pb_markup_begin(markup, "figure");
    pb_html_scroll_figure(html, title, &scene);
    pb_markup_element(
        markup, "figcaption",
        "Numbers on top are steps. Each piece of the axis has its own scale, written below it; shaded pieces are compressed and say how long "
        "they are. Times count from the case's begin.");
    pb_markup_end(markup);
}

/* --- table --------------------------------------------------------------------------------------------------------------- */

static void write_step_note(struct pb_html *html, const char *label, const char *text) {
    if (!text[0]) return;
    pb_markup_begin(&html->markup, "br");
    pb_markup_end(&html->markup);
    pb_markup_text(&html->markup, label);
    pb_html_foreign(html, text);
}

static void write_step_row(struct pb_html *html, const struct pb_summary_case *of, const struct pb_summary_step *step) {
    struct pb_markup *markup = &html->markup;
    char label[32], at[48];
    pb_markup_begin(markup, "tr");
    pb_markup_attribute(markup, "class", "step");
    pb_markup_begin(markup, "th");
    pb_markup_attribute(markup, "scope", "rowgroup");
    pb_html_foreign(html, step->id);
    if (pb_evidence_is_marked(step->evidence)) pb_markup_text(markup, "*");
    pb_markup_end(markup);
    pb_markup_begin(markup, "td");
    pb_markup_attribute(markup, "colspan", "4");
    pb_markup_classed(markup, "strong", "actor", pb_html_actor_label(step->actor, label, sizeof label));
    if (pb_html_is_dut(html, step->actor)) {
        pb_markup_text(markup, " ");
        pb_markup_classed(markup, "span", "tag dut", "under test");
    }
    if (*step->to && strcmp(step->to, step->actor) != 0)
        pb_markup_text_f(markup, " to %s", pb_html_actor_label(step->to, label, sizeof label));
    pb_markup_text(markup, ": ");
    pb_html_foreign(html, step->text);
    pb_markup_end(markup);
    pb_markup_begin(markup, "td");
    pb_markup_classed(markup, "span", "tag",
                      step->mode == PB_STEP_JUDGED && !pb_html_is_reached(step) ? "not reached"
                                                                                : pb_step_mode_name(step->mode));
    pb_markup_text(markup, " ");
    pb_markup_classed(markup, "span", pb_evidence_is_marked(step->evidence) ? "tag warn" : "tag",
                      pb_evidence_word(step->evidence));
    if (pb_html_is_reached(step) && of->began.ns != PB_INSTANT_NEVER.ns) {
        char took[48];
        pb_span_describe(pb_between(of->began, step->began), at, sizeof at);
        pb_span_describe(step->took, took, sizeof took);
        pb_markup_classed(markup, "span", "muted", " at ");
        pb_markup_text(markup, at);
        if (step->took.ns > 0) pb_markup_text_f(markup, ", took %s", took);
    }
    write_step_note(html, "", step->reason);
    if (step->notes) {
        write_step_note(html, "injects: ", step->notes->injects);
        write_step_note(html, "mutates: ", step->notes->mutates);
        write_step_note(html, "mutated: ", step->notes->mutated);
    }
    pb_markup_end(markup);
    pb_markup_end(markup);
}

void pb_html_limit_bar(struct pb_html *html, const struct pb_summary_check *check, bool is_large) {
    const struct pb_limit *limit = &check->check.limit;
    struct pb_scene scene = {0};
    bool has_value = check->has_reading && check->reading.outcome == PB_OUTCOME_VALUE;
    struct pb_limit_bar bar = {.title = check->check.id,
                               .min = limit->min,
                               .max = limit->max,
                               .unit = limit->unit,
                               .rule = check->check.rule,
                               .has_value = has_value,
                               .value = check->reading.quantity.value,
                               .u = check->reading.quantity.u,
                               .verdict = pb_check_shown_verdict(check),
                               .is_large = is_large};
    pb_figure_limit_bar(&scene, &bar);
    pb_html_figure(html, &scene);
}

static void write_basis(struct pb_html *html, const struct pb_limit *limit) {
    struct pb_markup *markup = &html->markup;
    bool is_unverified = pb_confidence_is_unverified(limit->confidence);
    char text[48];
    pb_html_foreign(html, limit->clause);
    if (limit->source[0]) {
        pb_markup_begin(markup, "span");
        pb_markup_attribute(markup, "class", "muted");
        pb_markup_text(markup, "; ");
        pb_html_foreign(html, limit->source);
        pb_markup_end(markup);
    }
    pb_markup_text(markup, " ");
    snprintf(text, sizeof text, "%s%s", pb_confidence_name(limit->confidence), is_unverified ? ": unverified" : "");
    pb_markup_classed(markup, "span", is_unverified ? "tag warn" : "tag", text);
}

static void write_check_row(struct pb_html *html, const struct pb_summary_case *of, const struct pb_summary_step *step,
                            const struct pb_summary_check *check) {
    struct pb_markup *markup = &html->markup;
    enum pb_verdict verdict = pb_check_shown_verdict(check);
    char reading[128], bounds[128];
    pb_check_describe_reading(check, "\xC2\xB1", reading, sizeof reading);
    pb_limit_describe(&check->check.limit, bounds, sizeof bounds);
    pb_markup_begin(markup, "tr");
    pb_markup_attribute(markup, "class", "check");
    pb_markup_begin(markup, "th");
    pb_markup_attribute(markup, "scope", "row");
    pb_markup_attribute(markup, "title", check->check.text);
    pb_html_foreign(html, pb_check_short_name(check, step, of));
    pb_markup_end(markup);
    pb_markup_classed(markup, "td", "num", reading);
    pb_markup_classed(markup, "td", "num", bounds);
    pb_markup_begin(markup, "td");
    pb_markup_attribute(markup, "class", "bar");
    if (check->has_reading && check->reading.outcome == PB_OUTCOME_VALUE) pb_html_limit_bar(html, check, false);
    pb_markup_end(markup);
    pb_markup_begin(markup, "td");
    pb_html_verdict(html, verdict, pb_verdict_name(verdict));
    pb_markup_end(markup);
    pb_markup_begin(markup, "td");
    write_basis(html, &check->check.limit);
    if (verdict != PB_VERDICT_PASS) {
        pb_markup_begin(markup, "br");
        pb_markup_end(markup);
        pb_html_foreign(html, pb_check_shown_reason(check));
    }
    if (check->side != PB_SIDE_NONE) {
        pb_markup_begin(markup, "br");
        pb_markup_end(markup);
        pb_markup_element(markup, "strong", "at fault");
        pb_markup_text(markup, " ");
        pb_markup_text(markup, pb_side_name(check->side));
        pb_markup_text(markup, ": ");
        pb_html_foreign(html, check->fault);
    }
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static void write_table(struct pb_html *html, const struct pb_summary_case *of) {
    static const char *const heads[] = {"Step, check",  "Seen \xC2\xB1 U", "Limit",
                                        "On the scale", "Verdict",         "Clause, source, confidence"};
    struct pb_markup *markup = &html->markup;
    char label[80];
    snprintf(label, sizeof label, "Steps and checks of %.50s", of->id);
    pb_markup_element(markup, "h3", "Steps and checks");
    pb_html_begin_table(html, label, "steps", heads, sizeof heads / sizeof *heads, 1 << 1 | 1 << 2);
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++) {
        const struct pb_summary_step *step = &html->summary->steps[i];
        pb_markup_begin(markup, "tbody");
        write_step_row(html, of, step);
        for (size_t k = 0; k < step->check_count; k++)
            write_check_row(html, of, step, &html->summary->checks[step->first_check + k]);
        pb_markup_end(markup);
    }
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static void write_messages(struct pb_html *html, const struct pb_summary_case *of) {
    static const char *const heads[] = {"At", "From", "To", "Message", "How", "Fields"};
    struct pb_markup *markup = &html->markup;
    char label[80];
    size_t count = 0;
    for (size_t i = 0; i < html->story.message_count; i++) count += html->story.messages[i].case_no == of->case_no;
    if (!count) return;
    pb_markup_begin(markup, "details");
    snprintf(label, sizeof label, "Messages of %.40s (%zu)", of->id, count);
    pb_markup_element(markup, "summary", label);
    pb_html_begin_table(html, label, "wide", heads, sizeof heads / sizeof *heads, 0);
    pb_markup_begin(markup, "tbody");
    for (size_t i = 0; i < html->story.message_count; i++) {
        const struct pb_story_message *message = &html->story.messages[i];
        char text[48];
        if (message->case_no != of->case_no) continue;
        pb_span_describe(pb_between(of->began, message->at), text, sizeof text);
        pb_markup_begin(markup, "tr");
        pb_markup_classed(markup, "td", "num", text);
        pb_markup_element(markup, "td", pb_html_actor_label(message->from, text, sizeof text));
        pb_markup_element(markup, "td", pb_html_actor_label(message->to, text, sizeof text));
        pb_markup_begin(markup, "td");
        pb_html_foreign(html, message->name);
        pb_markup_end(markup);
        pb_markup_element(markup, "td", message->how);
        pb_markup_begin(markup, "td");
        if (message->fields) pb_markup_element(markup, "code", message->fields);
        pb_markup_end(markup);
        pb_markup_end(markup);
    }
    for (int i = 0; i < 4; i++) pb_markup_end(markup);
}

/* --- the case ------------------------------------------------------------------------------------------------------------ */

static void write_case_head(struct pb_html *html, const struct pb_summary_case *of, const char *id) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "h2");
    pb_markup_attribute(markup, "id", id);
    pb_html_foreign(html, of->id);
    pb_markup_text(markup, ": ");
    if (of->is_reconstructed) pb_markup_text(&html->markup, pb_case_mark(of));
    pb_html_foreign(html, of->title);
    pb_markup_end(markup);
    pb_markup_begin(markup, "p");
    pb_html_verdict(html, of->verdict, of->verdict == PB_VERDICT_NONE ? "not run" : pb_verdict_name(of->verdict));
    if (of->reason[0]) {
        pb_markup_text(markup, " ");
        pb_html_foreign(html, of->reason);
    }
    if (of->side != PB_SIDE_NONE) {
        pb_markup_text(markup, " at fault: ");
        pb_markup_element(markup, "strong", pb_side_name(of->side));
    }
    pb_markup_begin(markup, "br");
    pb_markup_end(markup);
    pb_markup_begin(markup, "span");
    pb_markup_attribute(markup, "class", "muted");
    pb_markup_text(markup, "Source: ");
    pb_html_foreign(html, of->source[0] ? of->source : "not stated");
    pb_markup_end(markup);
    pb_markup_end(markup);
}

void pb_html_write_case(struct pb_html *html, const struct pb_summary_case *of) {
    struct pb_markup *markup = &html->markup;
    struct drawing *drawing = begin(html, of);
    char id[24];
    pb_html_case_id(of, id, sizeof id);
    if (!drawing) {
        markup->has_failed = true;
        return;
    }
    pb_markup_begin(markup, "section");
    write_case_head(html, of, id);
    if (of->step_count) {
        write_sequence(html, of, drawing);
        write_timing(html, of, drawing);
        pb_html_write_duty(html, of);
        write_table(html, of);
        write_messages(html, of);
    }
    pb_markup_end(markup);
    finish(drawing);
}
