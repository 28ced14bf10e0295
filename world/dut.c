/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A turn is one write and (mostly) one read. Waiting is pb_links_wait(), so the guardian is served while a DUT thinks. */
#include "world/dut.h"

#include "base/wall.h"
#include "world/wire_turn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TO_ROOM_FIRST 256
#define EXIT_WAIT_MS 200 /* for a process whose wire closed, or that was told to stop */

/* In the child, between fork and exec: system calls only. The error pipe closes at exec; before that it carries errno. */
static void become_dut(int wire_fd, int log_fd, int error_fd, pid_t world, char *const *argv) {
    static const int reset[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof reset / sizeof reset[0]; i++) signal(reset[i], SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != world) _exit(127); /* it died before prctl() */
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high_wire = fcntl(wire_fd, F_DUPFD_CLOEXEC, 10),
        high_log = fcntl(log_fd < 0 ? null_fd : log_fd, F_DUPFD_CLOEXEC, 10);
    int high_error = fcntl(error_fd, F_DUPFD_CLOEXEC, 10);
    bool is_set = null_fd >= 0 && high_wire >= 0 && high_log >= 0 && high_error >= 0 && dup2(null_fd, 0) == 0 &&
                  dup2(high_log, 1) == 1 && dup2(high_log, 2) == 2 && dup2(high_wire, PBW_FD) == PBW_FD &&
                  close_range(PBW_FD + 1, ~0u, CLOSE_RANGE_CLOEXEC) == 0;
    if (is_set) execvp(argv[0], argv);
    int reason = errno;
    (void)!write(high_error, &reason, sizeof reason);
    _exit(127);
}

/* 0, or the errno of the exec that failed. */
static int exec_failure(int error_fd) {
    int reason = 0;
    ssize_t count;
    do count = read(error_fd, &reason, sizeof reason);
    while (count < 0 && errno == EINTR);
    return count == (ssize_t)sizeof reason ? reason : 0;
}

static enum pb_status start_process(struct pb_dut *dut, char *const *argv, int log_fd, struct pb_error *error) {
    int wire[2], errors[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wire) < 0)
        return pb_fail(error, PB_ERR_IO, errno, dut->who, "no socket pair: %s", strerror(errno));
    if (pipe2(errors, O_CLOEXEC) < 0) {
        int reason = errno;
        close(wire[0]);
        close(wire[1]);
        return pb_fail(error, PB_ERR_IO, reason, dut->who, "no pipe: %s", strerror(reason));
    }
    pid_t world = getpid();
    pid_t pid = fork();
    if (pid == 0) become_dut(wire[1], log_fd, errors[1], world, argv);
    int reason = pid < 0 ? errno : 0;
    close(wire[1]);
    close(errors[1]);
    if (pid > 0) reason = exec_failure(errors[0]);
    close(errors[0]);
    dut->fd = wire[0];
    if (pid > 0) dut->pid = pid;
    return reason
               ? pb_fail(error, PB_ERR_IO, reason, dut->who, "%s: could not be started: %s", argv[0], strerror(reason))
               : PB_OK;
}

static enum pb_status queue_hello(struct pb_dut *dut, uint64_t seed) {
    struct pbw_record record = {.type = PBW_HELLO};
    record.u.hello = (struct pbw_hello){
        .version = pb_wire_version(dut->actor), .actor = dut->actor, .cords = dut->cords, .seed = seed};
    return pb_dut_queue(dut, &record);
}

enum pb_status pb_dut_start(struct pb_dut *dut, unsigned number, const struct pbl_slave *slave, unsigned world_cords,
                            char *const *argv, int log_fd, unsigned answer_ms, pb_instant now, struct pb_error *error) {
    bool has_all_cords = slave->cord == 255;
    *dut = (struct pb_dut){.fd = -1,
                           .actor = slave->actor,
                           .first_cord = has_all_cords ? 0 : slave->cord,
                           .cords = (uint8_t)(has_all_cords ? world_cords : 1),
                           .reached = now,
                           .not_before = now,
                           .held_at = PB_INSTANT_NEVER,
                           .answer_ms = answer_ms};
    snprintf(dut->who, sizeof dut->who, "slave %u (%s)", number, pb_wire_actor_name(slave->actor));
    dut->to_room = TO_ROOM_FIRST;
    dut->to = malloc(dut->to_room * sizeof *dut->to);
    dut->from = malloc((PB_TURN_RECORDS_MAX + 1) * sizeof *dut->from);
    if (!dut->to || !dut->from) return pb_fail(error, PB_ERR_MEMORY, 0, dut->who, "out of memory");
    enum pb_status status = start_process(dut, argv, log_fd, error);
    if (status != PB_OK) dut->is_gone = true;
    return status == PB_OK ? queue_hello(dut, slave->seed) : status;
}

enum pb_status pb_dut_queue(struct pb_dut *dut, const struct pbw_record *record) {
    if (dut->to_count + 1 >= dut->to_room) { /* one place is RUN_UNTIL's */
        struct pbw_record *more = realloc(dut->to, 2 * dut->to_room * sizeof *more);
        if (!more) return PB_ERR_MEMORY;
        dut->to = more;
        dut->to_room *= 2;
    }
    dut->to[dut->to_count++] = *record;
    return PB_OK;
}

enum pb_status pb_dut_queue_bytes(struct pb_dut *dut, uint16_t type, uint8_t link, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        struct pbw_record record = {.type = type};
        struct pbw_bytes *part = &record.u.bytes;
        part->length = (uint8_t)(size < sizeof part->bytes ? size : sizeof part->bytes);
        part->is_last = size == part->length;
        part->link = link;
        memcpy(part->bytes, bytes, part->length);
        bytes += part->length;
        size -= part->length;
        enum pb_status status = pb_dut_queue(dut, &record);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

/* Whether the process ended within the time. Serves the guardian meanwhile. */
static bool wait_for_end(const struct pb_dut *dut, struct pb_links *links, int wait_ms, int *ret_status) {
    int pid_fd = pidfd_open(dut->pid, 0);
    if (pid_fd >= 0) (void)pb_links_wait(links, pid_fd, POLLIN, pb_after(pb_wall_now(), pb_ms(wait_ms)));
    if (pid_fd >= 0) close(pid_fd);
    return waitpid(dut->pid, ret_status, WNOHANG) == dut->pid;
}

static void kill_now(struct pb_dut *dut) {
    if (dut->pid <= 0) return;
    kill(-dut->pid, SIGKILL);
    kill(dut->pid, SIGKILL);
    while (waitpid(dut->pid, NULL, 0) < 0 && errno == EINTR) {}
    dut->pid = 0;
}

static void drop(struct pb_dut *dut) {
    kill_now(dut);
    if (dut->fd >= 0) close(dut->fd);
    dut->fd = -1;
    dut->is_gone = true;
    dut->held_at = PB_INSTANT_NEVER;
    dut->to_count = 0;
}

static enum pb_status tell_death(struct pb_dut *dut, struct pb_links *links, struct pb_error *error) {
    int status;
    if (!wait_for_end(dut, links, EXIT_WAIT_MS, &status))
        return pb_fail(error, PB_ERR_GONE, 0, dut->who, "closed the wire and still runs, expected DONE");
    dut->pid = 0;
    if (WIFSIGNALED(status))
        return pb_fail(error, PB_ERR_GONE, WTERMSIG(status), dut->who, "died of signal %d (%s), expected DONE",
                       WTERMSIG(status), strsignal(WTERMSIG(status)));
    return pb_fail(error, PB_ERR_GONE, WEXITSTATUS(status), dut->who, "exited with status %d, expected DONE",
                   WEXITSTATUS(status));
}

static enum pb_status send_turn(struct pb_dut *dut, struct pb_links *links, pb_instant now, pb_instant until,
                                pb_instant deadline, struct pb_error *error) {
    dut->to[dut->to_count] = (struct pbw_record){.type = PBW_RUN_UNTIL};
    for (size_t i = 0; i <= dut->to_count; i++) {
        dut->to[i].seq = dut->seq_to++;
        dut->to[i].t_ns = i < dut->to_count ? pb_later(now, dut->reached).ns : until.ns;
    }
    const uint8_t *bytes = (const uint8_t *)dut->to;
    size_t size = (dut->to_count + 1) * sizeof *dut->to, sent = 0;
    dut->to_count = 0;
    while (sent < size) {
        ssize_t count = send(dut->fd, bytes + sent, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) sent += (size_t)count;
        else if (errno == EAGAIN) {
            if (pb_links_wait(links, dut->fd, POLLOUT, deadline) == PB_WAIT_TIMEOUT)
                return pb_fail(error, PB_ERR_TIMEOUT, 0, dut->who,
                               "does not read: %zu of %zu bytes of its inputs taken in %u ms", sent, size,
                               dut->answer_ms);
        } else if (errno != EINTR) return tell_death(dut, links, error);
    }
    return PB_OK;
}

static enum pb_status tell_late(const struct pb_dut *dut, const struct pb_wire_turn *turn, size_t bytes,
                                struct pb_error *error) {
    return pb_fail(error, PB_ERR_TIMEOUT, 0, dut->who,
                   "no DONE within %u ms of wall time (%u records and %zu bytes of the next came), RUN_UNTIL was %lld",
                   dut->answer_ms, turn->count, bytes % sizeof *dut->from, (long long)turn->until.ns);
}

static enum pb_status receive_turn(struct pb_dut *dut, struct pb_links *links, struct pb_wire_turn *turn,
                                   pb_instant deadline, struct pb_error *error) {
    size_t used = 0, room = (PB_TURN_RECORDS_MAX + 1) * sizeof *dut->from;
    uint8_t *bytes = (uint8_t *)dut->from;
    while (!turn->is_done || used > turn->count * sizeof *dut->from) {
        if (pb_links_wait(links, dut->fd, POLLIN, deadline) == PB_WAIT_TIMEOUT)
            return tell_late(dut, turn, used, error);
        ssize_t count = recv(dut->fd, bytes + used, room - used, MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count <= 0) return tell_death(dut, links, error);
        used += (size_t)count;
        while (used >= (turn->count + 1) * sizeof *dut->from) {
            enum pb_status status = pb_wire_turn_feed(turn, &dut->from[turn->count], error);
            if (status != PB_OK) return status;
        }
    }
    dut->from_count = turn->count;
    return PB_OK;
}

/* What it promised, unless an input comes that changes everything. */
static pb_instant earliest_output(const struct pb_dut *dut, pb_instant now) {
    if (pb_dut_is_blind(dut)) return dut->reached;
    return pb_dut_has_input(dut) ? pb_earlier(dut->not_before, pb_later(now, dut->reached)) : dut->not_before;
}

enum pb_status pb_dut_turn(struct pb_dut *dut, struct pb_links *links, pb_instant now, pb_instant until,
                           struct pb_error *error) {
    struct pb_wire_turn turn = {.who = dut->who,
                                .seq = dut->seq_from,
                                .actor = dut->actor,
                                .cords = dut->cords,
                                .is_ready = dut->is_ready,
                                .earliest = earliest_output(dut, now),
                                .until = until};
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(dut->answer_ms));
    enum pb_status status = send_turn(dut, links, now, until, deadline, error);
    if (status == PB_OK) status = receive_turn(dut, links, &turn, deadline, error);
    if (status != PB_OK) {
        drop(dut);
        return status;
    }
    dut->seq_from = turn.seq;
    dut->is_ready = turn.is_ready;
    dut->reached = turn.reached;
    dut->not_before = turn.not_before;
    dut->held_at = turn.has_output ? turn.output_at : PB_INSTANT_NEVER;
    return PB_OK;
}

enum pb_status pb_dut_out_of_turn(struct pb_dut *dut, struct pb_links *links, struct pb_error *error) {
    struct pbw_record record;
    ssize_t count = recv(dut->fd, &record, sizeof record, MSG_DONTWAIT);
    const char *sent = count == (ssize_t)sizeof record ? pb_wire_type_name(record.type) : "bytes";
    enum pb_status status =
        count > 0 ? pb_fail(error, PB_ERR_PROTOCOL, 0, dut->who, "sent %s outside its turn, expected nothing", sent)
                  : tell_death(dut, links, error);
    drop(dut);
    return status;
}

void pb_dut_end(struct pb_dut *dut, struct pb_links *links, bool is_killed) {
    if (dut->pid > 0 && !is_killed && !dut->is_gone) {
        struct pbw_record stop = {.type = PBW_STOP, .seq = dut->seq_to, .t_ns = dut->reached.ns};
        (void)!send(dut->fd, &stop, sizeof stop, MSG_DONTWAIT | MSG_NOSIGNAL);
        close(dut->fd);
        dut->fd = -1;
        int status;
        if (wait_for_end(dut, links, EXIT_WAIT_MS, &status)) dut->pid = 0;
    }
    drop(dut);
}

void pb_dut_finish(struct pb_dut *dut) {
    free(dut->to);
    free(dut->from);
}
