/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scripted bench: starts pilotbench-world with a DUT, speaks both links, keeps what it saw. Any breach of the link's rules by the world
 * (indices that do not join, data outside a turn) fails the test at once. */
#ifndef PB_TESTS_WORLD_BENCH_H
#define PB_TESTS_WORLD_BENCH_H

#include "tests/support/check.h"
#include "world/bench_link/pb_bench_link.h"

#include <sys/types.h>

#define BENCH_S 1000000000LL
#define BENCH_MS 1000000LL
#define BENCH_PERIOD_NS 2000 /* of the samples */
#define BENCH_SAMPLES_MAX 2500000
#define BENCH_EVENTS_MAX 2048

struct bench {
    pid_t world;
    int fd, guardian_fd;
    char log_path[64], turns_path[64];
    uint32_t guard_seq;
    /* What was seen, since bench_open(): */
    struct pbl_event events[BENCH_EVENTS_MAX];
    unsigned event_count;
    unsigned cords;
    int64_t next_index[2], sample_count; /* next_index by cord */
    int16_t *samples;                    /* by index, of cord 0 */
    bool *has_sample;
    unsigned fault_count;
    struct pbl_fault fault;
    char fault_text[512];
    uint8_t text[70000]; /* of the last SERIAL_SEEN or MESSAGE_SEEN */
    size_t text_size;
    struct {
        uint16_t type;
        struct pbl_text head;
        size_t size;
    } texts[32]; /* the first so many */
    unsigned text_count;
    struct pbl_text text_head;
    uint8_t *raw; /* every frame */
    size_t raw_size;
};

struct pbl_config bench_config(void);
void bench_start_world(struct bench *bench);
/* With a DUT in a mode of test_dut.c; NULL: none. */
void bench_open(struct bench *bench, const struct pbl_config *config, const char *mode);
void bench_start_dut(struct bench *bench, const char *program, const char *mode, uint8_t cord);
/* The same as another actor (enum pbw_actor). */
void bench_start_actor(struct bench *bench, uint8_t actor, const char *program, const char *mode, uint8_t cord);
void bench_send(struct bench *bench, enum pbl_type type, const void *head, size_t head_size, const void *bytes,
                size_t size);
void bench_set(struct bench *bench, enum pbl_output output, int64_t value);
void bench_set_cord(struct bench *bench, uint32_t cord, enum pbl_output output, int64_t value);
void bench_send_advance(struct bench *bench, int64_t until_ns, uint32_t wake_mask);
/* Returns what was reached. */
int64_t bench_take_advanced(struct bench *bench);
int64_t bench_advance(struct bench *bench, int64_t until_ns, uint32_t wake_mask);
/* Guardian request and its answer. */
struct pbl_guard bench_guard(struct bench *bench, enum pbl_output output, int64_t value);
bool bench_has_data(const struct bench *bench);
/* Waits for the world's end; its exit status, or 128 + signal. */
int bench_wait_end(struct bench *bench);
/* BYE; frees; returns the exit status. */
int bench_close(struct bench *bench);
void bench_free(struct bench *bench);
/* The log as text, to be freed. */
char *bench_log(const struct bench *bench);
/* Turns the DUT counted; after bench_close(). */
long bench_turns(const struct bench *bench);
/* Event of a kind after (not at) an instant, or NULL. index -1: any. */
const struct pbl_event *bench_event(const struct bench *bench, enum pbl_event_kind kind, int index, int64_t from_ns);

#endif
