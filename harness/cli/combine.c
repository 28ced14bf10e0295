/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session is one way of connecting (S) at one place (L) under any set of programs (U). `--with` names the rest of a combination beside the case;
 * `--all` takes so many combinations that every two of them (S and L, S and U set, L and U set) stand together once. */
#include "harness/cli/cli.h"

#include <stdio.h>
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

enum pb_status pb_cli_load_with(const char *name, const char *list, const struct pb_script_setup *setup,
                                struct pb_plan *plan, struct pb_error *error) {
    struct combination combination;
    enum pb_status status = parse_list(list, &combination, error);
    return status == PB_OK ? load(name, &combination, setup, plan, error) : status;
}

/* Location and program set run through all their pairs; the connection goes round with both, so that it meets each of either. */
enum pb_status pb_cli_load_pairs(const struct pb_script_setup *setup, struct pb_plan *plan, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (int location = 0; location < LOCATIONS; location++)
        for (unsigned programs = 0; status == PB_OK && programs < PROGRAM_SETS; programs++) {
            struct combination combination = {(location + (int)programs) % CONNECTIONS, programs, true};
            status = load(locations[location], &combination, setup, plan, error);
        }
    return status;
}

/* Every combination, for long counts. */
enum pb_status pb_cli_load_every(const struct pb_script_setup *setup, struct pb_plan *plan, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (int i = 0; i < LOCATIONS * CONNECTIONS; i++)
        for (unsigned programs = 0; status == PB_OK && programs < PROGRAM_SETS; programs++) {
            struct combination combination = {i % CONNECTIONS, programs, true};
            status = load(locations[i / CONNECTIONS], &combination, setup, plan, error);
        }
    return status;
}

int pb_cli_combinations(void) { return LOCATIONS * CONNECTIONS * PROGRAM_SETS; }
