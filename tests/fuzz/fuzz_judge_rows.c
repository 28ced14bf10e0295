/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a check or a reading row, as a run file from anywhere may hold it: what is taken can be written and read
 * again, equal. */
#include "judge/judge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool is_so) {
    if (!is_so) abort();
}

static void try_check(const char *text) {
    struct pb_row row = {.kind = PB_ROW_CHECK, .check_no = 1, .name = "check", .text = text};
    struct pb_check check, again;
    char written[PB_ROW_TEXT_SIZE];
    if (pb_check_from_row(&row, &check, NULL) != PB_OK) return;
    need(pb_check_to_row(&check, &row, written, sizeof written) == PB_OK);
    need(pb_check_from_row(&row, &again, NULL) == PB_OK);
    need(strcmp(check.text, again.text) == 0 && strcmp(check.limit.clause, again.limit.clause) == 0 &&
         check.rule == again.rule);
}

static void try_recipe(const char *text) {
    struct pb_check check = {.check_no = 1, .id = "check"};
    struct pb_row row = {.kind = PB_ROW_READING, .check_no = 1, .name = "check", .text = text};
    struct pb_recipe recipe, again;
    struct pb_reading reading = {.outcome = PB_OUTCOME_VALUE};
    char written[PB_ROW_TEXT_SIZE];
    if (pb_recipe_from_row(&row, &recipe, NULL) != PB_OK) return;
    need(pb_reading_to_row(&check, &recipe, &reading, &row, written, sizeof written) == PB_OK);
    need(pb_recipe_from_row(&row, &again, NULL) == PB_OK);
    need(strcmp(recipe.name, again.name) == 0 && recipe.mask == again.mask && recipe.from.ns == again.from.ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text) return 0;
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    try_check(text);
    try_recipe(text);
    free(text);
    return 0;
}
