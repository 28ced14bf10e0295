# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures that test_pilot_meter holds the meter to ("says what it always said") follow from its samples by the
definitions in pilot_emulator/analyser.h, reckoned here a second time with nothing of the program's."""
import math
import pathlib
import re
import unittest

TOTAL, UV, OFFSET_UV, PERIOD_NS = 25600, 610, 1500, 2000
U_LEVEL_UV, U_TIME_NS, U_RATE = 10000, 100, 20000e-9
STUDENT = 2.13  # 49 and 50 degrees of freedom, as the meter's table has it
MAIN = pathlib.Path(__file__).with_name("test_pilot_meter.c").read_text(encoding="utf-8")


def samples():
    level, counts = 0, []
    for i in range(TOTAL):
        level += int(((14720 if i % 501 < 140 else -19672) - level) / 3)
        counts.append(level + i * 7919 % 31 - 15)
    return counts


class Edge:
    def __init__(self, counts, index):
        before, after = (OFFSET_UV + UV * c for c in counts[index - 1 : index + 1])
        self.index, self.is_rise = index, after >= 0
        self.fraction = before / (before - after)
        self.at = index - 1 + self.fraction
        self.slope = abs(counts[index] - counts[index - 1])
        self.around = counts[index - 2 : index + 2]

    def half_width(self):
        """Of its place: an eighth of a sample when both neighbours lie on the edge, and so on."""
        a, b, c, d = self.around
        on = [10 * abs(b - a) >= abs(c - a), 10 * abs(d - c) >= abs(d - b)]
        return 0.125 if all(on) else 0.25 if any(on) else max(self.fraction, 1 - self.fraction)


def spread(values, other=None):
    other = values if other is None else other
    mean, other_mean = sum(values) / len(values), sum(other) / len(other)
    return sum((a - mean) * (b - other_mean) for a, b in zip(values, other))


def reckoned():
    counts = samples()
    edges = [Edge(counts, i) for i in range(2, TOTAL) if (UV * counts[i] + OFFSET_UV >= 0) != (UV * counts[i - 1] + OFFSET_UV >= 0)]
    rises, falls = [e for e in edges if e.is_rise], [e for e in edges if not e.is_rise]
    n = len(rises) - 1
    widths = [next(f.at for f in falls if f.at > r.at) - r.at for r in rises[:-1]]
    periods = [b.at - a.at for a, b in zip(rises, rises[1:])]
    duty, period_ns = sum(widths) / sum(periods), sum(periods) / n * PERIOD_NS
    places = {k: sum(e.half_width() ** 2 for e in of) / len(of) * PERIOD_NS**2 * 4 / 3 for k, of in (("r", rises), ("f", falls))}
    of_mean = STUDENT**2 * PERIOD_NS**2 / (n * (n - 1))
    own = of_mean * (spread(widths) - 2 * duty * spread(widths, periods) + duty**2 * spread(periods))
    threshold = PERIOD_NS * U_LEVEL_UV / UV * (1 / min(e.slope for e in rises) + 1 / min(e.slope for e in falls))
    width = own + places["r"] + places["f"] + 2 * U_TIME_NS**2 + threshold**2
    length = of_mean * spread(periods) + (2 * places["r"] + 2 * U_TIME_NS**2) / n**2
    uhz = 1e15 / period_ns
    figures = {
        "periods": n,
        "duty_ppm": round(1e6 * duty),
        "u_duty_ppm": math.ceil(1e6 * math.sqrt(width) / period_ns),
        "frequency_uhz": round(uhz),
        "u_frequency_uhz": math.ceil(uhz * math.sqrt(length / period_ns**2 + U_RATE**2)),
    }
    # From 26 us (high) or 35 us (low) on, in whole parts of 8 us of which the last one is left out.
    for name, is_high, first in (("high", True, 13), ("low", False, 18)):
        phases = [counts[a.index + first : b.index] for a, b in zip(edges, edges[1:]) if a.is_rise == is_high]
        phases = [p[: max(0, len(p) // 4 - 1) * 4] for p in phases]
        means = [sum(p) / len(p) for p in phases]
        variance = spread(means) / (len(means) - 1)
        figures[name + "_uv"] = round(OFFSET_UV + UV * sum(map(sum, phases)) / sum(map(len, phases)))
        figures["u_" + name + "_uv"] = math.ceil(
            math.sqrt(U_LEVEL_UV**2 + UV**2 * (1 / 3 + STUDENT**2 * variance / len(means))))
    return figures


class Reckoning(unittest.TestCase):
    def test_the_meters_figures_follow_from_its_samples(self):
        body = MAIN[MAIN.index("test_the_meter_says_what_it_always_said(void") :]
        held = {k: int(v) for k, v in re.findall(r"PB_CHECK_INT\(m\.(\w+), (-?\d+)", body[: body.index("\n}\n")])}
        self.assertEqual(len(held), 9)
        self.assertEqual(held, reckoned())


if __name__ == "__main__":
    unittest.main()
