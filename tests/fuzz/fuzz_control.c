/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the control socket, from anybody: what is taken must come back the same when it is written and read again. */
#include "harness/control/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct pb_parsed_request request, again;
    static char line[8 * PB_CONTROL_LINE_BYTES], text[PB_CONTROL_ANSWER_BYTES];
    struct pb_error error;
    enum pb_status status = pb_request_parse((const char *)data, size, &request, &error);
    if (status != PB_OK && status != PB_ERR_INPUT) abort();
    if (status == PB_OK) {
        if ((unsigned)request.verb >= PB_VERB_COUNT || strlen(request.text) >= sizeof request.text) abort();
        size_t length = pb_request_format(request.verb, request.text, line, sizeof line);
        if (length == 0) abort();
        if (length - 1 <= PB_CONTROL_LINE_BYTES &&
            (pb_request_parse(line, length - 1, &again, &error) != PB_OK || again.verb != request.verb ||
             strcmp(again.text, request.text) != 0))
            abort();
    }
    status = pb_reply_parse((const char *)data, size, text, sizeof text, &error);
    if (status != PB_OK && status != PB_ERR_PROTOCOL && status != PB_ERR_UNSUPPORTED) abort();
    return 0;
}
