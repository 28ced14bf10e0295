/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware_stub/device/program.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define READ_RECORDS_MAX 256

static bool write_all(const void *bytes, size_t size) {
    const char *from = bytes;
    while (size) {
        ssize_t written = write(PBW_FD, from, size);
        if (written < 0 && errno != EINTR) return false;
        if (written < 0) continue;
        from += written;
        size -= (size_t)written;
    }
    return true;
}

/* Takes the whole records of the buffer. True: go on. False: *ret_exit is how it ended. */
static bool records_take(struct device_turn *turn, const struct pbw_record *records, size_t count, int *ret_exit) {
    *ret_exit = 0;
    for (size_t i = 0; i < count; i++) {
        enum device_result result = turn->take(turn, &records[i]);
        if (result == DEVICE_MORE) continue;
        if (result == DEVICE_ERROR) {
            fprintf(stderr, "%s: protocol error in record %u: %s\n", turn->name, turn->in_seq, turn->text);
            *ret_exit = DEVICE_EXIT_PROTOCOL;
        }
        if (result != DEVICE_ANSWER) return false;
        if (write_all(turn->answer, turn->answer_count * sizeof turn->answer[0])) continue;
        *ret_exit = errno == EPIPE || errno == ECONNRESET ? 0 : DEVICE_EXIT_PROTOCOL;
        return false;
    }
    return true;
}

int device_serve(struct device_turn *turn) {
    static struct pbw_record records[READ_RECORDS_MAX];
    size_t filled = 0;
    int exit_status;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        ssize_t got = read(PBW_FD, (char *)records + filled, sizeof records - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno != ECONNRESET) {
            fprintf(stderr, "%s: descriptor %d: %s\n", turn->name, PBW_FD, strerror(errno));
            return DEVICE_EXIT_PROTOCOL;
        }
        if (got <= 0) break;
        filled += (size_t)got;
        size_t whole = filled / PBW_RECORD_SIZE;
        if (!records_take(turn, records, whole, &exit_status)) return exit_status;
        filled -= whole * PBW_RECORD_SIZE;
        memmove(records, records + whole, filled);
    }
    if (!filled) return 0;
    fprintf(stderr, "%s: protocol error: the wire ended inside a record\n", turn->name);
    return DEVICE_EXIT_PROTOCOL;
}
