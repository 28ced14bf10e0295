/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A SCPI device in a process of its own, over TCP or a pseudo terminal: a meter and 20 relays. What it holds and how it misbehaves is in shared memory. */
#ifndef PB_TESTS_SCPI_SERVER_H
#define PB_TESTS_SCPI_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum scpi_mood {
    SCPI_WELL,
    SCPI_SILENT,
    SCPI_GARBLED, /* a letter within the number */
    SCPI_HALF,    /* no end */
    SCPI_LATE,    /* after the time-out, when the next question may be out */
    SCPI_OVERSIZED,
    SCPI_TWO_LINES,
    SCPI_EMPTY,
    SCPI_HANG_UP
};

struct scpi_shared {
    _Atomic int mood, mood_left; /* questions for the voltage that are treated so; -1: all */
    _Atomic int questions, connections;
    _Atomic bool is_stuck; /* relays take nothing, and say they did */
    _Atomic int error;     /* the next answer to SYST:ERR? */
    char identity[100], volts[100];
    _Atomic bool relays[100];
    char last_set[100];
};
struct scpi_server {
    pid_t pid;
    int port; /* 0: a pty */
    char path[64], link[96];
    struct scpi_shared *shared;
};

struct scpi_server scpi_server_start(bool is_tcp);
void scpi_server_kill(struct scpi_server *server);
void scpi_server_restart(struct scpi_server *server);
void scpi_server_finish(struct scpi_server *server);
void scpi_server_set_mood(struct scpi_server *server, enum scpi_mood mood, int questions);

#endif
