#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DUT that speaks the wire (docs/wire.md) without a mistake and never does anything: no 12 V, no PWM, no coil.
A text as argument is a message that it sends to the gateway in its first turn."""
import os
import struct
import sys

FD, SIZE, NEVER = 3, 64, 2**63 - 1
HELLO, RUN_UNTIL, STOP, READY, DONE, MSG_OUT = 1, 2, 3, 64, 65, 86


def read_record():
    data = b""
    while len(data) < SIZE:
        part = os.read(FD, SIZE - len(data))
        if not part:
            raise SystemExit(0)
        data += part
    return data


def main():
    seq = 0
    message = os.fsencode("".join(sys.argv[1:]))[:40]
    while True:
        record = read_record()
        kind, _, _, _, t_ns = struct.unpack("<HBBIq", record[:16])
        if kind == STOP:
            return
        if kind == HELLO:
            os.write(FD, struct.pack("<HBBIq", READY, 0, 0, seq, t_ns) + record[16:24] + bytes(40))
        elif kind == RUN_UNTIL:
            if message:
                os.write(FD, struct.pack("<HBBIqBBB5x40s", MSG_OUT, 0, 0, seq, t_ns, len(message), 1, 0, message))
                seq, message = seq + 1, b""
            os.write(FD, struct.pack("<HBBIqq", DONE, 0, 0, seq, t_ns, NEVER) + bytes(40))
        else:
            continue
        seq += 1


main()
