/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A DUT for the tests of world/: a tiny EVSE without a standard in mind. 12 V with mains, PWM a while after a vehicle is there, coil
 * a while after S2, both off at once when they go. Echoes messages and console bytes.
 * test_dut MODE [TURNS_FILE]: "good"; "blind": good, cannot look ahead; "deaf": never reads; else the name of a way to break the
 * wire protocol, done at its first action at or after 1 s; "relay": any actor, what it hears on a link it says on the console of that
 * number, and the other way round; "wrong_side": any actor, drives the pilot. TURNS_FILE gets the number of turns when it is told to stop. */
#include "world/wire/pb_wire.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PWM_AFTER_NS 500000000
#define COIL_AFTER_NS 300000000
#define BAD_AT_NS 1000000000

enum action { LEVEL, PWM, COIL_ON, COIL_OFF, BAD, ACTIONS };

static const char *mode = "good";
static int64_t at_ns[ACTIONS]; /* when; PBW_NEVER: not planned */
static int64_t now_ns;
static bool has_pwm, has_coil;
static uint32_t seq_out, seq_in;
static struct pbw_record out[8192];
static unsigned out_count;

static bool is(const char *name) { return strcmp(mode, name) == 0; }

static struct pbw_record *put(uint16_t type, int64_t t_ns) {
    struct pbw_record *record = &out[out_count++];
    memset(record, 0, sizeof *record);
    record->type = type;
    record->seq = seq_out++;
    record->t_ns = t_ns;
    return record;
}

static void flush_out(size_t size) {
    const char *bytes = (const char *)out;
    for (size_t sent = 0; sent < size;) {
        ssize_t count = write(PBW_FD, bytes + sent, size - sent);
        if (count <= 0) _exit(3);
        sent += (size_t)count;
    }
    out_count = 0;
}

static int64_t next_action(void) {
    int64_t next = PBW_NEVER;
    for (int i = 0; i < ACTIONS; i++)
        if (at_ns[i] < next) next = at_ns[i];
    return next;
}

static void put_done(int64_t t_ns) {
    int64_t next = next_action();
    if (is("broken_promise") && next == BAD_AT_NS) next += BAD_AT_NS;
    put(PBW_DONE, t_ns)->u.value.a = is("blind") ? t_ns : next;
}

static void put_level(int64_t t_ns, int64_t uv) {
    struct pbw_cp_drive *drive = &put(PBW_CP_EDGE, t_ns)->u.cp_drive;
    drive->open_uv = uv;
    drive->source_milliohm = 1000000;
}

static void put_pwm(int64_t t_ns) {
    put(PBW_CP_PWM, t_ns)->u.cp_pwm = (struct pbw_cp_pwm){.high_uv = 12000000,
                                                          .low_uv = -12000000,
                                                          .source_milliohm = 1000000,
                                                          .frequency_uhz = 1000000000,
                                                          .duty_ppm = 266667,
                                                          .ramp_ns = 1000};
}

static void put_coil(int64_t t_ns, bool is_on) {
    struct pbw_value *value = &put(PBW_COIL, t_ns)->u.value;
    value->index = 255;
    value->a = is_on;
}

static void wait_for_ever(void) {
    for (;;) poll(NULL, 0, -1);
}

/* The ways to break the protocol. until_ns: the RUN_UNTIL being answered. */
static void misbehave(int64_t until_ns) {
    int64_t t_ns = at_ns[BAD];
    at_ns[BAD] = PBW_NEVER;
    if (is("garbage")) {
        memset(put(PBW_DONE, t_ns), 0xa5, sizeof out[0]);
    } else if (is("past")) put_level(t_ns - 1, 12000000);
    else if (is("future")) put_level(until_ns + 1, 12000000);
    else if (is("two_times")) {
        put_level(t_ns, 12000000);
        put_level(t_ns + 1, 0);
    } else if (is("no_done")) {
        put_level(t_ns, 12000000);
        flush_out(sizeof out[0]);
        wait_for_ever();
    } else if (is("hang")) wait_for_ever();
    else if (is("spin")) {
        for (volatile unsigned i = 0;; i++) {}
    } else if (is("die")) raise(SIGKILL);
    else if (is("segv")) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    } else if (is("exit")) _exit(42);
    else if (is("close")) {
        close(PBW_FD);
        wait_for_ever();
    } else if (is("seq_hole")) {
        seq_out++;
        put_level(t_ns, 12000000);
    } else if (is("unknown_type")) put(77, t_ns);
    else if (is("wrong_direction")) put(PBW_MAINS, t_ns);
    else if (is("bad_cord")) {
        put_level(t_ns, 12000000);
        out[0].cord = 1;
    } else if (is("reserved_set")) {
        put_level(t_ns, 12000000);
        out[0].u.cp_drive.reserved[30] = 1;
    } else if (is("reserved_head")) {
        put_level(t_ns, 12000000);
        out[0].reserved = 1;
    } else if (is("flood")) {
        for (int i = 0; i < 5000; i++) put_level(t_ns, i);
    } else if (is("partial_record")) {
        put_level(t_ns, 12000000);
        flush_out(10);
        wait_for_ever();
    } else if (is("done_beyond")) {
        put(PBW_DONE, until_ns + 1);
        flush_out(sizeof out[0]);
        wait_for_ever();
    } else if (is("done_short")) {
        put(PBW_DONE, t_ns - 5);
        flush_out(sizeof out[0]);
        wait_for_ever();
    } else if (is("done_twice")) {
        put_level(t_ns, 1);
        put_done(t_ns);
        put_done(t_ns);
        flush_out(3 * sizeof out[0]);
        wait_for_ever();
    } else if (is("bad_pwm")) {
        put_pwm(t_ns);
        out[0].u.cp_pwm.frequency_uhz = 0;
    } else if (is("bad_coil")) {
        put_coil(t_ns, true);
        out[0].u.value.index = 7;
    } else if (is("bad_length")) {
        put(PBW_SERIAL_OUT, t_ns)->u.bytes.length = 41;
    } else if (is("long_message")) {
        for (int i = 0; i < 1700; i++) {
            struct pbw_bytes *b = &put(PBW_MSG_OUT, t_ns)->u.bytes;
            b->length = 40;
        }
    } else if (is("ready_twice"))
        put(PBW_READY, t_ns)->u.hello = (struct pbw_hello){.version = PBW_VERSION, .actor = PBW_EVSE, .cords = 1};
    else if (is("livelock")) {
        at_ns[BAD] = t_ns;
        put_level(t_ns, 12000000);
    } else if (is("broken_promise") || is("wrong_side")) {
        put_level(t_ns, 12000000);
    }
}

static void act(enum action action, int64_t t_ns, int64_t until_ns) {
    at_ns[action] = PBW_NEVER;
    switch (action) {
    case LEVEL:
        put_level(t_ns, 12000000);
        has_pwm = false;
        break;
    case PWM:
        put_pwm(t_ns);
        has_pwm = true;
        break;
    case COIL_ON:
        put_coil(t_ns, true);
        has_coil = true;
        break;
    case COIL_OFF:
        put_coil(t_ns, false);
        has_coil = false;
        break;
    case BAD:
        at_ns[BAD] = t_ns;
        misbehave(until_ns);
        break;
    default: break;
    }
}

static void take_load(const struct pbw_cp_load *load, int64_t t_ns) {
    bool is_vehicle = load->kind == PBW_LOAD_R_DIODE && load->milliohm < 3500000;
    bool is_ready = is_vehicle && load->milliohm < 1500000;
    at_ns[PWM] = is_vehicle && !has_pwm ? t_ns + PWM_AFTER_NS : PBW_NEVER;
    if (!is_vehicle && has_pwm) at_ns[LEVEL] = t_ns;
    at_ns[COIL_ON] = is_ready && !has_coil ? t_ns + COIL_AFTER_NS : PBW_NEVER;
    if (!is_ready && has_coil) at_ns[COIL_OFF] = t_ns;
}

static void take(const struct pbw_record *record) {
    if (record->seq != seq_in++) _exit(4);
    switch (record->type) {
    case PBW_HELLO:
        put(PBW_READY, record->t_ns)->u.hello =
            (struct pbw_hello){.version = is("wrong_version") ? 9 : PBW_VERSION,
                               .actor = is("wrong_actor")                 ? PBW_PEV
                                        : is("relay") || is("wrong_side") ? record->u.hello.actor
                                                                          : PBW_EVSE,
                               .cords = 1};
        break;
    case PBW_MAINS:
        if (record->u.value.a > 0) at_ns[LEVEL] = record->t_ns;
        break;
    case PBW_CP_LOAD: take_load(&record->u.cp_load, record->t_ns); break;
    case PBW_MSG_IN: put(is("relay") ? PBW_SERIAL_OUT : PBW_MSG_OUT, record->t_ns)->u.bytes = record->u.bytes; break;
    case PBW_SERIAL_IN: put(is("relay") ? PBW_MSG_OUT : PBW_SERIAL_OUT, record->t_ns)->u.bytes = record->u.bytes; break;
    default: break;
    }
}

static void run_until(int64_t until_ns) {
    bool has_output = out_count > 0 && out[out_count - 1].type != PBW_READY;
    int64_t stop_ns = has_output ? out[out_count - 1].t_ns : until_ns; /* an echo is an output at its instant */
    int64_t next = next_action();
    if (next <= stop_ns) {
        stop_ns = next;
        for (int i = 0; i < ACTIONS; i++)
            if (at_ns[i] == next) act((enum action)i, next, until_ns);
    }
    now_ns = stop_ns;
    put_done(stop_ns);
    flush_out(out_count * sizeof out[0]);
}

int main(int argc, char **argv) {
    if (argc > 1) mode = argv[1];
    for (int i = 0; i < ACTIONS; i++) at_ns[i] = PBW_NEVER;
    if (!is("good") && !is("blind") && !is("relay")) at_ns[BAD] = BAD_AT_NS;
    if (is("deaf")) wait_for_ever();
    fprintf(stderr, "test_dut %s\n", mode);
    static struct pbw_record in[512];
    size_t used = 0;
    unsigned turns = 0;
    for (;;) {
        ssize_t count = read(PBW_FD, (char *)in + used, sizeof in - used);
        if (count <= 0) return 0;
        used += (size_t)count;
        size_t whole = used / sizeof in[0];
        for (size_t i = 0; i < whole; i++) {
            if (in[i].type == PBW_STOP) {
                FILE *file = argc > 2 ? fopen(argv[2], "w") : NULL;
                if (file && fprintf(file, "%u\n", turns) > 0) fclose(file);
                return 0;
            }
            if (in[i].type != PBW_RUN_UNTIL) {
                take(&in[i]);
                continue;
            }
            if (in[i].seq != seq_in++) _exit(4);
            turns++;
            run_until(in[i].t_ns);
        }
        used -= whole * sizeof in[0];
        memmove(in, in + whole, used);
    }
}
