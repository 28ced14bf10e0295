/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every message of the sources (use cases S, L, U, E and diagnostics; the IntelliGrid portal function; the ETSI / oneM2M flow) as const rows:
 * who sends it to whom, its fields with type, unit and range, the source steps that use it, and its IEEE 2030.5 (SEP 2.0) counterpart. Codec,
 * matching, documentation and JSON Schema walk these rows at run time; nothing else knows a message's name. */
#ifndef PB_MESSAGES_CATALOGUE_H
#define PB_MESSAGES_CATALOGUE_H

#include "base/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Who can send or receive. The first six are the actors of the use cases, with the same numbers; the rest are back offices of the other sources. */
enum pb_party {
    PB_PARTY_CUSTOMER,
    PB_PARTY_EVSE,
    PB_PARTY_PEV,
    PB_PARTY_ESCI,
    PB_PARTY_EUMD,
    PB_PARTY_UTILITY,
    PB_PARTY_HOME_UTILITY,
    PB_PARTY_OPERATIONS,
    PB_PARTY_SCHEDULER,
    PB_PARTY_BILLING,
    PB_PARTY_NETWORK_PROVIDER,
    PB_PARTY_CHARGING_PROVIDER,
    PB_PARTY_VEHICLE_PROVIDER,
    PB_PARTY_SYSTEM_OPERATOR,
    PB_PARTY_COMMUNICATION_OPERATOR,
    PB_PARTY_MANUFACTURER,
    PB_PARTY_COUNT
};
#define PB_PARTY_BIT(party) (UINT32_C(1) << (party))

struct pb_party_row {
    const char *name;    /* as in the envelope's `from` and `to` */
    enum pb_party actor; /* which of the six actors of a cast plays it */
    const char *text;    /* what the sources call it */
};
extern const struct pb_party_row pb_parties[PB_PARTY_COUNT];
/* PB_PARTY_COUNT if none. */
enum pb_party pb_party_find(const char *name);

/* A field's kind. In JSON: what the comment says; in memory: one int64, or a text, or a list. */
enum pb_field_type {
    PB_FIELD_QUANTITY, /* integer, a count of the row's wire step; in memory in steps of the unit (base/quantity.h) */
    PB_FIELD_INTEGER,  /* integer */
    PB_FIELD_BOOLEAN,  /* true, false; in memory 1, 0 */
    PB_FIELD_CHOICE,   /* text, one of the choices; in memory its index */
    PB_FIELD_TEXT,    /* text of min to max bytes of UTF-8, no control characters; of the alphabet where one is given */
    PB_FIELD_DECIMAL, /* text "0.15", at most 6 digits after the point; in memory in millionths */
    PB_FIELD_CLOCK,   /* text "HH:MM" or "HH:MM:SS", time of day; in memory ns after midnight */
    PB_FIELD_INSTANT, /* integer, ns of the bench clock */
    PB_FIELD_LIST,    /* array of min to max objects with the row's members */
    PB_FIELD_TYPE_COUNT
};
extern const char *const pb_field_type_names[PB_FIELD_TYPE_COUNT];

struct pb_field_row {
    const char *name;
    enum pb_field_type type;
    bool is_optional;
    enum pb_unit unit; /* QUANTITY */
    int64_t step; /* QUANTITY: steps of the unit in one count on the wire: 1, or all of the unit's (whole seconds) */
    int64_t min, max; /* QUANTITY: counts on the wire; TEXT: bytes; LIST: items; DECIMAL: millionths */
    const char *alphabet;
    const char *const *choices; /* ended by NULL */
    const struct pb_field_row *members;
    size_t member_count;
    const char *text; /* one line for the manual */
};

/* How it is known that a message is so, or maps so: as the use cases' step tables say it. */
enum pb_evidence {
    PB_EVIDENCE_NONE,       /* nothing known (of a mapping: no counterpart was found) */
    PB_EVIDENCE_FOUND,      /* stated in a text that was read */
    PB_EVIDENCE_INFERRED,   /* no text says it */
    PB_EVIDENCE_REMEMBERED, /* background knowledge, no text at hand */
    PB_EVIDENCE_COUNT
};
extern const char *const pb_evidence_names[PB_EVIDENCE_COUNT];

struct pb_message_row {
    const char *name;
    uint32_t from, to;                 /* bits of parties */
    const struct pb_field_row *fields; /* sorted by name, as canonical JSON is */
    size_t field_count;
    bool is_pilot;     /* carried by the control pilot, not by a message link: documentation only, never encoded */
    const char *steps; /* "S1/9, S3/10, IG/2.3.1": use case or source, step */
    enum pb_evidence evidence;
    const char *sep; /* IEEE 2030.5 counterpart; "" where none was found */
    enum pb_evidence sep_evidence;
    const char *text; /* one line for the manual */
};

enum { PB_MESSAGE_FIELDS_MAX = 12, PB_LIST_MEMBERS_MAX = 4, PB_LIST_ITEMS_MAX = 48 };

/* A row's index is the message's number. Rows are only ever added at the end: records hold numbers. */
extern const struct pb_message_row pb_catalogue[];
extern const size_t pb_catalogue_count;
/* Number of a name; pb_catalogue_count if there is none. */
size_t pb_catalogue_find(const char *name);
/* Number of a field; field_count if there is none. */
size_t pb_message_row_field(const struct pb_message_row *row, const char *name);
/* "mW", "s": what a count of a quantity on the wire is. */
const char *pb_field_unit_name(const struct pb_field_row *row);

#endif
