/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/script/loaded.h"

#include <stdlib.h>
#include <string.h>

static const char bench_text[] =
    "{pilotbench_bench: 1, name: small, instruments: {world: {driver: virtual}}, safe: [{output: world.draw}, {output: world.residual},\n"
    "{output: world.s2}, {output: world.mains}, {output: world.cp_short}, {output: world.diode_short}, {output: world.plug},\n"
    "{output: world.pe_break}, {output: world.no_vent}]}\n";
static const char limits_text[] =
    "pilotbench_limits: 1\nstandard: small\nrows:\n"
    "  - {id: cp.level.a, min: 11.4 V, max: 12.6 V, clause: A, source: s, confidence: V2}\n"
    "  - {id: cp.level.b, min: 8.36 V, max: 9.56 V, clause: B, source: s, confidence: V2}\n"
    "  - {id: cp.level.c, min: 5.48 V, max: 6.49 V, clause: C, source: s, confidence: V2}\n"
    "  - {id: pair.level.b, min: 8.80 V, max: 9.15 V, clause: B, source: s, confidence: C}\n"
    "  - {id: ev.level.b, min: 8.86 V, max: 9.09 V, clause: B, source: s, confidence: C}\n"
    "  - {id: cp.level.low, min: -12.6 V, max: -11.4 V, clause: low, source: s, confidence: V2}\n"
    "  - {id: cp.frequency, min: 980 Hz, max: 1020 Hz, clause: f, source: s, confidence: V2}\n"
    "  - {id: cp.duty.tolerance, max: 0.5 %, clause: duty, source: s, confidence: K}\n"
    "  - {id: time.close, max: 3 s, clause: close, source: s, confidence: V2}\n"
    "  - {id: time.open, max: 100 ms, clause: open, source: s, confidence: V2}\n"
    "  - {id: time.plug_to_b, max: 200 ms, clause: plug, source: s, confidence: K}\n"
    "duty_of_current:\n"
    "  - {from: 6 A, to: 51 A, slope: 0.6 A, clause: low, source: s, confidence: V2}\n"
    "  - {from: 52.5 A, to: 80 A, slope: 2.5 A, zero: 64 %, clause: high, source: s, confidence: V2}\n";

static void must(enum pb_status status) {
    if (status != PB_OK) abort();
}

static struct pb_doc *read_text(const char *text) {
    struct pb_doc *doc;
    struct pb_error error;
    must(pb_doc_read_text("small.yaml", text, strlen(text), &doc, &error));
    return doc;
}

void loaded_setup(struct loaded *loaded, const char *actors) {
    char dut_text[200];
    *loaded = (struct loaded){0};
    snprintf(
        dut_text, sizeof dut_text,
        "{pilotbench_dut: 1, name: d, actors: [%s], ics: {rated_current: 16 A}, ixit: {power_up: 2 s, pwm_start: 5 s}}",
        actors);
    must(pb_bench_bind(read_text(bench_text), &loaded->bench, &loaded->error));
    must(pb_dut_bind(read_text(dut_text), &loaded->dut, &loaded->error));
    must(pb_limits_bind(read_text(limits_text), &loaded->limits, &loaded->error));
    loaded->setup = (struct pb_script_setup){&loaded->bench, &loaded->dut, &loaded->limits, PB_RULE_SIMPLE, NULL};
}

enum pb_status loaded_suite(struct loaded *loaded, const char *text, size_t length) {
    pb_plan_finish(&loaded->plan);
    loaded->error = (struct pb_error){0};
    loaded->status =
        pb_script_load_text("suite.lua", text, length, NULL, &loaded->setup, &loaded->plan, &loaded->error);
    return loaded->status;
}

void loaded_finish(struct loaded *loaded) {
    pb_plan_finish(&loaded->plan);
    pb_limits_finish(&loaded->limits);
    pb_dut_finish(&loaded->dut);
    pb_bench_finish(&loaded->bench);
}
