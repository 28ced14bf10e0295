/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What messages are expected, and whether those that came are they: a table of patterns, run over messages in the order in which they were
 * received. A pure function of patterns and messages (values, sent and received instants): the judge feeds it the record's rows, in the run and in
 * rejudge alike. Bounded, no allocation.
 *
 * A message goes to the first pattern of its type and parties that still wants one and whose conditions all hold; if none does, to the first
 * that still wants one: that pattern is then a mismatch, with the condition that failed. A message whose id was there already (doubled,
 * replayed) is never a match. What no pattern wants is unexpected. */
#ifndef PB_MESSAGES_MATCH_H
#define PB_MESSAGES_MATCH_H

#include "messages/codec.h"

enum { PB_MATCH_PATTERNS_MAX = 64, PB_MATCH_CONDITIONS_MAX = 12, PB_MATCH_LINKS_MAX = 8 };

/* Where a number or text to compare with comes from. */
enum pb_operand_kind {
    PB_OPERAND_NONE,
    PB_OPERAND_NUMBER, /* `number`, as in memory (steps of the unit, index of a choice) */
    PB_OPERAND_TEXT,   /* `text` */
    PB_OPERAND_LIST,   /* the list `text` of `value` */
    PB_OPERAND_FIELD /* field `text` of the last message that went to pattern `number`; of the pattern itself: of its previous one, and the
                          condition holds when there is none (a running sum never falls) */
};
struct pb_operand {
    enum pb_operand_kind kind;
    int64_t number;
    const char *text;
    const struct pb_message_value *value; /* LIST; the caller's */
};

enum pb_relation {
    PB_RELATION_PRESENT,
    PB_RELATION_ABSENT,
    PB_RELATION_EQUAL,     /* |field - a| <= tolerance; texts: the same; a list: item for item that of operand LIST */
    PB_RELATION_NOT_EQUAL, /* |field - a| > tolerance */
    PB_RELATION_AT_MOST,   /* field <= a + tolerance */
    PB_RELATION_AT_LEAST,  /* field >= a - tolerance */
    PB_RELATION_MIN_OF,    /* |field - min(a, b)| <= tolerance: rate = min(ALC, charger) */
    PB_RELATION_ASCENDING, /* a list: member `a.text` never falls from item to item */
    PB_RELATION_ITEMS,     /* a list: a to b items; b NONE: exactly a */
    PB_RELATION_COUNT
};
extern const char *const pb_relation_names[PB_RELATION_COUNT]; /* "at most" */

struct pb_condition {
    const char *field;
    enum pb_relation relation;
    struct pb_operand a, b;
    int64_t tolerance;  /* as in memory, not negative */
    bool is_if_present; /* holds where the field (or member) is not there */
    const char *
        member; /* of a list: each item's is EQUAL, NOT_EQUAL, AT_MOST or AT_LEAST to a constant; NULL: the field itself */
};

enum pb_how_often {
    PB_OFTEN_ONCE,
    PB_OFTEN_AT_MOST_ONCE,
    PB_OFTEN_AT_LEAST_ONCE, /* each further one must fit too */
    PB_OFTEN_ANY,
    PB_OFTEN_NEVER
};

struct pb_pattern {
    const char *name;       /* for results: a step's id */
    const char *type;       /* a message's name */
    enum pb_party from, to; /* PB_PARTY_COUNT: any */
    enum pb_how_often often;
    int group; /* groups come in order of their numbers, within one in any order; below 0: at any time */
    int after; /* pattern whose match starts the time that `within` counts; below 0: instant 0 */
    pb_span
        within; /* received at most so long after; PB_SPAN_FOREVER: no limit. NEVER: only until then is it forbidden */
    pb_span transit; /* sent (by its stamp) at most so long before it was received; PB_SPAN_FOREVER: not asked */
    struct pb_condition conditions[PB_MATCH_CONDITIONS_MAX];
    size_t condition_count;
};

/* What becomes of messages that no pattern wants. */
enum pb_unexpected_policy { PB_UNEXPECTED_IGNORE, PB_UNEXPECTED_NOTE, PB_UNEXPECTED_JUDGE };

struct pb_expected {
    const struct pb_pattern *patterns;
    size_t count; /* at most PB_MATCH_PATTERNS_MAX */
    enum pb_unexpected_policy unexpected;
};

/* One message as it came. The value is the caller's and lives as long as the matcher is used. */
struct pb_heard {
    const struct pb_message_value *value;
    pb_instant received;
    unsigned link; /* it came over, below PB_MATCH_LINKS_MAX: each numbers its messages anew */
};

/* What a message was. */
enum pb_heard_as {
    PB_HEARD_MATCHED,    /* `pattern` */
    PB_HEARD_MISMATCHED, /* `pattern`, whose result says why */
    PB_HEARD_FURTHER,    /* likewise, after one that fitted: who has looked at the result before knows nothing of it */
    PB_HEARD_REPEATED,   /* an id of its sender that was there already: doubled or replayed */
    PB_HEARD_FORBIDDEN,  /* a NEVER pattern's */
    PB_HEARD_TOO_MANY,   /* `pattern` had one already */
    PB_HEARD_UNEXPECTED, /* no pattern's; judged by policy */
    PB_HEARD_AS_COUNT
};
extern const char *const pb_heard_as_names[PB_HEARD_AS_COUNT];
struct pb_heard_result {
    enum pb_heard_as as;
    size_t pattern;      /* where `as` names one; else PB_MATCH_PATTERNS_MAX */
    bool is_after_gap;   /* ids of its sender are missing before it: something was lost, or comes late */
    bool is_late_id;     /* its id is older than one that was there already, but was missing: messages were reordered */
    bool is_from_future; /* sent after it was received, or before the sender's previous one: its stamp is wrong */
};

/* A pattern's outcome. OPEN until decided. */
enum pb_match_outcome {
    PB_MATCH_OPEN,
    PB_MATCH_FITS,         /* all as expected so far: MATCHED once closed */
    PB_MATCH_MISSING,      /* closed without one */
    PB_MATCH_MISMATCH,     /* `condition` does not hold: `found`, `expected` */
    PB_MATCH_OUT_OF_ORDER, /* after a message of a later group, or before that of `after`: found is that pattern */
    PB_MATCH_LATE,         /* found, expected: ns after the anchor */
    PB_MATCH_SLOW,         /* found, expected: ns of transit, or no stamp (found -1) */
    PB_MATCH_TOO_MANY,
    PB_MATCH_FORBIDDEN,
    PB_MATCH_OUTCOME_COUNT
};
extern const char *const pb_match_outcome_names[PB_MATCH_OUTCOME_COUNT];
struct pb_match_result {
    enum pb_match_outcome outcome;
    size_t condition;                     /* MISMATCH */
    int64_t found, expected;              /* MISMATCH of numbers, LATE, SLOW */
    size_t count;                         /* messages that fitted */
    size_t message;                       /* number, from 0, of the one that decided */
    const struct pb_message_value *value; /* the last that went to it; NULL: none */
    pb_instant received;                  /* of the first */
    bool is_unresolved;                   /* MISMATCH: there is nothing to compare with */
};

/* A sender's numbering on a link: the highest id, and which of the 64 before it were there. */
struct pb_numbering {
    int64_t highest;
    uint64_t seen;
    pb_instant sent;
    bool is_begun;
};

/* State; plain data, copied freely. */
struct pb_matcher {
    struct pb_expected expected;
    struct pb_match_result results[PB_MATCH_PATTERNS_MAX];
    struct pb_numbering numbering[PB_MATCH_LINKS_MAX][PB_PARTY_COUNT];
    size_t message_count, unexpected_count;
    bool is_closed;
};

/* PB_ERR_ARG: a table that contradicts itself (unknown type, party, field or pattern, a relation that its field cannot have). */
PB_MUST_CHECK enum pb_status pb_match_begin(struct pb_matcher *ret_matcher, const struct pb_expected *expected,
                                            struct pb_error *error);
/* Messages come in order of `received`; they may be equal. */
struct pb_heard_result pb_match_take(struct pb_matcher *matcher, const struct pb_heard *heard);
/* Nothing comes any more. */
void pb_match_close(struct pb_matcher *matcher);
/* Closed, every wanted pattern has its message and none is a failure, and nothing unexpected where the policy judges that. */
bool pb_match_is_pass(const struct pb_matcher *matcher);

/* All of it at once. ret_heard (count entries) may be NULL. */
PB_MUST_CHECK enum pb_status pb_match_all(const struct pb_expected *expected, const struct pb_heard *heard,
                                          size_t count, struct pb_matcher *ret_matcher,
                                          struct pb_heard_result *ret_heard, struct pb_error *error);
/* "rate is 1920000 mW, expected at most 1440000 mW": why a pattern failed, or what it is. Returns ret_text. */
char *pb_match_explain(const struct pb_matcher *matcher, size_t pattern, char *ret_text, size_t size);

#endif
