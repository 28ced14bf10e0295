/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extractors: from recorded rows and samples to a reading. One row of the table each; a change of what one returns for
 * the same record is a new version; the versions before it stay, so that old runs are judged again to equal bits. Everything that is not the file's fault is an outcome, never an error. */
#include "base/text.h"
#include "judge/choreography.h"
#include "judge/vehicle.h"
#include "pilot_emulator/periods.h"
#include "pilot_emulator/resistance.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How long before its other date an event may be dated: a pilot may take its time from one state's window to the next.
 */
static const pb_span other_date_reach = {10000000000};
/* No date of a bench is known so badly. */
static const pb_span date_u_max = {2000000000};

typedef enum pb_status extract_fn(struct pb_reader *reader, const struct pb_recipe *recipe, struct pb_reading *reading,
                                  struct pb_error *error);
static extract_fn extract_pilot, extract_span_to_first, extract_count, extract_source_resistance, extract_current_max,
    extract_current_settles, extract_level_at_12v, extract_current_sum_max;

static const struct {
    const char *name;
    int version;
    enum pb_unit unit;
    extract_fn *function;
} extractors[PB_EXTRACTOR_COUNT] = {
    [PB_EXTRACT_PILOT_HIGH] = {"pilot_high", 3, PB_UNIT_VOLT, extract_pilot},
    [PB_EXTRACT_PILOT_LOW] = {"pilot_low", 3, PB_UNIT_VOLT, extract_pilot},
    [PB_EXTRACT_PILOT_FREQUENCY] = {"pilot_frequency", 3, PB_UNIT_HERTZ, extract_pilot},
    [PB_EXTRACT_PILOT_DUTY] = {"pilot_duty", 3, PB_UNIT_PERCENT, extract_pilot},
    [PB_EXTRACT_SPAN_TO_FIRST] = {"span_to_first", 2, PB_UNIT_SECOND, extract_span_to_first},
    [PB_EXTRACT_COUNT_EVENTS] = {"count", 1, PB_UNIT_NONE, extract_count},
    [PB_EXTRACT_SOURCE_RESISTANCE] = {"source_resistance", 3, PB_UNIT_OHM, extract_source_resistance},
    [PB_EXTRACT_MESSAGE] = {"message", 1, PB_UNIT_SECOND, pb_choreography_judge},
    [PB_EXTRACT_CURRENT_MAX] = {"current_max", 1, PB_UNIT_AMPERE, extract_current_max},
    [PB_EXTRACT_CURRENT_SETTLES] = {"current_settles", 1, PB_UNIT_SECOND, extract_current_settles},
    [PB_EXTRACT_CURRENT_SUM_MAX] = {"current_sum_max", 1, PB_UNIT_AMPERE, extract_current_sum_max},
    [PB_EXTRACT_LEVEL_AT_12V] = {"level_at_12v", 1, PB_UNIT_VOLT, extract_level_at_12v},
    [PB_EXTRACT_CAPACITANCE] = {"capacitance", 1, PB_UNIT_FARAD, pb_judge__capacitance},
    [PB_EXTRACT_TOLD_ENERGY] = {"told_energy", 1, PB_UNIT_PERCENT, pb_judge__told_energy},
    [PB_EXTRACT_DWELL_SHORTEST] = {"dwell_shortest", 1, PB_UNIT_SECOND, pb_judge__dwell},
    [PB_EXTRACT_DWELL_LONGEST] = {"dwell_longest", 1, PB_UNIT_SECOND, pb_judge__dwell},
    [PB_EXTRACT_PILOT_RISE] = {"pilot_rise", 3, PB_UNIT_SECOND, extract_pilot},
    [PB_EXTRACT_PILOT_FALL] = {"pilot_fall", 3, PB_UNIT_SECOND, extract_pilot},
    [PB_EXTRACT_OTHER_MESSAGES] = {"other_messages", 2, PB_UNIT_NONE, pb_choreography_judge},
};

const char *pb_extractor_name(enum pb_extractor extractor) {
    return (unsigned)extractor < PB_EXTRACTOR_COUNT ? extractors[extractor].name : "?";
}

enum pb_extractor pb_extractor_find(const char *name) {
    for (unsigned i = 0; i < PB_EXTRACTOR_COUNT; i++)
        if (strcmp(extractors[i].name, name) == 0) return (enum pb_extractor)i;
    return PB_EXTRACTOR_COUNT;
}

int pb_extractor_version(enum pb_extractor extractor) {
    return (unsigned)extractor < PB_EXTRACTOR_COUNT ? extractors[extractor].version : 0;
}

enum pb_unit pb_extractor_unit(enum pb_extractor extractor) {
    return (unsigned)extractor < PB_EXTRACTOR_COUNT ? extractors[extractor].unit : PB_UNIT_NONE;
}

void pb_judge__set_outcome(struct pb_reading *reading, enum pb_outcome outcome, const char *format, ...) {
    reading->outcome = outcome;
    reading->quantity.value = reading->quantity.u = 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reading->reason, sizeof reading->reason, format, arguments);
    va_end(arguments);
    pb_text_drop_partial(reading->reason);
}

static void set_value(struct pb_reading *reading, int64_t value, int64_t u) {
    reading->quantity.value = value;
    reading->quantity.u = u < 0 ? 0 : u;
}

/* --- samples ------------------------------------------------------------------------------------------------------ */

/* Version 1 measures by the meter, later ones by the analyser of periods. */
struct feed {
    int version;
    int64_t edge_limit_ns[2]; /* [fall, rise] */
    union {
        struct pb_cp_meter meter;
        struct pb_cp_analyser analyser;
    } by;
    bool is_started;
};

static void feed_begin(struct feed *feed, const struct pb_sampling *sampling) {
    feed->is_started = true;
    if (feed->version == 1) pb_cp_meter_init(&feed->by.meter, sampling);
    else
        pb_cp_analyser_init(&feed->by.analyser, &(struct pb_cp_analyser_setup){.sampling = *sampling,
                                                                               .edge_limit_ns = {
                                                                                   feed->edge_limit_ns[PB_CP_LOW],
                                                                                   feed->edge_limit_ns[PB_CP_HIGH],
                                                                               }});
}

static enum pb_status feed_samples(void *user, const struct pb_sampling *sampling, int64_t first_index,
                                   const int16_t *counts, size_t count) {
    struct feed *feed = user;
    (void)first_index;
    if (!feed->is_started) feed_begin(feed, sampling);
    if (feed->version == 1) pb_cp_meter_feed(&feed->by.meter, counts, count);
    else pb_cp_analyser_feed(&feed->by.analyser, counts, count);
    return PB_OK;
}

static void set_level(struct pb_reading *reading, const struct pb_cp_measurement *measured, bool is_settled, int64_t uv,
                      int64_t u_uv) {
    if (measured->is_saturated)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "a sample sat at the end of the converter's range");
    else if (!is_settled)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "no settled plateau in %" PRId64 " samples (%" PRId64 " periods)", measured->samples,
                              measured->periods);
    else set_value(reading, uv, u_uv);
}

static void set_of_periods(struct pb_reading *reading, const struct pb_cp_measurement *measured, int64_t value,
                           int64_t u) {
    if (measured->periods == 0)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "no whole PWM period in %" PRId64 " samples",
                              measured->samples);
    else set_value(reading, value, u);
}

static void set_edge(struct pb_reading *reading, const struct pb_cp_measurement *measured, bool is_measured, int64_t ns,
                     int64_t u_ns) {
    if (measured->is_saturated)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "a sample sat at the end of the converter's range");
    else if (!is_measured)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "no whole edge between settled plateaus in %" PRId64 " samples (%" PRId64 " periods)",
                              measured->samples, measured->periods);
    else set_value(reading, ns, u_ns);
}

static void set_measured(struct pb_reading *reading, enum pb_extractor extractor,
                         const struct pb_cp_measurement *measured) {
    switch (extractor) {
    case PB_EXTRACT_PILOT_RISE:
        set_edge(reading, measured, measured->is_rise_measured, measured->rise_ns, measured->u_rise_ns);
        break;
    case PB_EXTRACT_PILOT_FALL:
        set_edge(reading, measured, measured->is_fall_measured, measured->fall_ns, measured->u_fall_ns);
        break;
    case PB_EXTRACT_PILOT_HIGH:
        set_level(reading, measured, measured->is_high_settled, measured->high_uv, measured->u_high_uv);
        break;
    case PB_EXTRACT_PILOT_LOW:
        set_level(reading, measured, measured->is_low_settled, measured->low_uv, measured->u_low_uv);
        break;
    case PB_EXTRACT_PILOT_FREQUENCY:
        set_of_periods(reading, measured, measured->frequency_uhz, measured->u_frequency_uhz);
        break;
    default: set_of_periods(reading, measured, measured->duty_ppm, measured->u_duty_ppm); break;
    }
}

/* No number where the bench is not fast enough for the limit: says which part of it is not. */
static void refuse_edge(struct pb_reading *reading, const struct pb_cp_analyser_setup *setup, int64_t limit_ns) {
    const struct pb_sampling *sampling = &setup->sampling;
    char third[48], own[48];
    pb_quantity_format(limit_ns / 3, PB_UNIT_SECOND, 3, third, sizeof third);
    int64_t period_ns = sampling->period_num_ns / sampling->period_den;
    if (3 * (__int128)sampling->period_num_ns > (__int128)limit_ns * sampling->period_den)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "not measurable on this bench: sampled every %s, more than a third of the limit (%s)",
                              pb_quantity_format(period_ns, PB_UNIT_SECOND, 3, own, sizeof own), third);
    else if (sampling->front_rise_ns == 0)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "not measurable on this bench: its front end's own rise time is not known (front_rise)");
    else
        pb_judge__set_outcome(
            reading, PB_OUTCOME_UNREADABLE,
            "not measurable on this bench: its front end itself takes %s, more than a third of the limit (%s)",
            pb_quantity_format(sampling->front_rise_ns, PB_UNIT_SECOND, 3, own, sizeof own), third);
}

/* Measures a range. *ret_measured only if reading's outcome is still VALUE. */
static enum pb_status measure(struct pb_reader *reader, const struct pb_recipe *recipe, int64_t first, int64_t count,
                              struct pb_reading *reading, struct pb_cp_measurement *ret_measured,
                              struct pb_error *error) {
    if (count <= 0) {
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "the recipe names no samples");
        return PB_OK;
    }
    struct feed feed;
    int side = recipe->extractor == PB_EXTRACT_PILOT_FALL ? PB_CP_LOW : PB_CP_HIGH;
    bool is_edge = recipe->extractor == PB_EXTRACT_PILOT_RISE || recipe->extractor == PB_EXTRACT_PILOT_FALL;
    feed.version = recipe->version;
    feed.is_started = false;
    feed.edge_limit_ns[PB_CP_LOW] = feed.edge_limit_ns[PB_CP_HIGH] = 0;
    if (is_edge) feed.edge_limit_ns[side] = recipe->most;
    struct pb_error missing = {0};
    enum pb_status status = pb_reader_samples(reader, recipe->name, first, count, feed_samples, &feed, &missing);
    if (status == PB_ERR_NOT_FOUND || (status == PB_OK && !feed.is_started)) {
        pb_judge__set_outcome(reading, PB_OUTCOME_LOST, "%.150s",
                              missing.text[0] ? missing.text : "samples were not kept");
        return PB_OK;
    }
    if (status != PB_OK) {
        if (error) *error = missing;
        return status;
    }
    if (feed.version == 1) pb_cp_meter_finish(&feed.by.meter, ret_measured);
    else pb_cp_analyser_measure_as(&feed.by.analyser, feed.version, ret_measured);
    if (is_edge && feed.version > 1 && !pb_cp_edge_is_measurable(&feed.by.analyser.setup, side))
        refuse_edge(reading, &feed.by.analyser.setup, recipe->most);
    return PB_OK;
}

static enum pb_status extract_pilot(struct pb_reader *reader, const struct pb_recipe *recipe,
                                    struct pb_reading *reading, struct pb_error *error) {
    struct pb_cp_measurement measured = {0};
    enum pb_status status = measure(reader, recipe, recipe->first, recipe->count, reading, &measured, error);
    if (status == PB_OK && reading->outcome == PB_OUTCOME_VALUE) set_measured(reading, recipe->extractor, &measured);
    return status;
}

static void set_source_resistance(struct pb_reading *reading, const struct pb_recipe *recipe,
                                  const struct pb_cp_measurement *open, const struct pb_cp_measurement *loaded) {
    const struct pb_cp_two_levels levels = {open->high_uv,     open->u_high_uv,   loaded->high_uv,
                                            loaded->u_high_uv, recipe->load_mohm, recipe->u_load_mohm,
                                            recipe->diode_uv,  recipe->u_diode_uv};
    int64_t mohm, u_mohm;
    if (pb_cp_source_resistance(&levels, recipe->version, &mohm, &u_mohm)) set_value(reading, mohm, u_mohm);
    else
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "the levels %" PRId64 " uV open and %" PRId64 " uV loaded give no resistance",
                              levels.open_uv, levels.loaded_uv);
}

/* The high levels of a recipe's two ranges. *ret_... only if reading's outcome is still VALUE. */
static enum pb_status measure_pair(struct pb_reader *reader, const struct pb_recipe *recipe, struct pb_reading *reading,
                                   struct pb_cp_measurement *ret_first, struct pb_cp_measurement *ret_second,
                                   struct pb_error *error) {
    enum pb_status status = measure(reader, recipe, recipe->first, recipe->count, reading, ret_first, error);
    if (status != PB_OK || reading->outcome != PB_OUTCOME_VALUE) return status;
    status = measure(reader, recipe, recipe->first2, recipe->count2, reading, ret_second, error);
    if (status != PB_OK || reading->outcome != PB_OUTCOME_VALUE) return status;
    if (!ret_first->is_high_settled || !ret_second->is_high_settled || ret_first->is_saturated ||
        ret_second->is_saturated)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "a level is not settled or saturated");
    return PB_OK;
}

static enum pb_status extract_source_resistance(struct pb_reader *reader, const struct pb_recipe *recipe,
                                                struct pb_reading *reading, struct pb_error *error) {
    struct pb_cp_measurement open = {0}, loaded = {0};
    enum pb_status status = measure_pair(reader, recipe, reading, &open, &loaded, error);
    if (status == PB_OK && reading->outcome == PB_OUTCOME_VALUE) set_source_resistance(reading, recipe, &open, &loaded);
    return status;
}

/* VL' = Vd + (VL - Vd) (12 V - Vd) / (Voc - Vd); the two shares of U are added linearly: never too small, whatever their
 * correlation. */
static enum pb_status extract_level_at_12v(struct pb_reader *reader, const struct pb_recipe *recipe,
                                           struct pb_reading *reading, struct pb_error *error) {
    struct pb_cp_measurement open = {0}, loaded = {0};
    enum pb_status status = measure_pair(reader, recipe, reading, &loaded, &open, error);
    if (status != PB_OK || reading->outcome != PB_OUTCOME_VALUE) return status;
    bool is_diode = recipe->diode_uv >= 0 && recipe->diode_uv < 12000000;
    if (!is_diode || open.high_uv - recipe->diode_uv < 1000000) {
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "an open level of %" PRId64 " uV tells nothing",
                              open.high_uv);
        return PB_OK;
    }
    double diode = (double)recipe->diode_uv, gain = (12e6 - diode) / ((double)open.high_uv - diode);
    double over = ((double)loaded.high_uv - diode) * gain, over_size = over < 0 ? -over : over;
    double u = gain * (double)loaded.u_high_uv + over_size / ((double)open.high_uv - diode) * (double)open.u_high_uv;
    double value = diode + over;
    set_value(reading, (int64_t)(value < 0 ? value - 0.5 : value + 0.5), (int64_t)(u + 0.5));
    return PB_OK;
}

/* --- events ------------------------------------------------------------------------------------------------------- */

bool pb_recipe_has(const struct pb_recipe *recipe, int64_t value) {
    if (!recipe->mask && !recipe->mask_high) return true;
    if (value < 0 || value >= 128) return false;
    return ((value < 64 ? recipe->mask : recipe->mask_high) >> value % 64 & 1) != 0;
}

static bool is_match(const struct pb_recipe *recipe, const struct pb_row *row) { return pb_recipe_has(recipe, row->a); }

struct search {
    const struct pb_recipe *recipe;
    pb_instant found_at;
    int64_t found_u_ns;
    bool is_found;
    int64_t count;
};

/* An answer is not missed because its date, or the date it counts from, is not better known (version 2). */
static pb_instant earliest(const struct pb_recipe *recipe, const struct pb_row *row) {
    if (recipe->version < 2) return recipe->from;
    return pb_after(recipe->from, pb_ns(-pb_add_saturating(recipe->from_u_ns, row->d)));
}

static enum pb_status stop_at_first(void *user, const struct pb_row *row) {
    struct search *search = user;
    const struct pb_recipe *recipe = search->recipe;
    pb_instant date = recipe->use_other_date ? (pb_instant){row->c} : row->at;
    if (!pb_is_before(earliest(recipe, row), date) || pb_is_before(recipe->until, date) || !is_match(recipe, row))
        return PB_OK;
    search->found_at = date;
    search->found_u_ns = row->d;
    search->is_found = true;
    return PB_ERR_INTERRUPTED; /* ends the visit; is_found says that it is no error */
}

/* U is the linear sum of both dates' U: never too small, whatever their correlation, and no square root. */
static enum pb_status extract_span_to_first(struct pb_reader *reader, const struct pb_recipe *recipe,
                                            struct pb_reading *reading, struct pb_error *error) {
    struct search search = {.recipe = recipe};
    pb_instant start = recipe->version < 2 ? recipe->from : pb_after(recipe->from, pb_ns(-date_u_max.ns));
    if (recipe->use_other_date) start = pb_after(start, pb_ns(-other_date_reach.ns));
    enum pb_status status =
        pb_reader_each_event(reader, recipe->name, start, recipe->until, stop_at_first, &search, error);
    if (status != PB_OK && !search.is_found) return status;
    if (search.is_found) {
        set_value(reading, pb_between(recipe->from, search.found_at).ns,
                  pb_add_saturating(recipe->from_u_ns, search.found_u_ns));
        return PB_OK;
    }
    char window[48];
    if (recipe->until.ns == PB_INSTANT_NEVER.ns) snprintf(window, sizeof window, "the end of the record");
    else pb_quantity_format(pb_between(recipe->from, recipe->until).ns, PB_UNIT_SECOND, 6, window, sizeof window);
    pb_judge__set_outcome(reading, PB_OUTCOME_ABSENT, "no %sevent \"%s\" within %s",
                          recipe->mask || recipe->mask_high ? "matching " : "", recipe->name, window);
    return PB_OK;
}

static enum pb_status count_matches(void *user, const struct pb_row *row) {
    struct search *search = user;
    if (is_match(search->recipe, row)) search->count++;
    return PB_OK;
}

static enum pb_status extract_count(struct pb_reader *reader, const struct pb_recipe *recipe,
                                    struct pb_reading *reading, struct pb_error *error) {
    struct search search = {.recipe = recipe};
    if (pb_is_before(recipe->from, recipe->until)) {
        pb_instant last = pb_after(recipe->until, pb_ns(-1));
        enum pb_status status =
            pb_reader_each_event(reader, recipe->name, recipe->from, last, count_matches, &search, error);
        if (status != PB_OK) return status;
    }
    set_value(reading, search.count, 0);
    return PB_OK;
}

/* --- values of events --------------------------------------------------------------------------------------------- */

/* Events of the case (from row first_row on) are visited from its begin: what stood at `from` counts. */
struct values {
    const struct pb_recipe *recipe;
    int64_t standing, greatest; /* at `from`, or now; greatest since */
    bool is_there;              /* in the bounds since `since` */
    pb_instant since;
    int64_t since_u_ns;
};

static bool is_in_bounds(const struct pb_recipe *recipe, int64_t value) {
    return value >= recipe->least && (recipe->most == 0 || value <= recipe->most);
}

static enum pb_status take_value(void *user, const struct pb_row *row) {
    struct values *values = user;
    const struct pb_recipe *recipe = values->recipe;
    if (row->seq < recipe->first_row) return PB_OK; /* of a case before */
    bool is_before = !pb_is_before(recipe->from, row->at), is_once = recipe->most == 0;
    values->standing = row->a;
    if (is_before || row->a > values->greatest) values->greatest = row->a;
    if (is_before) {
        values->is_there = is_in_bounds(recipe, row->a);
        values->since = recipe->from;
        values->since_u_ns = 0;
    } else if (!is_in_bounds(recipe, row->a)) {
        values->is_there = values->is_there && is_once;
    } else if (!values->is_there) {
        values->is_there = true;
        values->since = row->at;
        values->since_u_ns = row->d;
    }
    return PB_OK;
}

static enum pb_status visit_values(struct pb_reader *reader, const struct pb_recipe *recipe, struct values *ret_values,
                                   struct pb_error *error) {
    *ret_values = (struct values){.recipe = recipe, .is_there = is_in_bounds(recipe, 0), .since = recipe->from};
    if (recipe->until.ns <= 0) return PB_OK;
    return pb_reader_each_event(reader, recipe->name, PB_INSTANT_ZERO, pb_after(recipe->until, pb_ns(-1)), take_value,
                                ret_values, error);
}

static enum pb_status extract_current_max(struct pb_reader *reader, const struct pb_recipe *recipe,
                                          struct pb_reading *reading, struct pb_error *error) {
    struct values values;
    enum pb_status status = visit_values(reader, recipe, &values, error);
    if (status == PB_OK) set_value(reading, values.greatest, recipe->value_u);
    return status;
}

/* Values that stand together from `since` on; what changes at one instant changes at once. */
struct sums {
    const struct pb_recipe *recipe;
    char second[48]; /* name of the second cord's */
    int64_t standing[2], greatest;
    pb_instant since;
};

static void end_stretch(struct sums *sums, pb_instant end) {
    int64_t sum = pb_add_saturating(sums->standing[0], sums->standing[1]);
    bool is_inside = pb_is_before(sums->recipe->from, end) && pb_is_before(sums->since, sums->recipe->until);
    if (is_inside && sum > sums->greatest) sums->greatest = sum;
}

static enum pb_status add_value(void *user, const struct pb_row *row) {
    struct sums *sums = user;
    bool is_second = strcmp(row->name, sums->second) == 0;
    if (!is_second && strcmp(row->name, sums->recipe->name) != 0) return PB_OK;
    if (row->at.ns != sums->since.ns) end_stretch(sums, row->at);
    sums->since = row->at;
    sums->standing[is_second] = row->a;
    return PB_OK;
}

static enum pb_status extract_current_sum_max(struct pb_reader *reader, const struct pb_recipe *recipe,
                                              struct pb_reading *reading, struct pb_error *error) {
    struct sums sums = {.recipe = recipe, .since = recipe->from};
    snprintf(sums.second, sizeof sums.second, "cord[2].%s", recipe->name);
    enum pb_status status = pb_reader_each_row(reader, recipe->first_row, 1u << PB_ROW_EVENT, add_value, &sums, error);
    if (status != PB_OK) return status;
    end_stretch(&sums, PB_INSTANT_NEVER);
    set_value(reading, sums.greatest, recipe->value_u);
    return PB_OK;
}

static enum pb_status extract_current_settles(struct pb_reader *reader, const struct pb_recipe *recipe,
                                              struct pb_reading *reading, struct pb_error *error) {
    struct values values;
    char now[48];
    enum pb_status status = visit_values(reader, recipe, &values, error);
    if (status != PB_OK) return status;
    if (values.is_there)
        set_value(reading, pb_between(recipe->from, values.since).ns,
                  pb_add_saturating(recipe->from_u_ns, values.since_u_ns));
    else {
        pb_quantity_format(values.standing, PB_UNIT_AMPERE, 6, now, sizeof now);
        pb_judge__set_outcome(reading, PB_OUTCOME_ABSENT, "at the end of the observation %s flow", now);
    }
    return PB_OK;
}

enum pb_status pb_judge_read(struct pb_reader *reader, const struct pb_recipe *recipe, struct pb_reading *ret_reading,
                             struct pb_error *error) {
    if ((unsigned)recipe->extractor >= PB_EXTRACTOR_COUNT)
        return pb_fail(error, PB_ERR_ARG, 0, "judge", "there is no extractor number %d", (int)recipe->extractor);
    struct pb_reading reading = {.outcome = PB_OUTCOME_VALUE, .quantity = {.unit = extractors[recipe->extractor].unit}};
    if (recipe->version < 1 || recipe->version > extractors[recipe->extractor].version)
        pb_judge__set_outcome(
            &reading, PB_OUTCOME_UNREADABLE, "the recipe needs %s version %d, this program has up to version %d",
            extractors[recipe->extractor].name, recipe->version, extractors[recipe->extractor].version);
    else {
        enum pb_status status = extractors[recipe->extractor].function(reader, recipe, &reading, error);
        if (status != PB_OK) return status;
    }
    *ret_reading = reading;
    return PB_OK;
}
