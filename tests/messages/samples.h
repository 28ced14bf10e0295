/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages for tests: any of the catalogue, filled by a seed from its rows. */
#ifndef PB_TESTS_MESSAGES_SAMPLES_H
#define PB_TESTS_MESSAGES_SAMPLES_H

#include "messages/codec.h"

/* splitmix64. */
uint64_t sample_random(uint64_t *state);
/* 0 to count - 1. */
uint64_t sample_below(uint64_t *state, uint64_t count);

/* A message that is right, with each optional field there or not. number: row of the catalogue, no pilot's. */
void sample_message(size_t number, uint64_t *state, int64_t id, struct pb_message_value *ret_value);
/* Rows of the catalogue that links carry. */
size_t sample_link_rows(size_t *ret_numbers);

#endif
