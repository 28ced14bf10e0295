/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guardian process. Between fork and _exit it makes only async-signal-safe calls and allocates nothing, because the
 * harness may have had threads. A hang is counted in whole quiet polls and not read from a clock: when the machine or the
 * guardian itself stood still (suspend, SIGSTOP, a paused virtual machine), that time is not held against the harness. */
#include "harness/guardian/guard_process.h"

#include "base/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUIET_POLLS_OF_A_HANG = 4, KILL_WAIT_MS = 10, MAX_FAILURES = 100 };
enum woken_by { BY_QUESTION, BY_END_OF_HARNESS, BY_NOTHING };

/* The lowest descriptor from `low` on that the guardian needs; -1 for none. */
static int next_kept(const struct pb_guard_process *process, int low) {
    int own[] = {process->socket, process->harness};
    int next = -1;
    for (size_t i = 0; i < process->count + 2; i++) {
        int fd = i < 2 ? own[i] : process->outputs[i - 2].descriptor;
        if (fd >= low && (next < 0 || fd < next)) next = fd;
    }
    return next;
}

static int close_all_others(const struct pb_guard_process *process) {
    int null = open("/dev/null", O_RDWR);
    if (null < 0) return -1;
    for (int fd = 0; fd <= 2; fd++)
        if (dup2(null, fd) < 0) return -1;
    int low = 3;
    for (int kept; (kept = next_kept(process, low)) >= 0; low = kept + 1)
        if (kept > low && close_range((unsigned)low, (unsigned)kept - 1, 0) != 0) return -1;
    return close_range((unsigned)low, ~0U, 0);
}

/* Best effort: it needs a right that a developer's shell may not have. What is touched stays, and all of our own program; locking every
 * library that the harness has mapped would read 40 MB in, while the harness is starting. */
static void stay_in_memory(void) {
    extern const char __executable_start[], end[]; /* the linker's */
    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    mlock(__executable_start, (size_t)(end - __executable_start));
}

static int set_up(const struct pb_guard_process *process) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "pb-guardian");
    if (setsid() < 0 || close_all_others(process) != 0) return -1;
    struct pb_guard_answer on_guard = {0, PB_OK};
    if (send(process->socket, &on_guard, sizeof on_guard, MSG_NOSIGNAL) < 0 && errno != EPIPE) return -1;
    stay_in_memory();
    return 0;
}

static bool is_readable(int fd, int wait_ms) {
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    return poll(&entry, 1, wait_ms) > 0;
}

static enum pb_status write_safe_value(const struct pb_guard_output *output) {
    return output->ops->write(output->descriptor, output->channel, output->safe_value, &output->note,
                              PB_GUARD_WRITE_MS);
}

static void wait_until(pb_instant deadline) {
    for (pb_span left; (left = pb_between(pb_wall_now(), deadline)).ns > 0;) {
        struct timespec span = {.tv_sec = left.ns / 1000000000, .tv_nsec = left.ns % 1000000000};
        ppoll(NULL, 0, &span, NULL);
    }
}

/* All of them, whatever one says. Returns how many failed. */
static int make_all_safe(const struct pb_guard_process *process) {
    int failures = 0;
    for (size_t i = 0; i < process->count; i++) {
        if (write_safe_value(&process->outputs[i]) != PB_OK && failures < MAX_FAILURES) failures++;
        if (i + 1 < process->count) wait_until(pb_after(pb_wall_now(), process->outputs[i].settle));
    }
    return failures;
}

static enum woken_by wait_for_harness(const struct pb_guard_process *process) {
    struct pollfd entries[] = {{.fd = process->socket, .events = POLLIN}, {.fd = process->harness, .events = POLLIN}};
    int quiet_ms = (process->hang_ms - 1) / QUIET_POLLS_OF_A_HANG + 1;
    if (poll(entries, 2, quiet_ms) <= 0) return BY_NOTHING;
    return entries[1].revents ? BY_END_OF_HARNESS : BY_QUESTION;
}

/* False when there is nothing more to wait for: *ret_is_over tells that the harness asked for the end. */
static bool answer_question(const struct pb_guard_process *process, bool *ret_is_over) {
    struct pb_guard_question question;
    ssize_t size = recv(process->socket, &question, sizeof question, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (size <= 0) return false; /* the socket is closed */
    bool is_whole = size == (ssize_t)sizeof question;
    *ret_is_over = is_whole && question.order == PB_GUARD_END;
    if (*ret_is_over) return false;
    struct pb_guard_answer answer = {question.number, PB_ERR_ARG};
    if (is_whole && question.output < process->count)
        answer.status = (uint32_t)write_safe_value(&process->outputs[question.output]);
    send(process->socket, &answer, sizeof answer, MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

/* Until the harness is gone. True when it asked for the end and nothing is left to do. */
static bool stand_guard(const struct pb_guard_process *process) {
    uint64_t beats = 0;
    int quiet_polls = 0;
    for (bool is_over = false;;) {
        enum woken_by by = wait_for_harness(process);
        if (by == BY_END_OF_HARNESS) {
            /* What it said last still counts. */
            while (is_readable(process->socket, 0))
                if (!answer_question(process, &is_over)) return is_over;
            return false;
        }
        if (by == BY_QUESTION && !answer_question(process, &is_over)) return is_over;
        uint64_t beats_now = atomic_load_explicit(&process->page->beats, memory_order_relaxed);
        quiet_polls = by == BY_NOTHING && beats_now == beats ? quiet_polls + 1 : 0;
        beats = beats_now;
        if (quiet_polls == QUIET_POLLS_OF_A_HANG) return false;
    }
}

/* By pidfd: it cannot hit a process that was given the number later. A harness that is stuck in the kernel is not waited
 * for longer. */
static void end_harness(const struct pb_guard_process *process) {
    if (pidfd_send_signal(process->harness, SIGKILL, NULL, 0) == 0) is_readable(process->harness, KILL_WAIT_MS);
}

_Noreturn void pb_guard_process_run(const struct pb_guard_process *process) {
    if (set_up(process) != 0) _exit(PB_GUARD_SETUP_FAILED);
    if (stand_guard(process)) _exit(0);
    end_harness(process);
    _exit(make_all_safe(process));
}
