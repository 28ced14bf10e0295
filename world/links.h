/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two sockets to the harness: frames of the bench link, and the guardian, which is served inside every wait.
 * Buffers are allocated once. When the bench link goes, writing becomes a no-op and leave_at says when to leave. */
#ifndef PB_WORLD_LINKS_H
#define PB_WORLD_LINKS_H

#include "base/instant.h"
#include "base/status.h"
#include "world/bench_link/pb_bench_link.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PB_WATCHED_MAX 16
#define PB_LEAVE_AFTER_MS 2000 /* how long the world runs on when the bench link is gone */

struct pb_links_user {
    void *user;
    void (*guard)(void *user, struct pbl_guard *request); /* makes the request its own answer */
    void (*watched)(void *user, unsigned number,
                    int fd); /* a watched descriptor became readable or hung up; it is watched no more */
};

struct pb_links {
    int bench_fd, guardian_fd; /* guardian_fd -1: gone */
    struct pb_links_user user;
    bool is_bench_gone;
    pb_instant leave_at;         /* wall; NEVER while the bench is there */
    int watched[PB_WATCHED_MAX]; /* looked at while waiting for the bench only; -1: none */
    uint8_t *in, *out;
    size_t in_from, in_used, out_used;
    size_t guard_used;
    struct pbl_guard guard;
};

PB_MUST_CHECK enum pb_status pb_links_init(struct pb_links *links, int bench_fd, int guardian_fd,
                                           const struct pb_links_user *user);
void pb_links_finish(struct pb_links *links);

enum pb_wait { PB_WAIT_READY, PB_WAIT_TIMEOUT };
/* Until fd is ready for events (or hung up; fd -1: for the deadline alone). Wall deadline; leave_at ends it too. */
enum pb_wait pb_links_wait(struct pb_links *links, int fd, short events, pb_instant deadline);

/* Appends a frame: a struct, then bytes (may be none). Sent at the latest by the next pb_links_flush(). */
void pb_links_frame(struct pb_links *links, enum pbl_type type, const void *head, size_t head_size, const void *bytes,
                    size_t size);
void pb_links_flush(struct pb_links *links);

/* The next frame of the bench; payload stays good until the next call. PB_ERR_GONE: the link closed, PB_ERR_INPUT: a frame larger
 * than PBL_PAYLOAD_MAX. */
PB_MUST_CHECK enum pb_status pb_links_read(struct pb_links *links, struct pbl_frame *ret_frame,
                                           const uint8_t **ret_payload);
/* After the bench is gone: whether a BYE was among what it still sent. */
bool pb_links_said_bye(struct pb_links *links);

#endif
