/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The physics of all cords: what the bench sets and what the DUTs drive go in, in time order; events for the bench, input records
 * for the DUTs and samples come out. No I/O, no clock: the same calls give the same output.
 * One cord: the pilot node (a generator against plug, R2, S2 and R3, diode, short, capacitance), mains, contactor poles, the vehicle's draw
 * through pole 0, and the charging meter (EUMD) on it. Each side, EVSE (generator, coils) and vehicle (R2 to draw), is a process once one was attached,
 * until then the bench's outputs. What the bench senses (poles, current) is dated on the sense sample clock, current on the mains' if so configured. */
#ifndef PB_WORLD_MODEL_H
#define PB_WORLD_MODEL_H

#include "base/instant.h"
#include "base/status.h"
#include "world/bench_link/pb_bench_link.h"
#include "world/contactor.h"
#include "world/meter.h"
#include "world/sampler.h"
#include "world/wire/pb_wire.h"

#include <stdbool.h>

#define PB_CORDS_MAX 16
#define PB_POLES_MAX 4

struct pb_model_sink {
    void *user;
    void (*event)(void *user, const struct pbl_event *event);
    /* An input for the DUTs of this cord; record->cord, seq and t_ns are left to the receiver. */
    void (*input)(void *user, unsigned cord, const struct pbw_record *record);
    struct pb_sampler_sink samples, scope;
};

/* What an isolated input of the bench sees: a change is told at the next tick of the sample clock. */
struct pb_sensed {
    int64_t actual, told;
    pb_instant due;
};

/* What drives the pilot. */
struct pb_generator {
    bool is_pwm;
    struct pb_cp_drive drive; /* used when !is_pwm */
    struct pb_cp_pwm pwm;
    pb_instant due; /* the bench's figures take effect; NEVER: nothing is to be done */
};

/* A vehicle that is a process: what it said, and what it was told. */
struct pb_vehicle {
    bool has_load; /* it has said one */
    struct pbw_ev_load load;
    int64_t draw_ma;
    bool is_latching;
    struct pbw_ev_pilot pilot;
    int64_t pp_mohm, volts_mv[PB_POLES_MAX];
};

struct pb_cord {
    int64_t outputs[PBL_OUT_COUNT];
    struct pb_pole poles[PB_POLES_MAX];
    struct pb_random random;
    bool has_volts[PB_POLES_MAX]; /* as last told to the DUT */
    struct pb_sensed pole_sense[PB_POLES_MAX], current_sense;
    int64_t amps_ma;         /* as last told to the DUT */
    struct pbw_cp_load load; /* as last told to the DUT */
    bool is_locked, is_ccid_test;
    bool has_evse, has_vehicle; /* a process plays it */
    struct pb_generator generator;
    struct pb_vehicle vehicle;
    struct pb_meter meter;
    struct pb_sampler sampler, scope; /* scope: only while a block of it is asked for, if there is one */
};

struct pb_model {
    struct pbl_config config;
    struct pb_front_end front_end, scope; /* of cp_sense and of the oscilloscope */
    struct pb_pole_figures figures;
    struct pb_model_sink sink;
    struct pb_cord cords[PB_CORDS_MAX];
};

/* The first figure that is nonsense, in a sentence; PB_ERR_UNSUPPORTED for another version, else PB_ERR_RANGE. */
PB_MUST_CHECK enum pb_status pb_model_check(const struct pbl_config *config, struct pb_error *error);
/* config must have passed pb_model_check(). The model points into itself: it stays where it is. */
void pb_model_init(struct pb_model *model, const struct pbl_config *config, const struct pb_model_sink *sink);

/* Sets an output of the bench, of one cord or (PBL_EVERY_CORD) of all, in their order. PB_ERR_RANGE (nothing changes) with what is allowed. */
PB_MUST_CHECK enum pb_status pb_model_set(struct pb_model *model, pb_instant now, unsigned cord_number, unsigned output,
                                          int64_t value, struct pb_error *error);
int64_t pb_model_get(const struct pb_model *model, unsigned cord, unsigned output); /* of every cord: the first's */
const char *pb_model_output_name(unsigned output);                                  /* "plug"; "?" for none */
/* From now on a process plays the EVSE or the vehicle of this cord (other actors: nothing changes): what the bench did there is let go. */
void pb_model_attach(struct pb_model *model, pb_instant now, unsigned cord_number, enum pbw_actor actor);
/* An output record of a DUT (checked by pb_wire_turn) takes effect. Bytes are not the model's. */
void pb_model_drive(struct pb_model *model, pb_instant now, unsigned cord_number, const struct pbw_record *record);
/* All inputs of a cord as they stand, for a DUT that starts: calls give_to() in a fixed order, an EVSE's, then a vehicle's. */
void pb_model_greet(const struct pb_model *model, unsigned cord_number, void *user,
                    void (*give_to)(void *user, unsigned cord, const struct pbw_record *record));

/* When something happens by itself. */
pb_instant pb_model_next(const struct pb_model *model);
/* Everything due at now happens. */
void pb_model_run(struct pb_model *model, pb_instant now);
/* Samples of the pilot until then: cp_sense's without modelled stretches, or the oscilloscope's, from now on. */
void pb_model_keep(struct pb_model *model, pb_instant now, unsigned cord, bool is_scope, pb_instant until);
/* Tells all samples dated before now. */
void pb_model_complete(struct pb_model *model, pb_instant now, unsigned cord);
/* A pole conducts (has voltage on its load side) while its contact is closed and mains is on. */
bool pb_model_conducts(const struct pb_model *model, unsigned cord, unsigned pole);

#endif
