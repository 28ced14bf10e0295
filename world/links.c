/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One poll(2) holds what is waited for, the guardian and the bench's hang-up, so that nothing keeps the guardian waiting. */
#include "world/links.h"

#include "base/wall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_ROOM (sizeof(struct pbl_frame) + PBL_PAYLOAD_MAX)
#define OUT_ROOM (2 * IN_ROOM)
#define OUT_FLUSH (64u << 10)

enum pb_status pb_links_init(struct pb_links *links, int bench_fd, int guardian_fd, const struct pb_links_user *user) {
    *links = (struct pb_links){
        .bench_fd = bench_fd, .guardian_fd = guardian_fd, .user = *user, .leave_at = PB_INSTANT_NEVER};
    for (int i = 0; i < PB_WATCHED_MAX; i++) links->watched[i] = -1;
    links->in = malloc(IN_ROOM);
    links->out = malloc(OUT_ROOM);
    return links->in && links->out ? PB_OK : PB_ERR_MEMORY;
}

void pb_links_finish(struct pb_links *links) {
    free(links->in);
    free(links->out);
}

static void bench_went(struct pb_links *links) {
    if (links->is_bench_gone) return;
    links->is_bench_gone = true;
    links->leave_at = pb_after(pb_wall_now(), pb_ms(PB_LEAVE_AFTER_MS));
}

static void guardian_went(struct pb_links *links) {
    close(links->guardian_fd);
    links->guardian_fd = -1;
}

/* Answers are dropped rather than waited for: a guardian that does not read must not stop the world. */
static void serve_guardian(struct pb_links *links) {
    for (;;) {
        uint8_t *into = (uint8_t *)&links->guard + links->guard_used;
        ssize_t got = recv(links->guardian_fd, into, sizeof links->guard - links->guard_used, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            guardian_went(links);
            return;
        }
        links->guard_used += (size_t)got;
        if (links->guard_used < sizeof links->guard) continue;
        links->guard_used = 0;
        if (links->guard.magic != PBL_GUARD_MAGIC) {
            guardian_went(links);
            return;
        }
        links->user.guard(links->user.user, &links->guard);
        (void)!send(links->guardian_fd, &links->guard, sizeof links->guard, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static bool has_hung_up(const struct pollfd *item) { return (item->revents & (POLLHUP | POLLERR | POLLNVAL)) != 0; }

enum pb_wait pb_links_wait(struct pb_links *links, int fd, short events, pb_instant deadline) {
    for (;;) {
        struct pollfd items[3] = {
            {fd, events, 0}, {links->guardian_fd, POLLIN, 0}, {links->is_bench_gone ? -1 : links->bench_fd, 0, 0}};
        int count = poll(items, 3, pb_wall_poll_ms(pb_earlier(deadline, links->leave_at)));
        if (count < 0) continue; /* EINTR; anything else cannot happen here */
        if (items[1].revents) serve_guardian(links);
        if (has_hung_up(&items[2])) bench_went(links);
        if (items[0].revents) return PB_WAIT_READY;
        if (count == 0) return PB_WAIT_TIMEOUT;
    }
}

/* A bench that ends as agreed says BYE last, and all before it counts. */
static bool said_bye_last(struct pb_links *links) {
    struct pbl_frame last;
    uint8_t *room = links->in + links->in_used;
    ssize_t count = recv(links->bench_fd, room, IN_ROOM - links->in_used, MSG_DONTWAIT | MSG_PEEK);
    if (count < (ssize_t)sizeof last) return false;
    memcpy(&last, room + count - sizeof last, sizeof last);
    return last.type == PBL_BYE && last.size == 0;
}

static void wait_for_bench(struct pb_links *links, short events) {
    struct pollfd items[2 + PB_WATCHED_MAX];
    for (;;) {
        items[0] = (struct pollfd){links->bench_fd, events, 0};
        items[1] = (struct pollfd){links->guardian_fd, POLLIN, 0};
        for (int i = 0; i < PB_WATCHED_MAX; i++) items[2 + i] = (struct pollfd){links->watched[i], POLLIN, 0};
        int count = poll(items, 2 + PB_WATCHED_MAX, -1);
        if (count < 0) continue;
        /* Looked at before the guardian is served: what a dead bench still asked for must not undo what the guardian commands. */
        if (has_hung_up(&items[0]) && !said_bye_last(links)) bench_went(links);
        if (items[1].revents) serve_guardian(links);
        for (unsigned i = 0; i < PB_WATCHED_MAX; i++) {
            if (!items[2 + i].revents) continue;
            int fd = links->watched[i];
            links->watched[i] = -1;
            links->user.watched(links->user.user, i, fd);
        }
        if (items[0].revents) return;
    }
}

void pb_links_flush(struct pb_links *links) {
    size_t sent = 0;
    while (sent < links->out_used && !links->is_bench_gone) {
        ssize_t count = send(links->bench_fd, links->out + sent, links->out_used - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) sent += (size_t)count;
        else if (errno == EAGAIN) (void)pb_links_wait(links, links->bench_fd, POLLOUT, PB_INSTANT_NEVER);
        else if (errno != EINTR) bench_went(links);
    }
    links->out_used = 0;
}

void pb_links_frame(struct pb_links *links, enum pbl_type type, const void *head, size_t head_size, const void *bytes,
                    size_t size) {
    if (links->is_bench_gone) return;
    struct pbl_frame frame = {.size = (uint32_t)(head_size + size), .type = (uint16_t)type};
    uint8_t *to = links->out + links->out_used;
    memcpy(to, &frame, sizeof frame);
    if (head_size) memcpy(to + sizeof frame, head, head_size);
    if (size) memcpy(to + sizeof frame + head_size, bytes, size);
    links->out_used += sizeof frame + frame.size;
    if (links->out_used >= OUT_FLUSH) pb_links_flush(links);
}

/* PB_ERR_TIMEOUT: nothing there now. */
static enum pb_status read_more(struct pb_links *links) {
    if (links->in_from > 0) {
        memmove(links->in, links->in + links->in_from, links->in_used - links->in_from);
        links->in_used -= links->in_from;
        links->in_from = 0;
    }
    ssize_t count = recv(links->bench_fd, links->in + links->in_used, IN_ROOM - links->in_used, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return PB_ERR_TIMEOUT;
    if (count <= 0) {
        bench_went(links);
        return PB_ERR_GONE;
    }
    links->in_used += (size_t)count;
    return PB_OK;
}

/* PB_ERR_TIMEOUT: not whole yet. */
static enum pb_status take_frame(struct pb_links *links, struct pbl_frame *ret_frame, const uint8_t **ret_payload) {
    size_t there = links->in_used - links->in_from;
    if (there < sizeof *ret_frame) return PB_ERR_TIMEOUT;
    memcpy(ret_frame, links->in + links->in_from, sizeof *ret_frame);
    if (ret_frame->size > PBL_PAYLOAD_MAX) return PB_ERR_INPUT;
    if (there < sizeof *ret_frame + ret_frame->size) return PB_ERR_TIMEOUT;
    *ret_payload = links->in + links->in_from + sizeof *ret_frame;
    links->in_from += sizeof *ret_frame + ret_frame->size;
    return PB_OK;
}

enum pb_status pb_links_read(struct pb_links *links, struct pbl_frame *ret_frame, const uint8_t **ret_payload) {
    for (;;) {
        enum pb_status status = take_frame(links, ret_frame, ret_payload);
        if (status != PB_ERR_TIMEOUT) return status;
        if (links->is_bench_gone) return PB_ERR_GONE;
        wait_for_bench(links, POLLIN);
        if (links->is_bench_gone) return PB_ERR_GONE;
        status = read_more(links);
        if (status != PB_OK && status != PB_ERR_TIMEOUT) return status;
    }
}

bool pb_links_said_bye(struct pb_links *links) {
    struct pbl_frame frame;
    const uint8_t *payload;
    do {
        enum pb_status status;
        while ((status = take_frame(links, &frame, &payload)) == PB_OK)
            if (frame.type == PBL_BYE) return true;
        if (status == PB_ERR_INPUT) return false;
    } while (read_more(links) == PB_OK);
    return false;
}
