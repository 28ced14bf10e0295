/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's side. A client's answers wait in the kernel's buffer and nowhere else: when that is full the client does not
 * read, and is dropped. Requests are taken one a client in turn, so that a flood delays only its own. */
#include "harness/control/control.h"

#include "harness/control/request.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_CLIENTS = 8, REQUESTS_PER_POLL = 16, BACKLOG = 16 };

struct client {
    int fd; /* -1: free */
    bool is_readable;
    size_t used;
    char who[48];
    char buffer[PB_CONTROL_LINE_BYTES + 1]; /* a whole line with its newline fits */
};

struct pb_control {
    int listener;
    dev_t device; /* of the socket's file, so that close removes no other's */
    ino_t inode;
    struct sockaddr_un address;
    unsigned first; /* whose turn it is */
    struct client clients[MAX_CLIENTS];
    struct pb_parsed_request request;
    char answer[PB_CONTROL_ANSWER_BYTES];
    char reply[PB_CONTROL_REPLY_BYTES];
};

static enum pb_status io_failed(const struct pb_control *control, const char *what, struct pb_error *error) {
    return pb_fail(error, PB_ERR_IO, errno, control->address.sun_path, "%s: %s", what, strerror(errno));
}

/* Removes a socket that nobody listens on. Anything else at the path is left alone. */
static enum pb_status remove_stale(const struct pb_control *control, struct pb_error *error) {
    const char *path = control->address.sun_path;
    struct stat found;
    if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode))
        return pb_fail(error, PB_ERR_IO, 0, path, "found a file that is no socket, expected none");
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0) return io_failed(control, "socket", error);
    int result = connect(probe, (const struct sockaddr *)&control->address, sizeof control->address);
    int reason = errno;
    close(probe);
    if (result == 0 || reason == EAGAIN) return pb_fail(error, PB_ERR_BUSY, 0, path, "another run listens here");
    if (reason == ECONNREFUSED) result = unlink(path);
    return result == 0 || errno == ENOENT ? PB_OK : io_failed(control, "a stale socket", error);
}

static bool is_bound(const struct pb_control *control) {
    return bind(control->listener, (const struct sockaddr *)&control->address, sizeof control->address) == 0;
}

static enum pb_status listen_at_path(struct pb_control *control, struct pb_error *error) {
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (control->listener < 0) return io_failed(control, "socket", error);
    /* Before bind: the file never has another mode. */
    if (fchmod(control->listener, S_IRUSR | S_IWUSR) != 0) return io_failed(control, "mode", error);
    if (!is_bound(control)) {
        if (errno != EADDRINUSE) return io_failed(control, "bind", error);
        enum pb_status status = remove_stale(control, error);
        if (status != PB_OK) return status;
        if (!is_bound(control)) return io_failed(control, "bind", error);
    }
    struct stat made;
    if (lstat(control->address.sun_path, &made) != 0) return io_failed(control, "stat", error);
    control->device = made.st_dev;
    control->inode = made.st_ino;
    return listen(control->listener, BACKLOG) == 0 ? PB_OK : io_failed(control, "listen", error);
}

enum pb_status pb_control_open(const char *path, struct pb_control **ret_control, struct pb_error *error) {
    size_t room = sizeof((struct sockaddr_un *)0)->sun_path;
    if (!*path || strlen(path) >= room)
        return pb_fail(error, PB_ERR_ARG, 0, path, "found a path of %zu bytes, expected 1 to %zu for a socket",
                       strlen(path), room - 1);
    struct pb_control *control = calloc(1, sizeof *control);
    if (!control) return pb_fail(error, PB_ERR_MEMORY, errno, path, "no memory for the control socket");
    control->address.sun_family = AF_UNIX;
    strcpy(control->address.sun_path, path);
    for (int i = 0; i < MAX_CLIENTS; i++) control->clients[i].fd = -1;
    enum pb_status status = listen_at_path(control, error);
    if (status == PB_OK) *ret_control = control;
    else pb_control_close(control);
    return status;
}

static void drop(struct client *client) {
    close(client->fd);
    client->fd = -1;
}

static void reply(struct pb_control *control, struct client *client, bool is_ok, const char *text) {
    size_t length = pb_reply_format(is_ok, text, control->reply, sizeof control->reply);
    if (send(client->fd, control->reply, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) drop(client);
}

static void carry_out_line(struct pb_control *control, struct client *client, size_t length, pb_control_fn *carry_out,
                           void *user) {
    struct pb_error error;
    bool is_ok = false;
    if (pb_request_parse(client->buffer, length, &control->request, &error) == PB_OK) {
        struct pb_request request = {control->request.verb, control->request.text, client->who};
        control->answer[0] = '\0';
        enum pb_status status = carry_out(user, &request, control->answer, sizeof control->answer);
        is_ok = status == PB_OK;
        if (!is_ok && !control->answer[0])
            snprintf(control->answer, sizeof control->answer, "%s", pb_status_text(status));
    } else {
        snprintf(control->answer, sizeof control->answer, "%s", error.text);
    }
    client->used -= length + 1;
    memmove(client->buffer, client->buffer + length + 1, client->used);
    reply(control, client, is_ok, control->answer);
}

static char *line_end(struct client *client) { return memchr(client->buffer, '\n', client->used); }

static void receive(struct client *client) {
    client->is_readable = false;
    ssize_t count = recv(client->fd, client->buffer + client->used, sizeof client->buffer - client->used, MSG_DONTWAIT);
    if (count > 0) {
        client->used += (size_t)count;
        client->is_readable = true; /* there may be more */
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        drop(client);
    }
}

/* One request at most. False when the client has none. */
static bool serve(struct pb_control *control, struct client *client, pb_control_fn *carry_out, void *user) {
    if (client->fd < 0) return false;
    char *end = line_end(client);
    if (!end && client->is_readable) {
        receive(client);
        if (client->fd < 0) return false;
        end = line_end(client);
    }
    if (end) {
        carry_out_line(control, client, (size_t)(end - client->buffer), carry_out, user);
        return true;
    }
    if (client->used == sizeof client->buffer) {
        reply(control, client, false, "found a line of more than 4096 bytes, expected at most 4096");
        if (client->fd >= 0) drop(client);
    }
    return false;
}

static void admit(struct pb_control *control) {
    for (int i = 0; i < BACKLOG; i++) {
        struct client newcomer = {.fd = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (newcomer.fd < 0) return;
        int free_place = 0;
        while (free_place < MAX_CLIENTS && control->clients[free_place].fd >= 0) free_place++;
        struct ucred peer;
        socklen_t size = sizeof peer;
        if (free_place == MAX_CLIENTS) {
            reply(control, &newcomer, false, "8 clients are connected, which is all this run takes");
            if (newcomer.fd >= 0) drop(&newcomer);
        } else if (getsockopt(newcomer.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
            drop(&newcomer);
        } else {
            struct client *client = &control->clients[free_place];
            client->fd = newcomer.fd;
            client->used = 0;
            client->is_readable = true;
            snprintf(client->who, sizeof client->who, "pid %d uid %u", (int)peer.pid, (unsigned)peer.uid);
        }
    }
}

/* Marks who can be read. False when there is nothing to do at all. */
static bool look(struct pb_control *control, bool *ret_is_knocking) {
    struct pollfd entries[MAX_CLIENTS + 1];
    bool has_line = false;
    for (int i = 0; i < MAX_CLIENTS; i++) {
        entries[i] = (struct pollfd){.fd = control->clients[i].fd, .events = POLLIN};
        has_line = has_line || (control->clients[i].fd >= 0 && line_end(&control->clients[i]));
    }
    entries[MAX_CLIENTS] = (struct pollfd){.fd = control->listener, .events = POLLIN};
    int ready = poll(entries, MAX_CLIENTS + 1, 0);
    for (int i = 0; i < MAX_CLIENTS; i++) control->clients[i].is_readable = ready > 0 && entries[i].revents != 0;
    *ret_is_knocking = ready > 0 && entries[MAX_CLIENTS].revents != 0;
    return ready > 0 || has_line;
}

void pb_control_poll(struct pb_control *control, pb_control_fn *carry_out, void *user) {
    bool is_knocking;
    if (!look(control, &is_knocking)) return;
    if (is_knocking) admit(control);
    unsigned first = control->first++;
    int left = REQUESTS_PER_POLL;
    for (bool is_any = true; is_any && left > 0;) {
        is_any = false;
        for (unsigned i = 0; i < MAX_CLIENTS && left > 0; i++) {
            if (!serve(control, &control->clients[(first + i) % MAX_CLIENTS], carry_out, user)) continue;
            is_any = true;
            left--;
        }
    }
}

void pb_control_close(struct pb_control *control) {
    if (!control) return;
    for (int i = 0; i < MAX_CLIENTS; i++)
        if (control->clients[i].fd >= 0) drop(&control->clients[i]);
    if (control->listener >= 0) close(control->listener);
    struct stat found;
    if (control->inode && lstat(control->address.sun_path, &found) == 0 && found.st_ino == control->inode &&
        found.st_dev == control->device)
        unlink(control->address.sun_path);
    free(control);
}
