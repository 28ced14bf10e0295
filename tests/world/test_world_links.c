/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several slaves on one run: a link is a bus, and the bench hears all of it. */
#include "tests/world/bench.h"
#include "world/wire/pb_wire.h"

#include <stdlib.h>

enum { EVSE, ESCI, UTILITY, COUNT };

static struct bench bench;

static void open_three(void) {
    static const uint8_t actors[COUNT] = {PBW_EVSE, PBW_ESCI, PBW_UTILITY};
    struct pbl_config config = bench_config();
    bench_open(&bench, &config, NULL);
    for (int i = 0; i < COUNT; i++)
        bench_start_actor(&bench, actors[i], PB_BUILD_DIR "/tests/world_test_dut", "relay", 0);
    bench_advance(&bench, BENCH_S, 0);
    PB_CHECK_INT(bench.fault_count, 0, "faults");
}

static void close_all(void) {
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

/* Who told on a console that it heard something: a bit each. */
static unsigned told(void) {
    unsigned slaves = 0;
    for (unsigned i = 0; i < bench.text_count; i++)
        if (bench.texts[i].type == PBL_SERIAL_SEEN) slaves |= 1u << bench.texts[i].head.slave;
    return slaves;
}

static void check_says(uint8_t slave, uint8_t link, unsigned heard) {
    struct pbl_text text = {.slave = slave, .link = link};
    bench.text_count = 0;
    bench_send(&bench, PBL_SERIAL, &text, sizeof text, "hello", 5);
    bench_advance(&bench, 2 * BENCH_S, 0);
    PB_CHECK_INT(bench.texts[0].type, PBL_MESSAGE_SEEN, "(first, what the bench hears)");
    PB_CHECK_INT(bench.texts[0].head.slave, slave, "(speaker)");
    PB_CHECK_INT(bench.texts[0].head.link, link, "(link)");
    PB_CHECK_INT(bench.texts[0].head.heard, heard, "(slaves that hear it, as the bench is told)");
    PB_CHECK_INT(told(), heard, "(slaves that hear it)");
}

static void test_what_one_says_on_a_link_the_others_on_it_hear_and_so_does_the_bench(void **state) {
    (void)state;
    open_three();
    check_says(EVSE, PBW_LINK_ESCI, 1 << ESCI);
    check_says(ESCI, PBW_LINK_ESCI, 1 << EVSE);
    check_says(ESCI, PBW_LINK_UTILITY, 1 << EVSE | 1 << UTILITY);
    check_says(UTILITY, PBW_LINK_UTILITY, 1 << EVSE | 1 << ESCI);
    check_says(EVSE, PBW_LINK_HLC, 0);
    close_all();
}

static void check_bench_says(uint8_t slave, uint8_t link, unsigned heard) {
    struct pbl_text text = {.slave = slave, .link = link};
    bench.text_count = 0;
    bench_send(&bench, PBL_MESSAGE, &text, sizeof text, "hello", 5);
    bench_advance(&bench, 2 * BENCH_S, 0);
    PB_CHECK_INT(told(), heard, "(slaves that hear it)");
}

static void test_the_bench_speaks_to_all_on_a_link_or_to_one(void **state) {
    (void)state;
    open_three();
    check_bench_says(PBL_ALL, PBW_LINK_ESCI, 1 << EVSE | 1 << ESCI);
    check_bench_says(PBL_ALL, PBW_LINK_UTILITY, 1 << EVSE | 1 << ESCI | 1 << UTILITY);
    check_bench_says(ESCI, PBW_LINK_ESCI, 1 << ESCI);
    close_all();
}

static void test_a_message_of_the_greatest_length_arrives_whole(void **state) {
    (void)state;
    static uint8_t bytes[PBW_MESSAGE_MAX];
    struct pbl_text text = {.slave = ESCI, .link = PBW_LINK_ESCI};
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 31 >> 3);
    open_three();
    bench.text_count = 0;
    bench_send(&bench, PBL_SERIAL, &text, sizeof text, bytes, sizeof bytes);
    bench_advance(&bench, 2 * BENCH_S, 0);
    size_t heard = 0; /* the EVSE tells it on its console, in pieces */
    for (unsigned i = 0; i < bench.text_count; i++)
        if (bench.texts[i].type == PBL_SERIAL_SEEN) heard += bench.texts[i].size;
    PB_CHECK_INT(bench.texts[0].type, PBL_MESSAGE_SEEN, "");
    PB_CHECK_INT(bench.texts[0].size, sizeof bytes, "bytes");
    PB_CHECK_INT(heard, sizeof bytes, "bytes heard");
    PB_CHECK_TRUE(memcmp(bench.text, bytes + sizeof bytes - bench.text_size, bench.text_size) == 0, "other bytes");
    close_all();
}

static void test_a_message_to_a_slave_that_is_not_there_ends_the_world(void **state) {
    (void)state;
    struct pbl_text text = {.slave = COUNT, .link = PBW_LINK_ESCI};
    open_three();
    bench_send(&bench, PBL_MESSAGE, &text, sizeof text, "hello", 5);
    PB_CHECK_INT(bench_wait_end(&bench), 2, "(exit status)");
    char *log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, "link 0 of slave 3, expected below 3 and below 3");
    free(log);
    bench_free(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_one_says_on_a_link_the_others_on_it_hear_and_so_does_the_bench),
        cmocka_unit_test(test_the_bench_speaks_to_all_on_a_link_or_to_one),
        cmocka_unit_test(test_a_message_of_the_greatest_length_arrives_whole),
        cmocka_unit_test(test_a_message_to_a_slave_that_is_not_there_ends_the_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
