/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's words. No printf here: it would not fit a small controller. */
#include "firmware_stub/pev/core/console.h"

#include <stddef.h>
#include <string.h>

#define REPLY_MAX 100
#define CURRENT_MAX_A 80
#define NO_NUMBER UINT32_MAX

struct reply {
    char text[REPLY_MAX];
    uint8_t length;
};

static void reply_add(struct reply *reply, const char *word) {
    if (reply->length && reply->length < REPLY_MAX - 1) reply->text[reply->length++] = ' ';
    while (*word && reply->length < REPLY_MAX - 1) reply->text[reply->length++] = *word++;
}

static void reply_add_number(struct reply *reply, uint32_t number) {
    char digits[11], *end = digits + 10;
    *end = '\0';
    do *--end = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    reply_add(reply, end);
}

static void reply_send(struct pev *pev, struct reply *reply) {
    reply->text[reply->length++] = '\n';
    pev->hal->console_write(pev->board, reply->text, reply->length);
}

static void say(struct pev *pev, const char *text) {
    struct reply reply = {.length = 0};
    reply_add(&reply, text);
    reply_send(pev, &reply);
}

static bool say_state(struct pev *pev, const char *argument) {
    (void)argument;
    static const char *const plugs[] = {"unplugged", "pressed", "latched"};
    struct reply reply = {.length = 0};
    reply_add(&reply, "state");
    reply_add(&reply, pev->is_awake ? "awake" : "asleep");
    reply_add(&reply, plugs[pev->plug]);
    reply_add(&reply, pev_condition_name(pev->seen.condition));
    reply_add(&reply, pev->is_s2_closed ? "s2-closed" : "s2-open");
    reply_add_number(&reply, pev->offer_ma);
    reply_add_number(&reply, pev->current_ma);
    reply_add(&reply, "mA");
    reply_send(pev, &reply);
    return false;
}

static bool say_energy(struct pev *pev, const char *argument) {
    (void)argument;
    struct reply reply = {.length = 0};
    reply_add(&reply, "energy");
    reply_add_number(&reply, pev_energy_wh(pev));
    reply_add(&reply, "Wh");
    reply_send(pev, &reply);
    return false;
}

static bool say_version(struct pev *pev, const char *argument) {
    (void)argument;
    say(pev, "version " PEV_VERSION);
    return false;
}

/* At most six digits; NO_NUMBER for anything else. */
static uint32_t number_of(const char *text) {
    uint32_t number = 0;
    if (!*text) return NO_NUMBER;
    for (uint8_t i = 0; text[i]; i++) {
        if (text[i] < '0' || text[i] > '9' || i >= 6) return NO_NUMBER;
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number;
}

static bool stop(struct pev *pev, const char *argument) {
    (void)argument;
    pev->is_stopped = true;
    say(pev, "ok");
    return true;
}

static bool start(struct pev *pev, const char *argument) {
    (void)argument;
    pev->is_stopped = false;
    pev->is_awake = true;
    say(pev, "ok");
    return true;
}

static bool start_at(struct pev *pev, const char *argument) {
    uint32_t second = number_of(argument);
    if (second == NO_NUMBER) {
        say(pev, "error expected a second of the clock");
        return false;
    }
    pev_start_at(pev, second);
    return start(pev, argument);
}

static bool start_in(struct pev *pev, const char *argument) {
    uint32_t seconds = number_of(argument);
    if (seconds == NO_NUMBER) {
        say(pev, "error expected a number of seconds");
        return false;
    }
    pev_start_in(pev, seconds);
    return start(pev, argument);
}

static bool set_current(struct pev *pev, const char *argument) {
    uint32_t amps = number_of(argument);
    if (amps < 1 || amps > CURRENT_MAX_A) {
        say(pev, "error current must be 1 to 80 A");
        return false;
    }
    pev->setting_ma = amps * 1000;
    say(pev, "ok");
    return true;
}

struct command {
    const char *words; /* ends with a space: an argument follows */
    bool (*run)(struct pev *pev, const char *argument);
};

static const struct command commands[] = {
    {"state", say_state}, {"energy?", say_energy}, {"version", say_version}, {"stop", stop},
    {"start", start},     {"start at ", start_at}, {"start in ", start_in},  {"set current ", set_current},
};

static bool run_line(struct pev *pev, const char *line) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const char *words = commands[i].words;
        size_t length = strlen(words);
        bool has_argument = words[length - 1] == ' ';
        if (has_argument ? strncmp(line, words, length) == 0 : strcmp(line, words) == 0)
            return commands[i].run(pev, line + length);
    }
    say(pev, "error unknown command");
    return false;
}

static bool end_line(struct pev *pev) {
    if (pev->line_length && pev->line[pev->line_length - 1] == '\r') pev->line_length--;
    pev->line[pev->line_length] = '\0';
    bool is_empty = pev->line_length == 0, is_too_long = pev->is_line_too_long;
    pev->line_length = 0;
    pev->is_line_too_long = false;
    if (is_too_long) say(pev, "error line too long");
    return !is_too_long && !is_empty && run_line(pev, pev->line);
}

bool pev_console_take(struct pev *pev, const uint8_t *bytes, uint8_t length) {
    bool has_changed = false;
    for (uint8_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') has_changed |= end_line(pev);
        else if (pev->line_length < PEV_LINE_MAX - 1) pev->line[pev->line_length++] = (char)bytes[i];
        else pev->is_line_too_long = true;
    }
    return has_changed;
}
