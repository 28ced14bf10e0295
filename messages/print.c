/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages/print.h"

#include "messages/codec.h"

#include <inttypes.h>

/* ---- Markdown ---- */

static void print_parties(FILE *out, uint32_t parties) {
    const char *between = "";
    for (int i = 0; i < PB_PARTY_COUNT; i++)
        if (parties & PB_PARTY_BIT(i)) {
            fprintf(out, "%s%s", between, pb_parties[i].name);
            between = ", ";
        }
}

static void print_choices(FILE *out, const char *const *choices) {
    for (size_t i = 0; choices[i]; i++) fprintf(out, "%s`%s`", i ? ", " : "", choices[i]);
}

/* Type and range. */
static void print_kind(FILE *out, const struct pb_field_row *row) {
    char low[32], high[32];
    switch (row->type) {
    case PB_FIELD_QUANTITY:
        fprintf(out, "%s, %" PRId64 " to %" PRId64, pb_field_unit_name(row), row->min, row->max);
        return;
    case PB_FIELD_INTEGER: fprintf(out, "integer, %" PRId64 " to %" PRId64, row->min, row->max); return;
    case PB_FIELD_INSTANT: fprintf(out, "instant, ns of the bench clock"); return;
    case PB_FIELD_CHOICE: print_choices(out, row->choices); return;
    case PB_FIELD_TEXT: fprintf(out, "text, %" PRId64 " to %" PRId64 " bytes", row->min, row->max); return;
    case PB_FIELD_DECIMAL:
        fprintf(out, "decimal text, %s to %s", pb_decimal_format(row->min, low, sizeof low),
                pb_decimal_format(row->max, high, sizeof high));
        return;
    case PB_FIELD_LIST: fprintf(out, "list of %" PRId64 " to %" PRId64, row->min, row->max); return;
    default: fprintf(out, "%s", pb_field_type_names[row->type]);
    }
}

static void print_fields(FILE *out, const struct pb_field_row *rows, size_t count, const char *list) {
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "| `%s%s%s` | ", list, list[0] ? "[]." : "", rows[i].name);
        print_kind(out, &rows[i]);
        fprintf(out, " | %s | %s |\n", rows[i].is_optional ? "" : "yes", rows[i].text);
        if (rows[i].type == PB_FIELD_LIST) print_fields(out, rows[i].members, rows[i].member_count, rows[i].name);
    }
}

static void print_message(FILE *out, size_t number) {
    const struct pb_message_row *row = &pb_catalogue[number];
    fprintf(out, "\n### %s\n\nNo. %zu. From ", row->name, number);
    print_parties(out, row->from);
    fprintf(out, " to ");
    print_parties(out, row->to);
    fprintf(out, "%s: %s.\nSteps: %s (%s). ", row->is_pilot ? ", by the control pilot" : "", row->text, row->steps,
            pb_evidence_names[row->evidence]);
    if (row->sep[0]) fprintf(out, "IEEE 2030.5: %s (%s).\n", row->sep, pb_evidence_names[row->sep_evidence]);
    else fprintf(out, "IEEE 2030.5: no counterpart was found.\n");
    if (!row->field_count) return;
    fprintf(out, "\n| field | type | required | meaning |\n|---|---|---|---|\n");
    print_fields(out, row->fields, row->field_count, "");
}

void pb_catalogue_print(FILE *out) {
    fprintf(
        out,
        "# Messages\n\nPrinted by `pilotbench list --messages` from messages/catalogue.c; a test compares. "
        "The JSON Schema is messages.schema.json (`pilotbench list --schema`).\n\n"
        "On every link a message is one JSON object, the envelope:\n\n"
        "    {\"at_ns\":57600000000000,\"fields\":{\"amount\":4320,\"rate\":1440000},\"from\":\"pev\",\"id\":7,"
        "\"to\":\"utility\",\"type\":\"energy_request\",\"v\":1}\n\n"
        "`v` is %d. `id` counts up by one for each message of a sender on a link, from any number: one that repeats is a replay, a hole is a "
        "loss. `at_ns` (optional) is when it was sent, on the bench clock as the sender has it. Numbers are integers, in the step "
        "that the tables give (rate in mW, durations in s); real numbers, unknown or repeated members and fields, and senders or "
        "receivers that a message does not have are refused. At most %d bytes. Over the wire protocol (docs/wire.md) the object "
        "is one message; over TCP, TLS, Unix sockets, serial lines and stdio each stands on a line of its own (messages/jsonl).\n\n"
        "Evidence: found (stated in a text that was read), inferred (no text says it), remembered (background knowledge); of a mapping to "
        "IEEE 2030.5: inferred is ours, remembered is a secondary source's. Steps name use case and step; IG is the IntelliGrid "
        "portal function, ETSI the repaired numbers of the home charging flow, D the diagnostics use case.\n\n"
        "## Parties\n\n| name | actor | what the sources call it |\n|---|---|---|\n",
        PB_MESSAGE_VERSION, PB_MESSAGE_BYTES_MAX);
    for (int i = 0; i < PB_PARTY_COUNT; i++)
        fprintf(out, "| `%s` | %s | %s |\n", pb_parties[i].name, pb_parties[pb_parties[i].actor].name,
                pb_parties[i].text);
    fprintf(out, "\n## Messages\n");
    for (size_t i = 0; i < pb_catalogue_count; i++) print_message(out, i);
}

/* ---- JSON Schema ---- */

static void print_json_text(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text; text++) fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    fputc('"', out);
}

static void schema_object(FILE *out, const struct pb_field_row *rows, size_t count, int indent);

static void schema_text(FILE *out, const struct pb_field_row *row) {
    if (!row->alphabet) {
        fprintf(out,
                "\"type\": \"string\", \"minLength\": 1, \"maxLength\": %" PRId64
                ", \"pattern\": \"^[^\\\\u0000-\\\\u001f\\\\u007f]*$\"",
                row->max);
        return;
    }
    fprintf(out, "\"type\": \"string\", \"pattern\": \"^[%s]{%" PRId64 ",%" PRId64 "}$\"", row->alphabet, row->min,
            row->max);
}

static void schema_field(FILE *out, const struct pb_field_row *row, int indent) {
    fprintf(out, "%*s\"%s\": {", indent, "", row->name);
    switch (row->type) {
    case PB_FIELD_BOOLEAN: fprintf(out, "\"type\": \"boolean\""); break;
    case PB_FIELD_CHOICE:
        fprintf(out, "\"enum\": [");
        for (size_t i = 0; row->choices[i]; i++) fprintf(out, "%s\"%s\"", i ? ", " : "", row->choices[i]);
        fprintf(out, "]");
        break;
    case PB_FIELD_TEXT: schema_text(out, row); break;
    case PB_FIELD_DECIMAL:
        fprintf(
            out,
            "\"type\": \"string\", \"pattern\": \"^(?!-0(\\\\.0+)?$)-?(0|[1-9][0-9]{0,5}|1000000)(\\\\.[0-9]{1,6})?$\"");
        break;
    case PB_FIELD_CLOCK:
        fprintf(out, "\"type\": \"string\", \"pattern\": \"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$\"");
        break;
    case PB_FIELD_LIST:
        fprintf(out, "\"type\": \"array\", \"minItems\": %" PRId64 ", \"maxItems\": %" PRId64 ", \"items\": {\n",
                row->min, row->max);
        schema_object(out, row->members, row->member_count, indent + 2);
        fprintf(out, "}");
        break;
    default: fprintf(out, "\"type\": \"integer\", \"minimum\": %" PRId64 ", \"maximum\": %" PRId64, row->min, row->max);
    }
    if (row->type == PB_FIELD_QUANTITY) fprintf(out, ", \"x-unit\": \"%s\"", pb_field_unit_name(row));
    if (row->type == PB_FIELD_INSTANT) fprintf(out, ", \"x-unit\": \"ns\"");
    fprintf(out, ", \"description\": ");
    print_json_text(out, row->text);
    fprintf(out, "}");
}

/* The members of a schema for an object, without its braces. */
static void schema_object(FILE *out, const struct pb_field_row *rows, size_t count, int indent) {
    const char *between = "";
    fprintf(out, "%*s\"type\": \"object\", \"additionalProperties\": false, \"required\": [", indent, "");
    for (size_t i = 0; i < count; i++) {
        if (rows[i].is_optional) continue;
        fprintf(out, "%s\"%s\"", between, rows[i].name);
        between = ", ";
    }
    fprintf(out, "], \"properties\": {");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, i ? ",\n" : "\n");
        schema_field(out, &rows[i], indent + 2);
    }
    fprintf(out, "}");
}

static void schema_parties(FILE *out, const char *key, uint32_t parties) {
    const char *between = "";
    fprintf(out, "\"%s\": {\"enum\": [", key);
    for (int i = 0; i < PB_PARTY_COUNT; i++) {
        if (!(parties & PB_PARTY_BIT(i))) continue;
        fprintf(out, "%s\"%s\"", between, pb_parties[i].name);
        between = ", ";
    }
    fprintf(out, "]}");
}

void pb_catalogue_print_schema(FILE *out) {
    const char *between = "\n";
    fprintf(
        out,
        "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
        "\"title\": \"Pilotbench messages, version %d\",\n"
        "\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"v\", \"type\", \"from\", \"to\", \"id\", \"fields\"],\n"
        "\"properties\": {\"v\": {\"const\": %d}, \"type\": {\"type\": \"string\"}, \"from\": {\"type\": \"string\"}, \"to\": {\"type\": \"string\"},\n"
        "  \"id\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": %" PRId64 "},\n"
        "  \"at_ns\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": %" PRId64 ", \"x-unit\": \"ns\"},\n"
        "  \"fields\": {\"type\": \"object\"}},\n\"oneOf\": [",
        PB_MESSAGE_VERSION, PB_MESSAGE_VERSION, INT64_MAX - 1, INT64_MAX - 1);
    for (size_t i = 0; i < pb_catalogue_count; i++) {
        const struct pb_message_row *row = &pb_catalogue[i];
        if (row->is_pilot) continue;
        fprintf(out, "%s{\"description\": ", between);
        print_json_text(out, row->text);
        fprintf(out, ", \"x-steps\": ");
        print_json_text(out, row->steps);
        fprintf(out, ",\n  \"properties\": {\"type\": {\"const\": \"%s\"}, ", row->name);
        schema_parties(out, "from", row->from);
        fprintf(out, ", ");
        schema_parties(out, "to", row->to);
        fprintf(out, ",\n  \"fields\": {\n");
        schema_object(out, row->fields, row->field_count, 4);
        fprintf(out, "}}}");
        between = ",\n";
    }
    fprintf(out, "]}\n");
}
