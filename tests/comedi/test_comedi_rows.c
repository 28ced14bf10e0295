/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wiring files, and the one place where a span becomes libcomedi's ns. */
#include "instruments/comedi/board.h"
#include "instruments/comedi/comedi.h"
#include "instruments/comedi/rows.h"
#include "tests/support/check.h"

static enum pb_status read_text(const char *text, struct comedi_rows **ret_rows, struct pb_error *error) {
    struct pb_doc *doc;
    enum pb_status status = pb_doc_read_text("w.yaml", text, strlen(text), &doc, error);
    return status == PB_OK ? comedi_rows_bind(doc, ret_rows, error) : status;
}

static void test_rows_become_channels_that_the_registry_accepts(void **state) {
    (void)state;
    struct comedi_rows *rows;
    struct pb_error error;
    PB_CHECK_OK(read_text("pilotbench_comedi: 1\n"
                          "digital_out: [{name: k1, role: mains.switch, line: 3, energises: true}]\n"
                          "stream_in: [{name: cp, role: cp.sense, line: 1, from: -15 V, to: 15 V}]\n"
                          "analogue_out: [{name: src, role: cp.source, line: 0, safe: 12 V, to: 12 V}]\n"
                          "digital_in: [{name: aux, role: contactor.sense, line: 2, inverted: true}]\n",
                          &rows, &error),
                &error);
    PB_CHECK_INT(rows->count, 4, "rows");
    PB_CHECK_TRUE(!pb_channels_fault(&pb_comedi_driver, rows->channels, rows->count), "%s",
                  pb_channels_fault(&pb_comedi_driver, rows->channels, rows->count));
    PB_CHECK_TEXT(rows->channels[0].name, "cp");
    PB_CHECK_INT(rows->channels[0].access, PB_ACCESS_STREAM, "");
    PB_CHECK_INT(rows->channels[1].safe, 12000000, "uV");
    PB_CHECK_INT(rows->channels[1].min, -10000000, "uV");
    PB_CHECK_INT(rows->channels[2].access, PB_ACCESS_EVENTS, "");
    PB_CHECK_TRUE(rows->rows[2].is_inverted && rows->channels[3].energises, "");
    PB_CHECK_INT(rows->channels[3].max, 1, "");
    comedi_rows_destroy(rows);
}

static void test_pulses_are_a_duty_and_a_frequency_that_is_kept(void **state) {
    (void)state;
    struct comedi_rows *rows;
    struct pb_error error;
    PB_CHECK_OK(read_text("pilotbench_comedi: 1\n"
                          "pulse_frequency: [{name: f, role: cp.source.frequency, line: 2}]\n"
                          "pulse_duty: [{name: d, role: cp.source.duty, line: 2, frequency: 980 Hz, safe: 5 %}]\n",
                          &rows, &error),
                &error);
    PB_CHECK_TRUE(!pb_channels_fault(&pb_comedi_driver, rows->channels, rows->count), "a fault");
    PB_CHECK_INT(rows->channels[0].safe, 50000, "ppm");
    PB_CHECK_INT(rows->channels[0].max, 1000000, "ppm");
    PB_CHECK_TRUE(!rows->channels[0].is_kept_when_safe && rows->channels[1].is_kept_when_safe, "");
    PB_CHECK_INT(rows->channels[1].safe, 980000000, "uHz");
    PB_CHECK_INT(rows->channels[1].min, 1000000, "uHz");
    comedi_rows_destroy(rows);
}

static void test_pulses_are_sent_as_the_subdevice_takes_them(void **state) {
    (void)state;
    const struct comedi_pulses pulses = {.frequency_uhz = 1000000000, .duty_ppm = 266667};
    struct comedi_line counter = {.subdevice = 4, .line = 1, .type = COMEDI_SUBD_COUNTER},
                       pwm = {.subdevice = 5, .type = COMEDI_SUBD_PWM, .maxdata = 512};
    struct comedi_command sent = comedi_pulses_command(&counter, COMEDI_PULSE_DUTY, &pulses);
    PB_CHECK_INT(sent.insn, INSN_CONFIG, "");
    PB_CHECK_INT(sent.n, 5, "values");
    PB_CHECK_INT(sent.data[0], INSN_CONFIG_PWM_OUTPUT, "");
    PB_CHECK_INT(sent.data[2], 266667, "ns");
    PB_CHECK_INT(sent.data[4], 733333, "ns");
    sent = comedi_pulses_command(&pwm, COMEDI_PULSE_DUTY, &pulses);
    PB_CHECK_INT(sent.insn, INSN_WRITE, "");
    PB_CHECK_INT(sent.data[0], 137, "");
    sent = comedi_pulses_command(&pwm, COMEDI_PULSE_FREQUENCY, &pulses);
    PB_CHECK_INT(sent.data[0], INSN_CONFIG_PWM_SET_PERIOD, "");
    PB_CHECK_INT(sent.data[1], 1000000, "ns");
    PB_CHECK_INT(sent.n, 2, "values");
}

static void test_the_example_board_is_read(void **state) {
    (void)state;
    struct comedi_rows *rows;
    struct pb_error error;
    PB_CHECK_OK(comedi_rows_read(PB_SOURCE_DIR "/fixtures/boards/example-16bit.yaml", &rows, &error), &error);
    PB_CHECK_INT(rows->count, 8, "rows");
    comedi_rows_destroy(rows);
}

static void test_mistakes_are_told_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *where, *part;
    } cases[] = {
        {"{}", "w.yaml:1", "pilotbench_comedi"},
        {"pilotbench_comedi: 2\n", "w.yaml:1", "2"},
        {"pilotbench_comedi: 1\n", "w.yaml:1", "no channel"},
        {"pilotbench_comedi: 1\nstream_in: [{name: a, role: b}]\n", "w.yaml:2", "line"},
        {"pilotbench_comedi: 1\nstream_in: [{name: a, role: b, line: 0, colour: 3}]\n", "w.yaml:2", "colour"},
        {"pilotbench_comedi: 1\nstream_in: [{name: '', role: b, line: 0}]\n", "w.yaml:2", "empty name"},
        {"pilotbench_comedi: 1\nstream_in:\n  - {name: a, role: b, line: 0}\n  - {name: a, role: c, line: 1}\n",
         "w.yaml:4", "again"},
        {"pilotbench_comedi: 1\nstream_in:\n  - {name: a, role: b, line: 0}\n  - {name: c, role: c, line: 0}\n",
         "w.yaml:4", "again"},
        {"pilotbench_comedi: 1\nstream_in: [{name: a, role: b, line: 0, from: 2 V, to: 1 V}]\n", "w.yaml:2", "from"},
        {"pilotbench_comedi: 1\nstream_in: [{name: a, role: b, line: 0, high_read: 0 V}]\n", "w.yaml:2", "calibration"},
        {"pilotbench_comedi: 1\nstream_in: [{name: a, role: b, line: 0, to: nan}]\n", "w.yaml:2", "nan"},
        {"pilotbench_comedi: 1\nanalogue_out: [{name: a, role: b, line: 0, safe: 11 V}]\n", "w.yaml:2", "safe"},
        {"pilotbench_comedi: 1\ndigital_out: [{name: a, role: b, line: 0, safe: 2}]\n", "w.yaml:2", "2"},
        {"pilotbench_comedi: 1\npulse_duty: [{name: a, role: b, line: 0, safe: 101 %}]\n", "w.yaml:2", "101"},
        {"pilotbench_comedi: 1\npulse_duty: [{name: a, role: b, line: 0, frequency: 0 Hz}]\n", "w.yaml:2", "0 Hz"},
        {"pilotbench_comedi: 1\npulse_frequency: [{name: a, role: b, line: 0}]\n", "w.yaml:2", "without a duty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct comedi_rows *rows;
        struct pb_error error;
        PB_CHECK_INT(read_text(cases[i].text, &rows, &error), PB_ERR_INPUT, "status");
        PB_CHECK_CONTAINS(error.where, cases[i].where);
        PB_CHECK_CONTAINS(error.text, cases[i].part);
    }
}

static void test_only_64_channels_are_taken(void **state) {
    (void)state;
    char text[6000] = "pilotbench_comedi: 1\ndigital_in:\n";
    struct comedi_rows *rows;
    struct pb_error error;
    for (int i = 0; i < 65; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "  - {name: n%d, role: r%d, line: %d}\n", i, i, i);
    PB_CHECK_INT(read_text(text, &rows, &error), PB_ERR_INPUT, "status");
    PB_CHECK_CONTAINS(error.text, "64");
}

static void test_a_span_that_does_not_fit_32_bits_of_ns_is_refused(void **state) {
    (void)state;
    struct comedi_board board = {.where = "board"};
    struct pb_error error;
    unsigned ns = 7;
    PB_CHECK_OK(comedi_board_ns(&board, pb_ns(4294967295), &ns, &error), &error);
    PB_CHECK_INT(ns, 4294967295, "ns");
    PB_CHECK_OK(comedi_board_ns(&board, pb_ns(1), &ns, &error), &error);
    PB_CHECK_INT(comedi_board_ns(&board, pb_ns(4294967296), &ns, &error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(comedi_board_ns(&board, pb_ns(0), &ns, &error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(comedi_board_ns(&board, pb_ns(-1), &ns, &error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(ns, 1, "ns");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_become_channels_that_the_registry_accepts),
        cmocka_unit_test(test_pulses_are_a_duty_and_a_frequency_that_is_kept),
        cmocka_unit_test(test_pulses_are_sent_as_the_subdevice_takes_them),
        cmocka_unit_test(test_the_example_board_is_read),
        cmocka_unit_test(test_mistakes_are_told_with_their_place),
        cmocka_unit_test(test_only_64_channels_are_taken),
        cmocka_unit_test(test_a_span_that_does_not_fit_32_bits_of_ns_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
