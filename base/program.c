/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void pb_program_find(const char *name, char *ret_path, size_t size) {
    char beside[4096];
    snprintf(ret_path, size, "%s", name);
    if (strchr(name, '/')) return;
    ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - 1);
    beside[n > 0 ? n : 0] = 0;
    char *slash = strrchr(beside, '/');
    if (!slash || strlen(name) >= sizeof beside - (size_t)(slash + 1 - beside)) return;
    snprintf(slash + 1, sizeof beside - (size_t)(slash + 1 - beside), "%s", name);
    if (access(beside, X_OK) == 0) snprintf(ret_path, size, "%s", beside);
}
