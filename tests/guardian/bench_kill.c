/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guardian_latency's reference: the time from SIGKILL of one of two processes to the other's first write over a socket, which it makes when
 * the socket between them closes. Prints it in ns. No more than what any guardian must do: nothing can be faster. */
#include "base/wall.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void give_up(const char *what) {
    perror(what);
    exit(1);
}

static void survive(int between, int out) {
    char byte;
    while (read(between, &byte, 1) > 0) {}
    int64_t at_ns = pb_wall_now().ns;
    if (write(out, &at_ns, sizeof at_ns) != (ssize_t)sizeof at_ns) _exit(1);
    _exit(0);
}

static void idle(int between) {
    if (write(between, "", 1) != 1) _exit(1);
    for (;;) pause();
}

int main(void) {
    int between[2], out[2], ready[2];
    int64_t at_ns;
    char byte;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, between) || socketpair(AF_UNIX, SOCK_STREAM, 0, out) || pipe(ready))
        give_up("socketpair");
    pid_t survivor = fork();
    if (survivor == 0) {
        close(between[0]);
        survive(between[1], out[1]);
    }
    pid_t victim = fork();
    if (victim == 0) {
        close(between[1]);
        if (write(ready[1], "", 1) != 1) _exit(1);
        idle(between[0]);
    }
    if (survivor < 0 || victim < 0) give_up("fork");
    close(between[0]);
    close(between[1]);
    if (read(ready[0], &byte, 1) != 1) give_up("read");
    pb_instant killed = pb_wall_now();
    if (kill(victim, SIGKILL)) give_up("kill");
    if (read(out[0], &at_ns, sizeof at_ns) != (ssize_t)sizeof at_ns) give_up("read");
    printf("%" PRId64 "\n", at_ns - killed.ns);
    waitpid(survivor, NULL, 0);
    waitpid(victim, NULL, 0);
    return 0;
}
