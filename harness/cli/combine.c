/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session is one way of connecting (S) at one place (L) under any set of programs (U), of one device under test: its cast. `--with` names the rest of a
 * combination beside the case; `--all` takes so many combinations that every two values of the four that can stand together do so once. What cannot be
 * (the bench lacks a role, the DUT statement or the suite excludes it) has a reason, and stands in the plan as a case that is not run. */
#include "harness/cli/combine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const connections[] = {"S1", "S2", "S3"};
static const char *const locations[] = {"L1", "L2-A", "L2-B", "L3", "L4"};
enum { CONNECTIONS = 3, LOCATIONS = 5, PROGRAMS = 5, PROGRAM_SETS = 1 << PROGRAMS };

struct combination {
    int connection;    /* index; -1: the DUT statement's */
    unsigned programs; /* bit 0 is U1 */
    bool has_programs; /* else the DUT statement's */
};

static enum pb_status take_word(const char *word, size_t length, struct combination *combination, const char *list,
                                struct pb_error *error) {
    bool is_pair = length == 2;
    if (is_pair && word[0] == 'S' && word[1] >= '1' && word[1] < '1' + CONNECTIONS) {
        if (combination->connection >= 0)
            return pb_fail(error, PB_ERR_INPUT, 0, "--with", "found two of S1 to S3 in '%.60s', expected one", list);
        combination->connection = word[1] - '1';
        return PB_OK;
    }
    if (is_pair && word[0] == 'U' && word[1] >= '1' && word[1] < '1' + PROGRAMS) {
        combination->has_programs = true;
        combination->programs |= 1u << (word[1] - '1');
        return PB_OK;
    }
    return pb_fail(error, PB_ERR_INPUT, 0, "--with", "found '%.*s', expected one of S1 to S3 and some of U1 to U5",
                   length < 40 ? (int)length : 40, word);
}

/* "S2,U1,U3" */
static enum pb_status parse_list(const char *list, struct combination *ret_combination, struct pb_error *error) {
    struct combination combination = {.connection = -1};
    enum pb_status status = PB_OK;
    for (const char *word = list; status == PB_OK && word; word = strchr(word, ',') ? strchr(word, ',') + 1 : NULL)
        status = take_word(word, strcspn(word, ","), &combination, list, error);
    if (status == PB_OK) *ret_combination = combination;
    return status;
}

/* "U1 U3", and "+S2+U1+U3" */
static void name_combination(const struct combination *combination, char *ret_programs, char *ret_suffix, size_t size) {
    ret_programs[0] = ret_suffix[0] = 0;
    if (combination->connection >= 0) snprintf(ret_suffix, size, "+%s", connections[combination->connection]);
    for (int i = 0; i < PROGRAMS; i++) {
        if (!(combination->programs >> i & 1)) continue;
        size_t used = strlen(ret_programs), length = strlen(ret_suffix);
        snprintf(ret_programs + used, size - used, "%sU%d", used ? " " : "", i + 1);
        snprintf(ret_suffix + length, size - length, "+U%d", i + 1);
    }
}

static enum pb_status load(const char *name, const struct combination *combination, const struct pb_script_setup *from,
                           struct pb_plan *plan, struct pb_error *error) {
    char programs[32], suffix[32];
    struct pb_dut dut = *from->dut;
    struct pb_script_setup setup = *from;
    name_combination(combination, programs, suffix, sizeof programs);
    if (combination->connection >= 0) dut.ics.connection = combination->connection;
    if (combination->has_programs) dut.ics.programs = programs;
    setup.dut = &dut;
    setup.suffix = suffix;
    return pb_cli_load_suite(name, &setup, plan, error);
}

static bool is_same_step(const struct pb_step *a, const struct pb_step *b) {
    return strcmp(a->id, b->id) == 0 && strcmp(a->text, b->text) == 0 && a->mode == b->mode &&
           a->sees_count == b->sees_count && memcmp(&a->lasts, &b->lasts, sizeof a->lasts) == 0;
}

/* Whatever two plans ask of bench and device is the same. */
static bool is_same_plan(const struct pb_plan *a, const struct pb_plan *b) {
    bool is_same = a->step_count == b->step_count && a->check_count == b->check_count;
    for (size_t i = 0; is_same && i < a->step_count; i++) is_same = is_same_step(&a->steps[i], &b->steps[i]);
    for (size_t i = 0; is_same && i < a->check_count; i++)
        is_same = a->checks[i].limit.min == b->checks[i].limit.min && a->checks[i].limit.max == b->checks[i].limit.max;
    return is_same;
}

/* A case that another connection (or other programs) would not change is no combination: its report would claim what was not tried. */
static enum pb_status check_effect(const char *name, const struct combination *combination,
                                   const struct combination *other, const char *what,
                                   const struct pb_script_setup *setup, struct pb_error *error) {
    struct pb_plan one = {0}, two = {0};
    enum pb_status status = load(name, combination, setup, &one, error);
    if (status == PB_OK) status = load(name, other, setup, &two, error);
    if (status == PB_OK && is_same_plan(&one, &two))
        status = pb_fail(error, PB_ERR_INPUT, 0, "--with",
                         "found %s, which changes nothing in %.60s, expected a case that depends on it", what, name);
    pb_plan_finish(&one);
    pb_plan_finish(&two);
    return status;
}

enum pb_status pb_cli_load_with(const char *name, const char *list, const struct pb_script_setup *setup,
                                struct pb_plan *plan, struct pb_error *error) {
    struct combination combination;
    enum pb_status status = parse_list(list, &combination, error);
    if (status == PB_OK && combination.connection >= 0) {
        struct combination other = combination;
        other.connection = (combination.connection + 1) % CONNECTIONS;
        status = check_effect(name, &combination, &other, "a connection (S1 to S3)", setup, error);
    }
    if (status == PB_OK && combination.has_programs) {
        struct combination other = combination;
        other.programs = ~combination.programs & (PROGRAM_SETS - 1);
        status = check_effect(name, &combination, &other, "a choice of programs (U1 to U5)", setup, error);
    }
    return status == PB_OK ? load(name, &combination, setup, plan, error) : status;
}

/* ---- --all, --every ---- */

enum { PLACES = LOCATIONS * CONNECTIONS, OF_DEVICE = PLACES * PROGRAM_SETS };

/* What a number of the choice stands for: device, location, connection, programs, the last of them fastest. */
static struct combination combination_of(size_t number) {
    return (struct combination){(int)(number / PROGRAM_SETS % CONNECTIONS), number % PROGRAM_SETS, true};
}
static const char *location_of(size_t number) { return locations[number / PROGRAM_SETS / CONNECTIONS % LOCATIONS]; }

/* Values of all factors in one row of numbers: programs, connections, locations, devices. */
enum { FACTORS = 4, DEVICES_FROM = PROGRAM_SETS + CONNECTIONS + LOCATIONS };
static void values_of(size_t number, size_t ret_values[FACTORS]) {
    ret_values[0] = number % PROGRAM_SETS;
    ret_values[1] = PROGRAM_SETS + number / PROGRAM_SETS % CONNECTIONS;
    ret_values[2] = PROGRAM_SETS + CONNECTIONS + number / PROGRAM_SETS / CONNECTIONS % LOCATIONS;
    ret_values[3] = DEVICES_FROM + number / OF_DEVICE;
}

/* Pairs of values as a square of flags: wanted, and not met yet. */
struct pairs {
    bool *wanted;
    size_t side;
};

/* How many pairs of this combination are wanted still; with take, they are no longer. */
static int count_pairs(const struct pairs *pairs, size_t number, bool take) {
    size_t values[FACTORS];
    int count = 0;
    values_of(number, values);
    for (size_t i = 0; i < FACTORS; i++)
        for (size_t k = i + 1; k < FACTORS; k++) {
            bool *flag = &pairs->wanted[values[i] * pairs->side + values[k]];
            count += *flag;
            if (take) *flag = false;
        }
    return count;
}

static void want_pairs(const struct pairs *pairs, size_t number) {
    size_t values[FACTORS];
    values_of(number, values);
    for (size_t i = 0; i < FACTORS; i++)
        for (size_t k = i + 1; k < FACTORS; k++) pairs->wanted[values[i] * pairs->side + values[k]] = true;
}

/* Always the combination that has most pairs which none before had; the first of equals. chosen: in: the legal ones, out: those that were taken. */
static void take_pairwise(bool *chosen, size_t count, const struct pairs *pairs) {
    bool *taken = chosen + count; /* the second half */
    for (size_t i = 0; i < count; i++)
        if (chosen[i]) want_pairs(pairs, i);
    for (int most = 1; most;) {
        size_t best = 0;
        most = 0;
        for (size_t i = 0; i < count; i++) {
            int gain = chosen[i] ? count_pairs(pairs, i, false) : 0;
            if (gain > most) most = gain, best = i;
        }
        if (!most) break;
        taken[best] = true;
        (void)count_pairs(pairs, best, true);
    }
    memcpy(chosen, taken, count * sizeof *chosen);
}

/* Whether a device can have this place and connection at all: programs leave steps out, never a case. */
static enum pb_status probe(const struct pb_script_setup *setup, size_t number, char ret_reason[PB_CLI_REASON],
                            struct pb_error *error) {
    struct pb_plan plan = {.has_own_clock = setup->bench->clock == PB_CLOCK_WALL};
    struct combination combination = combination_of(number);
    enum pb_status status = load(location_of(number), &combination, setup, &plan, error);
    ret_reason[0] = 0;
    if (status == PB_OK) snprintf(ret_reason, PB_CLI_REASON, "%s", plan.cases[0].reason);
    pb_plan_finish(&plan);
    return status;
}

static enum pb_status find_legal(const struct pb_script_setup *setups, struct pb_cli_choice *choice,
                                 struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t place = 0; status == PB_OK && place < choice->device_count * PLACES; place++) {
        size_t number = place * PROGRAM_SETS;
        struct pb_cli_left *left = &choice->left[choice->left_count];
        status = probe(&setups[place / PLACES], number, left->reason, error);
        bool is_legal = status == PB_OK && !left->reason[0];
        for (size_t i = 0; is_legal && i < PROGRAM_SETS; i++) choice->chosen[number + i] = true;
        if (is_legal || status != PB_OK) continue;
        left->number = number;
        choice->left_count++;
    }
    return status;
}

enum pb_status pb_cli_choose(const struct pb_script_setup *setups, size_t device_count, bool every,
                             struct pb_cli_choice *ret_choice, struct pb_error *error) {
    struct pb_cli_choice choice = {.device_count = device_count, .count = device_count * OF_DEVICE};
    struct pairs pairs = {.side = DEVICES_FROM + device_count};
    choice.chosen = calloc(choice.count * 2 + 1, sizeof *choice.chosen);
    choice.left = calloc(device_count * PLACES + 1, sizeof *choice.left);
    pairs.wanted = calloc(pairs.side * pairs.side, sizeof *pairs.wanted);
    enum pb_status status;
    if (choice.chosen && choice.left && pairs.wanted) {
        status = find_legal(setups, &choice, error);
        if (status == PB_OK && !every) take_pairwise(choice.chosen, choice.count, &pairs);
        for (size_t i = 0; i < choice.count; i++) choice.chosen_count += choice.chosen[i];
    } else status = pb_fail(error, PB_ERR_MEMORY, 0, "--all", "no memory");
    free(pairs.wanted);
    if (status == PB_OK) *ret_choice = choice;
    else pb_cli_choice_finish(&choice);
    return status;
}

void pb_cli_choice_finish(struct pb_cli_choice *choice) {
    free(choice->chosen);
    free(choice->left);
    *choice = (struct pb_cli_choice){0};
}

enum pb_status pb_cli_load_choice(const struct pb_cli_choice *choice, size_t device,
                                  const struct pb_script_setup *setup, struct pb_plan *plan, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t i = device * OF_DEVICE; status == PB_OK && i < (device + 1) * OF_DEVICE; i++) {
        struct combination combination = combination_of(i);
        if (choice->chosen[i]) status = load(location_of(i), &combination, setup, plan, error);
    }
    for (size_t i = 0; status == PB_OK && i < choice->left_count; i++) {
        struct combination combination = combination_of(choice->left[i].number);
        if (choice->left[i].number / OF_DEVICE == device)
            status = load(location_of(choice->left[i].number), &combination, setup, plan, error);
    }
    return status;
}

void pb_cli_print_choice(const struct pb_cli_choice *choice, const char *const *devices) {
    printf("sessions: %zu of %zu combinations of device, connection, location and programs\n", choice->chosen_count,
           choice->count);
    for (size_t i = 0; i < choice->left_count; i++) {
        const struct pb_cli_left *left = &choice->left[i];
        struct combination combination = combination_of(left->number);
        printf("  left out: %s %s+%s, %d combinations: %s\n", devices[left->number / OF_DEVICE],
               location_of(left->number), connections[combination.connection], PROGRAM_SETS, left->reason);
    }
}
