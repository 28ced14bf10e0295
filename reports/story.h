/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What figures need of a record beside its summary: events, messages, and which samples were kept. Inside reports/ only. */
#ifndef PB_REPORTS_STORY_H
#define PB_REPORTS_STORY_H

#include "judge/choreography.h"
#include "judge/summary.h"
#include "pilot_emulator/state.h"
#include "reports/figures/figures.h"

struct pb_story_event {
    int64_t seq;
    pb_instant at, other;
    size_t name; /* into names */
    int64_t value, before;
};
struct pb_story_message {
    pb_instant at;
    int32_t case_no, step_no;
    char name[48], from[24], to[24];
    enum pb_said said;
    char label[72]; /* name, and what is special: "vin (injected)" */
    char how[48];   /* "sent", "mutated: flip" */
    char *fields;   /* compact JSON, or what came or went instead; owned */
};
struct pb_story_capture {
    size_t name;
    int64_t first, count;
};
struct pb_story {
    struct pb_reader *reader;     /* not owned */
    bool has_windows;             /* records from before they were kept have none */
    struct pb_cp_windows windows; /* by which the run told the pilot's states */
    char names[64][48];           /* of events and channels; those beyond are left out */
    size_t name_count;
    struct pb_story_event *events; /* in order of time */
    size_t event_count;
    struct pb_story_message *messages; /* in order of the record */
    size_t message_count;
    struct pb_story_capture *captures; /* in order of the record */
    size_t capture_count;
};
PB_MUST_CHECK enum pb_status pb_story_read(struct pb_reader *reader, struct pb_story *ret_story,
                                           struct pb_error *error);
void pb_story_finish(struct pb_story *story);

/* Tracks of the whole run, of each cord: the pilot's state, its PWM, each pole, the current. Caller frees with pb_story_free_tracks. False: no memory. */
enum { PB_STORY_CORDS = 2, PB_STORY_CORD_TRACKS = 7, PB_STORY_TRACKS = PB_STORY_CORDS * PB_STORY_CORD_TRACKS };
struct pb_story_tracks {
    struct pb_track tracks[PB_STORY_TRACKS];
    size_t count;
};
bool pb_story_make_tracks(const struct pb_story *story, struct pb_story_tracks *ret_tracks);
void pb_story_free_tracks(struct pb_story_tracks *tracks);
/* Events that tracks are made of. */
bool pb_story_is_drawn(const struct pb_story *story, const struct pb_story_event *event);
/* Does the recipe's event mask and name hold for it? */
bool pb_story_matches(const struct pb_story *story, const struct pb_recipe *recipe, const struct pb_story_event *event);

/* The channel's sampling; PB_ERR_NOT_FOUND when nothing of it was kept. */
PB_MUST_CHECK enum pb_status pb_story_sampling(const struct pb_story *story, const char *channel,
                                               struct pb_sampling *ret_sampling, struct pb_error *error);
/* Fills count columns with the kept samples of from..to. *ret_found: how many samples there were. */
PB_MUST_CHECK enum pb_status pb_story_columns(const struct pb_story *story, const char *channel, pb_instant from,
                                              pb_instant to, struct pb_wave_column *columns, size_t count,
                                              int64_t *ret_found, struct pb_error *error);
/* The first instants after `from` at which the channel rises, falls, and rises again through 0 V; NEVER where it does not. */
struct pb_story_period {
    pb_instant rise, fall, next_rise;
};
PB_MUST_CHECK enum pb_status pb_story_find_period(const struct pb_story *story, const char *channel, int64_t first,
                                                  int64_t count, struct pb_story_period *ret_period,
                                                  struct pb_error *error);

#endif
