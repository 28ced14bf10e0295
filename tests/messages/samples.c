/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/messages/samples.h"

#include "tests/support/check.h"

uint64_t sample_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
uint64_t sample_below(uint64_t *state, uint64_t count) { return sample_random(state) % count; }

/* An end of the range, or between. */
static int64_t pick(uint64_t *state, int64_t min, int64_t max) {
    uint64_t kind = sample_below(state, 8), width = (uint64_t)max - (uint64_t)min;
    if (kind < 2) return kind ? max : min;
    return min + (int64_t)(width == UINT64_MAX ? sample_random(state) : sample_below(state, width + 1));
}

static void fill_text(const struct pb_field_row *row, uint64_t *state, char *ret_text) {
    static const char any[] = "abc XYZ 0\"\\/<{,";
    size_t length = (size_t)pick(state, row->min, row->max), i = 0;
    const char *from = row->alphabet ? row->alphabet : any;
    for (; i < length; i++) ret_text[i] = from[sample_below(state, strlen(from))];
    ret_text[i] = 0;
}

static void fill(struct pb_message_value *value, const char *path, const struct pb_field_row *row, uint64_t *state) {
    struct pb_error error;
    char text[160];
    int64_t choices = 0;
    switch (row->type) {
    case PB_FIELD_TEXT:
        fill_text(row, state, text);
        PB_CHECK_OK(pb_message_set_text(value, path, text, &error), &error);
        return;
    case PB_FIELD_LIST:
        for (int64_t i = 0, count = pick(state, row->min, row->max); i < count; i++) {
            PB_CHECK_OK(pb_message_add_item(value, path, &error), &error);
            for (size_t k = 0; k < row->member_count; k++) {
                snprintf(text, sizeof text, "%s.%s", path, row->members[k].name);
                if (!row->members[k].is_optional || sample_below(state, 2)) fill(value, text, &row->members[k], state);
            }
        }
        return;
    case PB_FIELD_CHOICE:
        while (row->choices[choices]) choices++;
        PB_CHECK_OK(pb_message_set_number(value, path, pick(state, 0, choices - 1), &error), &error);
        return;
    case PB_FIELD_CLOCK:
        PB_CHECK_OK(pb_message_set_number(value, path, pick(state, 0, 86399) * 1000000000, &error), &error);
        return;
    default: {
        int64_t step = row->type == PB_FIELD_QUANTITY ? row->step : 1;
        PB_CHECK_OK(pb_message_set_number(value, path, pick(state, row->min, row->max) * step, &error), &error);
    }
    }
}

static enum pb_party one_of(uint32_t parties, uint64_t *state) {
    enum pb_party party;
    do party = (enum pb_party)sample_below(state, PB_PARTY_COUNT);
    while (!(parties & PB_PARTY_BIT(party)));
    return party;
}

void sample_message(size_t number, uint64_t *state, int64_t id, struct pb_message_value *ret_value) {
    const struct pb_message_row *row = &pb_catalogue[number];
    enum pb_party from = one_of(row->from, state);
    pb_message_begin(ret_value, row, from, one_of(row->to, state), id);
    ret_value->has_sent = sample_below(state, 2);
    if (ret_value->has_sent) ret_value->sent.ns = pick(state, 0, INT64_MAX - 1);
    for (size_t i = 0; i < row->field_count; i++)
        if (!row->fields[i].is_optional || sample_below(state, 2))
            fill(ret_value, row->fields[i].name, &row->fields[i], state);
}

size_t sample_link_rows(size_t *ret_numbers) {
    size_t count = 0;
    for (size_t i = 0; i < pb_catalogue_count; i++)
        if (!pb_catalogue[i].is_pilot) ret_numbers[count++] = i;
    return count;
}
