/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS on a connected, non-blocking socket; inside of channel. It stands in a module of its own, pilotbench-tls.so beside the program, and that
 * alone names OpenSSL: most benches have no such link, and loading OpenSSL takes as long as all else before a first step. */
#ifndef PB_MESSAGES_TLS_H
#define PB_MESSAGES_TLS_H

#include "messages/jsonl/channel.h"

struct pb_tls;

struct pb_tls_calls {
    /* Shakes hands. The descriptor stays the caller's. */
    enum pb_status (*open)(int descriptor, const struct pb_tls_setup *setup, pb_instant deadline,
                           struct pb_tls **ret_tls, struct pb_error *error);
    /* As pb_channel_describe(): version, cipher, subject of the peer's certificate. */
    char *(*describe)(const struct pb_tls *tls, char *ret_text, size_t size);
    void (*close)(struct pb_tls *tls); /* NULL is fine */
    enum pb_status (*write)(struct pb_tls *tls, const void *bytes, size_t size, pb_instant deadline,
                            struct pb_error *error);
    /* At least one byte; size at least 16384, so that no decrypted byte stays behind unseen by poll(2). */
    enum pb_status (*read)(struct pb_tls *tls, void *ret_bytes, size_t size, pb_instant deadline, size_t *ret_size,
                           struct pb_error *error);
};

/* The module's only symbol. */
#define PB_TLS_SYMBOL "pb_tls_calls"
extern const struct pb_tls_calls pb_tls_calls __attribute__((visibility("default")));

/* Loads the module, once a process. Errors: PB_ERR_NOT_FOUND (no such file, or one that cannot be loaded). */
PB_MUST_CHECK enum pb_status pb_tls_load(const struct pb_tls_calls **ret_calls, struct pb_error *error);

#endif
