/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stubs together in the world: EVSE with its meter, gateway and utility are processes, the bench plays the vehicle in messages and on the
 * pilot. A session from connection to the utility's record, in simulated time. */
#include "tests/world/bench.h"
#include "world/wire/pb_wire.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { EVSE, ESCI, UTILITY, HEARD_MAX = 64 };

static struct bench bench;
static struct {
    struct pbl_text head;
    json_t *message;
} heard[HEARD_MAX];
static unsigned heard_count;
static int64_t id, now_ns;

static void start(uint8_t actor, const char *const *argv) {
    char text[600];
    size_t used = (size_t)snprintf(text, sizeof text, "%s/%s", PB_BUILD_DIR, argv[0]) + 1;
    for (int i = 1; argv[i]; i++) used += (size_t)snprintf(text + used, sizeof text - used, "%s", argv[i]) + 1;
    struct pbl_slave slave = {.actor = actor, .seed = 5};
    bench_send(&bench, PBL_SLAVE, &slave, sizeof slave, text, used);
}

static void open_all(void) {
    struct pbl_config config = bench_config();
    config.mains_mv = 120000;
    config.mains_mhz = 60000;
    bench_open(&bench, &config, NULL);
    start(PBW_EVSE, (const char *const[]){"stub-evse", "--rated-current", "16", "--meter", NULL});
    start(PBW_ESCI, (const char *const[]){"stub-esci", NULL});
    start(PBW_UTILITY, (const char *const[]){"stub-utility", NULL});
    heard_count = 0;
    id = now_ns = 0;
}

static void keep_message(void) {
    assert_true(heard_count < HEARD_MAX);
    heard[heard_count].head = bench.text_head;
    heard[heard_count].message = json_loadb((const char *)bench.text, bench.text_size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(heard[heard_count++].message);
}

/* Lets time pass; a stop at each message, so that each is kept. */
static void run(int64_t until_ns) {
    while (now_ns < until_ns) {
        unsigned before = bench.text_count;
        now_ns = bench_advance(&bench, until_ns, PBL_WAKE(PBL_EVENT_MESSAGE));
        PB_CHECK_TRUE(!bench.fault_count, "%s", bench.fault_text);
        PB_CHECK_TRUE(bench.text_count - before <= 1 || bench.text_head.slave == EVSE, "%u messages in a stop",
                      bench.text_count - before);
        if (bench.text_count > before && bench.texts[(bench.text_count - 1) % 32].type == PBL_MESSAGE_SEEN)
            keep_message();
    }
}

static void say(const char *to, const char *type, const char *fields) {
    char text[600];
    struct pbl_text head = {.slave = PBL_ALL, .link = PBW_LINK_ESCI};
    int length = snprintf(text, sizeof text, "{'fields':%s,'from':'pev','id':%d,'to':'%s','type':'%s','v':1}", fields,
                          (int)++id, to, type);
    for (int i = 0; i < length; i++)
        if (text[i] == '\'') text[i] = '"';
    bench_send(&bench, PBL_MESSAGE, &head, sizeof head, text, (size_t)length);
}

static const char *text_of(unsigned number, const char *member) {
    return json_string_value(json_object_get(heard[number].message, member));
}

/* A field of the nth message of a type by a slave on a link, as a number; -1: none. */
static int64_t number_of(const char *type, unsigned slave, unsigned link, unsigned nth, const char *field) {
    for (unsigned i = 0; i < heard_count; i++) {
        if (heard[i].head.slave != slave || heard[i].head.link != link || strcmp(text_of(i, "type"), type) != 0)
            continue;
        if (nth-- > 0) continue;
        const json_t *value = json_object_get(json_object_get(heard[i].message, "fields"), field);
        return json_is_boolean(value) ? json_is_true(value) : json_is_integer(value) ? json_integer_value(value) : -2;
    }
    return -1;
}

static void connect(void) {
    run(BENCH_S);
    bench_set(&bench, PBL_OUT_MAINS, 1);
    run(4 * BENCH_S);
    bench_set(&bench, PBL_OUT_PLUG, 1);
    run(6 * BENCH_S);
}

static void ask(void) {
    say("esci", "session_open", "{'initiator':'pev'}");
    run(7 * BENCH_S);
    say("utility", "vin", "{'vin':'1PB00000000000001'}");
    say("utility", "billing_request", "{'payer':'premise'}");
    say("utility", "energy_request", "{'amount':5760,'rate':1920000}");
    say("utility", "event_info_request", "{}");
    run(15 * BENCH_S);
}

static void charge(void) {
    bench_set(&bench, PBL_OUT_S2, 1);
    bench_set(&bench, PBL_OUT_DRAW, 10000);
    run(now_ns + 3600 * BENCH_S);
    bench_set(&bench, PBL_OUT_DRAW, 0);
    bench_set(&bench, PBL_OUT_S2, 0);
    run(now_ns + 10 * BENCH_S);
    say("utility", "charging_status", "{'charging':'complete'}");
    run(now_ns + 10 * BENCH_S);
}

static void close_all(void) {
    for (unsigned i = 0; i < heard_count; i++) json_decref(heard[i].message);
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_a_session_goes_through_evse_gateway_and_utility(void **state) {
    (void)state;
    open_all();
    connect();
    ask();
    charge();
    for (unsigned i = 0; i < heard_count; i++)
        print_message("%12.6f s slave %u link %u heard %x: %s %s -> %s\n", (double)heard[i].head.t_ns / 1e9,
                      heard[i].head.slave, heard[i].head.link, heard[i].head.heard, text_of(i, "type"),
                      text_of(i, "from"), text_of(i, "to"));
    PB_CHECK_INT(number_of("id_verification", UTILITY, PBW_LINK_UTILITY, 0, "verified"), 1, "(verified)");
    PB_CHECK_INT(number_of("binding_confirmation", ESCI, PBW_LINK_ESCI, 0, "success"), 1, "(bound)");
    PB_CHECK_INT(number_of("energy_available", UTILITY, PBW_LINK_UTILITY, 0, "rate"), 1261313, "mW");
    PB_CHECK_INT(number_of("energy_available", ESCI, PBW_LINK_ESCI, 0, "rate"), 1261313, "mW");
    int64_t metered_wh = number_of("interval_metering", EVSE, PBW_LINK_ESCI, 0, "energy_wh");
    PB_CHECK_BETWEEN(metered_wh, 1198, 1200, "Wh: 1.2 kW for an hour, less what it takes to close");
    PB_CHECK_INT(number_of("session_report", ESCI, PBW_LINK_UTILITY, 0, "running"), 1, "(a running sum)");
    PB_CHECK_INT(number_of("session_report", ESCI, PBW_LINK_UTILITY, 1, "energy_wh"), metered_wh, "Wh");
    PB_CHECK_INT(number_of("session_record", UTILITY, PBW_LINK_UTILITY, 0, "energy_wh"), metered_wh, "Wh");
    PB_CHECK_INT(number_of("session_record", UTILITY, PBW_LINK_UTILITY, 1, "energy_wh"), -1, "(one record)");
    int64_t read_wh = -1;
    for (unsigned i = 0; i < bench.event_count; i++)
        if (bench.events[i].kind == PBL_EVENT_METER) read_wh = bench.events[i].value;
    PB_CHECK_NEAR(read_wh, metered_wh, 1, "Wh: the world's meter and the EVSE's");
    close_all();
}

static void test_equal_seeds_give_equal_sessions(void **state) {
    (void)state;
    uint8_t *raw = NULL;
    size_t size = 0;
    for (int i = 0; i < 2; i++) {
        open_all();
        connect();
        ask();
        charge();
        if (raw) {
            PB_CHECK_INT(bench.raw_size, size, "bytes");
            PB_CHECK_TRUE(memcmp(bench.raw, raw, size) == 0, "another session");
        } else {
            size = bench.raw_size;
            raw = malloc(size);
            memcpy(raw, bench.raw, size);
        }
        close_all();
    }
    free(raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_goes_through_evse_gateway_and_utility),
        cmocka_unit_test(test_equal_seeds_give_equal_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
