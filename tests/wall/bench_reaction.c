/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `reaction` of make bench: from an event at an instrument to the action that the engine takes on it, both dated at the instrument. The engine's part is
 * whole: poll, timeline, record, wait, action row, set. Beside it, in turn: two threads and one eventfd, the least that a reaction can be.
 * Prints a line a pair: ours and reference, median us of ROUNDS each. */
#include "base/wall.h"
#include "harness/engine/stage.h"
#include "harness/setup/bench.h"
#include "harness/setup/dut.h"
#include "tests/support/windows.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ROUNDS = 200, CHANNEL_EVENT = 0, CHANNEL_ACTION = 1 };

struct pb_instrument {
    struct pb_sink sink;
    pb_instant zero;
    int event, pipe_read, pipe_write;
    _Atomic int64_t raised_ns; /* wall clock: when the event was raised */
    int64_t value, acted_ns;
    sem_t go; /* the next event may come */
};
static struct pb_instrument instrument;

static void must(bool is_well, const char *what) {
    if (is_well) return;
    fprintf(stderr, "bench_reaction: %s\n", what);
    exit(1);
}

/* ---- the instrument ---- */

static enum pb_status driver_open(const void *config, const struct pb_opening *opening,
                                  struct pb_instrument **ret_instrument, struct pb_error *error) {
    (void)config;
    (void)error;
    instrument.sink = opening->sink;
    instrument.zero = opening->wall_zero;
    *ret_instrument = &instrument;
    return PB_OK;
}
static void driver_close(struct pb_instrument *self) { (void)self; }
static const struct pb_sampling *driver_sampling(struct pb_instrument *self, unsigned channel) {
    (void)self;
    (void)channel;
    return NULL;
}
static enum pb_status driver_set(struct pb_instrument *self, unsigned channel, int64_t value, struct pb_error *error) {
    (void)channel;
    (void)value;
    (void)error;
    self->acted_ns = pb_wall_now().ns;
    return PB_OK;
}
static int driver_descriptor(struct pb_instrument *self) { return self->event; }
static enum pb_status driver_poll(struct pb_instrument *self, pb_instant now, struct pb_error *error) {
    uint64_t count;
    (void)error;
    if (read(self->event, &count, sizeof count) == sizeof count) {
        self->value = !self->value;
        struct pb_seen seen = {.channel = CHANNEL_EVENT, .at = {self->raised_ns - self->zero.ns}, .value = self->value};
        self->sink.event(self->sink.user, &seen);
    }
    self->sink.complete(self->sink.user, now);
    return PB_OK;
}
static pb_span driver_lag(struct pb_instrument *self) {
    (void)self;
    return pb_s(1);
}
static int guard_descriptor(struct pb_instrument *self) { return self->pipe_write; }
static enum pb_status guard_write(int descriptor, unsigned channel, int64_t value, const struct pb_guard_note *note,
                                  int wait_ms) {
    (void)descriptor;
    (void)channel;
    (void)value;
    (void)note;
    (void)wait_ms;
    return PB_OK;
}

static const struct pb_channel channels[] = {
    [CHANNEL_EVENT] = {.name = "pole", .role = "contactor.sense[0]", .access = PB_ACCESS_EVENTS, .max = 1},
    [CHANNEL_ACTION] = {.name = "relay", .role = "mains.switch", .access = PB_ACCESS_DRIVE, .max = 1},
};
static const struct pb_core_ops core = {driver_open, driver_close, driver_sampling};
static const struct pb_out_ops out = {driver_set};
static const struct pb_live_ops live = {driver_descriptor, driver_poll, driver_lag};
static const struct pb_guard_ops guard = {guard_descriptor, guard_write, NULL};
static const struct pb_driver driver = {.name = "reaction",
                                        .channels = channels,
                                        .channel_count = 2,
                                        .core = &core,
                                        .out = &out,
                                        .live = &live,
                                        .guard = &guard};

/* ---- who raises the event ---- */

static volatile bool is_over;

/* A millisecond after it was told to: by then the other side waits. */
static void *raise_events(void *user) {
    (void)user;
    for (;;) {
        uint64_t one = 1;
        sem_wait(&instrument.go);
        if (is_over) return NULL;
        (void)poll(NULL, 0, 1);
        instrument.raised_ns = pb_wall_now().ns;
        must(write(instrument.event, &one, sizeof one) == sizeof one, "eventfd");
    }
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}
static double median_us(int64_t *ns) {
    qsort(ns, ROUNDS, sizeof *ns, by_size);
    int64_t median_ns = ns[ROUNDS / 2];
    return (double)median_ns / 1e3;
}

static double measure_ours(struct pb_stage *stage) {
    int64_t ns[ROUNDS];
    struct pb_error error;
    struct pb_event event;
    for (int i = 0; i < ROUNDS; i++) {
        bool found;
        pb_instant from = pb_stage_now(stage);
        uint64_t mask = UINT64_C(1) << !instrument.value;
        sem_post(&instrument.go);
        enum pb_status status =
            pb_stage_wait(stage, PB_EVENT_POLE_0, mask, false, from, pb_after(from, pb_s(10)), &found, &event, &error);
        if (status == PB_OK && found) status = pb_stage_write(stage, "mains.switch", i & 1, "", &error);
        must(status == PB_OK && found, status == PB_OK ? "no event came" : error.text);
        ns[i] = instrument.acted_ns - instrument.raised_ns;
    }
    return median_us(ns);
}

static double measure_reference(void) {
    int64_t ns[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct pollfd fd = {.fd = instrument.event, .events = POLLIN};
        uint64_t count;
        sem_post(&instrument.go);
        must(poll(&fd, 1, 10000) == 1 && read(instrument.event, &count, sizeof count) == sizeof count, "no event came");
        ns[i] = pb_wall_now().ns - instrument.raised_ns;
    }
    return median_us(ns);
}

int main(int argc, char **argv) {
    must(argc == 3, "usage: bench_reaction NEW-RUN-FILE PAIRS");
    int ends[2];
    struct pb_error error;
    struct pb_writer *writer;
    struct pb_stage *stage;
    pthread_t raiser;
    must(pipe(ends) == 0, "pipe");
    instrument.pipe_read = ends[0];
    instrument.pipe_write = ends[1];
    instrument.event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sem_init(&instrument.go, 0, 0);
    struct pb_bench bench = {
        .name = "reaction", .clock = PB_CLOCK_WALL, .instrument_count = 1, .role_count = 2, .safe_count = 1};
    bench.measuring.hang_ns = 10000000000;
    bench.instruments[0] = (struct pb_bench_instrument){"bare", &driver, NULL, channels, 2};
    bench.roles[0] = (struct pb_bench_role){"contactor.sense[0]", 0, CHANNEL_EVENT};
    bench.roles[1] = (struct pb_bench_role){"mains.switch", 0, CHANNEL_ACTION};
    bench.safe[0] = (struct pb_bench_safe){0, CHANNEL_ACTION, PB_SPAN_ZERO};
    struct pb_dut dut = {.name = "none"};
    must(pb_writer_create(argv[1], &writer, &error) == PB_OK, "the run file cannot be made");
    struct pb_stage_setup setup = {.bench = &bench, .dut = &dut, .windows = &table_a4_windows, .writer = writer};
    must(pb_stage_open(&setup, &stage, &error) == PB_OK, "the stage cannot be opened");
    pthread_create(&raiser, NULL, raise_events, NULL); /* after the guardian's fork */
    pb_stage_set_place(stage, 1, 1);
    for (long i = strtol(argv[2], NULL, 10); i > 0; i--) {
        double ours = measure_ours(stage);
        printf("%.3f %.3f\n", ours, measure_reference());
    }
    is_over = true;
    sem_post(&instrument.go);
    pthread_join(raiser, NULL);
    pb_stage_close(stage);
    pb_writer_abandon(writer);
    return 0;
}
