/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See scripted_world.h. Every read has a time-out, so that a DUT that hangs fails the test. */
#include "tests/firmware_stub/scripted_world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/check.h"

static void exec_dut(int fd, const char *program, const char *const *arguments) {
    const char *words[SCRIPT_ARGUMENTS_MAX + 2] = {program};
    for (int i = 0; i < SCRIPT_ARGUMENTS_MAX && arguments && arguments[i]; i++) words[i + 1] = arguments[i];
    if (fd == PBW_FD) fcntl(fd, F_SETFD, 0);
    else dup2(fd, PBW_FD);
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO);
    execv(words[0], (char *const *)(uintptr_t)words);
    _exit(127);
}

static void receive(struct script *script, struct pbw_record *ret_record) {
    size_t got = 0;
    while (got < sizeof *ret_record) {
        ssize_t count = read(script->fd, (char *)ret_record + got, sizeof *ret_record - got);
        if (count < 0 && errno == EINTR) continue;
        PB_CHECK_TRUE(count > 0, "the DUT does not answer (read gave %zd)", count);
        got += (size_t)count;
    }
    PB_CHECK_INT(ret_record->seq, script->in_seq, "");
    PB_CHECK_INT(ret_record->reserved, 0, "");
    PB_CHECK_INT(ret_record->cord, 0, "");
    script->in_seq++;
}

void script_send(struct script *script, const struct pbw_record *record) {
    ssize_t sent = send(script->fd, record, sizeof *record, MSG_NOSIGNAL);
    PB_CHECK_INT(sent, sizeof *record, "bytes");
}

static void send_next(struct script *script, struct pbw_record *record) {
    record->seq = script->out_seq++;
    record->t_ns = script->now_ns;
    script_send(script, record);
}

void script_start(struct script *script, const char *const *arguments) {
    script_start_program(script, PB_BUILD_DIR "/stub-evse", arguments);
}

void script_start_program(struct script *script, const char *program, const char *const *arguments) {
    int ends[2];
    memset(script, 0, sizeof *script);
    script->close_ns = 20 * MS;
    script->open_ns = 15 * MS;
    script->pole_due_ns = script->not_before_ns = PBW_NEVER;
    PB_CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0, "");
    script->pid = fork();
    if (script->pid == 0) exec_dut(ends[1], program, arguments);
    close(ends[1]);
    script->fd = ends[0];
    struct timeval patience = {.tv_sec = 10};
    setsockopt(script->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

void script_open(struct script *script, uint64_t seed, const char *const *arguments) {
    script_start(script, arguments);
    script_greet(script, PBW_EVSE, seed);
}

void script_greet(struct script *script, uint8_t actor, uint64_t seed) {
    struct pbw_record hello = {.type = PBW_HELLO}, ready;
    hello.u.hello = (struct pbw_hello){.version = PBW_VERSION, .actor = actor, .cords = 1, .seed = seed};
    send_next(script, &hello);
    receive(script, &ready);
    PB_CHECK_INT(ready.type, PBW_READY, "");
    PB_CHECK_INT(ready.u.hello.version, PBW_VERSION, "");
    PB_CHECK_INT(ready.u.hello.actor, actor, "");
    PB_CHECK_INT(ready.u.hello.cords, 1, "cords");
    script->is_dirty = true; /* nothing promised yet */
}

int script_wait_exit(struct script *script) {
    int status;
    char byte;
    PB_CHECK_INT(read(script->fd, &byte, 1), 0, "bytes"); /* end of the wire, or the time-out fails */
    PB_CHECK_INT(waitpid(script->pid, &status, 0), script->pid, "");
    close(script->fd);
    PB_CHECK_TRUE(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

int script_close(struct script *script) {
    struct pbw_record stop = {.type = PBW_STOP};
    send_next(script, &stop);
    return script_wait_exit(script);
}

void script_value(struct script *script, uint16_t type, uint8_t index, int64_t value) {
    struct pbw_record record = {.type = type};
    record.u.value.index = index;
    record.u.value.a = value;
    send_next(script, &record);
    script->is_dirty = true;
}

void script_load(struct script *script, uint8_t kind, int64_t milliohm) {
    struct pbw_record record = {.type = PBW_CP_LOAD};
    record.u.cp_load =
        (struct pbw_cp_load){.kind = kind, .milliohm = milliohm, .femtofarad = 300000, .diode_uv = 700000};
    send_next(script, &record);
    script->is_dirty = true;
}

void script_type_line(struct script *script, const char *line) {
    struct pbw_record record = {.type = PBW_SERIAL_IN};
    record.u.bytes.length = (uint8_t)snprintf((char *)record.u.bytes.bytes, sizeof record.u.bytes.bytes, "%s\n", line);
    record.u.bytes.is_last = 1;
    send_next(script, &record);
    script->is_dirty = true;
}

void script_say(struct script *script, uint8_t link, const char *text, size_t size) {
    while (size > 0) {
        struct pbw_record record = {.type = PBW_MSG_IN};
        struct pbw_bytes *part = &record.u.bytes;
        part->length = (uint8_t)(size < sizeof part->bytes ? size : sizeof part->bytes);
        part->is_last = part->length == size;
        part->link = link;
        memcpy(part->bytes, text, part->length);
        text += part->length;
        size -= part->length;
        send_next(script, &record);
    }
    script->is_dirty = true;
}

static void contactor_follow(struct script *script, const struct pbw_record *record) {
    if (record->type != PBW_COIL) return;
    bool is_on = record->u.value.a;
    script->pole_due_live = (is_on && !script->is_dead) || (!is_on && script->is_welded);
    script->pole_due_ns = record->t_ns + (is_on ? script->close_ns : script->open_ns);
}

static void contactor_move(struct script *script) {
    script->pole_due_ns = PBW_NEVER;
    if (script->is_live == script->pole_due_live) return;
    script->is_live = script->pole_due_live;
    script_value(script, PBW_POLE_VOLTS, 0, script->is_live ? 120000 : 0);
}

/* One RUN_UNTIL and its answer. */
static void turn(struct script *script, int64_t until_ns) {
    struct pbw_record run = {.type = PBW_RUN_UNTIL, .seq = script->out_seq++, .t_ns = until_ns};
    int64_t output_ns = -1, promised_ns = script->is_dirty ? script->now_ns : script->not_before_ns;
    script_send(script, &run);
    script->turns++;
    script->is_dirty = false;
    for (;;) {
        struct pbw_record record;
        receive(script, &record);
        if (record.type == PBW_DONE) {
            PB_CHECK_INT(record.t_ns, output_ns < 0 ? until_ns : output_ns, "ns");
            PB_CHECK_TRUE(record.u.value.a > record.t_ns, "a promise for the past or the present");
            script->not_before_ns = record.u.value.a;
            script->now_ns = record.t_ns;
            return;
        }
        if (output_ns < 0) output_ns = record.t_ns;
        PB_CHECK_INT(record.t_ns, output_ns, "ns");
        PB_CHECK_BETWEEN(record.t_ns, promised_ns, until_ns, "ns");
        PB_CHECK_TRUE(script->log_count < SCRIPT_LOG_MAX, "the log is full");
        script->log[script->log_count++] = record;
        contactor_follow(script, &record);
    }
}

void script_run(struct script *script, int64_t span_ns) {
    int64_t end_ns = script->now_ns + span_ns;
    while (script->now_ns < end_ns || script->is_dirty) {
        int64_t next_ns = script->pole_due_ns < end_ns ? script->pole_due_ns : end_ns;
        if (script->is_dirty || script->not_before_ns <= next_ns) turn(script, next_ns);
        else script->now_ns = next_ns;
        if (script->now_ns == script->pole_due_ns) contactor_move(script);
    }
}

void script_unplug(struct script *script) { script_load(script, PBW_LOAD_OPEN, 0); }

void script_state_b(struct script *script) { script_load(script, PBW_LOAD_R_DIODE, 2740000); }

void script_state_c(struct script *script) { script_load(script, PBW_LOAD_R_DIODE, 881683); }

void script_state_d(struct script *script) { script_load(script, PBW_LOAD_R_DIODE, 245781); }

void script_short(struct script *script) { script_load(script, PBW_LOAD_SHORT, 80000); }

void script_boot(struct script *script) {
    script_unplug(script);
    script_value(script, PBW_MAINS, 0, 120000);
    script_run(script, 2 * SECONDS);
    PB_CHECK_TRUE(script_is_steady(script, 12000), "no A1 after booting");
}

void script_charge(struct script *script) {
    script_boot(script);
    script_state_b(script);
    script_run(script, 2 * SECONDS);
    script_state_c(script);
    script_run(script, 10 * SECONDS);
}

const struct pbw_record *script_first(const struct script *script, uint16_t type, int64_t from_ns) {
    for (size_t i = 0; i < script->log_count; i++)
        if (script->log[i].type == type && script->log[i].t_ns >= from_ns) return &script->log[i];
    return NULL;
}

const struct pbw_record *script_last(const struct script *script, uint16_t type) {
    for (size_t i = script->log_count; i-- > 0;)
        if (script->log[i].type == type) return &script->log[i];
    return NULL;
}

bool script_has_said(const struct script *script, const char *part, int64_t from_ns) {
    char said[41 * 40] = "";
    for (size_t i = 0; i < script->log_count; i++) {
        const struct pbw_bytes *bytes = &script->log[i].u.bytes;
        if (script->log[i].type != PBW_SERIAL_OUT || script->log[i].t_ns < from_ns) continue;
        size_t used = strlen(said);
        if (used + bytes->length >= sizeof said) break;
        memcpy(said + used, bytes->bytes, bytes->length);
        said[used + bytes->length] = '\0';
    }
    return strstr(said, part) != NULL;
}

bool script_is_steady(const struct script *script, int64_t open_mv) {
    for (size_t i = script->log_count; i-- > 0;) {
        const struct pbw_record *record = &script->log[i];
        if (record->type == PBW_CP_PWM) return false;
        if (record->type != PBW_CP_EDGE) continue;
        int64_t off_uv = record->u.cp_drive.open_uv - open_mv * 1000;
        return !record->u.cp_drive.hi_z && off_uv <= 1200000 && off_uv >= -1200000;
    }
    return false;
}

bool script_is_defect(const char *name_and_value, const char *defect) {
    size_t length = strcspn(name_and_value, "=");
    return strlen(defect) == length && strncmp(name_and_value, defect, length) == 0;
}

int script_check_defects(const char *program, bool (*is_shown)(const char *defect)) {
    char line[400];
    int count = 0;
    snprintf(line, sizeof line, PB_BUILD_DIR "/%s --list-defects", program);
    FILE *list = popen(line, "r");
    assert_non_null(list);
    for (; fgets(line, sizeof line, list); count++) {
        line[strcspn(line, "=:")] = 0;
        PB_CHECK_TRUE(is_shown(line), "no test shows %s", line);
    }
    PB_CHECK_INT(pclose(list), 0, "(exit status)");
    return count;
}
