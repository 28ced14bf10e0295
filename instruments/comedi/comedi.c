/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One open board. Subdevices in use are locked, so that nobody else changes an output under way; the guardian's descriptor is a copy of ours,
 * hence inside the lock, and stays good when we die. Inputs that are not streamed are looked at every `look`: a change lies between two looks, and
 * is dated in their middle. */
#include "instruments/comedi/comedi.h"

#include "base/wall.h"
#include "instruments/comedi/board.h"
#include "instruments/comedi/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { LINES_A_WORD = 32 };

struct comedi_config {
    const char *device, *wiring;
    int64_t rate_uhz, buffer_ns, look_ns, u_time_ns, clock_error_ppm, u_clock_ppm;
    struct comedi_rows *rows;
};

#define QUANTITY(name_, member_, unit_, fallback_, min_, max_, text_)                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(struct comedi_config, member_),                   \
        .unit = PB_UNIT_##unit_, .fallback = fallback_, .min = min_, .max = max_, .text = text_                        \
    }

static const struct pb_param params[] = {
    {.name = "device",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct comedi_config, device),
     .fallback = "/dev/comedi0",
     .text = "the board (pilotbench scan shows them)"},
    {.name = "profile",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct comedi_config, wiring),
     .is_required = true,
     .text = "file that says what is wired to the board and how it is calibrated, from the bench file's folder"},
    QUANTITY("rate", rate_uhz, HERTZ, "500 kHz", "1 Hz", "100 MHz", "samples a second that are wanted of each input"),
    QUANTITY("buffer", buffer_ns, SECOND, "500 ms", "1 ms", "60 s", "samples that the kernel is to keep for us"),
    QUANTITY("look", look_ns, SECOND, "1 ms", "100 us", "1 s", "period at which inputs that are not streamed are read"),
    QUANTITY("u_time", u_time_ns, SECOND, "100 ns", "0 s", "1 ms", "expanded uncertainty of a sample's date: jitter"),
    QUANTITY("clock_error", clock_error_ppm, PERCENT, "0 %", "-1 %", "1 %",
             "how much longer the board's periods are than it says, by calibration"),
    QUANTITY("u_clock", u_clock_ppm, PERCENT, "0.01 %", "0.0001 %", "100 %",
             "its expanded uncertainty; clocks that part faster are an error"),
};

/* Digital inputs of one subdevice that one read fetches. */
struct look {
    unsigned subdevice, base;
    lsampl_t bits;
};

struct pb_instrument {
    struct comedi_board board;
    const struct comedi_rows *rows;
    struct pb_sink sink;
    pb_instant wall_zero;
    struct comedi_line lines[COMEDI_ROWS_MAX];
    struct comedi_pulses pulses[COMEDI_ROWS_MAX]; /* of a duty's row */
    struct comedi_stream stream;
    int wake_fd, timer_fd, guard_fd;
    struct look looks[COMEDI_ROWS_MAX];
    size_t look_count;
    unsigned look_of[COMEDI_ROWS_MAX]; /* of a digital input's row */
    bool is_told[COMEDI_ROWS_MAX];
    int64_t told[COMEDI_ROWS_MAX]; /* last value that went to the sink */
    bool is_looking;
    pb_span look_period, buffer;
    pb_instant looked_at; /* before the last look: no later edge is dated before it */
};

static pb_instant bench_now(const struct pb_instrument *self) {
    return (pb_instant){pb_between(self->wall_zero, pb_wall_now()).ns};
}

/* ---- outputs ---- */

static bool is_pulse(const struct comedi_row *row) {
    return row->kind == COMEDI_PULSE_DUTY || row->kind == COMEDI_PULSE_FREQUENCY;
}

/* Of a duty, or of the duty that a frequency belongs to. */
static unsigned pulses_of(const struct pb_instrument *self, unsigned row) {
    unsigned duty = 0;
    while (self->rows->rows[duty].kind != COMEDI_PULSE_DUTY || self->lines[duty].line != self->lines[row].line ||
           self->lines[duty].subdevice != self->lines[row].subdevice)
        duty++;
    return duty;
}

static bool make_command(struct pb_instrument *self, unsigned row, int64_t value, struct comedi_pulses *ret_pulses,
                         struct comedi_command *ret_command) {
    const struct pb_channel *channel = &self->rows->channels[row];
    const struct comedi_row *of = &self->rows->rows[row];
    if (!is_pulse(of)) return comedi_command_make(of, &self->lines[row], value, ret_command);
    if (value < channel->min || value > channel->max) return false;
    *ret_pulses = self->pulses[pulses_of(self, row)];
    *(of->kind == COMEDI_PULSE_DUTY ? &ret_pulses->duty_ppm : &ret_pulses->frequency_uhz) = value;
    *ret_command = comedi_pulses_command(&self->lines[row], of->kind, ret_pulses);
    return true;
}

static enum pb_status write_value(struct pb_instrument *self, unsigned channel, int64_t value, struct pb_error *error) {
    struct comedi_command command;
    struct comedi_pulses pulses;
    if (channel >= self->rows->count || !make_command(self, channel, value, &pulses, &command))
        return pb_fail(error, PB_ERR_RANGE, 0, self->board.where, "%lld is outside of what %s takes", (long long)value,
                       channel < self->rows->count ? self->rows->rows[channel].name : "?");
    errno = comedi_command_send(comedi_fileno(self->board.device), &command);
    bool is_of_pulses = is_pulse(&self->rows->rows[channel]);
    if (errno) return comedi_board_fail(&self->board, error, is_of_pulses ? "making pulses" : "writing an output");
    if (is_of_pulses) self->pulses[pulses_of(self, channel)] = pulses;
    return PB_OK;
}

static bool is_output(const struct comedi_row *row) {
    return row->kind == COMEDI_ANALOGUE_OUT || row->kind == COMEDI_DIGITAL_OUT || row->kind == COMEDI_PULSE_DUTY;
}

/* The duty before the PWM is armed. */
static enum pb_status start_pulses(struct pb_instrument *self, unsigned row, struct pb_error *error) {
    const struct comedi_line *line = &self->lines[row];
    struct comedi_pulses *pulses = &self->pulses[row];
    *pulses = (struct comedi_pulses){self->rows->rows[row].frequency_uhz, self->rows->rows[row].safe};
    struct comedi_command command = comedi_pulses_command(line, COMEDI_PULSE_FREQUENCY, pulses);
    errno = comedi_command_send(comedi_fileno(self->board.device), &command);
    if (errno) return comedi_board_fail(&self->board, error, "making pulses");
    enum pb_status status = write_value(self, row, pulses->duty_ppm, error);
    return status == PB_OK ? comedi_board_arm(&self->board, line, error) : status;
}

/* The value first, so that a line that becomes an output has it from the first moment; and after, for boards that forget it. */
static enum pb_status start_outputs(struct pb_instrument *self, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (unsigned i = 0; status == PB_OK && i < self->rows->count; i++) {
        const struct comedi_row *row = &self->rows->rows[i];
        if (!is_output(row)) continue;
        if (row->kind == COMEDI_PULSE_DUTY) {
            status = start_pulses(self, i, error);
            continue;
        }
        status = write_value(self, i, row->safe, error);
        if (status == PB_OK && row->kind == COMEDI_DIGITAL_OUT)
            status = comedi_board_direct(&self->board, &self->lines[i], true, error);
        if (status == PB_OK) status = write_value(self, i, row->safe, error);
    }
    return status;
}

/* ---- inputs that are looked at ---- */

static void add_look(struct pb_instrument *self, unsigned row) {
    const struct comedi_line *line = &self->lines[row];
    struct look look = {.subdevice = line->subdevice, .base = line->line / LINES_A_WORD * LINES_A_WORD};
    size_t k = 0;
    while (k < self->look_count && (self->looks[k].subdevice != look.subdevice || self->looks[k].base != look.base))
        k++;
    if (k == self->look_count) self->looks[self->look_count++] = look;
    self->look_of[row] = (unsigned)k;
}

static enum pb_status start_looks(struct pb_instrument *self, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (unsigned i = 0; status == PB_OK && i < self->rows->count; i++) {
        enum comedi_kind kind = self->rows->rows[i].kind;
        if (kind != COMEDI_DIGITAL_IN && kind != COMEDI_ANALOGUE_IN) continue;
        self->is_looking = true;
        if (kind == COMEDI_ANALOGUE_IN) continue;
        add_look(self, i);
        status = comedi_board_direct(&self->board, &self->lines[i], false, error);
    }
    return status;
}

static enum pb_status value_of(struct pb_instrument *self, unsigned row, int64_t *ret_value, struct pb_error *error) {
    const struct comedi_line *line = &self->lines[row];
    uint32_t code;
    if (self->rows->rows[row].kind == COMEDI_DIGITAL_IN) {
        bool is_high = self->looks[self->look_of[row]].bits >> line->line % LINES_A_WORD & 1;
        *ret_value = is_high != self->rows->rows[row].is_inverted;
        return PB_OK;
    }
    enum pb_status status = comedi_board_read(&self->board, line, &code, error);
    if (status == PB_OK) *ret_value = comedi_scale_uv(&line->scale, code);
    return status;
}

static bool is_news(const struct pb_instrument *self, unsigned row, int64_t value) {
    int64_t change = value - self->told[row];
    if (!self->is_told[row]) return true; /* the first value of a line is an event too */
    return change != 0 && (change < 0 ? -change : change) >= self->rows->rows[row].change_uv;
}

static enum pb_status tell_changes(struct pb_instrument *self, struct pb_error *error) {
    for (unsigned i = 0; i < self->rows->count; i++) {
        enum comedi_kind kind = self->rows->rows[i].kind;
        int64_t value;
        if (kind != COMEDI_DIGITAL_IN && kind != COMEDI_ANALOGUE_IN) continue;
        enum pb_status status = value_of(self, i, &value, error);
        if (status != PB_OK) return status;
        if (!is_news(self, i, value)) continue;
        self->is_told[i] = true;
        self->told[i] = value;
        pb_span half = pb_ns(pb_between(self->looked_at, bench_now(self)).ns / 2 + 1);
        struct pb_seen seen = {.channel = i, .at = pb_after(self->looked_at, half), .value = value, .u_ns = half.ns};
        self->sink.event(self->sink.user, &seen);
    }
    return PB_OK;
}

static enum pb_status look(struct pb_instrument *self, struct pb_error *error) {
    pb_instant before = bench_now(self);
    for (size_t k = 0; k < self->look_count; k++) {
        struct look *at = &self->looks[k];
        unsigned bits = 0;
        if (comedi_dio_bitfield2(self->board.device, at->subdevice, 0, &bits, at->base) < 0)
            return comedi_board_fail(&self->board, error, "reading digital inputs");
        at->bits = bits;
    }
    enum pb_status status = tell_changes(self, error);
    if (status == PB_OK) self->looked_at = before;
    return status;
}

static enum pb_status look_if_due(struct pb_instrument *self, struct pb_error *error) {
    uint64_t expirations;
    if (!self->is_looking) return PB_OK;
    if (read(self->timer_fd, &expirations, sizeof expirations) < 0) return PB_OK; /* not due yet */
    return look(self, error);
}

/* ---- opening ---- */

/* EPOLLET for a board: it is readable as soon as there is one sample, but worth a turn when it has told of new ones. */
static enum pb_status watch(struct pb_instrument *self, int fd, uint32_t events, struct pb_error *error) {
    struct epoll_event event = {.events = events};
    if (epoll_ctl(self->wake_fd, EPOLL_CTL_ADD, fd, &event) == 0) return PB_OK;
    return pb_fail(error, PB_ERR_IO, errno, self->board.where, "cannot be waited for (%s)", strerror(errno));
}

static enum pb_status start_timer(struct pb_instrument *self, struct pb_error *error) {
    struct timespec period = {.tv_sec = self->look_period.ns / 1000000000,
                              .tv_nsec = self->look_period.ns % 1000000000};
    struct itimerspec timing = {.it_interval = period, .it_value = period};
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (self->timer_fd < 0 || timerfd_settime(self->timer_fd, 0, &timing, NULL) != 0)
        return pb_fail(error, PB_ERR_IO, errno, self->board.where, "no timer (%s)", strerror(errno));
    return watch(self, self->timer_fd, EPOLLIN, error);
}

static enum pb_status find_lines(struct pb_instrument *self, struct pb_error *error) {
    uint64_t locked = 0;
    for (unsigned i = 0; i < self->rows->count; i++) {
        enum pb_status status = comedi_board_find(&self->board, &self->rows->rows[i], &self->lines[i], error);
        uint64_t bit = UINT64_C(1) << self->lines[i].subdevice % 64;
        if (status == PB_OK && !(locked & bit))
            status = comedi_board_lock(&self->board, self->lines[i].subdevice, error);
        if (status != PB_OK) return status;
        locked |= bit;
    }
    return PB_OK;
}

static enum pb_status start_stream(struct pb_instrument *self, const struct comedi_config *config,
                                   struct pb_error *error) {
    struct comedi_stream *stream = &self->stream;
    struct comedi_stream_wish wish = {
        .period = pb_ns((1000000000000000 + config->rate_uhz / 2) / config->rate_uhz),
        .buffer = pb_ns(config->buffer_ns),
        .clock_ppm = config->clock_error_ppm,
        .u_clock_ppm = config->u_clock_ppm,
        .u_time = pb_ns(config->u_time_ns),
    };
    stream->board = &self->board;
    for (unsigned i = 0; i < self->rows->count; i++) {
        if (self->rows->rows[i].kind != COMEDI_STREAM_IN) continue;
        stream->row[stream->channel_count] = i;
        stream->lines[stream->channel_count++] = self->lines[i];
        if (self->lines[i].subdevice != stream->lines[0].subdevice)
            return pb_fail(error, PB_ERR_UNSUPPORTED, 0, self->board.where,
                           "%s: streams of two subdevices at once, expected all of one", self->rows->rows[i].name);
    }
    if (stream->channel_count == 0) return PB_OK;
    for (unsigned i = 0; i < self->rows->count; i++)
        if (self->rows->rows[i].kind == COMEDI_ANALOGUE_IN && self->lines[i].subdevice == stream->lines[0].subdevice)
            return pb_fail(error, PB_ERR_UNSUPPORTED, 0, self->board.where,
                           "%s: cannot be looked at while its subdevice streams; expected it in stream_in",
                           self->rows->rows[i].name);
    enum pb_status status = comedi_stream_start(stream, self->rows, &wish, self->wall_zero, error);
    return status == PB_OK ? watch(self, comedi_fileno(self->board.device), EPOLLIN | EPOLLET, error) : status;
}

static void make_safe(struct pb_instrument *self) {
    struct pb_error ignored;
    for (unsigned i = 0; i < self->rows->count; i++)
        if (is_output(&self->rows->rows[i])) (void)write_value(self, i, self->rows->rows[i].safe, &ignored);
}

static void release(struct pb_instrument *self) {
    int fds[] = {self->wake_fd, self->timer_fd, self->guard_fd};
    comedi_stream_stop(&self->stream);
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0) close(fds[i]);
    comedi_board_close(&self->board);
    free(self);
}

static void comedi_driver_close(struct pb_instrument *self) {
    if (!self) return;
    make_safe(self);
    release(self);
}

static enum pb_status start_all(struct pb_instrument *self, const struct comedi_config *config,
                                struct pb_error *error) {
    enum pb_status status = comedi_board_open(config->device, &self->board, error);
    if (status == PB_OK) status = find_lines(self, error);
    if (status == PB_OK) status = start_outputs(self, error);
    if (status == PB_OK) status = start_looks(self, error);
    if (status != PB_OK) return status;
    self->wake_fd = epoll_create1(EPOLL_CLOEXEC);
    self->guard_fd = fcntl(comedi_fileno(self->board.device), F_DUPFD_CLOEXEC, 3);
    if (self->wake_fd < 0 || self->guard_fd < 0)
        return pb_fail(error, PB_ERR_IO, errno, self->board.where, "no descriptor left (%s)", strerror(errno));
    if (self->is_looking) status = start_timer(self, error);
    self->looked_at = bench_now(self);
    return status == PB_OK ? start_stream(self, config, error) : status;
}

static enum pb_status comedi_driver_open(const void *config_, const struct pb_opening *opening,
                                         struct pb_instrument **ret_instrument, struct pb_error *error) {
    const struct comedi_config *config = config_;
    struct pb_instrument *self = calloc(1, sizeof *self);
    if (!self) return pb_fail(error, PB_ERR_MEMORY, 0, "driver comedi", "no memory");
    self->rows = config->rows;
    self->sink = opening->sink;
    self->wall_zero = opening->wall_zero;
    self->look_period = pb_ns(config->look_ns);
    self->buffer = pb_ns(config->buffer_ns);
    self->wake_fd = self->timer_fd = self->guard_fd = -1;
    enum pb_status status = start_all(self, config, error);
    if (status != PB_OK) {
        release(self);
        return status;
    }
    *ret_instrument = self;
    return PB_OK;
}

static const struct pb_sampling *comedi_driver_sampling(struct pb_instrument *self, unsigned channel) {
    for (unsigned k = 0; k < self->stream.channel_count; k++)
        if (self->stream.row[k] == channel) return &self->stream.sampling[k];
    return NULL;
}

const struct pb_comedi_stream_state *pb_comedi_stream_state(struct pb_instrument *instrument) {
    return instrument->stream.channel_count > 0 ? &instrument->stream.state : NULL;
}

/* ---- running ---- */

static enum pb_status comedi_driver_set(struct pb_instrument *self, unsigned channel, int64_t value,
                                        struct pb_error *error) {
    return write_value(self, channel, value, error);
}

static enum pb_status comedi_driver_keep_until(struct pb_instrument *self, unsigned channel, pb_instant until,
                                               struct pb_error *error) {
    (void)until; /* every sample is real */
    if (comedi_driver_sampling(self, channel)) return PB_OK;
    return pb_fail(error, PB_ERR_UNSUPPORTED, 0, self->board.where, "channel %u is not sampled", channel);
}

static int comedi_driver_descriptor(struct pb_instrument *self) { return self->wake_fd; }

static enum pb_status comedi_driver_poll(struct pb_instrument *self, pb_instant now, struct pb_error *error) {
    pb_instant complete = now;
    struct epoll_event told[2];
    (void)epoll_wait(self->wake_fd, told, 2, 0); /* what comes from now on wakes anew */
    enum pb_status status = look_if_due(self, error);
    if (status == PB_OK && self->stream.channel_count > 0)
        status = comedi_stream_drain(&self->stream, &self->sink, error);
    if (self->is_looking) complete = pb_earlier(complete, self->looked_at);
    if (self->stream.channel_count > 0) complete = pb_earlier(complete, comedi_stream_complete(&self->stream));
    self->sink.complete(self->sink.user, complete);
    return status;
}

/* ---- the guardian's way ---- */

_Static_assert(sizeof(struct comedi_command) <= sizeof(struct pb_guard_note), "a note holds a command");

static int comedi_guard_descriptor(struct pb_instrument *self) { return self->guard_fd; }

static enum pb_status comedi_guard_note(struct pb_instrument *self, unsigned channel, int64_t value,
                                        struct pb_guard_note *ret_note, struct pb_error *error) {
    struct comedi_command command;
    struct comedi_pulses ignored;
    if (channel >= self->rows->count || !make_command(self, channel, value, &ignored, &command))
        return pb_fail(error, PB_ERR_RANGE, 0, self->board.where, "channel %u cannot be made safe with %lld", channel,
                       (long long)value);
    memcpy(ret_note->bytes, &command, sizeof command);
    return PB_OK;
}

/* Runs in the guardian process. The kernel has written the value when the call comes back: nothing to wait for. */
static enum pb_status comedi_guard_write(int descriptor, unsigned channel, int64_t value,
                                         const struct pb_guard_note *note, int wait_ms) {
    struct comedi_command command;
    (void)channel;
    (void)value;
    (void)wait_ms;
    memcpy(&command, note->bytes, sizeof command);
    int number = comedi_command_send(descriptor, &command);
    if (number == 0) return PB_OK;
    return number == ENODEV || number == EIO ? PB_ERR_GONE : PB_ERR_IO;
}

/* ---- configuration ---- */

static enum pb_status comedi_prepare(void *config_, const char *folder, struct pb_error *error) {
    struct comedi_config *config = config_;
    char path[4096];
    bool is_absolute = config->wiring[0] == '/';
    int length =
        snprintf(path, sizeof path, "%s%s%s", is_absolute ? "" : folder, is_absolute ? "" : "/", config->wiring);
    if (length < 0 || (size_t)length >= sizeof path)
        return pb_fail(error, PB_ERR_INPUT, 0, "driver comedi", "found a wiring file's path that is too long");
    return comedi_rows_read(path, &config->rows, error);
}

static const struct pb_channel *comedi_channels(const void *config, size_t *ret_count) {
    const struct comedi_rows *rows = ((const struct comedi_config *)config)->rows;
    *ret_count = rows->count;
    return rows->channels;
}

static void comedi_release(void *config_) {
    struct comedi_config *config = config_;
    comedi_rows_destroy(config->rows);
    config->rows = NULL;
}

static const struct pb_core_ops core_ops = {comedi_driver_open, comedi_driver_close, comedi_driver_sampling};
static const struct pb_out_ops out_ops = {comedi_driver_set};
static const struct pb_stream_ops stream_ops = {comedi_driver_keep_until};
/* The kernel keeps a ring of samples for us: further behind, it would be full. The slack is for a machine that keeps us from the core. */
static pb_span comedi_driver_lag(struct pb_instrument *self) {
    return pb_span_sum(pb_span_sum(self->buffer, self->look_period), pb_ms(100));
}

static const struct pb_live_ops live_ops = {comedi_driver_descriptor, comedi_driver_poll, comedi_driver_lag};
static const struct pb_guard_ops guard_ops = {comedi_guard_descriptor, comedi_guard_write, comedi_guard_note};
static const struct pb_rows_ops rows_ops = {comedi_prepare, comedi_channels, comedi_release};

const struct pb_driver pb_comedi_driver = {
    .name = "comedi",
    .summary = "data acquisition boards under Linux's comedi",
    .rows = &rows_ops,
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .config_size = sizeof(struct comedi_config),
    .core = &core_ops,
    .out = &out_ops,
    .stream = &stream_ops,
    .live = &live_ops,
    .guard = &guard_ops,
    .scan = pb_comedi_scan,
};
