#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/messages.schema.json against an independent validator (python3-jsonschema): it is a right schema, it takes what the codec writes, and
it and the decoder refuse the same damaged messages."""
import json
import os
import random
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

sources = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
program = os.path.join(os.environ["PB_BUILD"], "tests", "validate_messages")
with open(os.path.join(sources, "docs", "messages.schema.json"), encoding="utf-8") as file:
    schema = json.load(file)
failed = 0


def check(name, is_right, why=""):
    global failed
    failed += not is_right
    print(f"[{'       OK' if is_right else '  FAILED '} ] {name}{': ' + why if not is_right else ''}")


def damage(message, lot):
    """One thing wrong (or, seldom, still right) with a copy."""
    bad = json.loads(json.dumps(message))
    fields = bad["fields"]
    wrong = lot.choice([-1, 1.5, None, [], {}, "", "x", True, 10**18, "25:00", "0.1234567", "É"])
    kind = lot.randrange(5)
    if kind == 0:
        bad[lot.choice(sorted(bad))] = wrong
    elif kind == 1:
        del bad[lot.choice(sorted(bad))]
    elif kind == 2:
        (fields if lot.randrange(2) else bad)["colour"] = 1
    elif fields and kind == 3:
        del fields[lot.choice(sorted(fields))]
    elif fields:
        fields[lot.choice(sorted(fields))] = wrong
    return bad


jsonschema.Draft202012Validator.check_schema(schema)
check("schema_is_one_of_draft_2020_12", True)
# Which branch a type is of is looked up, so that oneOf does not try all 70 for each message.
branches = {branch["properties"]["type"]["const"]: branch for branch in schema["oneOf"]}
base = {key: value for key, value in schema.items() if key != "oneOf"}
validators = {name: jsonschema.Draft202012Validator({"allOf": [base, branch]}) for name, branch in branches.items()}
whole = jsonschema.Draft202012Validator(schema)


def is_taken(message):
    if not isinstance(message.get("type"), str) or message["type"] not in validators:
        return whole.is_valid(message)
    return validators[message["type"]].is_valid(message)


turns = "40" if os.environ.get("PB_SOAK") else "4"
lines = subprocess.run([program, "samples", turns, "3"], check=True, capture_output=True).stdout.decode().splitlines()
messages = [json.loads(line) for line in lines]
refused = [line for line, message in zip(lines, messages) if not is_taken(message)]
check("schema_takes_what_the_codec_writes", messages and not refused, "\n".join(refused[:3]))
check("whole_schema_agrees", all(whole.is_valid(message) for message in messages[: len(branches)]))

lot = random.Random(7)
bad = [damage(lot.choice(messages), lot) for _ in range(len(messages) * 4)]
said = subprocess.run([program, "check"], check=True, capture_output=True,
                      input="".join(json.dumps(message, ensure_ascii=False) + "\n" for message in bad).encode()).stdout.decode().splitlines()
differ = [f"{json.dumps(message)}: decoder {word}, schema {is_taken(message)}"
          for message, word in zip(bad, said) if (word == "taken") != is_taken(message)]
check("schema_and_decoder_refuse_the_same", len(said) == len(bad) and not differ, "\n".join(differ[:5]))
check("most_damage_is_refused", sum(word != "taken" for word in said) > len(said) // 2, f"{len(said)}")
sys.exit(1 if failed else 0)
