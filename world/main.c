/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench-world: reads the frames of the bench link and obeys. Exit status: 0 after BYE, 1 when the bench link went without one, 2 for
 * a bad command line or a frame that the bench must not send (one line on stderr and in the log says which). */
#include "world/log.h"
#include "world/turn.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct arguments {
    int bench_fd, guardian_fd;
    const char *log_path;
};

enum { KEY_BENCH = 1, KEY_GUARDIAN, KEY_LOG };

static const struct argp_option options[] = {
    {"bench-fd", KEY_BENCH, "N", 0, "Socket of the bench link", 0},
    {"guardian-fd", KEY_GUARDIAN, "N", 0, "Socket of the guardian link", 0},
    {"log", KEY_LOG, "FILE", 0, "Appended to: what was set, what went wrong, what was left behind, and what DUTs print",
     0},
    {0},
};

static int parse_fd(const char *text) {
    char *end;
    long fd = strtol(text, &end, 10);
    return *text && !*end && fd >= 0 && fd <= INT_MAX && fcntl((int)fd, F_GETFD) >= 0 ? (int)fd : -1;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct arguments *arguments = state->input;
    int fd = key == KEY_BENCH || key == KEY_GUARDIAN ? parse_fd(text) : 0;
    if (fd < 0) argp_error(state, "'%s': expected the number of an open file descriptor", text);
    switch (key) {
    case KEY_BENCH: arguments->bench_fd = fd; return 0;
    case KEY_GUARDIAN: arguments->guardian_fd = fd; return 0;
    case KEY_LOG: arguments->log_path = text; return 0;
    case ARGP_KEY_END:
        if (arguments->bench_fd < 0) argp_error(state, "--bench-fd is missing");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* Terminal signals are the harness's business; the world ends when its link does. */
static void detach(void) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
    if (setsid() < 0) (void)setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, 0);
}

static void log_set(const struct pb_world *world, const char *who, unsigned cord, unsigned output, int64_t value) {
    if (world->log_fd < 0) return;
    char place[24] = "";
    if (cord > 0 && cord != PBL_EVERY_CORD) snprintf(place, sizeof place, " cord=%u", cord);
    pb_log(world->log_fd, world->now, who, "set %s=%" PRId64 "%s", pb_model_output_name(output), value, place);
}

static void on_guard(void *user, struct pbl_guard *request) {
    struct pb_world *world = user;
    struct pb_error error;
    enum pb_status status =
        pb_model_set(&world->model, world->now, request->cord, request->output, request->value, &error);
    if (status == PB_OK) log_set(world, "guardian", request->cord, request->output, request->value);
    else pb_log(world->log_fd, world->now, "guardian", "refused: %s", error.text);
    request->value = pb_model_get(&world->model, request->cord, request->output);
    request->t_ns = world->now.ns;
}

static void on_watched(void *user, unsigned number, int fd) {
    (void)fd;
    pb_world_watched(user, number);
}

/* --- frames --- */

static enum pb_status check_size(const struct pbl_frame *frame, size_t expected, struct pb_error *error) {
    if (frame->size == expected) return PB_OK;
    return pb_fail(error, PB_ERR_INPUT, 0, "frame", "type %u has %" PRIu32 " bytes, expected %zu", frame->type,
                   frame->size, expected);
}

static enum pb_status do_config(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                                struct pb_error *error) {
    struct pbl_config config;
    (void)frame;
    memcpy(&config, payload, sizeof config);
    if (world->is_configured) return pb_fail(error, PB_ERR_INPUT, 0, "config", "a second CONFIG, expected one");
    enum pb_status status = pb_model_check(&config, error);
    if (status != PB_OK) return status;
    struct pb_model_sink sink = pb_world_model_sink(world);
    pb_model_init(&world->model, &config, &sink);
    world->is_configured = true;
    struct pbl_started started = {.version = PBL_VERSION};
    pb_links_frame(&world->links, PBL_STARTED, &started, sizeof started, NULL, 0);
    pb_links_flush(&world->links);
    return PB_OK;
}

static enum pb_status do_slave(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                               struct pb_error *error) {
    return pb_world_start_dut(world, payload, frame->size, error);
}

static enum pb_status do_set(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                             struct pb_error *error) {
    struct pbl_set set;
    (void)frame;
    memcpy(&set, payload, sizeof set);
    enum pb_status status = pb_model_set(&world->model, world->now, set.cord, set.output, set.value, error);
    if (status == PB_OK) log_set(world, "bench", set.cord, set.output, set.value);
    return status;
}

static enum pb_status do_keep(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                              struct pb_error *error) {
    struct pbl_keep keep;
    (void)frame;
    memcpy(&keep, payload, sizeof keep);
    if (keep.cord >= world->model.config.cords)
        return pb_fail(error, PB_ERR_INPUT, 0, "keep", "cord is %" PRIu32 ", expected below %" PRIu32, keep.cord,
                       world->model.config.cords);
    if (keep.is_scope > 1 || (keep.is_scope && !world->model.config.scope_period_num_ns))
        return pb_fail(error, PB_ERR_INPUT, 0, "keep", "is_scope is %" PRIu32 ", and %s oscilloscope is configured",
                       keep.is_scope, world->model.config.scope_period_num_ns ? "an" : "no");
    pb_model_keep(&world->model, world->now, keep.cord, keep.is_scope, (pb_instant){keep.until_ns});
    return PB_OK;
}

/* The last instant that is run to, 146 years on: beyond it sums of instants saturate, and the world would turn without moving. */
static const pb_instant latest = {INT64_C(1) << 62};

static enum pb_status do_advance(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                                 struct pb_error *error) {
    struct pbl_advance advance;
    (void)frame;
    memcpy(&advance, payload, sizeof advance);
    if (advance.until_ns < world->now.ns)
        return pb_fail(error, PB_ERR_INPUT, 0, "advance", "until is %" PRId64 ", expected at or after %" PRId64,
                       advance.until_ns, world->now.ns);
    pb_instant until = pb_earlier((pb_instant){advance.until_ns}, latest);
    pb_world_advance(world, until, advance.wake_mask);
    return PB_OK;
}

static enum pb_status do_serial(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                                struct pb_error *error) {
    return pb_world_give_bytes(world, PBW_SERIAL_IN, payload, frame->size, error);
}

static enum pb_status do_message(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                                 struct pb_error *error) {
    return pb_world_give_bytes(world, PBW_MSG_IN, payload, frame->size, error);
}

struct frame_row {
    size_t size; /* 0: checked by the function */
    enum pb_status (*run)(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                          struct pb_error *error);
};

static const struct frame_row frames[] = {
    [PBL_CONFIG] = {sizeof(struct pbl_config), do_config},
    [PBL_SLAVE] = {0, do_slave},
    [PBL_SET] = {sizeof(struct pbl_set), do_set},
    [PBL_KEEP] = {sizeof(struct pbl_keep), do_keep},
    [PBL_ADVANCE] = {sizeof(struct pbl_advance), do_advance},
    [PBL_SERIAL] = {0, do_serial},
    [PBL_MESSAGE] = {0, do_message},
};

static enum pb_status obey(struct pb_world *world, const struct pbl_frame *frame, const uint8_t *payload,
                           struct pb_error *error) {
    const struct frame_row *row = frame->type < sizeof frames / sizeof frames[0] ? &frames[frame->type] : NULL;
    if (!row || !row->run)
        return pb_fail(error, PB_ERR_INPUT, 0, "frame", "type is %u, expected one that the bench sends", frame->type);
    if (!world->is_configured && frame->type != PBL_CONFIG)
        return pb_fail(error, PB_ERR_INPUT, 0, "frame", "type %u before CONFIG", frame->type);
    enum pb_status status = row->size ? check_size(frame, row->size, error) : PB_OK;
    return status == PB_OK ? row->run(world, frame, payload, error) : status;
}

/* PB_OK: BYE. PB_ERR_GONE: the link closed. Others: a frame that must not be, told in error. */
static enum pb_status serve(struct pb_world *world, struct pb_error *error) {
    for (;;) {
        struct pbl_frame frame;
        const uint8_t *payload;
        enum pb_status status = pb_links_read(&world->links, &frame, &payload);
        if (status == PB_ERR_INPUT)
            return pb_fail(error, status, 0, "frame", "%" PRIu32 " bytes, expected at most %u", frame.size,
                           PBL_PAYLOAD_MAX);
        if (status != PB_OK || frame.type == PBL_BYE) return status;
        status = obey(world, &frame, payload, error);
        if (status != PB_OK) return status;
        if (world->links.is_bench_gone) return pb_links_said_bye(&world->links) ? PB_OK : PB_ERR_GONE;
    }
}

static void log_left(const struct pb_world *world) {
    for (unsigned cord = 0; cord < world->model.config.cords; cord++) {
        char line[400];
        int at = snprintf(line, sizeof line, "left");
        static const uint8_t told[] = {PBL_OUT_PLUG,     PBL_OUT_S2,          PBL_OUT_MAINS,     PBL_OUT_DRAW,
                                       PBL_OUT_CP_SHORT, PBL_OUT_DIODE_SHORT, PBL_OUT_PE_BREAK,  PBL_OUT_RESIDUAL,
                                       PBL_OUT_NO_VENT,  PBL_OUT_SOURCE,      PBL_OUT_CONTACTOR, PBL_OUT_S3};
        for (size_t i = 0; i < sizeof told; i++)
            at += snprintf(line + at, sizeof line - (size_t)at, " %s=%" PRId64, pb_model_output_name(told[i]),
                           pb_model_get(&world->model, cord, told[i]));
        for (unsigned pole = 0; pole < world->model.config.poles; pole++)
            at += snprintf(line + at, sizeof line - (size_t)at, " pole%u=%d", pole,
                           pb_model_conducts(&world->model, cord, pole));
        pb_log(world->log_fd, world->now, "world", "%s cord=%u", line, cord);
    }
}

static int run(struct pb_world *world) {
    struct pb_error error;
    enum pb_status status = serve(world, &error);
    if (status == PB_ERR_GONE) {
        pb_log(world->log_fd, world->now, "world", "bench link gone, running on");
        pb_world_run_on(world);
    } else if (status != PB_OK) {
        pb_log(world->log_fd, world->now, "world", "%s: %s", error.where, error.text);
        fprintf(stderr, "pilotbench-world: %s: %s\n", error.where, error.text);
    }
    log_left(world);
    pb_world_end_duts(world, status != PB_OK);
    return status == PB_OK ? 0 : status == PB_ERR_GONE ? 1 : 2;
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        options, parse_option, NULL, "The physical world of a Pilotbench run, in software.", NULL, NULL, NULL};
    struct arguments arguments = {-1, -1, NULL};
    argp_err_exit_status = 2;
    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments)) return 2;
    detach();
    static struct pb_world world;
    world.log_fd = -1;
    if (arguments.log_path) {
        world.log_fd = open(arguments.log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (world.log_fd < 0) {
            fprintf(stderr, "pilotbench-world: %s: %s\n", arguments.log_path, strerror(errno));
            return 2;
        }
    }
    struct pb_links_user user = {&world, on_guard, on_watched};
    if (pb_links_init(&world.links, arguments.bench_fd, arguments.guardian_fd, &user) != PB_OK) {
        fprintf(stderr, "pilotbench-world: out of memory\n");
        return 2;
    }
    int exit_status = run(&world);
    pb_links_finish(&world.links);
    return exit_status;
}
