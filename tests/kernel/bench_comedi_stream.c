/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_comedi_stream PAIRS: 2 million samples of 8 channels at 1 MS/s of the kernel's comedi_test, in turn through the driver and by a bare loop
 * of read(2). A line a pair: samples per second of each, samples that the driver lost. Runs in the virtual machine of vm.py.
 * Where the emulated processor makes fewer than 8 million samples a second, the kernel's board falls behind: each turn of its timer has more to make up
 * than the one before, and in the end one fills any ring. Hence several short passes instead of a long one. */
#include "base/wall.h"
#include "instruments/comedi/comedi.h"

#include <comedilib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHANNELS = 8, SAMPLES = 500000, PASSES = 4 };
#define DEVICE "/dev/comedi2"

struct counted {
    int64_t samples, lost, next[CHANNELS];
};

static void count(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t n) {
    struct counted *counted = user;
    (void)counts;
    if (counted->next[channel] != 0) counted->lost += first_index - counted->next[channel];
    counted->next[channel] = first_index + (int64_t)n;
    counted->samples += (int64_t)n;
}
static void ignore_complete(void *user, pb_instant to) {
    (void)user;
    (void)to;
}

static void fail(const char *what, const struct pb_error *error) {
    fprintf(stderr, "%s: %s\n", what, error ? error->text : "failed");
    exit(1);
}

/* Samples so far, and the time that they took. */
struct taken {
    int64_t samples, ns;
};

static void add(struct taken *taken, int64_t samples, pb_instant from) {
    taken->samples += samples;
    taken->ns += pb_between(from, pb_wall_now()).ns;
}

static double per_second(const struct taken *taken) { return (double)taken->samples * 1e9 / (double)taken->ns; }

/* configuration from texts, as the harness makes it from files */
static void *configure(struct pb_doc **ret_doc) {
    static const char text[] = "{device: " DEVICE ", profile: wiring.yaml, rate: 1 MHz, buffer: 1 s, u_clock: 100 %}";
    const struct pb_driver *driver = &pb_comedi_driver;
    void *config = calloc(1, driver->config_size);
    struct pb_error error;
    FILE *file = fopen("wiring.yaml", "w");
    if (!config || !file) fail("wiring.yaml", NULL);
    fputs("pilotbench_comedi: 1\nstream_in:\n", file);
    for (int i = 0; i < CHANNELS; i++) fprintf(file, "  - {name: c%d, role: r%d, line: %d}\n", i, i, i);
    fclose(file);
    if (pb_doc_read_text("bench", text, strlen(text), ret_doc, &error) != PB_OK ||
        pb_doc_bind(*ret_doc, pb_doc_root(*ret_doc), driver->params, driver->param_count, config, driver->config_size,
                    &error) != PB_OK ||
        driver->rows->prepare(config, ".", &error) != PB_OK)
        fail("configuration", &error);
    return config;
}

static void ours(const void *config, struct taken *taken, int64_t *lost) {
    const struct pb_driver *driver = &pb_comedi_driver;
    struct counted counted = {0};
    struct pb_opening opening = {.wall_zero = pb_wall_now(),
                                 .sink = {.user = &counted, .samples = count, .complete = ignore_complete}};
    struct pb_instrument *board;
    struct pb_error error;
    if (driver->core->open(config, &opening, &board, &error) != PB_OK) fail("open", &error);
    struct pollfd wait = {.fd = driver->live->descriptor(board), .events = POLLIN};
    pb_instant begun = pb_wall_now();
    while (counted.samples < SAMPLES) {
        poll(&wait, 1, 100);
        pb_instant now = {pb_between(opening.wall_zero, pb_wall_now()).ns};
        if (driver->live->poll(board, now, &error) != PB_OK) fail("poll", &error);
    }
    add(taken, counted.samples, begun);
    driver->core->close(board);
    *lost += counted.lost;
}

static void theirs(struct taken *taken) {
    static char block[1 << 16];
    unsigned lines[CHANNELS];
    int64_t bytes = 0;
    comedi_t *device = comedi_open(DEVICE);
    comedi_cmd cmd = {.start_src = TRIG_NOW,
                      .scan_begin_src = TRIG_TIMER,
                      .scan_begin_arg = 1000,
                      .convert_src = TRIG_NOW,
                      .scan_end_src = TRIG_COUNT,
                      .scan_end_arg = CHANNELS,
                      .stop_src = TRIG_NONE,
                      .chanlist = lines,
                      .chanlist_len = CHANNELS};
    for (unsigned i = 0; i < CHANNELS; i++) lines[i] = CR_PACK(i, 0, AREF_GROUND);
    if (!device || comedi_set_buffer_size(device, 0, 16000000) < 0 || comedi_command(device, &cmd) < 0)
        fail("bare comedi", NULL);
    pb_instant begun = pb_wall_now();
    while (bytes < SAMPLES * (int64_t)sizeof(sampl_t)) {
        ssize_t n = read(comedi_fileno(device), block, sizeof block);
        if (n <= 0) fail("bare read", NULL);
        bytes += n;
    }
    add(taken, bytes / (int64_t)sizeof(sampl_t), begun);
    comedi_close(device);
}

int main(int argc, char **argv) {
    struct pb_doc *doc;
    void *config = configure(&doc);
    int64_t lost = 0;
    for (int i = argc > 1 ? atoi(argv[1]) : 5; i > 0; i--) {
        struct taken own = {0}, bare = {0};
        for (int pass = 0; pass < PASSES; pass++) {
            ours(config, &own, &lost);
            theirs(&bare);
        }
        printf("%.0f %.0f %lld\n", per_second(&own), per_second(&bare), (long long)lost);
    }
    pb_comedi_driver.rows->release(config);
    pb_doc_destroy(doc);
    free(config);
    return 0;
}
