/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages/jsonl/child.h"

#include "base/program.h"
#include "base/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* An errno or 0. Signals as a program expects them: ours are blocked in the thread that starts it. */
static int spawn(const char *const *argv, const char *log_path, int to_child, int from_child, pid_t *ret_pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    char path[4096];
    pb_program_find(argv[0], path, sizeof path);
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!failed) failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (!failed) failed = posix_spawnattr_setsigdefault(&attributes, &usual);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, to_child, STDIN_FILENO);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, from_child, STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_path ? log_path : "/dev/null",
                                                  O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (!failed) failed = posix_spawnp(ret_pid, path, &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

enum pb_status pb_child_start(const char *const *argv, const char *log_path, pid_t *ret_pid, int *ret_in, int *ret_out,
                              struct pb_error *error) {
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    pid_t pid = -1;
    int failed = pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 ? errno : 0;
    if (!failed) failed = spawn(argv, log_path, out[0], in[1], &pid);
    if (out[0] >= 0) close(out[0]);
    if (in[1] >= 0) close(in[1]);
    if (!failed) {
        *ret_pid = pid;
        *ret_in = in[0];
        *ret_out = out[1];
        return PB_OK;
    }
    if (in[0] >= 0) close(in[0]);
    if (out[1] >= 0) close(out[1]);
    return pb_fail(error, failed == ENOENT || failed == EACCES ? PB_ERR_NOT_FOUND : PB_ERR_IO, failed, argv[0],
                   "starting it: %s", strerror(failed));
}

static bool has_ended(int child, pb_span patience) {
    struct pollfd entry = {.fd = child, .events = POLLIN};
    pb_instant deadline = pb_after(pb_wall_now(), patience);
    int ready;
    while ((ready = poll(&entry, 1, pb_wall_poll_ms(deadline))) < 0 && errno == EINTR) {}
    return ready > 0;
}

void pb_child_end(pid_t pid, pb_span patience, char *ret_text, size_t size) {
    int child = pidfd_open(pid, 0), status = 0;
    if (child < 0 || !has_ended(child, patience)) {
        kill(pid, SIGTERM);
        if (child < 0 || !has_ended(child, patience)) kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    if (child >= 0) close(child);
    if (WIFSIGNALED(status)) snprintf(ret_text, size, "signal %d", WTERMSIG(status));
    else snprintf(ret_text, size, "exit status %d", WEXITSTATUS(status));
}
