/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Client of pilotbench-world over world/bench_link/pb_bench_link.h. One thread, blocking with a bound: a world that does not answer within
 * answer_within + 5 s of wall time is gone. */
#include "instruments/virtual/client.h"

#include "base/wall.h"
#include "world/wire/pb_wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_POLES = 4, FRAME_BUFFER = 1 << 18, LAST_WAIT_MS = 3000 };

struct pb_instrument {
    struct pb_sink sink;
    struct pb_sampling sampling, scope;
    struct pbl_config config;
    pid_t world;
    int bench_fd, guardian_fd, behind_fd;
    int answer_ms;
    int64_t next_index[2]; /* of each cord's cp_sense, to check the order */
    int64_t scope_next_index;
    struct pb_error loss;  /* of the world itself, likewise: its answers are not waited for a second time */
    struct pb_error fault; /* of a DUT, told by every turn from then on; its status is PB_OK when there is none */
    pb_instant wall_zero;  /* on the wall clock: of bench time 0; 0: it owns simulated time */
    pb_instant reached;    /* of the world's time */
    uint8_t slave_count, console_slave, pev_slave;
    size_t out_used, in_used;
    int16_t samples[PBL_PAYLOAD_MAX / 64]; /* of one frame, aligned */
    _Alignas(16) uint8_t out[1 << 17];
    _Alignas(16) uint8_t in[FRAME_BUFFER];
};

static const char where[] = "instrument virtual";

/* ---- frames ---- */

static enum pb_status flush(struct pb_instrument *self, struct pb_error *error) {
    size_t done = 0;
    while (done < self->out_used) {
        ssize_t n = send(self->bench_fd, self->out + done, self->out_used - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return pb_fail(error, PB_ERR_GONE, errno, where, "the world is gone (%s)", strerror(errno));
        done += (size_t)n;
    }
    self->out_used = 0;
    return PB_OK;
}

static enum pb_status put(struct pb_instrument *self, enum pbl_type type, const void *head, size_t head_size,
                          const void *tail, size_t tail_size, struct pb_error *error) {
    struct pbl_frame frame = {.size = (uint32_t)(head_size + tail_size), .type = (uint16_t)type};
    size_t size = sizeof frame + head_size + tail_size;
    if (size > sizeof self->out)
        return pb_fail(error, PB_ERR_RANGE, 0, where, "a frame of %zu bytes is too long", size);
    if (self->out_used + size > sizeof self->out) {
        enum pb_status status = flush(self, error);
        if (status != PB_OK) return status;
    }
    uint8_t *to = self->out + self->out_used;
    memcpy(to, &frame, sizeof frame);
    if (head_size) memcpy(to + sizeof frame, head, head_size);
    if (tail_size) memcpy(to + sizeof frame + head_size, tail, tail_size);
    self->out_used += size;
    return PB_OK;
}

/* Reads more bytes, waiting until `deadline` of the wall clock. */
static enum pb_status fill(struct pb_instrument *self, pb_instant deadline, struct pb_error *error) {
    for (;;) {
        ssize_t n = recv(self->bench_fd, self->in + self->in_used, sizeof self->in - self->in_used, MSG_DONTWAIT);
        if (n > 0) {
            self->in_used += (size_t)n;
            return PB_OK;
        }
        if (n == 0)
            return pb_fail(error, PB_ERR_GONE, 0, where, "the world has ended before its time (its log tells more)");
        if (errno != EAGAIN && errno != EINTR)
            return pb_fail(error, PB_ERR_GONE, errno, where, "the world is gone (%s)", strerror(errno));
        struct pollfd wait = {.fd = self->bench_fd, .events = POLLIN};
        int rc = poll(&wait, 1, pb_wall_poll_ms(deadline));
        if (rc == 0)
            return pb_fail(error, PB_ERR_TIMEOUT, 0, where, "the world gave no answer within %d ms", self->answer_ms);
    }
}

typedef enum pb_status frame_fn(struct pb_instrument *self, const uint8_t *payload, size_t size,
                                struct pb_error *error);

static enum pb_status on_event(struct pb_instrument *self, const uint8_t *payload, size_t size,
                               struct pb_error *error) {
    static const uint16_t channel_of[] = {
        [PBL_EVENT_POLE] = CH_POLE_0, [PBL_EVENT_COIL] = CH_COIL,           [PBL_EVENT_CURRENT] = CH_CURRENT,
        [PBL_EVENT_LOCK] = CH_LOCK,   [PBL_EVENT_CCID_TEST] = CH_CCID_TEST, [PBL_EVENT_METER] = CH_METER,
        [PBL_EVENT_LATCH] = CH_LATCH};
    struct pbl_event event;
    (void)size;
    memcpy(&event, payload, sizeof event);
    if (event.kind == PBL_EVENT_READY) return PB_OK;
    if (event.kind >= sizeof channel_of / sizeof *channel_of || !channel_of[event.kind] || event.index >= MAX_POLES)
        return pb_fail(error, PB_ERR_PROTOCOL, event.kind, where, "the world sent an event of unknown kind %d",
                       event.kind);
    if (event.kind == PBL_EVENT_CURRENT && event.index > 0) return PB_OK; /* one conductor is enough for one phase */
    if (event.cord >= self->config.cords)
        return pb_fail(error, PB_ERR_PROTOCOL, event.cord, where, "the world sent an event of cord %d", event.cord);
    unsigned channel = (unsigned)(channel_of[event.kind] + (event.kind == PBL_EVENT_POLE ? event.index : 0));
    if (event.cord > 0) channel = virtual_second_of(channel);
    if (!channel) return PB_OK; /* what the bench does not look at on a second cord */
    struct pb_seen seen = {.channel = channel, .at = {event.t_ns}, .value = event.value, .u_ns = event.u_ns};
    self->sink.event(self->sink.user, &seen);
    return PB_OK;
}

static const unsigned cp_sense_of[] = {CH_CP_SENSE, CH2_CP_SENSE};

static enum pb_status on_samples(struct pb_instrument *self, const uint8_t *payload, size_t size,
                                 struct pb_error *error) {
    struct pbl_samples head;
    memcpy(&head, payload, sizeof head);
    if (head.cord >= self->config.cords)
        return pb_fail(error, PB_ERR_PROTOCOL, 0, where, "samples of cord %u from the world", head.cord);
    int64_t *next_index = head.is_scope ? &self->scope_next_index : &self->next_index[head.cord];
    if (size != sizeof head + (size_t)head.count * 2 || head.first_index != *next_index)
        return pb_fail(error, PB_ERR_PROTOCOL, 0, where, "samples of the world do not join (index %lld, expected %lld)",
                       (long long)head.first_index, (long long)*next_index);
    if (head.count > sizeof self->samples / sizeof *self->samples)
        return pb_fail(error, PB_ERR_PROTOCOL, 0, where, "a frame of %u samples from the world", head.count);
    memcpy(self->samples, payload + sizeof head, (size_t)head.count * sizeof *self->samples);
    *next_index += head.count;
    self->sink.samples(self->sink.user, head.is_scope ? CH_SCOPE : cp_sense_of[head.cord], head.first_index,
                       self->samples, head.count);
    return PB_OK;
}

static enum pb_status on_modelled(struct pb_instrument *self, const uint8_t *payload, size_t size,
                                  struct pb_error *error) {
    struct pbl_modelled head;
    (void)size;
    memcpy(&head, payload, sizeof head);
    if (head.cord >= self->config.cords || head.to_index < self->next_index[head.cord])
        return pb_fail(error, PB_ERR_PROTOCOL, 0, where, "a modelled stretch of the world runs backwards");
    self->next_index[head.cord] = head.to_index;
    self->sink.modelled(self->sink.user, cp_sense_of[head.cord], head.to_index);
    return PB_OK;
}

static enum pb_status on_console(struct pb_instrument *self, const uint8_t *payload, size_t size,
                                 struct pb_error *error) {
    struct pbl_text head;
    (void)error;
    memcpy(&head, payload, sizeof head);
    bool is_main = head.slave == self->console_slave;
    if (!is_main && head.slave != self->pev_slave) return PB_OK;
    self->sink.bytes(self->sink.user, is_main ? CH_CONSOLE : CH_PEV_CONSOLE, (pb_instant){head.t_ns},
                     payload + sizeof head, size - sizeof head);
    return PB_OK;
}

static enum pb_status on_message(struct pb_instrument *self, const uint8_t *payload, size_t size,
                                 struct pb_error *error) {
    struct pbl_text head;
    (void)error;
    memcpy(&head, payload, sizeof head);
    if (head.link > CH_UTILITY - CH_ESCI) return PB_OK; /* a link that nobody listens on */
    self->sink.bytes(self->sink.user, CH_ESCI + head.link, (pb_instant){head.t_ns}, payload + sizeof head,
                     size - sizeof head);
    return PB_OK;
}

/* Kept until the turn's end: the answer to ADVANCE follows, and is not to be taken for the next one's. */
static enum pb_status on_fault(struct pb_instrument *self, const uint8_t *payload, size_t size,
                               struct pb_error *error) {
    struct pbl_fault head;
    (void)error;
    memcpy(&head, payload, sizeof head);
    enum pb_status status =
        head.status > PB_OK && head.status < PB_STATUS_COUNT ? (enum pb_status)head.status : PB_ERR_PROTOCOL;
    (void)pb_fail(&self->fault, status, 0, "dut", "%.*s", (int)(size - sizeof head),
                  (const char *)payload + sizeof head);
    return PB_OK;
}

static const struct {
    size_t least;
    frame_fn *carry_out;
} frames[] = {
    [PBL_EVENT] = {sizeof(struct pbl_event), on_event},
    [PBL_SAMPLES] = {sizeof(struct pbl_samples), on_samples},
    [PBL_MODELLED] = {sizeof(struct pbl_modelled), on_modelled},
    [PBL_SERIAL_SEEN] = {sizeof(struct pbl_text), on_console},
    [PBL_MESSAGE_SEEN] = {sizeof(struct pbl_text), on_message},
    [PBL_FAULT] = {sizeof(struct pbl_fault), on_fault},
};

/* Takes frames until one of type `last` has come; its payload's first bytes into ret_last. */
static enum pb_status take_until(struct pb_instrument *self, enum pbl_type last, void *ret_last, size_t last_size,
                                 struct pb_error *error) {
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(self->answer_ms));
    for (;;) {
        size_t used = 0;
        enum pb_status status = PB_OK;
        while (status == PB_OK && self->in_used - used >= sizeof(struct pbl_frame)) {
            struct pbl_frame frame;
            memcpy(&frame, self->in + used, sizeof frame);
            if (frame.size > FRAME_BUFFER - sizeof frame)
                return pb_fail(error, PB_ERR_PROTOCOL, 0, where, "a frame of %u bytes from the world", frame.size);
            if (self->in_used - used < sizeof frame + frame.size) break;
            const uint8_t *payload = self->in + used + sizeof frame;
            used += sizeof frame + frame.size;
            if (frame.type == last && frame.size >= last_size) {
                memcpy(ret_last, payload, last_size);
                memmove(self->in, self->in + used, self->in_used - used);
                self->in_used -= used;
                return PB_OK;
            }
            if (frame.type >= sizeof frames / sizeof *frames || !frames[frame.type].carry_out ||
                frame.size < frames[frame.type].least)
                return pb_fail(error, PB_ERR_PROTOCOL, frame.type, where,
                               "a frame of unknown type %d or wrong size from the world", frame.type);
            status = frames[frame.type].carry_out(self, payload, frame.size, error);
        }
        memmove(self->in, self->in + used, self->in_used - used);
        self->in_used -= used;
        if (status == PB_OK) status = fill(self, deadline, error);
        if (status != PB_OK) return status;
    }
}

/* ---- opening and closing ---- */

/* Starts a program that has stdin, stdout, stderr and two descriptors, low below high, under the numbers that they have here. An errno or 0. */
static int spawn_with(pid_t *ret_pid, const char *path, const char *const *words, int low, int high) {
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    for (int fd = 3; fd < high && !failed; fd++)
        if (fd != low) failed = posix_spawn_file_actions_addclose(&actions, fd);
    /* Onto itself: takes the close-on-exec flag away. */
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, low, low);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, high, high);
    if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(&actions, high + 1);
    if (!failed) failed = posix_spawn(ret_pid, path, &actions, NULL, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static void world_path(const struct virtual_config *config, char *ret_path, size_t size) {
    if (config->world && config->world[0]) {
        snprintf(ret_path, size, "%s", config->world);
        return;
    }
    ssize_t n = readlink("/proc/self/exe", ret_path, size - 1);
    ret_path[n > 0 ? n : 0] = 0;
    char *slash = strrchr(ret_path, '/');
    snprintf(slash ? slash + 1 : ret_path, size - (size_t)(slash ? slash + 1 - ret_path : 0), "pilotbench-world");
}

static enum pb_status start_world(struct pb_instrument *self, const struct virtual_config *config, const char *log_path,
                                  struct pb_error *error) {
    char path[4096], bench_text[16], guardian_text[16];
    int bench[2], guardian[2] = {-1, -1};
    world_path(config, path, sizeof path);
    if (access(path, X_OK) != 0) return pb_fail(error, PB_ERR_NOT_FOUND, errno, where, "no program %s", path);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bench) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, guardian) != 0)
        return pb_fail(error, PB_ERR_IO, errno, where, "no socket pair (%s)", strerror(errno));
    int buffer = 1 << 20;
    for (int i = 0; i < 2; i++) (void)setsockopt(bench[i], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    snprintf(bench_text, sizeof bench_text, "%d", bench[1]);
    snprintf(guardian_text, sizeof guardian_text, "%d", guardian[1]);
    const char *const words[] = {"pilotbench-world", "--bench-fd", bench_text, "--guardian-fd",
                                 guardian_text,      "--log",      log_path,   NULL};
    int failed = spawn_with(&self->world, path, words, bench[1], guardian[1]);
    close(bench[1]);
    close(guardian[1]);
    self->bench_fd = bench[0];
    self->guardian_fd = guardian[0];
    if (failed) return pb_fail(error, PB_ERR_IO, failed, where, "cannot start %s (%s)", path, strerror(failed));
    return PB_OK;
}

/* The sample period as a rational: 1e15 / uHz. */
static void set_period(int64_t rate_uhz, int64_t *ret_num_ns, int64_t *ret_den) {
    int64_t num_ns = 1000000000000000, den = rate_uhz;
    for (int64_t a = num_ns, b = den, rest; b; a = b, b = rest) {
        rest = a % b;
        if (!rest) num_ns /= b, den /= b;
    }
    *ret_num_ns = num_ns;
    *ret_den = den;
}

static void fill_config(struct pb_instrument *self, const struct virtual_config *from, uint64_t seed) {
    struct pbl_config *to = &self->config;
    *to = (struct pbl_config){
        .version = PBL_VERSION, .cords = (uint32_t)from->cords, .poles = (uint32_t)from->poles, .seed = seed};
    set_period(from->sample_rate_uhz, &to->sense_period_num_ns, &to->sense_period_den);
    if (from->scope_rate_uhz) set_period(from->scope_rate_uhz, &to->scope_period_num_ns, &to->scope_period_den);
    to->scope_uv_num = from->range_uv;
    to->scope_uv_den = 2048;
    to->scope_noise_uv = from->scope_noise_uv;
    to->sense_uv_num = from->range_uv;
    to->sense_uv_den = 32768;
    to->sense_noise_uv = from->noise_uv;
    to->keep_before_ns = from->keep_before_ns;
    to->keep_after_ns = from->keep_after_ns;
    to->sample_throughout = from->sample_throughout;
    to->current_by_half_cycle = from->current_sense == BY_HALF_CYCLE;
    to->mains_mv = from->mains_uv / 1000;
    to->mains_mhz = from->mains_uhz / 1000;
    to->close_delay_ns = from->close_delay_ns;
    to->open_delay_ns = from->open_delay_ns;
    to->bounce_ns = from->bounce_ns;
    to->answer_ms = (uint32_t)(from->answer_within_ns / 1000000);
    to->cable_ff = from->cable_ff;
    to->diode_uv = from->diode_uv;
    to->r2_mohm = virtual_channels[PBL_OUT_R2].safe;
    to->r3_mohm = virtual_channels[PBL_OUT_R3].safe;
    to->quantum_ns = from->quantum_ns;
    to->meter_class_ppm = from->meter_class_ppm;
    to->meter_rollover_wh = from->meter_rollover_wh;
    to->meter_period_ns = from->meter_period_ns;
    self->answer_ms = (int)to->answer_ms + 5000;
    self->sampling = (struct pb_sampling){.period_num_ns = to->sense_period_num_ns,
                                          .period_den = to->sense_period_den,
                                          .uv_num = to->sense_uv_num,
                                          .uv_den = to->sense_uv_den,
                                          .uv_offset = to->sense_uv_offset,
                                          .u_level_uv = from->u_level_uv,
                                          .u_time_ns = from->u_time_ns,
                                          .u_rate_ppb = from->u_rate_ppm * 1000,
                                          .front_rise_ns = from->front_rise_ns};
    self->scope = (struct pb_sampling){.period_num_ns = to->scope_period_num_ns,
                                       .period_den = to->scope_period_den,
                                       .uv_num = to->scope_uv_num,
                                       .uv_den = to->scope_uv_den,
                                       .u_level_uv = from->scope_u_level_uv,
                                       .u_time_ns = 1,
                                       .u_rate_ppb = from->u_rate_ppm * 1000,
                                       .front_rise_ns = from->scope_front_rise_ns};
}

/* A world that does not end in time never will. */
static void reap_world(struct pb_instrument *self) {
    int world = pidfd_open(self->world, 0);
    struct pollfd entry = {.fd = world, .events = POLLIN};
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(self->loss.status == PB_OK ? self->answer_ms : LAST_WAIT_MS));
    int ready = -1;
    while (world >= 0 && (ready = poll(&entry, 1, pb_wall_poll_ms(deadline))) < 0 && errno == EINTR) {}
    if (ready <= 0) kill(self->world, SIGKILL);
    while (waitpid(self->world, NULL, 0) < 0 && errno == EINTR) {}
    if (world >= 0) close(world);
}

static void virtual_close(struct pb_instrument *self) {
    struct pb_error ignored;
    if (!self) return;
    if (self->bench_fd >= 0 && put(self, PBL_BYE, NULL, 0, NULL, 0, &ignored) == PB_OK) (void)!flush(self, &ignored);
    if (self->bench_fd >= 0) close(self->bench_fd);
    if (self->guardian_fd >= 0) close(self->guardian_fd);
    if (self->behind_fd >= 0) close(self->behind_fd);
    if (self->world > 0) reap_world(self);
    free(self);
}

static enum pb_status virtual_open(const void *config_, const struct pb_opening *opening,
                                   struct pb_instrument **ret_instrument, struct pb_error *error) {
    const struct virtual_config *config = config_;
    struct pb_instrument *self = calloc(1, sizeof *self);
    if (!self) return pb_fail(error, PB_ERR_MEMORY, 0, where, "no memory");
    self->bench_fd = self->guardian_fd = -1;
    self->pev_slave = PBL_ALL; /* until there is one */
    self->behind_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->sink = opening->sink;
    self->wall_zero = opening->wall_zero;
    fill_config(self, config, opening->seed);
    struct pbl_started started;
    enum pb_status status = self->behind_fd < 0
                                ? pb_fail(error, PB_ERR_IO, errno, where, "no eventfd (%s)", strerror(errno))
                                : start_world(self, config, opening->log_path, error);
    if (status == PB_OK) status = put(self, PBL_CONFIG, &self->config, sizeof self->config, NULL, 0, error);
    if (status == PB_OK) status = flush(self, error);
    if (status == PB_OK) status = take_until(self, PBL_STARTED, &started, sizeof started, error);
    if (status == PB_OK && started.version != PBL_VERSION)
        status = pb_fail(error, PB_ERR_UNSUPPORTED, (int)started.version, where,
                         "the world speaks version %u of the link, expected %u", started.version, PBL_VERSION);
    if (status != PB_OK) {
        virtual_close(self);
        return status;
    }
    *ret_instrument = self;
    return PB_OK;
}

static const struct pb_sampling *virtual_sampling(struct pb_instrument *self, unsigned channel) {
    if (channel == CH_SCOPE && self->config.scope_period_num_ns) return &self->scope;
    return virtual_first_cord_s(channel) == CH_CP_SENSE ? &self->sampling : NULL;
}

/* ---- what it does ---- */

static enum pb_status catch_up(struct pb_instrument *self, struct pb_error *error);
static enum pb_status let_arrive(struct pb_instrument *self, struct pb_error *error);

static enum pb_status virtual_set(struct pb_instrument *self, unsigned channel, int64_t value, struct pb_error *error) {
    bool is_output = channel < CH_COUNT && (virtual_channels[channel].access & PB_ACCESS_DRIVE);
    if (!is_output || value < virtual_channels[channel].min || value > virtual_channels[channel].max)
        return pb_fail(error, PB_ERR_RANGE, 0, where, "%lld is outside of what %s takes", (long long)value,
                       channel < CH_COUNT ? virtual_channels[channel].name : "?");
    unsigned output = virtual_first_cord_s(channel);
    struct pbl_set set = {.output = output,
                          .cord = virtual_cord_of(channel),
                          .value = output == PBL_OUT_RESIDUAL ? value * 1000 : value}; /* the world counts it in uA */
    enum pb_status status = catch_up(self, error);
    if (status == PB_OK) status = put(self, PBL_SET, &set, sizeof set, NULL, 0, error);
    if (status == PB_OK) status = flush(self, error); /* an output changes now, not with the next turn */
    return status == PB_OK ? let_arrive(self, error) : status;
}

static enum pb_status virtual_keep_until(struct pb_instrument *self, unsigned channel, pb_instant until,
                                         struct pb_error *error) {
    struct pbl_keep keep = {.cord = virtual_is_second(channel), .until_ns = until.ns};
    if (virtual_first_cord_s(channel) != CH_CP_SENSE)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, where, "only cp_sense is sampled");
    return put(self, PBL_KEEP, &keep, sizeof keep, NULL, 0, error);
}

static enum pb_status virtual_take(struct pb_instrument *self, unsigned channel, pb_instant now, pb_span span,
                                   int64_t *ret_first, int64_t *ret_count, struct pb_error *error) {
    pb_instant until = pb_after(now, span);
    struct pbl_keep keep = {.is_scope = 1, .until_ns = until.ns};
    if (channel != CH_SCOPE || !self->config.scope_period_num_ns)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, where, "only the scope takes blocks, and it has no scope_rate");
    int64_t first = pb_sampling_index_at(&self->scope, now.ns), end = pb_sampling_index_at(&self->scope, until.ns);
    self->scope_next_index = first;
    *ret_first = first;
    *ret_count = end - first;
    return put(self, PBL_KEEP, &keep, sizeof keep, NULL, 0, error);
}

static enum pb_status virtual_send(struct pb_instrument *self, unsigned channel, const void *bytes, size_t size,
                                   struct pb_error *error) {
    /* The EVSE's or the only process's console, or the vehicle's; a message is for all on the link. */
    bool is_console = channel == CH_CONSOLE || channel == CH_PEV_CONSOLE;
    uint8_t slave = channel == CH_CONSOLE ? self->console_slave : self->pev_slave;
    struct pbl_text head = {.slave = is_console ? slave : PBL_ALL,
                            .link = (uint8_t)(is_console ? 0 : channel - CH_ESCI)};
    enum pb_status status = catch_up(self, error);
    if (status == PB_OK)
        status = put(self, is_console ? PBL_SERIAL : PBL_MESSAGE, &head, sizeof head, bytes, size, error);
    return status == PB_OK ? let_arrive(self, error) : status;
}

static bool virtual_is_up(struct pb_instrument *self, unsigned channel) {
    (void)self, (void)channel;
    return true;
}

static enum pb_status virtual_start_slave(struct pb_instrument *self, const struct pb_slave *slave, uint64_t seed,
                                          struct pb_error *error) {
    char text[3000];
    size_t used = 0;
    struct pbl_slave head = {.actor = (uint8_t)slave->actor, .cord = (uint8_t)slave->cord, .seed = seed};
    for (size_t i = 0; slave->argv[i]; i++) {
        size_t length = strlen(slave->argv[i]) + 1;
        if (used + length > sizeof text) return pb_fail(error, PB_ERR_RANGE, 0, "dut", "the command line is too long");
        memcpy(text + used, slave->argv[i], length);
        used += length;
    }
    if (slave->actor == PBW_EVSE) self->console_slave = self->slave_count;
    if (slave->actor == PBW_PEV) self->pev_slave = self->slave_count;
    self->slave_count++;
    return put(self, PBL_SLAVE, &head, sizeof head, text, used, error);
}

static uint32_t wake_bits(uint64_t wake_mask) {
    static const uint32_t bits_of[CH_FIRST_COUNT] = {
        [CH_CP_SENSE] = PBL_WAKE(PBL_EVENT_BLOCK), [CH_POLE_0] = PBL_WAKE(PBL_EVENT_POLE),
        [CH_POLE_1] = PBL_WAKE(PBL_EVENT_POLE),    [CH_POLE_2] = PBL_WAKE(PBL_EVENT_POLE),
        [CH_POLE_3] = PBL_WAKE(PBL_EVENT_POLE),    [CH_CURRENT] = PBL_WAKE(PBL_EVENT_CURRENT),
        [CH_LATCH] = PBL_WAKE(PBL_EVENT_LATCH),    [CH_METER] = PBL_WAKE(PBL_EVENT_METER),
        [CH_ESCI] = PBL_WAKE(PBL_EVENT_MESSAGE),   [CH_UTILITY] = PBL_WAKE(PBL_EVENT_MESSAGE),
        [CH_CONSOLE] = PBL_WAKE(PBL_EVENT_SERIAL), [CH_PEV_CONSOLE] = PBL_WAKE(PBL_EVENT_SERIAL),
    };
    uint32_t bits = 0;
    for (unsigned channel = 0; channel < CH_COUNT; channel++)
        if (wake_mask >> channel & 1) bits |= bits_of[virtual_first_cord_s(channel)];
    return bits;
}

static enum pb_status virtual_advance(struct pb_instrument *self, pb_instant until, uint64_t wake_mask,
                                      pb_instant *ret_reached, struct pb_error *error) {
    struct pbl_advance advance = {.until_ns = until.ns, .wake_mask = wake_bits(wake_mask)};
    struct pbl_advanced advanced = {0};
    if (self->loss.status != PB_OK) {
        *error = self->loss;
        return error->status;
    }
    enum pb_status status = put(self, PBL_ADVANCE, &advance, sizeof advance, NULL, 0, error);
    if (status == PB_OK) status = flush(self, error);
    if (status == PB_OK) status = take_until(self, PBL_ADVANCED, &advanced, sizeof advanced, error);
    if (status != PB_OK) {
        self->loss = *error;
        return status;
    }
    self->sink.complete(self->sink.user, (pb_instant){advanced.reached_ns});
    self->reached = (pb_instant){advanced.reached_ns};
    *ret_reached = (pb_instant){advanced.reached_ns};
    if (self->fault.status == PB_OK) return PB_OK;
    *error = self->fault; /* at every turn: no time passes any more, and who swallowed it once must not wait for ever */
    return error->status;
}

/* ---- on the wall clock: the world follows, never ahead of the present ---- */

/* As far as `now`, or to the end of a block of changing samples: the engine says what it keeps of them before more time passes. */
static enum pb_status follow(struct pb_instrument *self, pb_instant now, struct pb_error *error) {
    pb_instant reached = self->reached;
    return virtual_advance(self, pb_later(now, reached), UINT64_C(1) << CH_CP_SENSE, &reached, error);
}

/* Readable while the world is behind. */
static void tell_behind(struct pb_instrument *self, bool is_behind) {
    uint64_t count = 1;
    if (is_behind) (void)!write(self->behind_fd, &count, sizeof count);
    else (void)!read(self->behind_fd, &count, sizeof count);
}

static enum pb_status virtual_poll(struct pb_instrument *self, pb_instant now, struct pb_error *error) {
    enum pb_status status = follow(self, now, error);
    tell_behind(self, status == PB_OK && pb_is_before(self->reached, now));
    return status;
}

/* Before something is done to the world: brings it to the present, so that nothing follows from a deed before it. */
static enum pb_status catch_up(struct pb_instrument *self, struct pb_error *error) {
    enum pb_status status = PB_OK;
    if (!self->wall_zero.ns) return PB_OK;
    pb_instant now = {pb_between(self->wall_zero, pb_wall_now()).ns};
    while (status == PB_OK && pb_is_before(self->reached, now)) status = follow(self, now, error);
    return status;
}

/* After it: comes back when the world has carried it out. On simulated time the next turn does. */
static enum pb_status let_arrive(struct pb_instrument *self, struct pb_error *error) {
    return self->wall_zero.ns ? follow(self, self->reached, error) : PB_OK;
}

static int virtual_descriptor(struct pb_instrument *self) { return self->behind_fd; }

static pb_span virtual_lag(struct pb_instrument *self) { return pb_ms(self->answer_ms); }

static int virtual_guard_descriptor(struct pb_instrument *self) { return self->guardian_fd; }

/* Runs in the guardian process: no state of ours, no allocation. */
static enum pb_status virtual_guard_write(int descriptor, unsigned channel, int64_t value,
                                          const struct pb_guard_note *note, int wait_ms) {
    (void)note;
    static uint32_t seq;
    struct pbl_guard request = {.magic = PBL_GUARD_MAGIC,
                                .output = virtual_first_cord_s(channel),
                                .cord = virtual_cord_of(channel),
                                .seq = ++seq,
                                .value = value},
                     answer;
    if (send(descriptor, &request, sizeof request, MSG_NOSIGNAL) != sizeof request) return PB_ERR_GONE;
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(wait_ms));
    size_t used = 0;
    while (used < sizeof answer) {
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};
        int rc = poll(&wait, 1, pb_wall_poll_ms(deadline));
        if (rc == 0) return PB_ERR_TIMEOUT;
        if (rc < 0 && errno == EINTR) continue;
        ssize_t n = recv(descriptor, (uint8_t *)&answer + used, sizeof answer - used, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return PB_ERR_GONE;
        if (n > 0) used += (size_t)n;
        if (used == sizeof answer && answer.seq != request.seq) used = 0; /* a late answer to an earlier request */
    }
    return answer.value == value ? PB_OK : PB_ERR_IO;
}

const struct pb_core_ops virtual_core_ops = {virtual_open, virtual_close, virtual_sampling};
const struct pb_out_ops virtual_out_ops = {virtual_set};
const struct pb_stream_ops virtual_stream_ops = {virtual_keep_until};
const struct pb_burst_ops virtual_burst_ops = {virtual_take};
const struct pb_bytes_ops virtual_bytes_ops = {virtual_send, virtual_is_up};
const struct pb_live_ops virtual_live_ops = {virtual_descriptor, virtual_poll, virtual_lag};
const struct pb_time_ops virtual_time_ops = {virtual_start_slave, virtual_advance};
const struct pb_guard_ops virtual_guard_ops = {virtual_guard_descriptor, virtual_guard_write, NULL};
