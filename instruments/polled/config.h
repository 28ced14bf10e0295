/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bench file says of any polled instrument, and the guardian's part of one. */
#ifndef PB_INSTRUMENTS_POLLED_CONFIG_H
#define PB_INSTRUMENTS_POLLED_CONFIG_H

#include "instruments/links/link.h"
#include "instruments/polled/worker.h"

/* Begins the config of a driver, as member `polled`. */
struct pb_polled_config {
    const char *profile_path, *link_text;
    int64_t baud, stop_bits, tries, retry_ns, timeout_ns;
    int parity;
    struct pb_link_address address; /* from here on filled by prepare */
    struct pb_profile *profile;
};

extern const char *const pb_polled_parities[];

#define PB_POLLED_PARAMS(type_)                                                                                        \
    PB_PROFILE_TEXT(type_, "profile", polled.profile_path, true, NULL,                                                 \
                    "device profile; a relative path counts from the bench file"),                                     \
        PB_PROFILE_TEXT(type_, "link", polled.link_text, true, NULL,                                                   \
                        "tcp:ADDRESS:PORT, unix:PATH, pty:PATH, serial:PATH or serial:usb:VID:PID[:SERIAL]"),          \
        PB_PROFILE_COUNT(type_, "baud", polled.baud, false, "9600", "300", "4000000",                                  \
                         "serial: bits a second; 8 data bits"),                                                        \
        PB_PROFILE_CHOICE(type_, "parity", polled.parity, false, pb_polled_parities, "none", "serial: parity"),        \
        PB_PROFILE_COUNT(type_, "stop_bits", polled.stop_bits, false, "1", "1", "2", "serial: stop bits"),             \
        {.name = "timeout",                                                                                            \
         .type = PB_PARAM_QUANTITY,                                                                                    \
         .offset = offsetof(type_, polled.timeout_ns),                                                                 \
         .unit = PB_UNIT_SECOND,                                                                                       \
         .fallback = "500 ms",                                                                                         \
         .min = "1 ms",                                                                                                \
         .max = "60 s",                                                                                                \
         .text = "time the device has for an answer"},                                                                 \
        PB_PROFILE_COUNT(type_, "tries", polled.tries, false, "3", "1", "1000",                                        \
                         "how often a lost device is looked for before the run ends"),                                 \
        PB_PROFILE_SPAN(type_, "retry", polled.retry_ns, "500 ms", "1 h", "time between two tries")

/* Reads link and profile of a bound configuration; release frees them. As pb_rows_ops. */
PB_MUST_CHECK enum pb_status pb_polled_prepare(struct pb_polled_config *config, const char *folder,
                                               const struct pb_profile_kind *kind, struct pb_error *error);
const struct pb_channel *pb_polled_channels(const struct pb_polled_config *config, size_t *ret_count);
void pb_polled_release(struct pb_polled_config *config);
struct pb_line pb_polled_line(const struct pb_polled_config *config);
/* "Eastron SDM120M (serial:/dev/ttyUSB0)". Returns ret_text. */
char *pb_polled_where(const struct pb_polled_config *config, char *ret_text, size_t size);
bool pb_profile_has_outputs(const struct pb_profile *profile);

#endif
