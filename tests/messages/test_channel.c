/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages over every transport, against a peer process that sends each back. */
#include "tests/support/check.h"

#include "base/wall.h"
#include "messages/jsonl/channel.h"
#include "tests/messages/certificates.h"
#include "tests/messages/samples.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char folder[] = "/tmp/pb-channel-XXXXXX";
static char paths[8][300];
static const char *file(int slot, const char *name) {
    snprintf(paths[slot], sizeof paths[slot], "%s/%s", folder, name);
    return paths[slot];
}
static pb_instant soon(void) { return pb_after(pb_wall_now(), pb_s(20)); }

/* ---- the peer ---- */

struct echo {
    struct pb_channel *channel;
    enum pb_status status;
};
static void echo_message(void *user, const struct pb_message_value *value, const char *bytes, size_t size) {
    struct echo *echo = user;
    struct pb_error error;
    (void)bytes, (void)size;
    echo->status = pb_channel_send(echo->channel, value, soon(), &error);
}
static void echo_mistake(void *user, const struct pb_error *error, const char *bytes, size_t size) {
    struct echo *echo = user;
    (void)error, (void)bytes, (void)size;
    echo->status = PB_ERR_INPUT;
}

/* Its exit status is the status that ended it: GONE when all went well. */
static pid_t peer(int in, int out, const struct pb_tls_setup *tls, int other) {
    pid_t child = fork();
    if (child != 0) return child;
    struct echo echo = {0};
    struct pb_error error;
    struct pb_line_sink sink = {echo_message, echo_mistake, &echo};
    if (other >= 0) close(other);
    enum pb_status status = pb_channel_adopt(in, out, tls, soon(), &echo.channel, &error);
    while (status == PB_OK && echo.status == PB_OK) status = pb_channel_receive(echo.channel, &sink, soon(), &error);
    if (status == PB_OK) status = echo.status;
    _exit((int)status);
}
static void check_peer(pid_t child, enum pb_status expected) {
    int status;
    PB_CHECK_TRUE(waitpid(child, &status, 0) == child && WIFEXITED(status), "the peer did not exit");
    PB_CHECK_TEXT(pb_status_name((enum pb_status)WEXITSTATUS(status)), pb_status_name(expected));
}

/* ---- there and back ---- */

static struct pb_message_value said, heard;
static size_t heard_count, mistakes;
static void on_message(void *user, const struct pb_message_value *value, const char *bytes, size_t size) {
    (void)user, (void)bytes, (void)size;
    heard = *value;
    heard_count++;
}
static void on_mistake(void *user, const struct pb_error *error, const char *bytes, size_t size) {
    (void)user, (void)error, (void)bytes, (void)size;
    mistakes++;
}
static const struct pb_line_sink sink = {on_message, on_mistake, NULL};

static void check_there_and_back(struct pb_channel *channel) {
    size_t numbers[128], rows = sample_link_rows(numbers);
    struct pb_error error;
    uint64_t random = 11;
    for (size_t i = 0; i < rows; i++) {
        sample_message(numbers[i], &random, (int64_t)i, &said);
        PB_CHECK_OK(pb_channel_send(channel, &said, soon(), &error), &error);
        for (heard_count = mistakes = 0; !heard_count && !mistakes;)
            PB_CHECK_OK(pb_channel_receive(channel, &sink, soon(), &error), &error);
        PB_CHECK_TRUE(heard_count == 1 && pb_message_is_equal(&said, &heard), "%s came back as another",
                      said.row->name);
    }
}

static void test_over_two_pipes_as_stdio_is(void **state) {
    int to[2], from[2];
    struct pb_channel *channel;
    struct pb_error error;
    (void)state;
    PB_CHECK_TRUE(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "no pipe");
    pid_t child = peer(to[0], from[1], NULL, to[1]);
    close(to[0]);
    close(from[1]);
    PB_CHECK_OK(pb_channel_adopt(from[0], to[1], NULL, soon(), &channel, &error), &error);
    check_there_and_back(channel);
    pb_channel_close(channel);
    check_peer(child, PB_ERR_GONE);
}

/* A listening socket and the address of it for pb_channel_open(). */
static int listen_on(sa_family_t family, const char *scheme, char *ret_address, size_t size) {
    int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in internet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    socklen_t length = sizeof internet;
    if (family == AF_UNIX) {
        snprintf(local.sun_path, sizeof local.sun_path, "%.60s/socket", folder);
        PB_CHECK_TRUE(bind(descriptor, (struct sockaddr *)&local, sizeof local) == 0, "bind");
        snprintf(ret_address, size, "unix:%s", local.sun_path);
    } else {
        PB_CHECK_TRUE(bind(descriptor, (struct sockaddr *)&internet, length) == 0, "bind");
        PB_CHECK_TRUE(getsockname(descriptor, (struct sockaddr *)&internet, &length) == 0, "name");
        snprintf(ret_address, size, "%s:127.0.0.1:%d", scheme, ntohs(internet.sin_port));
    }
    PB_CHECK_TRUE(listen(descriptor, 4) == 0, "listen");
    return descriptor;
}
static pid_t server(int listening, const struct pb_tls_setup *tls) {
    pid_t child = fork();
    if (child != 0) return child;
    int descriptor = accept(listening, NULL, NULL);
    int status;
    pid_t inner = peer(descriptor, descriptor, tls, -1);
    _exit(waitpid(inner, &status, 0) == inner && WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

static void check_socket(sa_family_t family) {
    char address[200];
    struct pb_channel *channel;
    struct pb_error error;
    int listening = listen_on(family, "tcp", address, sizeof address);
    pid_t child = server(listening, NULL);
    PB_CHECK_OK(pb_channel_open(address, NULL, NULL, soon(), &channel, &error), &error);
    check_there_and_back(channel);
    pb_channel_close(channel);
    check_peer(child, PB_ERR_GONE);
    close(listening);
}
static void test_over_tcp(void **state) {
    (void)state;
    check_socket(AF_INET);
}
static void test_over_a_unix_socket(void **state) {
    (void)state;
    check_socket(AF_UNIX);
}

static void test_over_a_pseudo_terminal(void **state) {
    int master, slave;
    char name[100], address[120];
    struct termios raw;
    struct pb_channel *channel;
    struct pb_error error;
    (void)state;
    PB_CHECK_TRUE(openpty(&master, &slave, name, NULL, NULL) == 0 && tcgetattr(slave, &raw) == 0, "no pty");
    cfmakeraw(&raw);
    PB_CHECK_TRUE(tcsetattr(slave, TCSANOW, &raw) == 0, "raw");
    pid_t child = peer(master, master, NULL, slave);
    close(master);
    snprintf(address, sizeof address, "pty:%s", name);
    PB_CHECK_OK(pb_channel_open(address, NULL, NULL, soon(), &channel, &error), &error);
    check_there_and_back(channel);
    pb_channel_close(channel);
    close(slave);
    PB_CHECK_TRUE(waitpid(child, NULL, 0) == child, "the peer");
}

/* ---- TLS ---- */

/* Both sides of a handshake; what the client got, and the peer's exit. */
static enum pb_status shake(const struct pb_tls_setup *client, const struct pb_tls_setup *serving,
                            enum pb_status peer_expected, bool talks) {
    char address[200];
    struct pb_channel *channel;
    struct pb_error error;
    int listening = listen_on(AF_INET, "tls", address, sizeof address);
    pid_t child = server(listening, serving);
    enum pb_status status = pb_channel_open(address, NULL, client, soon(), &channel, &error);
    bool is_open = status == PB_OK;
    if (is_open && talks) check_there_and_back(channel);
    else if (is_open)
        status = pb_channel_receive(channel, &sink, soon(), &error); /* in TLS 1.3 the refusal comes after */
    if (is_open) pb_channel_close(channel);
    check_peer(child, peer_expected);
    close(listening);
    return status;
}

static void test_over_tls_mutual(void **state) {
    (void)state;
    struct pb_tls_setup client = {file(0, "lab.pem"), file(1, "bench.pem"), file(2, "bench.key"), "127.0.0.1", false};
    struct pb_tls_setup serving = {file(3, "lab.pem"), file(4, "gateway.pem"), file(5, "gateway.key"), NULL, true};
    PB_CHECK_INT(shake(&client, &serving, PB_ERR_GONE, true), PB_OK, "status");
    client.name = "gateway";
    PB_CHECK_INT(shake(&client, &serving, PB_ERR_GONE, true), PB_OK, "status");
    serving.authorities = client.certificate = client.key = NULL; /* not mutual */
    PB_CHECK_INT(shake(&client, &serving, PB_ERR_GONE, true), PB_OK, "status");
}

static void test_a_client_without_a_certificate_is_refused(void **state) {
    (void)state;
    struct pb_tls_setup client = {file(0, "lab.pem"), NULL, NULL, NULL, false};
    struct pb_tls_setup serving = {file(3, "lab.pem"), file(4, "gateway.pem"), file(5, "gateway.key"), NULL, true};
    PB_CHECK_INT(shake(&client, &serving, PB_ERR_PROTOCOL, false), PB_ERR_PROTOCOL, "status");
    client.certificate = file(1, "stranger.pem");
    client.key = file(2, "stranger.key");
    PB_CHECK_INT(shake(&client, &serving, PB_ERR_PROTOCOL, false), PB_ERR_PROTOCOL, "status");
}

static void test_a_server_of_another_name_or_authority_is_refused(void **state) {
    (void)state;
    struct pb_tls_setup client = {file(0, "lab.pem"), NULL, NULL, "192.0.2.1", false};
    struct pb_tls_setup serving = {NULL, file(4, "gateway.pem"), file(5, "gateway.key"), NULL, true};
    PB_CHECK_INT(shake(&client, &serving, PB_ERR_PROTOCOL, false), PB_ERR_PROTOCOL, "status");
    client = (struct pb_tls_setup){file(0, "elsewhere.pem"), NULL, NULL, NULL, false};
    PB_CHECK_INT(shake(&client, &serving, PB_ERR_PROTOCOL, false), PB_ERR_PROTOCOL, "status");
}

static void test_files_that_are_not_there_are_told(void **state) {
    struct pb_channel *channel;
    struct pb_error error;
    char address[200];
    int listening = listen_on(AF_INET, "tls", address, sizeof address);
    (void)state;
    const struct pb_tls_setup bad[] = {
        {.name = NULL},
        {.authorities = file(0, "none.pem")},
        {.authorities = file(1, "lab.pem"), .certificate = file(2, "none.pem")},
        {.authorities = file(1, "lab.pem"), .certificate = file(3, "bench.pem"), .key = file(4, "gateway.key")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        PB_CHECK_INT(pb_channel_open(address, NULL, &bad[i], soon(), &channel, &error), PB_ERR_INPUT, "status");
    PB_CHECK_INT(pb_channel_open(address, NULL, NULL, soon(), &channel, &error), PB_ERR_INPUT, "status");
    PB_CHECK_INT(pb_channel_open("tcp:127.0.0.1:1", NULL, &bad[1], soon(), &channel, &error), PB_ERR_INPUT, "status");
    PB_CHECK_INT(pb_channel_open("udp:127.0.0.1:1", NULL, NULL, soon(), &channel, &error), PB_ERR_INPUT, "status");
    close(listening);
}

static void test_a_peer_that_says_nothing_ends_at_the_deadline(void **state) {
    struct pb_channel *channel;
    struct pb_error error;
    int pair[2];
    (void)state;
    struct pb_tls_setup client = {file(0, "lab.pem"), NULL, NULL, NULL, false};
    PB_CHECK_TRUE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "pair");
    int again = dup(pair[0]);
    PB_CHECK_INT(pb_channel_adopt(again, again, &client, pb_after(pb_wall_now(), pb_ms(20)), &channel, &error),
                 PB_ERR_TIMEOUT, "status");
    PB_CHECK_OK(pb_channel_adopt(pair[0], pair[0], NULL, soon(), &channel, &error), &error);
    PB_CHECK_INT(pb_channel_receive(channel, &sink, pb_after(pb_wall_now(), pb_ms(20)), &error), PB_ERR_TIMEOUT,
                 "status");
    pb_channel_close(channel);
    close(pair[1]);
}

static int set_up(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder)) return -1;
    make_certificate(folder, "lab", NULL);
    make_certificate(folder, "elsewhere", NULL);
    make_certificate(folder, "gateway", "lab");
    make_certificate(folder, "bench", "lab");
    make_certificate(folder, "stranger", "elsewhere");
    return 0;
}
static int tear_down(void **state) {
    static const char *const names[] = {"lab.pem",      "lab.key",      "elsewhere.pem", "elsewhere.key",
                                        "gateway.pem",  "gateway.key",  "bench.pem",     "bench.key",
                                        "stranger.pem", "stranger.key", "socket"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(file(0, names[i]));
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over_two_pipes_as_stdio_is),
        cmocka_unit_test(test_over_tcp),
        cmocka_unit_test(test_over_a_unix_socket),
        cmocka_unit_test(test_over_a_pseudo_terminal),
        cmocka_unit_test(test_over_tls_mutual),
        cmocka_unit_test(test_a_client_without_a_certificate_is_refused),
        cmocka_unit_test(test_a_server_of_another_name_or_authority_is_refused),
        cmocka_unit_test(test_files_that_are_not_there_are_told),
        cmocka_unit_test(test_a_peer_that_says_nothing_ends_at_the_deadline),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
