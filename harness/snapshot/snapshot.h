/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a window shows of a run in progress: one struct in a file that both sides map (RUN.snap beside the run file), so that no reader can make the record
 * grow or hold a run up. The writer (engine) never waits: it counts `sequence` up to odd, writes, counts up to even. A reader copies and tries again when
 * the number was odd or has changed. Fixed layout of one build; version and size are checked. Texts are UTF-8, cut, always ended. */
#ifndef PB_HARNESS_SNAPSHOT_H
#define PB_HARNESS_SNAPSHOT_H

#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    PB_SNAPSHOT_MAGIC = 0x4e534250,
    PB_SNAPSHOT_VERSION = 3,
    PB_SNAPSHOT_STEPS = 160,
    PB_SNAPSHOT_CHECKS = 400,
    PB_SNAPSHOT_EVENTS = 256,
    PB_SNAPSHOT_TRACE = 8192,
    PB_SNAPSHOT_CASES = 64
};

struct pb_snapshot_step {
    char id[24], actor[12], text[160];
    int32_t case_no, mode; /* enum pb_step_mode */
    int32_t verdict;       /* enum pb_verdict, of its checks so far */
    int32_t is_begun, is_ended;
    int64_t began_ns, ended_ns;
};
struct pb_snapshot_check {
    char id[64], text[96], value[48], limit[64], reason[160];
    int32_t step; /* index into steps */
    int32_t verdict, is_unverified;
};
struct pb_snapshot_event {
    int64_t at_ns, value;
    char name[16];
    char text[48];
    int32_t cord; /* of a bench with several, from 1; 0: not of a cord */
    int32_t reserved;
};
struct pb_snapshot_body {
    char run[200], dut[80], bench[80], case_id[48], case_title[160], version[32];
    char case_ids[PB_SNAPSHOT_CASES][48]; /* of the plan: case_no - 1 is the index */
    int64_t now_ns;                       /* bench clock */
    int64_t wall_ns; /* monotonic wall clock of this snapshot: an old one means a stalled or dead run */
    int32_t pid;
    int32_t is_over, exit_status;
    int64_t speed_milli;                           /* simulated clock: 1000 = real time, 0 = as fast as possible */
    int32_t step_count, check_count, current_step; /* -1: none */
    int64_t deadline_ns;                           /* of what is waited for; INT64_MAX: nothing */
    char waiting_for[96];
    int32_t cases, judged, passed, failed, inconc, error, planned; /* tally of checks */
    /* the physical picture: of the bench's first cord */
    int32_t cords;               /* that the bench has */
    int32_t cp_state;            /* enum pb_cp_state */
    int32_t poles, poles_closed; /* how many there are; how many of them conduct */
    int64_t current_ma, energy_wh;
    int64_t duty_ppm, frequency_uhz, high_uv, low_uv; /* last measured; duty 0: steady */
    int64_t u_duty_ppm, u_frequency_uhz, u_level_uv;
    int64_t offered_ma; /* what a vehicle may take by that duty */
    struct {
        int64_t min_uv, max_uv;
    } windows[6]; /* of the states A to F, by the limits of the run */
    /* newest pilot samples: trace[(first + i) % PB_SNAPSHOT_TRACE] for i < count */
    int64_t trace_first_index, trace_period_num_ns, trace_period_den;
    int64_t trace_uv_num, trace_uv_den, trace_uv_offset;
    uint32_t trace_count, trace_start;
    uint32_t event_count; /* all so far; the newest PB_SNAPSHOT_EVENTS are in events[n % PB_SNAPSHOT_EVENTS] */
    uint32_t is_modelled; /* 1: nothing changes and no samples are made */
    int16_t trace[PB_SNAPSHOT_TRACE];
    struct pb_snapshot_event events[PB_SNAPSHOT_EVENTS];
    struct pb_snapshot_step steps[PB_SNAPSHOT_STEPS];
    struct pb_snapshot_check checks[PB_SNAPSHOT_CHECKS];
};
struct pb_snapshot {
    uint32_t magic, version, size;
    _Atomic uint32_t sequence;
    struct pb_snapshot_body body;
};

/* Writer. Makes the file and maps it; *ret_snapshot's body is the writer's to fill between begin and end. */
PB_MUST_CHECK enum pb_status pb_snapshot_create(const char *path, struct pb_snapshot **ret_snapshot,
                                                struct pb_error *error);
void pb_snapshot_begin(struct pb_snapshot *snapshot);
void pb_snapshot_end(struct pb_snapshot *snapshot);
/* Unmaps and removes the file (who has it mapped keeps it). NULL is fine. */
void pb_snapshot_destroy(struct pb_snapshot *snapshot, const char *path);

/* Reader: maps read-only. PB_ERR_NOT_FOUND, PB_ERR_INPUT (no snapshot), PB_ERR_UNSUPPORTED (another version), PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_snapshot_attach(const char *path, const struct pb_snapshot **ret_snapshot,
                                                struct pb_error *error);
void pb_snapshot_detach(const struct pb_snapshot *snapshot);
/* A consistent copy; false when the writer was in the way a few times in a row (keep the last one). */
bool pb_snapshot_copy(const struct pb_snapshot *snapshot, struct pb_snapshot_body *ret_body);
/* Makes counts and indices fit the arrays and ends every text, whatever the writer wrote: for a reader, after each copy. */
void pb_snapshot_make_sane(struct pb_snapshot_body *body);

#endif
