/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of one case as the record has them: the patterns of its steps (STEP rows), what the bench said and heard (MESSAGE rows), and
 * the matcher run over both. Inside judge/, and for harness/ to check a pattern before it is planned.
 *
 * A STEP row's member `pattern`, where the step's message is the device's to say:
 *   {"conditions":[{"a":OPERAND,"b":OPERAND,"field":"rate","relation":"at most","tolerance":1000}],"from":"pev","group":4,
 *    "often":"once","to":"utility","transit_ns":1000000000,"type":"energy_request"}
 * A condition of a list's items has "member" too. "early_ns", of a step that waits for a clock time: its message comes no sooner before the step's
 * begin. (Without it what comes before its turn is only held to its order.)
 * OPERAND: a number (as in memory), a text, {"field":"vin","step":"8"}: of the message of that step (its own step: of its previous one), or
 * {"sent":"vin"} (also a list): of what the bench would have said in this step's place, or did say for the device to pass on.
 *
 * A MESSAGE row: name is the type ("?": none of the catalogue), a and b sender and receiver (enum pb_party), c enum pb_said, d the link, text
 * the envelope; or what came, as a JSON string. Of an INJECTED message that is no envelope: BYTES. Of a MUTATED one: {"bytes":BYTES,"judged":true,
 * "mutation":"flip"}, without bytes where nothing goes out or not yet, name the original's type. BYTES: a JSON string, or {"hex":"00ff"} where it is no text;
 * "size" beside it: blanks stood after the first byte, to so many.
 *
 * A device that was told less or other than it was meant to be told is not failed for what it says afterwards: from the first MUTATED row of
 * the run on that is not "judged", what is missing, unexpected or unfit is UNREADABLE, and the reason names the mutation. */
#ifndef PB_JUDGE_CHOREOGRAPHY_H
#define PB_JUDGE_CHOREOGRAPHY_H

#include "judge/judge.h"
#include "messages/match.h"

enum pb_said {
    PB_SAID_PLAYED,    /* between two actors of the bench */
    PB_SAID_SENT,      /* to the device */
    PB_SAID_HEARD,     /* by the device, for an actor of the bench */
    PB_SAID_OVERHEARD, /* by the device, to itself */
    PB_SAID_REFERENCE, /* by nobody: what the bench would have said */
    PB_SAID_INJECTED,  /* to the device, by a step's `injects` */
    PB_SAID_TOUCHED,   /* meant for the device; what a mutation made of it follows as MUTATED rows */
    PB_SAID_MUTATED    /* to the device, in place of a TOUCHED message, or nothing at all */
};
extern const char *const pb_said_names[PB_SAID_MUTATED + 1]; /* "sent", for people */

/* The messages of a case, judged: of the recipe's step, or (0) what no step expects. Errors are of the record's file. */
PB_MUST_CHECK enum pb_status pb_choreography_judge(struct pb_reader *reader, const struct pb_recipe *recipe,
                                                   struct pb_reading *reading, struct pb_error *error);
/* Live: whether what the recipe reads has not come, but may still. Reads the case alone; judging looks for mutations in all that was before it. */
PB_MUST_CHECK enum pb_status pb_choreography_look(struct pb_reader *reader, const struct pb_recipe *recipe,
                                                  bool *ret_is_awaited, struct pb_error *error);

#endif
