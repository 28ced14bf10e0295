# SPDX-License-Identifier: GPL-3.0-or-later
"""S2 at a premise EVSE as such: 240 V between two poles, and currents above 51 A, where the duty law is another and the pilot's low phase short
(40 us at 80 A)."""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

BENCH = bench.SOURCE / "fixtures/benches/virtual-240v.yaml"
SEEDS = 50
# control_pilot.md 3.2: worked by hand from 2.5 A x (D - 64).
DUTY_PPM = {53: 852000, 60: 880000, 63: 892000, 70: 920000, 80: 960000}


def session(amps, seed=1, args=()):
    text = (bench.SOURCE / "fixtures/duts/stub-evse-premise.yaml").read_text()
    line = f'process: [{bench.STUB}, --rated-current, "{amps}", --meter' + "".join(f', "{word}"' for word in args) + "]"
    text, count = re.subn(r'^process: \[stub-evse, --rated-current, "80", --meter\]$', line, text, flags=re.MULTILINE)
    assert count == 1, "fixtures/duts/stub-evse-premise.yaml has another form than this test knows"
    dut = bench.write(f"premise-{amps}-{seed}-{'-'.join(args)}.yaml", text)
    return bench.run("S2", bench=BENCH, dut=dut, seed=seed, sets=(f"rated_current={amps} A",), extra=["--quiet"])


def readings(of):
    names = {row.check_no: row.name for row in of.rows("check")}
    return {names[row.check_no]: row for row in of.rows("reading")}


def test_the_healthy_premise_evse_passes_at_80_a_with_every_seed():
    passed = [session(80, seed).verdict.get("verdict") == "pass" for seed in range(1, SEEDS + 1)]
    print(f"S2 at 240 V and 80 A: {sum(passed)} of {SEEDS} seeds pass")
    check_equal(sum(passed), SEEDS, "seeds with which the healthy stub passes S2 at 80 A")


def test_each_current_above_51_a_has_its_own_duty_and_a_low_level_that_is_measured():
    for amps, duty in DUTY_PPM.items():
        of = session(amps)
        seen = readings(of)
        bench.check_code(of, bench.EXIT_PASS)
        for name, least, most, unit in (("S2/5/duty", duty - 1000, duty + 1000, "ppm"), ("S2/5/low_level", -12600000, -11400000, "uV")):
            check(least <= seen[name].a <= most, f"{amps} A: {name} is {seen[name].a} {unit}, expected {least} to {most} {unit}")


def test_a_low_level_that_is_wrong_is_found_in_40_us():
    of = session(80, args=("--defect", "low_rail_10v7"))
    failed = [name for name, verdict, _ in of.verdicts() if verdict != "pass"]
    check_equal(failed[:1], ["S2/5/low_level"], "first check that does not pass with a low level of -10.7 V")


def test_the_energy_is_that_of_240_v():
    of = session(80)
    sent = [json.loads(row.text)["fields"] for row in of.rows("message") if row.name == "interval_metering" and row.c == 2]
    granted_w = 240 * 80 * 180 / 274
    check_equal(len(sent), 2, "reports of the meter")
    for one, share in zip(sent, (1, 0.2)):
        found, expected = one["energy_wh"] / (one["duration_s"] / 3600), granted_w * share
        check(abs(found - expected) < 0.01 * expected, f"mean power is {found:.0f} W, expected {expected:.0f} W, give or take 1 %")


if __name__ == "__main__":
    bench.main(globals())
