/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preparing and releasing a polled instrument's configuration. */
#include "instruments/polled/config.h"

#include <stdio.h>

const char *const pb_polled_parities[] = {"none", "even", "odd", NULL}; /* enum pb_parity */

enum pb_status pb_polled_prepare(struct pb_polled_config *config, const char *folder,
                                 const struct pb_profile_kind *kind, struct pb_error *error) {
    enum pb_status status = pb_link_parse(config->link_text, &config->address, error);
    if (status != PB_OK) return status;
    return pb_profile_read(folder, config->profile_path, kind, &config->profile, error);
}

const struct pb_channel *pb_polled_channels(const struct pb_polled_config *config, size_t *ret_count) {
    *ret_count = config->profile->count;
    return config->profile->channels;
}

void pb_polled_release(struct pb_polled_config *config) {
    pb_profile_destroy(config->profile);
    config->profile = NULL;
}

struct pb_line pb_polled_line(const struct pb_polled_config *config) {
    return (struct pb_line){
        .baud = (int)config->baud, .parity = (enum pb_parity)config->parity, .stop_bits = (int)config->stop_bits};
}

char *pb_polled_where(const struct pb_polled_config *config, char *ret_text, size_t size) {
    const struct pb_profile_top *top = config->profile->top;
    snprintf(ret_text, size, "%.60s (%.90s)", top->name, config->address.text);
    return ret_text;
}

bool pb_profile_has_outputs(const struct pb_profile *profile) {
    for (size_t i = 0; i < profile->count; i++)
        if (profile->channels[i].access & PB_ACCESS_DRIVE) return true;
    return false;
}
