/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS on a connected, non-blocking socket; inside of channel. The only file that names OpenSSL. */
#ifndef PB_MESSAGES_TLS_H
#define PB_MESSAGES_TLS_H

#include "messages/jsonl/channel.h"

struct pb_tls;

/* Shakes hands. The descriptor stays the caller's. */
PB_MUST_CHECK enum pb_status pb_tls_open(int descriptor, const struct pb_tls_setup *setup, pb_instant deadline,
                                         struct pb_tls **ret_tls, struct pb_error *error);
/* As pb_channel_describe(): version, cipher, subject of the peer's certificate. */
char *pb_tls_describe(const struct pb_tls *tls, char *ret_text, size_t size);
void pb_tls_close(struct pb_tls *tls); /* NULL is fine */
PB_MUST_CHECK enum pb_status pb_tls_write(struct pb_tls *tls, const void *bytes, size_t size, pb_instant deadline,
                                          struct pb_error *error);
/* At least one byte; size at least 16384, so that no decrypted byte stays behind unseen by poll(2). */
PB_MUST_CHECK enum pb_status pb_tls_read(struct pb_tls *tls, void *ret_bytes, size_t size, pb_instant deadline,
                                         size_t *ret_size, struct pb_error *error);

#endif
