/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The harness's side of the guardian. Every wait on the guardian has a deadline: a guardian that hangs must not hang the
 * harness, which then makes safe by itself. */
#include "harness/guardian/guardian.h"

#include "base/wall.h"
#include "harness/guardian/guard_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_WAIT_MS = 5000, STOP_WAIT_MS = 1000, ANSWER_WAIT_MS = PB_GUARD_WRITE_MS + 800, CALLS_PER_POLL = 16 };

struct pb_guardian {
    pid_t pid;
    int pidfd;
    int socket;
    uint32_t last_number;
    unsigned calls;
    bool is_gone;
    struct pb_guard_page *page; /* shared */
    size_t count;
    struct pb_guard_output outputs[];
};

static enum pb_status gone(struct pb_guardian *guardian, struct pb_error *error) {
    guardian->is_gone = true;
    return pb_fail(error, PB_ERR_GONE, 0, "guardian", "the guardian process %d has died", (int)guardian->pid);
}

static enum pb_status io_failed(struct pb_error *error, const char *what) {
    return pb_fail(error, PB_ERR_IO, errno, "guardian", "%s: %s", what, strerror(errno));
}

/* Answers to earlier questions, whose asker gave up, are thrown away. */
static enum pb_status await_answer(struct pb_guardian *guardian, uint32_t number, int wait_ms, uint32_t *ret_status,
                                   struct pb_error *error) {
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(wait_ms));
    for (;;) {
        struct pollfd entry = {.fd = guardian->socket, .events = POLLIN};
        int ready = poll(&entry, 1, pb_wall_poll_ms(deadline));
        pb_guardian_beat(guardian);
        if (ready < 0 && errno != EINTR) return io_failed(error, "poll");
        if (ready == 0)
            return pb_fail(error, PB_ERR_TIMEOUT, 0, "guardian", "no answer from the guardian within %d ms", wait_ms);
        if (ready < 0) continue;
        struct pb_guard_answer answer;
        ssize_t size = recv(guardian->socket, &answer, sizeof answer, MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (size <= 0) return gone(guardian, error);
        if (size != (ssize_t)sizeof answer || answer.number != number) continue;
        *ret_status = answer.status;
        return PB_OK;
    }
}

static bool ask(struct pb_guardian *guardian, enum pb_guard_order order, size_t output) {
    struct pb_guard_question question = {++guardian->last_number, (uint32_t)order, (uint32_t)output};
    return send(guardian->socket, &question, sizeof question, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof question;
}

static enum pb_status check_arguments(const struct pb_guard_output *outputs, size_t count, int hang_ms,
                                      struct pb_error *error) {
    if (hang_ms <= 0) return pb_fail(error, PB_ERR_ARG, 0, "guardian", "hang_ms is %d, expected above 0", hang_ms);
    for (size_t i = 0; i < count; i++) {
        if (!outputs[i].ops) return pb_fail(error, PB_ERR_ARG, 0, "guardian", "output %zu has no guard operations", i);
        if (outputs[i].descriptor <= STDERR_FILENO)
            return pb_fail(error, PB_ERR_ARG, 0, "guardian", "output %zu has descriptor %d, expected one above 2", i,
                           outputs[i].descriptor);
    }
    return PB_OK;
}

/* NULL: no memory. */
static struct pb_guardian *create(const struct pb_guard_output *outputs, size_t count) {
    struct pb_guardian *guardian = calloc(1, sizeof *guardian + count * sizeof outputs[0]);
    if (!guardian) return NULL;
    guardian->page = mmap(NULL, sizeof *guardian->page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (guardian->page == MAP_FAILED) {
        free(guardian);
        return NULL;
    }
    guardian->pidfd = guardian->socket = -1;
    guardian->count = count;
    for (size_t i = 0; i < count; i++) guardian->outputs[i] = outputs[i];
    return guardian;
}

/* Signals stay blocked across the fork, so that no handler of the harness ever runs in the guardian. */
static pid_t fork_guardian(const struct pb_guard_process *process, int harness_socket) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        close(harness_socket); /* the only way to see the harness's end close */
        pb_guard_process_run(process);
    }
    int fork_errno = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = fork_errno;
    return pid;
}

static enum pb_status launch(struct pb_guardian *guardian, int hang_ms, struct pb_error *error) {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) return io_failed(error, "socketpair");
    guardian->socket = sockets[0];
    int harness = pidfd_open(getpid(), 0);
    enum pb_status status = PB_OK;
    if (harness < 0) status = io_failed(error, "pidfd_open");
    else if (sockets[1] <= STDERR_FILENO || harness <= STDERR_FILENO)
        status = pb_fail(error, PB_ERR_IO, 0, "guardian",
                         "standard input, output or error is closed, expected all three open");
    if (status == PB_OK) {
        struct pb_guard_process process = {.socket = sockets[1],
                                           .harness = harness,
                                           .hang_ms = hang_ms,
                                           .page = guardian->page,
                                           .outputs = guardian->outputs,
                                           .count = guardian->count};
        guardian->pid = fork_guardian(&process, guardian->socket);
        if (guardian->pid < 0) status = io_failed(error, "fork");
    }
    close(sockets[1]);
    if (harness >= 0) close(harness);
    return status;
}

enum pb_status pb_guardian_start(const struct pb_guard_output *outputs, size_t count, int hang_ms,
                                 struct pb_guardian **ret_guardian, struct pb_error *error) {
    enum pb_status status = check_arguments(outputs, count, hang_ms, error);
    if (status != PB_OK) return status;
    struct pb_guardian *guardian = create(outputs, count);
    if (!guardian) return pb_fail(error, PB_ERR_MEMORY, errno, "guardian", "no memory: %s", strerror(errno));
    status = launch(guardian, hang_ms, error);
    if (status != PB_OK) goto failed;
    guardian->pidfd = pidfd_open(guardian->pid, 0);
    if (guardian->pidfd < 0) {
        status = io_failed(error, "pidfd_open");
        goto failed;
    }
    uint32_t on_guard = 0;
    status = await_answer(guardian, 0, START_WAIT_MS, &on_guard, error);
    if (status != PB_OK) {
        if (status == PB_ERR_GONE)
            status = pb_fail(error, PB_ERR_IO, 0, "guardian", "the guardian could not set itself up");
        goto failed;
    }
    *ret_guardian = guardian;
    return PB_OK;
failed:
    pb_guardian_stop(guardian);
    return status;
}

PB_HOT void pb_guardian_beat(struct pb_guardian *guardian) {
    uint64_t beats = atomic_load_explicit(&guardian->page->beats, memory_order_relaxed);
    atomic_store_explicit(&guardian->page->beats, beats + 1, memory_order_relaxed);
}

PB_HOT enum pb_status pb_guardian_check(struct pb_guardian *guardian, struct pb_error *error) {
    if (guardian->is_gone) return gone(guardian, error);
    if (guardian->calls++ % CALLS_PER_POLL) return PB_OK;
    struct pollfd entry = {.fd = guardian->pidfd, .events = POLLIN};
    return poll(&entry, 1, 0) > 0 ? gone(guardian, error) : PB_OK;
}

enum pb_status pb_guardian_make_safe(struct pb_guardian *guardian, size_t i, struct pb_error *error) {
    if (i >= guardian->count) return pb_fail(error, PB_ERR_ARG, 0, "guardian", "output %zu of %zu", i, guardian->count);
    pb_guardian_beat(guardian);
    if (!ask(guardian, PB_GUARD_MAKE_SAFE, i)) {
        if (errno == EAGAIN)
            return pb_fail(error, PB_ERR_TIMEOUT, errno, "guardian", "the guardian takes no more questions");
        return gone(guardian, error);
    }
    uint32_t written = PB_ERR_IO;
    enum pb_status status = await_answer(guardian, guardian->last_number, ANSWER_WAIT_MS, &written, error);
    if (status != PB_OK) return status;
    if (written == PB_OK) return PB_OK;
    return pb_fail(error, (enum pb_status)written, 0, "guardian",
                   "output %zu (channel %u) did not take its safe value: %s", i, guardian->outputs[i].channel,
                   pb_status_text((enum pb_status)written));
}

pid_t pb_guardian_pid(const struct pb_guardian *guardian) { return guardian->pid; }

static void reap(struct pb_guardian *guardian) {
    struct pollfd entry = {.fd = guardian->pidfd, .events = POLLIN};
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(STOP_WAIT_MS));
    int ready;
    while ((ready = poll(&entry, 1, pb_wall_poll_ms(deadline))) < 0 && errno == EINTR) {}
    if (ready <= 0) kill(guardian->pid, SIGKILL);
    while (waitpid(guardian->pid, NULL, 0) < 0 && errno == EINTR) {}
}

void pb_guardian_stop(struct pb_guardian *guardian) {
    if (!guardian) return;
    if (guardian->pid > 0) {
        ask(guardian, PB_GUARD_END, 0);
        reap(guardian);
    }
    if (guardian->pidfd >= 0) close(guardian->pidfd);
    if (guardian->socket >= 0) close(guardian->socket);
    munmap(guardian->page, sizeof *guardian->page);
    free(guardian);
}
