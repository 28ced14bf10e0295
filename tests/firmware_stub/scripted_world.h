/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world of a few lines for testing a DUT process: it keeps the turn, follows the coil with a contactor, checks every answer
 * for the protocol, and logs all outputs. It takes no turn that the DUT's promise makes needless. */
#ifndef PB_TESTS_SCRIPTED_WORLD_H
#define PB_TESTS_SCRIPTED_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "world/wire/pb_wire.h"

#define SCRIPT_LOG_MAX 4096
#define SCRIPT_ARGUMENTS_MAX 12
#define MS INT64_C(1000000)
#define SECONDS (1000 * MS)

struct script {
    int fd;
    pid_t pid;
    uint32_t out_seq, in_seq;
    int64_t now_ns, not_before_ns;
    bool is_dirty; /* inputs were sent that no turn has answered */
    unsigned turns;
    /* the contactor: the load side follows the coil after these; welded: stays live; dead: never closes */
    int64_t close_ns, open_ns;
    bool is_welded, is_dead, is_live;
    int64_t pole_due_ns;
    bool pole_due_live;
    struct pbw_record log[SCRIPT_LOG_MAX]; /* outputs */
    size_t log_count;
};

/* Starts the process and nothing else. */
void script_start(struct script *script, const char *const *arguments);
/* The same of another program; then HELLO and READY as this actor (enum pbw_actor). */
void script_start_program(struct script *script, const char *program, const char *const *arguments);
void script_greet(struct script *script, uint8_t actor, uint64_t seed);
/* Starts stub-evse with these arguments (NULL ends the list), says HELLO with the seed, and checks READY. No mains yet. */
void script_open(struct script *script, uint64_t seed, const char *const *arguments);
/* STOP; the exit status, which must come at once. */
int script_close(struct script *script);
/* Input records at now. */
void script_value(struct script *script, uint16_t type, uint8_t index, int64_t value);
void script_load(struct script *script, uint8_t kind, int64_t milliohm);
void script_type_line(struct script *script, const char *line); /* without its line feed */
/* A whole message on a link, now. */
void script_say(struct script *script, uint8_t link, const char *text, size_t size);
/* Lets time pass. */
void script_run(struct script *script, int64_t span_ns);

/* Common loads: nothing, R2, R2 || R3, R2 || R3 with ventilation, a CP-PE short. */
void script_unplug(struct script *script);
void script_state_b(struct script *script);
void script_state_c(struct script *script);
void script_state_d(struct script *script);
void script_short(struct script *script);

/* Mains on, boot, A1. */
void script_boot(struct script *script);
/* From boot to charging in C2. */
void script_charge(struct script *script);

/* First output of a type at or after a time; NULL. */
const struct pbw_record *script_first(const struct script *script, uint16_t type, int64_t from_ns);
const struct pbw_record *script_last(const struct script *script, uint16_t type);
/* Did the console say this line part at or after a time? */
bool script_has_said(const struct script *script, const char *part, int64_t from_ns);
/* Is the pilot now steady at about this level (mV, within 1.2 V)? */
bool script_is_steady(const struct script *script, int64_t open_mv);

/* For protocol tests: one raw record, and how the process ended. */
void script_send(struct script *script, const struct pbw_record *record);
int script_wait_exit(struct script *script);

/* Each defect that the program of the build folder lists must be shown by a test. Returns how many there are. */
int script_check_defects(const char *program, bool (*is_shown)(const char *defect));
/* Is "NAME" or "NAME=VALUE" this defect? */
bool script_is_defect(const char *name_and_value, const char *defect);

#endif
