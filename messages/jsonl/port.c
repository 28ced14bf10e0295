/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread owns the channel; what both threads touch stands in `shared`, under its mutex. Two buffers for what came: the thread fills one while the
 * engine walks the other. */
#include "messages/jsonl/port.h"

#include "base/wall.h"
#include "messages/jsonl/channel.h"
#include "messages/jsonl/child.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, TURN_MS = 100, STRANGERS_TOLD = 20 };

enum kind { KIND_LINE, KIND_MISTAKE, KIND_NOTE };

/* In a buffer, before its bytes. */
struct entry {
    pb_instant at;
    enum kind kind;
    uint32_t size;
    char why[400]; /* MISTAKE; NOTE: its text */
};

struct buffer {
    size_t used;
    uint8_t bytes[BUFFER];
};

struct pb_port {
    struct pb_port_setup setup;
    pthread_t thread;
    bool has_thread;
    int to_engine, to_thread; /* eventfds */
    int listener;
    /* the thread's own */
    struct pb_channel *channel;
    pid_t child;
    char peer[80];
    double tokens; /* lines that may be taken now */
    pb_instant tokens_at;
    unsigned strangers;
    struct pb_error lost; /* of a sending while lines waited; status PB_OK: none */
    uint8_t sending[BUFFER];
    struct {
        pthread_mutex_t mutex;
        bool is_ending, is_up;
        int descriptor;       /* of the channel that is up; -1 */
        pb_instant looked_at; /* what will be handed over is dated at or after this */
        struct buffer *filling, *draining;
        size_t out_used;
        uint8_t out[BUFFER];
        enum pb_status failure; /* for good */
        struct pb_error failure_error;
    } shared;
    struct buffer buffers[2];
};

static pb_instant bench_now(const struct pb_port *port) {
    return (pb_instant){pb_between(port->setup.zero, pb_wall_now()).ns};
}

static void signal_to(int descriptor) {
    uint64_t one = 1;
    (void)!write(descriptor, &one, sizeof one);
}
static void clear(int descriptor) {
    uint64_t count;
    (void)!read(descriptor, &count, sizeof count);
}

static bool is_ending(struct pb_port *port) {
    pthread_mutex_lock(&port->shared.mutex);
    bool ending = port->shared.is_ending;
    pthread_mutex_unlock(&port->shared.mutex);
    return ending;
}

/* ---- handing over ---- */

/* False: there is no room. */
static bool put(struct pb_port *port, enum kind kind, const char *why, const char *bytes, size_t size) {
    struct entry entry = {.kind = kind, .size = (uint32_t)size};
    snprintf(entry.why, sizeof entry.why, "%s", why);
    pthread_mutex_lock(&port->shared.mutex);
    struct buffer *buffer = port->shared.filling;
    bool has_room = sizeof buffer->bytes - buffer->used >= sizeof entry + size;
    if (has_room) {
        entry.at = port->shared.looked_at = bench_now(port);
        memcpy(buffer->bytes + buffer->used, &entry, sizeof entry);
        if (size) memcpy(buffer->bytes + buffer->used + sizeof entry, bytes, size);
        buffer->used += sizeof entry + size;
    }
    pthread_mutex_unlock(&port->shared.mutex);
    signal_to(port->to_engine);
    return has_room;
}

static void note(struct pb_port *port, const char *text) { (void)put(port, KIND_NOTE, text, NULL, 0); }

/* A token a line, `rate` of them a second, at most a second's. */
static bool take_token(struct pb_port *port) {
    pb_instant now = pb_wall_now();
    double rate = (double)port->setup.rate;
    port->tokens += rate * (double)pb_between(port->tokens_at, now).ns / 1e9;
    port->tokens_at = now;
    if (port->tokens > rate) port->tokens = rate;
    if (port->tokens < 1) return false;
    port->tokens -= 1;
    return true;
}

static void give_back_token(struct pb_port *port) { port->tokens += 1; }

static enum pb_status send_waiting(struct pb_port *port, struct pb_error *error) {
    pthread_mutex_lock(&port->shared.mutex);
    size_t size = port->shared.out_used;
    memcpy(port->sending, port->shared.out, size);
    port->shared.out_used = 0;
    pthread_mutex_unlock(&port->shared.mutex);
    if (!size) return PB_OK;
    struct pb_error why;
    enum pb_status status =
        pb_channel_send_bytes(port->channel, port->sending, size, pb_after(pb_wall_now(), port->setup.timeout), &why);
    if (status == PB_OK) return PB_OK;
    return pb_fail(error, PB_ERR_OVERRUN, why.vendor_code, port->setup.name,
                   "a message was lost with the link while it was sent (%.200s)", why.text);
}

/* Waits for room and a token; meanwhile what is to be sent is sent. */
static void hand_over(struct pb_port *port, enum kind kind, const char *why, const char *bytes, size_t size) {
    while (!is_ending(port)) {
        if (take_token(port)) {
            if (put(port, kind, why, bytes, size)) return;
            give_back_token(port);
        }
        struct pollfd entry = {.fd = port->to_thread, .events = POLLIN};
        if (poll(&entry, 1, 5) > 0) clear(port->to_thread);
        if (port->lost.status == PB_OK) (void)!send_waiting(port, &port->lost);
    }
}

static void on_message(void *user, const struct pb_message_value *value, const char *bytes, size_t size) {
    (void)value; /* decoded once more by the engine, which keeps it */
    hand_over(user, KIND_LINE, "", bytes, size);
}

static void on_mistake(void *user, const struct pb_error *error, const char *bytes, size_t size) {
    char why[200];
    snprintf(why, sizeof why, "%.60s: %.130s", error->where, error->text);
    hand_over(user, KIND_MISTAKE, why, bytes, size);
}

/* ---- the link ---- */

static void show(struct pb_port *port, bool is_up) {
    pthread_mutex_lock(&port->shared.mutex);
    port->shared.is_up = is_up;
    port->shared.descriptor = is_up ? pb_channel_descriptor(port->channel) : -1;
    port->shared.looked_at = bench_now(port);
    pthread_mutex_unlock(&port->shared.mutex);
    signal_to(port->to_engine);
}

static void fail(struct pb_port *port, const struct pb_error *error) {
    pthread_mutex_lock(&port->shared.mutex);
    port->shared.failure = error->status;
    port->shared.failure_error = *error;
    pthread_mutex_unlock(&port->shared.mutex);
    signal_to(port->to_engine);
}

/* What trying again does not mend: a certificate, a file; a program that has ended. */
static bool is_final(const struct pb_port *port, enum pb_status status) {
    bool is_refused = status == PB_ERR_PROTOCOL && !port->setup.is_listener;
    return port->setup.argv || is_refused || status == PB_ERR_INPUT || status == PB_ERR_OVERRUN ||
           status == PB_ERR_NOT_FOUND || status == PB_ERR_UNSUPPORTED;
}

/* Until the descriptor is readable, the end is asked for, or the deadline has come. -1: just waits. */
static bool await(struct pb_port *port, int descriptor, pb_instant deadline) {
    struct pollfd entries[] = {{.fd = port->to_thread, .events = POLLIN}, {.fd = descriptor, .events = POLLIN}};
    while (!is_ending(port)) {
        int ready = poll(entries, 2, pb_wall_poll_ms(deadline));
        if (ready == 0) return false;
        if (ready > 0 && entries[1].revents) return true;
        if (ready > 0) clear(port->to_thread);
    }
    return false;
}

static enum pb_status take_guest(struct pb_port *port, pb_instant deadline, struct pb_error *error) {
    int descriptor;
    if (!await(port, port->listener, deadline))
        return pb_fail(error, PB_ERR_TIMEOUT, 0, port->setup.name, "nobody came");
    enum pb_status status =
        pb_link_accept(port->listener, &port->setup.address, &descriptor, port->peer, sizeof port->peer, error);
    if (status != PB_OK) return status;
    status = pb_channel_adopt(descriptor, descriptor, port->setup.tls, pb_after(pb_wall_now(), port->setup.timeout),
                              &port->channel, error);
    if (status == PB_OK || port->strangers++ >= STRANGERS_TOLD) return status;
    char text[400];
    snprintf(text, sizeof text, "%s was not let in: %.180s", port->peer, error->text);
    note(port, text);
    return status;
}

static enum pb_status start_program(struct pb_port *port, struct pb_error *error) {
    int in, out;
    enum pb_status status = pb_child_start(port->setup.argv, port->setup.log_path, &port->child, &in, &out, error);
    if (status != PB_OK) return status;
    return pb_channel_adopt(in, out, NULL, pb_after(pb_wall_now(), port->setup.timeout), &port->channel, error);
}

static enum pb_status connect_out(struct pb_port *port, struct pb_error *error) {
    char address[sizeof port->setup.address.text + 4];
    const char *text = port->setup.address.text;
    snprintf(address, sizeof address, "%s%s", port->setup.tls ? "tls:" : "",
             port->setup.tls ? text + strlen("tcp:") : text);
    return pb_channel_open(address, &port->setup.line, port->setup.tls, pb_after(pb_wall_now(), port->setup.timeout),
                           &port->channel, error);
}

/* Tries until somebody is there, it cannot be, or `wait` is over. */
static enum pb_status open_link(struct pb_port *port, struct pb_error *error) {
    pb_instant deadline = pb_after(pb_wall_now(), port->setup.wait);
    struct pb_error why = {0}; /* that nobody came says less than that somebody was not let in */
    for (;;) {
        enum pb_status status = port->setup.argv          ? start_program(port, error)
                                : port->setup.is_listener ? take_guest(port, deadline, error)
                                                          : connect_out(port, error);
        if (status == PB_OK || is_ending(port) || is_final(port, status)) return status;
        if (status != PB_ERR_TIMEOUT || why.status == PB_OK) why = *error;
        if (!pb_is_before(pb_wall_now(), deadline)) break;
        if (!port->setup.is_listener)
            (void)await(port, -1, pb_earlier(deadline, pb_after(pb_wall_now(), port->setup.retry)));
    }
    return pb_fail(error, PB_ERR_GONE, why.vendor_code, port->setup.name,
                   "nobody was there within %.3g s (the last try: %.200s)", (double)port->setup.wait.ns / 1e9,
                   why.text);
}

static void look(struct pb_port *port) {
    pthread_mutex_lock(&port->shared.mutex);
    port->shared.looked_at = bench_now(port);
    pthread_mutex_unlock(&port->shared.mutex);
}

/* Until the link is lost. */
static enum pb_status serve(struct pb_port *port, struct pb_error *error) {
    const struct pb_line_sink sink = {on_message, on_mistake, port};
    int descriptor = pb_channel_descriptor(port->channel);
    while (!is_ending(port)) {
        enum pb_status status = send_waiting(port, error);
        if (status != PB_OK) return status;
        struct pollfd entries[] = {{.fd = descriptor, .events = POLLIN}, {.fd = port->to_thread, .events = POLLIN}};
        int ready = poll(entries, 2, TURN_MS);
        look(port);
        if (ready > 0 && entries[1].revents) clear(port->to_thread);
        if (ready > 0 && entries[0].revents) status = pb_channel_receive(port->channel, &sink, pb_wall_now(), error);
        if (port->lost.status != PB_OK) {
            *error = port->lost;
            return error->status;
        }
        if (status != PB_OK && status != PB_ERR_TIMEOUT) return status;
    }
    return PB_OK;
}

/* What waits to be sent is for who was there, not for who comes next. */
static void drop_waiting(struct pb_port *port) {
    char text[80];
    pthread_mutex_lock(&port->shared.mutex);
    size_t dropped = port->shared.out_used;
    port->shared.out_used = 0;
    pthread_mutex_unlock(&port->shared.mutex);
    if (!dropped || is_ending(port)) return;
    snprintf(text, sizeof text, "%zu bytes that waited to be sent are lost with the link", dropped);
    note(port, text);
}

static void end_link(struct pb_port *port, struct pb_error *error) {
    char how[40] = "";
    show(port, false);
    drop_waiting(port);
    pb_channel_close(port->channel);
    port->channel = NULL;
    if (port->child <= 0) return;
    pb_child_end(port->child, pb_s(1), how, sizeof how);
    port->child = 0;
    if (error && error->status != PB_ERR_OVERRUN)
        (void)pb_fail(error, PB_ERR_GONE, 0, port->setup.name, "the program has ended (%s)", how);
}

static void *run(void *user) {
    struct pb_port *port = user;
    for (;;) {
        struct pb_error error = {0};
        char text[400], tls[160];
        enum pb_status status = open_link(port, &error);
        if (is_ending(port)) break;
        if (status != PB_OK) {
            fail(port, &error);
            break;
        }
        pb_channel_describe(port->channel, tls, sizeof tls);
        snprintf(text, sizeof text, "%.80s is up%s%s%s%s", port->setup.name, port->peer[0] ? ", from " : "", port->peer,
                 tls[0] ? ", " : "", tls);
        note(port, text);
        show(port, true);
        status = serve(port, &error);
        end_link(port, status == PB_OK ? NULL : &error);
        if (is_ending(port)) break;
        if (is_final(port, error.status)) {
            fail(port, &error);
            break;
        }
        snprintf(text, sizeof text, "%.80s is lost: %.150s", port->setup.name, error.text);
        note(port, text);
        (void)await(port, -1, pb_after(pb_wall_now(), port->setup.retry)); /* who accepts and leaves at once */
    }
    end_link(port, NULL); /* one that came up while it was to end */
    return NULL;
}

/* ---- the engine's side ---- */

static int start_thread(struct pb_port *port) {
    sigset_t all, before; /* signals are the engine's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&port->thread, NULL, run, port);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    port->has_thread = !failed;
    return failed;
}

enum pb_status pb_port_open(const struct pb_port_setup *setup, struct pb_port **ret_port, struct pb_error *error) {
    struct pb_port *port = calloc(1, sizeof *port);
    if (!port) return pb_fail(error, PB_ERR_MEMORY, 0, setup->name, "no memory");
    port->setup = *setup;
    port->listener = port->shared.descriptor = -1;
    port->tokens = (double)setup->rate;
    port->tokens_at = pb_wall_now();
    port->shared.filling = &port->buffers[0];
    port->shared.draining = &port->buffers[1];
    pthread_mutex_init(&port->shared.mutex, NULL);
    port->to_engine = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    port->to_thread = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum pb_status status = port->to_engine < 0 || port->to_thread < 0
                                ? pb_fail(error, PB_ERR_IO, errno, setup->name, "no eventfd (%s)", strerror(errno))
                                : PB_OK;
    if (status == PB_OK && setup->is_listener) status = pb_link_listen(&setup->address, &port->listener, error);
    int failed = status == PB_OK ? start_thread(port) : 0;
    if (failed) status = pb_fail(error, PB_ERR_IO, failed, setup->name, "no thread (%s)", strerror(failed));
    if (status != PB_OK) {
        pb_port_close(port);
        return status;
    }
    *ret_port = port;
    return PB_OK;
}

void pb_port_close(struct pb_port *port) {
    if (!port) return;
    pthread_mutex_lock(&port->shared.mutex);
    port->shared.is_ending = true;
    pthread_mutex_unlock(&port->shared.mutex);
    if (port->to_thread >= 0) signal_to(port->to_thread);
    if (port->has_thread) pthread_join(port->thread, NULL);
    if (port->listener >= 0) close(port->listener);
    if (port->listener >= 0 && port->setup.address.kind == PB_LINK_UNIX) (void)unlink(port->setup.address.path);
    if (port->to_engine >= 0) close(port->to_engine);
    if (port->to_thread >= 0) close(port->to_thread);
    pthread_mutex_destroy(&port->shared.mutex);
    free(port);
}

int pb_port_descriptor(const struct pb_port *port) { return port->to_engine; }

bool pb_port_is_up(struct pb_port *port) {
    pthread_mutex_lock(&port->shared.mutex);
    bool is_up = port->shared.is_up;
    pthread_mutex_unlock(&port->shared.mutex);
    return is_up;
}

enum pb_status pb_port_send(struct pb_port *port, const void *bytes, size_t size, struct pb_error *error) {
    enum pb_status status = PB_OK;
    pthread_mutex_lock(&port->shared.mutex);
    if (!port->shared.is_up) status = pb_fail(error, PB_ERR_GONE, 0, port->setup.name, "the link is down");
    else if (sizeof port->shared.out - port->shared.out_used < size + 1)
        status = pb_fail(error, PB_ERR_BUSY, 0, port->setup.name,
                         "%zu bytes wait to be sent already: the other side takes nothing", port->shared.out_used);
    if (status == PB_OK) {
        memcpy(port->shared.out + port->shared.out_used, bytes, size);
        port->shared.out[port->shared.out_used + size] = '\n';
        port->shared.out_used += size + 1;
    }
    pthread_mutex_unlock(&port->shared.mutex);
    if (status == PB_OK) signal_to(port->to_thread);
    return status;
}

static void walk(const struct buffer *buffer, const struct pb_port_sink *sink) {
    for (size_t at = 0; at < buffer->used;) {
        struct entry entry;
        memcpy(&entry, buffer->bytes + at, sizeof entry);
        const char *bytes = (const char *)buffer->bytes + at + sizeof entry;
        at += sizeof entry + entry.size;
        if (entry.kind == KIND_LINE) sink->line(sink->user, entry.at, bytes, entry.size);
        else if (entry.kind == KIND_MISTAKE) sink->mistake(sink->user, entry.at, entry.why, bytes, entry.size);
        else sink->note(sink->user, entry.at, entry.why);
    }
}

/* Something waits in the descriptor that the thread has not taken yet: who knows since when. */
static bool is_waiting(int descriptor) {
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    return descriptor >= 0 && poll(&entry, 1, 0) > 0;
}

enum pb_status pb_port_drain(struct pb_port *port, pb_instant now, const struct pb_port_sink *sink,
                             pb_instant *ret_complete, struct pb_error *error) {
    clear(port->to_engine);
    pthread_mutex_lock(&port->shared.mutex);
    struct buffer *draining = port->shared.filling;
    port->shared.filling = port->shared.draining;
    port->shared.draining = draining;
    enum pb_status failure = port->shared.failure;
    struct pb_error failure_error = port->shared.failure_error;
    pb_instant complete = is_waiting(port->shared.descriptor) ? pb_earlier(port->shared.looked_at, now) : now;
    pthread_mutex_unlock(&port->shared.mutex);
    walk(draining, sink);
    draining->used = 0;
    if (failure != PB_OK) {
        *error = failure_error;
        return failure;
    }
    *ret_complete = complete;
    return PB_OK;
}
