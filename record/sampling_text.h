/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a capture row: how its channel was sampled and the digest of the samples, as JSON with sorted keys. The
 * digest stands here, not only beside the samples, so that the chain covers what was measured and not how it was packed. */
#ifndef PB_RECORD_SAMPLING_TEXT_H
#define PB_RECORD_SAMPLING_TEXT_H

#include "pilot_emulator/analyser.h"
#include "record/chain.h"

#include <stdbool.h>

#define PB_SAMPLING_TEXT_SIZE 512

/* Returns ret_text. */
char *pb_sampling_text_write(const struct pb_sampling *sampling, const struct pb_hash *digest,
                             char ret_text[PB_SAMPLING_TEXT_SIZE]);
/* False when the text is not one that pb_sampling_text_write() makes. */
bool pb_sampling_text_read(const char *text, struct pb_sampling *ret_sampling, char ret_digest[PB_HASH_HEX_SIZE]);

#endif
