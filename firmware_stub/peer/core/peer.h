/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A party that lives by messages (a premise's gateway, a utility), as tables: what it takes in, and rows "once these were heard and those said,
 * say this, so much later, with these fields". The core walks the rows; it knows no message by name but those that begin and end a session.
 * Tickless: it is called when a message comes and when peer_next_ns() has come. Messages are JSON objects, one a call:
 * {"at_ns":, "fields":{}, "from":"pev", "id":, "to":"utility", "type":"vin", "v":1}. What is none, or not for it, is left alone. */
#ifndef PEER_H
#define PEER_H

#include "firmware_stub/peer/core/flow.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer_message {
    PEER_SESSION_OPEN,
    PEER_VIN,
    PEER_CUSTOMER_ID,
    PEER_PREMISE_ID,
    PEER_BILLING_REQUEST,
    PEER_ENERGY_REQUEST,
    PEER_SCHEDULE_REQUEST,
    PEER_EVENT_INFO_REQUEST,
    PEER_PRICE_INFORMATION,
    PEER_CPP_INFO_REQUEST,
    PEER_ACTIVE_MANAGEMENT_REQUEST,
    PEER_ID_VERIFICATION,
    PEER_BINDING_CONFIRMATION,
    PEER_ENERGY_AVAILABLE,
    PEER_SCHEDULE_AVAILABLE,
    PEER_EVENT_ALERT,
    PEER_HOURLY_PRICES,
    PEER_CPP_PRICES,
    PEER_ACTIVE_MANAGEMENT,
    PEER_INTERVAL_METERING,
    PEER_SESSION_REPORT,
    PEER_SESSION_RECORD,
    PEER_EVENT_RESPONSE,
    PEER_ENROLLMENT,
    PEER_ENROLLMENT_CONFIRMATION,
    PEER_ROAMING_QUERY,
    PEER_ROAMING_ANSWER,
    PEER_PAYMENT_AGREEMENT,
    PEER_RECEIPT,
    PEER_CHARGING_STATUS,
    PEER_VEHICLE_STATUS,
    PEER_TIME_OF_DAY,
    PEER_END, /* no message: the session is over */
    PEER_MESSAGE_COUNT
};
#define PEER_BIT(message) (UINT64_C(1) << PEER_##message)

/* Links by number: the premise, and the utility's side. */
enum { PEER_PREMISE = 0, PEER_UPSTREAM = 1, PEER_LINKS = 3 };

#define PEER_NEVER_MS INT32_MAX
#define PEER_TEXT_MAX 41
#define PEER_ENROLLED_MAX 8
#define PEER_QUEUE_MAX 64
#define PEER_BYTES_MAX 65536 /* of one message */

/* All numbers are 32 bits wide: a row of a table can name any by its offset. */
struct peer_parameters {
    /* From what is answered to the answer; 25 % more at most, by the seed; PEER_NEVER_MS: never. */
    int32_t open_ms, pass_ms, premise_ms, verify_ms, confirm_ms, grant_ms, schedule_ms, event_ms, prices_ms, flow_ms;
    int32_t report_ms, record_ms, enroll_ms, prepare_ms, set_up_ms, roam_ms, revise_ms;
    int32_t reason_up_ms, reason_customer_ms;         /* of a vehicle that does not charge */
    int32_t quiet_s;                                  /* a session without metering for so long is over */
    int32_t clock_lag_s;                              /* its clock is behind by this */
    int32_t confirmations, reports, records, reasons; /* how often each is said */
    /* identities: the last character of what it tells is another one */
    int32_t is_vin_wrong, is_premise_wrong, is_bound_premise_wrong;
    int32_t is_vin_checked; /* a VIN that can be none goes no further */
    /* what is not right is left alone */
    int32_t is_version_checked;   /* of the envelope */
    int32_t is_replay_known;      /* a message whose number was there already */
    int32_t is_request_checked;   /* a request for energy with no amount or rate that can be */
    int32_t is_identity_checked;  /* what is said of another vehicle than the session's */
    int32_t is_order_kept;        /* what comes before that which it answers */
    int32_t is_report_known;      /* a session that was recorded already */
    int32_t is_long_borne;        /* hears on after a message that is too long */
    int32_t is_enrolment_checked; /* only an enrolled vehicle is verified */
    int32_t is_everyone_denied;
    int32_t is_verification_heeded; /* a vehicle that is not verified is not bound */
    int32_t is_roaming;             /* the home utility is asked about a vehicle that is not known */
    /* energy */
    int32_t lost_message;                     /* enum peer_message of one that is never said; -1: none */
    int32_t lost_saying;                      /* what would be its saying of this number is not said; 0: none */
    int32_t repeated_saying;                  /* its saying of this number is said once more; 0: none */
    int32_t is_sum_told, is_sum_told_vehicle; /* running sums go to the utility, and to the vehicle */
    int32_t vehicle_report_ms;                /* as report_ms, to the vehicle */
    int32_t limit_mw;                         /* what the premise bears */
    int32_t rate_ppm, amount_ppm;             /* granted of what was asked for */
    int32_t raised_ppm; /* passed on of the rate asked for, whatever was granted; 0: what was granted */
    int32_t defer_ppm,
        gap_ppm;          /* of the time of connection: full charge later than asked for; from full to balance charge */
    int32_t shift_s;      /* the schedule comes so much later */
    int32_t is_sum_kept;  /* metered energy adds up over a session's intervals */
    int32_t energy_ppm;   /* told of what was metered or reported */
    int32_t session_step; /* the last report's number is off the running ones' by this */
    int32_t is_payer_wrong;
    int32_t is_receipt_given; /* to who pays on the spot */
    int32_t is_reason_kept;   /* told on as the vehicle told it */
    int32_t is_set_up_known;  /* confirmed by the first connection alone */
    int32_t revised_ppm;      /* a reservation is revised to this of the rate asked for; 0: it stands */
    /* programs */
    int32_t are_prices_swapped, price_factor, is_peak_left_out;
    int32_t event_s;            /* length of an event where no schedule gives one; below 0: it ends before it begins */
    int32_t is_event_shortened; /* an event lasts no time at all */
    /* flows beside the session */
    int32_t flow_lost_row;    /* what this row of the flow table says is never said, from 1; 0: none */
    int32_t flow_lag_ms;      /* all of them come so much later */
    int32_t flow_repeats;     /* each is said so often again */
    int32_t flow_other_field; /* 10 * row + field, each from 1: it is said otherwise than it is; 0: none */
    int32_t is_slot_kept;     /* what is due at a clock time waits for it */
    int32_t
        provider_abroad; /* subscribes to what concerns a vehicle that is not its own: 1 the vehicle's, 2 the charging provider; 0: neither */
};

/* What a peer is made of. */
struct peer_setup {
    struct peer_parameters parameters;
    char premise[PEER_TEXT_MAX];
    char enrolled[PEER_ENROLLED_MAX][PEER_TEXT_MAX];
    size_t enrolled_count;
};

struct peer;
/* A field's value, new; NULL: the message goes without it. because: the fields of the message that is answered. */
typedef json_t *peer_value(const struct peer *peer, const json_t *because);

struct peer_field {
    const char *name;
    peer_value *value; /* NULL: as heard, but for an empty text */
};

/* A message that it takes from a link. */
struct peer_take {
    enum peer_message message;
    uint8_t link;
    const char *to;                                                  /* NULL: any */
    void (*note)(struct peer *peer, const json_t *fields);           /* what it learns; NULL: nothing but the message */
    bool (*is_right)(const struct peer *peer, const json_t *fields); /* else it is left alone; NULL: always */
    bool begins;                                                     /* a session: all but the premise is forgotten */
};

/* Once all of `heard` were heard and all of `said` were said in this session, and again with each that comes anew: say this. */
struct peer_row {
    uint64_t heard, said;
    bool (*when)(const struct peer *peer, const json_t *because); /* NULL: always */
    enum peer_message say;
    uint8_t link;
    const char *from, *to; /* NULL: as in the message that is answered */
    bool is_passed_on;     /* its fields begin as those of the message that is answered; never one for itself */
    bool is_told_on;       /* answers only a message for itself */
    const struct peer_field *fields; /* ended by a NULL name */
    size_t delay_ms, times;          /* offsets in struct peer_parameters; times 0: once */
};

struct peer_kind {
    const char *name;
    const struct peer_take *takes;
    size_t take_count;
    const struct peer_row *rows;
    size_t row_count;
    const struct peer_flow_row *flow;
    size_t flow_count;
};

struct peer_hal {
    void *host;
    /* One whole message. */
    void (*say)(void *host, uint8_t link, const char *bytes, size_t size);
};

/* What is to be said. */
struct peer_saying {
    int64_t due_ns;
    const struct peer_row *row;
    json_t *because; /* the whole message; NULL where none is answered */
};

struct peer_session {
    int32_t number;
    int64_t energy_wh, duration_s, last_interval;
    int64_t started_ns, ended_ns; /* of charging; -1: not yet */
    bool is_over;
};

struct peer {
    const struct peer_kind *kind;
    struct peer_setup setup;
    struct peer_hal hal;
    uint64_t random;
    int64_t now_ns, quiet_ns; /* quiet_ns: when the session is taken as over; INT64_MAX: never */
    uint64_t heard, said;
    json_t *fields[PEER_MESSAGE_COUNT]; /* of the last one heard; NULL: none was */
    struct peer_session session;
    int32_t recorded;     /* the last session that was recorded */
    char home_answer[18]; /* VIN that the home utility stands for */
    struct {              /* a vehicle whose first set-up waits for its first connection; vin "": none */
        char vin[18], customer[PEER_TEXT_MAX];
        bool is_due; /* this session is that connection */
    } set_up;
    struct {
        char from[32];                /* a name that is longer is no party of the catalogue */
        json_int_t heard_id, said_id; /* the highest, the last */
        uint64_t heard;               /* bit n: the message n before the highest was heard */
    } ids[PEER_LINKS][8];
    struct peer_saying queue[PEER_QUEUE_MAX];
    size_t queue_count;
    int32_t sayings; /* since it was started */
    struct peer_flow flow;
};

/* The setup is copied. */
void peer_init(struct peer *peer, const struct peer_kind *kind, const struct peer_setup *setup,
               const struct peer_hal *hal, uint64_t seed, int64_t now_ns);
void peer_finish(struct peer *peer);
/* A message arrives at now_ns, which never runs back. */
void peer_hear(struct peer *peer, int64_t now_ns, uint8_t link, const char *bytes, size_t size);
/* When it must be called next; INT64_MAX: only by a message. */
int64_t peer_next_ns(const struct peer *peer);
/* now_ns is peer_next_ns(): says what is due, one message at an instant. */
void peer_run(struct peer *peer, int64_t now_ns);

/* For flow.c: chance, whether an instant has its message, and a message at now_ns, whose fields stay the caller's. */
uint64_t peer_random(struct peer *peer);
bool peer_is_taken(const struct peer *peer, int64_t due_ns);
void peer_say(struct peer *peer, uint8_t link, const char *from, const char *to, const char *type, json_t *fields);
/* For the tables' functions. The session is over; once, until it goes on. */
void peer_end_session(struct peer *peer);
/* Of the last message heard: a whole number within min and max, else the fallback; a text, else "". */
int64_t peer_number(const struct peer *peer, enum peer_message message, const char *field, int64_t min, int64_t max,
                    int64_t fallback);
const char *peer_text(const struct peer *peer, enum peer_message message, const char *field);
/* The same of one message's fields. */
int64_t peer_number_in(const json_t *fields, const char *field, int64_t min, int64_t max, int64_t fallback);
const char *peer_text_in(const json_t *fields, const char *field);
/* Seconds after midnight of "HH:MM" or "HH:MM:SS"; -1: it is none. */
int32_t peer_clock_in(const json_t *fields, const char *field);
json_t *peer_clock(int64_t seconds);
/* A VIN: 17 capitals and digits without I, O and Q (ISO 3779). */
bool peer_is_vin(const char *text);
/* A text, its last character another one where is_wrong. */
json_t *peer_identity(const char *text, bool is_wrong);
/* What both kinds ask of messages. */
bool peer_is_vin_right(const struct peer *peer, const json_t *fields);
bool peer_is_request_right(const struct peer *peer, const json_t *fields);
/* Fields that both kinds have. */
peer_value peer_say_vin, peer_say_their_vin, peer_say_premise, peer_say_true;

#endif
