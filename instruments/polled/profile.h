/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device profile: a YAML file that tells a driver which channels a device has and how each is asked for and commanded. What all profiles share is
 * here; a driver adds its own keys by tables whose structs begin with the shared ones (docs/instruments.md). */
#ifndef PB_INSTRUMENTS_PROFILE_H
#define PB_INSTRUMENTS_PROFILE_H

#include "base/doc.h"
#include "instruments/roles/driver.h"

/* Begins the struct of a driver's top table. */
struct pb_profile_top {
    int64_t version;
    const char *name, *source, *driver;
    const struct pb_node *identity, *channels;
};
/* Begins the struct of a driver's channel table. */
struct pb_profile_row {
    struct pb_channel channel;
    const char *name, *role, *min_text, *max_text, *safe_text, *scale_text;
    int access, unit;
    bool is_kept_when_safe, energises;
    int64_t scale, per; /* a raw value of `per` is `scale` steps of unit */
    int64_t period_ns, settle_ns, refresh_ns, stale_after_ns;
};

extern const char *const pb_profile_accesses[], *const pb_profile_units[];

#define PB_PROFILE_TEXT(type_, name_, member_, required_, fallback_, text_)                                            \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_TEXT, .offset = offsetof(type_, member_), .is_required = required_,            \
        .fallback = fallback_, .text = text_                                                                           \
    }
#define PB_PROFILE_COUNT(type_, name_, member_, required_, fallback_, min_, max_, text_)                               \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(type_, member_), .is_required = required_,        \
        .fallback = fallback_, .min = min_, .max = max_, .text = text_                                                 \
    }
#define PB_PROFILE_SPAN(type_, name_, member_, fallback_, max_, text_)                                                 \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(type_, member_), .unit = PB_UNIT_SECOND,          \
        .fallback = fallback_, .min = "0 s", .max = max_, .text = text_                                                \
    }
#define PB_PROFILE_BOOL(type_, name_, member_, text_)                                                                  \
    { .name = name_, .type = PB_PARAM_BOOL, .offset = offsetof(type_, member_), .fallback = "false", .text = text_ }
#define PB_PROFILE_CHOICE(type_, name_, member_, required_, choices_, fallback_, text_)                                \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_CHOICE, .offset = offsetof(type_, member_), .is_required = required_,          \
        .choices = choices_, .fallback = fallback_, .text = text_                                                      \
    }
#define PB_PROFILE_NODE(type_, name_, member_, required_, kind_, text_)                                                \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_NODE, .offset = offsetof(type_, member_), .is_required = required_,            \
        .node_kind = kind_, .text = text_                                                                              \
    }

/* The shared parameters of a struct whose member `top` is a struct pb_profile_top. */
#define PB_PROFILE_TOP_PARAMS(type_, identity_required_, identity_text_)                                               \
    PB_PROFILE_COUNT(type_, "pilotbench_instrument", top.version, true, NULL, "1", "1", "version of this form: 1"),    \
        PB_PROFILE_TEXT(type_, "name", top.name, true, NULL, "maker and type of the device"),                          \
        PB_PROFILE_TEXT(type_, "source", top.source, true, NULL, "the document that the profile was written from"),    \
        PB_PROFILE_TEXT(type_, "driver", top.driver, true, NULL, "driver that the profile is for"),                    \
        PB_PROFILE_NODE(type_, "identity", top.identity, identity_required_, PB_NODE_MAP, identity_text_),             \
        PB_PROFILE_NODE(type_, "channels", top.channels, true, PB_NODE_LIST, "the channels")
/* The same of a struct whose member `row` is a struct pb_profile_row. */
#define PB_PROFILE_ROW_PARAMS(type_)                                                                                   \
    PB_PROFILE_TEXT(type_, "name", row.name, true, NULL, "in bench files: letters, digits, '_' and '-'"),              \
        PB_PROFILE_TEXT(type_, "role", row.role, true, NULL, "what it can be on a bench"),                             \
        PB_PROFILE_CHOICE(type_, "access", row.access, true, pb_profile_accesses, NULL,                                \
                          "read: asked for again and again; drive: an output"),                                        \
        PB_PROFILE_CHOICE(type_, "unit", row.unit, true, pb_profile_units, NULL,                                       \
                          "unit on the bench; none: a number, 0 and 1 for a contact"),                                 \
        PB_PROFILE_TEXT(type_, "min", row.min_text, true, NULL,                                                        \
                        "in that unit; a command outside is refused, a reading outside is an error"),                  \
        PB_PROFILE_TEXT(type_, "max", row.max_text, true, NULL, "as min"),                                             \
        PB_PROFILE_TEXT(type_, "safe", row.safe_text, false, NULL, "harmless value; every output has one"),            \
        PB_PROFILE_BOOL(type_, "kept_when_safe", row.is_kept_when_safe,                                                \
                        "true: making safe does not touch the output (its size, not its presence)"),                   \
        PB_PROFILE_BOOL(type_, "energises", row.energises, "true: a value other than safe may energise something"),    \
        PB_PROFILE_TEXT(type_, "scale", row.scale_text, false, NULL,                                                   \
                        "what a raw value of `per` is, in the unit; without: 1 of the unit"),                          \
        PB_PROFILE_COUNT(type_, "per", row.per, false, "1", "1", "1000000000", "see scale"),                           \
        PB_PROFILE_SPAN(type_, "period", row.period_ns, "1 s", "1 h",                                                  \
                        "read: from one question to the next; 0 s: as fast as it answers"),                            \
        PB_PROFILE_SPAN(type_, "refresh", row.refresh_ns, "0 s", "1 h",                                                \
                        "read: how old the device's own value may be; adds to the date's uncertainty"),                \
        PB_PROFILE_SPAN(type_, "stale_after", row.stale_after_ns, "0 s", "24 h",                                       \
                        "read: an older reading says nothing; 0 s: three periods and 1 s"),                            \
        PB_PROFILE_SPAN(type_, "settle", row.settle_ns, "0 s", "10 s",                                                 \
                        "drive: from the command until it is read back")

/* What a driver adds. Sizes are those of its structs. */
struct pb_profile_kind {
    const char *driver;
    const struct pb_param *top_params;
    size_t top_count, top_size;
    const struct pb_param *row_params;
    size_t row_count, row_size;
    enum pb_status (*check_top)(const struct pb_doc *doc, void *top, struct pb_error *error);
    /* The shared part is bound and right. */
    enum pb_status (*check_row)(const struct pb_doc *doc, const struct pb_node *node, void *row,
                                struct pb_error *error);
};

struct pb_profile {
    struct pb_doc *doc;
    const struct pb_profile_kind *kind;
    void *top, *rows; /* of the kind's structs; rows one after the other */
    struct pb_channel *channels;
    size_t count;
};

/* path, if it is not absolute, counts from folder. Errors: PB_ERR_INPUT with file:line:column, found, expected; PB_ERR_IO; PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_profile_read(const char *folder, const char *path, const struct pb_profile_kind *kind,
                                             struct pb_profile **ret_profile, struct pb_error *error);
/* The same from a document, which is taken over, on failure too. */
PB_MUST_CHECK enum pb_status pb_profile_bind(struct pb_doc *doc, const struct pb_profile_kind *kind,
                                             struct pb_profile **ret_profile, struct pb_error *error);
void pb_profile_destroy(struct pb_profile *profile); /* NULL is fine */
void *pb_profile_row(const struct pb_profile *profile, size_t i);

/* raw * scale / per, rounded half away from zero. PB_ERR_RANGE outside of the row's min and max. */
PB_MUST_CHECK enum pb_status pb_profile_scale(const struct pb_profile_row *row, __int128 raw, int64_t *ret_value);
/* The raw value that stands for a value; PB_ERR_RANGE when none does exactly. */
PB_MUST_CHECK enum pb_status pb_profile_unscale(const struct pb_profile_row *row, int64_t value, int64_t *ret_raw);

#endif
