/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/save.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum pb_status fail(const char *path, int number, struct pb_error *error) {
    return pb_fail(error, PB_ERR_IO, number, path, "cannot be written: %s", strerror(number));
}

static bool write_file(const char *path, const void *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    if (!file) return false;
    bool is_written = fwrite(bytes, 1, count, file) == count;
    return fclose(file) == 0 && is_written;
}

enum pb_status pb_save_whole(const char *path, const void *bytes, size_t count, struct pb_error *error) {
    char part[4096];
    struct stat found;
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode) &&
        !S_ISDIR(found.st_mode)) /* /dev/stdout: a rename would replace the device */
        return write_file(path, bytes, count) ? PB_OK : fail(path, errno, error);
    if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part) return fail(path, ENAMETOOLONG, error);
    if (write_file(part, bytes, count) && rename(part, path) == 0) return PB_OK;
    int number = errno;
    remove(part);
    return fail(path, number, error);
}
