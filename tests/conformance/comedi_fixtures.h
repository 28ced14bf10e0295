/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comedi driver's lines of fixtures.c. */
#ifndef PB_TESTS_COMEDI_FIXTURES_H
#define PB_TESTS_COMEDI_FIXTURES_H

#include "tests/conformance/fixture.h"

enum { COMEDI_FIXTURES = 4 };
extern const struct fixture comedi_fixtures[COMEDI_FIXTURES];

#endif
