/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as one page that needs nothing else: no script, no font, no picture from elsewhere. The worst stands first. */
#include "reports/html.h"

#include "reports/figures/svg.h"
#include "reports/save.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- pieces -------------------------------------------------------------------------------------------------------------- */

void pb_html_verdict(struct pb_html *html, enum pb_verdict verdict, const char *word) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "span");
    pb_markup_attribute_f(markup, "class", "v v-%s", pb_verdict_name(verdict));
    pb_markup_begin(markup, "svg");
    pb_markup_attribute(markup, "viewBox", "-.5 -.5 1 1");
    pb_markup_attribute(markup, "aria-hidden", "true");
    pb_markup_begin(markup, "use");
    pb_markup_attribute_f(markup, "href", "#v-%s", pb_verdict_name(verdict));
    pb_markup_end(markup);
    pb_markup_end(markup);
    pb_markup_text(markup, word);
    pb_markup_end(markup);
}

static void write_symbols(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "svg");
    pb_markup_attribute(markup, "width", "0");
    pb_markup_attribute(markup, "height", "0");
    pb_markup_attribute(markup, "aria-hidden", "true");
    pb_markup_attribute(markup, "style", "position:absolute");
    for (int v = 0; v < PB_VERDICT_COUNT; v++) {
        const struct pb_marker_shape *shape = &pb_marker_shapes[pb_marker_of_verdict((enum pb_verdict)v)];
        char path[400];
        size_t used = 0;
        for (int i = 0; i < shape->line_count; i++)
            for (size_t k = 0; k < (size_t)shape->lines[i].count; k++)
                used += (size_t)snprintf(path + used, sizeof path - used, "%c%g %g", k ? 'L' : 'M',
                                         (double)shape->lines[i].xy[2 * k], (double)shape->lines[i].xy[2 * k + 1]);
        pb_markup_begin(markup, "path");
        pb_markup_attribute_f(markup, "id", "v-%s", pb_verdict_name((enum pb_verdict)v));
        pb_markup_attribute(markup, "d", path);
        pb_markup_end(markup);
    }
    pb_markup_end(markup);
}

void pb_html_foreign(struct pb_html *html, const char *text) { pb_markup_element(&html->markup, "bdi", text); }

void pb_html_begin_scroll(struct pb_html *html, const char *label) {
    pb_markup_begin(&html->markup, "div");
    pb_markup_attribute(&html->markup, "class", "scroll");
    pb_markup_attribute(&html->markup, "role", "group"); /* no landmark: there are many */
    pb_markup_attribute(&html->markup, "tabindex", "0");
    pb_markup_attribute(&html->markup, "aria-label", label);
}

void pb_html_figure(struct pb_html *html, struct pb_scene *scene) {
    char id[24];
    snprintf(id, sizeof id, "f%d", ++html->figure_count);
    pb_svg_write(&html->markup, scene, id);
    pb_scene_finish(scene);
}

void pb_html_scroll_figure(struct pb_html *html, const char *label, struct pb_scene *scene) {
    pb_html_begin_scroll(html, label);
    pb_markup_begin(&html->markup, "div");
    pb_markup_attribute(&html->markup, "class", "figure");
    pb_html_figure(html, scene);
    pb_markup_end(&html->markup);
    pb_markup_end(&html->markup);
}

void pb_html_begin_section(struct pb_html *html, const char *id, const char *title) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "section");
    pb_markup_attribute(markup, "aria-labelledby", id);
    pb_markup_begin(markup, "h2");
    pb_markup_attribute(markup, "id", id);
    pb_markup_text(markup, title);
    pb_markup_end(markup);
}

void pb_html_begin_table(struct pb_html *html, const char *label, const char *class, const char *const *heads,
                         size_t count, unsigned numeric) {
    struct pb_markup *markup = &html->markup;
    pb_html_begin_scroll(html, label);
    pb_markup_begin(markup, "table");
    pb_markup_attribute(markup, "class", class);
    pb_markup_begin(markup, "thead");
    pb_markup_begin(markup, "tr");
    for (size_t i = 0; i < count; i++) {
        pb_markup_begin(markup, "th");
        pb_markup_attribute(markup, "scope", "col");
        if (numeric >> i & 1) pb_markup_attribute(markup, "class", "num");
        pb_markup_text(markup, heads[i]);
        pb_markup_end(markup);
    }
    pb_markup_end(markup);
    pb_markup_end(markup);
}

void pb_html_case_id(const struct pb_summary_case *of, char *ret_text, size_t size) {
    snprintf(ret_text, size, "case-%d", of->case_no);
}

const struct pb_summary_case *pb_html_case_of(const struct pb_summary *summary, int32_t case_no) {
    for (size_t i = 0; i < summary->case_count; i++)
        if (summary->cases[i].case_no == case_no) return &summary->cases[i];
    return &summary->cases[0];
}

const struct pb_summary_step *pb_html_step_of(const struct pb_summary *summary, const struct pb_summary_check *check) {
    size_t at = (size_t)(check - summary->checks), low = 0, high = summary->step_count;
    while (high - low > 1) { /* steps own ascending ranges of checks */
        size_t middle = (low + high) / 2;
        if (summary->steps[middle].first_check <= at) low = middle;
        else high = middle;
    }
    while (low > 0 && !summary->steps[low].check_count) low--;
    return &summary->steps[low];
}

bool pb_html_is_reached(const struct pb_summary_step *step) { return step->began.ns != PB_INSTANT_NEVER.ns; }

const char *pb_html_actor_label(const char *actor, char *ret_text, size_t size) {
    static const char *const labels[][2] = {{"customer", "Customer"}, {"evse", "EVSE"}, {"pev", "PEV"},
                                            {"esci", "ESCI"},         {"eumd", "EUMD"}, {"utility", "Utility"}};
    const char *label = actor;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strcmp(labels[i][0], actor) == 0) label = labels[i][1];
    snprintf(ret_text, size, "%s", label);
    return ret_text;
}

bool pb_html_is_dut(const struct pb_html *html, const char *actor) {
    const char *list = pb_reader_header(html->reader, "dut_actors");
    size_t length = strlen(actor);
    for (const char *at = list; at && length && (at = strstr(at, actor)); at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || !at[length])) return true;
    return false;
}

/* --- head of the page ---------------------------------------------------------------------------------------------------- */

static void write_case_names(struct pb_html *html) {
    const struct pb_summary *summary = html->summary;
    for (size_t i = 0; i < summary->case_count && i < 6; i++)
        pb_markup_text_f(&html->markup, "%s%s", i ? ", " : "", summary->cases[i].id);
    if (summary->case_count > 6) pb_markup_text_f(&html->markup, " and %zu more", summary->case_count - 6);
}

static const char *header_or(struct pb_html *html, const char *key, const char *otherwise) {
    const char *value = pb_reader_header(html->reader, key);
    return value && *value ? value : otherwise;
}

static void write_head(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "head");
    pb_markup_begin(markup, "meta");
    pb_markup_attribute(markup, "charset", "utf-8");
    pb_markup_end(markup);
    pb_markup_begin(markup, "meta");
    pb_markup_attribute(markup, "name", "viewport");
    pb_markup_attribute(markup, "content", "width=device-width, initial-scale=1");
    pb_markup_end(markup);
    pb_markup_begin(markup, "title");
    pb_markup_text_f(markup, "%s: %s, ", pb_verdict_name(html->summary->verdict),
                     header_or(html, "dut", "device under test"));
    write_case_names(html);
    pb_markup_end(markup);
    pb_markup_begin(markup, "style");
    pb_svg_write_style(markup);
    pb_markup_raw(markup, pb_html_style);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static const char *plural(int64_t count) { return count == 1 ? "" : "s"; }

static void write_counts(struct pb_html *html) {
    const struct pb_summary_counts *n = &html->summary->counts;
    struct pb_markup *markup = &html->markup;
    int64_t planned = n->passed + n->failed + n->inconc + n->error;
    pb_markup_begin(markup, "p");
    pb_markup_text_f(markup, "%" PRId64 " of %" PRId64 " checks passed", n->passed, planned);
    const struct {
        int64_t count;
        const char *word;
    } rest[] = {{n->failed, "failed"}, {n->inconc, "inconclusive"}, {n->error, "in error"}};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        if (rest[i].count) pb_markup_text_f(markup, ", %" PRId64 " %s", rest[i].count, rest[i].word);
    pb_markup_text_f(markup,
                     ". %" PRId64 " case%s; steps only played: %" PRId64 ", not observable: %" PRId64
                     ", not run: %" PRId64 ".",
                     n->cases, plural(n->cases), n->played, n->not_observable, n->not_run);
    pb_markup_end(markup);
    if (!n->unverified) return;
    pb_markup_begin(markup, "p");
    pb_markup_begin(markup, "strong");
    pb_markup_text_f(markup, "%" PRId64 " on unverified limits", n->unverified);
    pb_markup_end(markup);
    pb_markup_text(markup, n->unverified == 1
                               ? ": this limit is to be compared with the standard before anybody relies on it."
                               : ": these limits are to be compared with the standard before anybody relies on them.");
    pb_markup_end(markup);
}

static void write_warnings(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    if (html->is_changed) {
        pb_markup_begin(markup, "p");
        pb_markup_classed(markup, "strong", "v-fail", "The record is not what was written: ");
        pb_html_foreign(html, html->verify.finding);
        pb_markup_end(markup);
    } else if (!html->summary->is_closed)
        pb_markup_element(
            markup, "p",
            "The run was not closed: it was killed or its end is missing. What is here was recorded before.");
}

/* What a reader must know of the whole run before any verdict of it. */
static void write_nature(struct pb_html *html) {
    const char *self_test = pb_reader_header(html->reader, "self_test"),
               *mutate = pb_reader_header(html->reader, "mutate");
    struct pb_markup *markup = &html->markup;
    if (self_test) {
        pb_markup_begin(markup, "p");
        pb_markup_element(markup, "strong", self_test);
        pb_markup_text(markup, ". It says nothing of any product.");
        pb_markup_end(markup);
    }
    if (!mutate) return;
    pb_markup_begin(markup, "p");
    pb_markup_element(markup, "strong", "Messages to the device were mutated: ");
    pb_html_foreign(html, mutate);
    pb_markup_end(markup);
}

/* "pass (4 on unverified limits)", and how the steps behind it are known. */
static void write_top_line(struct pb_html *html) {
    const struct pb_summary_counts *n = &html->summary->counts;
    char text[200];
    pb_summary_verdict_describe(html->summary->verdict, n->unverified, text, sizeof text);
    pb_markup_begin(&html->markup, "p");
    pb_markup_element(&html->markup, "strong", text);
    if (html->summary->side != PB_SIDE_NONE) {
        pb_markup_text(&html->markup, ", at fault: ");
        pb_markup_element(&html->markup, "strong", pb_side_name(html->summary->side));
    }
    for (int mode = PB_STEP_JUDGED; mode <= PB_STEP_NOT_OBSERVABLE; mode++) {
        pb_summary_evidence_describe(n, (enum pb_step_mode)mode, text, sizeof text);
        if (text[0])
            pb_markup_text_f(&html->markup, "%s steps %s: %s", mode == PB_STEP_JUDGED ? "." : ";",
                             pb_step_mode_name((enum pb_step_mode)mode), text);
    }
    pb_markup_end(&html->markup);
}

static void write_verdict(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    const char *name = pb_verdict_name(html->summary->verdict);
    pb_markup_begin(markup, "div");
    pb_markup_attribute_f(markup, "class", "verdict %s", name);
    pb_markup_begin(markup, "p");
    pb_markup_attribute(markup, "class", "word");
    pb_html_verdict(html, html->summary->verdict, name);
    pb_markup_end(markup);
    pb_markup_begin(markup, "div");
    write_nature(html);
    write_top_line(html);
    write_counts(html);
    write_warnings(html);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static void write_top(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "header");
    pb_markup_attribute(markup, "class", "top page");
    pb_markup_begin(markup, "p");
    pb_markup_attribute(markup, "class", "kicker");
    pb_markup_text(markup, "Pilotbench test report: ");
    write_case_names(html);
    pb_markup_end(markup);
    pb_markup_begin(markup, "h1");
    pb_html_foreign(html, header_or(html, "dut", "Device under test"));
    pb_markup_end(markup);
    write_verdict(html);
    pb_markup_end(markup);
}

/* --- facts --------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *key, *label; /* key NULL: label is a group's heading */
    const char *without;     /* what a record without it means; NULL: not stated */
} header_facts[] = {{NULL, "Item tested", NULL},
                    {"dut", "Name", NULL},
                    {"dut_maker", "Maker", NULL},
                    {"dut_model", "Model", NULL},
                    {"dut_serial", "Serial number", NULL},
                    {"dut_firmware", "Firmware", NULL},
                    {"dut_actors", "Plays", NULL},
                    {NULL, "Bench and rules", NULL},
                    {"bench", "Bench", NULL},
                    {"clock", "Clock", NULL},
                    {"limits", "Limits", NULL},
                    {"decision_rule", "Decision rule", NULL},
                    {"decision_risk", "Its risk", NULL},
                    {"strict_limits", "Strict limits", "no"},
                    {"mutate", "Messages damaged", "no"},
                    {"self_test", "Self-test", "no"},
                    {NULL, "Run", NULL},
                    {"started_utc", "Started", NULL},
                    {"seed", "Seed", NULL},
                    {"version", "Made by", NULL},
                    {"compiler", "Compiler", NULL},
                    {"host", "Machine", NULL},
                    {"kernel", "Kernel", NULL}};
enum { HEADER_FACT_COUNT = sizeof header_facts / sizeof *header_facts };

static void begin_fact(struct pb_html *html, const char *label) {
    pb_markup_element(&html->markup, "dt", label);
    pb_markup_begin(&html->markup, "dd");
}

static void write_fact(struct pb_html *html, const char *label, const char *value, const char *without) {
    begin_fact(html, label);
    if (value && *value) pb_html_foreign(html, value);
    else if (without) pb_markup_text(&html->markup, without);
    else pb_markup_classed(&html->markup, "span", "muted", "not stated");
    pb_markup_end(&html->markup);
}

static bool is_header_fact(const char *name) {
    for (size_t i = 0; i < HEADER_FACT_COUNT; i++)
        if (header_facts[i].key && strcmp(header_facts[i].key, name) == 0) return true;
    return false;
}

static void write_setting(struct pb_html *html, const char *key, const char *value) {
    if (strncmp(key, "set_", 4) != 0) return;
    begin_fact(html, "Set by hand");
    pb_markup_classed(&html->markup, "code", "mono", value);
    pb_markup_end(&html->markup);
}

static enum pb_status visit_header(void *user, const char *key, const char *value) {
    write_setting(user, key, value);
    return PB_OK;
}

static void write_record_facts(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    char text[80];
    pb_span_describe(pb_between(PB_INSTANT_ZERO, html->summary->ended), text, sizeof text);
    write_fact(html, "Bench time", text, NULL);
    for (size_t i = 0; i < html->facts->other_count; i++)
        if (html->facts->others[i].value && !is_header_fact(html->facts->others[i].name))
            write_fact(html,
                       strcmp(html->facts->others[i].name, "run_file") == 0 ? "Run file" : html->facts->others[i].name,
                       html->facts->others[i].value, NULL);
    begin_fact(html, "Record");
    if (html->is_changed)
        pb_markup_text_f(markup, "changed after it was written; %" PRId64 " rows right", html->verify.rows);
    else
        pb_markup_text_f(markup, "%" PRId64 " rows as written, %s", html->verify.rows,
                         html->verify.is_closed ? "closed" : "not closed");
    pb_markup_end(markup);
    begin_fact(html, "Chain head");
    for (size_t i = 0; i < 32; i++) snprintf(text + 2 * i, sizeof text - 2 * i, "%02x", html->verify.head[i]);
    pb_markup_classed(markup, "code", "mono", text);
    pb_markup_end(markup);
}

static void write_facts(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    bool is_in_group = false;
    pb_html_begin_section(html, "facts", "What was tested, and how");
    pb_markup_begin(markup, "div");
    pb_markup_attribute(markup, "class", "facts");
    for (size_t i = 0; i < HEADER_FACT_COUNT; i++) {
        if (header_facts[i].key) {
            write_fact(html, header_facts[i].label, pb_reader_header(html->reader, header_facts[i].key),
                       header_facts[i].without);
            continue;
        }
        if (is_in_group) pb_markup_end(markup), pb_markup_end(markup);
        is_in_group = true;
        pb_markup_begin(markup, "div");
        pb_markup_element(markup, "h3", header_facts[i].label);
        pb_markup_begin(markup, "dl");
    }
    write_record_facts(html);
    if (html->status == PB_OK) html->status = pb_reader_each_header(html->reader, visit_header, html, html->error);
    for (int i = 0; i < 4; i++) pb_markup_end(markup);
}

/* --- cases --------------------------------------------------------------------------------------------------------------- */

static void write_case_line(struct pb_html *html, const struct pb_summary_case *of) {
    struct pb_markup *markup = &html->markup;
    char id[24], took[48] = "-";
    int64_t counts[PB_VERDICT_COUNT] = {0}, planned = 0;
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++)
        for (size_t k = 0; k < html->summary->steps[i].check_count; k++, planned++)
            counts[pb_check_shown_verdict(&html->summary->checks[html->summary->steps[i].first_check + k])]++;
    pb_html_case_id(of, id, sizeof id);
    if (of->began.ns != PB_INSTANT_NEVER.ns) pb_span_describe(pb_between(of->began, of->ended), took, sizeof took);
    pb_markup_begin(markup, "tr");
    pb_markup_begin(markup, "th");
    pb_markup_attribute(markup, "scope", "row");
    pb_markup_begin(markup, "a");
    pb_markup_attribute_f(markup, "href", "#%s", id);
    pb_html_foreign(html, of->id);
    pb_markup_end(markup);
    pb_markup_end(markup);
    pb_markup_begin(markup, "td");
    pb_html_verdict(html, of->verdict, pb_verdict_name(of->verdict));
    pb_markup_end(markup);
    pb_markup_begin(markup, "td");
    pb_markup_attribute(markup, "class", "num");
    pb_markup_text_f(markup, "%" PRId64 " of %" PRId64, counts[PB_VERDICT_PASS], planned);
    pb_markup_end(markup);
    pb_markup_classed(markup, "td", "num", took);
    pb_markup_begin(markup, "td");
    if (of->is_reconstructed) pb_markup_text(&html->markup, pb_case_mark(of));
    pb_html_foreign(html, of->title);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static void write_case_table(struct pb_html *html) {
    static const char *const heads[] = {"Case", "Verdict", "Checks passed", "Bench time", "Title"};
    struct pb_markup *markup = &html->markup;
    pb_html_begin_section(html, "cases", "Cases");
    pb_html_begin_table(html, "Cases and their verdicts", "wide", heads, sizeof heads / sizeof *heads, 1 << 2 | 1 << 3);
    pb_markup_begin(markup, "tbody");
    for (size_t i = 0; i < html->summary->case_count; i++) write_case_line(html, &html->summary->cases[i]);
    for (int i = 0; i < 4; i++) pb_markup_end(markup);
}

/* --- how to read it, inputs, end ----------------------------------------------------------------------------------------- */

static void write_legend(struct pb_html *html) {
    static const char *const verdicts[] = {"nothing of it was judged", "shown to hold",
                                           "neither shown to hold nor to fail", "shown not to hold: the product",
                                           "the bench failed, nothing is said of the product"};
    static const char *const others[][2] = {
        {"value \xC2\xB1 U", "U is the expanded uncertainty, k = 2 (about 95 %)"},
        {"*", "the step is inferred, remembered or added by us: no source text says it"},
        {"found, carried", "the step stands in the source, or in a sibling use case"},
        {"played", "done by the bench; nothing is judged"},
        {"not observable", "happens inside the item tested, or between parts of it"},
        {"V, V2", "limit read in a primary document; in a secondary one that quotes it"},
        {"C, DUT", "limit computed; stated by the item's maker"},
        {"K, U", "limit from own knowledge; uncertain. Both are unverified"},
        {"shaded time", "compressed: the figure below it is its length"}};
    struct pb_markup *markup = &html->markup;
    pb_html_begin_section(html, "legend", "How to read this");
    pb_markup_begin(markup, "div");
    pb_markup_attribute(markup, "class", "legend");
    pb_markup_begin(markup, "dl");
    for (int v = PB_VERDICT_PASS; v < PB_VERDICT_COUNT; v++) {
        pb_markup_begin(markup, "dt");
        pb_html_verdict(html, (enum pb_verdict)v, pb_verdict_name((enum pb_verdict)v));
        pb_markup_end(markup);
        pb_markup_element(markup, "dd", verdicts[v]);
    }
    pb_markup_end(markup);
    pb_markup_begin(markup, "dl");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        pb_markup_element(markup, "dt", others[i][0]);
        pb_markup_element(markup, "dd", others[i][1]);
    }
    for (int i = 0; i < 3; i++) pb_markup_end(markup);
}

static void write_input(struct pb_html *html, const char *label, const char *text) {
    struct pb_markup *markup = &html->markup;
    pb_markup_begin(markup, "details");
    pb_markup_element(markup, "summary", label);
    pb_markup_begin(markup, "pre");
    pb_markup_attribute(markup, "tabindex", "0");
    pb_markup_attribute(markup, "role", "group");
    pb_markup_attribute(markup, "aria-label", label);
    pb_markup_text(markup, text);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

static void write_inputs(struct pb_html *html) {
    static const struct {
        const char *key, *label;
    } files[] = {{"bench_file", "Bench file"}, {"dut_file", "DUT statement"}, {"limits_file", "Limits file"}};
    pb_html_begin_section(html, "inputs", "Inputs, as they were");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *text = pb_reader_header(html->reader, files[i].key);
        if (text) write_input(html, files[i].label, text);
    }
    for (int number = 2;; number++) { /* later ones replace rows of earlier ones */
        char key[32], label[32];
        snprintf(key, sizeof key, "limits_file_%d", number);
        snprintf(label, sizeof label, "Limits file, %d", number);
        const char *text = pb_reader_header(html->reader, key);
        if (!text) break;
        write_input(html, label, text);
    }
    pb_markup_end(&html->markup);
}

static void write_footer(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    char id[24];
    for (size_t i = 0; i < 8; i++) snprintf(id + 2 * i, sizeof id - 2 * i, "%02x", html->verify.head[i]);
    pb_markup_begin(markup, "footer");
    pb_markup_attribute(markup, "class", "page");
    pb_markup_element(
        markup, "p",
        "These results relate only to the item tested, in the condition in which it was tested, and to the checks listed here. "
        "The verdicts follow from the run file by the decision rule named above; it can be judged again from that file.");
    pb_markup_begin(markup, "p");
    pb_markup_attribute(markup, "class", "end");
    pb_markup_text_f(markup, "End of report %s", id);
    pb_markup_end(markup);
    pb_markup_end(markup);
}

/* --- the page ------------------------------------------------------------------------------------------------------------ */

static void write_page(struct pb_html *html) {
    struct pb_markup *markup = &html->markup;
    pb_markup_raw(markup, "<!DOCTYPE html>\n");
    pb_markup_begin(markup, "html");
    pb_markup_attribute(markup, "lang", "en");
    pb_markup_attribute(markup, "xmlns", "http://www.w3.org/1999/xhtml");
    write_head(html);
    pb_markup_begin(markup, "body");
    pb_markup_begin(markup, "a");
    pb_markup_attribute(markup, "class", "skip");
    pb_markup_attribute(markup, "href", "#main");
    pb_markup_text(markup, "Skip to the results");
    pb_markup_end(markup);
    write_symbols(html);
    write_top(html);
    pb_markup_begin(markup, "main");
    pb_markup_attribute(markup, "class", "page");
    pb_markup_attribute(markup, "id", "main");
    pb_html_write_failures(html);
    write_case_table(html);
    write_facts(html);
    for (size_t i = 0; i < html->summary->case_count; i++) pb_html_write_case(html, &html->summary->cases[i]);
    pb_html_write_not_judged(html);
    write_legend(html);
    write_inputs(html);
    pb_markup_end(markup);
    write_footer(html);
    pb_markup_end(markup);
    pb_markup_end(markup);
    pb_markup_raw(markup, "\n");
}

static enum pb_status verify(struct pb_html *html) {
    enum pb_status status = pb_reader_verify(html->reader, &html->verify, html->error);
    html->is_changed = status == PB_ERR_CHANGED;
    return html->is_changed ? PB_OK : status;
}

enum pb_status pb_report_html(const char *path, struct pb_reader *reader, const struct pb_summary *summary,
                              const struct pb_report_facts *facts, struct pb_error *error) {
    struct pb_html html = {.reader = reader, .summary = summary, .facts = facts, .error = error};
    enum pb_status status = verify(&html);
    if (status == PB_OK) status = pb_story_read(reader, &html.story, error);
    if (status != PB_OK) return status;
    if (!pb_story_make_tracks(&html.story, &html.tracks)) html.markup.has_failed = true;
    write_page(&html);
    status = html.status;
    if (status == PB_OK && html.markup.has_failed)
        status = pb_fail(error, PB_ERR_MEMORY, 0, path, "no room for the page");
    if (status == PB_OK) status = pb_save_whole(path, html.markup.bytes, html.markup.count, error);
    pb_story_free_tracks(&html.tracks);
    pb_story_finish(&html.story);
    pb_markup_finish(&html.markup);
    return status;
}
