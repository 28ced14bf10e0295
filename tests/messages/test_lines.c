/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/check.h"

#include "messages/jsonl/lines.h"
#include "tests/messages/samples.h"

static struct pb_line_reader reader;
static struct {
    size_t messages, mistakes;
    int64_t last_id;
    struct pb_error error;
    size_t mistake_bytes;
} seen;

static void on_message(void *user, const struct pb_message_value *value, const char *bytes, size_t size) {
    (void)user, (void)bytes, (void)size;
    seen.messages++;
    seen.last_id = value->id;
}
static void on_mistake(void *user, const struct pb_error *error, const char *bytes, size_t size) {
    (void)user, (void)bytes;
    seen.mistakes++;
    seen.error = *error;
    seen.mistake_bytes = size;
}
static const struct pb_line_sink sink = {on_message, on_mistake, NULL};

static int reset(void **state) {
    (void)state;
    memset(&reader, 0, sizeof reader);
    memset(&seen, 0, sizeof seen);
    return 0;
}
static void feed(const char *text) { pb_lines_feed(&reader, text, strlen(text), &sink); }

#define GOOD "{\"v\":1,\"type\":\"cpp_info_request\",\"from\":\"pev\",\"to\":\"utility\",\"id\":7,\"fields\":{}}"

static void test_lines_may_come_in_any_pieces(void **state) {
    static char all[200000], line[PB_LINE_BYTES_MAX + 2];
    static struct pb_message_value value;
    size_t numbers[128], rows = sample_link_rows(numbers), used = 0, length;
    struct pb_error error;
    uint64_t random = 5;
    (void)state;
    for (size_t i = 0; i < rows; i++) {
        sample_message(numbers[i], &random, (int64_t)i, &value);
        PB_CHECK_OK(pb_line_write(&value, line, sizeof line, &length, &error), &error);
        memcpy(all + used, line, length);
        used += length;
    }
    for (size_t at = 0, size; at < used; at += size) {
        size = 1 + sample_below(&random, 700);
        if (size > used - at) size = used - at;
        pb_lines_feed(&reader, all + at, size, &sink);
    }
    PB_CHECK_INT(seen.messages, rows, "messages");
    PB_CHECK_INT(seen.mistakes, 0, "mistakes");
}

static void test_after_a_mistake_the_next_line_is_read(void **state) {
    (void)state;
    feed(GOOD "\n{\"v\":1\n\n\r\n" GOOD "\r\n");
    PB_CHECK_INT(seen.messages, 2, "messages");
    PB_CHECK_INT(seen.mistakes, 1, "mistakes");
    PB_CHECK_CONTAINS(seen.error.where, "line 2: byte");
    PB_CHECK_INT(seen.mistake_bytes, 6, "bytes");
}

static void test_a_line_that_is_too_long_is_told_once(void **state) {
    (void)state;
    for (int i = 0; i < 3 * PB_LINE_BYTES_MAX; i++) feed("x");
    PB_CHECK_INT(seen.mistakes, 1, "mistakes");
    PB_CHECK_CONTAINS(seen.error.text, "more than 65536 bytes");
    feed("\n" GOOD "\n");
    PB_CHECK_INT(seen.mistakes, 1, "mistakes");
    PB_CHECK_INT(seen.messages, 1, "messages");
}

static void test_a_line_of_the_greatest_length_is_read(void **state) {
    static char line[PB_LINE_BYTES_MAX + 1];
    (void)state;
    memset(line, ' ', sizeof line);
    memcpy(line, GOOD, sizeof GOOD - 1);
    line[PB_LINE_BYTES_MAX] = '\n';
    pb_lines_feed(&reader, line, sizeof line, &sink);
    PB_CHECK_INT(seen.messages, 1, "messages");
}

static void test_a_stream_that_ends_within_a_line_is_told(void **state) {
    (void)state;
    feed(GOOD "\n" GOOD);
    pb_lines_end(&reader, &sink);
    PB_CHECK_INT(seen.messages, 1, "messages");
    PB_CHECK_INT(seen.mistakes, 1, "mistakes");
    PB_CHECK_CONTAINS(seen.error.where, "line 2: its end");
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup(name, reset)
    const struct CMUnitTest tests[] = {
        CASE(test_lines_may_come_in_any_pieces),
        CASE(test_after_a_mistake_the_next_line_is_read),
        CASE(test_a_line_that_is_too_long_is_told_once),
        CASE(test_a_line_of_the_greatest_length_is_read),
        CASE(test_a_stream_that_ends_within_a_line_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
