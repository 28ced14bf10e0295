/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/prompt.h"

#include <string.h>

static const struct {
    const char *role;
    int64_t value;
    const char *text;
} prompts[] = {
    {"mains.switch", 1, "Switch the supply on (plug the cordset in)."},
    {"mains.switch", 0, "Switch the supply off (pull the cordset out)."},
    {"coupler", 1, "Plug the coupler into the vehicle (the inlet)."},
    {"coupler", 0, "Pull the coupler out of the vehicle (the inlet)."},
};

const char *pb_prompt_text(const char *role, int64_t value) {
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++)
        if (strcmp(prompts[i].role, role) == 0 && prompts[i].value == value) return prompts[i].text;
    return NULL;
}

/* A role, or the group it belongs to ("mains" of "mains.switch"). */
static bool is_of(const char *role, const char *need) {
    size_t length = strlen(need);
    return strncmp(role, need, length) == 0 && (!role[length] || role[length] == '.');
}

bool pb_prompt_can(const struct pb_bench *bench, const char *need) {
    for (size_t i = 0; bench->measuring.operator_ns > 0 && i < sizeof prompts / sizeof *prompts; i++)
        if (is_of(prompts[i].role, need)) return true;
    return false;
}

bool pb_prompt_is_needed(const struct pb_bench *bench, const char *role) {
    return pb_bench_role(bench, role) == bench->role_count && pb_prompt_can(bench, role);
}
