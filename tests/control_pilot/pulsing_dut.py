#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An EVSE (docs/wire.md) whose generator is known: +-12 V behind 1 kohm, 50 % at 1 kHz, edges of so many ns.

    pulsing_dut.py RISE_NS FALL_NS

12 V from 100 ms after the supply on, PWM from 300 ms after a vehicle was connected, until the supply goes."""
import os
import struct
import sys

FD, SIZE, NEVER = 3, 64, 2**63 - 1
HELLO, RUN_UNTIL, STOP, CP_LOAD, MAINS, READY, DONE, CP_EDGE, CP_PWM = 1, 2, 3, 16, 18, 64, 65, 80, 81
LOAD_R_DIODE = 2
MS = 1000000
SOURCE_MOHM = 1000000


class Evse:
    def __init__(self, rise_ns, fall_ns):
        self.edges = rise_ns, fall_ns
        self.is_on = self.is_pulsing = False
        self.due_ns, self.deed = NEVER, None

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


def read_record():
    data = b""
    while len(data) < SIZE:
        part = os.read(FD, SIZE - len(data))
        if not part:
            raise SystemExit(0)
        data += part
    return data


def main():
    evse = Evse(int(sys.argv[1]), int(sys.argv[2]))
    seq = reached_ns = 0

    def send(kind, t_ns, payload):
        nonlocal seq
        os.write(FD, struct.pack("<HBBIq", kind, 0, 0, seq, t_ns) + payload)
        seq += 1

    while True:
        record = read_record()
        kind, _, _, _, t_ns = struct.unpack("<HBBIq", record[:16])
        if kind == STOP:
            return
        if kind == HELLO:
            send(READY, t_ns, record[16:24] + bytes(40))
        elif kind == RUN_UNTIL:
            if evse.due_ns <= t_ns:
                t_ns = max(evse.due_ns, reached_ns)
                send_kind, payload = evse.output()
                send(send_kind, t_ns, payload)
            send(DONE, t_ns, struct.pack("<q40x", evse.due_ns))
            reached_ns = t_ns
        else:
            evse.take(kind, t_ns, record[16:])


main()
