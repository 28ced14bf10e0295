/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pilot circuits as ngspice sees them and as we do: netlist, run, waveform of either, and what is measured on a waveform. */
#ifndef PB_TESTS_PILOT_CIRCUITS_H
#define PB_TESTS_PILOT_CIRCUITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first rise starts here; before it the low level is settled. */
#define CIRCUITS_FIRST_RISE_NS 20000
#define CIRCUITS_A_DECK 10

enum diode_kind { DIODE_REAL, DIODE_NONE, DIODE_SHORTED, DIODE_KINDS };

struct timing {
    int64_t frequency_uhz, duty_ppm, ramp_ns;
};

struct circuit {
    const char *name;                                        /* "C", "D shorted to PE by 80 ohm" */
    double high_volts, low_volts, r1_ohms, r2_ohms, r3_ohms; /* INFINITY: not there */
    double short_ohms, farads, diode_volts;
    enum diode_kind diode;
};

/* A waveform, samples at rising times. */
struct wave {
    size_t points;
    double *seconds, *volts; /* of wave_free() */
};
void wave_free(struct wave *wave);
double wave_at(const struct wave *wave, double seconds);

/* Runs ngspice on the netlist of all circuits. false, with a sentence, when it cannot; is_missing: it is not installed. */
bool circuits_simulate(const struct timing *timing, const struct circuit *circuits, size_t count,
                       struct wave *ret_waves, bool *ret_is_missing, char *ret_why, size_t why_size);
/* pb_synth_make() on the same circuit, a sample each step_ns, 400 uV a count, no noise. */
void circuit_synthesise(const struct timing *timing, const struct circuit *circuit, int64_t step_ns,
                        struct wave *ret_wave);

/* Levels at the ends of the high and the low phase; crossings of 0 V by first rise, fall and second rise; 10-90 % times of
 * the first rise and the fall. NAN: there is none. */
struct figures {
    double high_volts, low_volts, crossing_seconds[3], rise_seconds, fall_seconds;
};
struct figures wave_measure(const struct wave *wave, const struct timing *timing);
/* Until where both are simulated: into the second high phase. */
int64_t timing_end_ns(const struct timing *timing);

#endif
