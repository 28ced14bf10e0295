/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench run: inputs, run file, engine, table, last line. */
#include "harness/cli/combine.h"
#include "harness/cli/devices.h"

#include "base/wall.h"
#include "harness/engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES_MAX = 64, SETS_MAX = 32, PATH_ROOM = 4096 };

struct run_options {
    const char *benches[PB_CLI_BENCHES_MAX], *duts[PB_CLI_DEVICES_MAX];
    size_t bench_count, dut_count;
    const char *out, *junit, *html;
    struct pb_cli_limits limits;
    const char *names[NAMES_MAX], *sets[SETS_MAX];
    size_t name_count, set_count;
    uint64_t seed;
    enum pb_rule rule;
    bool is_quiet, has_window, is_strict;
    const char *window, *with;
    const char *run_name; /* of the run file, once it is known */
    bool has_all, has_every;
    double speed;
    struct pb_mutations mutations;
};

static volatile sig_atomic_t stop_signal;
static void on_signal(int number) { stop_signal = number; }

static error_t parse(int key, char *text, struct argp_state *state) {
    static const char *const rules[] = {"simple", "guarded", "non-binary"};
    struct run_options *options = state->input;
    switch (key) {
    case 'b':
        if (options->bench_count == PB_CLI_BENCHES_MAX)
            return pb_cli_refuse(state, "found more than %d --bench, expected at most that", PB_CLI_BENCHES_MAX);
        options->benches[options->bench_count++] = text;
        return 0;
    case 'd':
        if (options->dut_count == PB_CLI_DEVICES_MAX)
            return pb_cli_refuse(state, "found more than %d --dut, expected at most that", PB_CLI_DEVICES_MAX);
        options->duts[options->dut_count++] = text;
        return 0;
    case 'l': return pb_cli_take_limits(state, &options->limits, text);
    case 'L': options->is_strict = true; return 0;
    case 'o': options->out = text; return 0;
    case 'j': options->junit = text; return 0;
    case 'H': options->html = text; return 0;
    case 'q': options->is_quiet = true; return 0;
    case 's': {
        char *end;
        errno = 0;
        options->seed = strtoull(text, &end, 10);
        if (errno || *end || text[0] < '0' || text[0] > '9')
            return pb_cli_refuse(state, "found seed '%.60s', expected a whole number from 0 to 18446744073709551615",
                                 text);
        return 0;
    }
    case 'D': options->has_window = true; return 0;
    case 'w': options->window = text; return 0;
    case 'W': options->with = text; return 0;
    case 'a': options->has_all = true; return 0;
    case 'e': options->has_every = true; return 0;
    case 'm': {
        struct pb_error error;
        if (pb_mutations_parse(&options->mutations, text, &error) == PB_OK) return 0;
        return pb_cli_refuse(state, "--mutate: %s%s%s", error.where, error.where[0] ? ": " : "", error.text);
    }
    case 'x': {
        char *end;
        options->speed = strtod(text, &end);
        if (*end || !(options->speed >= 0.001) || !(options->speed <= 1e9))
            return pb_cli_refuse(state, "found speed '%.60s', expected 0.001 to 1e9", text);
        return 0;
    }
    case 'r':
        for (int i = 0; i < PB_RULE_COUNT; i++)
            if (strcmp(rules[i], text) == 0) {
                options->rule = (enum pb_rule)i;
                return 0;
            }
        return pb_cli_refuse(state, "found rule '%.60s', expected simple, guarded or non-binary", text);
    case 'S':
        if (options->set_count == SETS_MAX)
            return pb_cli_refuse(state, "found more than %d --set, expected at most that", SETS_MAX);
        options->sets[options->set_count++] = text;
        return 0;
    case ARGP_KEY_ARG:
        if (options->name_count == NAMES_MAX)
            return pb_cli_refuse(state, "found more than %d cases, expected at most that", NAMES_MAX);
        for (size_t i = 0; i < options->name_count; i++)
            if (strcmp(options->names[i], text) == 0)
                return pb_cli_refuse(state, "found case '%.100s' a second time, expected each once", text);
        options->names[options->name_count++] = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        if (options->has_all || options->has_every) return 0;
        return pb_cli_refuse(state, "found no case, expected at least one (pilotbench list shows them)");
    case ARGP_KEY_ERROR: return pb_cli_refuse_option(state);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option rows[] = {
    {"bench", 'b', "FILE", 0, "bench file; several: each device is put on the first that can hold it", 0},
    {"dut", 'd', "FILE|FOLDER", 0, "DUT statement, or a folder of them; several: a run each, one verdict", 0},
    {"limits", 'l', "FILE", 0,
     "limits file (default: the public figures); several: later ones replace rows of earlier ones", 0},
    {"strict-limits", 'L', 0, 0, "what rests on an unverified limit (confidence K or U) is inconc", 0},
    {"out", 'o', "FILE", 0, "run file to write (default: runs/TIME-sSEED.pbrun)", 0},
    {"junit", 'j', "FILE", 0, "also write a JUnit file", 0},
    {"html", 'H', "FILE", 0, "also write the report as an HTML page", 0},
    {"seed", 's', "N", 0, "seed of everything random (default 1)", 0},
    {"mutate", 'm', "RULES", 0,
     "spoil messages to the device by the seed, e.g. 'drop=1%, delay=2% by=1s, flip=0.5%' (several: each with its own by=, only=NAME, size=N, "
     "member=NAME)",
     0},
    {"rule", 'r', "RULE", 0, "decision rule: simple, guarded, non-binary (default simple)", 0},
    {"window", 'w', "SPAN", 0,
     "press the session's clock times into so long, e.g. '6 min' (over the bench file's schedule_window)", 0},
    {"with", 'W', "LIST", 0, "combine: one of S1 to S3 and some of U1 to U5, e.g. S2,U1,U2", 0},
    {"all", 'a', 0, 0, "sessions in which every two of device, connection, location and program set meet", 0},
    {"every", 'e', 0, 0, "every session there is (long)", 0},
    {"dashboard", 'D', 0, 0,
     "open the dashboard on this run (paces simulated time to real time where no --speed says otherwise)", 0},
    {"speed", 'x', "FACTOR", 0, "pace simulated time: 1 is real time (default: as fast as possible)", 0},
    {"set", 'S', "NAME=VALUE", 0, "change an ICS or IXIT value, e.g. rated_current='12 A'", 0},
    {"quiet", 'q', 0, 0, "no line a verdict, only the table", 0},
    {0}};

/* ---- the run file's place and head ---- */

/* Makes every folder of the path. */
static enum pb_status make_folders(const char *path, struct pb_error *error) {
    char part[PATH_ROOM];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return pb_fail(error, PB_ERR_IO, errno, part,
                           "found a folder that cannot be made (%s), expected one for the run file", strerror(errno));
        *slash = '/';
    }
    return PB_OK;
}

/* Whether a file can be made there, as far as that can be told beforehand. what: "--out". */
static enum pb_status check_new_file(const char *what, const char *path, bool may_exist, struct pb_error *error) {
    char where[160];
    struct stat found;
    size_t length = strlen(path);
    snprintf(where, sizeof where, "%s %s", what, path);
    if (!length || path[length - 1] == '/')
        return pb_fail(error, PB_ERR_INPUT, 0, where, "found no file name, expected one");
    if (length >= PATH_ROOM - 100)
        return pb_fail(error, PB_ERR_INPUT, 0, where, "found a path of %zu bytes, expected a shorter one", length);
    if (stat(path, &found) != 0) return PB_OK;
    if (S_ISDIR(found.st_mode))
        return pb_fail(error, PB_ERR_INPUT, 0, where, "found a folder of that name, expected a file's");
    return may_exist ? PB_OK
                     : pb_fail(error, PB_ERR_BUSY, 0, where,
                               "found a file of that name, expected a new one (a run never overwrites)");
}

/* Reports are written at the end; a folder that is not there must be known before the run. what: "--junit". */
static enum pb_status check_report(const char *what, const char *path, struct pb_error *error) {
    char folder[PATH_ROOM], where[160];
    enum pb_status status = check_new_file(what, path, true, error);
    if (status != PB_OK) return status;
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = 0;
    if (access(slash ? folder : ".", W_OK) == 0) return PB_OK;
    snprintf(where, sizeof where, "%s %s", what, path);
    return pb_fail(error, PB_ERR_IO, errno, where, "found no folder to write it into (%s), expected one",
                   strerror(errno));
}

static void default_out(uint64_t seed, char *ret_path, size_t size) {
    char utc[32], stamp[32];
    size_t used = 0;
    pb_wall_utc(utc, sizeof utc);
    for (const char *c = utc; *c; c++)
        if (*c != '-' && *c != ':' && *c != '.') stamp[used++] = *c;
    stamp[used] = 0;
    snprintf(ret_path, size, "runs/%s-s%" PRIu64 ".pbrun", stamp, seed);
}

struct head {
    struct pb_writer *writer;
    struct pb_error *error;
    enum pb_status status;
};
static void put(struct head *head, const char *key, const char *value) {
    if (head->status == PB_OK) head->status = pb_writer_header(head->writer, key, value, head->error);
}
static void put_number(struct head *head, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    put(head, key, text);
}

/* "evse,esci" */
static void put_actors(struct head *head, unsigned actors) {
    char list[80] = "";
    for (int actor = 0; actor < PB_ACTOR_COUNT; actor++)
        if (PB_ACTOR_BIT(actor) & actors)
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", list[0] ? "," : "",
                     pb_actor_name((enum pb_actor)actor));
    put(head, "dut_actors", list);
}

/* No maker's gateway or utility speaks these messages yet: a run against ours says nothing of a product. */
static bool is_own_peer(const struct pb_dut *dut) {
    static const char *const stubs[] = {"stub-esci", "stub-utility", "stub-pev"};
    if (dut->actors && !dut->process_count) return strcmp(dut->maker, "Pilotbench") == 0; /* at the end of a link */
    for (size_t i = 0; i < dut->process_count; i++) {
        const char *slash = strrchr(dut->processes[i].argv[0], '/'),
                   *name = slash ? slash + 1 : dut->processes[i].argv[0];
        for (size_t k = 0; k < sizeof stubs / sizeof *stubs; k++)
            if (strcmp(name, stubs[k]) == 0) return true;
    }
    return false;
}

/* What a vehicle may take of a duty, as rows of JSON, and the generator's tolerance: what a report draws. */
static void put_law(struct head *head, const struct pb_limits *limits) {
    char text[PB_DUTY_ROWS_MAX * 160] = "[";
    for (size_t i = 0; i < limits->law.read_count; i++) {
        const struct pb_duty_row *row = &limits->law.read[i];
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used,
                 "%s{\"digital\":%s,\"fixed\":%" PRId64 ",\"from\":%" PRId64 ",\"slope\":%" PRId64 ",\"to\":%" PRId64
                 ",\"zero\":%" PRId64 "}",
                 i ? "," : "", row->meaning == PB_DUTY_DIGITAL ? "true" : "false", row->fixed_ma, row->from,
                 row->slope_ma, row->to, row->zero_ppm);
    }
    strncat(text, "]", sizeof text - strlen(text) - 1);
    const struct pb_limit *tolerance = pb_limits_find(limits, "cp.duty.tolerance");
    if (!limits->law.read_count) return;
    put(head, "current_of_duty", text);
    if (tolerance && tolerance->max > 0 && tolerance->max < INT64_MAX)
        put_number(head, "duty_tolerance_ppm", (uint64_t)tolerance->max);
}

/* {"a":[11000000,13000000],...}, uV: reports draw them. */
static void put_windows(struct head *head, const struct pb_cp_windows *windows) {
    const struct {
        char letter;
        int64_t min_uv, max_uv;
    } of[] = {{'a', windows->a.min_uv, windows->a.max_uv}, {'b', windows->b.min_uv, windows->b.max_uv},
              {'c', windows->c.min_uv, windows->c.max_uv}, {'d', windows->d.min_uv, windows->d.max_uv},
              {'e', windows->e.min_uv, windows->e.max_uv}, {'f', windows->f.min_uv, windows->f.max_uv}};
    char text[400] = "";
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\"%c\":[%" PRId64 ",%" PRId64 "]", i ? "," : "{",
                 of[i].letter, of[i].min_uv, of[i].max_uv);
    strncat(text, "}", sizeof text - strlen(text) - 1);
    put(head, "cp_windows", text);
}

static enum pb_status write_head(struct pb_writer *writer, const struct run_options *options,
                                 const struct pb_cli_inputs *inputs, const struct pb_cp_windows *windows,
                                 const char *utc, struct pb_error *error) {
    struct head head = {writer, error, PB_OK};
    struct utsname machine;
    size_t length;
    uname(&machine);
    put(&head, "version", "pilotbench " PB_VERSION);
    put(&head, "compiler", __VERSION__);
    put(&head, "started_utc", utc);
    put_number(&head, "pid", (uint64_t)getpid());
    put(&head, "host", machine.nodename);
    put(&head, "kernel", machine.release);
    put_number(&head, "seed", options->seed);
    if (options->mutations.count) {
        char text[1200];
        put(&head, "mutate", pb_mutations_describe(&options->mutations, text, sizeof text));
    }
    put(&head, "decision_rule", pb_rule_name(options->rule));
    put(&head, "decision_risk", pb_rule_risk(options->rule));
    if (options->is_strict) put(&head, "strict_limits", "yes: what rests on an unverified limit is inconc");
    put(&head, "clock", inputs->bench.clock == PB_CLOCK_SIMULATED ? "simulated" : "wall");
    put(&head, "bench", inputs->bench.name);
    put(&head, "bench_file", pb_doc_text(inputs->bench.doc, &length));
    put(&head, "dut", inputs->dut.name);
    put(&head, "dut_maker", inputs->dut.maker);
    put(&head, "dut_model", inputs->dut.model);
    put(&head, "dut_serial", inputs->dut.serial);
    put(&head, "dut_firmware", inputs->dut.firmware);
    put_actors(&head, inputs->dut.actors);
    if (!inputs->dut.actors)
        put(&head, "self_test", "self-test of bench and world: nobody is under test, the bench plays every actor");
    if (is_own_peer(&inputs->dut)) put(&head, "self_test", "self-test of the bench: the device is our own stub");
    if (inputs->dut.ics.own_clock)
        put(&head, "device_clock",
            "its own, which the bench cannot set: each session says how far it was from its schedule");
    if (inputs->dut.ixit.set_clock[0]) {
        char way[120];
        snprintf(way, sizeof way, "set at each connection: %s", inputs->dut.ixit.set_clock);
        put(&head, "device_clock", way);
    }
    put(&head, "dut_file", pb_doc_text(inputs->dut.doc, &length));
    put(&head, "limits", inputs->limits.name);
    put_windows(&head, windows);
    for (size_t i = 0; i < inputs->limits.doc_count; i++) {
        char key[32] = "limits_file";
        if (i) snprintf(key, sizeof key, "limits_file_%zu", i + 1);
        put(&head, key, pb_doc_text(inputs->limits.docs[i], &length));
    }
    put_law(&head, &inputs->limits);
    for (size_t i = 0; i < options->set_count; i++) {
        char key[32];
        snprintf(key, sizeof key, "set_%zu", i + 1);
        put(&head, key, options->sets[i]);
    }
    return head.status;
}

/* ---- showing ---- */

static void show_progress(void *user, const struct pb_check *check, const struct pb_reading *reading,
                          enum pb_verdict verdict, const char *reason) {
    char value[64] = "";
    const struct run_options *options = user;
    if (options->is_quiet) return;
    if (reading && reading->outcome == PB_OUTCOME_VALUE)
        pb_quantity_format(reading->quantity.value, reading->quantity.unit, 6, value, sizeof value);
    printf("%-6s %-34s %-14s %s\n", pb_verdict_name(verdict), check->id, value,
           verdict == PB_VERDICT_PASS ? "" : reason);
}

/* The verdicts of one instant go out together. */
static void flush_progress(void *user) {
    (void)user;
    fflush(stdout);
}

/* The files of one device's run. */
struct files {
    char out[PATH_ROOM], junit[PATH_ROOM], html[PATH_ROOM];
    bool has_junit, has_html;
};

struct session {
    struct run_options *options;
    const char *out;
    struct pb_cli_devices devices;
    struct pb_script_setup setups[PB_CLI_DEVICES_MAX];
    struct pb_cli_choice choice; /* nothing chosen without --all or --every */
    struct pb_summary total;
    bool is_over; /* somebody ended it */
};

/* NULL: there is one. */
static const char *device_name(const struct session *session, size_t device) {
    return session->devices.count > 1 ? session->devices.list[device].name : NULL;
}

/* Of a run with several devices: what did not pass, and a line. The table of each stands in its run file (pilotbench report). */
static void show_device(const char *device, const struct files *files, bool has_report,
                        const struct pb_summary *summary) {
    char verdict[60];
    const struct pb_summary_counts *counts = &summary->counts;
    for (size_t i = 0; i < summary->check_count; i++) {
        const struct pb_summary_check *check = &summary->checks[i];
        if (check->verdict == PB_VERDICT_PASS || strncmp(check->reason, "not reached", 11) == 0) continue;
        printf("  %-6s %s: %s\n", pb_verdict_name(check->verdict), check->check.id, check->reason);
    }
    for (size_t i = 0; i < summary->case_count; i++)
        if (summary->cases[i].verdict == PB_VERDICT_ERROR)
            printf("  error  %s: %s\n", summary->cases[i].id, summary->cases[i].reason);
    pb_summary_verdict_describe(summary->verdict, counts->unverified, verdict, sizeof verdict);
    printf("%-20s %lld cases, %lld of %zu checks passed: %s\n  run file: %s\n", device, (long long)counts->cases,
           (long long)counts->passed, summary->check_count, verdict, files->out);
    if (has_report && files->has_html) printf("  report: %s\n", files->html);
    fflush(stdout);
}

/* device: NULL for the only one. */
static enum pb_status show(struct session *session, const char *device, const struct files *files, int *ret_exit,
                           struct pb_error *error) {
    struct pb_reader *reader;
    struct pb_summary summary;
    enum pb_status status = pb_reader_open(files->out, &reader, error);
    if (status != PB_OK) return status;
    status = pb_summary_read(reader, &summary, error);
    if (status == PB_OK) {
        struct pb_error file_error, text_error;
        enum pb_status filed = pb_cli_report_files(reader, &summary, files->out, files->has_junit ? files->junit : NULL,
                                                   files->has_html ? files->html : NULL, &file_error),
                       printed = PB_OK;
        if (filed != PB_OK) pb_cli_complain(&file_error);
        if (device) show_device(device, files, filed == PB_OK, &summary);
        else printf("%s\nrun file: %s\n", session->options->is_quiet ? "" : "\n", files->out);
        if (filed == PB_OK && !device && files->has_html) printf("report: %s\n", files->html);
        if (!device)
            printed = pb_cli_report_text(reader, &summary, &text_error); /* its last line is the run's last line */
        if (printed != PB_OK) pb_cli_complain(&text_error);
        *ret_exit = pb_summary_exit_status(&summary);
        /* What was found out counts for more than that a report of it could not be written. */
        if ((filed != PB_OK || printed != PB_OK) && *ret_exit != PB_EXIT_FAIL) *ret_exit = PB_EXIT_ERROR;
        pb_summary_add(&session->total, &summary);
        pb_summary_finish(&summary);
    }
    pb_reader_close(reader);
    return status;
}

/* ---- a person ---- */

/* A line on a terminal answers; without one, `pilotbench tell RUN answer done` does. */
static bool ask(void *user, const char *text, char *ret_answer, size_t size) {
    const struct run_options *options = user;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (text) {
        printf(
            "\noperator: %s\n          Then press Enter, or: pilotbench tell %s answer done  (answer 'cannot ...' ends "
            "the case)\n",
            text, options->run_name);
        fflush(stdout);
        return false;
    }
    if (!isatty(STDIN_FILENO) || poll(&input, 1, 0) <= 0) return false;
    ssize_t got = read(STDIN_FILENO, ret_answer, size - 1);
    ret_answer[got > 0 ? got : 0] = 0;
    ret_answer[strcspn(ret_answer, "\n")] = 0;
    return got > 0;
}

/* ---- running ---- */

/* The window is a program of its own, that nothing here waits for: it may close, hang or die. It waits for the snapshot to appear. */
static void open_window(const char *snapshot_path) {
    char program[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 32);
    program[n > 0 ? n : 0] = 0;
    char *slash = strrchr(program, '/');
    strcpy(slash ? slash + 1 : program, "pilotbench-dashboard");
    if (access(program, X_OK) != 0) {
        fprintf(stderr,
                "pilotbench: no program %s (it is built where SDL2 is installed); the run goes on without a window\n",
                program);
        return;
    }
    pid_t child = fork();
    if (child > 0) waitpid(child, NULL, 0);
    if (child != 0) return;
    if (fork() != 0) _exit(0); /* so that init reaps it */
    setsid();
    int nowhere = open("/dev/null", O_RDWR); /* a pipe behind this program must not wait for the window to close */
    for (int fd = 0; fd <= 2; fd++) dup2(nowhere, fd);
    close_range(3, ~0u, 0);
    execl(program, "pilotbench-dashboard", "--attach", snapshot_path, (char *)NULL);
    _exit(127);
}

/* On simulated time harness, world and DUT take turns: one core serves them best (no migration, no wake across cores). */
static void stay_on_one_core(void) {
    cpu_set_t one;
    int cpu = sched_getcpu();
    if (cpu < 0) return;
    CPU_ZERO(&one);
    CPU_SET((unsigned)cpu, &one);
    (void)!sched_setaffinity(0, sizeof one, &one);
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

/* Hardware has its own pace and is its own DUT. */
static enum pb_status check_clock(const struct run_options *options, const struct pb_cli_inputs *inputs,
                                  struct pb_error *error) {
    if (inputs->bench.clock == PB_CLOCK_SIMULATED) return PB_OK;
    if (options->speed > 0)
        return pb_fail(error, PB_ERR_INPUT, 0, "--speed",
                       "found a pace for the bench %s, expected none: its clock is the wall's", inputs->bench.name);
    for (size_t i = 0; i < inputs->bench.instrument_count; i++)
        if (inputs->bench.instruments[i].driver->time) return PB_OK; /* a world in software, for devices in software */
    if (inputs->dut.argv[0])
        return pb_fail(error, PB_ERR_INPUT, 0, pb_doc_name(inputs->dut.doc),
                       "found the program %s as the device under test of the bench %s, expected none: its clock is the "
                       "wall's, and the device stands on the bench",
                       inputs->dut.argv[0], inputs->bench.name);
    return PB_OK;
}

static enum pb_status run_plan(struct session *session, size_t device, const struct pb_plan *plan,
                               const struct files *files, int *ret_exit, struct pb_error *error) {
    const struct run_options *options = session->options;
    const struct pb_cli_inputs *inputs = &session->devices.list[device].inputs;
    const char *out = files->out;
    struct pb_cp_windows windows;
    struct pb_writer *writer;
    char log_path[PATH_ROOM], control_path[PATH_ROOM], snapshot_path[PATH_ROOM], utc[32];
    struct pb_error run_error = {0}, close_error;
    pb_instant ended;
    pb_wall_utc(utc, sizeof utc);
    enum pb_status status = pb_limits_windows(&inputs->limits, &windows, error);
    if (status == PB_OK) status = make_folders(out, error);
    if (status != PB_OK) return status;
    status = pb_writer_create(out, &writer, &run_error);
    if (status == PB_ERR_IO && run_error.vendor_code)
        return pb_fail(error, status, run_error.vendor_code, out,
                       "found no way to make the run file (%s), expected a folder to write into",
                       strerror(run_error.vendor_code));
    if (status != PB_OK) {
        *error = run_error;
        return status;
    }
    status = write_head(writer, options, inputs, &windows, utc, error);
    if (status != PB_OK) {
        pb_writer_abandon(writer);
        return status;
    }
    snprintf(log_path, sizeof log_path, "%.4000s.world.log", out);
    snprintf(snapshot_path, sizeof snapshot_path, "%.4000s.snap", out);
    snprintf(control_path, sizeof control_path, "%.4000s.sock", out);
    struct pb_engine_setup setup = {.bench = &inputs->bench,
                                    .dut = &inputs->dut,
                                    .plan = plan,
                                    .windows = &windows,
                                    .law = &inputs->limits.law,
                                    .writer = writer,
                                    .seed = options->seed,
                                    .mutations = options->mutations.count ? &options->mutations : NULL,
                                    .log_path = log_path,
                                    .control_path = strlen(control_path) < 108 ? control_path : NULL,
                                    .snapshot_path = options->has_window || options->speed > 0 ? snapshot_path : NULL,
                                    .run_name = out,
                                    .version = PB_VERSION,
                                    .progress = show_progress,
                                    .turning = flush_progress,
                                    .ask = ask,
                                    .user = (void *)options,
                                    .stop = &stop_signal,
                                    .speed_milli = (int64_t)(options->speed * 1000)};
    catch_signals();
    if (options->has_window) {
        open_window(snapshot_path);
        if (!(options->speed > 0) && inputs->bench.clock == PB_CLOCK_SIMULATED) setup.speed_milli = 1000;
    }
    if (inputs->bench.clock == PB_CLOCK_SIMULATED) stay_on_one_core();
    enum pb_status ran = pb_engine_run(&setup, &ended, &run_error);
    session->is_over = ran == PB_ERR_INTERRUPTED;
    int code = ran == PB_ERR_INTERRUPTED ? PB_EXIT_INTERRUPTED : ran == PB_OK ? 0 : PB_EXIT_ERROR;
    enum pb_status closed = pb_writer_close(writer, ended, code, ran == PB_OK ? "" : run_error.text, &close_error);
    if (ran != PB_OK) pb_cli_complain(&run_error);
    else if (closed != PB_OK) pb_cli_complain(&close_error);
    if (ran == PB_OK) ran = closed; /* what was kept of the record is shown all the same */
    status = show(session, device_name(session, device), files, ret_exit, error);
    if (ran == PB_ERR_INTERRUPTED && *ret_exit != PB_EXIT_FAIL) *ret_exit = PB_EXIT_INTERRUPTED;
    else if (ran != PB_OK && *ret_exit != PB_EXIT_FAIL) *ret_exit = PB_EXIT_ERROR;
    return status;
}

/* As `schedule_window` of a bench file. */
static enum pb_status take_window(const char *text, struct pb_bench_measuring *measuring, struct pb_error *error) {
    static const int64_t most_ns = INT64_C(100) * 3600 * 1000000000;
    struct pb_error why;
    int64_t window_ns;
    enum pb_status status = pb_quantity_parse(text, PB_UNIT_SECOND, &window_ns, &why);
    if (status != PB_OK) return pb_fail(error, PB_ERR_INPUT, 0, "--window", "%s", why.text);
    if (window_ns < 0 || window_ns > most_ns)
        return pb_fail(error, PB_ERR_INPUT, 0, "--window", "found %.40s, expected 0 s to 100 h", text);
    measuring->schedule_window_ns = window_ns;
    return PB_OK;
}

/* What the run was told of device and bench, laid over what their files say. */
static enum pb_status prepare(const struct run_options *options, struct pb_cli_inputs *inputs, struct pb_error *error) {
    inputs->limits.is_strict = options->is_strict;
    enum pb_status status = check_clock(options, inputs, error);
    for (size_t i = 0; status == PB_OK && i < options->set_count; i++)
        status = pb_dut_set(&inputs->dut, options->sets[i], error);
    return status == PB_OK && options->window ? take_window(options->window, &inputs->bench.measuring, error) : status;
}

static void name_file(const char *path, const char *device, char ret_path[PATH_ROOM]) {
    if (device) pb_cli_name_file(path, device, ret_path, PATH_ROOM);
    else snprintf(ret_path, PATH_ROOM, "%s", path);
}

/* out: of the whole run; each device's carry its name (NULL: there is one). */
static enum pb_status name_files(const struct run_options *options, const char *out, const char *device,
                                 struct files *ret_files, struct pb_error *error) {
    *ret_files = (struct files){.has_junit = options->junit, .has_html = options->html};
    enum pb_status status = check_new_file("--out", out, device, error); /* of several, this name is only the stem */
    if (status != PB_OK) return status;
    name_file(out, device, ret_files->out);
    if (options->junit) name_file(options->junit, device, ret_files->junit);
    if (options->html) name_file(options->html, device, ret_files->html);
    if (device) status = check_new_file("--out", ret_files->out, false, error);
    const struct pb_cli_output outputs[] = {{"--out", ret_files->out},
                                            {"--junit", options->junit ? ret_files->junit : NULL},
                                            {"--html", options->html ? ret_files->html : NULL}};
    if (status == PB_OK && options->junit) status = check_report("--junit", ret_files->junit, error);
    if (status == PB_OK && options->html) status = check_report("--html", ret_files->html, error);
    return status == PB_OK ? pb_cli_check_apart(outputs, sizeof outputs / sizeof *outputs, error) : status;
}

static enum pb_status load_cases(const struct session *session, size_t device, struct pb_plan *plan,
                                 struct pb_error *error) {
    const struct run_options *options = session->options;
    const struct pb_script_setup *setup = &session->setups[device];
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < options->name_count; i++)
        status = options->with ? pb_cli_load_with(options->names[i], options->with, setup, plan, error)
                               : pb_cli_load_suite(options->names[i], setup, plan, error);
    return status == PB_OK && session->choice.count ? pb_cli_load_choice(&session->choice, device, setup, plan, error)
                                                    : status;
}

static enum pb_status run_device(struct session *session, size_t device, int *ret_exit, struct pb_error *error) {
    struct pb_plan plan = {.has_own_clock = session->devices.list[device].inputs.bench.clock == PB_CLOCK_WALL};
    struct files files;
    const char *name = device_name(session, device);
    enum pb_status status = name_files(session->options, session->out, name, &files, error);
    session->options->run_name = files.out;
    if (status == PB_OK) status = load_cases(session, device, &plan, error);
    if (status == PB_OK) status = run_plan(session, device, &plan, &files, ret_exit, error);
    pb_plan_finish(&plan);
    return status;
}

/* Everything that can be refused is, before the first device runs. */
static enum pb_status prepare_all(struct session *session, struct pb_error *error) {
    const struct run_options *options = session->options;
    const char *names[PB_CLI_DEVICES_MAX];
    struct files files;
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < session->devices.count; i++) {
        struct pb_cli_inputs *inputs = &session->devices.list[i].inputs;
        names[i] = session->devices.list[i].name;
        session->setups[i] =
            (struct pb_script_setup){&inputs->bench, &inputs->dut, &inputs->limits, options->rule, NULL};
        status = prepare(options, inputs, error);
        if (status == PB_OK) status = name_files(options, session->out, device_name(session, i), &files, error);
    }
    if (status != PB_OK || !(options->has_all || options->has_every)) return status;
    status = pb_cli_choose(session->setups, session->devices.count, options->has_every, &session->choice, error);
    if (status == PB_OK) pb_cli_print_choice(&session->choice, names);
    return status;
}

/* Of several: a fail, else what ended the run, else an error, else inconc. */
static int worse_exit(int a, int b) {
    static const int worst_first[] = {PB_EXIT_FAIL, PB_EXIT_INTERRUPTED, PB_EXIT_ERROR, PB_EXIT_INCONC};
    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++)
        if (a == worst_first[i] || b == worst_first[i]) return worst_first[i];
    return PB_EXIT_PASS;
}

static enum pb_status run_all(struct session *session, int *ret_exit, struct pb_error *error) {
    char line[240];
    enum pb_status status = prepare_all(session, error);
    *ret_exit = PB_EXIT_PASS;
    for (size_t i = 0; status == PB_OK && i < session->devices.count && !session->is_over; i++) {
        int code = PB_EXIT_PASS;
        status = run_device(session, i, &code, error);
        *ret_exit = worse_exit(*ret_exit, code);
    }
    if (status != PB_OK || session->devices.count < 2) return status;
    pb_summary_line(&session->total, line, sizeof line);
    printf("\n%zu devices\n%s\n", session->devices.count, line);
    return PB_OK;
}

int pb_cli_run(int argc, char **argv) {
    static const struct argp parser = {
        rows,
        parse,
        "CASE|FILE.lua ...",
        "Runs cases on a bench against a device under test, writes the run file, prints a verdict for every step.",
        0,
        0,
        0};
    struct run_options options = {.seed = 1};
    struct session session = {.options = &options};
    struct pb_error error;
    char out[PATH_ROOM];
    int code = 0;
    setlocale(LC_CTYPE, "");
    if (!pb_cli_parse(&parser, argc, argv, &options)) return PB_EXIT_INPUT;
    if (options.out) snprintf(out, sizeof out, "%s", options.out);
    else default_out(options.seed, out, sizeof out);
    session.out = out;
    enum pb_status status = check_new_file("--out", options.out ? options.out : out, true, &error);
    if (status == PB_OK)
        status = pb_cli_read_devices(options.benches, options.bench_count, options.duts, options.dut_count,
                                     &options.limits, &session.devices, &error);
    if (status == PB_OK) status = run_all(&session, &code, &error);
    pb_cli_choice_finish(&session.choice);
    pb_cli_finish_devices(&session.devices);
    return status == PB_OK ? code : pb_cli_complain(&error);
}
