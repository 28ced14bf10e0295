/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel fills the ring whatever we do; a drain costs two system calls. */
#include "instruments/comedi/stream.h"

#include "base/wall.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TEST_PASSES = 5, START_TRIES = 5, GOOD_START_NS = 200000, DRIFT_SLACK_MS = 100 };

/* ---- negotiation ---- */

/* Simultaneous conversion if the board can, else one conversion after the other spread over the scan. */
static enum pb_status choose_sources(const struct comedi_stream *stream, comedi_cmd *cmd, unsigned period_ns,
                                     struct pb_error *error) {
    const struct comedi_board *board = stream->board;
    comedi_cmd mask = {.subdev = stream->subdevice};
    if (comedi_get_cmd_src_mask(board->device, stream->subdevice, &mask) < 0)
        return comedi_board_fail(board, error, "asking what can start a scan");
    bool can_run_on = (mask.stop_src & TRIG_NONE) && (mask.scan_end_src & TRIG_COUNT);
    bool can_scan = (mask.scan_begin_src & TRIG_TIMER) && (mask.convert_src & (TRIG_NOW | TRIG_TIMER));
    if (!can_run_on || !can_scan || !(mask.start_src & (TRIG_NOW | TRIG_INT)))
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, board->where,
                       "subdevice %u cannot sample on and on by its own timer", stream->subdevice);
    bool is_at_once = mask.convert_src & TRIG_NOW;
    cmd->subdev = stream->subdevice;
    cmd->start_src = mask.start_src & TRIG_NOW ? TRIG_NOW : TRIG_INT;
    cmd->scan_begin_src = TRIG_TIMER;
    cmd->scan_begin_arg = period_ns;
    cmd->convert_src = is_at_once ? TRIG_NOW : TRIG_TIMER;
    cmd->convert_arg = is_at_once ? 0 : period_ns / stream->channel_count;
    cmd->scan_end_src = TRIG_COUNT;
    cmd->scan_end_arg = stream->channel_count;
    cmd->stop_src = TRIG_NONE;
    cmd->flags = period_ns >= 1000000 ? CMDF_WAKE_EOS : 0; /* slow scans are worth a wake-up each */
    return PB_OK;
}

/* comedi_command_test() corrects arguments, one kind a pass, until nothing is left to correct. */
static enum pb_status agree(const struct comedi_stream *stream, comedi_cmd *cmd, struct pb_error *error) {
    int result = -1;
    for (int pass = 0; pass < TEST_PASSES; pass++) {
        result = comedi_command_test(stream->board->device, cmd);
        if (result == 0) return PB_OK;
        if (result < 0) return comedi_board_fail(stream->board, error, "negotiating the sampling");
        if (cmd->scan_begin_src != TRIG_TIMER || cmd->stop_src != TRIG_NONE) break; /* a source was struck out */
    }
    return pb_fail(error, PB_ERR_UNSUPPORTED, result, stream->board->where,
                   "the board takes no sampling of %u channels like the one asked for (command_test says %d)",
                   stream->channel_count, result);
}

/* ---- ring ---- */

static size_t whole_pages(int64_t bytes) {
    int64_t page = sysconf(_SC_PAGESIZE);
    return (size_t)((bytes + page - 1) / page * page);
}

/* As much as the kernel gives; more than its present limit needs a right that not everybody has. */
static enum pb_status size_ring(struct comedi_stream *stream, pb_span buffer, unsigned period_ns,
                                struct pb_error *error) {
    comedi_t *device = stream->board->device;
    size_t wanted = whole_pages((buffer.ns / period_ns + 1) * (int64_t)stream->scan_bytes);
    stream->state.wanted_buffer_bytes = (int64_t)wanted;
    int limit = comedi_get_max_buffer_size(device, stream->subdevice);
    if (limit >= 0 && (size_t)limit < wanted) {
        int raised = comedi_set_max_buffer_size(device, stream->subdevice, (unsigned)wanted);
        wanted = raised > limit ? (size_t)raised : (size_t)limit;
    }
    int got = comedi_set_buffer_size(device, stream->subdevice, (unsigned)wanted);
    if (got < 0) return comedi_board_fail(stream->board, error, "setting the buffer's size");
    stream->ring_bytes = (size_t)got;
    stream->state.buffer_bytes = got;
    return PB_OK;
}

/* Two mappings side by side: what runs over the end of the first is the start of the second. */
static enum pb_status map_ring(struct comedi_stream *stream, struct pb_error *error) {
    int fd = comedi_fileno(stream->board->device);
    size_t size = stream->ring_bytes;
    uint8_t *place = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place != MAP_FAILED) stream->ring = place;
    stream->block = calloc((size_t)stream->channel_count * COMEDI_BLOCK, sizeof *stream->block);
    if (!stream->ring || !stream->block)
        return pb_fail(error, PB_ERR_MEMORY, errno, stream->board->where, "no room for the ring");
    for (int i = 0; i < 2; i++)
        if (mmap(place + (size_t)i * size, size, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
            return comedi_board_fail(stream->board, error, "mapping the ring");
    return PB_OK;
}

/* ---- start ---- */

static int64_t common_divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void set_period(struct pb_sampling *sampling, unsigned period_ns, int64_t clock_ppm) {
    int64_t num = (int64_t)period_ns * (1000000 + clock_ppm), divisor = common_divisor(num, 1000000);
    sampling->period_num_ns = num / divisor;
    sampling->period_den = 1000000 / divisor;
}

/* command's middle, and how far it may be from it */
static enum pb_status command(struct comedi_stream *stream, comedi_cmd *cmd, pb_instant *ret_start, pb_span *ret_half,
                              struct pb_error *error) {
    comedi_t *device = stream->board->device;
    pb_instant before = pb_wall_now();
    errno = 0;
    int result = comedi_command(device, cmd);
    if (result >= 0 && cmd->start_src == TRIG_INT) result = comedi_internal_trigger(device, cmd->subdev, 0);
    pb_instant after = pb_wall_now();
    if (result < 0) {
        /* libcomedi may leave no reason for the commonest one. */
        if (comedi_get_subdevice_flags(device, cmd->subdev) & SDF_BUSY) errno = EBUSY;
        return comedi_board_fail(stream->board, error, "starting to sample");
    }
    *ret_half = pb_ns(pb_between(before, after).ns / 2 + 1);
    *ret_start = pb_after(before, *ret_half);
    return PB_OK;
}

/* Again while somebody else had the processor between the two readings of the clock. */
static enum pb_status command_well_dated(struct comedi_stream *stream, comedi_cmd *cmd, pb_instant *ret_start,
                                         pb_span *ret_half, struct pb_error *error) {
    for (int i = 1;; i++) {
        enum pb_status status = command(stream, cmd, ret_start, ret_half, error);
        if (status != PB_OK || ret_half->ns <= GOOD_START_NS || i == START_TRIES) return status;
        if (comedi_cancel(stream->board->device, stream->subdevice) < 0)
            return comedi_board_fail(stream->board, error, "stopping to sample");
    }
}

/* The first scan is taken at once or one period after the start: boards differ. */
static void date(struct comedi_stream *stream, const comedi_cmd *cmd, pb_instant start, pb_span half) {
    int64_t period_ns = cmd->scan_begin_arg;
    pb_span since_zero = pb_between(stream->wall_zero, start);
    int64_t first_ns = pb_add_saturating(since_zero.ns, period_ns / 2);
    for (unsigned k = 0; k < stream->channel_count; k++) {
        int64_t at_ns = first_ns + (cmd->convert_src == TRIG_TIMER ? (int64_t)cmd->convert_arg * k : 0);
        stream->first_index[k] = pb_sampling_index_at(&stream->sampling[k], at_ns - period_ns / 2);
    }
    stream->state.u_start_ns = half.ns + period_ns; /* half a period each for the first scan and for the whole index */
    for (unsigned k = 0; k < stream->channel_count; k++) stream->sampling[k].u_start_ns = stream->state.u_start_ns;
}

static void describe(struct comedi_stream *stream, const struct comedi_rows *rows,
                     const struct comedi_stream_wish *wish, unsigned period_ns) {
    for (unsigned k = 0; k < stream->channel_count; k++) {
        struct pb_sampling *sampling = &stream->sampling[k];
        *sampling = (struct pb_sampling){.u_level_uv = rows->rows[stream->row[k]].u_level_uv,
                                         .u_time_ns = wish->u_time.ns,
                                         .u_rate_ppb = wish->u_clock_ppm * 1000,
                                         .front_rise_ns = rows->rows[stream->row[k]].front_rise_ns};
        set_period(sampling, period_ns, wish->clock_ppm);
        comedi_scale_sampling(&stream->lines[k].scale, sampling);
    }
}

enum pb_status comedi_stream_start(struct comedi_stream *stream, const struct comedi_rows *rows,
                                   const struct comedi_stream_wish *wish, pb_instant wall_zero,
                                   struct pb_error *error) {
    const struct comedi_board *board = stream->board;
    assert(stream->channel_count > 0);
    unsigned chanlist[COMEDI_ROWS_MAX], period_ns;
    comedi_cmd cmd = {.chanlist = chanlist, .chanlist_len = stream->channel_count};
    stream->subdevice = stream->lines[0].subdevice;
    stream->wall_zero = wall_zero;
    for (unsigned k = 0; k < stream->channel_count; k++)
        chanlist[k] = CR_PACK(stream->lines[k].line, stream->lines[k].range, stream->lines[k].reference);
    int flags = comedi_get_subdevice_flags(board->device, stream->subdevice);
    if (flags < 0) return comedi_board_fail(board, error, "asking for a subdevice's flags");
    if (!(flags & SDF_CMD_READ))
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, board->where, "subdevice %u cannot stream", stream->subdevice);
    stream->is_wide = flags & SDF_LSAMPL;
    stream->scan_bytes = stream->channel_count * (stream->is_wide ? sizeof(lsampl_t) : sizeof(sampl_t));
    if (comedi_get_read_subdevice(board->device) != (int)stream->subdevice &&
        comedi_set_read_subdevice(board->device, stream->subdevice) < 0)
        return comedi_board_fail(board, error, "choosing the subdevice to stream from");

    pb_instant start = PB_INSTANT_ZERO;
    pb_span half = PB_SPAN_ZERO;
    enum pb_status status = comedi_board_ns(board, wish->period, &period_ns, error);
    if (status == PB_OK) status = choose_sources(stream, &cmd, period_ns, error);
    if (status == PB_OK) status = agree(stream, &cmd, error);
    if (status == PB_OK) status = size_ring(stream, wish->buffer, cmd.scan_begin_arg, error);
    if (status == PB_OK) status = map_ring(stream, error);
    if (status == PB_OK) status = command_well_dated(stream, &cmd, &start, &half, error);
    if (status != PB_OK) {
        comedi_stream_stop(stream);
        return status;
    }
    stream->is_running = true;
    stream->state.wanted_period_ns = period_ns;
    stream->state.period_ns = cmd.scan_begin_arg;
    describe(stream, rows, wish, cmd.scan_begin_arg);
    date(stream, &cmd, start, half);
    return PB_OK;
}

/* ---- draining ---- */

static uint32_t code_at(const struct comedi_stream *stream, const uint8_t *at) {
    if (stream->is_wide) {
        lsampl_t code;
        memcpy(&code, at, sizeof code);
        return code;
    }
    sampl_t code;
    memcpy(&code, at, sizeof code);
    return code;
}

/* One channel of `count` scans. */
static void sort_out(const struct comedi_stream *stream, unsigned k, size_t count, int16_t *to) {
    const uint8_t *from = stream->ring + stream->read_at;
    uint32_t maxdata = stream->lines[k].maxdata;
    size_t stride = stream->scan_bytes;
    if (!stream->is_wide && maxdata == UINT16_MAX) {
        const sampl_t *codes = (const sampl_t *)(const void *)from + (size_t)k;
        size_t step = stream->channel_count;
        for (size_t i = 0; i < count; i++) to[i] = (int16_t)(codes[i * step] ^ 0x8000U);
        return;
    }
    from += k * (stride / stream->channel_count);
    for (size_t i = 0; i < count; i++) to[i] = comedi_count_of(code_at(stream, from + i * stride), maxdata);
}

static void hand_on(struct comedi_stream *stream, const struct pb_sink *sink, size_t count) {
    for (unsigned k = 0; k < stream->channel_count; k++)
        sink->samples(sink->user, stream->row[k], stream->first_index[k] + stream->scans,
                      stream->block + (size_t)k * COMEDI_BLOCK, count);
    stream->scans += (int64_t)count;
    stream->state.scans = stream->scans;
}

static enum pb_status overrun(struct comedi_stream *stream, struct pb_error *error) {
    stream->is_overrun = true; /* the kernel tells it once */
    return pb_fail(error, PB_ERR_OVERRUN, EPIPE, stream->board->where,
                   "samples were lost: nobody drained the ring of %zu bytes in time, or the board gave up",
                   stream->ring_bytes);
}

/* Bytes in the ring that are not marked as read. */
static enum pb_status contents(struct comedi_stream *stream, size_t *ret_bytes, struct pb_error *error) {
    int bytes = comedi_get_buffer_contents(stream->board->device, stream->subdevice);
    if (bytes < 0)
        return errno == EPIPE ? overrun(stream, error)
                              : comedi_board_fail(stream->board, error, "looking into the ring");
    *ret_bytes = (size_t)bytes;
    return PB_OK;
}

/* Takes at most `bytes` out of the ring and hands whole scans on; *ret_left: what is in it then.
 * Marks first and reads after: the kernel counts samples as contents a moment before they are in their final form, but marks
 * only those that are. What is marked may be written over, hence the look at how far the kernel is, once it was read. */
static enum pb_status take(struct comedi_stream *stream, const struct pb_sink *sink, size_t bytes, size_t *ret_left,
                           struct pb_error *error) {
    size_t most = COMEDI_BLOCK * stream->scan_bytes - stream->held;
    int marked =
        comedi_mark_buffer_read(stream->board->device, stream->subdevice, (unsigned)(bytes < most ? bytes : most));
    if (marked < 0) return comedi_board_fail(stream->board, error, "draining the ring");
    size_t taken = stream->held + (size_t)marked, count = taken / stream->scan_bytes;
    for (unsigned k = 0; k < stream->channel_count; k++)
        sort_out(stream, k, count, stream->block + (size_t)k * COMEDI_BLOCK);
    enum pb_status status = contents(stream, ret_left, error);
    if (status == PB_OK && *ret_left + taken > stream->ring_bytes) return overrun(stream, error);
    if (status != PB_OK && !stream->is_overrun) return status;
    if (count > 0) hand_on(stream, sink, count); /* a kernel that has stopped writes over nothing */
    stream->held = taken - count * stream->scan_bytes;
    stream->read_at = (stream->read_at + count * stream->scan_bytes) % stream->ring_bytes;
    if (marked == 0) *ret_left = 0;
    return status;
}

static enum pb_status watch_clock(struct comedi_stream *stream, pb_instant now, struct pb_error *error) {
    struct comedi_drift *drift = &stream->drift;
    comedi_drift_feed(drift, now, comedi_stream_complete(stream));
    stream->state.drift_ns = drift->offset.ns;
    stream->state.drift_ppb = comedi_drift_ppb(drift);
    int64_t allowed_ns =
        (int64_t)((__int128)drift->elapsed.ns * stream->sampling[0].u_rate_ppb / 1000000000) + pb_ms(DRIFT_SLACK_MS).ns;
    if (drift->offset.ns <= allowed_ns && drift->offset.ns >= -allowed_ns) return PB_OK;
    return pb_fail(error, PB_ERR_IO, 0, stream->board->where,
                   "the board's clock has parted from the bench's by %lld us in %lld s, expected at most %lld us: its "
                   "periods are longer by %lld ppm than clock_error says",
                   (long long)(drift->offset.ns / 1000), (long long)(drift->elapsed.ns / 1000000000),
                   (long long)(allowed_ns / 1000), (long long)(stream->state.drift_ppb / 1000));
}

/* The ring is empty: has the sampling ended? The kernel stops it when the ring was full. */
static enum pb_status check_runs(struct comedi_stream *stream, struct pb_error *error) {
    int flags = comedi_get_subdevice_flags(stream->board->device, stream->subdevice);
    if (flags < 0) return comedi_board_fail(stream->board, error, "asking whether the board samples");
    return flags & SDF_RUNNING ? PB_OK : overrun(stream, error);
}

enum pb_status comedi_stream_drain(struct comedi_stream *stream, const struct pb_sink *sink, struct pb_error *error) {
    size_t left = 0;
    if (stream->is_overrun) return overrun(stream, error);
    pb_instant now = (pb_instant){pb_between(stream->wall_zero, pb_wall_now()).ns};
    enum pb_status status = contents(stream, &left, error);
    if (status == PB_OK && left == 0) return check_runs(stream, error);
    /* At most a ring full: who fills faster than we drain must not keep us here. */
    for (size_t budget = left; status == PB_OK && left > 0 && budget > 0;) {
        int64_t before = stream->scans;
        status = take(stream, sink, left < budget ? left : budget, &left, error);
        size_t done = (size_t)(stream->scans - before) * stream->scan_bytes;
        budget = done < budget && done > 0 ? budget - done : 0;
    }
    return status == PB_OK ? watch_clock(stream, now, error) : status;
}

pb_instant comedi_stream_complete(const struct comedi_stream *stream) {
    pb_instant earliest = PB_INSTANT_NEVER;
    for (unsigned k = 0; k < stream->channel_count; k++) {
        pb_instant next = {pb_sampling_ns_of(&stream->sampling[k], stream->first_index[k] + stream->scans)};
        earliest = pb_earlier(earliest, next);
    }
    return earliest;
}

void comedi_stream_stop(struct comedi_stream *stream) {
    if (stream->is_running) (void)comedi_cancel(stream->board->device, stream->subdevice);
    free(stream->block);
    stream->block = NULL;
    if (stream->ring) munmap((void *)(uintptr_t)stream->ring, 2 * stream->ring_bytes);
    stream->is_running = false;
    stream->ring = NULL;
}
