/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocking reads with a generous bound (ANSWER_MS): a world that hangs fails the test instead of the machine. */
#include "tests/world/bench.h"

#include "world/wire/pb_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 60000

struct pbl_config bench_config(void) {
    return (struct pbl_config){.version = PBL_VERSION,
                               .cords = 1,
                               .poles = 2,
                               .seed = 7,
                               .sense_period_num_ns = BENCH_PERIOD_NS,
                               .sense_period_den = 1,
                               .sense_uv_num = 1000,
                               .sense_uv_den = 1,
                               .sense_noise_uv = 2000,
                               .keep_before_ns = 2 * BENCH_MS,
                               .keep_after_ns = 10 * BENCH_MS,
                               .mains_mv = 230000,
                               .mains_mhz = 50000,
                               .close_delay_ns = 20 * BENCH_MS,
                               .open_delay_ns = 15 * BENCH_MS,
                               .bounce_ns = 3 * BENCH_MS,
                               .answer_ms = 20000,
                               .cable_ff = 300000,
                               .diode_uv = 700000,
                               .r2_mohm = 2740000,
                               .r3_mohm = 1300000,
                               .quantum_ns = BENCH_MS,
                               .meter_rollover_wh = 1000000,
                               .meter_period_ns = 60 * BENCH_S};
}

static void wait_for(int fd, short events, const char *what) {
    struct pollfd item = {fd, events, 0};
    int count;
    do count = poll(&item, 1, ANSWER_MS);
    while (count < 0 && errno == EINTR);
    PB_CHECK_TRUE(count == 1, "no %s within %d ms", what, ANSWER_MS);
}

static size_t take(int fd, void *bytes, size_t size, const char *what) {
    size_t got = 0;
    while (got < size) {
        wait_for(fd, POLLIN, what);
        ssize_t count = read(fd, (uint8_t *)bytes + got, size - got);
        if (count <= 0) return got;
        got += (size_t)count;
    }
    return got;
}

void bench_start_world(struct bench *bench) {
    static int serial;
    int link[2], guardian[2];
    memset(bench, 0, sizeof *bench);
    snprintf(bench->log_path, sizeof bench->log_path, "/tmp/pb-world-%d-%d.log", (int)getpid(), ++serial);
    snprintf(bench->turns_path, sizeof bench->turns_path, "/tmp/pb-world-%d-%d.turns", (int)getpid(), serial);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, guardian), 0);
    bench->world = fork();
    if (bench->world == 0) {
        char link_text[16], guardian_text[16];
        snprintf(link_text, sizeof link_text, "%d", link[1]);
        snprintf(guardian_text, sizeof guardian_text, "%d", guardian[1]);
        fcntl(link[1], F_SETFD, 0);
        fcntl(guardian[1], F_SETFD, 0);
        execl(PB_BUILD_DIR "/pilotbench-world", "pilotbench-world", "--bench-fd", link_text, "--guardian-fd",
              guardian_text, "--log", bench->log_path, (char *)NULL);
        _exit(127);
    }
    close(link[1]);
    close(guardian[1]);
    bench->fd = link[0];
    bench->guardian_fd = guardian[0];
    bench->samples = calloc(BENCH_SAMPLES_MAX, sizeof *bench->samples);
    bench->has_sample = calloc(BENCH_SAMPLES_MAX, sizeof *bench->has_sample);
}

void bench_send(struct bench *bench, enum pbl_type type, const void *head, size_t head_size, const void *bytes,
                size_t size) {
    struct pbl_frame frame = {.size = (uint32_t)(head_size + size), .type = (uint16_t)type};
    assert_int_equal(send(bench->fd, &frame, sizeof frame, MSG_NOSIGNAL), sizeof frame);
    if (head_size) assert_int_equal(send(bench->fd, head, head_size, MSG_NOSIGNAL), head_size);
    if (size) assert_int_equal(send(bench->fd, bytes, size, MSG_NOSIGNAL), size);
}

/* Reads one frame; false when the link closed. */
static bool take_frame(struct bench *bench, struct pbl_frame *ret_frame, uint8_t **ret_payload) {
    if (take(bench->fd, ret_frame, sizeof *ret_frame, "frame") < sizeof *ret_frame) return false;
    size_t size = sizeof *ret_frame + ret_frame->size;
    bench->raw = realloc(bench->raw, bench->raw_size + size);
    memcpy(bench->raw + bench->raw_size, ret_frame, sizeof *ret_frame);
    *ret_payload = bench->raw + bench->raw_size + sizeof *ret_frame;
    if (take(bench->fd, *ret_payload, ret_frame->size, "payload") < ret_frame->size) return false;
    bench->raw_size += size;
    return true;
}

void bench_open(struct bench *bench, const struct pbl_config *config, const char *mode) {
    struct pbl_frame frame;
    uint8_t *payload;
    bench_start_world(bench);
    bench_send(bench, PBL_CONFIG, config, sizeof *config, NULL, 0);
    PB_CHECK_TRUE(take_frame(bench, &frame, &payload), "the world closed the link instead of STARTED");
    PB_CHECK_INT(frame.type, PBL_STARTED, "");
    bench->cords = config->cords;
    if (mode) bench_start_dut(bench, PB_BUILD_DIR "/tests/world_test_dut", mode, 0);
}

void bench_start_dut(struct bench *bench, const char *program, const char *mode, uint8_t cord) {
    bench_start_actor(bench, PBW_EVSE, program, mode, cord);
}

void bench_start_actor(struct bench *bench, uint8_t actor, const char *program, const char *mode, uint8_t cord) {
    char argv[600];
    int size = snprintf(argv, sizeof argv, "%s%c%s%c%s", program, 0, mode, 0, bench->turns_path) + 1;
    struct pbl_slave slave = {.actor = actor, .cord = cord, .seed = 5};
    bench_send(bench, PBL_SLAVE, &slave, sizeof slave, argv, (size_t)size);
}

void bench_set_cord(struct bench *bench, uint32_t cord, enum pbl_output output, int64_t value) {
    struct pbl_set set = {.output = output, .cord = cord, .value = value};
    bench_send(bench, PBL_SET, &set, sizeof set, NULL, 0);
}

void bench_set(struct bench *bench, enum pbl_output output, int64_t value) { bench_set_cord(bench, 0, output, value); }

void bench_send_advance(struct bench *bench, int64_t until_ns, uint32_t wake_mask) {
    struct pbl_advance advance = {.until_ns = until_ns, .wake_mask = wake_mask};
    bench_send(bench, PBL_ADVANCE, &advance, sizeof advance, NULL, 0);
}

static void see_samples(struct bench *bench, const uint8_t *payload, size_t size) {
    struct pbl_samples head;
    memcpy(&head, payload, sizeof head);
    PB_CHECK_INT(size, sizeof head + (size_t)2 * head.count, "bytes");
    PB_CHECK_BETWEEN(head.count, 1, 5000, "samples");
    PB_CHECK_TRUE(head.cord < bench->cords, "samples of cord %u", head.cord);
    PB_CHECK_INT(head.first_index, bench->next_index[head.cord], "(index)");
    for (uint32_t i = 0; i < head.count; i++) {
        int64_t index = head.first_index + i;
        if (index >= BENCH_SAMPLES_MAX || head.cord > 0) break;
        memcpy(&bench->samples[index], payload + sizeof head + (size_t)2 * i, 2);
        bench->has_sample[index] = true;
    }
    bench->next_index[head.cord] += head.count;
    bench->sample_count += head.count;
}

static void see_modelled(struct bench *bench, const uint8_t *payload) {
    struct pbl_modelled head;
    memcpy(&head, payload, sizeof head);
    PB_CHECK_TRUE(head.cord < bench->cords, "modelled stretch of cord %u", head.cord);
    PB_CHECK_TRUE(head.to_index > bench->next_index[head.cord], "modelled to %" PRId64 ", told to %" PRId64,
                  head.to_index, bench->next_index[head.cord]);
    bench->next_index[head.cord] = head.to_index;
}

static void see(struct bench *bench, const struct pbl_frame *frame, const uint8_t *payload) {
    switch (frame->type) {
    case PBL_EVENT:
        assert_true(bench->event_count < BENCH_EVENTS_MAX);
        memcpy(&bench->events[bench->event_count++], payload, sizeof bench->events[0]);
        break;
    case PBL_SAMPLES: see_samples(bench, payload, frame->size); break;
    case PBL_MODELLED: see_modelled(bench, payload); break;
    case PBL_FAULT:
        bench->fault_count++;
        memcpy(&bench->fault, payload, sizeof bench->fault);
        snprintf(bench->fault_text, sizeof bench->fault_text, "%.*s", (int)(frame->size - sizeof bench->fault),
                 (const char *)payload + sizeof bench->fault);
        break;
    case PBL_SERIAL_SEEN:
    case PBL_MESSAGE_SEEN:
        memcpy(&bench->text_head, payload, sizeof bench->text_head);
        bench->text_size = frame->size - sizeof bench->text_head;
        memcpy(bench->text, payload + sizeof bench->text_head, bench->text_size);
        bench->texts[bench->text_count % 32].type = frame->type;
        bench->texts[bench->text_count % 32].size = bench->text_size;
        bench->texts[bench->text_count++ % 32].head = bench->text_head;
        break;
    default: fail_msg("frame of type %u", frame->type);
    }
}

int64_t bench_take_advanced(struct bench *bench) {
    for (;;) {
        struct pbl_frame frame;
        uint8_t *payload;
        PB_CHECK_TRUE(take_frame(bench, &frame, &payload), "the world closed the link within a turn");
        if (frame.type == PBL_ADVANCED) {
            struct pbl_advanced advanced;
            memcpy(&advanced, payload, sizeof advanced);
            for (unsigned cord = 0; cord < bench->cords; cord++)
                PB_CHECK_INT(bench->next_index[cord], (advanced.reached_ns + BENCH_PERIOD_NS - 1) / BENCH_PERIOD_NS,
                             "(index told up to)");
            return advanced.reached_ns;
        }
        see(bench, &frame, payload);
    }
}

int64_t bench_advance(struct bench *bench, int64_t until_ns, uint32_t wake_mask) {
    PB_CHECK_TRUE(!bench_has_data(bench), "the world sent something outside a turn");
    bench_send_advance(bench, until_ns, wake_mask);
    return bench_take_advanced(bench);
}

struct pbl_guard bench_guard(struct bench *bench, enum pbl_output output, int64_t value) {
    struct pbl_guard guard = {.magic = PBL_GUARD_MAGIC, .output = output, .value = value, .seq = ++bench->guard_seq};
    assert_int_equal(send(bench->guardian_fd, &guard, sizeof guard, MSG_NOSIGNAL), sizeof guard);
    PB_CHECK_INT(take(bench->guardian_fd, &guard, sizeof guard, "answer to the guardian"), sizeof guard, "bytes");
    PB_CHECK_INT(guard.seq, bench->guard_seq, "(seq)");
    return guard;
}

bool bench_has_data(const struct bench *bench) {
    struct pollfd item = {bench->fd, POLLIN, 0};
    return poll(&item, 1, 0) == 1;
}

int bench_wait_end(struct bench *bench) {
    int status, pid_fd = pidfd_open(bench->world, 0);
    wait_for(pid_fd, POLLIN, "end of the world");
    close(pid_fd);
    assert_int_equal(waitpid(bench->world, &status, 0), bench->world);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void bench_free(struct bench *bench) {
    if (bench->fd >= 0) close(bench->fd);
    if (bench->guardian_fd >= 0) close(bench->guardian_fd);
    free(bench->samples);
    free(bench->has_sample);
    free(bench->raw);
    unlink(bench->log_path);
    unlink(bench->turns_path);
}

int bench_close(struct bench *bench) {
    bench_send(bench, PBL_BYE, NULL, 0, NULL, 0);
    int status = bench_wait_end(bench);
    return status;
}

static char *read_file(const char *path) {
    static const size_t room = 1 << 20;
    char *text = calloc(1, room);
    FILE *file = fopen(path, "r");
    assert_non_null(text);
    if (file) {
        size_t size = fread(text, 1, room - 1, file);
        text[size] = 0;
        fclose(file);
    }
    return text;
}

char *bench_log(const struct bench *bench) { return read_file(bench->log_path); }

long bench_turns(const struct bench *bench) {
    char *text = read_file(bench->turns_path);
    long turns = *text ? strtol(text, NULL, 10) : -1;
    free(text);
    return turns;
}

const struct pbl_event *bench_event(const struct bench *bench, enum pbl_event_kind kind, int index, int64_t from_ns) {
    for (unsigned i = 0; i < bench->event_count; i++) {
        const struct pbl_event *event = &bench->events[i];
        if (event->kind == kind && (index < 0 || event->index == index) && event->t_ns > from_ns) return event;
    }
    return NULL;
}
