/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/story.h"

#include "base/text.h"
#include "judge/list.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* --- loading ------------------------------------------------------------------------------------------------------------- */

enum { NAMES_MAX = sizeof((struct pb_story *)0)->names / sizeof((struct pb_story *)0)->names[0] };

static size_t find_name(const struct pb_story *story, const char *name) {
    size_t i = 0;
    while (i < story->name_count && strncmp(story->names[i], name, sizeof story->names[i] - 1) != 0) i++;
    return i;
}

/* Number of the name, added if it is new; NAMES_MAX when there is no room. */
static size_t add_name(struct pb_story *story, const char *name) {
    size_t i = find_name(story, name);
    if (i < story->name_count || i == NAMES_MAX) return i;
    snprintf(story->names[i], sizeof story->names[i], "%s", name);
    return story->name_count++;
}

struct loading {
    struct pb_story *story;
    struct pb_error *error;
};

static enum pb_status no_memory(const struct loading *loading) {
    return pb_fail(loading->error, PB_ERR_MEMORY, 0, "report", "no room for the rows of the run");
}

static enum pb_status load_event(const struct loading *loading, const struct pb_row *row) {
    struct pb_story *story = loading->story;
    size_t name = add_name(story, row->name);
    if (name == NAMES_MAX) return PB_OK;
    if (!pb_list_has_room((void **)&story->events, story->event_count, sizeof *story->events))
        return no_memory(loading);
    story->events[story->event_count++] = (struct pb_story_event){row->seq, row->at, {row->c}, name, row->a, row->b};
    return PB_OK;
}

static void copy_member(char *ret_text, size_t size, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(ret_text, size, "%s", text ? text : "");
}

static void name_party(char *ret_text, size_t size, const json_t *members, const char *key, int64_t party) {
    copy_member(ret_text, size, members, key);
    if (!ret_text[0] && party >= 0 && party < PB_PARTY_COUNT) snprintf(ret_text, size, "%s", pb_parties[party].name);
}

/* A message's fields; of what is none, the bytes themselves, cut where they are many. */
static char *show_fields(const json_t *members, const char *text) {
    enum { SHOWN = 400 };
    const json_t *fields = json_object_get(members, "fields");
    if (fields) return json_dumps(fields, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    size_t length = strlen(text);
    char *shown = length ? strndup(text, length < SHOWN ? length : SHOWN) : NULL;
    if (shown) pb_text_drop_partial(shown);
    return shown;
}

static enum pb_status load_message(const struct loading *loading, const struct pb_row *row) {
    struct pb_story *story = loading->story;
    if (!pb_list_has_room((void **)&story->messages, story->message_count, sizeof *story->messages))
        return no_memory(loading);
    struct pb_story_message *added = &story->messages[story->message_count];
    json_t *members = json_loads(row->text, 0, NULL); /* NULL for what is no object */
    enum pb_said said = row->c >= 0 && row->c <= PB_SAID_MUTATED ? (enum pb_said)row->c : PB_SAID_PLAYED;
    const char *mutation = said == PB_SAID_MUTATED ? json_string_value(json_object_get(members, "mutation")) : NULL;
    bool is_special = said == PB_SAID_INJECTED || said == PB_SAID_TOUCHED;
    *added = (struct pb_story_message){.at = row->at, .case_no = row->case_no, .step_no = row->step_no, .said = said};
    snprintf(added->name, sizeof added->name, "%s", row->name);
    snprintf(added->label, sizeof added->label, "%s%s", strcmp(row->name, "?") == 0 ? "bytes" : row->name,
             !is_special                ? ""
             : said == PB_SAID_INJECTED ? " (injected)"
                                        : " (mutated)");
    snprintf(added->how, sizeof added->how, "%s%s%.30s", pb_said_names[said], mutation ? ": " : "",
             mutation ? mutation : "");
    name_party(added->from, sizeof added->from, members, "from", row->a);
    name_party(added->to, sizeof added->to, members, "to", row->b);
    added->fields = show_fields(members, row->text);
    json_decref(members);
    story->message_count++;
    return PB_OK;
}

static enum pb_status load_capture(const struct loading *loading, const struct pb_row *row) {
    struct pb_story *story = loading->story;
    size_t name = add_name(story, row->name);
    if (name == NAMES_MAX || row->b <= 0) return PB_OK;
    if (!pb_list_has_room((void **)&story->captures, story->capture_count, sizeof *story->captures))
        return no_memory(loading);
    story->captures[story->capture_count++] = (struct pb_story_capture){name, row->a, row->b};
    return PB_OK;
}

static enum pb_status load_row(void *user, const struct pb_row *row) {
    const struct loading *loading = user;
    if (row->kind == PB_ROW_EVENT) return load_event(loading, row);
    return row->kind == PB_ROW_MESSAGE ? load_message(loading, row) : load_capture(loading, row);
}

static int by_time(const void *a, const void *b) {
    const struct pb_story_event *x = a, *y = b;
    if (x->at.ns != y->at.ns) return x->at.ns < y->at.ns ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* As harness/cli wrote them; false for a record that has none, or that says something else. */
static bool read_windows(struct pb_reader *reader, struct pb_cp_windows *ret_windows) {
    const char *text = pb_reader_header(reader, "cp_windows");
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    struct pb_cp_windows windows;
    const struct {
        const char *key;
        int64_t *min_uv, *max_uv;
    } rows[] = {{"a", &windows.a.min_uv, &windows.a.max_uv}, {"b", &windows.b.min_uv, &windows.b.max_uv},
                {"c", &windows.c.min_uv, &windows.c.max_uv}, {"d", &windows.d.min_uv, &windows.d.max_uv},
                {"e", &windows.e.min_uv, &windows.e.max_uv}, {"f", &windows.f.min_uv, &windows.f.max_uv}};
    bool is_read = all != NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *row = json_object_get(all, rows[i].key);
        is_read = is_read && json_is_integer(json_array_get(row, 0)) && json_is_integer(json_array_get(row, 1));
        *rows[i].min_uv = json_integer_value(json_array_get(row, 0));
        *rows[i].max_uv = json_integer_value(json_array_get(row, 1));
        is_read = is_read && *rows[i].min_uv < *rows[i].max_uv;
    }
    json_decref(all);
    if (is_read) *ret_windows = windows;
    return is_read;
}

enum pb_status pb_story_read(struct pb_reader *reader, struct pb_story *ret_story, struct pb_error *error) {
    *ret_story = (struct pb_story){.reader = reader};
    struct loading loading = {ret_story, error};
    uint32_t kinds = 1u << PB_ROW_EVENT | 1u << PB_ROW_MESSAGE | 1u << PB_ROW_CAPTURE;
    enum pb_status status = pb_reader_each_row(reader, 0, kinds, load_row, &loading, error);
    ret_story->has_windows = read_windows(reader, &ret_story->windows);
    if (status != PB_OK) pb_story_finish(ret_story);
    else if (ret_story->event_count)
        qsort(ret_story->events, ret_story->event_count, sizeof *ret_story->events, by_time);
    return status;
}

void pb_story_finish(struct pb_story *story) {
    for (size_t i = 0; i < story->message_count; i++) free(story->messages[i].fields);
    free(story->messages);
    free(story->events);
    free(story->captures);
    *story = (struct pb_story){0};
}

/* --- tracks -------------------------------------------------------------------------------------------------------------- */

/* The first cord's are first. An event of another cord has the cord before its name. */
static const char *const cords[PB_STORY_CORDS] = {"", "cord[2]."};
static const struct {
    const char *event, *labels[PB_STORY_CORDS];
    enum pb_track_kind kind;
    enum pb_unit unit;
    bool is_pwm; /* of the state only whether it has PWM */
} drawn[PB_STORY_CORD_TRACKS] = {
    {"cp.state", {"pilot", "pilot [2]"}, PB_TRACK_STATE, PB_UNIT_NONE, false},
    {"cp.state", {"PWM", "PWM [2]"}, PB_TRACK_LEVEL, PB_UNIT_NONE, true},
    {"contactor.0", {"pole 1", "pole 1 [2]"}, PB_TRACK_LEVEL, PB_UNIT_NONE, false},
    {"contactor.1", {"pole 2", "pole 2 [2]"}, PB_TRACK_LEVEL, PB_UNIT_NONE, false},
    {"contactor.2", {"pole 3", "pole 3 [2]"}, PB_TRACK_LEVEL, PB_UNIT_NONE, false},
    {"contactor.3", {"pole 4", "pole 4 [2]"}, PB_TRACK_LEVEL, PB_UNIT_NONE, false},
    {"current", {"current", "current [2]"}, PB_TRACK_AMOUNT, PB_UNIT_AMPERE, false},
};

static bool is_event_of(const char *name, size_t cord, size_t kind) {
    size_t length = strlen(cords[cord]);
    return strncmp(name, cords[cord], length) == 0 && strcmp(name + length, drawn[kind].event) == 0;
}

static int64_t drawn_value(size_t kind, int64_t value) {
    if (!drawn[kind].is_pwm) return value;
    return value >= 0 && value < PB_CP_STATE_COUNT && pb_cp_state_has_pwm((enum pb_cp_state)value);
}

static bool make_track(const struct pb_story *story, size_t cord, size_t kind, struct pb_track *ret_track) {
    size_t name = 0, count = 0;
    while (name < story->name_count && !is_event_of(story->names[name], cord, kind)) name++;
    if (name == story->name_count) return true;
    for (size_t i = 0; i < story->event_count; i++) count += story->events[i].name == name;
    struct pb_change *changes = malloc((count + 1) * sizeof *changes);
    if (!changes) return false;
    size_t used = 0;
    for (size_t i = 0; i < story->event_count; i++) {
        const struct pb_story_event *event = &story->events[i];
        if (event->name != name) continue;
        if (!used) changes[used++] = (struct pb_change){PB_INSTANT_ZERO, drawn_value(kind, event->before)};
        int64_t value = drawn_value(kind, event->value);
        if (value != changes[used - 1].value) changes[used++] = (struct pb_change){event->at, value};
    }
    *ret_track = (struct pb_track){drawn[kind].labels[cord], drawn[kind].kind, drawn[kind].unit, changes, used};
    return true;
}

bool pb_story_make_tracks(const struct pb_story *story, struct pb_story_tracks *ret_tracks) {
    *ret_tracks = (struct pb_story_tracks){0};
    for (size_t i = 0; i < PB_STORY_TRACKS; i++) {
        struct pb_track track = {0};
        if (!make_track(story, i / PB_STORY_CORD_TRACKS, i % PB_STORY_CORD_TRACKS, &track)) {
            pb_story_free_tracks(ret_tracks);
            return false;
        }
        if (track.changes) ret_tracks->tracks[ret_tracks->count++] = track;
    }
    return true;
}

void pb_story_free_tracks(struct pb_story_tracks *tracks) {
    for (size_t i = 0; i < tracks->count; i++) free((void *)tracks->tracks[i].changes);
    tracks->count = 0;
}

bool pb_story_is_drawn(const struct pb_story *story, const struct pb_story_event *event) {
    for (size_t i = 0; i < PB_STORY_TRACKS; i++)
        if (is_event_of(story->names[event->name], i / PB_STORY_CORD_TRACKS, i % PB_STORY_CORD_TRACKS)) return true;
    return false;
}

bool pb_story_matches(const struct pb_story *story, const struct pb_recipe *recipe,
                      const struct pb_story_event *event) {
    if (strcmp(story->names[event->name], recipe->name) != 0) return false;
    return pb_recipe_has(recipe, event->value);
}

/* --- samples ------------------------------------------------------------------------------------------------------------- */

static enum pb_status take_sampling(void *user, const struct pb_sampling *sampling, int64_t first_index,
                                    const int16_t *counts, size_t count) {
    (void)first_index, (void)counts, (void)count;
    *(struct pb_sampling *)user = *sampling;
    return PB_OK;
}

enum pb_status pb_story_sampling(const struct pb_story *story, const char *channel, struct pb_sampling *ret_sampling,
                                 struct pb_error *error) {
    size_t name = find_name(story, channel), i = 0;
    while (i < story->capture_count && story->captures[i].name != name) i++;
    if (name == story->name_count || i == story->capture_count)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, channel, "no samples were kept");
    return pb_reader_samples(story->reader, channel, story->captures[i].first, 1, take_sampling, ret_sampling, error);
}

struct filling {
    pb_instant from;
    double columns_per_ns;
    struct pb_wave_column *columns;
    size_t count;
    int64_t found;
};

static enum pb_status fill(void *user, const struct pb_sampling *sampling, int64_t first_index, const int16_t *counts,
                           size_t count) {
    struct filling *filling = user;
    for (size_t i = 0; i < count; i++) {
        int64_t ns = pb_sampling_ns_of(sampling, first_index + (int64_t)i) - filling->from.ns;
        double column = (double)ns * filling->columns_per_ns;
        if (column < 0 || column >= (double)filling->count) continue;
        int64_t uv = sampling->uv_offset + counts[i] * sampling->uv_num / sampling->uv_den;
        int32_t level = (int32_t)(uv > 100000000 ? 100000000 : uv < -100000000 ? -100000000 : uv);
        struct pb_wave_column *into = &filling->columns[(size_t)column];
        if (into->low_uv > into->high_uv) *into = (struct pb_wave_column){level, level};
        if (level < into->low_uv) into->low_uv = level;
        if (level > into->high_uv) into->high_uv = level;
        filling->found++;
    }
    return PB_OK;
}

enum pb_status pb_story_columns(const struct pb_story *story, const char *channel, pb_instant from, pb_instant to,
                                struct pb_wave_column *columns, size_t count, int64_t *ret_found,
                                struct pb_error *error) {
    struct pb_sampling sampling;
    struct filling filling = {from, (double)count / (double)pb_between(from, to).ns, columns, count, 0};
    *ret_found = 0;
    for (size_t i = 0; i < count; i++) columns[i] = (struct pb_wave_column){1, 0};
    enum pb_status status = pb_story_sampling(story, channel, &sampling, error);
    if (status != PB_OK) return status == PB_ERR_NOT_FOUND ? PB_OK : status;
    int64_t first = pb_sampling_index_at(&sampling, from.ns), end = pb_sampling_index_at(&sampling, to.ns);
    size_t name = find_name(story, channel);
    for (size_t i = 0; status == PB_OK && i < story->capture_count; i++) {
        const struct pb_story_capture *capture = &story->captures[i];
        int64_t begin = capture->first > first ? capture->first : first;
        int64_t past = capture->first + capture->count < end ? capture->first + capture->count : end;
        if (capture->name == name && begin < past)
            status = pb_reader_samples(story->reader, channel, begin, past - begin, fill, &filling, error);
    }
    *ret_found = filling.found;
    return status;
}

struct searching {
    struct pb_story_period *period;
    int side; /* -1, 1; 0: not known yet */
};

static enum pb_status search(void *user, const struct pb_sampling *sampling, int64_t first_index, const int16_t *counts,
                             size_t count) {
    struct searching *searching = user;
    struct pb_story_period *period = searching->period;
    for (size_t i = 0; i < count; i++) {
        int side = sampling->uv_offset + counts[i] * sampling->uv_num / sampling->uv_den >= 0 ? 1 : -1;
        pb_instant at = {pb_sampling_ns_of(sampling, first_index + (int64_t)i)};
        if (searching->side && side != searching->side) {
            if (side > 0 && period->rise.ns == PB_INSTANT_NEVER.ns) period->rise = at;
            else if (side > 0 && period->fall.ns != PB_INSTANT_NEVER.ns && period->next_rise.ns == PB_INSTANT_NEVER.ns)
                period->next_rise = at;
            else if (side < 0 && period->rise.ns != PB_INSTANT_NEVER.ns && period->fall.ns == PB_INSTANT_NEVER.ns)
                period->fall = at;
        }
        searching->side = side;
    }
    return PB_OK;
}

enum pb_status pb_story_find_period(const struct pb_story *story, const char *channel, int64_t first, int64_t count,
                                    struct pb_story_period *ret_period, struct pb_error *error) {
    struct searching searching = {ret_period, 0};
    *ret_period = (struct pb_story_period){PB_INSTANT_NEVER, PB_INSTANT_NEVER, PB_INSTANT_NEVER};
    enum pb_status status = pb_reader_samples(story->reader, channel, first, count, search, &searching, error);
    return status == PB_ERR_NOT_FOUND ? PB_OK : status;
}
