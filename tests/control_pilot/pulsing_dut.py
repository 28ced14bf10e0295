#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An EVSE (docs/wire.md) whose generator is known: +-12 V behind 1 kohm, 50 % at 1 kHz, edges of so many ns.

    pulsing_dut.py RISE_NS FALL_NS

12 V from 100 ms after the supply on, PWM from 300 ms after a vehicle was connected, until the supply goes."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import wire_dut  # noqa: E402
from wire_dut import NEVER  # noqa: E402

CP_LOAD, MAINS, CP_EDGE, CP_PWM = 16, 18, 80, 81
LOAD_R_DIODE = 2
MS = 1000000
SOURCE_MOHM = 1000000


class Evse:
    def __init__(self, rise_ns, fall_ns):
        self.edges = rise_ns, fall_ns
        self.is_on = self.is_pulsing = False
        self.due_ns, self.deed = NEVER, None
        self.reached_ns = 0

    def plan(self, at_ns, deed):
        self.due_ns, self.deed = at_ns, deed

    def take(self, kind, t_ns, payload):
        if kind == MAINS:
            is_on = struct.unpack("<q", payload[:8])[0] > 0
            if is_on != self.is_on: self.plan(t_ns + (100 * MS if is_on else 0), "high" if is_on else "none")
            self.is_on = is_on
        elif kind == CP_LOAD and payload[0] == LOAD_R_DIODE and self.is_on and not self.is_pulsing and self.deed != "pwm":
            self.plan(t_ns + 300 * MS, "pwm")

    def output(self):
        deed, self.due_ns, self.deed = self.deed, NEVER, None
        self.is_pulsing = deed == "pwm"
        if deed == "pwm":
            return CP_PWM, struct.pack("<qqqqqii", 12000000, -12000000, SOURCE_MOHM, 1000000000, 500000, *self.edges)
        return CP_EDGE, struct.pack("<qqB31x", 12000000 if deed == "high" else 0, SOURCE_MOHM, deed == "none")

    def run(self, until_ns):
        is_due = self.due_ns <= until_ns
        self.reached_ns = max(self.due_ns, self.reached_ns) if is_due else until_ns
        return self.reached_ns, [self.output()] if is_due else [], self.due_ns


evse = Evse(int(sys.argv[1]), int(sys.argv[2]))
wire_dut.serve(evse.take, evse.run)
