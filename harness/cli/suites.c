/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where suites are, and `pilotbench list`. A case is found by its file's name: S1 is test_suites/FOLDER/S1.lua, also for S1-diode in that file
 * (the part before the first '-'). */
#include "harness/cli/cli.h"
#include "harness/cli/matrix.h"

#include "harness/setup/files.h"
#include "instruments/roles/driver.h"
#include "messages/print.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"use_cases", "control_pilot", "faults", "messages", NULL};

const char *pb_cli_data(void) {
    static char path[4096];
    if (path[0]) return path;
    const char *said = getenv("PB_DATA");
    if (said && said[0]) {
        snprintf(path, sizeof path, "%s", said);
        return path;
    }
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 16);
    path[n > 0 ? n : 0] = 0;
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (slash) *slash = 0;
    }
    char suites[4200];
    snprintf(suites, sizeof suites, "%s/test_suites", path);
    if (access(suites, R_OK) != 0) snprintf(path, sizeof path, PB_DATA_DIR);
    return path;
}

static bool is_executable(const char *path) {
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

/* As the engine will look for it: beside this program, then in PATH. */
static bool is_program(const char *name) {
    char path[4400];
    if (strchr(name, '/')) return is_executable(name);
    ssize_t n = readlink("/proc/self/exe", path, 4096);
    path[n > 0 ? n : 0] = 0;
    char *slash = strrchr(path, '/');
    if (slash) snprintf(slash + 1, 256, "%.255s", name);
    if (slash && is_executable(path)) return true;
    const char *folder = getenv("PATH");
    while (folder && *folder) {
        size_t length = strcspn(folder, ":");
        snprintf(path, sizeof path, "%.*s/%.255s", (int)(length < 4096 ? length : 4096), folder, name);
        if (is_executable(path)) return true;
        folder += length + (folder[length] == ':');
    }
    return false;
}

static bool has_role(const struct pb_bench *bench, const char *role) {
    return pb_bench_role(bench, role) < bench->role_count;
}

static bool has_process(const struct pb_dut *dut, enum pb_actor actor) {
    for (size_t i = 0; i < dut->process_count; i++)
        if (dut->processes[i].actor == actor) return true;
    return false;
}

/* A role that something else than the world in software plays. */
static bool is_real(const struct pb_bench *bench, const char *role) {
    size_t number = pb_bench_role(bench, role);
    return number < bench->role_count && !bench->instruments[bench->roles[number].instrument].driver->time;
}

/* Gateway and utility at the end of real links: all of them, or none. *ret_actors gets who is. */
static enum pb_status check_links(const struct pb_bench *bench, const struct pb_dut *dut, unsigned *ret_actors,
                                  struct pb_error *error) {
    static const struct {
        enum pb_actor actor;
        const char *roles[2];
    } rows[] = {{PB_ACTOR_ESCI, {"esci", "utility"}}, {PB_ACTOR_UTILITY, {"utility", "utility"}}};
    const struct pb_node *place = pb_node_find(pb_doc_root(dut->doc), "actors");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is_first = is_real(bench, rows[i].roles[0]), is_second = is_real(bench, rows[i].roles[1]);
        const char *name = pb_actor_name(rows[i].actor);
        if (!(PB_ACTOR_BIT(rows[i].actor) & dut->actors) || !(is_first || is_second)) continue;
        if (is_first != is_second)
            return pb_doc_mistake(dut->doc, place, error,
                                  "found %s as the device and no real link for role %s, expected one for each of its "
                                  "roles (%s, %s) in the bench %s",
                                  name, rows[i].roles[is_first], rows[i].roles[0], rows[i].roles[1], bench->name);
        if (has_process(dut, rows[i].actor))
            return pb_doc_mistake(dut->doc, place, error,
                                  "found a program for %s, expected none: it is at the end of the bench's real link",
                                  name);
        *ret_actors |= PB_ACTOR_BIT(rows[i].actor);
    }
    return PB_OK;
}

static bool has_world(const struct pb_bench *bench) {
    for (size_t i = 0; i < bench->instrument_count; i++)
        if (bench->instruments[i].driver->time) return true;
    return false;
}

/* In the world in software the DUT is a process of ours: without one, its silence would be taken for the product's. */
static enum pb_status check_startable(const struct pb_bench *bench, const struct pb_dut *dut, struct pb_error *error) {
    const struct pb_node *root = pb_doc_root(dut->doc);
    unsigned on_links = 0;
    enum pb_status status = check_links(bench, dut, &on_links, error);
    if (status != PB_OK || !has_world(bench)) return status;
    if ((dut->actors & ~on_links) && !dut->process_count)
        return pb_doc_mistake(dut->doc, root, error,
                              "found no key \"process\", expected it: %s the device is a program",
                              bench->clock == PB_CLOCK_SIMULATED ? "on simulated time" : "in the world in software");
    bool is_pev = (dut->actors & PB_ACTOR_BIT(PB_ACTOR_PEV)) != 0,
         is_evse = (dut->actors & PB_ACTOR_BIT(PB_ACTOR_EVSE)) != 0;
    for (int i = 0; i < 2 && is_pev && is_evse; i++) { /* one would play the other's part */
        enum pb_actor actor = i ? PB_ACTOR_PEV : PB_ACTOR_EVSE;
        if (!has_process(dut, actor))
            return pb_doc_mistake(dut->doc, pb_node_find(root, "actors"), error,
                                  "found a device that is evse and pev without a process for the %s, expected one for "
                                  "each (fixtures/duts/stub-pair.yaml)",
                                  pb_actor_name(actor));
    }
    if (!dut->actors && (!has_role(bench, "cp.source") || !has_role(bench, "cp.load.s2")))
        return pb_doc_mistake(dut->doc, pb_node_find(root, "actors"), error,
                              "found no actor: nobody is under test, expected a bench that plays both sides (roles "
                              "cp.source and cp.load): fixtures/benches/virtual-evse.yaml");
    if (is_pev && !is_evse && !has_role(bench, "cp.source"))
        return pb_doc_mistake(
            dut->doc, pb_node_find(root, "actors"), error,
            "found a device that is the pev, expected a bench with a pilot generator (role cp.source) "
            "for it: fixtures/benches/virtual-evse.yaml");
    if ((dut->actors & (PB_ACTOR_BIT(PB_ACTOR_EUMD) | PB_ACTOR_BIT(PB_ACTOR_EVSE))) == PB_ACTOR_BIT(PB_ACTOR_EUMD))
        return pb_doc_mistake(dut->doc, pb_node_find(root, "actors"), error,
                              "found a meter (eumd) without an EVSE, expected evse too: its process is the EVSE's");
    for (size_t i = 0; i < dut->process_count; i++)
        if (!is_program(dut->processes[i].argv[0]))
            return pb_doc_mistake(dut->doc, dut->processes[i].node, error,
                                  "found no program '%.80s', expected one beside pilotbench, in PATH, or a path",
                                  dut->processes[i].argv[0]);
    return PB_OK;
}

error_t pb_cli_take_limits(struct argp_state *state, struct pb_cli_limits *limits, const char *path) {
    if (limits->count == PB_CLI_LIMITS_MAX)
        return pb_cli_refuse(state, "found more than %d --limits, expected at most that", PB_CLI_LIMITS_MAX);
    limits->paths[limits->count++] = path;
    return 0;
}

enum pb_status pb_cli_read_inputs(const char *bench, const char *dut, const struct pb_cli_limits *limits,
                                  struct pb_cli_inputs *ret_inputs, struct pb_error *error) {
    char path[4300];
    struct pb_cli_inputs inputs = {0};
    snprintf(path, sizeof path, "%s/fixtures/benches/virtual.yaml", pb_cli_data());
    enum pb_status status = pb_bench_read(bench ? bench : path, &inputs.bench, error);
    if (status != PB_OK) return status;
    snprintf(path, sizeof path, "%s/fixtures/duts/stub-evse.yaml", pb_cli_data());
    status = pb_dut_read(dut ? dut : path, &inputs.dut, error);
    snprintf(path, sizeof path, "%s/fixtures/limits/j1772-iec61851.yaml", pb_cli_data());
    if (status == PB_OK) status = check_startable(&inputs.bench, &inputs.dut, error);
    if (status == PB_OK && !limits->count) status = pb_limits_read(path, &inputs.limits, error);
    for (size_t i = 0; status == PB_OK && i < limits->count; i++)
        status = pb_limits_add(&inputs.limits, limits->paths[i], error);
    if (status != PB_OK) {
        pb_cli_finish_inputs(&inputs);
        return status;
    }
    *ret_inputs = inputs;
    return PB_OK;
}

void pb_cli_finish_inputs(struct pb_cli_inputs *inputs) {
    pb_limits_finish(&inputs->limits);
    if (inputs->dut.doc) pb_dut_finish(&inputs->dut);
    pb_bench_finish(&inputs->bench);
}

static bool is_file_name(const char *name) {
    return strchr(name, '/') || (strlen(name) > 4 && strcmp(name + strlen(name) - 4, ".lua") == 0);
}

enum pb_status pb_cli_load_suite(const char *name, const struct pb_script_setup *setup, struct pb_plan *plan,
                                 struct pb_error *error) {
    char path[4400], stem[64];
    size_t before = plan->case_count;
    if (is_file_name(name)) {
        enum pb_status status = pb_script_load(name, NULL, setup, plan, error);
        if (status == PB_OK && plan->case_count == before)
            return pb_fail(error, PB_ERR_INPUT, 0, name, "found no use_case in the suite, expected at least one");
        return status;
    }
    for (int whole = 1; whole >= 0; whole--) {
        snprintf(stem, sizeof stem, "%.60s", name);
        if (!whole && strchr(stem, '-')) *strchr(stem, '-') = 0;
        for (size_t i = 0; folders[i]; i++) {
            snprintf(path, sizeof path, "%s/test_suites/%s/%s.lua", pb_cli_data(), folders[i], stem);
            if (access(path, R_OK) != 0) continue;
            enum pb_status status = pb_script_load(path, name, setup, plan, error);
            if (status != PB_OK || plan->case_count > before) return status;
        }
    }
    return pb_fail(error, PB_ERR_INPUT, 0, "",
                   "found no case '%.100s', expected one that `pilotbench list` shows, or a .lua file", name);
}

/* ---- pilotbench list ---- */

struct list_options {
    const char *bench, *dut;
    struct pb_cli_limits limits;
    bool words, stubs, files, channels, messages, schema;
    enum pb_matrix_form matrix;
};
static error_t parse_list(int key, char *text, struct argp_state *state) {
    struct list_options *options = state->input;
    switch (key) {
    case 'b': options->bench = text; return 0;
    case 'd': options->dut = text; return 0;
    case 'l': return pb_cli_take_limits(state, &options->limits, text);
    case 'w': options->words = true; return 0;
    case 's': options->stubs = true; return 0;
    case 'f': options->files = true; return 0;
    case 'c': options->channels = true; return 0;
    case 'm': options->messages = true; return 0;
    case 'j': options->schema = true; return 0;
    case 'M':
        options->matrix = pb_matrix_form_of(text);
        return options->matrix ? 0 : pb_cli_refuse(state, "found matrix '%.60s', expected csv or html", text);
    case ARGP_KEY_ARG: return pb_cli_refuse(state, "found '%.100s', expected options only", text);
    case ARGP_KEY_ERROR: return pb_cli_refuse_option(state);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void print_rows(const struct pb_channel *channels, size_t count) {
    for (size_t k = 0; k < count; k++)
        printf("  %-14s %-22s %s%s\n", channels[k].name, channels[k].role,
               channels[k].access & PB_ACCESS_DRIVE ? "driven" : "seen", channels[k].energises ? ", can energise" : "");
}

/* Of the bench, or of every driver that has channels without one. */
static int print_channels(const char *path) {
    struct pb_bench bench = {0};
    struct pb_error error;
    if (path && pb_bench_read(path, &bench, &error) != PB_OK) return pb_cli_complain(&error);
    for (size_t i = 0; i < bench.instrument_count; i++) {
        printf("%s: driver %s\n", bench.instruments[i].name, bench.instruments[i].driver->name);
        print_rows(bench.instruments[i].channels, bench.instruments[i].channel_count);
    }
    for (size_t i = 0; !path && pb_drivers[i]; i++) {
        printf("%s: %s%s\n", pb_drivers[i]->name, pb_drivers[i]->summary,
               pb_drivers[i]->rows ? "; its channels: --channels --bench FILE" : "");
        print_rows(pb_drivers[i]->channels, pb_drivers[i]->channel_count);
    }
    pb_bench_finish(&bench);
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static int is_suite(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".lua") == 0 && entry->d_name[0] != '_';
}

static enum pb_status load_all(const struct pb_script_setup *setup, struct pb_plan *plan, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; folders[i]; i++) {
        char folder[4300], path[4600];
        struct dirent **entries = NULL;
        snprintf(folder, sizeof folder, "%s/test_suites/%s", pb_cli_data(), folders[i]);
        int count = scandir(folder, &entries, is_suite, by_name);
        for (int k = 0; k < count; k++) {
            snprintf(path, sizeof path, "%s/%.255s", folder, entries[k]->d_name);
            if (status == PB_OK) status = pb_script_load(path, NULL, setup, plan, error);
            free(entries[k]);
        }
        free(entries);
    }
    return status;
}

static void print_case(const struct pb_plan *plan, const struct pb_case *in) {
    size_t modes[PB_STEP_MODE_COUNT] = {0}, checks = 0;
    for (size_t i = 0; i < in->step_count; i++) modes[plan->steps[in->first_step + i].mode]++;
    for (size_t i = 0; i < plan->check_count; i++) checks += plan->checks[i].case_no == in->case_no;
    printf("%-12s %s%s\n             %zu steps: %zu judged (%zu checks), %zu played, %zu not observable%s%s\n", in->id,
           in->is_reconstructed ? "RECONSTRUCTED: " : "", in->title, in->step_count, modes[PB_STEP_JUDGED], checks,
           modes[PB_STEP_PLAYED], modes[PB_STEP_NOT_OBSERVABLE], in->reason[0] ? "; not run: " : "", in->reason);
}

int pb_cli_list(int argc, char **argv) {
    static const struct argp_option rows[] = {
        {"bench", 'b', "FILE", 0, "bench that the cases are selected for", 0},
        {"dut", 'd', "FILE", 0, "DUT statement that they are cast for", 0},
        {"limits", 'l', "FILE", 0, "limits file; several: later ones replace rows of earlier ones", 0},
        {"words", 'w', 0, 0, "the words of suites, as Markdown", 0},
        {"stubs", 's', 0, 0, "the words as stubs for editors", 0},
        {"files", 'f', 0, 0, "the files you write, as Markdown", 0},
        {"channels", 'c', 0, 0, "drivers and their channels; with --bench those of its instruments", 0},
        {"messages", 'm', 0, 0, "the messages of the use cases, as Markdown", 0},
        {"schema", 'j', 0, 0, "the messages as JSON Schema", 0},
        {"matrix", 'M', "FORM", OPTION_ARG_OPTIONAL,
         "each step, its checks, what proves them, what carries it; FORM: csv (default) or html", 0},
        {0}};
    static const struct argp parser = {
        rows, parse_list, "", "Shows the cases there are, and what of each would be judged.", 0, 0, 0};
    struct list_options options = {0};
    struct pb_cli_inputs inputs;
    struct pb_plan plan = {0};
    struct pb_error error;
    if (!pb_cli_parse(&parser, argc, argv, &options)) return PB_EXIT_INPUT;
    if (options.words) pb_script_print_words(stdout);
    if (options.stubs) pb_script_print_stubs(stdout);
    if (options.files) pb_setup_print_files(stdout);
    if (options.messages) pb_catalogue_print(stdout);
    if (options.schema) pb_catalogue_print_schema(stdout);
    if (options.channels) return print_channels(options.bench);
    if (options.words || options.stubs || options.files || options.messages || options.schema) return 0;
    if (pb_cli_read_inputs(options.bench, options.dut, &options.limits, &inputs, &error) != PB_OK)
        return pb_cli_complain(&error);
    struct pb_script_setup setup = {&inputs.bench, &inputs.dut, &inputs.limits, PB_RULE_SIMPLE, NULL};
    enum pb_status status = load_all(&setup, &plan, &error);
    if (status == PB_OK && options.matrix)
        status = pb_matrix_print(stdout, &plan, pb_cli_data(), options.matrix, &error);
    for (size_t i = 0; status == PB_OK && !options.matrix && i < plan.case_count; i++)
        print_case(&plan, &plan.cases[i]);
    pb_plan_finish(&plan);
    pb_cli_finish_inputs(&inputs);
    return status == PB_OK ? 0 : pb_cli_complain(&error);
}
