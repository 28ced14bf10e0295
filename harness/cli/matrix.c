/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `pilotbench list --matrix`. The defects stand in fixtures/kill-matrix.csv, which a test writes and compares; the tags, which are ours, in
 * fixtures/use-case-tags.csv. Pathways are the ten pairs of the five nodes of the Californian working group, which has no node for a utility. */
#include "harness/cli/matrix.h"

#include "messages/catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum column {
    CASE,
    STEP,
    SEED,
    EVIDENCE,
    ACTOR,
    TO,
    TEXT,
    MODE,
    WHY,
    CHECK,
    DEMANDS,
    KILLED_BY,
    PATHWAY,
    PROTOCOL,
    TAGS,
    COLUMNS
};
static const char *const titles[COLUMNS] = {"case",    "step",      "seed",    "evidence", "actor",
                                            "to",      "text",      "mode",    "why",      "check",
                                            "demands", "killed by", "pathway", "protocol", "tags"};

enum pb_matrix_form pb_matrix_form_of(const char *text) {
    if (!text || strcmp(text, "csv") == 0) return PB_MATRIX_CSV;
    return strcmp(text, "html") == 0 ? PB_MATRIX_HTML : PB_MATRIX_NONE;
}

/* ---- tables of two columns, "key,value" ---- */

struct pairs {
    char *text;
    struct pair {
        const char *key, *value;
    } * rows;
    size_t count;
};

static void finish_pairs(struct pairs *pairs) {
    free(pairs->text);
    free(pairs->rows);
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

static enum pb_status read_pairs(const char *data, const char *name, struct pairs *ret_pairs, struct pb_error *error) {
    char path[4400];
    size_t size = 0, lines = 0;
    struct pairs pairs = {0};
    snprintf(path, sizeof path, "%s/fixtures/%s", data, name);
    FILE *file = fopen(path, "re");
    *ret_pairs = pairs;
    if (!file) return PB_OK;
    ssize_t length = getdelim(&pairs.text, &size, 0, file);
    fclose(file);
    if (length < 0) {
        free(pairs.text);
        return PB_OK;
    }
    for (const char *c = pairs.text; *c; c++) lines += *c == '\n';
    pairs.rows = calloc(lines + 1, sizeof *pairs.rows);
    if (!pairs.rows) {
        free(pairs.text);
        return pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory");
    }
    for (char *rest = pairs.text, *line; (line = strsep(&rest, "\n"));) {
        char *comma = strchr(line, ',');
        if (!comma) continue;
        *comma = 0;
        pairs.rows[pairs.count++] = (struct pair){line, comma + 1};
    }
    qsort(pairs.rows, pairs.count, sizeof *pairs.rows, by_key);
    *ret_pairs = pairs;
    return PB_OK;
}

static const char *find(const struct pairs *pairs, const char *key) {
    const struct pair *found =
        pairs->count ? bsearch(&(struct pair){key, NULL}, pairs->rows, pairs->count, sizeof *pairs->rows, by_key)
                     : NULL;
    return found ? found->value : "";
}

/* Of the case itself, else of what stands before its first '-'. */
static const char *tags_of(const struct pairs *tags, const char *id) {
    char stem[48];
    const char *found = find(tags, id);
    if (*found) return found;
    snprintf(stem, sizeof stem, "%.*s", (int)strcspn(id, "-+"), id);
    return find(tags, stem);
}

/* ---- pathway and protocol ---- */

enum node { NSP, BMS, EVSE, EV, CUSTOMER };
static const char *const node_names[] = {"NSP", "BMS", "EVSE", "EV", "Customer"};
static const enum node nodes[PB_ACTOR_COUNT] = {
    [PB_ACTOR_CUSTOMER] = CUSTOMER, [PB_ACTOR_EVSE] = EVSE, [PB_ACTOR_PEV] = EV,
    [PB_ACTOR_ESCI] = BMS,          [PB_ACTOR_EUMD] = EVSE, [PB_ACTOR_UTILITY] = NSP};

/* Shows on the plug: the pilot, the contactor. */
static bool is_of_plug(const struct pb_step *step) {
    return step->does.write_count > 0 || step->sees_count || step->holds_count || step->does.deed == PB_DEED_TAKE_RATE;
}

/* "EVSE-EV"; "" for what stays within a node. */
static void pathway_of(const struct pb_step *step, char *ret_text, size_t size) {
    bool is_plug = !step->says && is_of_plug(step);
    snprintf(ret_text, size, "%s", is_plug ? "EVSE-EV" : "");
    if (is_plug) return;
    if (step->to >= PB_ACTOR_COUNT) return;
    enum node a = nodes[step->actor], b = nodes[step->to];
    if (a != b) snprintf(ret_text, size, "%s-%s", node_names[a < b ? a : b], node_names[a < b ? b : a]);
}

/* One of the working group's eight families, or none. */
static const char *protocol_of(const struct pb_step *step) {
    size_t number = step->says ? pb_catalogue_find(step->says->message.name) : pb_catalogue_count;
    if (number < pb_catalogue_count) {
        if (pb_catalogue[number].sep[0]) return "IEEE 2030.5";
        if (strcmp(step->says->message.name, "charger_capability") == 0) return "ISO 15118";
        return step->actor == PB_ACTOR_CUSTOMER || step->to == PB_ACTOR_CUSTOMER ? "none: a screen or the internet"
                                                                                 : "none found";
    }
    return is_of_plug(step) ? "SAE J1772" : "";
}

/* ---- forms ---- */

static void put_csv(FILE *file, const char *text, char after) {
    if (!strpbrk(text, ",\"\n")) {
        fprintf(file, "%s%c", text, after);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"') fputc('"', file);
        fputc(*text, file);
    }
    fprintf(file, "\"%c", after);
}

static void put_html(FILE *file, const char *text) {
    for (; *text; text++) {
        if (*text == '&') fputs("&amp;", file);
        else if (*text == '<') fputs("&lt;", file);
        else if (*text == '>') fputs("&gt;", file);
        else fputc(*text, file);
    }
}

static void put_row(FILE *file, const char *const cells[COLUMNS], enum pb_matrix_form form, const char *cell_name) {
    if (form == PB_MATRIX_CSV) {
        for (int i = 0; i < COLUMNS; i++) put_csv(file, cells[i], i + 1 < COLUMNS ? ',' : '\n');
        return;
    }
    fputs("<tr>", file);
    for (int i = 0; i < COLUMNS; i++) {
        fprintf(file, "<%s>", cell_name);
        put_html(file, cells[i]);
        fprintf(file, "</%s>", cell_name);
    }
    fputs("</tr>\n", file);
}

static void put_head(FILE *file, enum pb_matrix_form form) {
    static const char head[] =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Traceability</title>\n<style>\n"
        "body{font:14px/1.4 system-ui,sans-serif;margin:1em;color:#222;background:#fff}\n"
        "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:2px 6px;text-align:left;vertical-align:top}\n"
        "th{position:sticky;top:0;background:#eee}td:nth-child(7),td:nth-child(9){min-width:16em}\n"
        "tr:nth-child(even) td{background:#f8f8f8}\n</style></head><body>\n<h1>Steps of the sources, and what checks them"
        "</h1>\n<table><thead>\n";
    if (form == PB_MATRIX_HTML) fputs(head, file);
    put_row(file, titles, form, "th");
    if (form == PB_MATRIX_HTML) fputs("</thead><tbody>\n", file);
}

/* ---- rows ---- */

struct matrix {
    FILE *file;
    const struct pb_plan *plan;
    enum pb_matrix_form form;
    struct pairs kills, tags;
};

static const char *why_no_check(const struct pb_case *in, const struct pb_step *step) {
    if (in->reason[0]) return in->reason;
    if (step->mode == PB_STEP_PLAYED)
        return step->says || step->does.deed != PB_DEED_NONE
                   ? "the bench plays it: a stimulus"
                   : "the bench's own actor: nothing of the device's shows in it";
    return step->reason;
}

static void print_step(struct matrix *matrix, const struct pb_case *in, const struct pb_step *step,
                       size_t *next_check) {
    const struct pb_plan *plan = matrix->plan;
    char pathway[24];
    pathway_of(step, pathway, sizeof pathway);
    const char *cells[COLUMNS] = {[CASE] = in->id,
                                  [STEP] = step->id,
                                  [SEED] = step->seed,
                                  [EVIDENCE] = step->evidence,
                                  [ACTOR] = pb_actor_name(step->actor),
                                  [TO] = step->to < PB_ACTOR_COUNT ? pb_actor_name(step->to) : "",
                                  [TEXT] = step->text,
                                  [MODE] = pb_step_mode_name(step->mode),
                                  [WHY] = "",
                                  [CHECK] = "",
                                  [DEMANDS] = "",
                                  [KILLED_BY] = "",
                                  [PATHWAY] = pathway,
                                  [PROTOCOL] = protocol_of(step),
                                  [TAGS] = tags_of(&matrix->tags, in->id)};
    size_t first = *next_check;
    for (; *next_check < plan->check_count && plan->checks[*next_check].step_no == step->step_no; ++*next_check) {
        const struct pb_check *check = &plan->checks[*next_check];
        cells[CHECK] = check->id;
        cells[DEMANDS] = check->text;
        cells[KILLED_BY] = find(&matrix->kills, check->id);
        if (check->is_advisory) cells[WHY] = "advisory: the step is inferred, so that it is inconc at worst";
        put_row(matrix->file, cells, matrix->form, "td");
        cells[WHY] = "";
    }
    if (*next_check > first) return;
    cells[WHY] = why_no_check(in, step);
    put_row(matrix->file, cells, matrix->form, "td");
}

enum pb_status pb_matrix_print(FILE *file, const struct pb_plan *plan, const char *data, enum pb_matrix_form form,
                               struct pb_error *error) {
    struct matrix matrix = {.file = file, .plan = plan, .form = form};
    size_t next_check = 0;
    enum pb_status status = read_pairs(data, "kill-matrix.csv", &matrix.kills, error);
    if (status == PB_OK) status = read_pairs(data, "use-case-tags.csv", &matrix.tags, error);
    if (status == PB_OK) {
        put_head(file, form);
        for (size_t c = 0; c < plan->case_count; c++)
            for (size_t i = 0; i < plan->cases[c].step_count; i++)
                print_step(&matrix, &plan->cases[c], &plan->steps[plan->cases[c].first_step + i], &next_check);
        if (form == PB_MATRIX_HTML) fputs("</tbody></table>\n</body></html>\n", file);
        if (fflush(file) != 0 || ferror(file))
            status = pb_fail(error, PB_ERR_IO, errno, "matrix", "it could not be written");
    }
    finish_pairs(&matrix.kills);
    finish_pairs(&matrix.tags);
    return status;
}
