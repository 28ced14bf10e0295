/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of what each record may hold; sane figures are wide (no test is decided here, only nonsense is refused). */
#include "world/wire_turn.h"

#include <inttypes.h>
#include <stddef.h>

enum payload { HELLO, VALUE, DRIVE, PWM, BYTES, LOAD };

struct type_row {
    uint16_t type;
    const char *name;
    bool is_output;
    enum payload payload;
    uint8_t index_max;
    int64_t a_max;
    uint8_t actors; /* a bit each that sends it; 0: all */
};

#define EVSE 1 << PBW_EVSE
#define PEV 1 << PBW_PEV

static const struct type_row types[] = {
    {PBW_READY, "READY", false, HELLO, 0, 0, 0},
    {PBW_DONE, "DONE", false, VALUE, 255, INT64_MAX, 0},
    {PBW_CP_EDGE, "CP_EDGE", true, DRIVE, 0, 0, EVSE},
    {PBW_CP_PWM, "CP_PWM", true, PWM, 0, 0, EVSE},
    {PBW_COIL, "COIL", true, VALUE, 3, 1, EVSE},
    {PBW_CCID_TEST, "CCID_TEST", true, VALUE, 255, 1, EVSE},
    {PBW_LOCK, "LOCK", true, VALUE, 255, 1, EVSE},
    {PBW_SERIAL_OUT, "SERIAL_OUT", true, BYTES, 3, 0, 0},
    {PBW_MSG_OUT, "MSG_OUT", true, BYTES, 2, 0, 0},
    {PBW_EV_LOAD, "EV_LOAD", true, LOAD, 0, 0, PEV},
    {PBW_EV_DRAW, "EV_DRAW", true, VALUE, 0, 10000000, PEV},
    {PBW_EV_LATCH, "EV_LATCH", true, VALUE, 0, 1, PEV},
};

static const char *const input_names[] = {
    [PBW_HELLO] = "HELLO",           [PBW_RUN_UNTIL] = "RUN_UNTIL", [PBW_STOP] = "STOP",
    [PBW_CP_LOAD] = "CP_LOAD",       [PBW_PP_OHM] = "PP_OHM",       [PBW_MAINS] = "MAINS",
    [PBW_POLE_VOLTS] = "POLE_VOLTS", [PBW_PE_OK] = "PE_OK",         [PBW_VENT_OK] = "VENT_OK",
    [PBW_CCID_TRIP] = "CCID_TRIP",   [PBW_EV_AMPS] = "EV_AMPS",     [PBW_TEMP] = "TEMP",
    [PBW_POWER] = "POWER",           [PBW_SERIAL_IN] = "SERIAL_IN", [PBW_MSG_IN] = "MSG_IN",
    [PBW_EV_PILOT] = "EV_PILOT",     [PBW_EV_PP] = "EV_PP",         [PBW_EV_VOLTS] = "EV_VOLTS",
};

static const struct type_row *find_type(unsigned type) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type) return &types[i];
    return NULL;
}

const char *pb_wire_type_name(unsigned type) {
    const struct type_row *row = find_type(type);
    if (row) return row->name;
    if (type < sizeof input_names / sizeof input_names[0] && input_names[type]) return input_names[type];
    return "unknown type";
}

const char *pb_wire_actor_name(unsigned actor) {
    static const char *const names[] = {"?", "evse", "pev", "esci", "utility"};
    return actor < sizeof names / sizeof names[0] ? names[actor] : "?";
}

static bool is_zero(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (bytes[i]) return false;
    return true;
}

static bool has_reserved_zero(const struct pbw_record *record, enum payload payload) {
    if (record->reserved) return false;
    switch (payload) {
    case HELLO:
        return is_zero(record->u.hello.reserved, sizeof record->u.hello.reserved) &&
               is_zero(record->u.hello.rest, sizeof record->u.hello.rest);
    case VALUE: return is_zero(record->u.value.reserved, sizeof record->u.value.reserved);
    case DRIVE: return is_zero(record->u.cp_drive.reserved, sizeof record->u.cp_drive.reserved);
    case BYTES: return is_zero(record->u.bytes.reserved, sizeof record->u.bytes.reserved);
    case LOAD: return is_zero(record->u.ev_load.reserved, sizeof record->u.ev_load.reserved);
    case PWM: break;
    }
    return true;
}

#define FAIL(...) pb_fail(error, PB_ERR_PROTOCOL, 0, turn->who, __VA_ARGS__)
#define RECORD "record %u of the turn (%s, seq %" PRIu32 "): "
#define RECORD_ARGS turn->count, pb_wire_type_name(record->type), record->seq

static bool is_between(int64_t value, int64_t min, int64_t max) { return value >= min && value <= max; }

#define VOLTS_MAX_UV 1000000000 /* 1 kV */
#define OHMS_MAX_MOHM 1000000000000
#define FARADS_MAX_FF 1000000000000
#define DIODE_MAX_UV 10000000

struct figure {
    const char *name;
    int64_t value, min, max;
};

static enum pb_status check_figures(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                    const struct figure *figures, size_t count, struct pb_error *error) {
    for (size_t i = 0; i < count; i++)
        if (!is_between(figures[i].value, figures[i].min, figures[i].max))
            return FAIL(RECORD "%s is %" PRId64 ", expected %" PRId64 " to %" PRId64, RECORD_ARGS, figures[i].name,
                        figures[i].value, figures[i].min, figures[i].max);
    return PB_OK;
}

static enum pb_status check_load(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                 struct pb_error *error) {
    const struct pbw_ev_load *load = &record->u.ev_load;
    const struct figure figures[] = {
        {"s2", load->s2, 0, 1},
        {"has_diode", load->has_diode, 0, 1},
        {"r2_milliohm", load->r2_milliohm, 1, OHMS_MAX_MOHM},
        {"r3_milliohm", load->r3_milliohm, 1, OHMS_MAX_MOHM},
        {"diode_uv", load->diode_uv, 0, DIODE_MAX_UV},
        {"femtofarad", load->femtofarad, 0, FARADS_MAX_FF},
    };
    return check_figures(turn, record, figures, sizeof figures / sizeof figures[0], error);
}

static enum pb_status check_drive(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                  struct pb_error *error) {
    const struct pbw_cp_drive *drive = &record->u.cp_drive;
    if (drive->hi_z > 1) return FAIL(RECORD "hi_z is %u, expected 0 or 1", RECORD_ARGS, drive->hi_z);
    if (drive->hi_z) return PB_OK;
    if (!is_between(drive->open_uv, -VOLTS_MAX_UV, VOLTS_MAX_UV))
        return FAIL(RECORD "open_uv is %" PRId64 ", expected at most 1 kV", RECORD_ARGS, drive->open_uv);
    if (!is_between(drive->source_milliohm, 1, OHMS_MAX_MOHM))
        return FAIL(RECORD "source_milliohm is %" PRId64 ", expected 1 to 1e12", RECORD_ARGS, drive->source_milliohm);
    return PB_OK;
}

static enum pb_status check_pwm(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                struct pb_error *error) {
    const struct pbw_cp_pwm *pwm = &record->u.cp_pwm;
    const struct figure figures[] = {
        {"high_uv", pwm->high_uv, -VOLTS_MAX_UV, VOLTS_MAX_UV},
        {"low_uv", pwm->low_uv, -VOLTS_MAX_UV, VOLTS_MAX_UV},
        {"source_milliohm", pwm->source_milliohm, 1, OHMS_MAX_MOHM},
        {"frequency_uhz", pwm->frequency_uhz, 1000000, 1000000000000},
        {"duty_ppm", pwm->duty_ppm, 0, 1000000},
        {"ramp_ns", pwm->ramp_ns, 0, 1000000000},
        {"fall_ramp_ns", pwm->fall_ramp_ns, 0, 1000000000},
    };
    return check_figures(turn, record, figures, sizeof figures / sizeof figures[0], error);
}

static enum pb_status check_value(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                  const struct type_row *row, struct pb_error *error) {
    const struct pbw_value *value = &record->u.value;
    bool is_all_poles = row->type == PBW_COIL && value->index == 255;
    if (value->index > row->index_max && !is_all_poles)
        return FAIL(RECORD "index is %u, expected at most %u", RECORD_ARGS, value->index, row->index_max);
    if (row->is_output && !is_between(value->a, 0, row->a_max))
        return FAIL(RECORD "value is %" PRId64 ", expected 0 to %" PRId64, RECORD_ARGS, value->a, row->a_max);
    return PB_OK;
}

static enum pb_status check_bytes(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                  const struct type_row *row, struct pb_error *error) {
    const struct pbw_bytes *bytes = &record->u.bytes;
    if (bytes->length < 1 || bytes->length > sizeof bytes->bytes)
        return FAIL(RECORD "length is %u, expected 1 to 40", RECORD_ARGS, bytes->length);
    if (bytes->is_last > 1) return FAIL(RECORD "is_last is %u, expected 0 or 1", RECORD_ARGS, bytes->is_last);
    if (bytes->link > row->index_max)
        return FAIL(RECORD "link is %u, expected at most %u", RECORD_ARGS, bytes->link, row->index_max);
    return PB_OK;
}

static enum pb_status check_ready(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                  struct pb_error *error) {
    const struct pbw_hello *hello = &record->u.hello;
    if (turn->is_ready) return FAIL(RECORD "a second READY, expected one", RECORD_ARGS);
    if (hello->version != pb_wire_version(turn->actor))
        return FAIL(RECORD "wire version is %" PRIu32 ", expected %" PRIu32, RECORD_ARGS, hello->version,
                    pb_wire_version(turn->actor));
    if (hello->actor != turn->actor)
        return FAIL(RECORD "actor is %u (%s), expected %u (%s)", RECORD_ARGS, hello->actor,
                    pb_wire_actor_name(hello->actor), turn->actor, pb_wire_actor_name(turn->actor));
    return PB_OK;
}

static enum pb_status check_payload(const struct pb_wire_turn *turn, const struct pbw_record *record,
                                    const struct type_row *row, struct pb_error *error) {
    switch (row->payload) {
    case HELLO: return check_ready(turn, record, error);
    case VALUE: return check_value(turn, record, row, error);
    case DRIVE: return check_drive(turn, record, error);
    case PWM: return check_pwm(turn, record, error);
    case BYTES: return check_bytes(turn, record, row, error);
    case LOAD: return check_load(turn, record, error);
    }
    return PB_OK;
}

static enum pb_status check_output_time(struct pb_wire_turn *turn, const struct pbw_record *record,
                                        struct pb_error *error) {
    if (turn->has_output && record->t_ns != turn->output_at.ns)
        return FAIL(RECORD "t_ns is %" PRId64 ", expected %" PRId64 " like the outputs before it in this turn",
                    RECORD_ARGS, record->t_ns, turn->output_at.ns);
    if (record->t_ns < turn->earliest.ns)
        return FAIL(RECORD "t_ns is %" PRId64 ", expected at or after %" PRId64
                           " (what the last DONE reached and promised)",
                    RECORD_ARGS, record->t_ns, turn->earliest.ns);
    if (record->t_ns > turn->until.ns)
        return FAIL(RECORD "t_ns is %" PRId64 ", expected at or before %" PRId64 " (RUN_UNTIL)", RECORD_ARGS,
                    record->t_ns, turn->until.ns);
    turn->has_output = true;
    turn->output_at.ns = record->t_ns;
    return PB_OK;
}

static enum pb_status check_done(struct pb_wire_turn *turn, const struct pbw_record *record, struct pb_error *error) {
    int64_t expected_ns = turn->has_output ? turn->output_at.ns : turn->until.ns;
    if (record->t_ns != expected_ns)
        return FAIL(RECORD "reached is %" PRId64 ", expected %" PRId64 " (%s)", RECORD_ARGS, record->t_ns, expected_ns,
                    turn->has_output ? "its outputs" : "RUN_UNTIL");
    turn->is_done = true;
    turn->reached.ns = record->t_ns;
    turn->not_before.ns = record->u.value.a;
    return PB_OK;
}

enum pb_status pb_wire_turn_feed(struct pb_wire_turn *turn, const struct pbw_record *record, struct pb_error *error) {
    turn->count++;
    if (turn->is_done) return FAIL(RECORD "comes after DONE, expected nothing before the next turn", RECORD_ARGS);
    if (turn->count > PB_TURN_RECORDS_MAX)
        return FAIL(RECORD "more than %u records in a turn, expected DONE", RECORD_ARGS, PB_TURN_RECORDS_MAX);
    const struct type_row *row = find_type(record->type);
    if (row && row->actors && !(row->actors >> turn->actor & 1))
        return FAIL(RECORD "expected a record of actor %s", RECORD_ARGS, pb_wire_actor_name(turn->actor));
    if (!row)
        return FAIL("record %u of the turn (seq %" PRIu32 "): type is %u (%s), expected one that a DUT sends",
                    turn->count, record->seq, record->type, pb_wire_type_name(record->type));
    if (record->seq != turn->seq)
        return FAIL(RECORD "seq is %" PRIu32 ", expected %" PRIu32, RECORD_ARGS, record->seq, turn->seq);
    turn->seq++;
    if (!turn->is_ready && row->type != PBW_READY) return FAIL(RECORD "first record, expected READY", RECORD_ARGS);
    if (record->cord >= turn->cords)
        return FAIL(RECORD "cord is %u, expected below %u (as announced)", RECORD_ARGS, record->cord, turn->cords);
    if (!has_reserved_zero(record, row->payload)) return FAIL(RECORD "a reserved byte is not 0", RECORD_ARGS);
    enum pb_status status = check_payload(turn, record, row, error);
    if (status != PB_OK) return status;
    if (row->type == PBW_READY) turn->is_ready = true;
    if (row->type == PBW_DONE) return check_done(turn, record, error);
    return row->is_output ? check_output_time(turn, record, error) : PB_OK;
}
