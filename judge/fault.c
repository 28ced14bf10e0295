/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rule a check, by the last part of its id; a check without one is the doing of whom it binds. All arithmetic in integers. */
#include "judge/fault.h"

#include "judge/list.h"
#include "pilot_emulator/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *pb_side_name(enum pb_side side) {
    static const char *const names[PB_SIDE_COUNT] = {"none", "evse", "pev", "evse or pev", "evse and pev"};
    return (unsigned)side < PB_SIDE_COUNT ? names[side] : "?";
}

enum pb_side pb_side_join(enum pb_side a, enum pb_side b) {
    bool is_a_decided = a != PB_SIDE_NONE && a != PB_SIDE_EITHER,
         is_b_decided = b != PB_SIDE_NONE && b != PB_SIDE_EITHER;
    if (is_a_decided && is_b_decided) return a == b ? a : PB_SIDE_BOTH;
    if (is_a_decided) return a;
    return is_b_decided || a == PB_SIDE_NONE ? b : a;
}

/* --- what the record holds of the case ---------------------------------------------------------------------------- */

struct item {
    struct pb_check check;
    enum pb_verdict verdict;
    bool has_reading;
    struct pb_recipe recipe;
    struct pb_reading reading;
    int64_t reading_seq;
};
/* Of the pilot's state or of how many poles conduct. */
struct change {
    int64_t seq;
    pb_instant at;
    bool is_contactor;
    int64_t now;
};
struct evidence {
    int32_t case_no;
    struct item *items;
    struct change *changes;
    size_t item_count, change_count;
    struct pb_error *error;
};

static struct item *find_item(const struct evidence *of, int32_t check_no) {
    for (size_t i = 0; i < of->item_count; i++)
        if (of->items[i].check.check_no == check_no) return &of->items[i];
    return NULL;
}

static const char *name_of(const struct pb_check *check) {
    const char *slash = strrchr(check->id, '/');
    return slash ? slash + 1 : check->id;
}

static enum pb_status out_of_memory(const struct evidence *of) {
    return pb_fail(of->error, PB_ERR_MEMORY, 0, "fault", "no room for the rows of the case");
}

static enum pb_status load_check(struct evidence *of, const struct pb_row *row) {
    if (!pb_list_has_room((void **)&of->items, of->item_count, sizeof *of->items)) return out_of_memory(of);
    struct item *item = &of->items[of->item_count];
    *item = (struct item){.verdict = PB_VERDICT_NONE};
    enum pb_status status = pb_check_from_row(row, &item->check, of->error);
    if (status == PB_OK) of->item_count++;
    return status;
}

static enum pb_status load_reading(const struct evidence *of, const struct pb_row *row) {
    struct item *item = find_item(of, row->check_no);
    if (!item || row->d < 0 || row->d >= PB_OUTCOME_COUNT) return PB_OK; /* summary and rejudge refuse it */
    enum pb_status status = pb_recipe_from_row(row, &item->recipe, of->error);
    if (status != PB_OK) return status;
    item->has_reading = true;
    item->reading_seq = row->seq;
    item->reading.outcome = (enum pb_outcome)row->d;
    item->reading.quantity = (struct pb_quantity){row->a, row->b, item->check.limit.unit};
    return PB_OK;
}

static enum pb_status load_event(struct evidence *of, const struct pb_row *row) {
    bool is_contactor = strcmp(row->name, "contactor") == 0;
    if (!is_contactor && strcmp(row->name, "cp.state") != 0) return PB_OK;
    if (!pb_list_has_room((void **)&of->changes, of->change_count, sizeof *of->changes)) return out_of_memory(of);
    of->changes[of->change_count++] = (struct change){row->seq, row->at, is_contactor, row->a};
    return PB_OK;
}

static enum pb_status load_row(void *user, const struct pb_row *row) {
    struct evidence *of = user;
    if (row->case_no != of->case_no) return PB_OK;
    if (row->kind == PB_ROW_CHECK) return load_check(of, row);
    if (row->kind == PB_ROW_READING) return load_reading(of, row);
    if (row->kind == PB_ROW_EVENT) return load_event(of, row);
    struct item *item = row->check_no ? find_item(of, row->check_no) : NULL;
    if (item && row->a >= 0 && row->a < PB_VERDICT_COUNT)
        item->verdict = pb_verdict_worst(item->verdict, (enum pb_verdict)row->a);
    return PB_OK;
}

static enum pb_cp_state state_of(int64_t value) {
    return value >= 0 && value < PB_CP_STATE_COUNT ? (enum pb_cp_state)value : PB_CP_NONE;
}

/* What the reading could see: later rows are of what the bench did then. */
static bool is_seen(const struct item *item, const struct change *change) { return change->seq < item->reading_seq; }

/* The pilot's state, or the poles, when the reading's time begins. */
static int64_t standing(const struct evidence *of, const struct item *item, bool is_contactor) {
    int64_t value = 0;
    for (size_t i = 0; i < of->change_count; i++)
        if (of->changes[i].is_contactor == is_contactor && !pb_is_before(item->recipe.from, of->changes[i].at))
            value = of->changes[i].now;
    return value;
}

/* In the reading's time, as far as it could see. */
static bool is_within(const struct item *item, const struct change *change) {
    return is_seen(item, change) && pb_is_before(item->recipe.from, change->at) &&
           !pb_is_before(item->recipe.until, change->at);
}

static void conclude(struct pb_fault *fault, enum pb_side side, const char *format, ...) PB_PRINTF(3, 4);
static void conclude(struct pb_fault *fault, enum pb_side side, const char *format, ...) {
    fault->side = side;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault->why, sizeof fault->why, format, arguments);
    va_end(arguments);
}

/* --- the pilot's node --------------------------------------------------------------------------------------------- */

/* Ratios of nominal resistors, ppm (SAE J1772, IEC 61851-1 Table A.3: 1 kohm against 2.74 kohm, and 1.3 kohm beside it; control_pilot.md 1.2).
 * Each part has +-3 %, so a ratio of two +-6.1 %; the rest is for the readings' U and for the steps in which the diode is tried. */
#define R1_TO_R2 364964
#define R1_TO_R3 769231
#define R1_TO_BOTH (R1_TO_R2 + R1_TO_R3)
#define R2_TO_R3 2107692
#define R2_TO_BOTH (1000000 + R2_TO_R3)
#define RATIO_TOLERANCE_PPM 70000
#define DIODE_MIN_UV 550000
#define DIODE_MAX_UV 850000
#define DIODE_STEP_UV 50000
#define LOW_MIN_UV 11400000 /* below zero */
#define LOW_MAX_UV 12600000
#define SAME_LOW_UV 100000

struct level {
    bool is_known;
    int64_t uv, u_uv;
};
struct node {
    struct level open, b, c, low_b, low_c;
    bool is_open_wrong;
};

static struct level level_named(const struct evidence *of, const char *name) {
    for (size_t i = 0; i < of->item_count; i++) {
        const struct item *item = &of->items[i];
        if (item->has_reading && item->reading.outcome == PB_OUTCOME_VALUE && strcmp(name_of(&item->check), name) == 0)
            return (struct level){true, item->reading.quantity.value, item->reading.quantity.u};
    }
    return (struct level){false, 0, 0};
}

static bool has_failed(const struct evidence *of, const char *name) {
    for (size_t i = 0; i < of->item_count; i++)
        if (of->items[i].verdict == PB_VERDICT_FAIL && strcmp(name_of(&of->items[i].check), name) == 0) return true;
    return false;
}

static struct node node_of(const struct evidence *of) {
    return (struct node){.open = level_named(of, "level_a"),
                         .b = level_named(of, "level_b"),
                         .c = level_named(of, "level_c"),
                         .low_b = level_named(of, "low_level"),
                         .low_c = level_named(of, "low_c"),
                         .is_open_wrong = has_failed(of, "level_a")};
}

static bool is_near(int64_t ratio_ppm, int64_t nominal_ppm) {
    int64_t apart = ratio_ppm - nominal_ppm;
    return (apart < 0 ? -apart : apart) <= nominal_ppm * RATIO_TOLERANCE_PPM / 1000000;
}

/* Source over load, ppm; of a level that is no more than the diode's, huge. */
static int64_t ratio(const struct node *node, const struct level *loaded, int64_t diode_uv) {
    int64_t over_uv = loaded->uv - diode_uv;
    return over_uv < 100000 ? INT64_MAX / 4000000 : (node->open.uv - loaded->uv) * 1000000 / over_uv;
}

static bool is_low_right(const struct level *low) {
    return !low->is_known || (-low->uv >= LOW_MIN_UV - low->u_uv && -low->uv <= LOW_MAX_UV + low->u_uv);
}

static bool are_lows_right(const struct node *node) { return is_low_right(&node->low_b) && is_low_right(&node->low_c); }

static bool are_loads_right(const struct node *node, int64_t diode_uv) {
    return (!node->b.is_known || is_near(ratio(node, &node->b, diode_uv), R1_TO_R2)) &&
           (!node->c.is_known || is_near(ratio(node, &node->c, diode_uv), R1_TO_BOTH));
}

/* Each says whether it alone, with a diode of that drop, explains all levels of the case. */

static bool by_open_level(const struct node *node, int64_t diode_uv) {
    return node->is_open_wrong && are_lows_right(node) && are_loads_right(node, diode_uv);
}

/* Whatever the source, what both loads make of it tells their own ratio. */
static bool by_source(const struct node *node, int64_t diode_uv) {
    if (!are_lows_right(node)) return false;
    if (!node->b.is_known || !node->c.is_known) return true;
    int64_t b = ratio(node, &node->b, diode_uv);
    return b > 0 && is_near(ratio(node, &node->c, diode_uv) * 1000000 / b, R2_TO_BOTH);
}

/* Gives no more than a current: enough for B and not for C, or in both the same. */
static bool by_weak_driver(const struct node *node, int64_t diode_uv) {
    if (!are_lows_right(node)) return false;
    int64_t b = node->b.is_known ? ratio(node, &node->b, diode_uv) : R1_TO_R2;
    if (!node->c.is_known) return b >= R1_TO_R2 || is_near(b, R1_TO_R2);
    int64_t c = ratio(node, &node->c, diode_uv), over_c_uv = node->c.uv - diode_uv;
    bool is_c_pulled = c >= R1_TO_BOTH || is_near(c, R1_TO_BOTH);
    bool is_same_current =
        node->b.is_known && over_c_uv > 0 && is_near((node->b.uv - diode_uv) * 1000000 / over_c_uv, R2_TO_BOTH);
    return is_c_pulled && (is_near(b, R1_TO_R2) || (b >= R1_TO_R2 && is_same_current));
}

static bool by_low_rail(const struct node *node, int64_t diode_uv) {
    int64_t apart_uv = node->low_b.uv - node->low_c.uv;
    bool is_same =
        !node->low_b.is_known || !node->low_c.is_known || (apart_uv < 0 ? -apart_uv : apart_uv) <= SAME_LOW_UV;
    return !are_lows_right(node) && is_same && are_loads_right(node, diode_uv);
}

static bool by_r2(const struct node *node, int64_t diode_uv) {
    if (!are_lows_right(node)) return false;
    if (!node->b.is_known || !node->c.is_known) return true;
    return is_near(ratio(node, &node->c, diode_uv) - ratio(node, &node->b, diode_uv), R1_TO_R3);
}

static bool by_r3(const struct node *node, int64_t diode_uv) {
    return are_lows_right(node) && (!node->b.is_known || is_near(ratio(node, &node->b, diode_uv), R1_TO_R2));
}

/* Without a diode the load pulls the low level too, as much as the high one. */
static bool is_pulled(const struct node *node, const struct level *high, const struct level *low) {
    if (!high->is_known || !low->is_known) return true;
    int64_t share_ppm = high->uv * 1000000 / node->open.uv;
    return -low->uv >= LOW_MIN_UV / 100000 * share_ppm / 10 * 98 / 100 &&
           -low->uv <= LOW_MAX_UV / 100000 * share_ppm / 10 * 102 / 100;
}

static bool by_diode(const struct node *node, int64_t diode_uv) {
    (void)diode_uv;
    return are_loads_right(node, 0) && is_pulled(node, &node->b, &node->low_b) &&
           is_pulled(node, &node->c, &node->low_c);
}

static const struct {
    const char *name;
    enum pb_side side;
    bool (*explains)(const struct node *node, int64_t diode_uv);
} parts[] = {
    {"the EVSE's open level", PB_SIDE_EVSE, by_open_level},
    {"the EVSE's source resistance", PB_SIDE_EVSE, by_source},
    {"an EVSE that gives too little current", PB_SIDE_EVSE, by_weak_driver},
    {"the EVSE's low level", PB_SIDE_EVSE, by_low_rail},
    {"the vehicle's R2", PB_SIDE_PEV, by_r2},
    {"the vehicle's R3", PB_SIDE_PEV, by_r3},
    {"a vehicle without its diode", PB_SIDE_PEV, by_diode},
};

static bool does_explain(size_t part, const struct node *node) {
    for (int64_t diode_uv = DIODE_MIN_UV; diode_uv <= DIODE_MAX_UV; diode_uv += DIODE_STEP_UV)
        if (parts[part].explains(node, diode_uv)) return true;
    return false;
}

static void by_node(const struct evidence *of, struct pb_fault *fault) {
    struct node node = node_of(of);
    char names[160] = "";
    unsigned found[PB_SIDE_COUNT] = {0};
    if (!node.open.is_known || node.open.uv < 1000000 || (!node.b.is_known && !node.c.is_known)) {
        conclude(fault, PB_SIDE_EITHER, "the levels that would tell were not read");
        return;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!does_explain(i, &node)) continue;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", used ? ", or " : "", parts[i].name);
        found[parts[i].side]++;
    }
    if (!names[0]) conclude(fault, PB_SIDE_EITHER, "no single part explains the levels of this case");
    else
        conclude(fault,
                 found[PB_SIDE_EVSE] && found[PB_SIDE_PEV] ? PB_SIDE_EITHER
                 : found[PB_SIDE_EVSE]                     ? PB_SIDE_EVSE
                                                           : PB_SIDE_PEV,
                 "explained by %s alone", names);
}

static void node_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    (void)item;
    by_node(of, fault);
}

/* An EVSE may refuse a low level that is wrong: then whoever makes it so is at fault for what does not come. */
static bool is_refusable(const struct evidence *of, struct pb_fault *fault) {
    struct node node = node_of(of);
    if (are_lows_right(&node)) return false;
    by_node(of, fault);
    return true;
}

/* --- who ended it ------------------------------------------------------------------------------------------------- */

struct end {
    bool is_charging;
    enum pb_side side;
    const char *why;
};

static void end_it(struct end *end, enum pb_side side, const char *why) {
    *end = (struct end){.side = side, .why = why};
}

static void pilot_leaves(struct end *end, enum pb_cp_state to) {
    char letter = pb_cp_state_letter(to);
    if (letter == 'A' || letter == 'E' || !letter) end_it(end, PB_SIDE_EITHER, "the pilot was lost while charging");
    else if (letter == 'F') end_it(end, PB_SIDE_EVSE, "the EVSE went to state F while charging");
    else if (!pb_cp_state_has_pwm(to)) end_it(end, PB_SIDE_EVSE, "the EVSE ended the PWM while charging");
    else if (letter == 'B') end_it(end, PB_SIDE_PEV, "the vehicle opened S2 while charging");
}

/* Contacts that open and are closed again so soon were never asked to open. */
static const pb_span bounce_max = {50000000};

static bool is_bounce(const struct evidence *of, const struct item *item, size_t opening) {
    pb_instant until = pb_after(of->changes[opening].at, bounce_max);
    for (size_t i = opening + 1; i < of->change_count && is_seen(item, &of->changes[i]); i++)
        if (of->changes[i].is_contactor && of->changes[i].now > 0) return pb_is_before(of->changes[i].at, until);
    return false;
}

/* How a charge ended: what came first, the pilot's leaving of C or the contactor's opening. The first end within the reading's time,
 * else the last before it. */
static struct end end_of_charge(const struct evidence *of, const struct item *item) {
    struct end end = {.side = PB_SIDE_NONE, .why = ""};
    enum pb_cp_state state = PB_CP_NONE;
    int64_t poles = 0;
    for (size_t i = 0; i < of->change_count && is_seen(item, &of->changes[i]); i++) {
        const struct change *change = &of->changes[i];
        if (change->is_contactor) poles = change->now;
        else state = state_of(change->now);
        bool is_asked = state == PB_CP_C2 || state == PB_CP_D2;
        if (end.is_charging && change->is_contactor && poles == 0 && !is_bounce(of, item, i))
            end_it(&end, PB_SIDE_EVSE, "the contactor opened while the vehicle asked");
        else if (end.is_charging && !is_asked) pilot_leaves(&end, state);
        else if (is_asked && poles > 0 && !end.is_charging) end = (struct end){.is_charging = true, .why = ""};
        if (end.side != PB_SIDE_NONE && !pb_is_before(change->at, item->recipe.from)) return end;
    }
    return end;
}

static void own_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    (void)of;
    if (item->check.binds == PB_BINDS_EVSE) conclude(fault, PB_SIDE_EVSE, "the EVSE's own doing");
    else if (item->check.binds == PB_BINDS_PEV) conclude(fault, PB_SIDE_PEV, "the vehicle's own doing");
    else conclude(fault, PB_SIDE_EITHER, "nothing tells whose doing it is");
}

/* Something was to last. */
static void session_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    struct end end = end_of_charge(of, item);
    if (end.side != PB_SIDE_NONE) conclude(fault, end.side, "%s", end.why);
    else own_rule(of, item, fault);
}

/* --- what was to come --------------------------------------------------------------------------------------------- */

/* A state of that letter was entered in the recipe's time. */
static bool came(const struct evidence *of, const struct item *item, char letter) {
    for (size_t i = 0; i < of->change_count; i++) {
        const struct change *change = &of->changes[i];
        if (!change->is_contactor && pb_cp_state_letter(state_of(change->now)) == letter && is_within(item, change))
            return true;
    }
    return false;
}

/* PWM was on all the while, until the state came or the time was over. */
static bool was_offered(const struct evidence *of, const struct item *item) {
    if (!pb_cp_state_has_pwm(state_of(standing(of, item, false)))) return false;
    for (size_t i = 0; i < of->change_count; i++) {
        const struct change *change = &of->changes[i];
        if (!change->is_contactor && is_within(item, change) && !pb_cp_state_has_pwm(state_of(change->now)))
            return false;
    }
    return true;
}

/* The vehicle was to ask for energy. */
static void asks_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    char wanted = (char)(item->check.id[strlen(item->check.id) - 1] - 'a' + 'A');
    bool is_other = (wanted != 'D' && came(of, item, 'D')) || (wanted != 'C' && came(of, item, 'C'));
    if (item->reading.outcome != PB_OUTCOME_VALUE && is_other) {
        conclude(fault, PB_SIDE_EITHER,
                 "the vehicle moved the pilot, to another level: too weak a driver, or the resistors");
        return;
    }
    if (was_offered(of, item)) {
        if (has_failed(of, "frequency") || has_failed(of, "duty"))
            conclude(fault, PB_SIDE_EVSE, "the EVSE's PWM is not what a vehicle must take for an offer");
        else conclude(fault, PB_SIDE_PEV, "the EVSE's offer stood");
    } else if (!is_refusable(of, fault)) conclude(fault, PB_SIDE_EVSE, "the EVSE's offer did not stand");
}

/* The pilot was to come to B: a vehicle is plugged in, or opens S2. */
static void rests_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    enum pb_cp_state before = state_of(standing(of, item, false));
    char letter = pb_cp_state_letter(before);
    struct end end = end_of_charge(of, item);
    if (letter == 'C' || letter == 'D') conclude(fault, PB_SIDE_PEV, "the vehicle kept S2 closed");
    else if (letter == 'F') conclude(fault, PB_SIDE_EVSE, "the EVSE is in state F");
    else if (letter == 'B' && end.side != PB_SIDE_NONE) conclude(fault, end.side, "before it, %s", end.why);
    else conclude(fault, PB_SIDE_EITHER, "the pilot did not come to that level: generator, wires or resistors");
}

/* The EVSE was to close. */
static void closes_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    bool is_offered = was_offered(of, item);
    if (standing(of, item, true) > 0) conclude(fault, PB_SIDE_EVSE, "it was closed before it was asked");
    else if (is_refusable(of, fault)) return;
    else if (!is_offered) conclude(fault, PB_SIDE_EVSE, "the EVSE ended its offer instead");
    else if (came(of, item, 'B')) conclude(fault, PB_SIDE_PEV, "the vehicle opened S2 before the EVSE's time was over");
    else conclude(fault, PB_SIDE_EVSE, "the vehicle asked all the while");
}

/* The vehicle was to draw. */
static void draws_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    struct end end = end_of_charge(of, item);
    if (end.side != PB_SIDE_NONE) conclude(fault, end.side, "%s", end.why);
    else conclude(fault, PB_SIDE_PEV, "supply stood at its inlet");
}

/* No more than was offered, or than should have been. */
static void current_rule(const struct evidence *of, const struct item *item, struct pb_fault *fault) {
    struct level duty = level_named(of, "duty"); /* ppm */
    int64_t duty_ppm = duty.uv + duty.u_uv, drawn_ma = item->reading.quantity.value - item->reading.quantity.u;
    /* IEC 61851-1 Table A.8: 0.6 A a per cent, above 85 % 2.5 A a per cent above 64 %. */
    int64_t offered_ma = duty_ppm <= 850000 ? duty_ppm * 6 / 100 : (duty_ppm - 640000) / 4;
    if (duty.is_known && has_failed(of, "duty") && drawn_ma <= offered_ma)
        conclude(fault, PB_SIDE_EVSE, "the vehicle draws what the EVSE's duty offers");
    else conclude(fault, PB_SIDE_PEV, "more than the EVSE's duty offers");
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*rule)(const struct evidence *of, const struct item *item, struct pb_fault *fault);
} rules[] = {
    {"level_b", node_rule},         {"level_c", node_rule},   {"level_d", node_rule},    {"fits_b", node_rule},
    {"fits_c", node_rule},          {"fits_d", node_rule},    {"low_level", node_rule},  {"low_c", node_rule},
    {"reaches_b", rests_rule},      {"reaches_c", asks_rule}, {"reaches_d", asks_rule},  {"vehicle_b", rests_rule},
    {"vehicle_c", asks_rule},       {"vehicle_d", asks_rule}, {"closes", closes_rule},   {"stays_closed", session_rule},
    {"pilot_steady", session_rule}, {"starts", draws_rule},   {"current", current_rule},
};

static enum pb_status judge_all(const struct evidence *of, pb_fault_fn *found, void *user) {
    for (size_t i = 0; i < of->item_count; i++) {
        const struct item *item = &of->items[i];
        if (item->verdict != PB_VERDICT_FAIL || !item->check.binds) continue;
        struct pb_fault fault = {.check = &item->check};
        size_t rule = 0, count = sizeof rules / sizeof *rules;
        while (rule < count && strcmp(rules[rule].name, name_of(&item->check)) != 0) rule++;
        if (rule < count) rules[rule].rule(of, item, &fault);
        else own_rule(of, item, &fault);
        enum pb_status status = found(user, &fault);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

enum pb_status pb_fault_judge(struct pb_reader *reader, int64_t plan_row, int32_t case_no, pb_fault_fn *found,
                              void *user, struct pb_error *error) {
    struct evidence evidence = {.case_no = case_no, .error = error};
    uint32_t kinds = 1u << PB_ROW_CHECK | 1u << PB_ROW_READING | 1u << PB_ROW_VERDICT | 1u << PB_ROW_EVENT;
    enum pb_status status = pb_reader_each_row(reader, plan_row, kinds, load_row, &evidence, error);
    if (status == PB_OK) status = judge_all(&evidence, found, user);
    free(evidence.items);
    free(evidence.changes);
    return status;
}
