/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Modbus server in a process of its own, on libmodbus, over TCP or a pseudo terminal. What it holds and how it misbehaves is in shared memory. */
#ifndef PB_TESTS_MODBUS_SERVER_H
#define PB_TESTS_MODBUS_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum modbus_mood {
    MOOD_WELL,
    MOOD_SILENT,
    MOOD_EXCEPTION,
    MOOD_GARBAGE,
    MOOD_HANG_UP,
    MOOD_HALF,
    MOOD_OTHER_NUMBER,
    MOOD_LATE,
    MOOD_SHORT,
    MOOD_TRICKLE /* a byte each 150 ms */
};

struct modbus_shared {
    _Atomic int mood, mood_left; /* requests that are treated so; -1: all */
    _Atomic int exception;
    _Atomic int requests, connections;
    _Atomic bool is_stuck;                               /* outputs take nothing, and say they did */
    uint16_t input[512], holding[512], serial_number[2]; /* tables of registers from 0; 64512, 64513 */
    uint8_t coils[64], discretes[64];
};

struct modbus_server {
    pid_t pid;
    int port; /* TCP; 0: a pty */
    int unit;
    char path[64]; /* of the pty's other end */
    char link[96]; /* for bench files */
    struct modbus_shared *shared;
};

/* unit: the only one that is answered (on a pty). */
struct modbus_server modbus_server_start(bool is_tcp, int unit);
void modbus_server_kill(struct modbus_server *server);
/* TCP: again at the same port, with what it held. */
void modbus_server_restart(struct modbus_server *server);
void modbus_server_finish(struct modbus_server *server);
/* Big words first, as most meters do. */
void modbus_server_put_float(uint16_t *table, int address, float value);
void modbus_server_set_mood(struct modbus_server *server, enum modbus_mood mood, int requests);

#endif
