/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serialisation and hashes of a run file. The part of a row before its texts is 128 bytes: one block of BLAKE2b. */
#include "record/chain.h"

#include <sodium.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "integers and samples are hashed as they lie in memory");
_Static_assert(sizeof(crypto_generichash_state) <= sizeof(struct pb_header_digest), "room for the state");
_Static_assert(_Alignof(crypto_generichash_state) <= _Alignof(struct pb_header_digest), "aligned for the state");

enum pb_status pb_chain_start(struct pb_error *error) {
    if (sodium_init() < 0) return pb_fail(error, PB_ERR_IO, 0, "libsodium", "does not start");
    return PB_OK;
}

static void feed(crypto_generichash_state *state, const void *bytes, size_t size) {
    crypto_generichash_update(state, bytes, size);
}

static struct pb_hash finish(crypto_generichash_state *state) {
    struct pb_hash hash;
    crypto_generichash_final(state, hash.bytes, sizeof hash.bytes);
    return hash;
}

static struct pb_hash hash_of(const void *bytes, size_t size) {
    struct pb_hash hash;
    crypto_generichash(hash.bytes, sizeof hash.bytes, bytes, size, NULL, 0);
    return hash;
}

struct pb_hash pb_chain_first(void) {
    static const char start[] = "pilotbench run 1";
    return hash_of(start, strlen(start));
}

struct pb_hash pb_chain_next(const struct pb_hash *previous, const struct pb_row *row) {
    const char *kind = pb_row_kind_name(row->kind);
    const size_t kind_size = strlen(kind), name_size = strlen(row->name), text_size = strlen(row->text);
    const struct {
        struct pb_hash previous;
        int64_t numbers[12];
    } head = {*previous,
              {row->seq, row->at.ns, row->case_no, row->step_no, row->check_no, row->a, row->b, row->c, row->d,
               (int64_t)kind_size, (int64_t)name_size, (int64_t)text_size}};
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, PB_HASH_SIZE);
    feed(&state, &head, sizeof head);
    feed(&state, kind, kind_size);
    feed(&state, row->name, name_size);
    feed(&state, row->text, text_size);
    return finish(&state);
}

struct pb_hash pb_chain_samples(const int16_t *counts, size_t count) {
    return hash_of(counts, count * sizeof *counts);
}

struct pb_hash pb_chain_capture(int64_t seq, int64_t first_index, int64_t count, const void *blob, size_t blob_size) {
    const int64_t head[] = {seq, first_index, count};
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, PB_HASH_SIZE);
    feed(&state, head, sizeof head);
    feed(&state, blob, blob_size);
    return finish(&state);
}

static crypto_generichash_state *state_of(struct pb_header_digest *digest) {
    return (crypto_generichash_state *)(void *)digest->implementation;
}

void pb_header_digest_start(struct pb_header_digest *digest) {
    static const char start[] = "pilotbench header 1";
    crypto_generichash_init(state_of(digest), NULL, 0, PB_HASH_SIZE);
    feed(state_of(digest), start, strlen(start));
}

void pb_header_digest_line(struct pb_header_digest *digest, const char *key, const char *value) {
    const int64_t sizes[] = {(int64_t)strlen(key), (int64_t)strlen(value)};
    feed(state_of(digest), sizes, sizeof sizes);
    feed(state_of(digest), key, strlen(key));
    feed(state_of(digest), value, strlen(value));
}

struct pb_hash pb_header_digest_finish(struct pb_header_digest *digest) {
    return finish(state_of(digest));
}

char *pb_hash_hex(const struct pb_hash *hash, char ret_text[PB_HASH_HEX_SIZE]) {
    return sodium_bin2hex(ret_text, PB_HASH_HEX_SIZE, hash->bytes, PB_HASH_SIZE);
}
