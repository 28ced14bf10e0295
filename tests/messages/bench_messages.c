/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `message_rate` of make bench: messages a second that go out over TCP, come back, are decoded and matched, beside the same lines through the same echo as bare
 * bytes. Prints a line a pair: ours and reference, messages a second. */
#include "base/wall.h"
#include "messages/jsonl/channel.h"
#include "messages/match.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROUNDS = 100, WINDOW = 32, LINE_MAX = 1024 };

static void must(bool is_well, const char *what) {
    if (is_well) return;
    fprintf(stderr, "bench_messages: %s\n", what);
    exit(1);
}

/* Sends every byte back, in a process of its own. */
static void echo_for_ever(int listener) {
    static char bytes[1 << 16];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int peer = accept(listener, NULL, NULL), on = 1;
        ssize_t got;
        (void)setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        while ((got = read(peer, bytes, sizeof bytes)) > 0)
            for (ssize_t done = 0, put; done < got && (put = write(peer, bytes + done, (size_t)(got - done))) > 0;)
                done += put;
        close(peer);
    }
}

static int start_echo(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(listener, (struct sockaddr *)&here, size) == 0 && listen(listener, 4) == 0, "no socket");
    must(getsockname(listener, (struct sockaddr *)&here, &size) == 0, "no port");
    if (fork() == 0) echo_for_ever(listener);
    close(listener);
    return ntohs(here.sin_port);
}

static struct pb_message_value request_of(int64_t id) {
    struct pb_message_value value;
    struct pb_error error;
    pb_message_begin(&value, &pb_catalogue[pb_catalogue_find("energy_request")], PB_PARTY_PEV, PB_PARTY_UTILITY, id);
    must(pb_message_set_number(&value, "amount", 5760, &error) == PB_OK, "no field amount");
    must(pb_message_set_number(&value, "rate", 1920000, &error) == PB_OK, "no field rate");
    return value;
}

struct state {
    struct pb_matcher matcher;
    size_t matched;
};
static void take(void *user, const struct pb_message_value *value, const char *bytes, size_t size) {
    struct state *state = user;
    (void)bytes, (void)size;
    struct pb_heard heard = {.value = value, .received = pb_wall_now()};
    must(pb_match_take(&state->matcher, &heard).as == PB_HEARD_MATCHED, "a message did not match");
    state->matched++;
}
static void refuse(void *user, const struct pb_error *error, const char *bytes, size_t size) {
    (void)user, (void)bytes, (void)size;
    must(false, error->text);
}

static double per_second(size_t count, pb_instant began) {
    return (double)count * 1e9 / (double)pb_between(began, pb_wall_now()).ns;
}

static double measure_ours(const char *address) {
    static const struct pb_pattern pattern = {.name = "9",
                                              .type = "energy_request",
                                              .from = PB_PARTY_PEV,
                                              .to = PB_PARTY_UTILITY,
                                              .often = PB_OFTEN_ANY,
                                              .after = -1,
                                              .within = {INT64_MAX},
                                              .transit = {INT64_MAX},
                                              .conditions = {{.field = "rate",
                                                              .relation = PB_RELATION_AT_MOST,
                                                              .a = {.kind = PB_OPERAND_NUMBER, .number = 1920000}}},
                                              .condition_count = 1};
    struct pb_expected expected = {&pattern, 1, PB_UNEXPECTED_JUDGE};
    static struct state state;
    struct pb_channel *channel;
    struct pb_error error;
    pb_instant end = pb_after(pb_wall_now(), pb_s(60));
    struct pb_line_sink sink = {take, refuse, &state};
    state.matched = 0;
    must(pb_match_begin(&state.matcher, &expected, &error) == PB_OK, "no matcher");
    must(pb_channel_open(address, NULL, NULL, end, &channel, &error) == PB_OK, "no channel");
    pb_instant began = pb_wall_now();
    for (size_t sent = 0; sent < (size_t)ROUNDS * WINDOW;) {
        for (int i = 0; i < WINDOW; i++, sent++) {
            struct pb_message_value value = request_of((int64_t)sent + 1);
            must(pb_channel_send(channel, &value, end, &error) == PB_OK, "not sent");
        }
        while (state.matched < sent) must(pb_channel_receive(channel, &sink, end, &error) == PB_OK, "not received");
    }
    double rate = per_second(state.matched, began);
    pb_channel_close(channel);
    return rate;
}

static double measure_reference(int port) {
    struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    static char line[LINE_MAX], back[1 << 16];
    struct pb_error error;
    size_t length;
    int on = 1, peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(connect(peer, (struct sockaddr *)&there, sizeof there) == 0, "no connection");
    (void)setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct pb_message_value value = request_of(1000);
    must(pb_line_write(&value, line, sizeof line, &length, &error) == PB_OK, "no line");
    pb_instant began = pb_wall_now();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WINDOW; i++) must(write(peer, line, length) == (ssize_t)length, "not written");
        for (size_t left = WINDOW * length; left > 0;) {
            ssize_t got = read(peer, back, sizeof back);
            must(got > 0, "not read");
            left -= (size_t)got;
        }
    }
    double rate = per_second((size_t)ROUNDS * WINDOW, began);
    close(peer);
    return rate;
}

int main(int argc, char **argv) {
    must(argc == 2, "usage: bench_messages PAIRS");
    char address[40];
    int port = start_echo();
    signal(SIGPIPE, SIG_IGN);
    snprintf(address, sizeof address, "tcp:127.0.0.1:%d", port);
    for (long i = strtol(argv[1], NULL, 10); i > 0; i--) {
        double ours = measure_ours(address);
        printf("%.0f %.0f\n", ours, measure_reference(port));
    }
    return 0;
}
