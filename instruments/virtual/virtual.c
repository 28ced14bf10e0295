/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the virtual driver offers: its channels and parameters, and which channels there are by which parameters. */
#include "instruments/virtual/virtual.h"

#include "instruments/virtual/client.h"

#include <stddef.h>

_Static_assert(CH_COUNT <= 64, "a mask of 64 bits holds all channels");

/* ---- channels ---- */

/* Of a channel of the second cord, the first cord's; and the other way round (0: there is none). */
#define OUTPUT_TWIN(id_, ...) [CH2_##id_] = PBL_OUT_##id_,
#define SENSE_TWIN(id_, ...) [CH2_##id_] = CH_##id_,
static const uint8_t twin_of[CH_COUNT] = {CORD_OUTPUTS(OUTPUT_TWIN) CORD_SENSES(SENSE_TWIN)};
#define OUTPUT_SECOND(id_, ...) [PBL_OUT_##id_] = CH2_##id_,
#define SENSE_SECOND(id_, ...) [CH_##id_] = CH2_##id_,
static const uint8_t second_of[CH_FIRST_COUNT] = {CORD_OUTPUTS(OUTPUT_SECOND) CORD_SENSES(SENSE_SECOND)};
/* Outputs of the whole station. */
static const bool is_shared[PBL_OUT_COUNT] = {
    [PBL_OUT_MAINS] = true, [PBL_OUT_PE_BREAK] = true, [PBL_OUT_NO_VENT] = true, [PBL_OUT_TEMPERATURE] = true};

bool virtual_is_second(unsigned channel) { return channel >= CH_FIRST_COUNT; }
unsigned virtual_first_cord_s(unsigned channel) { return virtual_is_second(channel) ? twin_of[channel] : channel; }
unsigned virtual_second_of(unsigned channel) { return second_of[channel]; }
uint32_t virtual_cord_of(unsigned channel) {
    return virtual_is_second(channel) ? 1 : channel < PBL_OUT_COUNT && is_shared[channel] ? PBL_EVERY_CORD : 0;
}

#define DRIVEN(name_, role_, unit_, min_, max_, safe_, kept_, energises_)                                              \
    {                                                                                                                  \
        .name = name_, .role = role_, .access = PB_ACCESS_DRIVE, .unit = PB_UNIT_##unit_, .min = min_, .max = max_,    \
        .safe = safe_, .is_kept_when_safe = kept_, .energises = energises_                                             \
    }
#define SEEN(name_, role_, access_, unit_)                                                                             \
    { .name = name_, .role = role_, .access = PB_ACCESS_##access_, .unit = PB_UNIT_##unit_ }

#define FIRST_OUTPUT(id_, name_, role_, ...) [PBL_OUT_##id_] = DRIVEN(name_, role_, __VA_ARGS__),
#define FIRST_SENSE(id_, name_, role_, ...) [CH_##id_] = SEEN(name_, role_, __VA_ARGS__),
#define SECOND_OUTPUT(id_, name_, role_, ...) [CH2_##id_] = DRIVEN("cord2_" name_, "cord[2]." role_, __VA_ARGS__),
#define SECOND_SENSE(id_, name_, role_, ...) [CH2_##id_] = SEEN("cord2_" name_, "cord[2]." role_, __VA_ARGS__),

const struct pb_channel virtual_channels[CH_COUNT] = {
    CORD_OUTPUTS(FIRST_OUTPUT) CORD_SENSES(FIRST_SENSE) CORD_OUTPUTS(SECOND_OUTPUT)
        CORD_SENSES(SECOND_SENSE)[PBL_OUT_MAINS] = DRIVEN("mains", "mains.switch", NONE, 0, 1, 0, false, true),
    [PBL_OUT_PE_BREAK] = DRIVEN("pe_break", "pe.break", NONE, 0, 1, 0, false, false),
    [PBL_OUT_NO_VENT] = DRIVEN("no_vent", "ventilation.block", NONE, 0, 1, 0, false, false),
    [PBL_OUT_TEMPERATURE] = DRIVEN("temperature", "ambient.heater", CELSIUS, -40000, 125000, 25000, true, false),
    [PBL_OUT_SOURCE] =
        DRIVEN("source", "cp.source", NONE, PBL_SOURCE_OPEN, PBL_SOURCE_PWM, PBL_SOURCE_OPEN, false, true),
    [PBL_OUT_SOURCE_DUTY] = DRIVEN("source_duty", "cp.source.duty", PERCENT, 0, 1000000, 100000, true, false),
    [PBL_OUT_SOURCE_FREQUENCY] =
        DRIVEN("source_frequency", "cp.source.frequency", HERTZ, 100000000, 10000000000, 1000000000, true, false),
    [PBL_OUT_SOURCE_HIGH] = DRIVEN("source_high", "cp.source.high", VOLT, -15000000, 15000000, 12000000, true, false),
    [PBL_OUT_SOURCE_LOW] = DRIVEN("source_low", "cp.source.low", VOLT, -15000000, 15000000, -12000000, true, false),
    [PBL_OUT_SOURCE_OHM] = DRIVEN("source_ohm", "cp.source.resistance", OHM, 10000, 100000000, 1000000, true, false),
    [PBL_OUT_SOURCE_EDGE] = DRIVEN("source_edge", "cp.source.edge", SECOND, 0, 100000, 1000, true, false),
    [PBL_OUT_CONTACTOR] = DRIVEN("contactor", "contactor.switch", NONE, 0, 1, 0, false, true),
    [PBL_OUT_PP] = DRIVEN("pp", "pp.load", OHM, 1000, 100000000, 150000, true, false),
    [PBL_OUT_S3] = DRIVEN("s3", "pp.s3", NONE, 0, 1, 0, false, false),
    [CH_CCID_TEST] = SEEN("ccid_test", "ccid.test", EVENTS, NONE),
    [CH_LATCH] = SEEN("latch", "inlet.latch", EVENTS, NONE),
    [CH_CONSOLE] = SEEN("console", "dut.console", BYTES, NONE),
    [CH_ESCI] = SEEN("esci", "esci", BYTES, NONE),
    [CH_UTILITY] = SEEN("utility", "utility", BYTES, NONE),
    [CH_PEV_CONSOLE] = SEEN("pev_console", "dut.console.pev", BYTES, NONE),
    [CH_SCOPE] = SEEN("scope", "scope", BURST, VOLT),
};

/* ---- parameters ---- */

static const char *const source_choices[] = {"none", "bench", NULL};
static const char *const vehicle_choices[] = {"bench", "none", NULL};
static const char *const current_choices[] = {"sample", "half_cycle", NULL};

#define QUANTITY(name_, member_, unit_, fallback_, min_, max_, text_)                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(struct virtual_config, member_),                  \
        .fallback = fallback_, .unit = PB_UNIT_##unit_, .min = min_, .max = max_, .text = text_                        \
    }

#define CHOICE(name_, member_, choices_, fallback_, text_)                                                             \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_CHOICE, .offset = offsetof(struct virtual_config, member_),                    \
        .choices = choices_, .fallback = fallback_, .text = text_                                                      \
    }

static const struct pb_param params[] = {
    {.name = "world",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct virtual_config, world),
     .fallback = "",
     .text = "program to run as the world; default: pilotbench-world beside this program"},
    QUANTITY("sample_rate", sample_rate_uhz, HERTZ, "500 kHz", "50 kHz", "5 MHz", "samples a second of cp_sense"),
    QUANTITY("range", range_uv, VOLT, "15 V", "13 V", "60 V", "plus-minus range of cp_sense, 16 bit"),
    QUANTITY("noise", noise_uv, VOLT, "5 mV", "0 V", "1 V", "rms noise of cp_sense"),
    QUANTITY("keep_before", keep_before_ns, SECOND, "5 ms", "0 s", "1 s", "samples kept before a change of the pilot"),
    QUANTITY("keep_after", keep_after_ns, SECOND, "60 ms", "10 ms", "10 s",
             "samples kept after the last change of the pilot"),
    {.name = "sample_throughout",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct virtual_config, sample_throughout),
     .fallback = "false",
     .text = "true: no modelled stretches, every sample is made"},
    QUANTITY("mains", mains_uv, VOLT, "120 V", "0 V", "1000 V", "supply, rms"),
    QUANTITY("mains_frequency", mains_uhz, HERTZ, "60 Hz", "40 Hz", "70 Hz", "supply frequency"),
    QUANTITY("cords", cords, NONE, "1", "1", "2",
             "cords of the station; the second's channels begin with cord2_, its roles with cord[2]."),
    QUANTITY("poles", poles, NONE, "2", "1", "4", "poles of the contactor that are sensed"),
    QUANTITY("close_delay", close_delay_ns, SECOND, "12 ms", "0 s", "1 s", "coil on to first contact"),
    QUANTITY("open_delay", open_delay_ns, SECOND, "10 ms", "0 s", "1 s", "coil off to last contact"),
    QUANTITY("bounce", bounce_ns, SECOND, "2 ms", "0 s", "50 ms", "length of the contacts' bounce on closing"),
    QUANTITY("answer_within", answer_within_ns, SECOND, "2 s", "10 ms", "60 s",
             "wall time a DUT process has for a turn"),
    QUANTITY("cable", cable_ff, FARAD, "300 pF", "0 F", "10 nF", "capacitance that is always on the pilot"),
    QUANTITY("diode", diode_uv, VOLT, "0.7 V", "0.3 V", "1.2 V", "drop of the vehicle's diode at 3 mA"),
    QUANTITY("quantum", quantum_ns, SECOND, "1 ms", "10 us", "100 ms", "step of a DUT that cannot look ahead"),
    QUANTITY("meter_class", meter_class_ppm, PERCENT, "0 %", "0 %", "50 %",
             "the charging meter (EUMD) errs by up to this, by the run's seed"),
    QUANTITY("meter_rollover", meter_rollover_wh, WATT_HOUR, "1000 kWh", "1 Wh", "1000000 MWh",
             "the meter's register goes from just below this to 0"),
    QUANTITY("meter_period", meter_period_ns, SECOND, "1 min", "1 ms", "1 d",
             "time between two readings of the meter while energy flows"),
    QUANTITY("u_level", u_level_uv, VOLT, "5 mV", "0 V", "1 V",
             "expanded uncertainty of a level: calibration, divider, linearity"),
    QUANTITY("u_time", u_time_ns, SECOND, "100 ns", "0 s", "1 ms", "expanded uncertainty of an edge's date"),
    QUANTITY("u_rate", u_rate_ppm, PERCENT, "0.001 %", "0 %", "1 %", "expanded relative uncertainty of the time base"),
    QUANTITY(
        "front_rise", front_rise_ns, SECOND, "0 s", "0 s", "1 ms",
        "10 to 90 % rise time of cp_sense's front end, as a calibration would tell it (the world filters nothing); 0 s: not known, so that no edge is timed"),
    QUANTITY("scope_rate", scope_rate_uhz, HERTZ, "0 Hz", "0 Hz", "100 MHz",
             "samples a second of an oscilloscope on the pilot, 12 bit over range, on demand; 0 Hz: there is none"),
    QUANTITY("scope_noise", scope_noise_uv, VOLT, "10 mV", "0 V", "1 V", "its rms noise"),
    QUANTITY("scope_u_level", scope_u_level_uv, VOLT, "100 mV", "0 V", "1 V", "expanded uncertainty of its levels"),
    QUANTITY("scope_front_rise", scope_front_rise_ns, SECOND, "10 ns", "0 s", "1 ms",
             "as front_rise, of the oscilloscope with its probe"),
    CHOICE("source", source, source_choices, "none",
           "bench: it has a pilot generator, a contactor and a connector of its own, and can play the EVSE"),
    CHOICE("vehicle", vehicle, vehicle_choices, "bench",
           "none: it has no resistors and no load of its own, and only watches a vehicle that is the device"),
    CHOICE("current_sense", current_sense, current_choices, "sample",
           "how current is sensed: by the sample, or as RMS of mains half-cycles"),
};

/* ---- the driver ---- */

/* The vehicle's own: resistors, S2, diode, what it hangs on the pilot and draws. */
static bool is_of_vehicle(unsigned channel) {
    return (channel >= PBL_OUT_R2 && channel <= PBL_OUT_CAPACITANCE) || channel == PBL_OUT_DRAW;
}

static bool virtual_has_channel(const void *config_, unsigned channel) {
    const struct virtual_config *config = config_;
    if (virtual_is_second(channel) && config->cords < 2) return false;
    channel = virtual_first_cord_s(channel);
    bool is_of_connector = channel == PBL_OUT_PP || channel == PBL_OUT_S3 || channel == CH_LATCH;
    bool is_pole = channel >= CH_POLE_0 && channel < CH_CURRENT;
    if (is_of_vehicle(channel)) return config->vehicle == VEHICLE_BENCH;
    if (is_of_connector) return config->source == SOURCE_BENCH || config->vehicle == VEHICLE_NONE;
    if (channel >= PBL_OUT_SOURCE && channel < PBL_OUT_COUNT) return config->source == SOURCE_BENCH;
    if (channel == CH_SCOPE) return config->scope_rate_uhz > 0;
    return !is_pole || channel - CH_POLE_0 < config->poles;
}

const struct pb_driver pb_virtual_driver = {
    .name = "virtual",
    .summary = "the world in software: on simulated time, or following the wall clock",
    .channels = virtual_channels,
    .channel_count = CH_COUNT,
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .config_size = sizeof(struct virtual_config),
    .has_channel = virtual_has_channel,
    .core = &virtual_core_ops,
    .out = &virtual_out_ops,
    .stream = &virtual_stream_ops,
    .burst = &virtual_burst_ops,
    .bytes = &virtual_bytes_ops,
    .live = &virtual_live_ops,
    .time = &virtual_time_ops,
    .guard = &virtual_guard_ops,
};
