/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a profile. Quantities whose unit stands in the same map are bound as texts and parsed here, each mistake at its own place. */
#include "instruments/polled/profile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCESS_READ, ACCESS_DRIVE, MAX_CHANNELS = 64, NAME_MAX_BYTES = 40 };

const char *const pb_profile_accesses[] = {"read", "drive", NULL};
/* In the order of enum pb_unit, whose first has an empty symbol. */
#define X(name, symbol, steps, step_name) sizeof(symbol) > 1 ? symbol : "none",
const char *const pb_profile_units[] = {PB_UNIT_MAP(X) NULL};
#undef X

void *pb_profile_row(const struct pb_profile *profile, size_t i) {
    return (char *)profile->rows + i * profile->kind->row_size;
}

/* ---- numbers ---- */

static __int128 divide_rounding(__int128 value, int64_t by) {
    int64_t half = by / 2;
    if (by == 1) return value;
    return value < 0 ? -((-value + half) / by) : (value + half) / by;
}

enum pb_status pb_profile_scale(const struct pb_profile_row *row, __int128 raw, int64_t *ret_value) {
    __int128 product;
    if (__builtin_mul_overflow(raw, (__int128)row->scale, &product) || product > (__int128)1 << 120 ||
        product < -((__int128)1 << 120))
        return PB_ERR_RANGE;
    __int128 value = divide_rounding(product, row->per);
    if (value < row->channel.min || value > row->channel.max) return PB_ERR_RANGE;
    *ret_value = (int64_t)value;
    return PB_OK;
}

enum pb_status pb_profile_unscale(const struct pb_profile_row *row, int64_t value, int64_t *ret_raw) {
    __int128 product = (__int128)value * row->per;
    if (product % row->scale) return PB_ERR_RANGE;
    __int128 raw = product / row->scale;
    if (raw < INT64_MIN || raw > INT64_MAX) return PB_ERR_RANGE;
    *ret_raw = (int64_t)raw;
    return PB_OK;
}

/* ---- a channel ---- */

static bool is_of(const char *text, const char *more) {
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr(more, *c)) return false;
    return text[0] && strlen(text) <= NAME_MAX_BYTES;
}

static enum pb_status parse(const struct pb_doc *doc, const struct pb_node *map, const char *key, const char *text,
                            enum pb_unit unit, int64_t *ret_value, struct pb_error *error) {
    struct pb_error why;
    if (pb_quantity_parse(text, unit, ret_value, &why) == PB_OK) return PB_OK;
    return pb_doc_mistake(doc, pb_node_find(map, key), error, "%s", why.text);
}

static enum pb_status parse_numbers(const struct pb_doc *doc, const struct pb_node *map, struct pb_profile_row *row,
                                    struct pb_error *error) {
    struct pb_channel *channel = &row->channel;
    enum pb_status status = parse(doc, map, "min", row->min_text, channel->unit, &channel->min, error);
    if (status == PB_OK) status = parse(doc, map, "max", row->max_text, channel->unit, &channel->max, error);
    if (status == PB_OK && row->safe_text)
        status = parse(doc, map, "safe", row->safe_text, channel->unit, &channel->safe, error);
    row->scale = pb_unit_steps(channel->unit);
    if (status == PB_OK && row->scale_text)
        status = parse(doc, map, "scale", row->scale_text, channel->unit, &row->scale, error);
    return status;
}

static enum pb_status check_numbers(const struct pb_doc *doc, const struct pb_node *map,
                                    const struct pb_profile_row *row, struct pb_error *error) {
    const struct pb_channel *channel = &row->channel;
    bool is_driven = channel->access & PB_ACCESS_DRIVE;
    if (row->scale <= 0)
        return pb_doc_mistake(doc, pb_node_find(map, "scale"), error, "found %s, expected a scale above 0",
                              row->scale_text);
    if (channel->min > channel->max)
        return pb_doc_mistake(doc, pb_node_find(map, "max"), error, "found max below min, expected it above");
    if (is_driven && !row->safe_text)
        return pb_doc_mistake(doc, map, error, "found no key \"safe\", expected it for an output (its harmless value)");
    if (is_driven && (channel->safe < channel->min || channel->safe > channel->max))
        return pb_doc_mistake(doc, pb_node_find(map, "safe"), error,
                              "found safe outside of min to max, expected it inside");
    if (is_driven) return PB_OK;
    static const char *const of_outputs[] = {"safe", "kept_when_safe", "energises", "settle"};
    for (size_t i = 0; i < sizeof of_outputs / sizeof *of_outputs; i++)
        if (pb_node_find(map, of_outputs[i]))
            return pb_doc_mistake(doc, pb_node_find(map, of_outputs[i]), error,
                                  "found %s for a channel that is read, expected it for an output only", of_outputs[i]);
    return PB_OK;
}

static enum pb_status fill_row(const struct pb_doc *doc, const struct pb_node *map, struct pb_profile_row *row,
                               struct pb_error *error) {
    if (!is_of(row->name, "_-"))
        return pb_doc_mistake(doc, pb_node_find(map, "name"), error,
                              "found the channel name '%.60s', expected letters, digits, '_' and '-', at most %d",
                              row->name, NAME_MAX_BYTES);
    if (!is_of(row->role, "_.[]"))
        return pb_doc_mistake(doc, pb_node_find(map, "role"), error,
                              "found the role '%.60s', expected something like eumd.energy", row->role);
    row->channel = (struct pb_channel){.name = row->name,
                                       .role = row->role,
                                       .access = row->access == ACCESS_DRIVE ? PB_ACCESS_DRIVE : PB_ACCESS_EVENTS,
                                       .unit = (enum pb_unit)row->unit,
                                       .is_kept_when_safe = row->is_kept_when_safe,
                                       .energises = row->energises};
    if (row->access == ACCESS_READ)
        row->channel.stale_after_ns =
            row->stale_after_ns ? row->stale_after_ns
                                : pb_add_saturating(1000000000, pb_mul_saturating(3, row->period_ns + row->refresh_ns));
    enum pb_status status = parse_numbers(doc, map, row, error);
    return status == PB_OK ? check_numbers(doc, map, row, error) : status;
}

static enum pb_status check_twins(const struct pb_profile *profile, const struct pb_node *map, size_t i,
                                  struct pb_error *error) {
    for (size_t k = 0; k < i; k++) {
        if (strcmp(profile->channels[k].name, profile->channels[i].name) == 0)
            return pb_doc_mistake(profile->doc, pb_node_find(map, "name"), error,
                                  "found a second channel %s, expected each name once", profile->channels[i].name);
        if (strcmp(profile->channels[k].role, profile->channels[i].role) == 0)
            return pb_doc_mistake(profile->doc, pb_node_find(map, "role"), error,
                                  "found a second channel for role %s, expected each role once",
                                  profile->channels[i].role);
    }
    return PB_OK;
}

static enum pb_status read_row(struct pb_profile *profile, const struct pb_node *map, size_t i,
                               struct pb_error *error) {
    const struct pb_profile_kind *kind = profile->kind;
    struct pb_profile_row *row = pb_profile_row(profile, i);
    enum pb_status status =
        pb_doc_bind(profile->doc, map, kind->row_params, kind->row_count, row, kind->row_size, error);
    if (status == PB_OK) status = fill_row(profile->doc, map, row, error);
    if (status == PB_OK) status = kind->check_row(profile->doc, map, row, error);
    if (status != PB_OK) return status;
    profile->channels[i] = row->channel;
    return check_twins(profile, map, i, error);
}

/* ---- the whole ---- */

static enum pb_status read_rows(struct pb_profile *profile, struct pb_error *error) {
    const struct pb_profile_top *top = profile->top;
    size_t count = pb_node_count(top->channels);
    if (!count || count > MAX_CHANNELS)
        return pb_doc_mistake(profile->doc, top->channels, error, "found %zu channels, expected 1 to %d", count,
                              MAX_CHANNELS);
    profile->rows = calloc(count, profile->kind->row_size);
    profile->channels = calloc(count, sizeof *profile->channels);
    if (!profile->rows || !profile->channels)
        return pb_fail(error, PB_ERR_MEMORY, 0, pb_doc_name(profile->doc), "out of memory");
    profile->count = count;
    for (size_t i = 0; i < count; i++) {
        enum pb_status status = read_row(profile, pb_node_at(top->channels, i), i, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static enum pb_status read_top(struct pb_profile *profile, struct pb_error *error) {
    const struct pb_profile_kind *kind = profile->kind;
    profile->top = calloc(1, kind->top_size);
    if (!profile->top) return pb_fail(error, PB_ERR_MEMORY, 0, pb_doc_name(profile->doc), "out of memory");
    enum pb_status status = pb_doc_bind(profile->doc, pb_doc_root(profile->doc), kind->top_params, kind->top_count,
                                        profile->top, kind->top_size, error);
    const struct pb_profile_top *top = profile->top;
    if (status == PB_OK && strcmp(top->driver, kind->driver) != 0)
        return pb_doc_mistake(profile->doc, pb_node_find(pb_doc_root(profile->doc), "driver"), error,
                              "found a profile for driver '%.40s', expected one for %s", top->driver, kind->driver);
    return status == PB_OK ? kind->check_top(profile->doc, profile->top, error) : status;
}

enum pb_status pb_profile_bind(struct pb_doc *doc, const struct pb_profile_kind *kind, struct pb_profile **ret_profile,
                               struct pb_error *error) {
    struct pb_profile *profile = calloc(1, sizeof *profile);
    if (!profile) {
        pb_doc_destroy(doc);
        return pb_fail(error, PB_ERR_MEMORY, 0, "profile", "out of memory");
    }
    *profile = (struct pb_profile){.doc = doc, .kind = kind};
    enum pb_status status = read_top(profile, error);
    if (status == PB_OK) status = read_rows(profile, error);
    if (status == PB_OK) *ret_profile = profile;
    else pb_profile_destroy(profile);
    return status;
}

enum pb_status pb_profile_read(const char *folder, const char *path, const struct pb_profile_kind *kind,
                               struct pb_profile **ret_profile, struct pb_error *error) {
    char whole[4096];
    struct pb_doc *doc;
    bool is_whole = path[0] == '/' || strcmp(folder, ".") == 0;
    snprintf(whole, sizeof whole, "%s%s%s", is_whole ? "" : folder, is_whole ? "" : "/", path);
    enum pb_status status = pb_doc_read_file(whole, &doc, error);
    return status == PB_OK ? pb_profile_bind(doc, kind, ret_profile, error) : status;
}

void pb_profile_destroy(struct pb_profile *profile) {
    if (!profile) return;
    pb_doc_destroy(profile->doc);
    free(profile->top);
    free(profile->rows);
    free(profile->channels);
    free(profile);
}
