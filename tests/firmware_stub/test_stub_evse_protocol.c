/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stub-evse does with records that break the protocol: it exits 3, at once, whatever they are. */
#include <sys/socket.h>
#include <unistd.h>

#include "tests/firmware_stub/scripted_world.h"
#include "tests/support/check.h"

#define EXIT_PROTOCOL 3

static struct script script;

/* A well-formed next record, for a row to spoil. */
static struct pbw_record next(uint16_t type) {
    struct pbw_record record = {.type = type, .seq = script.out_seq, .t_ns = script.now_ns};
    return record;
}

static void spoil_seq(struct pbw_record *r) { r->seq += 1; }
static void spoil_type(struct pbw_record *r) { r->type = 99; }
static void spoil_direction(struct pbw_record *r) { r->type = PBW_COIL; }
static void spoil_cord(struct pbw_record *r) { r->cord = 1; }
static void spoil_reserved(struct pbw_record *r) { r->reserved = 1; }
static void spoil_payload(struct pbw_record *r) { r->u.raw[47] = 1; }
static void spoil_time(struct pbw_record *r) { r->t_ns -= 1; }
static void spoil_value(struct pbw_record *r) { r->u.value.a = -1; }
static void spoil_pole(struct pbw_record *r) { r->u.value.index = 4; }
static void spoil_kind(struct pbw_record *r) { r->u.cp_load.kind = 4; }
static void spoil_ohms(struct pbw_record *r) { r->u.cp_load.milliohm = -1; }
static void spoil_nothing(struct pbw_record *r) { (void)r; } /* wrong as it is */
static void fill_hello(struct pbw_record *r) {
    r->u.hello = (struct pbw_hello){.version = PBW_VERSION, .actor = PBW_EVSE, .cords = 1};
}
static void spoil_length(struct pbw_record *r) { r->u.bytes.length = 41; }

static void test_each_broken_record_ends_it_with_status_3(void **state) {
    (void)state;
    static const struct {
        uint16_t type;
        void (*spoil)(struct pbw_record *);
    } rows[] = {
        {PBW_MAINS, spoil_seq},        {PBW_MAINS, spoil_type},        {PBW_MAINS, spoil_direction},
        {PBW_MAINS, spoil_cord},       {PBW_MAINS, spoil_reserved},    {PBW_MAINS, spoil_payload},
        {PBW_MAINS, spoil_time},       {PBW_MAINS, spoil_value},       {PBW_PE_OK, spoil_value},
        {PBW_POLE_VOLTS, spoil_pole},  {PBW_CP_LOAD, spoil_kind},      {PBW_CP_LOAD, spoil_ohms},
        {PBW_CP_LOAD, spoil_payload},  {PBW_RUN_UNTIL, spoil_payload}, {PBW_RUN_UNTIL, spoil_time},
        {PBW_STOP, spoil_payload},     {PBW_HELLO, fill_hello},        {PBW_SERIAL_IN, spoil_nothing},
        {PBW_SERIAL_IN, spoil_length},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        script_open(&script, 1, NULL);
        script_boot(&script);
        struct pbw_record record = next(rows[i].type);
        rows[i].spoil(&record);
        script_send(&script, &record);
        int status = script_wait_exit(&script);
        if (status != EXIT_PROTOCOL) fail_msg("row %zu: exit %d, expected %d", i, status, EXIT_PROTOCOL);
    }
}

static void spoil_version(struct pbw_record *r) { r->u.hello.version = 2; }
static void spoil_actor(struct pbw_record *r) { r->u.hello.actor = PBW_PEV; }
static void spoil_no_cord(struct pbw_record *r) { r->u.hello.cords = 0; }
static void spoil_two_cords(struct pbw_record *r) { r->u.hello.cords = 2; }
static void spoil_rest(struct pbw_record *r) { r->u.hello.rest[31] = 1; }
static void spoil_hello(struct pbw_record *r) {
    memset(&r->u, 0, sizeof r->u);
    r->type = PBW_MAINS;
}

static void test_each_wrong_hello_ends_it_with_status_3(void **state) {
    (void)state;
    void (*const rows[])(struct pbw_record *) = {spoil_version, spoil_actor, spoil_no_cord, spoil_two_cords,
                                                 spoil_rest,    spoil_hello, spoil_seq};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        script_start(&script, NULL);
        struct pbw_record hello = next(PBW_HELLO);
        fill_hello(&hello);
        rows[i](&hello);
        script_send(&script, &hello);
        int status = script_wait_exit(&script);
        if (status != EXIT_PROTOCOL) fail_msg("row %zu: exit %d, expected %d", i, status, EXIT_PROTOCOL);
    }
}

static void test_turn_without_a_promise_or_input_is_fine(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    for (int i = 0; i < 3; i++) {
        script.is_dirty = true;
        script_run(&script, 0);
    }
    PB_CHECK_INT(script.now_ns, 0, "ns");
    PB_CHECK_INT(script.turns, 3, "turns");
    PB_CHECK_INT(script_close(&script), 0, "(exit)");
}

static void test_timer_due_at_run_until_is_run(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    script_boot(&script);
    script_state_b(&script);
    script_run(&script, 0);
    while (!script_first(&script, PBW_CP_PWM, 0)) {
        PB_CHECK_TRUE(script.not_before_ns < PBW_NEVER, "nothing is due and no PWM");
        script_run(&script, script.not_before_ns - script.now_ns); /* checks that each promise lies in the future */
    }
    PB_CHECK_INT(script_first(&script, PBW_CP_PWM, 0)->t_ns, script.now_ns, "ns");
    PB_CHECK_INT(script_close(&script), 0, "(exit)");
}

static void test_input_at_a_timers_instant_comes_first(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    script_boot(&script);
    script_state_b(&script);
    script_run(&script, 400 * MS); /* the next timer starts PWM */
    script.now_ns = script.not_before_ns;
    script_value(&script, PBW_MAINS, 0, 0);
    script_run(&script, SECONDS);
    PB_CHECK_TRUE(!script_first(&script, PBW_CP_PWM, 0), "PWM at the instant of the mains cut");
    PB_CHECK_INT(script_close(&script), 0, "(exit)");
}

static void test_inputs_dated_ahead_wait_for_their_time(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    script_value(&script, PBW_MAINS, 0, 120000);
    script.now_ns = SECONDS;
    script_state_b(&script);
    script.now_ns = 2 * SECONDS;
    script_value(&script, PBW_MAINS, 0, 0);
    script.now_ns = 0;
    script_run(&script, 5 * SECONDS);
    const struct pbw_record *pwm = script_first(&script, PBW_CP_PWM, 0), *last = script_last(&script, PBW_CP_EDGE);
    PB_CHECK_TRUE(pwm != NULL, "no PWM");
    PB_CHECK_BETWEEN(pwm->t_ns, 1500 * MS, 1560 * MS, "ns");
    PB_CHECK_INT(last->t_ns, 2 * SECONDS, "ns");
    PB_CHECK_INT(last->u.cp_drive.hi_z, 1, "");
    PB_CHECK_INT(script_close(&script), 0, "(exit)");
}

static void test_end_of_the_wire_is_a_normal_end(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    script_boot(&script);
    shutdown(script.fd, SHUT_WR);
    PB_CHECK_INT(script_wait_exit(&script), 0, "(exit)");
}

static void test_end_inside_a_record_is_an_error(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    PB_CHECK_INT(write(script.fd, "half", 4), 4, "bytes");
    shutdown(script.fd, SHUT_WR);
    PB_CHECK_INT(script_wait_exit(&script), EXIT_PROTOCOL, "(exit)");
}

static void test_records_may_come_byte_by_byte(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    struct pbw_record stop = next(PBW_STOP);
    for (size_t i = 0; i < sizeof stop; i++) PB_CHECK_INT(write(script.fd, (char *)&stop + i, 1), 1, "bytes");
    PB_CHECK_INT(script_wait_exit(&script), 0, "(exit)");
}

static void test_stop_right_after_hello_is_a_normal_end(void **state) {
    (void)state;
    script_open(&script, 1, NULL);
    PB_CHECK_INT(script_close(&script), 0, "(exit)");
}

static void test_wrong_arguments_are_refused_with_status_2(void **state) {
    (void)state;
    static const char *const rows[][3] = {
        {"--rated-current", "5", NULL},
        {"--rated-current", "81", NULL},
        {"--rated-current", "x", NULL},
        {"--defect", "none_such", NULL},
        {"--defect", "no_diode_check=1", NULL},
        {"--defect", "duty_low_3a=x", NULL},
        {"--defect", "duty_low_3a=-1", NULL},
        {"--defect", "contactor_open_late=", NULL},
        {"--nonsense", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        script_start(&script, rows[i]);
        PB_CHECK_INT(script_wait_exit(&script), 2, "(exit)");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_broken_record_ends_it_with_status_3),
        cmocka_unit_test(test_each_wrong_hello_ends_it_with_status_3),
        cmocka_unit_test(test_turn_without_a_promise_or_input_is_fine),
        cmocka_unit_test(test_timer_due_at_run_until_is_run),
        cmocka_unit_test(test_input_at_a_timers_instant_comes_first),
        cmocka_unit_test(test_inputs_dated_ahead_wait_for_their_time),
        cmocka_unit_test(test_end_of_the_wire_is_a_normal_end),
        cmocka_unit_test(test_end_inside_a_record_is_an_error),
        cmocka_unit_test(test_records_may_come_byte_by_byte),
        cmocka_unit_test(test_stop_right_after_hello_is_a_normal_end),
        cmocka_unit_test(test_wrong_arguments_are_refused_with_status_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
