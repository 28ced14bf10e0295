/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An EVSE: the control pilot's EVSE side, the contactor, and what protects people. Portable, without a tick, without
 * allocation. The board calls evse_power_on() once and evse_event() when something happened; the core answers through
 * the HAL. Losing power loses all but the kept byte (whether `stop` was said): call evse_power_on() again. */
#ifndef EVSE_EVSE_H
#define EVSE_EVSE_H

#include "firmware_stub/evse/core/hal.h"
#include "firmware_stub/evse/core/parameters.h"
#include "firmware_stub/evse/core/pilot.h"
#include "firmware_stub/evse/core/timers.h"

#define EVSE_VERSION "stub-evse 0.1.0"
#define EVSE_LINE_MAX 48

enum evse_event_kind {
    EVSE_ON_ALARM,
    EVSE_ON_PILOT,     /* a peak is outside the watched window */
    EVSE_ON_LEAKAGE,   /* the CCID comparator changed */
    EVSE_ON_LOAD_SIDE, /* the load side became live or dead */
    EVSE_ON_GROUND,
    EVSE_ON_VENTILATION,
    EVSE_ON_TEMPERATURE,
    EVSE_ON_GRANT, /* what the station grants this cord has changed */
    EVSE_EVENT_COUNT
};

/* BOOTING to READY (x1, contactor open), OFFERING (x2), PREPARING (state C seen, not closed yet), CHARGING (closed),
 * STOPPING (x1, closed, waiting for the vehicle to stop), LEAVING (A2), WAKING (legacy wake-up), FAULTED (state F). */
enum evse_mode {
    EVSE_BOOTING,
    EVSE_READY,
    EVSE_OFFERING,
    EVSE_PREPARING,
    EVSE_CHARGING,
    EVSE_STOPPING,
    EVSE_LEAVING,
    EVSE_WAKING,
    EVSE_FAULTED,
    EVSE_MODE_COUNT
};

enum evse_fault {
    EVSE_FAULT_NONE,
    EVSE_FAULT_CCID,      /* residual current */
    EVSE_FAULT_CCID_TEST, /* the residual current monitor does not answer its test */
    EVSE_FAULT_WELD,      /* load side live with the coil off */
    EVSE_FAULT_NO_CLOSE,  /* load side dead with the coil on */
    EVSE_FAULT_GROUND,
    EVSE_FAULT_DIODE,
    EVSE_FAULT_PILOT, /* a level that no vehicle makes */
    EVSE_FAULT_COUNT
};

enum evse_drive { EVSE_DRIVE_OFF, EVSE_DRIVE_HIGH, EVSE_DRIVE_LOW, EVSE_DRIVE_PWM };
enum evse_test { EVSE_TEST_IDLE, EVSE_TEST_TRIPPING, EVSE_TEST_CLEARING };

struct evse {
    const struct evse_parameters *parameters;
    const struct evse_hal *hal;
    void *board;
    struct evse_timers timers;
    enum evse_mode mode;
    enum evse_drive drive;
    enum evse_fault fault; /* outlives FAULTED where the vehicle must be unplugged first */
    enum evse_test test;
    enum evse_pilot seen, candidate;
    uint8_t sample_count;
    uint8_t trip_count;
    bool is_coil_on, is_stopped, is_hot, is_derated, is_woken;
    bool is_start_due, is_test_begun, is_in_use;
    uint32_t setting_ma, offered_ma;
    uint32_t clock_s; /* its time of day was this at power-on: midnight, until it is set */
    char line[EVSE_LINE_MAX];
    uint8_t line_length;
    bool is_line_too_long;
};

/* Starts the self-test. parameters, hal and board must stay. The pilot and the coil are taken to be off. */
void evse_power_on(struct evse *evse, const struct evse_parameters *parameters, const struct evse_hal *hal,
                   void *board);
void evse_event(struct evse *evse, enum evse_event_kind event);
/* Bytes from the console; a line ends with a line feed (a carriage return before it is fine). */
void evse_console(struct evse *evse, const uint8_t *bytes, uint8_t length);

/* For the console: the state's name ("A1", "C2", "E", "F", "-" while booting), and the words for mode and fault. */
void evse_state_name(const struct evse *evse, char ret_name[3]);
const char *evse_mode_name(enum evse_mode mode);
const char *evse_fault_name(enum evse_fault fault);
/* What is or would be offered now, mA: setting, switch, grant and temperature. */
uint32_t evse_offer_ma(const struct evse *evse);
/* For the station: a vehicle is connected, as far as is known (faults and waking up change nothing of it). */
bool evse_is_in_use(const struct evse *evse);
/* What the vehicle may draw by the pilot as it is now, mA. */
uint32_t evse_announced_ma(const struct evse *evse);

#endif
