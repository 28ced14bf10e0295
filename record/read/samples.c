/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captured samples. A row of capture holds at most PB_RUN_CAPTURE_MAX of them, so the search may start that many before the
 * first sample wanted, and a block is never larger than that when unpacked. */
#include "record/read/reader_private.h"
#include "record/sampling_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct pb_unpacker {
    ZSTD_DCtx *context;
    int16_t counts[PB_RUN_CAPTURE_MAX];
};

void pb_unpacker_destroy(struct pb_unpacker *unpacker) {
    if (!unpacker) return;
    ZSTD_freeDCtx(unpacker->context);
    free(unpacker);
}

struct pb_unpacker *pb_unpacker_borrow(struct pb_reader *reader) {
    struct pb_unpacker *unpacker = reader->idle_unpacker;
    reader->idle_unpacker = NULL;
    if (unpacker) return unpacker;
    unpacker = malloc(sizeof *unpacker);
    if (!unpacker) return NULL;
    if (!(unpacker->context = ZSTD_createDCtx())) {
        free(unpacker);
        return NULL;
    }
    return unpacker;
}

void pb_unpacker_return(struct pb_reader *reader, struct pb_unpacker *unpacker) {
    if (reader->idle_unpacker) pb_unpacker_destroy(unpacker);
    else reader->idle_unpacker = unpacker;
}

const int16_t *pb_unpack(struct pb_unpacker *unpacker, const void *blob, size_t blob_size, int64_t count) {
    if (!blob || count < 1 || count > PB_RUN_CAPTURE_MAX) return NULL;
    size_t size = ZSTD_decompressDCtx(unpacker->context, unpacker->counts, sizeof unpacker->counts, blob, blob_size);
    return size == (size_t)count * sizeof(int16_t) ? unpacker->counts : NULL;
}

struct walk {
    struct pb_reader *reader;
    const char *channel;
    int64_t next, end;
    bool has_sampling;
    struct pb_sampling sampling; /* of the first block */
    struct pb_unpacker *unpacker;
    pb_reader_samples_fn *visit;
    void *user;
};

static enum pb_status missing(const struct walk *walk, struct pb_error *error) {
    return pb_fail(error, PB_ERR_NOT_FOUND, 0, walk->reader->where, "sample %" PRId64 " of %s was not kept", walk->next,
                   walk->channel);
}

static enum pb_status take_sampling(struct walk *walk, const char *text, int64_t seq, struct pb_error *error) {
    struct pb_sampling sampling;
    char digest[PB_HASH_HEX_SIZE];
    if (!text || !pb_sampling_text_read(text, &sampling, digest))
        return pb_fail(error, PB_ERR_CHANGED, 0, walk->reader->where, "log row %" PRId64 ": text is not a sampling",
                       seq);
    if (walk->has_sampling && memcmp(&sampling, &walk->sampling, sizeof sampling) != 0)
        return pb_fail(error, PB_ERR_INPUT, 0, walk->reader->where,
                       "the sampling of %s changes at sample %" PRId64 ", within the range asked for", walk->channel,
                       walk->next);
    walk->sampling = sampling;
    walk->has_sampling = true;
    return PB_OK;
}

/* One row of PB_QUERY_CAPTURES: seq, first index, count, text, samples. */
static enum pb_status visit_block(struct walk *walk, sqlite3_stmt *statement, struct pb_error *error) {
    const int64_t seq = sqlite3_column_int64(statement, 0), first = sqlite3_column_int64(statement, 1);
    const int64_t count = sqlite3_column_int64(statement, 2);
    if (count < 1 || count > PB_RUN_CAPTURE_MAX || first > INT64_MAX - count)
        return pb_fail(error, PB_ERR_CHANGED, 0, walk->reader->where,
                       "log row %" PRId64 ": a capture of %" PRId64 " samples", seq, count);
    if (first + count <= walk->next) return PB_OK;
    if (first > walk->next) return missing(walk, error);
    enum pb_status status = take_sampling(walk, pb_text_take(statement, 3), seq, error);
    if (status != PB_OK) return status;
    const void *blob = sqlite3_column_blob(statement, 4);
    const int16_t *counts = pb_unpack(walk->unpacker, blob, (size_t)sqlite3_column_bytes(statement, 4), count);
    if (!counts)
        return pb_fail(error, PB_ERR_CHANGED, 0, walk->reader->where,
                       "capture %" PRId64 ": does not unpack to %" PRId64 " samples", seq, count);
    const int64_t from = walk->next, to = first + count < walk->end ? first + count : walk->end;
    walk->next = to;
    return walk->visit(walk->user, &walk->sampling, from, counts + (from - first), (size_t)(to - from));
}

static enum pb_status walk_blocks(struct walk *walk, sqlite3_stmt *statement, struct pb_error *error) {
    sqlite3_bind_text(statement, 1, walk->channel, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, pb_add_saturating(walk->next, -PB_RUN_CAPTURE_MAX));
    sqlite3_bind_int64(statement, 3, walk->end);
    while (walk->next < walk->end) {
        int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) return missing(walk, error);
        if (code != SQLITE_ROW) return pb_reader_fail(walk->reader, error, code, "captures cannot be read");
        enum pb_status status = visit_block(walk, statement, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

enum pb_status pb_reader_samples(struct pb_reader *reader, const char *channel, int64_t first_index, int64_t count,
                                 pb_reader_samples_fn *visit, void *user, struct pb_error *error) {
    if (count < 0 || first_index > INT64_MAX - count)
        return pb_fail(error, PB_ERR_ARG, 0, reader->where, "%" PRId64 " samples from %" PRId64, count, first_index);
    struct walk walk = {.reader = reader,
                        .channel = channel,
                        .next = first_index,
                        .end = first_index + count,
                        .visit = visit,
                        .user = user};
    if (!(walk.unpacker = pb_unpacker_borrow(reader)))
        return pb_fail(error, PB_ERR_MEMORY, 0, reader->where, "no memory to unpack captures");
    sqlite3_stmt *statement = NULL;
    enum pb_status status = pb_query_borrow(reader, PB_QUERY_CAPTURES, &statement, error);
    if (status == PB_OK) status = walk_blocks(&walk, statement, error);
    pb_query_return(reader, PB_QUERY_CAPTURES, statement);
    pb_unpacker_return(reader, walk.unpacker);
    return status;
}
