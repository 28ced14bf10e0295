/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binding a document to a struct: what lands in it, and what each mistake says. */
#include "base/doc.h"
#include "tests/support/check.h"

#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct bench {
    const char *name;
    const char *serial;
    bool is_simulated;
    int64_t load_mohm;
    int64_t within_ns;
    int64_t seed;
    int64_t level_uv;
    int clock;
    const struct pb_node *roles;
    const struct pb_node *poles;
};

static const char *const clocks[] = {"simulated", "wall", NULL};

static const struct pb_param params[] = {
    {.name = "name",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct bench, name),
     .is_required = true,
     .text = "its name"},
    {.name = "serial",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct bench, serial),
     .fallback = "",
     .text = "serial"},
    {.name = "simulated",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct bench, is_simulated),
     .fallback = "true",
     .text = "simulated or not"},
    {.name = "load",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct bench, load_mohm),
     .unit = PB_UNIT_OHM,
     .fallback = "2.74 kohm",
     .min = "1 ohm",
     .max = "1 Mohm",
     .text = "the load"},
    {.name = "within",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct bench, within_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "3 s",
     .min = "0 s",
     .text = "how soon"},
    {.name = "seed",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct bench, seed),
     .fallback = "1",
     .max = "1000",
     .text = "the run's seed"},
    {.name = "level",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct bench, level_uv),
     .unit = PB_UNIT_VOLT,
     .text = "no fallback"},
    {.name = "clock",
     .type = PB_PARAM_CHOICE,
     .offset = offsetof(struct bench, clock),
     .choices = clocks,
     .fallback = "wall",
     .text = "which clock"},
    {.name = "roles",
     .type = PB_PARAM_NODE,
     .offset = offsetof(struct bench, roles),
     .node_kind = PB_NODE_MAP,
     .text = "who plays"},
    {.name = "poles",
     .type = PB_PARAM_NODE,
     .offset = offsetof(struct bench, poles),
     .node_kind = PB_NODE_LIST,
     .text = "the poles"},
};

static enum pb_status bind_text(const char *text, struct pb_doc **ret_doc, struct bench *ret_bench,
                                struct pb_error *error) {
    PB_CHECK_OK(pb_doc_read_text("b.yaml", text, strlen(text), ret_doc, error), error);
    return pb_doc_bind(*ret_doc, pb_doc_root(*ret_doc), params, COUNT_OF(params), ret_bench, sizeof *ret_bench, error);
}

static void test_each_type_lands_in_its_member(void **state) {
    (void)state;
    struct pb_doc *doc = NULL;
    struct bench bench = {0};
    struct pb_error error = {0};
    PB_CHECK_OK(bind_text("name: one\nserial: '0012'\nsimulated: false\nload: 882 ohm\nwithin: 100 ms\nseed: 1000\n"
                          "level: -12 V\nclock: simulated\nroles: {cp: x}\npoles: [L1, L2]\n",
                          &doc, &bench, &error),
                &error);
    PB_CHECK_TEXT(bench.name, "one");
    PB_CHECK_TEXT(bench.serial, "0012");
    PB_CHECK_TRUE(!bench.is_simulated, "simulated: false");
    PB_CHECK_INT(bench.load_mohm, 882000, "mohm");
    PB_CHECK_INT(bench.within_ns, 100000000, "ns");
    PB_CHECK_INT(bench.seed, 1000, "");
    PB_CHECK_INT(bench.level_uv, -12000000, "uV");
    PB_CHECK_INT(bench.clock, 0, "(choice)");
    PB_CHECK_TEXT(pb_node_key(bench.roles, 0), "cp");
    PB_CHECK_INT(pb_node_count(bench.poles), 2, "poles");
    pb_doc_destroy(doc);
}

static void test_absent_keys_take_the_fallback_or_leave_the_member(void **state) {
    (void)state;
    struct pb_doc *doc = NULL;
    struct bench bench = {.level_uv = 77, .seed = 5, .clock = 9};
    struct pb_error error = {0};
    PB_CHECK_OK(bind_text("name: \"\"\n", &doc, &bench, &error), &error);
    PB_CHECK_TEXT(bench.name, "");
    PB_CHECK_TRUE(bench.is_simulated, "fallback true");
    PB_CHECK_INT(bench.load_mohm, 2740000, "mohm");
    PB_CHECK_INT(bench.within_ns, 3000000000, "ns");
    PB_CHECK_INT(bench.seed, 1, "");
    PB_CHECK_INT(bench.level_uv, 77, "uV");
    PB_CHECK_INT(bench.clock, 1, "(choice)");
    assert_null(bench.roles);
    pb_doc_destroy(doc);
}

static void test_each_mistake_has_its_place_and_leaves_the_struct(void **state) {
    (void)state;
    static const struct {
        const char *text, *where, *message;
    } cases[] = {
        {"name: x\nlod: 5 ohm\n", "b.yaml:2:1", "found the unknown key \"lod\", expected perhaps \"load\""},
        {"name: x\nwihtin: 5 s\n", "b.yaml:2:1", "found the unknown key \"wihtin\", expected perhaps \"within\""},
        {"name: x\nclokc: wall\n", "b.yaml:2:1", "found the unknown key \"clokc\", expected perhaps \"clock\""},
        {"name: x\n  \nvoltage: 5 s\n", "b.yaml:3:1",
         "found the unknown key \"voltage\", expected one of name, serial, simulated, load, within, seed, level, "
         "clock, roles, poles"},
        {"name: x\n<<: {a: 1}\n", "b.yaml:2:1", "found the unknown key \"<<\", expected one of "},
        {"seed: 5\n", "b.yaml:1:1", "found no key \"name\", expected it (its name)"},
        {"{}\n", "b.yaml:1:1", "found no key \"name\", expected it (its name)"},
        {"- name\n", "b.yaml:1:1", "found a list, expected a map"},
        {"just text\n", "b.yaml:1:1", "found a single value, expected a map"},
        {"---\n", "b.yaml:2:1", "found a single value, expected a map"},
        {"name:\n", "b.yaml:1:6", "found nothing, expected a text"},
        {"name: \"a\\e[2J\"\n", "b.yaml:1:7", "found the control character 0x1B, expected a text of one line"},
        {"name: [x]\n", "b.yaml:1:7", "found a list, expected a single value for \"name\""},
        {"name: x\nroles: [x]\n", "b.yaml:2:8", "found a list, expected a map for \"roles\""},
        {"name: x\npoles: L1\n", "b.yaml:2:8", "found a single value, expected a list for \"poles\""},
        {"name: x\nsimulated: yes\n", "b.yaml:2:12", "found \"yes\", expected true or false (without quotes)"},
        {"name: x\nsimulated: on\n", "b.yaml:2:12", "found \"on\", expected true or false"},
        {"name: x\nsimulated: True\n", "b.yaml:2:12", "found \"True\", expected true or false"},
        {"name: x\nsimulated: 1\n", "b.yaml:2:12", "found \"1\", expected true or false"},
        {"name: x\nsimulated: 'true'\n", "b.yaml:2:12", "found the text \"true\", expected true or false"},
        {"name: x\nsimulated:\n", "b.yaml:2:11", "found nothing, expected true or false"},
        {"name: x\nload: 5 V\n", "b.yaml:2:7",
         "found \"5 V\", expected a number with the unit ohm, such as \"12 ohm\""},
        {"name: x\nload: nan\n", "b.yaml:2:7", "found \"nan\", expected a number with the unit ohm"},
        {"name: x\nload: .inf\n", "b.yaml:2:7", "found \".inf\", expected a number with the unit ohm"},
        {"name: x\nload: 2.0x\n", "b.yaml:2:7", "found \"2.0x\", expected a number with the unit ohm"},
        {"name: x\nload: 150\n", "b.yaml:2:7", "found \"150\", expected a number with the unit ohm"},
        {"name: x\nload:\n", "b.yaml:2:6", "found nothing, expected a number with the unit ohm"},
        {"name: x\nload: 0.9994 ohm\n", "b.yaml:2:7", "found \"0.9994 ohm\", expected 1 ohm to 1 Mohm"},
        {"name: x\nload: 1000000.001 ohm\n", "b.yaml:2:7", "expected 1 ohm to 1 Mohm"},
        {"name: x\nwithin: -1 ns\n", "b.yaml:2:9", "found \"-1 ns\", expected at least 0 s"},
        {"name: x\nwithin: 1000000000 d\n", "b.yaml:2:9", "expected no more than 9223000000 s either way"},
        {"name: x\nseed: 1001\n", "b.yaml:2:7", "found \"1001\", expected at most 1000"},
        {"name: x\nseed: 2.74 kohm\n", "b.yaml:2:7", "found \"2.74 kohm\", expected a whole number"},
        {"name: x\nseed: 010\n", "b.yaml:2:7", "found \"010\", expected a whole number"},
        {"name: x\nclock: fast\n", "b.yaml:2:8", "found \"fast\", expected one of simulated, wall"},
        {"name: x\nclock: {}\n", "b.yaml:2:8", "found a map, expected a single value for \"clock\""},
        {"name: x\nload: 1 V\nlod: 1\n", "b.yaml:2:7", "found \"1 V\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pb_doc *doc = NULL;
        struct bench bench, before;
        struct pb_error error = {0};
        memset(&bench, 0x5A, sizeof bench);
        memcpy(&before, &bench, sizeof bench);
        enum pb_status status = bind_text(cases[i].text, &doc, &bench, &error);
        PB_CHECK_TRUE(status == PB_ERR_INPUT, "%s gave %s", cases[i].text, pb_status_name(status));
        PB_CHECK_TEXT(error.where, cases[i].where);
        PB_CHECK_CONTAINS(error.text, cases[i].message);
        PB_CHECK_INT(strncmp(error.text, "found ", 6), 0, "(text begins with found)");
        PB_CHECK_CONTAINS(error.text, ", expected ");
        assert_memory_equal(&bench, &before, sizeof bench);
        pb_doc_destroy(doc);
    }
}

static void test_a_bound_belongs_to_the_range(void **state) {
    (void)state;
    static const char *const texts[] = {"name: x\nload: 1 ohm\n", "name: x\nload: 1000 kohm\n",
                                        "name: x\nwithin: 0 s\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct pb_doc *doc = NULL;
        struct bench bench = {0};
        struct pb_error error = {0};
        PB_CHECK_OK(bind_text(texts[i], &doc, &bench, &error), &error);
        pb_doc_destroy(doc);
    }
}

static void test_a_table_that_contradicts_itself_is_the_callers_fault(void **state) {
    (void)state;
    static const struct pb_param faulty[] = {
        {.name = "a", .type = PB_PARAM_QUANTITY, .unit = PB_UNIT_VOLT, .fallback = "5 A", .text = ""},
        {.name = "a", .type = PB_PARAM_QUANTITY, .unit = PB_UNIT_VOLT, .fallback = "5 V", .min = "6 V", .text = ""},
        {.name = "a", .type = PB_PARAM_QUANTITY, .unit = PB_UNIT_VOLT, .fallback = "5 V", .min = "6", .text = ""},
        {.name = "a", .type = PB_PARAM_BOOL, .fallback = "yes", .text = ""},
        {.name = "a", .type = PB_PARAM_CHOICE, .choices = clocks, .fallback = "x", .text = ""},
        {.name = "a", .type = PB_PARAM_QUANTITY, .offset = 1, .text = ""},
    };
    struct pb_doc *doc = NULL;
    struct pb_error error = {0};
    PB_CHECK_OK(pb_doc_read_text("b.yaml", "{}", 2, &doc, &error), &error);
    for (size_t i = 0; i < COUNT_OF(faulty); i++) {
        int64_t value = 4711;
        enum pb_status status = pb_doc_bind(doc, pb_doc_root(doc), &faulty[i], 1, &value, sizeof value, &error);
        PB_CHECK_TRUE(status == PB_ERR_ARG, "table %zu gave %s", i, pb_status_name(status));
        PB_CHECK_INT(value, 4711, "(untouched)");
    }
    pb_doc_destroy(doc);
}

static void test_defaults_are_what_an_absent_map_gives(void **state) {
    (void)state;
    struct bench bench = {.level_uv = 77};
    struct pb_error error = {0};
    PB_CHECK_OK(pb_params_default(params, COUNT_OF(params), &bench, &error), &error);
    PB_CHECK_TEXT(bench.serial, "");
    PB_CHECK_INT(bench.load_mohm, 2740000, "mohm");
    PB_CHECK_INT(bench.level_uv, 77, "uV");
    PB_CHECK_INT(bench.clock, 1, "(choice)");
    assert_null(bench.name);
}

static void test_one_value_is_read_as_in_a_file_at_a_named_place(void **state) {
    (void)state;
    enum { SIMULATED = 2, LOAD = 3, CLOCK = 7, ROLES = 8 };
    struct bench bench = {0};
    struct pb_error error = {0};
    PB_CHECK_OK(pb_param_parse(&params[LOAD], "--set load", "882 ohm", &bench, &error), &error);
    PB_CHECK_INT(bench.load_mohm, 882000, "mohm");
    PB_CHECK_OK(pb_param_parse(&params[SIMULATED], "--set", "true", &bench, &error), &error);
    PB_CHECK_TRUE(bench.is_simulated, "simulated=true");
    assert_int_equal(pb_param_parse(&params[LOAD], "--set load", "5 V", &bench, &error), PB_ERR_INPUT);
    PB_CHECK_TEXT(error.where, "--set load");
    PB_CHECK_CONTAINS(error.text, "found \"5 V\", expected a number with the unit ohm");
    assert_int_equal(pb_param_parse(&params[LOAD], "--set load", "9999999999999999999 Mohm", &bench, &error),
                     PB_ERR_INPUT);
    assert_int_equal(pb_param_parse(&params[CLOCK], "--set", "fast", &bench, NULL), PB_ERR_INPUT);
    assert_int_equal(pb_param_parse(&params[ROLES], "--set", "x", &bench, NULL), PB_ERR_ARG);
    PB_CHECK_INT(bench.load_mohm, 882000, "mohm");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_type_lands_in_its_member),
        cmocka_unit_test(test_absent_keys_take_the_fallback_or_leave_the_member),
        cmocka_unit_test(test_each_mistake_has_its_place_and_leaves_the_struct),
        cmocka_unit_test(test_a_bound_belongs_to_the_range),
        cmocka_unit_test(test_defaults_are_what_an_absent_map_gives),
        cmocka_unit_test(test_one_value_is_read_as_in_a_file_at_a_named_place),
        cmocka_unit_test(test_a_table_that_contradicts_itself_is_the_callers_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
