/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/status.h"
#include "tests/world/bench.h"
#include "world/wire/pb_wire.h"

#include <stdlib.h>

#define HOURS_14 (14LL * 3600 * BENCH_S)

/* Mains, plug, S2 with draw, unplug: 4 s, in the given steps of the bench. */
static void play_session(struct bench *bench, uint32_t wake_mask) {
    static const struct {
        int64_t at_ns;
        enum pbl_output output;
        int64_t value;
    } sets[] = {
        {0, PBL_OUT_MAINS, 1},           {1 * BENCH_S, PBL_OUT_PLUG, 1}, {2 * BENCH_S, PBL_OUT_DRAW, 16000},
        {2 * BENCH_S, PBL_OUT_S2, 1},    {3 * BENCH_S, PBL_OUT_S2, 0},   {3200 * BENCH_MS, PBL_OUT_PLUG, 0},
        {4 * BENCH_S, PBL_OUT_MAINS, 0},
    };
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        while (bench_advance(bench, sets[i].at_ns, wake_mask) < sets[i].at_ns) {}
        bench_set(bench, sets[i].output, sets[i].value);
    }
    while (bench_advance(bench, 4100 * BENCH_MS, wake_mask) < 4100 * BENCH_MS) {}
}

static void open_and_play(struct bench *bench, const struct pbl_config *config, const char *mode, uint32_t wake_mask) {
    bench_open(bench, config, mode);
    play_session(bench, wake_mask);
    PB_CHECK_TRUE(!bench->fault_count, "fault: %s", bench->fault_text);
    PB_CHECK_INT(bench_close(bench), 0, "(exit status)");
}

static void test_the_contactor_follows_the_coil_with_delay_and_bounce(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_and_play(&bench, &config, "good", 0);
    const struct pbl_event *coil = bench_event(&bench, PBL_EVENT_COIL, 0, 0);
    PB_CHECK_TRUE(coil && coil->value == 1, "no coil");
    PB_CHECK_INT(coil->t_ns, 2300 * BENCH_MS, "ns");
    const struct pbl_event *pole = bench_event(&bench, PBL_EVENT_POLE, 0, 0);
    PB_CHECK_TRUE(pole && pole->value == 1, "no pole");
    PB_CHECK_BETWEEN(pole->t_ns - coil->t_ns, 20 * BENCH_MS, 22 * BENCH_MS + BENCH_PERIOD_NS, "ns");
    const struct pbl_event *current = bench_event(&bench, PBL_EVENT_CURRENT, 0, 0);
    PB_CHECK_TRUE(current && current->value == 16000, "no current");
    PB_CHECK_TRUE(current->t_ns >= pole->t_ns, "current before contact");
    const struct pbl_event *stop = bench_event(&bench, PBL_EVENT_CURRENT, 0, current->t_ns);
    PB_CHECK_INT(stop->t_ns, 3 * BENCH_S, "ns");
    const struct pbl_event *open = bench_event(&bench, PBL_EVENT_POLE, 0, 2900 * BENCH_MS);
    PB_CHECK_TRUE(open && open->value == 0, "did not open");
    PB_CHECK_INT(open->t_ns, 3015 * BENCH_MS, "ns");
    bench_free(&bench);
}

static void test_a_welded_pole_stays_closed(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    config.welded_poles = 2;
    open_and_play(&bench, &config, "good", 0);
    PB_CHECK_TRUE(bench_event(&bench, PBL_EVENT_POLE, 0, 2900 * BENCH_MS)->t_ns == 3015 * BENCH_MS,
                  "pole 0 did not open");
    const struct pbl_event *welded = bench_event(&bench, PBL_EVENT_POLE, 1, 2900 * BENCH_MS);
    PB_CHECK_TRUE(welded && welded->t_ns == 4 * BENCH_S && welded->value == 0,
                  "pole 1 lost its voltage before mains went");
    bench_free(&bench);
}

static void test_equal_seeds_give_equal_bytes_and_others_do_not(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench[3];
    open_and_play(&bench[0], &config, "good", PBL_WAKE(PBL_EVENT_POLE));
    open_and_play(&bench[1], &config, "good", PBL_WAKE(PBL_EVENT_POLE));
    config.seed++;
    open_and_play(&bench[2], &config, "good", PBL_WAKE(PBL_EVENT_POLE));
    PB_CHECK_INT(bench[0].raw_size, bench[1].raw_size, "bytes");
    PB_CHECK_TRUE(memcmp(bench[0].raw, bench[1].raw, bench[0].raw_size) == 0, "bytes differ");
    size_t least = bench[0].raw_size < bench[2].raw_size ? bench[0].raw_size : bench[2].raw_size;
    PB_CHECK_TRUE(memcmp(bench[0].raw, bench[2].raw, least) != 0, "another seed changes nothing");
    for (int i = 0; i < 3; i++) bench_free(&bench[i]);
}

/* Events may come in other turns, but at the same instants. */
static void check_same_events(const struct bench *a, const struct bench *b) {
    PB_CHECK_INT(a->event_count, b->event_count, "events");
    for (unsigned i = 0; i < a->event_count; i++) {
        PB_CHECK_INT(a->events[i].t_ns, b->events[i].t_ns, "ns");
        PB_CHECK_INT(a->events[i].kind, b->events[i].kind, "(kind)");
        PB_CHECK_INT(a->events[i].value, b->events[i].value, "");
    }
}

static void test_a_dut_without_look_ahead_gives_the_same_events(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench good, blind;
    open_and_play(&good, &config, "good", 0);
    config.quantum_ns = 7 * BENCH_MS;
    open_and_play(&blind, &config, "blind", 0);
    check_same_events(&good, &blind);
    PB_CHECK_TRUE(bench_turns(&blind) > bench_turns(&good), "%ld turns blind, %ld with look-ahead", bench_turns(&blind),
                  bench_turns(&good));
    bench_free(&good);
    bench_free(&blind);
}

static void test_wakes_do_not_change_what_happens(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench plain, woken;
    open_and_play(&plain, &config, "good", 0);
    open_and_play(&woken, &config, "good", ~0u);
    check_same_events(&plain, &woken);
    bench_free(&plain);
    bench_free(&woken);
}

static void test_samples_around_changes_are_those_of_sampling_throughout(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench kept, all;
    open_and_play(&kept, &config, "good", 0);
    config.sample_throughout = 1;
    open_and_play(&all, &config, "good", 0);
    PB_CHECK_INT(all.sample_count, all.next_index[0], "samples: none modelled");
    PB_CHECK_BETWEEN(kept.sample_count, 30000, 60000, "samples");
    for (int64_t i = 0; i < kept.next_index[0] && i < BENCH_SAMPLES_MAX; i++)
        if (kept.has_sample[i])
            PB_CHECK_TRUE(abs(kept.samples[i] - all.samples[i]) <= 1, "sample %" PRId64 ": %d counts, throughout %d", i,
                          kept.samples[i], all.samples[i]);
    PB_CHECK_NEAR(kept.samples[1600], 12000, 50, "mV after the start");
    PB_CHECK_NEAR(kept.samples[501000], 9000, 150, "mV with a vehicle");
    bench_free(&kept);
    bench_free(&all);
}

static void test_keep_gives_real_samples_until_then(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, "good");
    bench_advance(&bench, BENCH_S, 0);
    int64_t before = bench.sample_count;
    struct pbl_keep keep = {.until_ns = 1100 * BENCH_MS};
    bench_send(&bench, PBL_KEEP, &keep, sizeof keep, NULL, 0);
    bench_advance(&bench, 2 * BENCH_S, 0);
    PB_CHECK_INT(bench.sample_count - before, 50000, "samples");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_a_wake_ends_the_turn_at_its_event(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, "good");
    bench_set(&bench, PBL_OUT_MAINS, 1);
    bench_set(&bench, PBL_OUT_PLUG, 1);
    bench_set(&bench, PBL_OUT_S2, 1);
    PB_CHECK_INT(bench_advance(&bench, BENCH_S, PBL_WAKE(PBL_EVENT_READY)), 0, "ns");
    PB_CHECK_INT(bench_advance(&bench, BENCH_S, PBL_WAKE(PBL_EVENT_COIL)), 300 * BENCH_MS, "ns");
    int64_t reached = bench_advance(&bench, BENCH_S, PBL_WAKE(PBL_EVENT_POLE));
    PB_CHECK_INT(reached, bench_event(&bench, PBL_EVENT_POLE, -1, 0)->t_ns, "ns");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_a_block_wake_comes_at_most_every_10_ms_and_only_while_something_changes(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    config.keep_after_ns = 25 * BENCH_MS;
    bench_open(&bench, &config, "good");
    bench_advance(&bench, BENCH_S, 0);
    bench_set(&bench, PBL_OUT_CP_SHORT, 100000);
    const uint32_t mask = PBL_WAKE(PBL_EVENT_BLOCK);
    PB_CHECK_INT(bench_advance(&bench, 2 * BENCH_S, mask), 1010 * BENCH_MS, "ns");
    PB_CHECK_INT(bench_advance(&bench, 2 * BENCH_S, mask), 1020 * BENCH_MS, "ns");
    PB_CHECK_INT(bench_advance(&bench, 2 * BENCH_S, mask), 1025 * BENCH_MS, "ns");
    PB_CHECK_INT(bench_advance(&bench, 2 * BENCH_S, mask), 2 * BENCH_S, "ns");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_14_quiet_hours_cost_no_turns(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, "good");
    bench_set(&bench, PBL_OUT_MAINS, 1);
    bench_set(&bench, PBL_OUT_PLUG, 1);
    bench_set(&bench, PBL_OUT_S2, 1);
    bench_set(&bench, PBL_OUT_DRAW, 16000);
    bench_advance(&bench, BENCH_S, 0);
    int64_t samples = bench.sample_count;
    PB_CHECK_INT(bench_advance(&bench, HOURS_14, 0), HOURS_14, "ns");
    PB_CHECK_INT(bench.sample_count, samples, "samples");
    bench_set(&bench, PBL_OUT_S2, 0);
    PB_CHECK_INT(bench_advance(&bench, HOURS_14 + BENCH_S, PBL_WAKE(PBL_EVENT_COIL)), HOURS_14,
                 "ns: the lazy DUT opens at once");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    PB_CHECK_BETWEEN(bench_turns(&bench), 1, 20, "turns in 14 h");
    bench_free(&bench);
}

static void check_echo(struct bench *bench, enum pbl_type type, size_t size, uint8_t link) {
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)(i * 7 + i / 256);
    struct pbl_text head = {.link = link};
    bench_send(bench, type, &head, sizeof head, bytes, size);
    bench_advance(bench, 5 * BENCH_S, type == PBL_SERIAL ? PBL_WAKE(PBL_EVENT_SERIAL) : PBL_WAKE(PBL_EVENT_MESSAGE));
    PB_CHECK_INT(bench->text_size, size, "bytes");
    PB_CHECK_TRUE(memcmp(bench->text, bytes, size) == 0, "bytes differ");
    PB_CHECK_INT(bench->text_head.link, link, "(link)");
    free(bytes);
}

static void test_console_bytes_and_messages_go_both_ways_whole(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, "good");
    bench_advance(&bench, BENCH_S, 0);
    check_echo(&bench, PBL_SERIAL, 7, 0);
    check_echo(&bench, PBL_SERIAL, 40, 3);
    check_echo(&bench, PBL_MESSAGE, 1, 0);
    check_echo(&bench, PBL_MESSAGE, 41, 1);
    check_echo(&bench, PBL_MESSAGE, PBW_MESSAGE_MAX, 2);
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_a_world_without_a_dut_keeps_time(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, NULL);
    PB_CHECK_INT(bench_advance(&bench, HOURS_14, 0), HOURS_14, "ns");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_cords_do_not_touch_each_other(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    config.cords = 2;
    bench_open(&bench, &config, "good");
    bench_start_dut(&bench, PB_BUILD_DIR "/tests/world_test_dut", "blind", 1);
    bench_set_cord(&bench, 0, PBL_OUT_MAINS, 1);
    bench_set_cord(&bench, 1, PBL_OUT_MAINS, 1);
    bench_advance(&bench, BENCH_S, 0);
    bench_set_cord(&bench, 1, PBL_OUT_PLUG, 1);
    bench_set_cord(&bench, 1, PBL_OUT_S2, 1);
    bench_advance(&bench, 2 * BENCH_S, 0);
    PB_CHECK_TRUE(!bench.fault_count, "fault: %s", bench.fault_text);
    unsigned coils = 0, poles = 0;
    for (unsigned i = 0; i < bench.event_count; i++) {
        const struct pbl_event *event = &bench.events[i];
        if (event->kind == PBL_EVENT_READY) PB_CHECK_INT(event->cord, event->index, "(cord)");
        if (event->kind != PBL_EVENT_COIL && event->kind != PBL_EVENT_POLE) continue;
        PB_CHECK_INT(event->cord, 1, "(cord)");
        coils += event->kind == PBL_EVENT_COIL;
        poles += event->kind == PBL_EVENT_POLE;
    }
    PB_CHECK_INT(coils, 2, "coil events");
    PB_CHECK_TRUE(poles >= 2, "%u pole events", poles);
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_contactor_follows_the_coil_with_delay_and_bounce),
        cmocka_unit_test(test_a_welded_pole_stays_closed),
        cmocka_unit_test(test_equal_seeds_give_equal_bytes_and_others_do_not),
        cmocka_unit_test(test_a_dut_without_look_ahead_gives_the_same_events),
        cmocka_unit_test(test_wakes_do_not_change_what_happens),
        cmocka_unit_test(test_samples_around_changes_are_those_of_sampling_throughout),
        cmocka_unit_test(test_keep_gives_real_samples_until_then),
        cmocka_unit_test(test_a_wake_ends_the_turn_at_its_event),
        cmocka_unit_test(test_a_block_wake_comes_at_most_every_10_ms_and_only_while_something_changes),
        cmocka_unit_test(test_14_quiet_hours_cost_no_turns),
        cmocka_unit_test(test_console_bytes_and_messages_go_both_ways_whole),
        cmocka_unit_test(test_a_world_without_a_dut_keeps_time),
        cmocka_unit_test(test_cords_do_not_touch_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
