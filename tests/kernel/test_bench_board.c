/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the comedi driver needs a board that does as it is told: pulses by counters, and a clock that is not the bench's. On pb_bench_board as /dev/comedi1, in
 * the machine of vm.py. (That a real counter takes the same is not proven by this.) */
#include "base/wall.h"
#include "instruments/comedi/comedi.h"
#include "pilot_emulator/analyser.h"
#include "tests/support/check.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHANNELS_MAX = 3 };

struct bench {
    struct pb_doc *doc;
    void *config;
    struct pb_instrument *board;
    pb_instant zero;
    struct pb_cp_meter meters[CHANNELS_MAX]; /* of streamed lines, in the order of rows */
    int64_t samples;
};

static const struct pb_driver *const driver = &pb_comedi_driver;
static struct bench bench;
static struct pb_error error;

static void on_event(void *user, const struct pb_seen *event) { (void)user, (void)event; }
static void on_complete(void *user, pb_instant to) { (void)user, (void)to; }
static void on_samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count) {
    (void)user, (void)first_index;
    pb_cp_meter_feed(&bench.meters[channel], counts, count);
    if (channel == 0) bench.samples += (int64_t)count;
}

static enum pb_status open_board(const char *device, const char *more, const char *rows) {
    char text[300];
    FILE *file = fopen("wiring.yaml", "w");
    PB_CHECK_TRUE(file && fprintf(file, "pilotbench_comedi: 1\n%s", rows) > 0 && fclose(file) == 0, "wiring.yaml");
    snprintf(text, sizeof text, "{device: %s, profile: wiring.yaml, buffer: 4 s%s}", device, more);
    bench = (struct bench){.zero = pb_wall_now(), .config = calloc(1, driver->config_size)};
    PB_CHECK_OK(pb_doc_read_text("test", text, strlen(text), &bench.doc, &error), &error);
    PB_CHECK_OK(pb_doc_bind(bench.doc, pb_doc_root(bench.doc), driver->params, driver->param_count, bench.config,
                            driver->config_size, &error),
                &error);
    PB_CHECK_OK(driver->rows->prepare(bench.config, ".", &error), &error);
    struct pb_opening opening = {.wall_zero = bench.zero,
                                 .sink = {.event = on_event, .samples = on_samples, .complete = on_complete}};
    return driver->core->open(bench.config, &opening, &bench.board, &error);
}

static int finish(void **state) {
    (void)state;
    driver->core->close(bench.board);
    if (bench.config) driver->rows->release(bench.config);
    free(bench.config);
    pb_doc_destroy(bench.doc);
    bench = (struct bench){0};
    return 0;
}

static enum pb_status turn(void) {
    struct pollfd wait = {.fd = driver->live->descriptor(bench.board), .events = POLLIN};
    (void)poll(&wait, 1, 100);
    return driver->live->poll(bench.board, (pb_instant){pb_between(bench.zero, pb_wall_now()).ns}, &error);
}

static void set(const char *name, int64_t value) {
    size_t count, channel = 0;
    const struct pb_channel *rows = driver->rows->channels(bench.config, &count);
    channel = pb_channel_find(rows, count, name);
    PB_CHECK_TRUE(channel < count, "%s", name);
    PB_CHECK_OK(driver->out->set(bench.board, (unsigned)channel, value, &error), &error);
}

/* Of 100 ms that begin soon. */
static struct pb_cp_measurement measure(unsigned channel) {
    struct pb_cp_measurement measured;
    PB_CHECK_OK(turn(), &error);
    pb_instant begun = pb_wall_now();
    while (pb_is_before(pb_wall_now(), pb_after(begun, pb_ms(20)))) PB_CHECK_OK(turn(), &error);
    for (unsigned i = 0; i < CHANNELS_MAX; i++)
        if (driver->core->sampling(bench.board, i))
            pb_cp_meter_init(&bench.meters[i], driver->core->sampling(bench.board, i));
    for (bench.samples = 0; bench.samples < 50000;) PB_CHECK_OK(turn(), &error);
    pb_cp_meter_finish(&bench.meters[channel], &measured);
    return measured;
}

static void check_pulses(unsigned channel, int64_t frequency_uhz, int64_t duty_ppm) {
    struct pb_cp_measurement measured = measure(channel);
    print_message("  %" PRId64 " uHz, U %" PRId64 "; %" PRId64 " ppm, U %" PRId64 "\n", measured.frequency_uhz,
                  measured.u_frequency_uhz, measured.duty_ppm, measured.u_duty_ppm);
    PB_CHECK_TRUE(measured.periods > 50, "%" PRId64 " periods", measured.periods);
    PB_CHECK_NEAR(measured.frequency_uhz, frequency_uhz, measured.u_frequency_uhz, "uHz");
    PB_CHECK_NEAR(measured.duty_ppm, duty_ppm, measured.u_duty_ppm, "ppm");
}

#define STREAMS                                                                                                        \
    "stream_in:\n"                                                                                                     \
    "  - {name: pilot, role: cp.sense, line: 0, from: -15 V, to: 15 V}\n"                                              \
    "  - {name: counter, role: x, line: 1, from: -15 V, to: 15 V}\n"                                                   \
    "  - {name: pwm, role: y, line: 2, from: -15 V, to: 15 V}\n"
#define COUNTER                                                                                                        \
    "pulse_duty: [{name: duty, role: cp.source.duty, subdevice: 6, line: 0, safe: 10 %}]\n"                            \
    "pulse_frequency: [{name: frequency, role: cp.source.frequency, subdevice: 6, line: 0}]\n"
#define PWM                                                                                                            \
    "pulse_duty: [{name: duty, role: cp.source.duty, subdevice: 7, line: 0, frequency: 980 Hz, safe: 5 %}]\n"          \
    "pulse_frequency: [{name: frequency, role: cp.source.frequency, subdevice: 7, line: 0}]\n"

static void test_a_counter_makes_pulses_of_the_duty_and_frequency_set(void **state) {
    (void)state;
    PB_CHECK_OK(open_board("/dev/comedi1", "", STREAMS COUNTER), &error);
    check_pulses(1, 1000000000, 100000);
    set("duty", 266667); /* the board rounds to 100 ns, and says so */
    check_pulses(1, 1000000000, 266700);
    set("frequency", 1020000000);
    check_pulses(1, 1020000000, 266667);
    set("duty", 960000);
    check_pulses(1, 1020000000, 960000);
}

static void test_a_pwm_subdevice_takes_its_period_and_a_code(void **state) {
    (void)state;
    PB_CHECK_OK(open_board("/dev/comedi1", "", STREAMS PWM), &error);
    check_pulses(2, 980000000, 50000);
    set("duty", 533000);
    check_pulses(2, 980000000, 533000);
    set("frequency", 1000000000);
    check_pulses(2, 1000000000, 533000);
}

static void test_pulses_are_safe_after_close_and_by_the_guardian(void **state) {
    (void)state;
    struct pb_guard_note note;
    PB_CHECK_OK(open_board("/dev/comedi1", "", STREAMS COUNTER), &error);
    unsigned duty = 3;
    PB_CHECK_OK(driver->guard->note(bench.board, duty, 100000, &note, &error), &error);
    set("duty", 800000);
    PB_CHECK_INT(driver->guard->write(driver->guard->descriptor(bench.board), duty, 100000, &note, 100), PB_OK,
                 "status");
    check_pulses(1, 1000000000, 100000);
    set("duty", 800000);
    finish(NULL);
    PB_CHECK_OK(open_board("/dev/comedi1", "", STREAMS), &error);
    check_pulses(1, 1000000000, 100000);
}

static void test_what_cannot_make_pulses_is_told(void **state) {
    (void)state;
    PB_CHECK_INT(open_board("/dev/comedi2", "", "pulse_duty: [{name: a, role: x, line: 0}]\n"), PB_ERR_UNSUPPORTED,
                 "status");
    PB_CHECK_CONTAINS(error.text, "no subdevice that is a counter or PWM");
    finish(NULL);
    PB_CHECK_INT(open_board("/dev/comedi1", "", "pulse_duty: [{name: a, role: x, line: 1, subdevice: 6}]\n"),
                 PB_ERR_UNSUPPORTED, "status");
    PB_CHECK_CONTAINS(error.text, "found line 1, expected one below 1");
    finish(NULL);
    PB_CHECK_OK(open_board("/dev/comedi1", "", COUNTER), &error);
    PB_CHECK_INT(driver->out->set(bench.board, 0, 1000001, &error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(driver->out->set(bench.board, 0, -1, &error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(driver->out->set(bench.board, 1, 0, &error), PB_ERR_RANGE, "status");
}

static void slow_down(int ppm) {
    FILE *file = fopen("/sys/module/pb_bench_board/parameters/slow_ppm", "w");
    PB_CHECK_TRUE(file && fprintf(file, "%d\n", ppm) > 0 && fclose(file) == 0, "slow_ppm");
}

static void test_a_slow_clock_is_measured_and_can_be_put_right(void **state) {
    (void)state;
    slow_down(2000);
    PB_CHECK_OK(open_board("/dev/comedi1", ", u_clock: 1 %, rate: 100 kHz", STREAMS), &error);
    const struct pb_comedi_stream_state *stream = pb_comedi_stream_state(bench.board);
    while (stream->drift_ns < 5000000)
        PB_CHECK_OK(turn(), &error); /* 2 ms a second, against a lag that varies by some ms */
    print_message("  drift %" PRId64 " ppb, gathered %" PRId64 " ns\n", stream->drift_ppb, stream->drift_ns);
    PB_CHECK_BETWEEN(stream->drift_ppb, 500000, 8000000, "ppb");
    finish(NULL);
    PB_CHECK_OK(open_board("/dev/comedi1", ", clock_error: 0.2 %, rate: 100 kHz", STREAMS), &error);
    stream = pb_comedi_stream_state(bench.board);
    pb_instant end = pb_after(pb_wall_now(), pb_ms(2200));
    while (pb_is_before(pb_wall_now(), end)) PB_CHECK_OK(turn(), &error);
    print_message("  put right: %" PRId64 " ns\n", stream->drift_ns);
    const struct pb_sampling *sampling = driver->core->sampling(bench.board, 0);
    int64_t period_ps = sampling->period_num_ns * 1000 / sampling->period_den;
    PB_CHECK_NEAR(period_ps, 10020000, 0, "ps");
}

static void test_a_clock_that_parts_by_more_than_allowed_ends_the_run(void **state) {
    (void)state;
    slow_down(200000);
    PB_CHECK_OK(open_board("/dev/comedi1", ", rate: 100 kHz", STREAMS), &error);
    enum pb_status status = PB_OK;
    while (status == PB_OK) status = turn();
    PB_CHECK_INT(status, PB_ERR_IO, "status");
    PB_CHECK_CONTAINS(error.text, "parted");
    PB_CHECK_BETWEEN(pb_comedi_stream_state(bench.board)->drift_ppb, 80000000, 400000000, "ppb");
    print_message("  %s\n", error.text);
}

static int restore(void **state) {
    slow_down(0);
    return finish(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_counter_makes_pulses_of_the_duty_and_frequency_set, finish),
        cmocka_unit_test_teardown(test_a_pwm_subdevice_takes_its_period_and_a_code, finish),
        cmocka_unit_test_teardown(test_pulses_are_safe_after_close_and_by_the_guardian, finish),
        cmocka_unit_test_teardown(test_what_cannot_make_pulses_is_told, finish),
        cmocka_unit_test_teardown(test_a_slow_clock_is_measured_and_can_be_put_right, restore),
        cmocka_unit_test_teardown(test_a_clock_that_parts_by_more_than_allowed_ends_the_run, restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
