/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comedi driver through its face, on the real kernel's comedi: runs in the virtual machine of vm.py, whose boards these are.
 * /dev/comedi2 is comedi_test: outputs are read back by single inputs; streamed, channel 0 is a sawtooth, channel 1 a square wave of +-9 V and
 * 1 kHz, the others lie still. /dev/comedi0 is a parallel port, whose busy line falls when its strobe line rises, once init and
 * select are high: a wire from an output to an input. */
#include "base/wall.h"
#include "instruments/comedi/comedi.h"
#include "pilot_emulator/analyser.h"
#include "tests/support/check.h"

#include <comedilib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANNELS_MAX = 8, EVENTS_MAX = 64, HALF_PERIOD = 500 };

/* ---- a sink that checks the contract ---- */

struct seen {
    struct pb_error error;
    pb_instant complete;
    struct {
        int64_t samples, next_index, gaps;
        int64_t runs, wrong_runs, run; /* of equal samples; channel 1's are half periods */
        int16_t last;
        int64_t changes;
    } channel[CHANNELS_MAX];
    struct pb_cp_meter *meter; /* of channel 1 */
    struct pb_seen events[EVENTS_MAX];
    size_t event_count;
};

static void on_event(void *user, const struct pb_seen *event) {
    struct seen *seen = user;
    PB_CHECK_TRUE(!pb_is_before(event->at, seen->complete), "an event was dated before what was said to be complete");
    if (seen->event_count < EVENTS_MAX) seen->events[seen->event_count++] = *event;
}

static void on_samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count) {
    struct seen *seen = user;
    PB_CHECK_TRUE(channel < CHANNELS_MAX, "channel %u", channel);
    int64_t samples = seen->channel[channel].samples, run = seen->channel[channel].run;
    int16_t last = samples > 0 ? seen->channel[channel].last : counts[0];
    if (samples > 0 && first_index != seen->channel[channel].next_index) seen->channel[channel].gaps++;
    for (size_t i = 0; i < count; i++, run++) {
        if (counts[i] == last) continue;
        if (seen->channel[channel].runs++ > 0 && run != HALF_PERIOD) seen->channel[channel].wrong_runs++;
        seen->channel[channel].changes++;
        last = counts[i];
        run = 0;
    }
    seen->channel[channel].run = run;
    seen->channel[channel].last = last;
    seen->channel[channel].samples += (int64_t)count;
    seen->channel[channel].next_index = first_index + (int64_t)count;
    if (channel == 1 && seen->meter) pb_cp_meter_feed(seen->meter, counts, count);
}

static void on_complete(void *user, pb_instant to) {
    struct seen *seen = user;
    PB_CHECK_TRUE(!pb_is_before(to, seen->complete), "complete went back by %" PRId64 " ns",
                  pb_between(to, seen->complete).ns);
    seen->complete = to;
}

/* ---- a bench ---- */

struct bench {
    void *config;
    struct pb_doc *doc;
    struct pb_instrument *board;
    pb_instant wall_zero;
    struct seen seen;
};

static const struct pb_driver *const driver = &pb_comedi_driver;
static struct pb_instrument *open_boards[4]; /* those that a failed test leaves, for the one after it */

static pb_instant bench_now(const struct bench *bench) {
    return (pb_instant){pb_between(bench->wall_zero, pb_wall_now()).ns};
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    PB_CHECK_TRUE(file && fputs(text, file) >= 0 && fclose(file) == 0, "cannot write %s", path);
}

/* instrument: the map of a bench file, without driver; wiring: the wiring file's text. */
static void configure(struct bench *bench, const char *instrument, const char *wiring) {
    struct pb_error error;
    *bench = (struct bench){.wall_zero = pb_wall_now()};
    write_file("wiring.yaml", wiring);
    bench->config = calloc(1, driver->config_size);
    PB_CHECK_TRUE(bench->config, "memory");
    PB_CHECK_OK(pb_doc_read_text("test", instrument, strlen(instrument), &bench->doc, &error), &error);
    PB_CHECK_OK(pb_doc_bind(bench->doc, pb_doc_root(bench->doc), driver->params, driver->param_count, bench->config,
                            driver->config_size, &error),
                &error);
    PB_CHECK_OK(driver->rows->prepare(bench->config, ".", &error), &error);
    size_t count;
    const struct pb_channel *channels = driver->rows->channels(bench->config, &count);
    const char *fault = pb_channels_fault(driver, channels, count);
    PB_CHECK_TRUE(!fault, "%s", fault);
}

static enum pb_status try_open(struct bench *bench) {
    struct pb_opening opening = {
        .wall_zero = bench->wall_zero,
        .sink = {.user = &bench->seen, .event = on_event, .samples = on_samples, .complete = on_complete}};
    enum pb_status status = driver->core->open(bench->config, &opening, &bench->board, &bench->seen.error);
    for (size_t i = 0; status == PB_OK && i < sizeof open_boards / sizeof *open_boards; i++)
        if (!open_boards[i]) {
            open_boards[i] = bench->board;
            break;
        }
    return status;
}

static void open_board(struct bench *bench, const char *instrument, const char *wiring) {
    configure(bench, instrument, wiring);
    PB_CHECK_OK(try_open(bench), &bench->seen.error);
}

static int close_left_over(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof open_boards / sizeof *open_boards; i++) {
        driver->core->close(open_boards[i]);
        open_boards[i] = NULL;
    }
    return 0;
}

static void close_board(struct bench *bench) {
    for (size_t i = 0; i < sizeof open_boards / sizeof *open_boards; i++)
        if (open_boards[i] == bench->board) open_boards[i] = NULL;
    driver->core->close(bench->board);
    bench->board = NULL;
}

static void finish(struct bench *bench) {
    close_board(bench);
    driver->rows->release(bench->config);
    pb_doc_destroy(bench->doc);
    free(bench->config);
}

static unsigned channel_of(const struct bench *bench, const char *name) {
    size_t count;
    const struct pb_channel *channels = driver->rows->channels(bench->config, &count);
    size_t found = pb_channel_find(channels, count, name);
    PB_CHECK_TRUE(found < count, "no channel %s", name);
    return (unsigned)found;
}

static void set(struct bench *bench, const char *name, int64_t value) {
    PB_CHECK_OK(driver->out->set(bench->board, channel_of(bench, name), value, &bench->seen.error), &bench->seen.error);
}

/* Waits for the driver as an engine does, at most `span`, and lets it drain. */
static enum pb_status turn(struct bench *bench, pb_span span) {
    struct pollfd wait = {.fd = driver->live->descriptor(bench->board), .events = POLLIN};
    (void)poll(&wait, 1, pb_wall_poll_ms(pb_after(pb_wall_now(), span)));
    return driver->live->poll(bench->board, bench_now(bench), &bench->seen.error);
}

static void run_until_complete(struct bench *bench, pb_instant to) {
    while (pb_is_before(bench->seen.complete, to)) PB_CHECK_OK(turn(bench, pb_ms(100)), &bench->seen.error);
}

static void idle(pb_span span) {
    pb_instant end = pb_after(pb_wall_now(), span);
    while (pb_is_before(pb_wall_now(), end)) poll(NULL, 0, pb_wall_poll_ms(end));
}

/* The last value that was told of a channel, after everything up to now has been. */
static const struct pb_seen *latest(struct bench *bench, const char *name) {
    run_until_complete(bench, bench_now(bench));
    unsigned channel = channel_of(bench, name);
    for (size_t i = bench->seen.event_count; i > 0; i--)
        if (bench->seen.events[i - 1].channel == channel) return &bench->seen.events[i - 1];
    fail_msg("nothing was told of %s", name);
    return NULL;
}

/* ---- probing ---- */

struct scanned {
    char text[4000];
};
static void keep_line(void *user, const char *line) {
    struct scanned *scanned = user;
    size_t used = strlen(scanned->text);
    snprintf(scanned->text + used, sizeof scanned->text - used, "%s\n", line);
}

static void test_scan_tells_boards_subdevices_ranges_and_rates(void **state) {
    (void)state;
    struct scanned scanned = {""};
    PB_CHECK_INT(pb_comedi_scan(keep_line, &scanned), 2, "boards");
    PB_CHECK_CONTAINS(scanned.text, "/dev/comedi0: comedi driver comedi_parport");
    PB_CHECK_CONTAINS(scanned.text, "subdevice 0: digital in/out, 8 lines");
    PB_CHECK_CONTAINS(scanned.text, "/dev/comedi2: comedi driver comedi_test");
    PB_CHECK_CONTAINS(scanned.text, "subdevice 0: analogue in, 8 lines, 16 bit; ranges -10 to 10 V, -5 to 5 V; "
                                    "streams, one line at up to 1000 kHz");
}

static void test_a_board_that_is_not_there_is_not_found(void **state) {
    (void)state;
    struct bench bench;
    configure(&bench, "{device: /dev/comedi1, profile: wiring.yaml}",
              "pilotbench_comedi: 1\ndigital_in: [{name: a, role: x, line: 0}]\n");
    PB_CHECK_INT(try_open(&bench), PB_ERR_NOT_FOUND, "status");
    finish(&bench);
}

static void test_what_the_board_lacks_is_told(void **state) {
    (void)state;
    static const struct {
        const char *wiring, *text;
    } cases[] = {
        {"stream_in: [{name: a, role: x, line: 8}]", "found line 8, expected one below 8"},
        {"stream_in: [{name: a, role: x, line: 1, from: -12 V}]", "it has -10 to 10 V, -5 to 5 V"},
        {"digital_in: [{name: a, role: x, line: 1}]", "no subdevice that is a digital input"},
        {"stream_in: [{name: a, role: x, line: 1, subdevice: 1}]", "subdevice 1 of 2 is not an analogue input"},
        {"{stream_in: [{name: a, role: x, line: 1}], analogue_in: [{name: b, role: y, line: 2}]}",
         "cannot be looked at while its subdevice streams"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;
        char wiring[300];
        bool is_map = cases[i].wiring[0] == '{';
        snprintf(wiring, sizeof wiring, "%s%s%s", is_map ? "{pilotbench_comedi: 1, " : "pilotbench_comedi: 1\n",
                 cases[i].wiring + is_map, "\n");
        configure(&bench, "{device: /dev/comedi2, profile: wiring.yaml}", wiring);
        PB_CHECK_INT(try_open(&bench), PB_ERR_UNSUPPORTED, "status");
        PB_CHECK_CONTAINS(bench.seen.error.text, cases[i].text);
        finish(&bench);
    }
}

/* ---- single values ---- */

#define LOOP                                                                                                           \
    "pilotbench_comedi: 1\n"                                                                                           \
    "analogue_out: [{name: source, role: cp.source, line: 3, safe: 1 V}]\n"                                            \
    "analogue_in: [{name: sense, role: cp.sense, line: 3, change: 1 mV}]\n"

static void test_an_analogue_output_is_read_back_by_an_input(void **state) {
    (void)state;
    static const int64_t values_uv[] = {-10000000, -9000000, -1, 0, 2500000, 9999000, 10000000};
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml}", LOOP);
    PB_CHECK_NEAR(latest(&bench, "sense")->value, 1000000, 306, "uV");
    for (size_t i = 0; i < sizeof values_uv / sizeof *values_uv; i++) {
        set(&bench, "source", values_uv[i]);
        PB_CHECK_NEAR(latest(&bench, "sense")->value, values_uv[i], 306 + 1000, "uV");
    }
    close_board(&bench);
    PB_CHECK_OK(try_open(&bench), &bench.seen.error);
    PB_CHECK_NEAR(latest(&bench, "sense")->value, 1000000, 306, "uV");
    finish(&bench);
}

static void test_a_value_outside_its_row_is_refused(void **state) {
    (void)state;
    static const int64_t values_uv[] = {-10000001, 10000001, INT64_MIN, INT64_MAX};
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml}", LOOP);
    for (size_t i = 0; i < sizeof values_uv / sizeof *values_uv; i++)
        PB_CHECK_INT(driver->out->set(bench.board, 1, values_uv[i], &bench.seen.error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(driver->out->set(bench.board, 0, 0, &bench.seen.error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(driver->out->set(bench.board, 7, 0, &bench.seen.error), PB_ERR_RANGE, "status");
    finish(&bench);
}

static void test_divider_and_calibration_stand_between_code_and_value(void **state) {
    (void)state;
    struct bench bench;
    /* 3:1 in front of the input; the output's gain is 2 by calibration. */
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml}",
               "pilotbench_comedi: 1\n"
               "analogue_out: [{name: source, role: x, line: 0, from: -20 V, to: 20 V, high_true: 2 V}]\n"
               "analogue_in: [{name: sense, role: y, line: 0, from: -30 V, to: 30 V, divider_top: 20 kohm,"
               " divider_bottom: 10 kohm, low_read: 0 V, low_true: 0.1 V, high_read: 10 V, high_true: 10.1 V}]\n");
    set(&bench, "source", 12000000); /* 6 V at the board, 18.1 V as it is read */
    PB_CHECK_NEAR(latest(&bench, "sense")->value, 18100000, 3 * 306 + 10, "uV");
    finish(&bench);
}

/* ---- streams ---- */

#define ONE                                                                                                            \
    "pilotbench_comedi: 1\nstream_in: [{name: saw, role: x, line: 0}, {name: square, role: cp.sense, line: 1, u_level: 1 mV}]\n"
#define SQUARE "pilotbench_comedi: 1\nstream_in: [{name: square, role: cp.sense, line: 1, u_level: 1 mV}]\n"
#define EIGHT                                                                                                          \
    "pilotbench_comedi: 1\n"                                                                                           \
    "stream_in: [{name: c0, role: r0, line: 0}, {name: c1, role: r1, line: 1}, {name: c2, role: r2, line: 2},"         \
    " {name: c3, role: r3, line: 3}, {name: c4, role: r4, line: 4}, {name: c5, role: r5, line: 5},"                    \
    " {name: c6, role: r6, line: 6}, {name: c7, role: r7, line: 7}]\n"

static void test_one_channel_at_1_MHz_loses_no_sample(void **state) {
    (void)state;
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 1 MHz, buffer: 4 s}", SQUARE);
    const struct pb_comedi_stream_state *stream = pb_comedi_stream_state(bench.board);
    PB_CHECK_INT(stream->wanted_period_ns, 1000, "ns");
    PB_CHECK_INT(stream->period_ns, 1000, "ns");
    run_until_complete(&bench, pb_after(bench_now(&bench), pb_ms(1500)));
    PB_CHECK_INT(bench.seen.channel[0].gaps, 0, "gaps");
    PB_CHECK_INT(bench.seen.channel[0].wrong_runs, 0, "half periods that are not 500 samples");
    PB_CHECK_TRUE(bench.seen.channel[0].samples > 1000000, "%" PRId64 " samples", bench.seen.channel[0].samples);
    print_message("1 x 1 MS/s: %" PRId64 " samples, %" PRId64 " lost; start dated to %" PRId64 " ns; drift %" PRId64
                  " ns\n",
                  bench.seen.channel[0].samples, bench.seen.channel[0].gaps, stream->u_start_ns, stream->drift_ns);
    finish(&bench);
}

static void test_eight_channels_at_1_MHz_lose_no_sample(void **state) {
    (void)state;
    struct bench bench;
    /* u_clock: under emulation the simulated board may fall behind its own clock. It leaves nothing out. */
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 1 MHz, buffer: 4 s, u_clock: 100 %}", EIGHT);
    const struct pb_comedi_stream_state *stream = pb_comedi_stream_state(bench.board);
    while (stream->scans < 1000000) PB_CHECK_OK(turn(&bench, pb_ms(100)), &bench.seen.error);
    for (unsigned k = 0; k < 8; k++) {
        PB_CHECK_INT(bench.seen.channel[k].gaps, 0, "gaps");
        PB_CHECK_INT(bench.seen.channel[k].samples, stream->scans, "samples");
        if (k >= 2) PB_CHECK_INT(bench.seen.channel[k].changes, 0, "changes of a channel that lies still");
    }
    PB_CHECK_INT(bench.seen.channel[1].wrong_runs, 0, "half periods that are not 500 samples");
    PB_CHECK_TRUE(bench.seen.channel[1].runs > 1900, "%" PRId64 " half periods", bench.seen.channel[1].runs);
    print_message("8 x 1 MS/s: %" PRId64 " scans, 0 lost; buffer %" PRId64 " bytes of %" PRId64 " wanted\n",
                  stream->scans, stream->buffer_bytes, stream->wanted_buffer_bytes);
    finish(&bench);
}

static void test_samples_are_dated_on_the_bench_clock(void **state) {
    (void)state;
    struct bench bench;
    configure(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 100 kHz, buffer: 2 s}", SQUARE);
    pb_instant before = bench_now(&bench);
    PB_CHECK_OK(try_open(&bench), &bench.seen.error);
    pb_instant after = bench_now(&bench);
    const struct pb_sampling *sampling = driver->core->sampling(bench.board, 0);
    run_until_complete(&bench, pb_after(bench_now(&bench), pb_ms(500)));
    int64_t first = bench.seen.channel[0].next_index - bench.seen.channel[0].samples;
    int64_t u_ns = pb_comedi_stream_state(bench.board)->u_start_ns;
    PB_CHECK_INT(sampling->u_start_ns, u_ns, "ns");
    PB_CHECK_TRUE(u_ns > 0, "no start is dated without an error");
    PB_CHECK_BETWEEN(pb_sampling_ns_of(sampling, first), before.ns - u_ns, after.ns + u_ns, "ns");
    /* The newest sample there is cannot be dated after now, and comes within the kernel's ticks. */
    PB_CHECK_OK(turn(&bench, pb_ms(100)), &bench.seen.error);
    PB_CHECK_TRUE(bench.seen.complete.ns <= bench_now(&bench).ns + u_ns, "dated in the future");
    PB_CHECK_OK(driver->stream->keep_until(bench.board, 0, PB_INSTANT_NEVER, &bench.seen.error), &bench.seen.error);
    finish(&bench);
}

static void test_a_rate_that_the_board_cannot_do_is_negotiated(void **state) {
    (void)state;
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 3 MHz}", SQUARE);
    const struct pb_comedi_stream_state *stream = pb_comedi_stream_state(bench.board);
    PB_CHECK_INT(stream->wanted_period_ns, 333, "ns");
    PB_CHECK_INT(stream->period_ns, 1000, "ns");
    const struct pb_sampling *sampling = driver->core->sampling(bench.board, 0);
    PB_CHECK_INT(sampling->period_num_ns, 1000, "ns");
    PB_CHECK_INT(sampling->period_den, 1, "");
    finish(&bench);
}

static void test_the_clock_error_of_the_bench_file_is_in_the_period(void **state) {
    (void)state;
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 100 kHz, clock_error: 0.005 %}", SQUARE);
    const struct pb_sampling *sampling = driver->core->sampling(bench.board, 0);
    PB_CHECK_INT(sampling->period_num_ns * 1000000 / sampling->period_den, 10000500000, "fs");
    PB_CHECK_INT(sampling->u_rate_ppb, 100000, "ppb");
    finish(&bench);
}

static void check_within(int64_t value, int64_t expected, int64_t u, const char *unit) {
    print_message("  %" PRId64 " %s, expected %" PRId64 ", U %" PRId64 "\n", value, unit, expected, u);
    PB_CHECK_NEAR(value, expected, u, unit);
}

static void test_the_square_wave_is_measured_within_its_uncertainty(void **state) {
    (void)state;
    struct bench bench;
    struct pb_cp_meter *meter = calloc(1, sizeof *meter);
    struct pb_cp_measurement measured;
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 1 MHz, buffer: 2 s}", ONE);
    PB_CHECK_TRUE(meter, "memory");
    pb_cp_meter_init(meter, driver->core->sampling(bench.board, 1));
    bench.seen.meter = meter;
    run_until_complete(&bench, pb_after(bench_now(&bench), pb_ms(300)));
    pb_cp_meter_finish(meter, &measured);
    PB_CHECK_TRUE(measured.periods > 100, "%" PRId64 " periods", measured.periods);
    PB_CHECK_TRUE(measured.is_high_settled && measured.is_low_settled && !measured.is_saturated, "levels");
    check_within(measured.duty_ppm, 500000, measured.u_duty_ppm, "ppm");
    check_within(measured.frequency_uhz, 1000000000, measured.u_frequency_uhz, "uHz");
    check_within(measured.high_uv, 9000000, measured.u_high_uv, "uV");
    check_within(measured.low_uv, -9000000, measured.u_low_uv, "uV");
    PB_CHECK_TRUE(measured.u_high_uv < 2000 && measured.u_duty_ppm < 2000, "an uncertainty too large to be of use");
    free(meter);
    finish(&bench);
}

static void test_a_full_ring_is_an_overrun_and_the_board_opens_again(void **state) {
    (void)state;
    struct bench bench;
    enum pb_status status = PB_OK;
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 1 MHz, buffer: 20 ms}", SQUARE);
    idle(pb_ms(300));
    for (int i = 0; i < 20 && status == PB_OK; i++) status = turn(&bench, pb_ms(10));
    PB_CHECK_INT(status, PB_ERR_OVERRUN, "status");
    PB_CHECK_INT(turn(&bench, pb_ms(10)), PB_ERR_OVERRUN, "status");
    PB_CHECK_TRUE(bench.seen.channel[0].samples > 0, "what came before the gap was not handed on");
    PB_CHECK_INT(bench.seen.channel[0].gaps, 0, "gaps");
    finish(&bench);
    open_board(&bench, "{device: /dev/comedi2, profile: wiring.yaml, rate: 100 kHz}", SQUARE);
    run_until_complete(&bench, pb_after(bench_now(&bench), pb_ms(50)));
    finish(&bench);
}

static void test_a_board_in_use_is_busy_until_it_is_closed(void **state) {
    (void)state;
    struct bench first, second;
    open_board(&first, "{device: /dev/comedi2, profile: wiring.yaml}", SQUARE);
    configure(&second, "{device: /dev/comedi2, profile: wiring.yaml}", SQUARE);
    PB_CHECK_INT(try_open(&second), PB_ERR_BUSY, "status");
    close_board(&first);
    PB_CHECK_OK(try_open(&second), &second.seen.error);
    run_until_complete(&second, pb_after(bench_now(&second), pb_ms(20)));
    finish(&second);
    finish(&first);
}

static void test_somebody_elses_command_makes_a_board_busy(void **state) {
    (void)state;
    struct bench bench;
    unsigned line = CR_PACK(0, 0, AREF_GROUND);
    comedi_t *other = comedi_open("/dev/comedi2");
    comedi_cmd cmd = {0};
    PB_CHECK_TRUE(other, "comedi_open");
    PB_CHECK_INT(comedi_get_cmd_generic_timed(other, 0, &cmd, 1, 1000000), 0, "");
    cmd.chanlist = &line;
    cmd.stop_src = TRIG_NONE;
    cmd.stop_arg = 0;
    PB_CHECK_INT(comedi_command(other, &cmd), 0, "");
    configure(&bench, "{device: /dev/comedi2, profile: wiring.yaml}", SQUARE);
    PB_CHECK_INT(try_open(&bench), PB_ERR_BUSY, "status");
    comedi_close(other);
    PB_CHECK_OK(try_open(&bench), &bench.seen.error);
    finish(&bench);
}

/* ---- digital lines ---- */

#define PORT_OUT                                                                                                       \
    "pilotbench_comedi: 1\n"                                                                                           \
    "digital_in:\n"                                                                                                    \
    "  - {name: free, role: x, subdevice: 1, line: 4}\n"                                                               \
    "digital_out:\n"                                                                                                   \
    "  - {name: init, role: a, subdevice: 2, line: 2, safe: 1}\n"                                                      \
    "  - {name: select, role: b, subdevice: 2, line: 3, safe: 1}\n"                                                    \
    "  - {name: strobe, role: mains.switch, subdevice: 2, line: 0, energises: true}\n"                                 \
    "  - {name: data, role: d, subdevice: 0, line: 5, inverted: true}\n"

static void test_an_edge_on_a_digital_input_is_told_once_and_dated(void **state) {
    (void)state;
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi0, profile: wiring.yaml, look: 2 ms}", PORT_OUT);
    PB_CHECK_INT(latest(&bench, "free")->value, 1, "");
    size_t before_count = bench.seen.event_count;
    pb_instant before = bench_now(&bench);
    set(&bench, "strobe", 1);
    pb_instant after = bench_now(&bench);
    const struct pb_seen *edge = latest(&bench, "free");
    PB_CHECK_INT(edge->value, 0, "");
    PB_CHECK_INT(bench.seen.event_count, before_count + 1, "events");
    PB_CHECK_BETWEEN(edge->at.ns, before.ns - edge->u_ns, after.ns + edge->u_ns, "ns");
    finish(&bench);
}

static lsampl_t bare_bits(unsigned subdevice) {
    unsigned bits = 0;
    comedi_t *device = comedi_open("/dev/comedi0");
    PB_CHECK_TRUE(device && comedi_dio_bitfield2(device, subdevice, 0, &bits, 0) >= 0, "bare comedi");
    comedi_close(device);
    return bits;
}

static void test_outputs_are_safe_after_close_and_inverted_where_told(void **state) {
    (void)state;
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi0, profile: wiring.yaml}", PORT_OUT);
    set(&bench, "strobe", 1);
    set(&bench, "data", 1);
    finish(&bench);
    PB_CHECK_INT(bare_bits(2) & 0xF, 0xC, "(strobe off, init and select on)");
    PB_CHECK_INT(bare_bits(0) >> 5 & 1, 1, "(off, inverted)");
}

static void test_outputs_in_use_are_locked(void **state) {
    (void)state;
    struct bench bench;
    unsigned bits = 0;
    open_board(&bench, "{device: /dev/comedi0, profile: wiring.yaml}", PORT_OUT);
    comedi_t *device = comedi_open("/dev/comedi0");
    PB_CHECK_TRUE(device, "comedi_open");
    PB_CHECK_INT(comedi_dio_bitfield2(device, 2, 1, &bits, 0), -1, "");
    comedi_close(device);
    finish(&bench);
}

static void test_the_guardians_descriptor_outlives_the_harness(void **state) {
    (void)state;
    struct pb_guard_note note;
    struct bench bench;
    int ready[2];
    open_board(&bench, "{device: /dev/comedi0, profile: wiring.yaml}", PORT_OUT);
    unsigned strobe = channel_of(&bench, "strobe");
    PB_CHECK_OK(driver->guard->note(bench.board, strobe, 0, &note, &bench.seen.error), &bench.seen.error);
    PB_CHECK_INT(driver->guard->note(bench.board, strobe, 2, &note, &bench.seen.error), PB_ERR_RANGE, "status");
    finish(&bench);
    PB_CHECK_INT(pipe(ready), 0, "");
    pid_t guardian = fork();
    if (guardian == 0) { /* opens as a harness would, keeps the guardian's descriptor, loses the rest */
        char byte = 1;
        struct bench lost;
        open_board(&lost, "{device: /dev/comedi0, profile: wiring.yaml}", PORT_OUT);
        set(&lost, "strobe", 1);
        int fd = dup(driver->guard->descriptor(lost.board));
        (void)!write(ready[1], &byte, 1);
        close_range(3, (unsigned)fd - 1, 0);
        _exit(driver->guard->write(fd, strobe, 0, &note, 100) == PB_OK ? 0 : 1);
    }
    int result;
    PB_CHECK_INT(waitpid(guardian, &result, 0), guardian, "");
    PB_CHECK_INT(result, 0, "exit status");
    PB_CHECK_INT(bare_bits(2) & 1, 0, "(strobe)");
}

static void test_a_board_that_goes_away_is_gone(void **state) {
    (void)state;
    struct bench bench;
    open_board(&bench, "{device: /dev/comedi0, profile: wiring.yaml, look: 1 ms}", PORT_OUT);
    (void)latest(&bench, "free");
    PB_CHECK_INT(system("comedi_config -r /dev/comedi0"), 0, "exit status");
    PB_CHECK_INT(driver->out->set(bench.board, channel_of(&bench, "strobe"), 1, &bench.seen.error), PB_ERR_GONE, "");
    enum pb_status status = PB_OK;
    for (int i = 0; i < 20 && status == PB_OK; i++) status = turn(&bench, pb_ms(10));
    PB_CHECK_INT(status, PB_ERR_GONE, "status");
    close_board(&bench);
    PB_CHECK_INT(try_open(&bench), PB_ERR_NOT_FOUND, "status");
    PB_CHECK_INT(system("comedi_config /dev/comedi0 comedi_parport 0x378"), 0, "exit status");
    PB_CHECK_OK(try_open(&bench), &bench.seen.error);
    finish(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_scan_tells_boards_subdevices_ranges_and_rates, close_left_over),
        cmocka_unit_test_teardown(test_a_board_that_is_not_there_is_not_found, close_left_over),
        cmocka_unit_test_teardown(test_what_the_board_lacks_is_told, close_left_over),
        cmocka_unit_test_teardown(test_an_analogue_output_is_read_back_by_an_input, close_left_over),
        cmocka_unit_test_teardown(test_a_value_outside_its_row_is_refused, close_left_over),
        cmocka_unit_test_teardown(test_divider_and_calibration_stand_between_code_and_value, close_left_over),
        cmocka_unit_test_teardown(test_one_channel_at_1_MHz_loses_no_sample, close_left_over),
        cmocka_unit_test_teardown(test_eight_channels_at_1_MHz_lose_no_sample, close_left_over),
        cmocka_unit_test_teardown(test_samples_are_dated_on_the_bench_clock, close_left_over),
        cmocka_unit_test_teardown(test_a_rate_that_the_board_cannot_do_is_negotiated, close_left_over),
        cmocka_unit_test_teardown(test_the_clock_error_of_the_bench_file_is_in_the_period, close_left_over),
        cmocka_unit_test_teardown(test_the_square_wave_is_measured_within_its_uncertainty, close_left_over),
        cmocka_unit_test_teardown(test_a_full_ring_is_an_overrun_and_the_board_opens_again, close_left_over),
        cmocka_unit_test_teardown(test_a_board_in_use_is_busy_until_it_is_closed, close_left_over),
        cmocka_unit_test_teardown(test_somebody_elses_command_makes_a_board_busy, close_left_over),
        cmocka_unit_test_teardown(test_an_edge_on_a_digital_input_is_told_once_and_dated, close_left_over),
        cmocka_unit_test_teardown(test_outputs_are_safe_after_close_and_inverted_where_told, close_left_over),
        cmocka_unit_test_teardown(test_outputs_in_use_are_locked, close_left_over),
        cmocka_unit_test_teardown(test_the_guardians_descriptor_outlives_the_harness, close_left_over),
        cmocka_unit_test_teardown(test_a_board_that_goes_away_is_gone, close_left_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
