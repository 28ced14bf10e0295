/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The private link between pilotbench-world and instruments/virtual: same machine, same build, checked by PBL_VERSION.
 * Two Unix stream sockets. The bench link (fd given by --bench-fd) carries frames: a pbl_frame header, then `size` bytes of payload.
 * The guardian link (--guardian-fd) carries pbl_guard structs, answered one by one; it works at any moment, also while the world waits
 * for a DUT, and after the bench link is gone.
 *
 * The world owns simulated time. It stands still but during ADVANCE(until, wake): it then runs slaves and itself up to `until`,
 * or to the first instant at which something of the wake mask happened, or for some thousand stops, so that an answer never takes
 * long; sends what was seen up to there (events, samples, modelled
 * stretches, in any order but each channel's in order) and ends with ADVANCED(reached). Data frames are sent only inside a turn. A SET
 * takes effect at the present instant. When the bench link closes without BYE, the world obeys the guardian alone, runs on at x1 for 2 s of wall time,
 * logs what was left behind, and exits. On BYE it stops its slaves and exits at once. */
#ifndef PB_WORLD_BENCH_LINK_H
#define PB_WORLD_BENCH_LINK_H

#include <stdint.h>

#define PBL_VERSION 5u
#define PBL_PAYLOAD_MAX (1u << 20)

enum pbl_type {
    /* bench -> world */
    PBL_CONFIG = 1, /* struct pbl_config: first */
    PBL_SLAVE,      /* struct pbl_slave, then argv, each ended by NUL; the world starts it with the wire on fd 3 */
    PBL_SET,        /* struct pbl_set */
    PBL_KEEP,       /* struct pbl_keep: sample a cord without modelled stretches until t */
    PBL_ADVANCE,    /* struct pbl_advance */
    PBL_SERIAL,     /* struct pbl_text, then bytes: into a DUT's console */
    PBL_MESSAGE,    /* struct pbl_text, then bytes: a whole message on a link, to all slaves on it or to one */
    PBL_BYE,        /* no payload */
    /* world -> bench */
    PBL_STARTED = 64, /* struct pbl_started: answer to CONFIG */
    PBL_EVENT,        /* struct pbl_event */
    PBL_SAMPLES,      /* struct pbl_samples, then int16 counts */
    PBL_MODELLED,     /* struct pbl_modelled */
    PBL_SERIAL_SEEN,  /* struct pbl_text, then bytes */
    PBL_MESSAGE_SEEN, /* struct pbl_text, then bytes */
    PBL_FAULT, /* struct pbl_fault, then the reason as text: a slave broke the protocol, hung or died. No time passes any more. */
    PBL_ADVANCED /* struct pbl_advanced: ends the turn */
};

struct pbl_frame {
    uint32_t size;
    uint16_t type;
    uint16_t reserved;
};

/* Loss of the pilot, steady high (x1), steady low (F), 0 V (E), PWM (x2). */
enum pbl_source { PBL_SOURCE_OPEN, PBL_SOURCE_HIGH, PBL_SOURCE_LOW, PBL_SOURCE_ZERO, PBL_SOURCE_PWM };

/* What the bench can set. The safe value of each is the last column of docs; all of them are harmless at 0 but sizes (R2, the
 * source's figures; kept). R2, R3, S2, DIODE_SHORT and DRAW are without effect while a process plays the vehicle of the cord. */
enum pbl_output {
    PBL_OUT_PLUG,          /* 1: coupler inserted (R2 etc. on the pilot) */
    PBL_OUT_R2,            /* milliohm */
    PBL_OUT_R3,            /* milliohm, in parallel while S2 is closed */
    PBL_OUT_S2,            /* 1: closed */
    PBL_OUT_DIODE_SHORT,   /* 1: diode shorted */
    PBL_OUT_CP_SHORT,      /* milliohm CP to PE; 0: none */
    PBL_OUT_CAPACITANCE,   /* fF, bench and vehicle together */
    PBL_OUT_MAINS,         /* 1: supply on */
    PBL_OUT_DRAW,          /* mA the vehicle draws while there is voltage behind the contactor */
    PBL_OUT_PE_BREAK,      /* 1: earth broken */
    PBL_OUT_RESIDUAL,      /* uA residual current */
    PBL_OUT_NO_VENT,       /* 1: ventilation not available */
    PBL_OUT_TEMPERATURE,   /* milli degC at the DUT */
    PBL_OUT_METER_READING, /* Wh: sets the meter's register, also to what it was last set to; modulo the rollover */
    PBL_OUT_METER_ERROR,   /* ppm: added to the meter's class error from now on */
    /* The EVSE's side. Without effect while a process plays the EVSE of the cord. */
    PBL_OUT_SOURCE,      /* enum pbl_source */
    PBL_OUT_SOURCE_DUTY, /* ppm. A figure changed while PWM is on holds from the next rising edge, several at once */
    PBL_OUT_SOURCE_FREQUENCY, /* uHz */
    PBL_OUT_SOURCE_HIGH,      /* uV open circuit, also of the steady high level */
    PBL_OUT_SOURCE_LOW,       /* uV */
    PBL_OUT_SOURCE_OHM,       /* milliohm */
    PBL_OUT_SOURCE_EDGE,      /* ns, the generator's own */
    PBL_OUT_CONTACTOR,        /* 1: the coils of all poles are energised */
    /* The connector, as the vehicle sees it. */
    PBL_OUT_PP, /* milliohm PP to PE, latched */
    PBL_OUT_S3, /* 1: the latch's button is pressed: 330 ohm more */
    PBL_OUT_COUNT
};

/* What the world reports as events, a bit each for the wake mask. */
enum pbl_event_kind {
    PBL_EVENT_POLE, /* index: pole; value 1: conducts (voltage on the load side), 0: does not. Each bounce is an event. */
    PBL_EVENT_COIL,      /* value 1: energised. Seen on the virtual bench only. */
    PBL_EVENT_CURRENT,   /* index: pole; value mA rms from now on, give or take u_ns */
    PBL_EVENT_LOCK,      /* value 1: locked */
    PBL_EVENT_CCID_TEST, /* value 1: test winding driven */
    PBL_EVENT_READY,     /* a slave answered HELLO */
    PBL_EVENT_METER, /* value: register of the charging meter (EUMD), whole Wh; told every meter_period of flow, at its end, and when set */
    PBL_EVENT_BLOCK, /* (wake mask only) a block of cp samples is complete: at most 10 ms of them while something changes */
    PBL_EVENT_SERIAL,  /* (wake mask only) */
    PBL_EVENT_MESSAGE, /* (wake mask only) */
    PBL_EVENT_LATCH    /* value 1: the vehicle's inlet holds the connector */
};
#define PBL_WAKE(kind) (1u << (kind))

/* All figures fixed for a run. */
struct pbl_config {
    uint32_t version, cords, poles, reserved;
    uint64_t seed; /* of everything random here and of the slaves */
    int64_t sense_period_num_ns, sense_period_den;
    int64_t sense_uv_num, sense_uv_den, sense_uv_offset;
    int64_t sense_noise_uv;                /* rms */
    int64_t keep_before_ns, keep_after_ns; /* samples around each change of the pilot node */
    uint32_t sample_throughout;            /* 1: no modelled stretches at all */
    uint32_t current_by_half_cycle;        /* 1: current is sensed as RMS of mains half-cycles; 0: by the sample */
    /* The oscilloscope on each cord's pilot, which samples only when PBL_KEEP says so. scope_period_num_ns 0: there is none. */
    int64_t scope_period_num_ns, scope_period_den;
    int64_t scope_uv_num, scope_uv_den;
    int64_t scope_noise_uv; /* rms */
    int64_t mains_mv, mains_mhz;
    int64_t close_delay_ns, open_delay_ns; /* contactor: coil to first contact, coil off to last contact */
    int64_t bounce_ns;                     /* length of the bounce on closing; 0: none */
    uint32_t welded_poles;                 /* bit a pole: never opens once closed */
    uint32_t answer_ms;                    /* wall time a slave has for a turn; then FAULT */
    int64_t cable_ff;                      /* capacitance that is always on the pilot */
    int64_t diode_uv;
    int64_t r2_mohm, r3_mohm; /* until SET */
    int64_t quantum_ns;       /* for slaves that cannot look ahead */
    int64_t
        meter_class_ppm; /* each cord's meter errs by a share of its own, within plus-minus this, by the seed; 0: by none */
    int64_t meter_rollover_wh; /* the register goes from this less 1 to 0 */
    int64_t meter_period_ns;   /* between two readings while energy flows */
};
struct pbl_slave {
    uint8_t actor, cord, reserved[6];
    uint64_t seed;
};
/* cord: one, or PBL_EVERY_CORD for what a station's cords have in common (its supply). */
#define PBL_EVERY_CORD UINT32_MAX
struct pbl_set {
    uint32_t output, cord;
    int64_t value;
};
struct pbl_keep {
    uint32_t cord, is_scope; /* 1: the oscilloscope's samples, from now on; 0: cp_sense */
    int64_t until_ns;
};
struct pbl_advance {
    int64_t until_ns;
    uint32_t wake_mask, reserved;
};
struct pbl_started {
    uint32_t version, reserved;
};
struct pbl_event {
    int64_t t_ns, value, u_ns;
    uint16_t kind, index, cord, reserved;
};
struct pbl_samples {
    uint32_t cord, count;
    uint32_t is_scope, reserved;
    int64_t first_index;
};
/* From the sample after the last one sent to `to_index` (not included) nothing changed. */
struct pbl_modelled {
    uint32_t cord, reserved;
    int64_t to_index;
};
/* slave: from whom, or to whom; PBL_ALL (MESSAGE): to every slave on that link. heard (MESSAGE_SEEN): a bit for each slave that got it too. */
#define PBL_ALL 255
struct pbl_text {
    int64_t t_ns;
    uint8_t slave, link, heard, reserved[5];
};
struct pbl_fault {
    int64_t t_ns;
    uint32_t slave, status; /* pb_status */
};
struct pbl_advanced {
    int64_t reached_ns;
};

/* Guardian link: request and its answer (same struct, value as it then stands, t_ns filled). */
struct pbl_guard {
    uint32_t magic, output;
    uint32_t cord, seq;
    int64_t value;
    int64_t t_ns;
};
#define PBL_GUARD_MAGIC 0x44524750u

/* The world's log (--log FILE): one line an entry, appended and flushed at once:
 * `<CLOCK_MONOTONIC ns> <bench ns> <who> <what>`, e.g. "8123456789 1200000000 guardian set mains=0". who: bench, guardian, world, slave. The last
 * lines tell what was left behind: "left plug=0 s2=0 mains=0 pole0=0 ...". */

#endif
