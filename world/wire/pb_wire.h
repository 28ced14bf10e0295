/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pb_wire.h: the wire between pilotbench-world and a device under test (DUT) in software. The one public header of Pilotbench: copy it,
 * implement it, and your firmware joins. Version 1. Everything is little-endian; every record is 64 bytes; the stream (a Unix socket pair,
 * passed as file descriptor 3 of the DUT process) carries nothing else. docs/wire.md tells the protocol in sentences.
 *
 * The turn: the world sends input records, then RUN_UNTIL(t). The DUT runs to t, or to its first output if that comes earlier,
 * and answers with output records, all of them with one and the same t_ns, then DONE(t reached). Outputs are never in the past
 * (before the last DONE) and never after the RUN_UNTIL. DONE carries not_before: the DUT's promise that without a new input it has no
 * output before that instant. A long quiet stretch is one promise and costs nothing. A DUT that cannot look ahead answers
 * not_before = t_ns and is run in quanta.
 * Times are nanoseconds of the bench clock since the world began. seq counts the records of each direction from 0; a hole is an error.
 * Input records with t_ns = t take effect at t before anything else at t. The DUT closes, or the world closes: the other ends.
 * A record with an unknown type, a cord that was not announced, or a non-zero reserved byte is a protocol error: verdict error.
 * A vehicle (actor PBW_PEV) speaks the mirrored records: EV_PILOT, EV_PP and EV_VOLTS come in, EV_LOAD, EV_DRAW and EV_LATCH go out, and
 * its HELLO carries their own version, PBW_VERSION_PEV. Turn, console and links are the same. */
#ifndef PB_WIRE_H
#define PB_WIRE_H

#include <stdint.h>

#define PBW_VERSION 1u
#define PBW_VERSION_PEV 1u /* of a vehicle's records, in the HELLO and READY of actor PBW_PEV */
#define PBW_FD 3
#define PBW_RECORD_SIZE 64u
#define PBW_NEVER INT64_MAX
#define PBW_MESSAGE_MAX 65536u /* bytes of one message, over as many records as it needs */

enum pbw_actor { PBW_EVSE = 1, PBW_PEV = 2, PBW_ESCI = 3, PBW_UTILITY = 4 };

/* Links: a bus each, on which all parties hear one another. 0: premise (gateway, EVSE, vehicle, meter); 1: utility (and gateway, EVSE, vehicle);
 * 2: EVSE and vehicle. */
enum pbw_link { PBW_LINK_ESCI = 0, PBW_LINK_UTILITY = 1, PBW_LINK_HLC = 2 };

enum pbw_type {
    /* world -> DUT */
    PBW_HELLO = 1,       /* hello: first record */
    PBW_RUN_UNTIL = 2,   /* no payload */
    PBW_STOP = 3,        /* the run is over: exit 0 */
    PBW_CP_LOAD = 16,    /* cp_load: what the pilot output sees */
    PBW_PP_OHM = 17,     /* value.a: milliohm PP to PE, INT64_MAX open */
    PBW_MAINS = 18,      /* value.a: mV rms at the supply side (0: none), value.b: mHz */
    PBW_POLE_VOLTS = 19, /* value.index: pole 0..3, value.a: mV rms on the load side of that contactor pole */
    PBW_PE_OK = 20,      /* value.a: 1 earth is connected */
    PBW_VENT_OK = 21,    /* value.a: 1 ventilation is available */
    PBW_CCID_TRIP = 22,  /* value.a: residual current, uA */
    PBW_EV_AMPS = 23,    /* value.a: mA rms drawn by the vehicle, value.index: pole */
    PBW_TEMP = 24,       /* value.a: milli degree Celsius */
    PBW_POWER = 25,      /* value.a: 0 off, 1 on, 2 reset (the DUT's own supply, where it is not its mains) */
    PBW_SERIAL_IN = 26,  /* bytes: for the DUT's console */
    PBW_MSG_IN = 27,     /* bytes: part of a message from a link */
    /* DUT -> world */
    PBW_READY = 64,      /* hello: answer to HELLO, before anything else */
    PBW_DONE = 65,       /* value.a: not_before; t_ns: time reached */
    PBW_CP_EDGE = 80,    /* cp_drive: the generator goes to a steady level now */
    PBW_CP_PWM = 81,     /* cp_pwm: steady PWM from now on, first rising edge now */
    PBW_COIL = 82,       /* value.index: pole 0..3 or 255 all, value.a: 1 energised */
    PBW_CCID_TEST = 83,  /* value.a: 1 test winding driven */
    PBW_LOCK = 84,       /* value.a: 1 locked */
    PBW_SERIAL_OUT = 85, /* bytes: from the DUT's console */
    PBW_MSG_OUT = 86,    /* bytes: part of a message to a link */
    /* 96-127 and 160-191: the mirrored records. World -> vehicle */
    PBW_EV_PILOT = 96, /* ev_pilot: the pilot at the vehicle's inlet */
    PBW_EV_PP = 97,    /* value.a: milliohm PP to PE in the connector (S3 is part of it), INT64_MAX: no connector */
    PBW_EV_VOLTS = 98, /* value.index: pole 0..3, value.a: mV rms at the inlet */
    /* vehicle -> world */
    PBW_EV_LOAD = 160, /* ev_load: what the vehicle hangs on the pilot, all of it */
    PBW_EV_DRAW = 161, /* value.a: mA rms that its charger draws while there is voltage at the inlet */
    PBW_EV_LATCH = 162 /* value.a: 1 the inlet holds the connector */
};

enum pbw_load_kind { PBW_LOAD_OPEN = 0, PBW_LOAD_R = 1, PBW_LOAD_R_DIODE = 2, PBW_LOAD_SHORT = 3 };

struct pbw_hello {
    uint32_t version;
    uint8_t actor;
    uint8_t cords;
    uint8_t reserved[2];
    uint64_t seed;
    uint8_t rest[32];
};
struct pbw_value {
    int64_t a, b;
    uint8_t index;
    uint8_t reserved[31];
};
struct pbw_cp_load {
    uint8_t kind;
    uint8_t reserved[7];
    int64_t milliohm;
    int64_t femtofarad;
    int64_t diode_uv;
    uint8_t rest[16];
};
/* The generator's open-circuit voltage and source resistance; hi_z: nothing drives the pilot. */
struct pbw_cp_drive {
    int64_t open_uv;
    int64_t source_milliohm;
    uint8_t hi_z;
    uint8_t reserved[31];
};
struct pbw_cp_pwm {
    int64_t high_uv, low_uv, source_milliohm;
    int64_t frequency_uhz;
    int64_t duty_ppm;
    int32_t ramp_ns;      /* the generator's own edge, 0 to 100 % */
    int32_t fall_ramp_ns; /* of its falls, where they differ; 0: they take ramp_ns too */
};
/* length 1..40 valid bytes; is_last ends the message or chunk; link: enum pbw_link (MSG) or console number (SERIAL). */
struct pbw_bytes {
    uint8_t length, is_last, link, reserved[5];
    uint8_t bytes[40];
};

/* The pilot at the inlet, before the vehicle's diode: settled levels of the node (generator, source resistance, load), edges left out.
 * frequency_uhz 0: steady; high_uv and low_uv are then the same and duty_ppm is 0. Nothing plugged, or nothing that drives: 0 V. */
struct pbw_ev_pilot {
    int64_t high_uv, low_uv;
    int64_t frequency_uhz;
    int64_t duty_ppm;
    uint8_t reserved[16];
};
/* R2 always, R3 beside it while s2 is 1, both behind a diode if has_diode is 1; femtofarad: the vehicle's own capacitance. */
struct pbw_ev_load {
    int64_t r2_milliohm, r3_milliohm;
    int64_t diode_uv; /* drop at 3 mA; 0 without a diode */
    int64_t femtofarad;
    uint8_t s2, has_diode;
    uint8_t reserved[14];
};

struct pbw_record {
    uint16_t type;
    uint8_t cord; /* 0..cords-1 */
    uint8_t reserved;
    uint32_t seq;
    int64_t t_ns;
    union {
        struct pbw_hello hello;
        struct pbw_value value;
        struct pbw_cp_load cp_load;
        struct pbw_cp_drive cp_drive;
        struct pbw_cp_pwm cp_pwm;
        struct pbw_bytes bytes;
        struct pbw_ev_pilot ev_pilot;
        struct pbw_ev_load ev_load;
        uint8_t raw[48];
    } u;
};

_Static_assert(sizeof(struct pbw_record) == PBW_RECORD_SIZE, "a wire record is 64 bytes");

#endif
