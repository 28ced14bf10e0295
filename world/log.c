/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line that cannot be written is lost: there is nobody left to tell. */
#include "world/log.h"

#include "base/wall.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void pb_log(int fd, pb_instant now, const char *who, const char *format, ...) {
    if (fd < 0) return;
    char line[700];
    int length = snprintf(line, sizeof line, "%" PRId64 " %" PRId64 " %s ", pb_wall_now().ns, now.ns, who);
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    va_end(arguments);
    length += more < 0 ? 0 : more;
    if (length > (int)sizeof line - 2) length = (int)sizeof line - 2;
    line[length++] = '\n';
    if (write(fd, line, (size_t)length) < 0) return;
}
