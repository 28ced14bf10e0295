/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summaries made by hand, so that reports are tested without a record. */
#ifndef PB_TESTS_SAMPLE_SUMMARY_H
#define PB_TESTS_SAMPLE_SUMMARY_H

#include "judge/summary.h"

/* Two cases: S1 with a check of every verdict, every step mode and an unverified limit; L2 whose bench failed. Static,
 * not to be freed; made anew by each call. */
struct pb_summary *sample_summary(void);
/* One case whose every text is `text` (cut to fit), failing. */
struct pb_summary *hostile_summary(const char *text);

#endif
