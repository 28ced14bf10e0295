/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For test_schema.py: `samples COUNT SEED` writes right messages, a line each; `check` reads lines and says for each whether the decoder takes it. */
#include "messages/jsonl/lines.h"
#include "tests/messages/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[PB_LINE_BYTES_MAX + 2];
static struct pb_message_value value;

static int write_samples(uint64_t turns, uint64_t seed) {
    size_t numbers[128], rows = sample_link_rows(numbers), length;
    struct pb_error error;
    for (uint64_t turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < rows; i++) {
            sample_message(numbers[i], &seed, (int64_t)turn, &value);
            if (pb_line_write(&value, text, sizeof text, &length, &error) != PB_OK) return 1;
            fwrite(text, 1, length, stdout);
        }
    return 0;
}

int main(int argc, char **argv) {
    struct pb_error error;
    if (argc == 4 && strcmp(argv[1], "samples") == 0)
        return write_samples(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    while (fgets(text, sizeof text, stdin))
        puts(pb_message_decode(text, strlen(text), &value, &error) == PB_OK ? "taken" : error.where);
    return 0;
}
