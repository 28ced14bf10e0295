/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table for people. Columns are as wide as the terminal allows: what a step says and a check's clause take what is
 * left. */
#include "reports/report.h"

#include "reports/figures/figures.h"
#include "reports/figures/glyphs.h"
#include "reports/table.h"
#include "reports/words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
    WIDTH_MIN = 60,
    WIDTH_MAX = 240,
    WIDTH_IN_ONE_LINE = 76,
    WIDTH_WITH_DATES = 100,
    STEP_INDENT = 1,
    CHECK_INDENT = 7,
    VERDICT_WIDTH = 6
};

struct layout {
    int width;
    int step_id, evidence, actor, text, mode, began,
        took;                         /* a step's line; text 0: a line of its own; began 0: not shown */
    int name, reading, limit, clause; /* a check's line, behind the verdict; clause 0: as text */
};
struct page {
    FILE *file;
    const struct pb_summary *summary;
    struct pb_report_options options;
    struct layout layout;
    const char *plus_minus;
    bool has_marked, has_unverified, is_strict;
    bool uses_rule[PB_RULE_COUNT];
};

static int clamp(int value, int min, int max) { return value < min ? min : value > max ? max : value; }

static struct layout layout_of(int width) {
    struct layout layout = {
        .width = clamp(width, WIDTH_MIN, WIDTH_MAX), .step_id = 7, .evidence = 8, .mode = 14, .took = 9};
    int spare = layout.width - 80;
    layout.actor = layout.width >= WIDTH_WITH_DATES ? 13 : 8;
    layout.began = layout.width >= WIDTH_WITH_DATES ? 9 : 0;
    int fixed = STEP_INDENT + layout.step_id + layout.evidence + layout.actor + layout.mode + layout.took + 5;
    if (layout.began) fixed += layout.began + 1;
    layout.text = layout.width < WIDTH_IN_ONE_LINE ? 0 : layout.width - fixed;
    layout.name = 11 + clamp(spare / 4, 0, 9);
    layout.reading = 18 + clamp(spare / 6, -3, 5);
    layout.limit = 16 + clamp(spare / 6, -4, 8);
    layout.clause = layout.width - CHECK_INDENT - VERDICT_WIDTH - layout.name - layout.reading - layout.limit - 4;
    if (layout.width >= WIDTH_IN_ONE_LINE) return layout;
    int third = (layout.width - WIDTH_MIN) / 3;
    layout.name = 12 + third;
    layout.reading = layout.limit = 16 + third;
    layout.clause = 0;
    return layout;
}

static const char *colour_of(enum pb_verdict verdict) {
    static const char *const colours[PB_VERDICT_COUNT] = {NULL, "32", "33", "31;1", "35;1"};
    return (unsigned)verdict < PB_VERDICT_COUNT ? colours[verdict] : NULL;
}

static void print_line(struct page *page, int indent, const struct pb_cell *cells, size_t count) {
    pb_table_line(page->file, &page->options, indent, cells, count);
}

/* "label  text" under a line, as far as the right edge. */
static void print_note(struct page *page, int indent, const char *label, const char *text) {
    int label_width = (int)strlen(label);
    struct pb_cell cells[] = {{.text = label, .width = label_width},
                              {.text = text, .width = page->layout.width - indent - label_width - 1}};
    print_line(page, indent, cells, 2);
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static void describe_limit(const struct pb_check *check, char *ret_text, size_t size) {
    static const char *const rules[PB_RULE_COUNT] = {"", ", w=U", ", non-binary"};
    char limit[128];
    pb_limit_describe(&check->limit, limit, sizeof limit);
    snprintf(ret_text, size, "%s%s", limit, rules[check->rule]);
}

static void describe_clause(const struct pb_check *check, char *ret_text, size_t size) {
    const struct pb_limit *limit = &check->limit;
    const char *confidence = pb_confidence_name(limit->confidence);
    snprintf(ret_text, size, "%s%s(%s%s)", limit->clause, *limit->clause ? " " : "", confidence,
             pb_confidence_is_unverified(limit->confidence) ? ": unverified" : "");
}

static void print_check(struct page *page, const struct pb_summary_check *check, const char *name) {
    const struct layout *layout = &page->layout;
    enum pb_verdict verdict = pb_check_shown_verdict(check);
    char reading[128], limit[160], clause[160];
    pb_check_describe_reading(check, page->plus_minus, reading, sizeof reading);
    describe_limit(&check->check, limit, sizeof limit);
    describe_clause(&check->check, clause, sizeof clause);
    struct pb_cell cells[] = {{.text = pb_verdict_name(verdict), .width = VERDICT_WIDTH, .colour = colour_of(verdict)},
                              {.text = name, .width = layout->name},
                              {.text = reading, .width = layout->reading},
                              {.text = limit, .width = layout->limit},
                              {.text = clause, .width = layout->clause}};
    print_line(page, CHECK_INDENT, cells, layout->clause ? 5 : 4);
    if (!layout->clause) print_note(page, CHECK_INDENT + VERDICT_WIDTH + 1, "by", clause);
    page->has_unverified = page->has_unverified || pb_confidence_is_unverified(check->check.limit.confidence);
    page->uses_rule[check->check.rule] = true;
    page->is_strict = page->is_strict || check->check.is_strict;
    if (verdict == PB_VERDICT_PASS) return;
    int indent = CHECK_INDENT + VERDICT_WIDTH + 1;
    if (check->check.text[0]) print_note(page, indent, "expected", check->check.text);
    print_note(page, indent, "seen    ", pb_check_shown_reason(check));
    if (check->side == PB_SIDE_NONE) return;
    char fault[PB_FAULT_WHY_SIZE + 32];
    snprintf(fault, sizeof fault, "%s: %s", pb_side_name(check->side), check->fault);
    print_note(page, indent, "at fault", fault);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

/* Columns of a step's line, from left to right. */
enum { OF_STEP_ID, OF_EVIDENCE, OF_ACTOR, OF_TEXT, OF_MODE, OF_BEGAN, OF_TOOK, OF_COUNT };

static void print_columns(struct page *page, const char *const texts[OF_COUNT]) {
    const struct layout *layout = &page->layout;
    const int widths[OF_COUNT] = {layout->step_id, layout->evidence, layout->actor, layout->text,
                                  layout->mode,    layout->began,    layout->took};
    struct pb_cell cells[OF_COUNT];
    size_t count = 0;
    for (int i = 0; i < OF_COUNT; i++)
        if (widths[i])
            cells[count++] = (struct pb_cell){.text = texts[i], .width = widths[i], .is_right = i >= OF_BEGAN};
    print_line(page, STEP_INDENT, cells, count);
    if (!layout->text) print_note(page, STEP_INDENT + layout->step_id, "", texts[OF_TEXT]);
}

static void print_step_titles(struct page *page) {
    static const char *const titles[OF_COUNT] = {"step", "evidence", "actor", "what", "mode", "at", "took"};
    print_columns(page, titles);
}

static void print_step_line(struct page *page, const struct pb_summary_step *step, pb_instant case_began) {
    char id[32], began[32] = "-", took[32] = "-";
    bool is_marked = pb_evidence_is_marked(step->evidence);
    page->has_marked = page->has_marked || is_marked;
    snprintf(id, sizeof id, "%s%s", step->id, is_marked ? "*" : "");
    if (step->began.ns != PB_INSTANT_NEVER.ns) {
        pb_span_describe(pb_between(case_began, step->began), began, sizeof began);
        pb_span_describe(step->took, took, sizeof took);
    }
    const char *const texts[OF_COUNT] = {
        [OF_STEP_ID] = id,      [OF_EVIDENCE] = pb_evidence_word(step->evidence), [OF_ACTOR] = step->actor,
        [OF_TEXT] = step->text, [OF_MODE] = pb_step_mode_name(step->mode),        [OF_BEGAN] = began,
        [OF_TOOK] = took};
    print_columns(page, texts);
}

static void print_notes(struct page *page, const struct pb_summary_notes *notes) {
    if (notes->injects[0]) print_note(page, CHECK_INDENT, "injects", notes->injects);
    if (notes->mutates[0]) print_note(page, CHECK_INDENT, "mutates", notes->mutates);
    if (notes->mutated[0]) print_note(page, CHECK_INDENT, "mutated", notes->mutated);
}

static void print_step(struct page *page, const struct pb_summary_case *of, const struct pb_summary_step *step) {
    print_step_line(page, step, of->began);
    if (step->reason[0]) print_note(page, CHECK_INDENT, "because", step->reason);
    if (step->notes) print_notes(page, step->notes);
    for (size_t i = step->first_check; i < step->first_check + step->check_count; i++) {
        const struct pb_summary_check *check = &page->summary->checks[i];
        print_check(page, check, pb_check_short_name(check, step, of));
    }
}

/* --- cases -------------------------------------------------------------------------------------------------------- */

static bool has_failed_check(const struct pb_summary *summary, const struct pb_summary_case *of) {
    for (size_t i = 0; i < summary->check_count; i++)
        if (summary->checks[i].check.case_no == of->case_no && summary->checks[i].verdict == PB_VERDICT_FAIL)
            return true;
    return false;
}

static void print_case_heading(struct page *page, const struct pb_summary_case *of) {
    int id_width = clamp(pb_text_columns(of->id), 2, 16);
    char title[sizeof of->title + 16];
    snprintf(title, sizeof title, "%s%s", pb_case_mark(of), of->title);
    struct pb_cell cells[] = {
        {.text = of->id, .width = id_width, .colour = "1"},
        {.text = title, .width = page->layout.width - id_width - VERDICT_WIDTH - 2, .colour = "1"},
        {.text = pb_verdict_name(of->verdict),
         .width = VERDICT_WIDTH,
         .colour = colour_of(of->verdict),
         .is_right = true}};
    print_line(page, 0, cells, 3);
    struct pb_cell source = {.text = of->source, .width = page->layout.width - id_width - 1};
    if (of->source[0]) print_line(page, id_width + 1, &source, 1);
    if (of->reason[0])
        print_note(page, id_width + 1, of->verdict == PB_VERDICT_PASS ? "note" : pb_verdict_name(of->verdict),
                   of->reason);
    if (of->verdict == PB_VERDICT_ERROR && has_failed_check(page->summary, of))
        print_note(page, id_width + 1, "fail", "a check failed too: the error does not take that back");
    if (of->side != PB_SIDE_NONE) print_note(page, id_width + 1, "at fault:", pb_side_name(of->side));
    for (int i = 0; i < page->layout.width; i++) fputc('-', page->file);
    fputc('\n', page->file);
}

static void print_case(struct page *page, const struct pb_summary_case *of) {
    print_case_heading(page, of);
    if (of->step_count) print_step_titles(page);
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++)
        print_step(page, of, &page->summary->steps[i]);
    fputc('\n', page->file);
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

/* The verdict with what it rests on, and how the steps behind it are known. */
static void print_head(struct page *page) {
    const struct pb_summary *summary = page->summary;
    const struct pb_summary_counts *n = &summary->counts;
    char verdict[64], text[200];
    pb_summary_verdict_describe(summary->verdict, n->unverified, verdict, sizeof verdict);
    snprintf(text, sizeof text, "%" PRId64 " of %" PRId64 " checks passed in %" PRId64 " case%s", n->passed,
             n->passed + n->failed + n->inconc + n->error, n->cases, n->cases == 1 ? "" : "s");
    struct pb_cell cells[] = {
        {.text = verdict, .width = pb_text_columns(verdict), .colour = colour_of(summary->verdict)},
        {.text = text, .width = page->layout.width - pb_text_columns(verdict) - 1}};
    print_line(page, 0, cells, 2);
    if (summary->side != PB_SIDE_NONE) print_note(page, STEP_INDENT, "at fault:", pb_side_name(summary->side));
    for (int mode = PB_STEP_JUDGED; mode <= PB_STEP_NOT_OBSERVABLE; mode++) {
        char label[32];
        pb_summary_evidence_describe(n, (enum pb_step_mode)mode, text, sizeof text);
        snprintf(label, sizeof label, "steps %s:", pb_step_mode_name((enum pb_step_mode)mode));
        if (text[0]) print_note(page, STEP_INDENT, label, text);
    }
    fputc('\n', page->file);
}

/* --- the foot ----------------------------------------------------------------------------------------------------- */

static void print_foot(struct page *page) {
    if (page->has_marked) print_note(page, 0, "*", "inferred, remembered or added by us: no source text says it");
    if (page->has_unverified)
        print_note(
            page, 0, "unverified:",
            "the limit is own knowledge (K) or uncertain (U); compare it with the standard before relying on it");
    for (size_t i = 0; i < PB_RULE_COUNT; i++) {
        char rule[160];
        snprintf(rule, sizeof rule, "%s: %s", pb_rule_name((enum pb_rule)i), pb_rule_risk((enum pb_rule)i));
        if (page->uses_rule[i]) print_note(page, 0, "decision rule:", rule);
    }
    if (page->is_strict)
        print_note(page, 0, "strict limits:", "what rests on an unverified limit decides nothing: inconc");
    if (!page->summary->is_closed)
        print_note(page, 0,
                   "not closed:", "the run was killed or still runs; what was not reached counts as inconclusive");
}

/* --- overview ----------------------------------------------------------------------------------------------------- */

/* What of a case passed of what was planned: "21/21", "-" where nothing was. */
static void describe_passed(const struct pb_summary *summary, const struct pb_summary_case *of, char *ret_text,
                            size_t size) {
    size_t planned = 0, passed = 0;
    for (size_t i = 0; i < summary->check_count; i++) {
        if (summary->checks[i].check.case_no != of->case_no) continue;
        planned++;
        passed += pb_check_shown_verdict(&summary->checks[i]) == PB_VERDICT_PASS;
    }
    if (planned) snprintf(ret_text, size, "%zu/%zu", passed, planned);
    else snprintf(ret_text, size, "-");
}

/* A line a case, where there are several: what one looks for first. */
static void print_overview(struct page *page) {
    const struct pb_summary *summary = page->summary;
    int id_width = 4;
    if (summary->case_count < 2) return;
    for (size_t i = 0; i < summary->case_count; i++) {
        int width = pb_text_columns(summary->cases[i].id);
        if (width > id_width) id_width = width;
    }
    id_width = clamp(id_width, 4, 24);
    for (size_t i = 0; i <= summary->case_count; i++) { /* the first line is the titles */
        const struct pb_summary_case *of = i ? &summary->cases[i - 1] : NULL;
        char passed[48] = "passed", what[512] = "what";
        if (of) describe_passed(summary, of, passed, sizeof passed);
        bool says_why = of && of->reason[0] && of->verdict != PB_VERDICT_PASS;
        if (of)
            snprintf(what, sizeof what, "%s%s%s%s", pb_case_mark(of), of->title, says_why ? "; " : "",
                     says_why ? of->reason : "");
        struct pb_cell cells[] = {{.text = of ? of->id : "case", .width = id_width},
                                  {.text = of ? pb_verdict_name(of->verdict) : "verdict",
                                   .width = VERDICT_WIDTH + 1,
                                   .colour = of ? colour_of(of->verdict) : NULL},
                                  {.text = passed, .width = 7, .is_right = true},
                                  {.text = what, .width = page->layout.width - id_width - VERDICT_WIDTH - 1 - 7 - 3}};
        print_line(page, 0, cells, 4);
    }
    fputc('\n', page->file);
}

enum pb_status pb_report_text(FILE *file, const struct pb_summary *summary, const struct pb_report_options *options,
                              struct pb_error *error) {
    struct page page = {.file = file,
                        .summary = summary,
                        .options = *options,
                        .layout = layout_of(options->width),
                        .plus_minus = options->is_utf8 ? "\u00B1" : "+-"};
    print_head(&page);
    for (size_t i = 0; i < summary->case_count; i++) print_case(&page, &summary->cases[i]);
    print_overview(&page);
    print_foot(&page);
    char line[320];
    pb_summary_line(summary, line, sizeof line);
    fprintf(file, "%s\n", line);
    if (fflush(file) != 0 || ferror(file))
        return pb_fail(error, PB_ERR_IO, errno, "text report", "it could not be written");
    return PB_OK;
}
