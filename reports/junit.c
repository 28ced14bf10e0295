/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JUnit, for CI servers: the form of the Jenkins xUnit schema, which the common readers accept. JUnit knows no
 * inconclusive; an empty test case would count as passed, so inconc is an error of its own type. */
#include "reports/figures/glyphs.h"
#include "reports/report.h"
#include "reports/save.h"
#include "reports/words.h"

#include <inttypes.h>
#include <string.h>

#include <libxml/xmlwriter.h>

enum { TEXT_SIZE = 4096 };

struct document {
    xmlTextWriterPtr writer;
    const struct pb_summary *summary;
    const struct pb_report_facts *facts;
    bool has_failed; /* libxml2 ran out of memory */
};

/* --- text and times ----------------------------------------------------------------------------------------------- */

/* A copy that XML can hold; what does not fit is cut between characters. */
static const char *clean(const char *text, char *ret_text, size_t size) {
    static const char replacement[] = "\xEF\xBF\xBD";
    size_t used = 0;
    while (*text) {
        if (*text >= 0x20 && *text < 0x7F) { /* most characters */
            if (used + 1 >= size) break;
            ret_text[used++] = *text++;
            continue;
        }
        const char *begin = text;
        uint32_t character = pb_text_next(&text);
        bool is_kept = pb_character_is_xml(character);
        size_t length = is_kept ? (size_t)(text - begin) : sizeof replacement - 1;
        if (used + length >= size) break;
        memcpy(ret_text + used, is_kept ? begin : replacement, length);
        used += length;
    }
    ret_text[used] = '\0';
    return ret_text;
}

static void note(struct document *document, int result) { document->has_failed = document->has_failed || result < 0; }

static void begin(struct document *document, const char *name) {
    note(document, xmlTextWriterStartElement(document->writer, BAD_CAST name));
}

static void end(struct document *document) { note(document, xmlTextWriterEndElement(document->writer)); }

static void attribute(struct document *document, const char *name, const char *value) {
    char text[TEXT_SIZE];
    note(document,
         xmlTextWriterWriteAttribute(document->writer, BAD_CAST name, BAD_CAST clean(value, text, sizeof text)));
}

static void attribute_integer(struct document *document, const char *name, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    attribute(document, name, text);
}

/* Seconds with milliseconds, as the schema's pattern wants them. */
static void attribute_time(struct document *document, pb_span span) {
    char text[40];
    int64_t ms = span.ns > 0 ? span.ns / 1000000 : 0;
    snprintf(text, sizeof text, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));
    attribute(document, "time", text);
}

static void property(struct document *document, const char *name, const char *value) {
    begin(document, "property");
    attribute(document, "name", name);
    attribute(document, "value", value);
    end(document);
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

struct counts {
    int64_t tests, failures, errors, skipped;
};

static void count_case(const struct pb_summary *summary, const struct pb_summary_case *of, struct counts *counts) {
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++) {
        const struct pb_summary_step *step = &summary->steps[i];
        bool is_skipped = step->mode == PB_STEP_NOT_RUN;
        counts->tests += is_skipped + (int64_t)step->check_count;
        counts->skipped += is_skipped;
        for (size_t k = step->first_check; k < step->first_check + step->check_count; k++) {
            enum pb_verdict verdict = pb_check_shown_verdict(&summary->checks[k]);
            counts->failures += verdict == PB_VERDICT_FAIL;
            counts->errors += verdict == PB_VERDICT_INCONC || verdict == PB_VERDICT_ERROR;
        }
    }
    enum pb_verdict own = pb_case_own_verdict(summary, of);
    bool is_unjudged = of->verdict == PB_VERDICT_NONE;
    counts->tests += own != PB_VERDICT_NONE || is_unjudged;
    counts->skipped += is_unjudged;
    counts->failures += own == PB_VERDICT_FAIL;
    counts->errors += own == PB_VERDICT_INCONC || own == PB_VERDICT_ERROR;
}

static pb_span case_span(const struct pb_summary_case *of) {
    return of->began.ns == PB_INSTANT_NEVER.ns ? PB_SPAN_ZERO : pb_between(of->began, of->ended);
}

/* --- test cases --------------------------------------------------------------------------------------------------- */

static void begin_testcase(struct document *document, const struct pb_summary_case *of, const char *name,
                           pb_span took) {
    begin(document, "testcase");
    attribute(document, "classname", of->id);
    attribute(document, "name", name);
    attribute_time(document, took);
}

/* The child that says that a test case did not pass; none for pass. */
static void write_outcome(struct document *document, enum pb_verdict verdict, const char *message,
                          const char *expected) {
    static const struct {
        const char *element, *type;
    } outcomes[PB_VERDICT_COUNT] = {[PB_VERDICT_INCONC] = {"error", "inconclusive"},
                                    [PB_VERDICT_FAIL] = {"failure", "fail"},
                                    [PB_VERDICT_ERROR] = {"error", "error"}};
    if (!outcomes[verdict].element) return;
    begin(document, outcomes[verdict].element);
    attribute(document, "type", outcomes[verdict].type);
    attribute(document, "message", message);
    if (*expected) {
        char text[TEXT_SIZE], cleaned[TEXT_SIZE];
        snprintf(text, sizeof text, "expected: %s\nseen: %s", expected, message);
        note(document, xmlTextWriterWriteString(document->writer, BAD_CAST clean(text, cleaned, sizeof cleaned)));
    }
    end(document);
}

/* What the verdict rests on: reading, limit, clause, confidence, rule. */
static void write_basis(struct document *document, const struct pb_summary_check *check) {
    const struct pb_limit *limit = &check->check.limit;
    char reading[128], bounds[128], u_max[48] = "not stated", text[TEXT_SIZE], cleaned[TEXT_SIZE];
    pb_check_describe_reading(check, "+-", reading, sizeof reading);
    pb_limit_describe(limit, bounds, sizeof bounds);
    if (limit->u_max) pb_quantity_format(limit->u_max, limit->unit, 4, u_max, sizeof u_max);
    snprintf(
        text, sizeof text,
        "reading: %s\nlimit: %s (%s)\nclause: %s\nsource: %s\nconfidence: %s%s\nu_max: %s\ndecision rule: %s (%s)%s%s\n",
        reading, bounds, limit->id, limit->clause, limit->source, pb_confidence_name(limit->confidence),
        pb_confidence_is_unverified(limit->confidence) ? ", unverified" : "", u_max, pb_rule_name(check->check.rule),
        pb_rule_risk(check->check.rule), check->check.is_strict ? "\nstrict: an unverified limit decides nothing" : "",
        check->check.is_advisory ? "\nadvisory: rests on an inferred or remembered step alone" : "");
    begin(document, "system-out");
    note(document, xmlTextWriterWriteString(document->writer, BAD_CAST clean(text, cleaned, sizeof cleaned)));
    end(document);
}

static void write_check(struct document *document, const struct pb_summary_case *of, const struct pb_summary_step *step,
                        const struct pb_summary_check *check) {
    bool is_timed = check->judged_at.ns != PB_INSTANT_NEVER.ns && step->began.ns != PB_INSTANT_NEVER.ns;
    begin_testcase(document, of, check->check.id, is_timed ? pb_between(step->began, check->judged_at) : PB_SPAN_ZERO);
    write_outcome(document, pb_check_shown_verdict(check), pb_check_shown_reason(check), check->check.text);
    write_basis(document, check);
    end(document);
}

static void write_skipped(struct document *document, const struct pb_summary_case *of, const char *name,
                          const char *reason) {
    begin_testcase(document, of, name, PB_SPAN_ZERO);
    begin(document, "skipped");
    attribute(document, "message", *reason ? reason : "not run");
    end(document);
    end(document);
}

static void write_case_verdict(struct document *document, const struct pb_summary_case *of, enum pb_verdict verdict) {
    begin_testcase(document, of, "(case)", case_span(of));
    write_outcome(document, verdict, of->reason[0] ? of->reason : "the bench gave this verdict without a reason", "");
    end(document);
}

static void write_step(struct document *document, const struct pb_summary_case *of,
                       const struct pb_summary_step *step) {
    char name[80];
    snprintf(name, sizeof name, "%s/%s", of->id, step->id);
    if (step->mode == PB_STEP_NOT_RUN) write_skipped(document, of, name, step->reason);
    for (size_t i = step->first_check; i < step->first_check + step->check_count; i++)
        write_check(document, of, step, &document->summary->checks[i]);
}

/* --- suites ------------------------------------------------------------------------------------------------------- */

/* "played.found = 3": one property for each evidence word that occurs among the steps of a mode. */
static void write_mode_counts(struct document *document, const struct pb_summary_case *of) {
    static const struct {
        enum pb_step_mode mode;
        const char *word;
    } shown[] = {{PB_STEP_JUDGED, "judged"}, {PB_STEP_PLAYED, "played"}, {PB_STEP_NOT_OBSERVABLE, "not_observable"}};
    int64_t counts[PB_STEP_MODE_COUNT][PB_STEP_EVIDENCE_COUNT] = {0};
    const struct pb_summary_step *steps = document->summary->steps + of->first_step;
    for (size_t i = 0; i < of->step_count; i++) counts[steps[i].mode][pb_step_evidence_find(steps[i].evidence)]++;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        for (int evidence = 0; evidence < PB_STEP_EVIDENCE_COUNT; evidence++) {
            int64_t count = counts[shown[i].mode][evidence];
            char name[64], value[24];
            snprintf(name, sizeof name, "%s.%s", shown[i].word, pb_step_evidence_name((enum pb_step_evidence)evidence));
            snprintf(value, sizeof value, "%" PRId64, count);
            if (count) property(document, name, value);
        }
}

static bool is_same_row(const struct pb_limit *a, const struct pb_limit *b) {
    return strcmp(a->id, b->id) == 0 && a->min == b->min && a->max == b->max && a->confidence == b->confidence &&
           strcmp(a->clause, b->clause) == 0;
}

/* A property for each limit row that the case's checks use, and for each decision rule. */
static void write_limits(struct document *document, const struct pb_summary_check *checks, size_t count) {
    bool uses_rule[PB_RULE_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        const struct pb_limit *limit = &checks[i].check.limit;
        uses_rule[checks[i].check.rule] = true;
        size_t first = 0;
        while (!is_same_row(&checks[first].check.limit, limit)) first++;
        if (first < i) continue;
        char name[64], bounds[128], value[280];
        pb_limit_describe(limit, bounds, sizeof bounds);
        snprintf(name, sizeof name, "limit.%s", limit->id);
        snprintf(value, sizeof value, "%s; %s; %s%s", bounds, limit->clause, pb_confidence_name(limit->confidence),
                 pb_confidence_is_unverified(limit->confidence) ? ", unverified" : "");
        property(document, name, value);
    }
    for (size_t i = 0; i < PB_RULE_COUNT; i++)
        if (uses_rule[i]) {
            property(document, "decision_rule", pb_rule_name((enum pb_rule)i));
            property(document, "decision_risk", pb_rule_risk((enum pb_rule)i));
        }
}

/* Of a pair under test: "at_fault", and "at_fault.S1/13/closes" for each failed check. */
static void write_faults(struct document *document, const struct pb_summary_case *of,
                         const struct pb_summary_check *checks, size_t count) {
    if (of->side == PB_SIDE_NONE) return;
    property(document, "at_fault", pb_side_name(of->side));
    for (size_t i = 0; i < count; i++) {
        char name[sizeof checks->check.id + 16], value[PB_FAULT_WHY_SIZE + 32];
        if (checks[i].side == PB_SIDE_NONE) continue;
        snprintf(name, sizeof name, "at_fault.%s", checks[i].check.id);
        snprintf(value, sizeof value, "%s: %s", pb_side_name(checks[i].side), checks[i].fault);
        property(document, name, value);
    }
}

static void write_properties(struct document *document, const struct pb_summary_case *of) {
    const struct pb_summary *summary = document->summary;
    begin(document, "properties");
    property(document, "title", of->title);
    property(document, "source", of->source);
    int64_t unverified = pb_summary_unverified_in(summary, of);
    char value[80];
    pb_summary_verdict_describe(of->verdict, unverified, value, sizeof value);
    property(document, "verdict", value);
    snprintf(value, sizeof value, "%" PRId64, unverified);
    property(document, "unverified", value);
    if (of->is_reconstructed) property(document, "reconstructed", "true");
    for (size_t i = 0; i < document->facts->other_count; i++) {
        const struct pb_report_fact *fact = &document->facts->others[i];
        if (fact->value) property(document, fact->name, fact->value);
    }
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++) {
        const struct pb_summary_step *step = &summary->steps[i];
        char name[48];
        if (!step->notes) continue;
        snprintf(name, sizeof name, "injects.%s", step->id);
        if (step->notes->injects[0]) property(document, name, step->notes->injects);
        snprintf(name, sizeof name, "mutated.%s", step->id);
        if (step->notes->mutated[0]) property(document, name, step->notes->mutated);
    }
    write_mode_counts(document, of);
    size_t first = of->step_count ? summary->steps[of->first_step].first_check : 0, count = 0;
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++) count += summary->steps[i].check_count;
    write_limits(document, summary->checks + first, count);
    write_faults(document, of, summary->checks + first, count);
    end(document);
}

static void write_suite(struct document *document, const struct pb_summary_case *of) {
    struct counts counts = {0};
    count_case(document->summary, of, &counts);
    begin(document, "testsuite");
    attribute(document, "name", of->id);
    attribute_integer(document, "tests", counts.tests);
    attribute_integer(document, "failures", counts.failures);
    attribute_integer(document, "errors", counts.errors);
    attribute_integer(document, "skipped", counts.skipped);
    attribute_time(document, case_span(of));
    if (document->facts->started_utc) attribute(document, "timestamp", document->facts->started_utc);
    write_properties(document, of);
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++)
        write_step(document, of, &document->summary->steps[i]);
    enum pb_verdict own = pb_case_own_verdict(document->summary, of);
    if (own != PB_VERDICT_NONE) write_case_verdict(document, of, own);
    if (of->verdict == PB_VERDICT_NONE) write_skipped(document, of, "(case)", of->reason);
    end(document);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static void write_document(struct document *document) {
    struct counts counts = {0};
    pb_span took = PB_SPAN_ZERO;
    for (size_t i = 0; i < document->summary->case_count; i++) {
        count_case(document->summary, &document->summary->cases[i], &counts);
        took = pb_span_sum(took, case_span(&document->summary->cases[i]));
    }
    note(document, xmlTextWriterSetIndent(document->writer, 1));
    note(document, xmlTextWriterStartDocument(document->writer, NULL, "UTF-8", NULL));
    begin(document, "testsuites");
    attribute(document, "name", "pilotbench");
    attribute_integer(document, "tests", counts.tests);
    attribute_integer(document, "failures", counts.failures);
    attribute_integer(document, "errors", counts.errors);
    attribute_time(document, took);
    for (size_t i = 0; i < document->summary->case_count; i++) write_suite(document, &document->summary->cases[i]);
    end(document);
    note(document, xmlTextWriterEndDocument(document->writer));
}

enum pb_status pb_report_junit(const char *path, const struct pb_summary *summary, const struct pb_report_facts *facts,
                               struct pb_error *error) {
    xmlBufferPtr buffer = xmlBufferCreate();
    struct document document = {
        .writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL, .summary = summary, .facts = facts};
    enum pb_status status = PB_ERR_MEMORY;
    if (document.writer) {
        write_document(&document);
        xmlFreeTextWriter(document.writer);
        if (!document.has_failed)
            status = pb_save_whole(path, xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer), error);
    }
    if (buffer) xmlBufferFree(buffer);
    return status == PB_ERR_MEMORY ? pb_fail(error, status, 0, path, "no room for the document") : status;
}
