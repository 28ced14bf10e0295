/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages/jsonl/driver.h"

#include "messages/jsonl/port.h"
#include "messages/jsonl/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 16, PATH_ROOM = 4096 };

enum { FILE_CA, FILE_CERT, FILE_KEY, FILE_COUNT };
static const char *const file_names[FILE_COUNT] = {"ca", "cert", "key"};

struct jsonl_config {
    int role, parity; /* places in the choices below */
    const char *link, *name, *files[FILE_COUNT];
    const struct pb_node *exec;
    bool listen;
    int64_t baud, stop_bits, wait_ns, retry_ns, timeout_ns, rate;
    struct pb_link_address address; /* from here on filled by prepare */
    struct pb_tls_setup tls;
    bool is_tls;
    char *words[WORDS_MAX + 1]; /* of `exec`; the first is its own, where it names a file beside the bench file's */
    char *paths[FILE_COUNT];
    char shown[128];
};

static const char *const roles[] = {"esci", "utility", NULL};
static const char *const parities[] = {"none", "even", "odd", NULL}; /* enum pb_parity */
/* In the order of roles. */
static const struct pb_channel channels[] = {
    {.name = "messages", .role = "esci", .access = PB_ACCESS_BYTES, .unit = PB_UNIT_NONE},
    {.name = "messages", .role = "utility", .access = PB_ACCESS_BYTES, .unit = PB_UNIT_NONE},
};

#define TEXT(name_, member_, text_)                                                                                    \
    { .name = name_, .type = PB_PARAM_TEXT, .offset = offsetof(struct jsonl_config, member_), .text = text_ }
#define CHOICE(name_, member_, choices_, required_, fallback_, text_)                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_CHOICE, .offset = offsetof(struct jsonl_config, member_), .choices = choices_, \
        .is_required = required_, .fallback = fallback_, .text = text_                                                 \
    }
#define QUANTITY(name_, member_, unit_, fallback_, min_, max_, text_)                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(struct jsonl_config, member_),                    \
        .fallback = fallback_, .unit = PB_UNIT_##unit_, .min = min_, .max = max_, .text = text_                        \
    }

static const struct pb_param params[] = {
    CHOICE(
        "role", role, roles, true, NULL,
        "esci: the premise's link (gateway, EVSE with its meter, vehicle); utility: the link between gateway and utility"),
    TEXT(
        "link", link,
        "tcp:ADDRESS:PORT, tls:ADDRESS:PORT, unix:PATH, pty:PATH, serial:PATH or serial:usb:VID:PID[:SERIAL]; numeric addresses"),
    {.name = "exec",
     .type = PB_PARAM_NODE,
     .offset = offsetof(struct jsonl_config, exec),
     .node_kind = PB_NODE_LIST,
     .text =
         "instead of `link`: program and arguments, which the bench starts; messages go over its standard input and output"},
    {.name = "listen",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct jsonl_config, listen),
     .fallback = "false",
     .text = "tcp, tls, unix: true: the other side connects to this address of the bench; false: the bench connects"},
    TEXT(
        "ca", files[FILE_CA],
        "tls: file (PEM) of who may sign the other side's certificate; needed but when listening, where without it nobody is asked for one"),
    TEXT("cert", files[FILE_CERT], "tls: file (PEM) of the bench's certificate; needed when listening"),
    TEXT("key", files[FILE_KEY], "tls: file (PEM) of its key"),
    TEXT(
        "name", name,
        "tls: name or numeric address that the other side's certificate must be for; default: any that `ca` has signed"),
    QUANTITY("baud", baud, NONE, "115200", "300", "4000000", "serial: bits a second; 8 data bits"),
    CHOICE("parity", parity, parities, false, "none", "serial: parity"),
    QUANTITY("stop_bits", stop_bits, NONE, "1", "1", "2", "serial: stop bits"),
    QUANTITY("wait", wait_ns, SECOND, "30 s", "10 ms", "24 h",
             "time for which the other side may be missing, at first and whenever the link is lost"),
    QUANTITY("retry", retry_ns, SECOND, "500 ms", "10 ms", "1 h", "time between two tries to connect"),
    QUANTITY(
        "timeout", timeout_ns, SECOND, "2 s", "10 ms", "60 s",
        "time for one try to connect, for the certificates, for a message to be taken; also how far behind the link may fall"),
    QUANTITY("rate", rate, NONE, "200", "1", "100000",
             "lines a second that are taken (a second's worth at once); more have to wait in the link"),
};

/* ---- the bench file ---- */

/* A path that is relative counts from the bench file's folder; NULL: no memory. */
static char *beside(const char *folder, const char *path) {
    char whole[PATH_ROOM];
    if (path[0] == '/') return strdup(path);
    return snprintf(whole, sizeof whole, "%s/%s", folder, path) < (int)sizeof whole ? strdup(whole) : NULL;
}

static enum pb_status no_memory(struct pb_error *error) {
    return pb_fail(error, PB_ERR_MEMORY, 0, "jsonl", "no memory");
}

static enum pb_status refuse(struct pb_error *error, const char *found, const char *expected) {
    return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected %s", found, expected);
}

static enum pb_status take_words(struct jsonl_config *config, const char *folder, struct pb_error *error) {
    size_t count = pb_node_count(config->exec);
    if (count < 1 || count > WORDS_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, "",
                       "found an `exec` of %zu words, expected 1 to %d: program and arguments", count, WORDS_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *word = pb_node_text(pb_node_at(config->exec, i));
        if (!word || (i == 0 && !word[0]))
            return refuse(error, "an `exec` with something that is no text", "program and arguments");
        config->words[i] = i == 0 && strchr(word, '/') ? beside(folder, word) : strdup(word);
        if (!config->words[i]) return no_memory(error);
    }
    if (strchr(config->words[0], '/') && access(config->words[0], X_OK) != 0)
        return pb_fail(error, PB_ERR_INPUT, 0, "", "found no program '%.100s' (`exec`), expected one that can be run",
                       config->words[0]);
    snprintf(config->shown, sizeof config->shown, "exec:%.100s", config->words[0]);
    return PB_OK;
}

static enum pb_status take_files(struct jsonl_config *config, const char *folder, struct pb_error *error) {
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (!config->files[i]) continue;
        if (!config->is_tls)
            return pb_fail(error, PB_ERR_INPUT, 0, "",
                           "found `%s` on a link without TLS, expected link: tls:ADDRESS:PORT with it", file_names[i]);
        config->paths[i] = beside(folder, config->files[i]);
        if (!config->paths[i]) return no_memory(error);
        if (access(config->paths[i], R_OK) != 0)
            return pb_fail(error, PB_ERR_INPUT, 0, "", "found no readable file '%.150s' (`%s`), expected a PEM file",
                           config->paths[i], file_names[i]);
    }
    return PB_OK;
}

static enum pb_status check_tls(const struct jsonl_config *config, struct pb_error *error) {
    if (config->name && !config->is_tls)
        return refuse(error, "`name` on a link without TLS", "link: tls:ADDRESS:PORT with it");
    if (!config->is_tls) return PB_OK;
    if (!config->files[FILE_CERT] != !config->files[FILE_KEY])
        return refuse(error, config->files[FILE_CERT] ? "`cert` without `key`" : "`key` without `cert`",
                      "both, or none where the bench connects");
    if (config->listen && !config->files[FILE_CERT])
        return refuse(error, "a listening link with TLS and no `cert`",
                      "`cert` and `key`: who listens shows a certificate");
    if (!config->listen && !config->files[FILE_CA])
        return refuse(error, "a link with TLS and no `ca`",
                      "the file of those who may sign the other side's certificate");
    if (config->listen && config->name)
        return refuse(error, "`name` on a listening link", "it only where the bench connects; `ca` says who may come");
    const struct pb_tls_calls *calls; /* loaded here, so that nothing has begun when it is not there */
    return pb_tls_load(&calls, error);
}

static enum pb_status take_link(struct jsonl_config *config, struct pb_error *error) {
    char text[128];
    config->is_tls = strncmp(config->link, "tls:", 4) == 0;
    snprintf(config->shown, sizeof config->shown, "%.120s", config->link);
    snprintf(text, sizeof text, "%s%.120s", config->is_tls ? "tcp:" : "", config->link + (config->is_tls ? 4 : 0));
    if (pb_link_parse(text, &config->address, error) != PB_OK)
        return pb_fail(error, PB_ERR_INPUT, 0, "",
                       "found the link '%.60s', expected tcp: or tls:NUMERIC-ADDRESS:PORT, unix:PATH, pty:PATH, "
                       "serial:PATH or serial:usb:VID:PID[:SERIAL]",
                       config->link);
    if (config->listen && config->address.kind != PB_LINK_TCP && config->address.kind != PB_LINK_UNIX)
        return refuse(error, "`listen: true` on a line", "it only with tcp:, tls: and unix:");
    return PB_OK;
}

static enum pb_status jsonl_prepare(void *config_, const char *folder, struct pb_error *error) {
    struct jsonl_config *config = config_;
    enum pb_status status;
    if (!config->link == !config->exec)
        return refuse(error, config->link ? "both `link` and `exec`" : "neither `link` nor `exec`", "one of the two");
    if (config->exec && config->listen) return refuse(error, "`listen: true` with `exec`", "it only with `link`");
    status = config->exec ? take_words(config, folder, error) : take_link(config, error);
    if (status == PB_OK) status = take_files(config, folder, error);
    if (status == PB_OK) status = check_tls(config, error);
    if (status != PB_OK) return status;
    config->tls = (struct pb_tls_setup){.authorities = config->paths[FILE_CA],
                                        .certificate = config->paths[FILE_CERT],
                                        .key = config->paths[FILE_KEY],
                                        .name = config->name,
                                        .is_server = config->listen};
    return PB_OK;
}

static const struct pb_channel *jsonl_channels(const void *config_, size_t *ret_count) {
    const struct jsonl_config *config = config_;
    *ret_count = 1;
    return &channels[config->role];
}

static void jsonl_release(void *config_) {
    struct jsonl_config *config = config_;
    for (size_t i = 0; i < WORDS_MAX; i++) free(config->words[i]);
    for (size_t i = 0; i < FILE_COUNT; i++) free(config->paths[i]);
    memset(config->words, 0, sizeof config->words);
    memset(config->paths, 0, sizeof config->paths);
}

/* ---- the link ---- */

struct pb_instrument {
    struct pb_port *port;
    struct pb_sink sink;
    pb_span lag;
};

static enum pb_status jsonl_open(const void *config_, const struct pb_opening *opening,
                                 struct pb_instrument **ret_instrument, struct pb_error *error) {
    const struct jsonl_config *config = config_;
    struct pb_instrument *self = calloc(1, sizeof *self);
    if (!self) return no_memory(error);
    self->sink = opening->sink;
    self->lag = pb_ns(config->timeout_ns);
    const struct pb_port_setup setup = {
        .name = config->shown,
        .address = config->address,
        .line = {(int)config->baud, (enum pb_parity)config->parity, (int)config->stop_bits},
        .is_listener = config->listen,
        .tls = config->is_tls ? &config->tls : NULL,
        .argv = config->exec ? (const char *const *)config->words : NULL,
        .log_path = opening->log_path,
        .zero = opening->wall_zero,
        .wait = pb_ns(config->wait_ns),
        .retry = pb_ns(config->retry_ns),
        .timeout = pb_ns(config->timeout_ns),
        .rate = config->rate};
    enum pb_status status = pb_port_open(&setup, &self->port, error);
    if (status != PB_OK) {
        free(self);
        return status;
    }
    *ret_instrument = self;
    return PB_OK;
}

static void jsonl_close(struct pb_instrument *self) {
    if (!self) return;
    pb_port_close(self->port);
    free(self);
}

static const struct pb_sampling *jsonl_sampling(struct pb_instrument *self, unsigned channel) {
    (void)self, (void)channel;
    return NULL;
}

static enum pb_status jsonl_send(struct pb_instrument *self, unsigned channel, const void *bytes, size_t size,
                                 struct pb_error *error) {
    (void)channel;
    return pb_port_send(self->port, bytes, size, error);
}

static bool jsonl_is_up(struct pb_instrument *self, unsigned channel) {
    (void)channel;
    return pb_port_is_up(self->port);
}

static void on_line(void *user, pb_instant at, const char *bytes, size_t size) {
    const struct pb_instrument *self = user;
    self->sink.bytes(self->sink.user, 0, at, (const uint8_t *)bytes, size);
}
static void on_mistake(void *user, pb_instant at, const char *why, const char *bytes, size_t size) {
    const struct pb_instrument *self = user;
    self->sink.refused(self->sink.user, 0, at, why, (const uint8_t *)bytes, size);
}
static void on_note(void *user, pb_instant at, const char *text) {
    const struct pb_instrument *self = user;
    self->sink.note(self->sink.user, 0, at, text);
}

static int jsonl_descriptor(struct pb_instrument *self) { return pb_port_descriptor(self->port); }

static enum pb_status jsonl_poll(struct pb_instrument *self, pb_instant now, struct pb_error *error) {
    const struct pb_port_sink sink = {self, on_line, on_mistake, on_note};
    pb_instant complete;
    enum pb_status status = pb_port_drain(self->port, now, &sink, &complete, error);
    if (status == PB_OK) self->sink.complete(self->sink.user, complete);
    return status;
}

static pb_span jsonl_lag(struct pb_instrument *self) { return self->lag; }

static const struct pb_rows_ops rows_ops = {jsonl_prepare, jsonl_channels, jsonl_release};
static const struct pb_core_ops core_ops = {jsonl_open, jsonl_close, jsonl_sampling};
static const struct pb_bytes_ops bytes_ops = {jsonl_send, jsonl_is_up};
static const struct pb_live_ops live_ops = {jsonl_descriptor, jsonl_poll, jsonl_lag};

const struct pb_driver pb_jsonl_driver = {
    .name = "jsonl",
    .summary =
        "a message link: newline-delimited JSON over TCP, TLS, a Unix socket, a line, or a program's standard input and output",
    .rows = &rows_ops,
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .config_size = sizeof(struct jsonl_config),
    .core = &core_ops,
    .bytes = &bytes_ops,
    .live = &live_ops,
};
