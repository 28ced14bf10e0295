/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/sampling_text.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#define DIGEST "00000000000000000000000000000000000000000000000000000000000000ab"

static void test_what_is_written_is_read_back(void **state) {
    (void)state;
    char text[PB_SAMPLING_TEXT_SIZE], digest[PB_HASH_HEX_SIZE];
    struct pb_sampling written = test_sampling, read = {0};
    struct pb_hash hash = {{0}};
    written.u_start_ns = 12345;
    written.front_rise_ns = 678;
    PB_CHECK_TRUE(pb_sampling_text_read(pb_sampling_text_write(&written, &hash, text), &read, digest), "%s", text);
    PB_CHECK_INT(memcmp(&written, &read, sizeof read), 0, "(difference)");
}

/* As records had it before how well the first sample is dated, and how fast the front end is, were kept. */
static void test_a_text_without_u_start_and_front_end_is_read_as_0(void **state) {
    (void)state;
    char digest[PB_HASH_HEX_SIZE];
    struct pb_sampling read = {.u_start_ns = 7, .front_rise_ns = 8};
    PB_CHECK_TRUE(pb_sampling_text_read("{\"digest\":\"" DIGEST
                                        "\",\"period_den\":1,\"period_num_ns\":2000,\"u_level_uv\":3,"
                                        "\"u_rate_ppb\":4,\"u_time_ns\":5,\"uv_den\":6,\"uv_num\":7,\"uv_offset\":8}",
                                        &read, digest),
                  "an old text was refused");
    PB_CHECK_INT(read.u_start_ns, 0, "ns");
    PB_CHECK_INT(read.front_rise_ns, 0, "ns");
    PB_CHECK_INT(read.u_time_ns, 5, "ns");
    PB_CHECK_TEXT(digest, DIGEST);
}

static void test_a_field_too_few_or_too_many_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "{\"digest\":\"" DIGEST
        "\",\"period_den\":1,\"period_num_ns\":2000,\"u_level_uv\":3,\"u_rate_ppb\":4,\"uv_den\":6,"
        "\"uv_num\":7,\"uv_offset\":8}",
        "{\"digest\":\"" DIGEST
        "\",\"period_den\":1,\"period_num_ns\":2000,\"u_level_uv\":3,\"u_rate_ppb\":4,\"u_time_ns\":5,"
        "\"uv_den\":6,\"uv_num\":7,\"uv_offset\":8,\"more\":1}",
        "{\"digest\":\"" DIGEST "\",\"period_den\":1,\"period_num_ns\":2000,\"u_level_uv\":3,\"u_rate_ppb\":4,"
        "\"u_start_ns\":\"5\",\"u_time_ns\":5,\"uv_den\":6,\"uv_num\":7,\"uv_offset\":8}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char digest[PB_HASH_HEX_SIZE];
        struct pb_sampling read = {0};
        PB_CHECK_TRUE(!pb_sampling_text_read(wrong[i], &read, digest), "text %zu was taken", i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_a_text_without_u_start_and_front_end_is_read_as_0),
        cmocka_unit_test(test_a_field_too_few_or_too_many_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
