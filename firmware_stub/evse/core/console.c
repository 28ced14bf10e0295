/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's words. No printf here: it would not fit a small controller. */
#include "firmware_stub/evse/core/console.h"

#include <stddef.h>
#include <string.h>

#define REPLY_MAX 80
#define DAY_S 86400u

struct reply {
    char text[REPLY_MAX];
    uint8_t length;
};

static void reply_add(struct reply *reply, const char *word) {
    if (!word) return;
    if (reply->length && reply->length < REPLY_MAX - 1) reply->text[reply->length++] = ' ';
    while (*word && reply->length < REPLY_MAX - 1) reply->text[reply->length++] = *word++;
}

static void reply_send(struct evse *evse, struct reply *reply) {
    reply->text[reply->length++] = '\n';
    evse->hal->console_write(evse->board, reply->text, reply->length);
}

/* Decimal digits into the end of digits[], which is returned from its first digit on. */
static const char *decimal(uint32_t number, char digits[11]) {
    char *end = digits + 10;
    *end = '\0';
    do *--end = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    return end;
}

void evse_say(struct evse *evse, const char *first, const char *second, const char *third) {
    struct reply reply = {.length = 0};
    reply_add(&reply, first);
    reply_add(&reply, second);
    reply_add(&reply, third);
    reply_send(evse, &reply);
}

static bool say_state(struct evse *evse, const char *argument) {
    (void)argument;
    char name[3], digits[11];
    struct reply reply = {.length = 0};
    evse_state_name(evse, name);
    reply_add(&reply, "state");
    reply_add(&reply, name);
    reply_add(&reply, evse_mode_name(evse->mode));
    reply_add(&reply, decimal(evse_offer_ma(evse), digits));
    reply_add(&reply, "mA");
    reply_add(&reply, evse->is_coil_on ? "closed" : "open");
    reply_send(evse, &reply);
    return false;
}

static bool say_fault(struct evse *evse, const char *argument) {
    (void)argument;
    evse_say(evse, "fault", evse_fault_name(evse->fault), NULL);
    return false;
}

static bool say_version(struct evse *evse, const char *argument) {
    (void)argument;
    evse_say(evse, "version", EVSE_VERSION, NULL);
    return false;
}

static bool stop_set(struct evse *evse, bool is_stopped) {
    evse->is_stopped = is_stopped;
    evse->hal->kept_set(evse->board, is_stopped);
    evse_say(evse, "ok", NULL, NULL);
    return true;
}

static bool stop(struct evse *evse, const char *argument) {
    (void)argument;
    return stop_set(evse, true);
}

static bool start(struct evse *evse, const char *argument) {
    (void)argument;
    return stop_set(evse, false);
}

/* Whole amperes; 0 for anything else. */
static uint32_t amps_of(const char *text) {
    uint32_t amps = 0;
    for (uint8_t i = 0; text[i]; i++) {
        if (text[i] < '0' || text[i] > '9' || i >= 3) return 0;
        amps = amps * 10 + (uint32_t)(text[i] - '0');
    }
    return amps;
}

static bool set_current(struct evse *evse, const char *argument) {
    char digits[11];
    uint32_t ma = amps_of(argument) * 1000, most_ma = evse->hal->current_switch_ma(evse->board);
    if (ma < EVSE_MA_MIN || ma > most_ma) {
        evse_say(evse, "error current must be 6 to", decimal(most_ma / 1000, digits), "A");
        return false;
    }
    evse->setting_ma = ma;
    evse_say(evse, "ok", NULL, NULL);
    return true;
}

/* Two digits and what follows them; 99 for anything else. */
static uint32_t two_digits(const char *text, char after) {
    for (uint8_t i = 0; i < 2; i++)
        if (text[i] < '0' || text[i] > '9') return 99;
    return text[2] == after ? (uint32_t)(text[0] - '0') * 10 + (uint32_t)(text[1] - '0') : 99;
}

/* Seconds since power-on. The board's milliseconds wrap after 49 days, and the clock with them. */
static uint32_t up_s(const struct evse *evse) { return evse->hal->now_ms(evse->board) / 1000; }

static bool set_clock(struct evse *evse, const char *argument) {
    uint32_t hours = two_digits(argument, ':'), minutes = hours < 24 ? two_digits(argument + 3, ':') : 99,
             seconds = minutes < 60 ? two_digits(argument + 6, '\0') : 99;
    if (seconds > 59) {
        evse_say(evse, "error expected HH:MM:SS", NULL, NULL);
        return false;
    }
    evse->clock_s = ((hours * 60 + minutes) * 60 + seconds + DAY_S - up_s(evse) % DAY_S) % DAY_S;
    evse_say(evse, "ok", NULL, NULL);
    return false;
}

static bool say_clock(struct evse *evse, const char *argument) {
    (void)argument;
    char text[9] = "00:00:00";
    uint32_t s = (evse->clock_s + up_s(evse)) % DAY_S;
    const uint32_t parts[3] = {s / 3600, s / 60 % 60, s % 60};
    for (size_t i = 0; i < 3; i++) {
        text[i * 3] = (char)('0' + parts[i] / 10);
        text[i * 3 + 1] = (char)('0' + parts[i] % 10);
    }
    evse_say(evse, "clock", text, NULL);
    return false;
}

struct command {
    const char *words; /* ends with a space: an argument follows */
    bool (*run)(struct evse *evse, const char *argument);
};

static const struct command commands[] = {
    {"state", say_state}, {"fault?", say_fault},         {"version", say_version}, {"stop", stop},
    {"start", start},     {"set current ", set_current}, {"clock", say_clock},     {"set clock ", set_clock},
};

static bool run_line(struct evse *evse, const char *line) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const char *words = commands[i].words;
        size_t length = strlen(words);
        bool has_argument = words[length - 1] == ' ';
        if (has_argument ? strncmp(line, words, length) == 0 : strcmp(line, words) == 0)
            return commands[i].run(evse, line + length);
    }
    evse_say(evse, "error unknown command", NULL, NULL);
    return false;
}

static bool end_line(struct evse *evse) {
    if (evse->line_length && evse->line[evse->line_length - 1] == '\r') evse->line_length--;
    evse->line[evse->line_length] = '\0';
    bool is_empty = evse->line_length == 0, is_too_long = evse->is_line_too_long;
    evse->line_length = 0;
    evse->is_line_too_long = false;
    if (is_too_long) {
        evse_say(evse, "error line too long", NULL, NULL);
        return false;
    }
    return !is_empty && run_line(evse, evse->line);
}

bool evse_console_take(struct evse *evse, const uint8_t *bytes, uint8_t length) {
    bool has_changed = false;
    for (uint8_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') has_changed |= end_line(evse);
        else if (evse->line_length < EVSE_LINE_MAX - 1) evse->line[evse->line_length++] = (char)bytes[i];
        else evse->is_line_too_long = true;
    }
    return has_changed;
}
