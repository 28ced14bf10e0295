/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hashes of a run file, shared by both halves so that they cannot disagree; docs/run-file.md is the text form.
 * All are BLAKE2b-256 (libsodium's crypto_generichash without a key). Integers go in as 8 bytes, little-endian, two's
 * complement. They find mistakes and changes; they do not keep out somebody who computes them anew: the signature of
 * the close row is for that. */
#ifndef PB_RECORD_CHAIN_H
#define PB_RECORD_CHAIN_H

#include "base/status.h"
#include "record/row.h"

#include <stddef.h>

#define PB_HASH_SIZE 32
#define PB_HASH_HEX_SIZE (2 * PB_HASH_SIZE + 1)

struct pb_hash {
    uint8_t bytes[PB_HASH_SIZE];
};

/* Called once before any of the others (again does no harm). Errors: PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_chain_start(struct pb_error *error);
/* What stands before row 1. */
struct pb_hash pb_chain_first(void);
/* The hash of a row after the row whose hash is `previous`:
 * previous | seq at_ns case_no step_no check_no a b c d | bytes of kind, of name, of text | kind | name | text. */
struct pb_hash pb_chain_next(const struct pb_hash *previous, const struct pb_row *row);
/* Of samples, as int16 little-endian. */
struct pb_hash pb_chain_samples(const int16_t *counts, size_t count);
/* Of a row of the table capture: seq first_index count | the compressed bytes. */
struct pb_hash pb_chain_capture(int64_t seq, int64_t first_index, int64_t count, const void *blob, size_t blob_size);

/* Of the header lines, fed in order of their keys' bytes: "pilotbench header 1" | per line bytes of key, of value | key | value. */
struct pb_header_digest {
    _Alignas(64) unsigned char implementation[384];
};
void pb_header_digest_start(struct pb_header_digest *digest);
void pb_header_digest_line(struct pb_header_digest *digest, const char *key, const char *value);
struct pb_hash pb_header_digest_finish(struct pb_header_digest *digest);

/* Lower-case hexadecimal; returns ret_text. */
char *pb_hash_hex(const struct pb_hash *hash, char ret_text[PB_HASH_HEX_SIZE]);

#endif
