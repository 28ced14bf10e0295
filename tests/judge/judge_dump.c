/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what the judge makes of a run file, every bit of it: readings and verdicts, taken anew. Two builds of this are
 * compared by test_compilers.sh. Usage: judge_dump FILE */
#include "judge/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct pb_error error;

static void give_up(const char *what) {
    fprintf(stderr, "judge_dump: %s: %s: %s\n", what, error.where, error.text);
    exit(1);
}

struct dump {
    struct pb_reader *reader;
    struct pb_check checks[16];
    size_t check_count;
};

static enum pb_status dump_row(void *user, const struct pb_row *row) {
    struct dump *dump = user;
    struct pb_recipe recipe;
    struct pb_reading reading;
    if (row->kind == PB_ROW_CHECK) {
        if (dump->check_count == 16) return PB_ERR_RANGE;
        return pb_check_from_row(row, &dump->checks[dump->check_count++], &error);
    }
    enum pb_status status = pb_recipe_from_row(row, &recipe, &error);
    if (status == PB_OK) status = pb_judge_read(dump->reader, &recipe, &reading, &error);
    if (status != PB_OK) return status;
    printf("%s %d %" PRId64 " %" PRId64 " %d %s\n", row->name, reading.outcome, reading.quantity.value,
           reading.quantity.u, reading.quantity.unit, reading.reason);
    for (size_t i = 0; i < dump->check_count; i++) {
        char reason[PB_REASON_SIZE];
        if (dump->checks[i].check_no != row->check_no) continue;
        printf("%d ", pb_judge_decide(&dump->checks[i], &reading, reason, sizeof reason));
        printf("%s\n", reason);
    }
    return PB_OK;
}

int main(int argc, char **argv) {
    struct dump dump = {.check_count = 0};
    struct pb_rejudge_result result;
    if (argc != 2) return 2;
    if (pb_reader_open(argv[1], &dump.reader, &error) != PB_OK) give_up("open");
    uint32_t kinds = 1u << PB_ROW_CHECK | 1u << PB_ROW_READING;
    if (pb_reader_each_row(dump.reader, 0, kinds, dump_row, &dump, &error) != PB_OK) give_up("rows");
    if (pb_rejudge(dump.reader, NULL, NULL, &result, &error) != PB_OK) give_up("rejudge");
    printf("%" PRId64 " readings, %" PRId64 " verdicts, %" PRId64 " differences, %d\n", result.readings,
           result.verdicts, result.differences, result.verdict);
    pb_reader_close(dump.reader);
    return 0;
}
