# SPDX-License-Identifier: GPL-3.0-or-later
"""The DUT's side of the wire (docs/wire.md), for devices in Python whose behaviour a test must know."""
import os
import struct

FD, SIZE, PAYLOAD, NEVER = 3, 64, 48, 2**63 - 1
HELLO, RUN_UNTIL, STOP, READY, DONE = 1, 2, 3, 64, 65


def read_record():
    data = b""
    while len(data) < SIZE:
        part = os.read(FD, SIZE - len(data))
        if not part:
            raise SystemExit(0)
        data += part
    return data


def serve(take, run):
    """Until STOP. take(kind, t_ns, payload): an input. run(until_ns): the turn; gives when it ended, its outputs [(kind, payload)], and when the
    next will be."""
    seq = 0

    def send(kind, t_ns, payload):
        nonlocal seq
        os.write(FD, struct.pack("<HBBIq", kind, 0, 0, seq, t_ns) + payload.ljust(PAYLOAD, b"\0"))
        seq += 1

    while True:
        record = read_record()
        kind, _, _, _, t_ns = struct.unpack("<HBBIq", record[:16])
        if kind == STOP:
            return
        if kind == HELLO:
            send(READY, t_ns, record[16:24])
        elif kind == RUN_UNTIL:
            t_ns, outputs, next_ns = run(t_ns)
            for output in outputs:
                send(output[0], t_ns, output[1])
            send(DONE, t_ns, struct.pack("<q", next_ns))
        else:
            take(kind, t_ns, record[16:])
