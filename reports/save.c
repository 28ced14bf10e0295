/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/save.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum pb_status pb_save_whole(const char *path, const void *bytes, size_t count, struct pb_error *error) {
    char part[4096];
    if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part)
        return pb_fail(error, PB_ERR_IO, ENAMETOOLONG, path, "the path is too long");
    FILE *file = fopen(part, "wb");
    if (!file) return pb_fail(error, PB_ERR_IO, errno, path, "cannot be written: %s", strerror(errno));
    bool is_written = fwrite(bytes, 1, count, file) == count;
    is_written = fclose(file) == 0 && is_written;
    if (is_written && rename(part, path) == 0) return PB_OK;
    int saved_errno = errno;
    remove(part);
    return pb_fail(error, PB_ERR_IO, saved_errno, path, "cannot be written: %s", strerror(saved_errno));
}
