/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents: the tree and its places, and one message for each way of being wrong. */
#include "base/doc.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static struct pb_doc *read_good(const char *text) {
    struct pb_doc *doc = NULL;
    struct pb_error error = {0};
    PB_CHECK_OK(pb_doc_read_text("t.yaml", text, strlen(text), &doc, &error), &error);
    return doc;
}

static void check_place(const struct pb_node *node, int line, int column) {
    assert_non_null(node);
    PB_CHECK_INT(pb_node_line(node), line, "(line)");
    PB_CHECK_INT(pb_node_column(node), column, "(column)");
}

static void check_refused(const char *text, size_t length, const char *where, const char *message) {
    struct pb_doc *doc = NULL;
    struct pb_error error = {0};
    enum pb_status status = pb_doc_read_text("t.yaml", text, length, &doc, &error);
    PB_CHECK_TRUE(status == PB_ERR_INPUT, "%.60s gave %s", text, pb_status_name(status));
    PB_CHECK_TRUE(doc == NULL, "no document where there is a mistake");
    PB_CHECK_TEXT(error.where, where);
    PB_CHECK_CONTAINS(error.text, message);
    PB_CHECK_INT(strncmp(error.text, "found ", 6), 0, "(text begins with found)");
    PB_CHECK_CONTAINS(error.text, ", expected ");
}

static void test_every_node_knows_its_line_and_column(void **state) {
    (void)state;
    struct pb_doc *doc = read_good("# bench\n"
                                   "cp: {sense: comedi0/0, load:  relay}\n"
                                   "poles:\n"
                                   "  - L1\n"
                                   "  -   \"L2\"\n"
                                   "\xC3\xA9t\xC3\xA9: 12 V\n");
    const struct pb_node *root = pb_doc_root(doc);
    check_place(root, 2, 1);
    const struct pb_node *cp = pb_node_find(root, "cp");
    check_place(cp, 2, 5);
    check_place(pb_node_key_node(cp, 1), 2, 24);
    check_place(pb_node_find(cp, "load"), 2, 31);
    const struct pb_node *poles = pb_node_find(root, "poles");
    check_place(poles, 4, 3);
    check_place(pb_node_at(poles, 0), 4, 5);
    check_place(pb_node_at(poles, 1), 5, 7);
    check_place(pb_node_find(root, "\xC3\xA9t\xC3\xA9"), 6, 6); /* columns count characters */
    pb_doc_destroy(doc);
}

static void test_the_tree_keeps_kinds_order_and_texts(void **state) {
    (void)state;
    struct pb_doc *doc = read_good("b: [1, two, '3']\na: {}\nc: |\n  long\n  text\nd: []\ne:\n");
    const struct pb_node *root = pb_doc_root(doc);
    PB_CHECK_INT(pb_node_kind(root), PB_NODE_MAP, "(kind)");
    PB_CHECK_INT(pb_node_count(root), 5, "members");
    PB_CHECK_TEXT(pb_node_key(root, 0), "b");
    PB_CHECK_TEXT(pb_node_key(root, 4), "e");
    const struct pb_node *list = pb_node_at(root, 0);
    PB_CHECK_INT(pb_node_kind(list), PB_NODE_LIST, "(kind)");
    PB_CHECK_INT(pb_node_count(list), 3, "members");
    PB_CHECK_TEXT(pb_node_text(pb_node_at(list, 1)), "two");
    PB_CHECK_TRUE(pb_node_is_plain(pb_node_at(list, 0)), "1 is plain");
    PB_CHECK_TRUE(!pb_node_is_plain(pb_node_at(list, 2)), "'3' is not plain");
    PB_CHECK_INT(pb_node_kind(pb_node_find(root, "a")), PB_NODE_MAP, "(kind)");
    PB_CHECK_INT(pb_node_count(pb_node_find(root, "a")), 0, "members");
    PB_CHECK_TEXT(pb_node_text(pb_node_find(root, "c")), "long\ntext\n");
    PB_CHECK_TEXT(pb_node_text(pb_node_find(root, "e")), "");
    pb_doc_destroy(doc);
}

static void test_what_is_not_there_is_null(void **state) {
    (void)state;
    struct pb_doc *doc = read_good("a: [x]\n");
    const struct pb_node *root = pb_doc_root(doc);
    const struct pb_node *list = pb_node_at(root, 0);
    assert_null(pb_node_find(root, "b"));
    assert_null(pb_node_find(list, "x"));
    assert_null(pb_node_at(root, 1));
    assert_null(pb_node_key(root, 1));
    assert_null(pb_node_key_node(list, 0));
    assert_null(pb_node_at(list, 1));
    assert_null(pb_node_at(pb_node_at(list, 0), 0));
    assert_null(pb_node_text(root));
    PB_CHECK_INT(pb_node_count(pb_node_at(list, 0)), 0, "members");
    pb_doc_destroy(doc);
    pb_doc_destroy(NULL);
}

static void test_the_document_keeps_its_name_and_bytes(void **state) {
    (void)state;
    const char *text = "a: 1 # comment\r\n";
    struct pb_doc *doc = read_good(text);
    size_t length = 0;
    PB_CHECK_TEXT(pb_doc_name(doc), "t.yaml");
    PB_CHECK_TEXT(pb_doc_text(doc, &length), text);
    PB_CHECK_INT(length, strlen(text), "bytes");
    PB_CHECK_TEXT(pb_node_text(pb_node_at(pb_doc_root(doc), 0)), "1");
    pb_doc_destroy(doc);
}

static void test_a_byte_order_mark_and_a_document_start_are_accepted(void **state) {
    (void)state;
    struct pb_doc *doc = read_good("\xEF\xBB\xBF---\na: 1\n...\n");
    PB_CHECK_TEXT(pb_node_key(pb_doc_root(doc), 0), "a");
    pb_doc_destroy(doc);
}

static void test_each_mistake_has_its_place_and_one_message(void **state) {
    (void)state;
    static const struct {
        const char *text, *where, *message;
    } cases[] = {
        {"", "t.yaml:1:1", "found nothing, expected a document"},
        {"# only a comment\n", "t.yaml:2:1", "found nothing, expected a document"},
        {"a: 1\nb: 2\na: 3\n", "t.yaml:3:1", "found the key \"a\" a second time, expected it once (line 1)"},
        {"a: 1\n'a': 2\n", "t.yaml:2:1", "found the key \"a\" a second time"},
        {"x:\n  - {k: 1, l: 2, k: 3}\n", "t.yaml:2:18", "found the key \"k\" a second time"},
        {"a: 1\nb: 1\na: 2\nb: 2\n", "t.yaml:3:1", "found the key \"a\" a second time"},
        {"b: 1\na: 1\nb: 2\na: 2\na: 3\n", "t.yaml:3:1", "found the key \"b\" a second time"},
        {"a: &anchor 1\n", "t.yaml:1:4", "found the anchor \"anchor\", expected none"},
        {"a: &x {b: 1}\n", "t.yaml:1:4", "found the anchor \"x\""},
        {"- &x [1]\n", "t.yaml:1:3", "found the anchor \"x\""},
        {"a: *b\n", "t.yaml:1:4", "found the alias \"b\", expected none"},
        {"a: !!int 5\n", "t.yaml:1:4", "found the tag \"tag:yaml.org,2002:int\", expected none"},
        {"a: !lua/object {}\n", "t.yaml:1:4", "found the tag \"!lua/object\""},
        {"a: 1\n---\nb: 2\n", "t.yaml:2:1", "found a second document in the file, expected one"},
        {"a: 1\n...\n---\n", "t.yaml:3:1", "found a second document"},
        {"? [a, b]\n: 1\n", "t.yaml:1:3", "found a list as a key, expected a name"},
        {"? {a: b}\n: 1\n", "t.yaml:1:3", "found a map as a key, expected a name"},
        {"\"\": 1\n", "t.yaml:1:1", "found nothing as a key, expected a name"},
        {"{a: 1, '': 2}\n", "t.yaml:1:8", "found nothing as a key, expected a name"},
        {"a: \"x\\0y\"\n", "t.yaml:1:4", "found a zero byte in a text"},
        {"a: [1, 2\nb: 3\n", "t.yaml:2:2", "found a syntax error ("},
        {"a: 'open\n", "t.yaml:2:1", "that starts on line 1), expected YAML"},
        {"a: b: c\n", "t.yaml:1:5", "found a syntax error (mapping values are not allowed in this context"},
        {"a: 1\n b: 2\n", "t.yaml:2:3", "found a syntax error ("},
        {"a:\n\t- 1\n", "t.yaml:2:1", "found a syntax error (found character that cannot start any token"},
        {"a: @x\n", "t.yaml:1:4", "found a syntax error ("},
        {"%YAML 9.9\n---\na: 1\n", "t.yaml:1:1", "found a syntax error ("},
        {"a: 1\nb: \x80\n", "t.yaml:2:4", "found bytes that are no text ("},
        {"a: \xC3\n", "t.yaml:1:5", "found bytes that are no text ("},
        {"a: \xC0\x80\n", "t.yaml:1:4", "found bytes that are no text ("},
        {"a: \xED\xA0\x80\n", "t.yaml:1:4", "found bytes that are no text ("},
        {"a: \xF5\x80\x80\x80\n", "t.yaml:1:4", "found bytes that are no text ("},
        {"\xC3\xA9: \xC3\xA9 \x01\n", "t.yaml:1:6", "control characters are not allowed"},
        {"\xEF\xBB\xBF---\na: \x80\n", "t.yaml:2:4", "found bytes that are no text ("},
        {"\xFF\xFE"
         "a",
         "t.yaml:1:1", "found bytes that are no text ("},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_refused(cases[i].text, strlen(cases[i].text), cases[i].where, cases[i].message);
    check_refused("a: 1\n\0b: 2\n", 11, "t.yaml:2:1", "found bytes that are no text");
    check_refused("\0", 1, "t.yaml:1:1", "found bytes that are no text");
}

static void test_thirty_two_levels_are_read_and_one_more_is_not(void **state) {
    (void)state;
    char text[2 * PB_DOC_MAX_DEPTH + 8] = "";
    memset(text, '[', PB_DOC_MAX_DEPTH);
    memset(text + PB_DOC_MAX_DEPTH, ']', PB_DOC_MAX_DEPTH);
    pb_doc_destroy(read_good(text));
    memset(text, '[', PB_DOC_MAX_DEPTH + 1);
    check_refused(text, strlen(text), "t.yaml:1:33",
                  "found more than 32 levels inside each other, expected at most 32");
}

static void test_one_megabyte_is_read_and_one_byte_more_is_not(void **state) {
    (void)state;
    char *text = malloc(PB_DOC_MAX_BYTES + 1);
    assert_non_null(text);
    memset(text, 'x', PB_DOC_MAX_BYTES + 1);
    text[1] = ':', text[2] = ' ';
    struct pb_doc *doc = NULL;
    struct pb_error error = {0};
    PB_CHECK_OK(pb_doc_read_text("t.yaml", text, PB_DOC_MAX_BYTES, &doc, &error), &error);
    PB_CHECK_INT(strlen(pb_node_text(pb_node_at(pb_doc_root(doc), 0))), PB_DOC_MAX_BYTES - 3, "bytes");
    pb_doc_destroy(doc);
    check_refused(text, PB_DOC_MAX_BYTES + 1, "t.yaml",
                  "found more than 1048576 bytes, expected a document of at most 1 MB");
    free(text);
}

/* 130,000 keys: quadratic work would take minutes and end in the test's time-out. */
static void test_a_duplicate_among_many_keys_is_found(void **state) {
    (void)state;
    enum { KEYS = 130000 };
    char *text = malloc(KEYS * 8 + 16);
    assert_non_null(text);
    char *end = text;
    for (int i = 0; i < KEYS - 1; i++) end += sprintf(end, "%05x:\n", (unsigned)(i * 7919) & 0xFFFFF);
    end += sprintf(end, "00000:\n");
    check_refused(text, (size_t)(end - text), "t.yaml:130000:1",
                  "found the key \"00000\" a second time, expected it once (line 1)");
    free(text);
}

static void test_files_are_read_and_missing_ones_named(void **state) {
    (void)state;
    char path[] = "/tmp/pb_test_doc_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\na: 2\n", 10), 10);
    close(fd);
    struct pb_doc *doc = NULL;
    struct pb_error error = {0};
    char place[64];
    snprintf(place, sizeof place, "%s:2:1", path);
    assert_int_equal(pb_doc_read_file(path, &doc, &error), PB_ERR_INPUT);
    PB_CHECK_TEXT(error.where, place);
    assert_int_equal(truncate(path, 5), 0);
    PB_CHECK_OK(pb_doc_read_file(path, &doc, &error), &error);
    PB_CHECK_TEXT(pb_doc_name(doc), path);
    pb_doc_destroy(doc);
    assert_int_equal(truncate(path, PB_DOC_MAX_BYTES + 1), 0);
    doc = NULL;
    assert_int_equal(pb_doc_read_file(path, &doc, &error), PB_ERR_INPUT);
    PB_CHECK_CONTAINS(error.text, "found more than 1048576 bytes");
    unlink(path);
    assert_int_equal(pb_doc_read_file(path, &doc, &error), PB_ERR_IO);
    PB_CHECK_TEXT(error.where, path);
    PB_CHECK_TEXT(error.text, "found no readable file (No such file or directory), expected a document");
    assert_int_equal(pb_doc_read_file("/tmp", &doc, &error), PB_ERR_IO);
    assert_int_equal(pb_doc_read_file("/dev/zero", &doc, NULL), PB_ERR_INPUT);
    assert_null(doc);
}

static void test_a_long_name_keeps_its_end_and_the_place(void **state) {
    (void)state;
    char name[600];
    memset(name, 'd', sizeof name);
    strcpy(name + sizeof name - 12, "/bench.yaml");
    struct pb_doc *doc = NULL;
    struct pb_error error;
    assert_int_equal(pb_doc_read_text(name, "a: 1\na: 2", 9, &doc, &error), PB_ERR_INPUT);
    PB_CHECK_INT(strncmp(error.where, "...ddd", 6), 0, "(begins with dots)");
    PB_CHECK_CONTAINS(error.where, "/bench.yaml:2:1");
}

static void test_a_mistake_of_the_caller_stands_at_its_node(void **state) {
    (void)state;
    struct pb_doc *doc = read_good("a: 1\nb: 2\n");
    struct pb_error error;
    assert_int_equal(pb_doc_mistake(doc, pb_node_find(pb_doc_root(doc), "b"), &error, "found %d, expected %d", 2, 3),
                     PB_ERR_INPUT);
    PB_CHECK_TEXT(error.where, "t.yaml:2:4");
    PB_CHECK_TEXT(error.text, "found 2, expected 3");
    assert_int_equal(pb_doc_mistake(doc, NULL, &error, "found nothing, expected more"), PB_ERR_INPUT);
    PB_CHECK_TEXT(error.where, "t.yaml");
    assert_int_equal(pb_doc_mistake(doc, NULL, NULL, "x"), PB_ERR_INPUT);
    pb_doc_destroy(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_node_knows_its_line_and_column),
        cmocka_unit_test(test_the_tree_keeps_kinds_order_and_texts),
        cmocka_unit_test(test_what_is_not_there_is_null),
        cmocka_unit_test(test_the_document_keeps_its_name_and_bytes),
        cmocka_unit_test(test_a_byte_order_mark_and_a_document_start_are_accepted),
        cmocka_unit_test(test_each_mistake_has_its_place_and_one_message),
        cmocka_unit_test(test_thirty_two_levels_are_read_and_one_more_is_not),
        cmocka_unit_test(test_one_megabyte_is_read_and_one_byte_more_is_not),
        cmocka_unit_test(test_a_duplicate_among_many_keys_is_found),
        cmocka_unit_test(test_files_are_read_and_missing_ones_named),
        cmocka_unit_test(test_a_long_name_keeps_its_end_and_the_place),
        cmocka_unit_test(test_a_mistake_of_the_caller_stands_at_its_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
