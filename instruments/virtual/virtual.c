/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Client of pilotbench-world over world/bench_link/pb_bench_link.h. One thread, blocking with a bound: a world that does not answer within
 * answer_within + 5 s of wall time is gone. Channel rows below are in the order of enum pbl_output, then what the world reports. */
#include "instruments/virtual/virtual.h"

#include "base/wall.h"
#include "world/bench_link/pb_bench_link.h"
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

/* Channels after the outputs. */
enum {
    CH_CP_SENSE = PBL_OUT_COUNT,
    CH_POLE_0,
    CH_POLE_1,
    CH_POLE_2,
    CH_POLE_3,
    CH_CURRENT,
    CH_COIL,
    CH_LOCK,
    CH_CCID_TEST,
    CH_METER,
    CH_LATCH,
    CH_CONSOLE,
    CH_ESCI,
    CH_UTILITY,
    CH_PEV_CONSOLE,
    CH_SCOPE, /* on the first cord */
    CH_FIRST_COUNT
};

/* What each cord of a station has of its own: outputs, and what is seen. The rest (supply, earth, ventilation, console, links) is the station's. */
#define CORD_OUTPUTS(X)                                                                                                \
    X(PLUG, "plug", "coupler", NONE, 0, 1, 0, false, false)                                                            \
    X(R2, "r2", "cp.load.r2", OHM, 100000, 100000000, 2740000, true, false)                                            \
    X(R3, "r3", "cp.load.r3", OHM, 50000, 100000000, 1300000, true, false)                                             \
    X(S2, "s2", "cp.load.s2", NONE, 0, 1, 0, false, true)                                                              \
    X(DIODE_SHORT, "diode_short", "cp.load.diode_short", NONE, 0, 1, 0, false, false)                                  \
    X(CP_SHORT, "cp_short", "cp.load.short", OHM, 0, 10000000, 0, false, false)                                        \
    X(CAPACITANCE, "capacitance", "cp.load.capacitance", FARAD, 0, 100000000, 0, true, false)                          \
    X(DRAW, "draw", "load", AMPERE, 0, 200000, 0, false, true)                                                         \
    X(RESIDUAL, "residual", "residual_current", AMPERE, 0, 1000, 0, false, true)                                       \
    X(METER_READING, "meter_reading", "eumd.reading", WATT_HOUR, 0, 1000000000000, 0, true, false)                     \
    X(METER_ERROR, "meter_error", "eumd.error", PERCENT, -500000, 500000, 0, true, false)
#define CORD_SENSES(X)                                                                                                 \
    X(CP_SENSE, "cp_sense", "cp.sense", STREAM, VOLT)                                                                  \
    X(POLE_0, "pole0", "contactor.sense[0]", EVENTS, NONE)                                                             \
    X(POLE_1, "pole1", "contactor.sense[1]", EVENTS, NONE)                                                             \
    X(POLE_2, "pole2", "contactor.sense[2]", EVENTS, NONE)                                                             \
    X(POLE_3, "pole3", "contactor.sense[3]", EVENTS, NONE)                                                             \
    X(CURRENT, "current", "current.sense", EVENTS, AMPERE)                                                             \
    X(COIL, "coil", "contactor.coil", EVENTS, NONE)                                                                    \
    X(LOCK, "lock", "lock.sense", EVENTS, NONE)                                                                        \
    X(METER, "meter", "eumd", EVENTS, WATT_HOUR)

#define OUTPUT_NUMBER(id_, ...) CH2_##id_,
#define SENSE_NUMBER(id_, ...) CH2_##id_,
/* Channels of a second cord. */
enum { CH2_BEFORE = CH_FIRST_COUNT - 1, CORD_OUTPUTS(OUTPUT_NUMBER) CORD_SENSES(SENSE_NUMBER) CH_COUNT };

/* Of a channel of the second cord, the first cord's; and the other way round (0: there is none). */
#define OUTPUT_TWIN(id_, ...) [CH2_##id_] = PBL_OUT_##id_,
#define SENSE_TWIN(id_, ...) [CH2_##id_] = CH_##id_,
static const uint8_t twin_of[CH_COUNT] = {CORD_OUTPUTS(OUTPUT_TWIN) CORD_SENSES(SENSE_TWIN)};
#define OUTPUT_SECOND(id_, ...) [PBL_OUT_##id_] = CH2_##id_,
#define SENSE_SECOND(id_, ...) [CH_##id_] = CH2_##id_,
static const uint8_t second_of[CH_FIRST_COUNT] = {CORD_OUTPUTS(OUTPUT_SECOND) CORD_SENSES(SENSE_SECOND)};
/* Outputs of the whole station. */
static const bool is_shared[PBL_OUT_COUNT] = {
    [PBL_OUT_MAINS] = true, [PBL_OUT_PE_BREAK] = true, [PBL_OUT_NO_VENT] = true, [PBL_OUT_TEMPERATURE] = true};

static bool is_second(unsigned channel) { return channel >= CH_FIRST_COUNT; }
static unsigned first_cord_s(unsigned channel) { return is_second(channel) ? twin_of[channel] : channel; }
static uint32_t cord_of(unsigned channel) {
    return is_second(channel) ? 1 : channel < PBL_OUT_COUNT && is_shared[channel] ? PBL_EVERY_CORD : 0;
}

#define DRIVEN(name_, role_, unit_, min_, max_, safe_, kept_, energises_)                                              \
    {                                                                                                                  \
        .name = name_, .role = role_, .access = PB_ACCESS_DRIVE, .unit = PB_UNIT_##unit_, .min = min_, .max = max_,    \
        .safe = safe_, .is_kept_when_safe = kept_, .energises = energises_                                             \
    }
#define SEEN(name_, role_, access_, unit_)                                                                             \
    { .name = name_, .role = role_, .access = PB_ACCESS_##access_, .unit = PB_UNIT_##unit_ }

#define FIRST_OUTPUT(id_, name_, role_, ...) [PBL_OUT_##id_] = DRIVEN(name_, role_, __VA_ARGS__),
#define FIRST_SENSE(id_, name_, role_, ...) [CH_##id_] = SEEN(name_, role_, __VA_ARGS__),
#define SECOND_OUTPUT(id_, name_, role_, ...) [CH2_##id_] = DRIVEN("cord2_" name_, "cord[2]." role_, __VA_ARGS__),
#define SECOND_SENSE(id_, name_, role_, ...) [CH2_##id_] = SEEN("cord2_" name_, "cord[2]." role_, __VA_ARGS__),

static const struct pb_channel channels[CH_COUNT] = {
    CORD_OUTPUTS(FIRST_OUTPUT) CORD_SENSES(FIRST_SENSE) CORD_OUTPUTS(SECOND_OUTPUT)
        CORD_SENSES(SECOND_SENSE)[PBL_OUT_MAINS] = DRIVEN("mains", "mains.switch", NONE, 0, 1, 0, false, true),
    [PBL_OUT_PE_BREAK] = DRIVEN("pe_break", "pe.break", NONE, 0, 1, 0, false, false),
    [PBL_OUT_NO_VENT] = DRIVEN("no_vent", "ventilation.block", NONE, 0, 1, 0, false, false),
    [PBL_OUT_TEMPERATURE] = DRIVEN("temperature", "ambient.heater", CELSIUS, -40000, 125000, 25000, true, false),
    [PBL_OUT_SOURCE] =
        DRIVEN("source", "cp.source", NONE, PBL_SOURCE_OPEN, PBL_SOURCE_PWM, PBL_SOURCE_OPEN, false, true),
    [PBL_OUT_SOURCE_DUTY] = DRIVEN("source_duty", "cp.source.duty", PERCENT, 0, 1000000, 100000, true, false),
    [PBL_OUT_SOURCE_FREQUENCY] =
        DRIVEN("source_frequency", "cp.source.frequency", HERTZ, 100000000, 10000000000, 1000000000, true, false),
    [PBL_OUT_SOURCE_HIGH] = DRIVEN("source_high", "cp.source.high", VOLT, -15000000, 15000000, 12000000, true, false),
    [PBL_OUT_SOURCE_LOW] = DRIVEN("source_low", "cp.source.low", VOLT, -15000000, 15000000, -12000000, true, false),
    [PBL_OUT_SOURCE_OHM] = DRIVEN("source_ohm", "cp.source.resistance", OHM, 10000, 100000000, 1000000, true, false),
    [PBL_OUT_SOURCE_EDGE] = DRIVEN("source_edge", "cp.source.edge", SECOND, 0, 100000, 1000, true, false),
    [PBL_OUT_CONTACTOR] = DRIVEN("contactor", "contactor.switch", NONE, 0, 1, 0, false, true),
    [PBL_OUT_PP] = DRIVEN("pp", "pp.load", OHM, 1000, 100000000, 150000, true, false),
    [PBL_OUT_S3] = DRIVEN("s3", "pp.s3", NONE, 0, 1, 0, false, false),
    [CH_CCID_TEST] = SEEN("ccid_test", "ccid.test", EVENTS, NONE),
    [CH_LATCH] = SEEN("latch", "inlet.latch", EVENTS, NONE),
    [CH_CONSOLE] = SEEN("console", "dut.console", BYTES, NONE),
    [CH_ESCI] = SEEN("esci", "esci", BYTES, NONE),
    [CH_UTILITY] = SEEN("utility", "utility", BYTES, NONE),
    [CH_PEV_CONSOLE] = SEEN("pev_console", "dut.console.pev", BYTES, NONE),
    [CH_SCOPE] = SEEN("scope", "scope", BURST, VOLT),
};

struct virtual_config {
    const char *world;
    int64_t sample_rate_uhz, range_uv, noise_uv, keep_before_ns, keep_after_ns;
    bool sample_throughout;
    int64_t cords, mains_uv, mains_uhz, poles, close_delay_ns, open_delay_ns, bounce_ns, answer_within_ns, cable_ff,
        diode_uv, quantum_ns, meter_class_ppm, meter_rollover_wh, meter_period_ns;
    int64_t u_level_uv, u_time_ns, u_rate_ppm, front_rise_ns;
    int64_t scope_rate_uhz, scope_noise_uv, scope_u_level_uv, scope_front_rise_ns;
    int source, vehicle, current_sense; /* places in the choices below */
};

enum { SOURCE_NONE, SOURCE_BENCH };
static const char *const source_choices[] = {"none", "bench", NULL};
enum { VEHICLE_BENCH, VEHICLE_NONE };
static const char *const vehicle_choices[] = {"bench", "none", NULL};
enum { BY_SAMPLE, BY_HALF_CYCLE };
static const char *const current_choices[] = {"sample", "half_cycle", NULL};

#define QUANTITY(name_, member_, unit_, fallback_, min_, max_, text_)                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(struct virtual_config, member_),                  \
        .fallback = fallback_, .unit = PB_UNIT_##unit_, .min = min_, .max = max_, .text = text_                        \
    }

#define CHOICE(name_, member_, choices_, fallback_, text_)                                                             \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_CHOICE, .offset = offsetof(struct virtual_config, member_),                    \
        .choices = choices_, .fallback = fallback_, .text = text_                                                      \
    }

static const struct pb_param params[] = {
    {.name = "world",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct virtual_config, world),
     .fallback = "",
     .text = "program to run as the world; default: pilotbench-world beside this program"},
    QUANTITY("sample_rate", sample_rate_uhz, HERTZ, "500 kHz", "50 kHz", "5 MHz", "samples a second of cp_sense"),
    QUANTITY("range", range_uv, VOLT, "15 V", "13 V", "60 V", "plus-minus range of cp_sense, 16 bit"),
    QUANTITY("noise", noise_uv, VOLT, "5 mV", "0 V", "1 V", "rms noise of cp_sense"),
    QUANTITY("keep_before", keep_before_ns, SECOND, "5 ms", "0 s", "1 s", "samples kept before a change of the pilot"),
    QUANTITY("keep_after", keep_after_ns, SECOND, "60 ms", "10 ms", "10 s",
             "samples kept after the last change of the pilot"),
    {.name = "sample_throughout",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct virtual_config, sample_throughout),
     .fallback = "false",
     .text = "true: no modelled stretches, every sample is made"},
    QUANTITY("mains", mains_uv, VOLT, "120 V", "0 V", "1000 V", "supply, rms"),
    QUANTITY("mains_frequency", mains_uhz, HERTZ, "60 Hz", "40 Hz", "70 Hz", "supply frequency"),
    QUANTITY("cords", cords, NONE, "1", "1", "2",
             "cords of the station; the second's channels begin with cord2_, its roles with cord[2]."),
    QUANTITY("poles", poles, NONE, "2", "1", "4", "poles of the contactor that are sensed"),
    QUANTITY("close_delay", close_delay_ns, SECOND, "12 ms", "0 s", "1 s", "coil on to first contact"),
    QUANTITY("open_delay", open_delay_ns, SECOND, "10 ms", "0 s", "1 s", "coil off to last contact"),
    QUANTITY("bounce", bounce_ns, SECOND, "2 ms", "0 s", "50 ms", "length of the contacts' bounce on closing"),
    QUANTITY("answer_within", answer_within_ns, SECOND, "2 s", "10 ms", "60 s",
             "wall time a DUT process has for a turn"),
    QUANTITY("cable", cable_ff, FARAD, "300 pF", "0 F", "10 nF", "capacitance that is always on the pilot"),
    QUANTITY("diode", diode_uv, VOLT, "0.7 V", "0.3 V", "1.2 V", "drop of the vehicle's diode at 3 mA"),
    QUANTITY("quantum", quantum_ns, SECOND, "1 ms", "10 us", "100 ms", "step of a DUT that cannot look ahead"),
    QUANTITY("meter_class", meter_class_ppm, PERCENT, "0 %", "0 %", "50 %",
             "the charging meter (EUMD) errs by up to this, by the run's seed"),
    QUANTITY("meter_rollover", meter_rollover_wh, WATT_HOUR, "1000 kWh", "1 Wh", "1000000 MWh",
             "the meter's register goes from just below this to 0"),
    QUANTITY("meter_period", meter_period_ns, SECOND, "1 min", "1 ms", "1 d",
             "time between two readings of the meter while energy flows"),
    QUANTITY("u_level", u_level_uv, VOLT, "5 mV", "0 V", "1 V",
             "expanded uncertainty of a level: calibration, divider, linearity"),
    QUANTITY("u_time", u_time_ns, SECOND, "100 ns", "0 s", "1 ms", "expanded uncertainty of an edge's date"),
    QUANTITY("u_rate", u_rate_ppm, PERCENT, "0.001 %", "0 %", "1 %", "expanded relative uncertainty of the time base"),
    QUANTITY(
        "front_rise", front_rise_ns, SECOND, "0 s", "0 s", "1 ms",
        "10 to 90 % rise time of cp_sense's front end, as a calibration would tell it (the world filters nothing); 0 s: not known, so that no edge is timed"),
    QUANTITY("scope_rate", scope_rate_uhz, HERTZ, "0 Hz", "0 Hz", "100 MHz",
             "samples a second of an oscilloscope on the pilot, 12 bit over range, on demand; 0 Hz: there is none"),
    QUANTITY("scope_noise", scope_noise_uv, VOLT, "10 mV", "0 V", "1 V", "its rms noise"),
    QUANTITY("scope_u_level", scope_u_level_uv, VOLT, "100 mV", "0 V", "1 V", "expanded uncertainty of its levels"),
    QUANTITY("scope_front_rise", scope_front_rise_ns, SECOND, "10 ns", "0 s", "1 ms",
             "as front_rise, of the oscilloscope with its probe"),
    CHOICE("source", source, source_choices, "none",
           "bench: it has a pilot generator, a contactor and a connector of its own, and can play the EVSE"),
    CHOICE("vehicle", vehicle, vehicle_choices, "bench",
           "none: it has no resistors and no load of its own, and only watches a vehicle that is the device"),
    CHOICE("current_sense", current_sense, current_choices, "sample",
           "how current is sensed: by the sample, or as RMS of mains half-cycles"),
};

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
    uint32_t guard_seq;
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
    if (event.cord > 0) channel = second_of[channel];
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
    to->r2_mohm = channels[PBL_OUT_R2].safe;
    to->r3_mohm = channels[PBL_OUT_R3].safe;
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
    return first_cord_s(channel) == CH_CP_SENSE ? &self->sampling : NULL;
}

/* ---- what it does ---- */

static enum pb_status catch_up(struct pb_instrument *self, struct pb_error *error);
static enum pb_status let_arrive(struct pb_instrument *self, struct pb_error *error);

static enum pb_status virtual_set(struct pb_instrument *self, unsigned channel, int64_t value, struct pb_error *error) {
    bool is_output = channel < CH_COUNT && (channels[channel].access & PB_ACCESS_DRIVE);
    if (!is_output || value < channels[channel].min || value > channels[channel].max)
        return pb_fail(error, PB_ERR_RANGE, 0, where, "%lld is outside of what %s takes", (long long)value,
                       channel < CH_COUNT ? channels[channel].name : "?");
    unsigned output = first_cord_s(channel);
    struct pbl_set set = {.output = output,
                          .cord = cord_of(channel),
                          .value = output == PBL_OUT_RESIDUAL ? value * 1000 : value}; /* the world counts it in uA */
    enum pb_status status = catch_up(self, error);
    if (status == PB_OK) status = put(self, PBL_SET, &set, sizeof set, NULL, 0, error);
    if (status == PB_OK) status = flush(self, error); /* an output changes now, not with the next turn */
    return status == PB_OK ? let_arrive(self, error) : status;
}

static enum pb_status virtual_keep_until(struct pb_instrument *self, unsigned channel, pb_instant until,
                                         struct pb_error *error) {
    struct pbl_keep keep = {.cord = is_second(channel), .until_ns = until.ns};
    if (first_cord_s(channel) != CH_CP_SENSE)
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
        if (wake_mask >> channel & 1) bits |= bits_of[first_cord_s(channel)];
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
                                .output = first_cord_s(channel),
                                .cord = cord_of(channel),
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

_Static_assert(CH_COUNT <= 64, "a mask of 64 bits holds all channels");

static const struct pb_core_ops core_ops = {virtual_open, virtual_close, virtual_sampling};
static const struct pb_out_ops out_ops = {virtual_set};
static const struct pb_stream_ops stream_ops = {virtual_keep_until};
static const struct pb_burst_ops burst_ops = {virtual_take};
static const struct pb_bytes_ops bytes_ops = {virtual_send, virtual_is_up};
static const struct pb_live_ops live_ops = {virtual_descriptor, virtual_poll, virtual_lag};
static const struct pb_time_ops time_ops = {virtual_start_slave, virtual_advance};
static const struct pb_guard_ops guard_ops = {virtual_guard_descriptor, virtual_guard_write, NULL};

/* The vehicle's own: resistors, S2, diode, what it hangs on the pilot and draws. */
static bool is_of_vehicle(unsigned channel) {
    return (channel >= PBL_OUT_R2 && channel <= PBL_OUT_CAPACITANCE) || channel == PBL_OUT_DRAW;
}

static bool virtual_has_channel(const void *config_, unsigned channel) {
    const struct virtual_config *config = config_;
    if (is_second(channel) && config->cords < 2) return false;
    channel = first_cord_s(channel);
    bool is_of_connector = channel == PBL_OUT_PP || channel == PBL_OUT_S3 || channel == CH_LATCH;
    bool is_pole = channel >= CH_POLE_0 && channel < CH_CURRENT;
    if (is_of_vehicle(channel)) return config->vehicle == VEHICLE_BENCH;
    if (is_of_connector) return config->source == SOURCE_BENCH || config->vehicle == VEHICLE_NONE;
    if (channel >= PBL_OUT_SOURCE && channel < PBL_OUT_COUNT) return config->source == SOURCE_BENCH;
    bool is_of_source = (channel >= PBL_OUT_SOURCE && channel < PBL_OUT_COUNT) || channel == CH_LATCH;
    if (is_of_source) return config->source == SOURCE_BENCH;
    if (channel == CH_SCOPE) return config->scope_rate_uhz > 0;
    return !is_pole || channel - CH_POLE_0 < config->poles;
}

const struct pb_driver pb_virtual_driver = {
    .name = "virtual",
    .summary = "the world in software: on simulated time, or following the wall clock",
    .channels = channels,
    .channel_count = CH_COUNT,
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .config_size = sizeof(struct virtual_config),
    .has_channel = virtual_has_channel,
    .core = &core_ops,
    .out = &out_ops,
    .stream = &stream_ops,
    .burst = &burst_ops,
    .bytes = &bytes_ops,
    .live = &live_ops,
    .time = &time_ops,
    .guard = &guard_ops,
};
