/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/cli/devices.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4400 };

/* "fixtures/duts/stub-evse.yaml" to "stub-evse". */
static void name_device(const char *path, char ret_name[PB_CLI_DEVICE_NAME]) {
    const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path ? path : "stub-evse";
    snprintf(ret_name, PB_CLI_DEVICE_NAME, "%s", name);
    char *dot = strrchr(ret_name, '.');
    if (dot && dot != ret_name) *dot = 0;
}

void pb_cli_name_file(const char *path, const char *device, char *ret_path, size_t size) {
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    int stem = dot && dot > (slash ? slash + 1 : path) ? (int)(dot - path) : (int)strlen(path);
    snprintf(ret_path, size, "%.*s-%s%s", stem, path, device, path + stem);
}

/* On the first bench that can hold it; the first one's error where none can. */
static enum pb_status read_inputs(const char *const *benches, size_t bench_count, const char *dut,
                                  const struct pb_cli_limits *limits, struct pb_cli_inputs *ret_inputs,
                                  struct pb_error *error) {
    struct pb_error other;
    enum pb_status status = pb_cli_read_inputs(bench_count ? benches[0] : NULL, dut, limits, ret_inputs, error);
    for (size_t i = 1; status != PB_OK && i < bench_count; i++)
        if (pb_cli_read_inputs(benches[i], dut, limits, ret_inputs, &other) == PB_OK) return PB_OK;
    return status;
}

static enum pb_status add_device(const char *const *benches, size_t bench_count, const char *dut,
                                 const struct pb_cli_limits *limits, struct pb_cli_devices *devices,
                                 struct pb_error *error) {
    struct pb_cli_device *device = &devices->list[devices->count];
    if (devices->count == PB_CLI_DEVICES_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, "--dut", "found more than %d devices, expected at most that",
                       PB_CLI_DEVICES_MAX);
    name_device(dut, device->name);
    for (size_t i = 0; i < devices->count; i++)
        if (strcmp(devices->list[i].name, device->name) == 0)
            return pb_fail(
                error, PB_ERR_INPUT, 0, "--dut",
                "found a second statement of the name %s, expected different file names: runs and reports are "
                "called by them",
                device->name);
    enum pb_status status = read_inputs(benches, bench_count, dut, limits, &device->inputs, error);
    if (status == PB_OK) devices->count++;
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static int is_statement(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static enum pb_status add_folder(const char *const *benches, size_t bench_count, const char *folder,
                                 const struct pb_cli_limits *limits, struct pb_cli_devices *devices,
                                 struct pb_error *error) {
    char path[PATH_ROOM];
    struct dirent **entries = NULL;
    enum pb_status status = PB_OK;
    int count = scandir(folder, &entries, is_statement, by_name);
    if (count <= 0)
        status = pb_fail(error, PB_ERR_INPUT, count < 0 ? errno : 0, folder,
                         "found a folder without any .yaml, expected DUT statements");
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%.4000s/%.255s", folder, entries[i]->d_name);
        if (status == PB_OK) status = add_device(benches, bench_count, path, limits, devices, error);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static bool is_folder(const char *path) {
    struct stat found;
    return path && stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

enum pb_status pb_cli_read_devices(const char *const *benches, size_t bench_count, const char *const *duts,
                                   size_t dut_count, const struct pb_cli_limits *limits,
                                   struct pb_cli_devices *ret_devices, struct pb_error *error) {
    static const char *const nothing[] = {NULL};
    char with_source[PATH_ROOM], watching[PATH_ROOM];
    const char *const virtual[] = {NULL, with_source, watching}; /* NULL: the virtual bench */
    struct pb_cli_devices devices = {.list = calloc(PB_CLI_DEVICES_MAX + 1, sizeof *devices.list)};
    if (!devices.list) return pb_fail(error, PB_ERR_MEMORY, 0, "--dut", "no memory");
    snprintf(with_source, sizeof with_source, "%s/fixtures/benches/virtual-evse.yaml", pb_cli_data());
    snprintf(watching, sizeof watching, "%s/fixtures/benches/virtual-pair.yaml", pb_cli_data());
    if (!bench_count) benches = virtual, bench_count = 3;
    if (!dut_count) duts = nothing, dut_count = 1;
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < dut_count; i++)
        status = is_folder(duts[i]) ? add_folder(benches, bench_count, duts[i], limits, &devices, error)
                                    : add_device(benches, bench_count, duts[i], limits, &devices, error);
    if (status == PB_OK) *ret_devices = devices;
    else pb_cli_finish_devices(&devices);
    return status;
}

void pb_cli_finish_devices(struct pb_cli_devices *devices) {
    for (size_t i = 0; i < devices->count; i++) pb_cli_finish_inputs(&devices->list[i].inputs);
    free(devices->list);
    *devices = (struct pb_cli_devices){0};
}
