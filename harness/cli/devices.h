/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several devices under test on one command line: each gets the first bench that can hold it, a run of its own, and files of its own. */
#ifndef PB_HARNESS_CLI_DEVICES_H
#define PB_HARNESS_CLI_DEVICES_H

#include "harness/cli/cli.h"

enum { PB_CLI_DEVICES_MAX = 32, PB_CLI_BENCHES_MAX = 8, PB_CLI_DEVICE_NAME = 64 };

struct pb_cli_device {
    char name[PB_CLI_DEVICE_NAME]; /* its statement's file name without the ending: "stub-evse" */
    struct pb_cli_inputs inputs;
};
struct pb_cli_devices {
    struct pb_cli_device *list;
    size_t count;
};

/* Statements, or folders of them (all their .yaml, by name); none: the stub EVSE. benches: none: the virtual ones. Errors: as pb_cli_read_inputs(), of the
 * first bench where no bench can hold a device; PB_ERR_INPUT for two statements of one name, and for a folder without any. */
PB_MUST_CHECK enum pb_status pb_cli_read_devices(const char *const *benches, size_t bench_count,
                                                 const char *const *duts, size_t dut_count,
                                                 const struct pb_cli_limits *limits, struct pb_cli_devices *ret_devices,
                                                 struct pb_error *error);
void pb_cli_finish_devices(struct pb_cli_devices *devices);
/* "runs/all.xml" to "runs/all-stub-evse.xml". */
void pb_cli_name_file(const char *path, const char *device, char *ret_path, size_t size);

#endif
