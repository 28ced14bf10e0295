/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the module of TLS. It is never unloaded: OpenSSL registers handlers for the end of the process. */
#include "base/program.h"
#include "messages/jsonl/tls.h"

#include <dlfcn.h>

enum pb_status pb_tls_load(const struct pb_tls_calls **ret_calls, struct pb_error *error) {
    char path[4096];
    pb_program_find("pilotbench-tls.so", path, sizeof path);
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct pb_tls_calls *calls = module ? dlsym(module, PB_TLS_SYMBOL) : NULL;
    if (!calls)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, "tls",
                       "found no module for TLS (%s), expected pilotbench-tls.so beside this program", dlerror());
    *ret_calls = calls;
    return PB_OK;
}
