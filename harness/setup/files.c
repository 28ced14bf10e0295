/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/files.md. */
#include "harness/setup/files.h"

#include "harness/setup/tables.h"
#include "instruments/roles/driver.h"

#include <string.h>

static const char *const kinds[] = {[PB_NODE_SCALAR] = "value", [PB_NODE_LIST] = "list", [PB_NODE_MAP] = "map"};

static void print_kind(FILE *out, const struct pb_param *param) {
    switch (param->type) {
    case PB_PARAM_TEXT: fputs("text", out); return;
    case PB_PARAM_BOOL: fputs("true or false", out); return;
    case PB_PARAM_QUANTITY:
        fputs(param->unit == PB_UNIT_NONE ? "whole number" : pb_unit_symbol(param->unit), out);
        return;
    case PB_PARAM_NODE: fputs(kinds[param->node_kind], out); return;
    case PB_PARAM_CHOICE:
        for (size_t i = 0; param->choices[i]; i++) fprintf(out, "%s`%s`", i ? ", " : "", param->choices[i]);
        return;
    }
}

static void print_range(FILE *out, const struct pb_param *param) {
    if (param->min && param->max) fprintf(out, "%s to %s", param->min, param->max);
    else if (param->min || param->max)
        fprintf(out, "%s %s", param->min ? "at least" : "at most", param->min ? param->min : param->max);
}

static void print_table(FILE *out, const struct pb_param *params, size_t count) {
    fputs("| name | value or unit | range | default | meaning |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < count; i++) {
        const struct pb_param *param = &params[i];
        fprintf(out, "| `%s` | ", param->name);
        print_kind(out, param);
        fputs(" | ", out);
        print_range(out, param);
        fprintf(out, " | %s | %s |\n",
                param->is_required ? "**required**"
                : param->fallback  ? param->fallback
                                   : "",
                param->text);
    }
    fputc('\n', out);
}

static void print_file(FILE *out, const char *title, const char *text, const struct pb_param_table *tables) {
    fprintf(out, "## %s\n\n%s\n\n", title, text);
    for (; tables->title; tables++) {
        fprintf(out, "### %s\n\n%s%s", tables->title, tables->text, tables->text[0] ? "\n\n" : "");
        print_table(out, tables->params, tables->count);
    }
}

static void print_channel(FILE *out, const struct pb_channel *channel) {
    char low[40], high[40], safe[40] = "";
    fprintf(out, "| `%s` | `%s` | ", channel->name, channel->role);
    if (!(channel->access & PB_ACCESS_DRIVE)) {
        fputs("seen | | |\n", out);
        return;
    }
    if (!channel->is_kept_when_safe) pb_quantity_format(channel->safe, channel->unit, 6, safe, sizeof safe);
    fprintf(out, "driven%s | %s to %s | %s |\n", channel->energises ? ", can energise" : "",
            pb_quantity_format(channel->min, channel->unit, 6, low, sizeof low),
            pb_quantity_format(channel->max, channel->unit, 6, high, sizeof high), safe[0] ? safe : "kept");
}

static bool has_profile(const struct pb_driver *driver) {
    for (size_t i = 0; i < driver->param_count; i++)
        if (strcmp(driver->params[i].name, "profile") == 0) return true;
    return false;
}

static void print_driver(FILE *out, const struct pb_driver *driver) {
    fprintf(out, "### Instrument with `driver: %s`\n\n%s\n\n", driver->name, driver->summary);
    print_table(out, driver->params, driver->param_count);
    if (driver->rows) {
        fputs(has_profile(driver) ? "Its channels stand in the file that `profile` names (docs/instruments.md).\n\n"
                                  : "Its one channel, `messages`, plays the role that `role` says.\n\n",
              out);
        return;
    }
    fputs("| channel | role | access | range | safe value |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < driver->channel_count; i++) print_channel(out, &driver->channels[i]);
    fputc('\n', out);
}

void pb_setup_print_files(FILE *out) {
    fputs(
        "# Files you write\n\nPrinted by `pilotbench list --files` from the tables that read the files.\n\n"
        "All three are YAML: one document, UTF-8, at most 1 MB, no anchors, aliases or tags, no key twice, no key that is not listed here. A quantity is a\n"
        "number and its unit (`2.74 kohm`, `300 pF`, `-12 V`, `200 ms`, `6 min`, `26.667 %`): prefixes f p n u m k M, for times also min, h and d; no\n"
        "exponent, no leading zero. Truth values are `true` and `false`. A mistake ends the program with exit status 2 and one line: file, line, column,\n"
        "what was found, what was expected.\n\n",
        out);
    print_file(
        out, "Bench file",
        "`--bench FILE`: which instruments there are, which channel plays which role, in which order outputs are made safe. Example: "
        "fixtures/benches/virtual.yaml.\n\nA role that `roles` does not name is bound to the only channel that can play it.",
        pb_bench_tables);
    for (size_t i = 0; pb_drivers[i]; i++) print_driver(out, pb_drivers[i]);
    print_file(
        out, "DUT statement",
        "`--dut FILE`: the device under test, the actors of a use case that it is, and how its process is started where it is "
        "software. Example:\nfixtures/duts/stub-evse.yaml.\n\nSteps of these actors are judged; the bench plays all others. On the simulated clock a device with "
        "actors needs a `process`; its program is\nlooked for beside `pilotbench`, then in `PATH`.",
        pb_dut_tables);
    print_file(
        out, "Limits file",
        "`--limits FILE`: what the standards allow, one row a limit, with clause, source and confidence; the duty law too. Public "
        "figures stand in\nfixtures/limits by standard and edition; j1772-iec61851.yaml includes them and is what is judged by "
        "unless `--limits` says otherwise. `--limits` given\nseveral times: later files replace rows of the same id. A lab puts "
        "its own copy of the edition it bought over the public one:\n`--limits fixtures/limits/j1772-iec61851.yaml --limits "
        "bought.yaml`. The run file keeps the text of every file that was read.",
        pb_limits_tables);
}
