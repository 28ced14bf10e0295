/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dashboard/source.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static const pb_span stalled_after = {3000000000}, gone_after = {1000000000};

void pb_source_init(struct pb_source *source, const char *path) {
    memset(source, 0, sizeof *source);
    source->path = path;
    source->body.current_step = -1;
    source->body.deadline_ns = PB_INSTANT_NEVER.ns;
}

enum pb_status pb_source_poll(struct pb_source *source, struct pb_error *error) {
    source->is_new = false;
    if (!source->snapshot) {
        enum pb_status status = pb_snapshot_attach(source->path, &source->snapshot, error);
        if (status != PB_OK) return status;
        source->sequence = 1; /* no copy has that */
    }
    const uint32_t sequence = atomic_load_explicit(&source->snapshot->sequence, memory_order_acquire);
    if (sequence == source->sequence || !pb_snapshot_copy(source->snapshot, &source->body)) return PB_OK;
    pb_snapshot_make_sane(&source->body);
    source->sequence = sequence;
    source->is_new = true;
    return PB_OK;
}

static bool is_process_gone(int32_t pid) { return pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH; }

enum pb_life pb_source_life(const struct pb_source *source, pb_instant now, pb_span *ret_silent) {
    *ret_silent = PB_SPAN_ZERO;
    if (!source->snapshot || source->body.wall_ns == 0) return PB_LIFE_AWAITED;
    if (source->body.is_over) return PB_LIFE_OVER;
    *ret_silent = pb_between((pb_instant){source->body.wall_ns}, now);
    if (pb_is_shorter(gone_after, *ret_silent) && is_process_gone(source->body.pid)) return PB_LIFE_GONE;
    return pb_is_shorter(stalled_after, *ret_silent) ? PB_LIFE_STALLED : PB_LIFE_RUNNING;
}

void pb_source_finish(struct pb_source *source) {
    pb_snapshot_detach(source->snapshot);
    source->snapshot = NULL;
}
