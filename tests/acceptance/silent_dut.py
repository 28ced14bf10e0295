#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DUT that speaks the wire (docs/wire.md) without a mistake and never does anything: no 12 V, no PWM, no coil.
A text as argument is a message that it sends to the gateway in its first turn."""
import os
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import wire_dut  # noqa: E402

MSG_OUT = 86
to_say = [os.fsencode(text)[:40] for text in sys.argv[1:] if text]


def run(until_ns):
    outputs = [(MSG_OUT, struct.pack("<BBB5x40s", len(message), 1, 0, message)) for message in to_say]
    to_say.clear()
    return until_ns, outputs, wire_dut.NEVER


wire_dut.serve(lambda kind, t_ns, payload: None, run)
