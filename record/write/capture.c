/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures. Per channel a sorted list of the ranges kept so far, touching ones joined, says which part of a new range is
 * new; only that is written, whichever order the ranges come in. */
#include "record/sampling_text.h"
#include "record/write/writer_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 1 };

struct range {
    int64_t first, end; /* end is not part of it */
};

struct channel {
    struct channel *next;
    struct range *ranges;
    size_t count, capacity;
    char name[];
};

struct pb_packer {
    struct channel *channels;
    ZSTD_CCtx *context;
    char blob[ZSTD_COMPRESSBOUND(PB_RUN_CAPTURE_MAX * sizeof(int16_t))];
};

void pb_packer_destroy(struct pb_packer *packer) {
    if (!packer) return;
    for (struct channel *channel = packer->channels, *next; channel; channel = next) {
        next = channel->next;
        free(channel->ranges);
        free(channel);
    }
    ZSTD_freeCCtx(packer->context);
    free(packer);
}

static struct pb_packer *packer_of(struct pb_writer *writer) {
    if (writer->packer) return writer->packer;
    struct pb_packer *packer = calloc(1, sizeof *packer);
    if (packer) packer->context = ZSTD_createCCtx();
    if (packer && !packer->context) {
        free(packer);
        return NULL;
    }
    writer->packer = packer;
    return packer;
}

static struct channel *channel_of(struct pb_packer *packer, const char *name) {
    for (struct channel *channel = packer->channels; channel; channel = channel->next)
        if (strcmp(channel->name, name) == 0) return channel;
    const size_t size = strlen(name) + 1;
    struct channel *channel = calloc(1, sizeof *channel + size);
    if (!channel) return NULL;
    memcpy(channel->name, name, size);
    channel->next = packer->channels;
    packer->channels = channel;
    return channel;
}

/* Room for one range more. */
static bool reserve(struct channel *channel) {
    if (channel->count < channel->capacity) return true;
    const size_t capacity = channel->capacity ? 2 * channel->capacity : 16;
    struct range *ranges = realloc(channel->ranges, capacity * sizeof *ranges);
    if (!ranges) return false;
    channel->ranges = ranges;
    channel->capacity = capacity;
    return true;
}

/* Index of the first range that ends after `at`; count if none. */
static size_t range_after(const struct channel *channel, int64_t at) {
    size_t low = 0, high = channel->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (channel->ranges[middle].end > at) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* Adds a range that lies before ranges[place] and after the one before that, and joins it to those it touches. */
static void keep(struct channel *channel, size_t place, int64_t first, int64_t end) {
    struct range *ranges = channel->ranges;
    const bool joins_left = place > 0 && ranges[place - 1].end == first;
    const bool joins_right = place < channel->count && ranges[place].first == end;
    if (joins_left && joins_right) {
        ranges[place - 1].end = ranges[place].end;
        memmove(ranges + place, ranges + place + 1, (channel->count - place - 1) * sizeof *ranges);
        channel->count--;
    } else if (joins_left) {
        ranges[place - 1].end = end;
    } else if (joins_right) {
        ranges[place].first = first;
    } else {
        memmove(ranges + place + 1, ranges + place, (channel->count - place) * sizeof *ranges);
        ranges[place] = (struct range){first, end};
        channel->count++;
    }
}

/* The log row, then the samples; both in the same transaction. */
static enum pb_status write_block(struct pb_writer *writer, struct pb_row *row, const struct pb_sampling *sampling,
                                  const int16_t *counts, struct pb_error *error) {
    struct pb_packer *packer = writer->packer;
    const size_t count = (size_t)row->b;
    char text[PB_SAMPLING_TEXT_SIZE];
    const struct pb_hash samples = pb_chain_samples(counts, count);
    row->text = pb_sampling_text_write(sampling, &samples, text);
    const size_t size = ZSTD_compressCCtx(packer->context, packer->blob, sizeof packer->blob, counts,
                                          count * sizeof *counts, ZSTD_LEVEL);
    if (ZSTD_isError(size)) return pb_fail(error, PB_ERR_MEMORY, 0, writer->where, "zstd: %s", ZSTD_getErrorName(size));
    enum pb_status status = pb_writer__add(writer, row, error);
    if (status != PB_OK) return status;
    const struct pb_hash digest = pb_chain_capture(writer->rows, row->a, row->b, packer->blob, size);
    sqlite3_stmt *statement = writer->orders[PB_ORDER_CAPTURE];
    sqlite3_bind_int64(statement, 1, writer->rows);
    sqlite3_bind_int64(statement, 2, row->a);
    sqlite3_bind_int64(statement, 3, row->b);
    sqlite3_bind_blob(statement, 4, packer->blob, (int)size, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 5, digest.bytes, PB_HASH_SIZE, SQLITE_STATIC);
    int code = pb_writer__step(statement);
    return code == SQLITE_OK ? pb_writer__commit_if_due(writer, error)
                             : pb_writer__break(writer, code, "capture not written", error);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static enum pb_status write_new_parts(struct pb_writer *writer, struct pb_row *row, const struct pb_sampling *sampling,
                                      struct channel *channel, struct range range, const int16_t *counts,
                                      struct pb_error *error) {
    for (int64_t from = range.first; from < range.end;) {
        const size_t place = range_after(channel, from);
        const struct range *kept = place < channel->count ? &channel->ranges[place] : NULL;
        if (kept && kept->first <= from) {
            from = kept->end;
            continue;
        }
        const int64_t room = least(range.end, kept ? kept->first : range.end) - from;
        row->a = from;
        row->b = least(room, PB_RUN_CAPTURE_MAX);
        if (!reserve(channel)) return pb_fail(error, PB_ERR_MEMORY, 0, writer->where, "no memory for captures");
        enum pb_status status = write_block(writer, row, sampling, counts + (from - range.first), error);
        if (status != PB_OK) return status;
        keep(channel, place, from, from + row->b);
        from += row->b;
    }
    return PB_OK;
}

enum pb_status pb_writer_capture(struct pb_writer *writer, pb_instant at, const char *name,
                                 const struct pb_sampling *sampling, int64_t first_index, const int16_t *counts,
                                 size_t count, struct pb_error *error) {
    int64_t end;
    if (count > INT64_MAX || __builtin_add_overflow(first_index, (int64_t)count, &end) ||
        sampling->period_num_ns <= 0 || sampling->period_den <= 0 || sampling->uv_den == 0)
        return pb_fail(error, PB_ERR_ARG, 0, writer->where, "a capture of %zu samples from %" PRId64 " of %.60s", count,
                       first_index, name);
    struct pb_packer *packer = packer_of(writer);
    struct channel *channel = packer ? channel_of(packer, name) : NULL;
    if (!channel) return pb_fail(error, PB_ERR_MEMORY, 0, writer->where, "no memory for captures");
    enum pb_status status = pb_writer_flush(writer, error);
    if (status != PB_OK) return status;
    struct pb_row row = {.at = at, .kind = PB_ROW_CAPTURE, .name = channel->name};
    return write_new_parts(writer, &row, sampling, channel, (struct range){first_index, end}, counts, error);
}
