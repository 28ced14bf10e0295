/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket by raw clients, in one process: nothing here blocks, so a test polls the server as the engine would. */
#include "harness/control/control.h"

#include "harness/control/request.h"
#include "tests/support/check.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[100];

struct run {
    int requests;
    int requests_of[PB_VERB_COUNT];
    char last_text[PB_CONTROL_LINE_BYTES + 1], last_who[48];
};

static enum pb_status carry_out(void *user, const struct pb_request *request, char *ret_answer, size_t size) {
    struct run *run = user;
    run->requests++;
    run->requests_of[request->verb]++;
    snprintf(run->last_text, sizeof run->last_text, "%s", request->text);
    snprintf(run->last_who, sizeof run->last_who, "%s", request->who);
    if (request->verb == PB_VERB_ANSWER) return PB_ERR_NOT_FOUND;
    if (request->verb == PB_VERB_ABORT && *request->text) {
        snprintf(ret_answer, size, "not for \"%s\"", request->text);
        return PB_ERR_BUSY;
    }
    if (request->verb == PB_VERB_STATUS) snprintf(ret_answer, size, "running");
    return PB_OK;
}

static struct pb_control *open_control(void) {
    struct pb_control *control = NULL;
    struct pb_error error;
    PB_CHECK_OK(pb_control_open(path, &control, &error), &error);
    return control;
}

static int open_client(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    PB_CHECK_INT(connect(fd, (struct sockaddr *)&address, sizeof address), 0, "result");
    return fd;
}

static void say(int client, const char *text) {
    PB_CHECK_INT(send(client, text, strlen(text), MSG_NOSIGNAL), strlen(text), "bytes");
}

/* What has come by now: "" for nothing, "closed" for the end. */
static const char *hear(int client) {
    static char text[1 << 16];
    ssize_t size = recv(client, text, sizeof text - 1, MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno == ECONNRESET)) return "closed";
    text[size > 0 ? size : 0] = '\0';
    return text;
}

static const char *converse(struct pb_control *control, struct run *run, int client, const char *line) {
    say(client, line);
    pb_control_poll(control, carry_out, run);
    return hear(client);
}

static void test_a_verb_is_carried_out_and_answered_in_one_line(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    int client = open_client();
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":\"status\"}\n"), "{\"ok\":true,\"answer\":\"running\"}\n");
    PB_CHECK_TEXT(converse(control, &run, client, " {\"text\":\"gr\\u00fcn \\\"x\\\"\",\"verb\":\"comment\"}\r\n"),
                  "{\"ok\":true,\"answer\":\"\"}\n");
    PB_CHECK_TEXT(run.last_text, "gr\xc3\xbcn \"x\"");
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":\"abort\"}\n"), "{\"ok\":true,\"answer\":\"\"}\n");
    PB_CHECK_INT(run.requests, 3, "requests");
    char who[48];
    snprintf(who, sizeof who, "pid %d uid %d", (int)getpid(), (int)getuid());
    PB_CHECK_TEXT(run.last_who, who);
    close(client);
    pb_control_close(control);
}

static void test_a_refusal_says_why(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    int client = open_client();
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":\"answer\",\"text\":\"y\"}\n"),
                  "{\"ok\":false,\"error\":\"not there\"}\n");
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":\"abort\",\"text\":\"now\"}\n"),
                  "{\"ok\":false,\"error\":\"not for \\\"now\\\"\"}\n");
    close(client);
    pb_control_close(control);
}

static void test_a_line_may_come_in_pieces_and_many_in_one(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    int client = open_client();
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":"), "");
    PB_CHECK_TEXT(converse(control, &run, client, "\"status\"}"), "");
    PB_CHECK_TEXT(converse(control, &run, client, "\n{\"verb\":\"status\"}\n{\"ve"),
                  "{\"ok\":true,\"answer\":\"running\"}\n{\"ok\":true,\"answer\":\"running\"}\n");
    PB_CHECK_TEXT(converse(control, &run, client, "rb\":\"status\"}\n"), "{\"ok\":true,\"answer\":\"running\"}\n");
    close(client);
    pb_control_close(control);
}

static void test_garbage_is_refused_and_the_door_stays_open(void **state) {
    (void)state;
    static const struct {
        const char *line, *error;
    } rows[] = {
        {"\n", "found no JSON at byte"},
        {"hello\n", "found no JSON at byte"},
        {"\x01\x02\xff\xfe\n", "found no JSON at byte"},
        {"{\"verb\":\"comment\",\"text\":\"\xff\"}\n", "found no JSON at byte"},
        {"{\"verb\":\"comment\",\"text\":\"a\\u0000b\"}\n", "found no JSON at byte"},
        {"{\"verb\":\"status\",\"verb\":\"status\"}\n", "found no JSON at byte"},
        {"{\"verb\":\"status\"} {}\n", "found no JSON at byte"},
        {"[1,2]\n", "no object"},
        {"3\n", "no object"},
        {"\"status\"\n", "no object"},
        {"{}\n", "found no verb"},
        {"{\"verb\":\"dance\"}\n", "found \\\"dance\\\", expected the verb abort, comment, answer or status"},
        {"{\"verb\":\"STATUS\"}\n", "expected the verb"},
        {"{\"verb\":7}\n", "expected that its value is a text"},
        {"{\"verb\":\"comment\",\"text\":{\"a\":[]}}\n", "expected that its value is a text"},
        {"{\"verb\":\"status\",\"uid\":\"0\"}\n", "found \\\"uid\\\", expected no member but verb and text"},
        {"{\"verb\":\"comment\"}\n", "expected a text with it"},
    };
    struct pb_control *control = open_control();
    struct run run = {0};
    int client = open_client();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *heard = converse(control, &run, client, rows[i].line);
        PB_CHECK_CONTAINS(heard, "{\"ok\":false,\"error\":\"");
        PB_CHECK_CONTAINS(heard, rows[i].error);
        PB_CHECK_INT(strchr(heard, '\n') - heard, strlen(heard) - 1, "bytes before the only newline");
    }
    PB_CHECK_INT(run.requests, 0, "requests");
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":\"status\"}\n"), "{\"ok\":true,\"answer\":\"running\"}\n");
    close(client);
    pb_control_close(control);
}

static void test_deep_nesting_is_refused(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    int client = open_client();
    char line[PB_CONTROL_LINE_BYTES + 2];
    memset(line, '[', PB_CONTROL_LINE_BYTES);
    strcpy(line + PB_CONTROL_LINE_BYTES, "\n");
    PB_CHECK_CONTAINS(converse(control, &run, client, line), "found no JSON");
    close(client);
    pb_control_close(control);
}

/* {"verb":"comment","text":"aaa..."} of that many bytes without the newline. */
static void make_comment(char *ret_line, size_t length) {
    static const char before[] = "{\"verb\":\"comment\",\"text\":\"", after[] = "\"}";
    size_t fill = length - strlen(before) - strlen(after);
    strcpy(ret_line, before);
    memset(ret_line + strlen(before), 'a', fill);
    strcpy(ret_line + strlen(before) + fill, after);
}

static void test_4096_bytes_are_a_line_and_4097_are_not(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    char line[PB_CONTROL_LINE_BYTES + 3];
    int client = open_client();
    make_comment(line, PB_CONTROL_LINE_BYTES);
    strcat(line, "\n");
    PB_CHECK_TEXT(converse(control, &run, client, line), "{\"ok\":true,\"answer\":\"\"}\n");
    make_comment(line, PB_CONTROL_LINE_BYTES + 1);
    strcat(line, "\n");
    PB_CHECK_CONTAINS(converse(control, &run, client, line), "more than 4096 bytes");
    PB_CHECK_TEXT(hear(client), "closed");
    PB_CHECK_INT(run.requests, 1, "requests");
    close(client);
    pb_control_close(control);
}

static void test_a_flood_of_10000_requests_is_taken_16_a_poll_and_starves_nobody(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    static const char status[] = "{\"verb\":\"status\"}\n", abort_line[] = "{\"verb\":\"abort\"}\n";
    int flood = open_client(), person = open_client();
    int sent = 0, polls = 0, answers = 0;
    size_t offset = 0;
    bool has_asked = false;
    while (answers < 10000) {
        for (ssize_t size; sent < 10000; sent += offset == 0) {
            size = send(flood, status + offset, sizeof status - 1 - offset, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (size < 0) break;
            offset = (offset + (size_t)size) % (sizeof status - 1);
        }
        if (polls == 100) {
            say(person, abort_line);
            has_asked = true;
        }
        int before = run.requests;
        pb_control_poll(control, carry_out, &run);
        polls++;
        PB_CHECK_BETWEEN(run.requests - before, 0, 16, "requests a poll");
        if (has_asked) {
            PB_CHECK_INT(run.requests_of[PB_VERB_ABORT], 1, "aborts in the poll after it was asked");
            PB_CHECK_TEXT(hear(person), "{\"ok\":true,\"answer\":\"\"}\n");
            has_asked = false;
        }
        const char *heard = hear(flood);
        PB_CHECK_TRUE(strcmp(heard, "closed") != 0, "dropped though it reads");
        for (; *heard; heard++) answers += *heard == '\n';
        PB_CHECK_TRUE(polls < 100000, "no end after %d answers", answers);
    }
    PB_CHECK_INT(run.requests_of[PB_VERB_STATUS], 10000, "requests");
    PB_CHECK_BETWEEN(polls, 10000 / 16, 100000, "polls");
    close(flood);
    close(person);
    pb_control_close(control);
}

static void test_a_client_that_never_reads_is_dropped_and_others_are_served(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    int deaf = open_client(), person = open_client();
    bool is_dropped = false;
    for (int i = 0; i < 100000 && !is_dropped; i++) {
        is_dropped = send(deaf, "{\"verb\":\"status\"}\n", 18, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN;
        pb_control_poll(control, carry_out, &run);
    }
    PB_CHECK_TRUE(is_dropped, "still there after %d requests", run.requests);
    PB_CHECK_TEXT(converse(control, &run, person, "{\"verb\":\"status\"}\n"), "{\"ok\":true,\"answer\":\"running\"}\n");
    close(deaf);
    close(person);
    pb_control_close(control);
}

static void test_of_20_clients_8_are_served_and_12_are_told_why_not(void **state) {
    (void)state;
    enum { CLIENTS = 20, BATCH = 10 };
    struct pb_control *control = open_control();
    struct run run = {0};
    int clients[CLIENTS], served = 0, refused = 0;
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = open_client();
        if (i % BATCH == BATCH - 1) pb_control_poll(control, carry_out, &run);
    }
    for (int i = 0; i < CLIENTS; i++) send(clients[i], "{\"verb\":\"status\"}\n", 18, MSG_NOSIGNAL);
    for (int i = 0; i < 4; i++) pb_control_poll(control, carry_out, &run);
    for (int i = 0; i < CLIENTS; i++) {
        const char *heard = hear(clients[i]);
        served += strcmp(heard, "{\"ok\":true,\"answer\":\"running\"}\n") == 0;
        refused += strstr(heard, "8 clients are connected") != NULL;
    }
    PB_CHECK_INT(served, 8, "clients served");
    PB_CHECK_INT(refused, 12, "clients refused");
    close(clients[0]);
    pb_control_poll(control, carry_out, &run);
    int late = open_client();
    PB_CHECK_TEXT(converse(control, &run, late, "{\"verb\":\"status\"}\n"), "{\"ok\":true,\"answer\":\"running\"}\n");
    for (int i = 1; i < CLIENTS; i++) close(clients[i]);
    close(late);
    pb_control_close(control);
}

static void test_a_client_that_only_writes_and_leaves_is_heard(void **state) {
    (void)state;
    struct pb_control *control = open_control();
    struct run run = {0};
    int client = open_client();
    say(client, "{\"verb\":\"comment\",\"text\":\"bye\"}\n");
    close(client);
    pb_control_poll(control, carry_out, &run);
    PB_CHECK_TEXT(run.last_text, "bye");
    pb_control_poll(control, carry_out, &run);
    PB_CHECK_INT(run.requests, 1, "requests");
    pb_control_close(control);
}

static void test_only_the_owner_may_connect_and_close_removes_the_socket(void **state) {
    (void)state;
    mode_t before = umask(0);
    struct pb_control *control = open_control();
    umask(before);
    struct stat made;
    PB_CHECK_INT(stat(path, &made), 0, "result");
    PB_CHECK_INT(made.st_mode & 0777, 0600, "(mode)");
    pb_control_close(control);
    PB_CHECK_INT(stat(path, &made), -1, "result: the socket is gone");
    pb_control_close(NULL);
}

static void test_a_stale_socket_is_replaced(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct pb_control *dead = NULL;
        struct pb_error child_error;
        _exit(pb_control_open(path, &dead, &child_error) != PB_OK); /* leaves as a killed run does */
    }
    int status = -1;
    PB_CHECK_INT(waitpid(child, &status, 0), child, "(pid)");
    PB_CHECK_INT(status, 0, "(exit status)");
    struct stat stale;
    PB_CHECK_INT(stat(path, &stale), 0, "result");
    struct pb_control *control = open_control();
    struct run run = {0};
    int client = open_client();
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":\"status\"}\n"), "{\"ok\":true,\"answer\":\"running\"}\n");
    close(client);
    pb_control_close(control);
}

static void test_a_live_socket_is_busy_and_stays(void **state) {
    (void)state;
    struct pb_control *control = open_control(), *second = NULL;
    struct pb_error error;
    PB_CHECK_INT(pb_control_open(path, &second, &error), PB_ERR_BUSY, "(status)");
    PB_CHECK_TRUE(second == NULL, "ret_control was touched");
    struct run run = {0};
    int client = open_client();
    PB_CHECK_TEXT(converse(control, &run, client, "{\"verb\":\"status\"}\n"), "{\"ok\":true,\"answer\":\"running\"}\n");
    close(client);
    pb_control_close(control);
}

static void test_a_file_at_the_path_is_not_removed(void **state) {
    (void)state;
    FILE *file = fopen(path, "w");
    PB_CHECK_TRUE(file != NULL, "%s", path);
    fclose(file);
    struct pb_control *control = NULL;
    struct pb_error error;
    PB_CHECK_INT(pb_control_open(path, &control, &error), PB_ERR_IO, "(status)");
    PB_CHECK_CONTAINS(error.text, "no socket");
    PB_CHECK_INT(unlink(path), 0, "result");
}

static void test_a_path_too_long_is_refused(void **state) {
    (void)state;
    char long_path[300];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    struct pb_control *control = NULL;
    struct pb_error error;
    char answer[8];
    PB_CHECK_INT(pb_control_open(long_path, &control, &error), PB_ERR_ARG, "(status)");
    PB_CHECK_INT(pb_control_open("", &control, &error), PB_ERR_ARG, "(status)");
    PB_CHECK_INT(pb_control_ask(long_path, PB_VERB_STATUS, "", 10, answer, sizeof answer, &error), PB_ERR_ARG,
                 "(status)");
}

/* The server in a child, for the client that waits. It ends when its parent closes the pipe. */
static pid_t fork_server(int *ret_pipe) {
    int ready[2], end[2];
    PB_CHECK_INT(pipe(ready) + pipe(end), 0, "result");
    pid_t child = fork();
    if (child == 0) {
        close(end[1]);
        struct pb_control *control = NULL;
        struct pb_error error;
        struct run run = {0};
        if (pb_control_open(path, &control, &error) != PB_OK || write(ready[1], "x", 1) != 1) _exit(1);
        for (struct pollfd entry = {.fd = end[0], .events = POLLIN}; poll(&entry, 1, 1) == 0;)
            pb_control_poll(control, carry_out, &run);
        pb_control_close(control);
        _exit(0);
    }
    close(end[0]);
    close(ready[1]);
    char byte;
    PB_CHECK_INT(read(ready[0], &byte, 1), 1, "bytes");
    close(ready[0]);
    *ret_pipe = end[1];
    return child;
}

static void test_the_client_gets_answers_refusals_and_ends(void **state) {
    (void)state;
    char answer[64] = "untouched";
    struct pb_error error;
    PB_CHECK_INT(pb_control_ask(path, PB_VERB_STATUS, "", 1000, answer, sizeof answer, &error), PB_ERR_NOT_FOUND,
                 "(status)");
    int end;
    pid_t server = fork_server(&end);
    PB_CHECK_INT(pb_control_ask(path, PB_VERB_ANSWER, "y", 60000, answer, sizeof answer, &error), PB_ERR_UNSUPPORTED,
                 "(status)");
    PB_CHECK_TEXT(error.text, "not there");
    PB_CHECK_TEXT(answer, "untouched");
    PB_CHECK_OK(pb_control_ask(path, PB_VERB_STATUS, NULL, 60000, answer, sizeof answer, &error), &error);
    PB_CHECK_TEXT(answer, "running");
    PB_CHECK_OK(pb_control_ask(path, PB_VERB_STATUS, NULL, 60000, answer, 5, &error), &error);
    PB_CHECK_TEXT(answer, "runn");
    char text[PB_CONTROL_LINE_BYTES];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    PB_CHECK_INT(pb_control_ask(path, PB_VERB_COMMENT, text, 10, answer, sizeof answer, &error), PB_ERR_ARG,
                 "(status)");
    PB_CHECK_INT(pb_control_ask(path, PB_VERB_COMMENT, "\xff", 10, answer, sizeof answer, &error), PB_ERR_ARG,
                 "(status)");
    close(end);
    int status = -1;
    PB_CHECK_INT(waitpid(server, &status, 0), server, "(pid)");
    PB_CHECK_INT(status, 0, "(exit status)");
}

static void test_the_client_gives_up_on_a_run_that_does_not_answer(void **state) {
    (void)state;
    struct pb_control *control = open_control(); /* never polled */
    char answer[8];
    struct pb_error error;
    PB_CHECK_INT(pb_control_ask(path, PB_VERB_STATUS, "", 20, answer, sizeof answer, &error), PB_ERR_TIMEOUT,
                 "(status)");
    pb_control_close(control);
}

static void test_replies_that_are_none_are_seen(void **state) {
    (void)state;
    static const char *const lines[] = {
        "", "x", "[]", "{}", "{\"ok\":1,\"answer\":\"\"}", "{\"ok\":true}", "{\"ok\":false,\"answer\":\"\"}"};
    char text[8];
    struct pb_error error;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        PB_CHECK_INT(pb_reply_parse(lines[i], strlen(lines[i]), text, sizeof text, &error), PB_ERR_PROTOCOL, lines[i]);
}

static void test_an_answer_cut_in_a_character_loses_it_and_the_largest_fits(void **state) {
    (void)state;
    char line[PB_CONTROL_REPLY_BYTES], text[PB_CONTROL_ANSWER_BYTES];
    line[pb_reply_format(true, "ab\xc3", line, sizeof line)] = '\0';
    PB_CHECK_TEXT(line, "{\"ok\":true,\"answer\":\"ab\"}\n");
    line[pb_reply_format(false, "\xff\xff", line, sizeof line)] = '\0';
    PB_CHECK_TEXT(line, "{\"ok\":false,\"error\":\"(the text is not UTF-8)\"}\n");
    memset(text, '\x01', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    PB_CHECK_BETWEEN(pb_reply_format(true, text, line, sizeof line), 6 * (PB_CONTROL_ANSWER_BYTES - 1), sizeof line,
                     "bytes");
}

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/pb-control-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    return 0;
}

/* A path of its own, so that a test that fails does not make the next ones fail. */
static int next_path(void **state) {
    (void)state;
    static int number;
    snprintf(path, sizeof path, "%s/door%d", folder, number++);
    return 0;
}

static int remove_path(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, next_path, remove_path)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_verb_is_carried_out_and_answered_in_one_line),
        TEST(test_a_refusal_says_why),
        TEST(test_a_line_may_come_in_pieces_and_many_in_one),
        TEST(test_garbage_is_refused_and_the_door_stays_open),
        TEST(test_deep_nesting_is_refused),
        TEST(test_4096_bytes_are_a_line_and_4097_are_not),
        TEST(test_a_flood_of_10000_requests_is_taken_16_a_poll_and_starves_nobody),
        TEST(test_a_client_that_never_reads_is_dropped_and_others_are_served),
        TEST(test_of_20_clients_8_are_served_and_12_are_told_why_not),
        TEST(test_a_client_that_only_writes_and_leaves_is_heard),
        TEST(test_only_the_owner_may_connect_and_close_removes_the_socket),
        TEST(test_a_stale_socket_is_replaced),
        TEST(test_a_live_socket_is_busy_and_stays),
        TEST(test_a_file_at_the_path_is_not_removed),
        TEST(test_a_path_too_long_is_refused),
        TEST(test_the_client_gets_answers_refusals_and_ends),
        TEST(test_the_client_gives_up_on_a_run_that_does_not_answer),
        TEST(test_replies_that_are_none_are_seen),
        TEST(test_an_answer_cut_in_a_character_loses_it_and_the_largest_fits),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
