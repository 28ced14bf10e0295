# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages to look at: real runs, and one whose texts a hostile stranger wrote."""
import json
import pathlib
import shutil
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402  (the folder must be known first)

LONG = "W" * 60 + "long-name-without-a-blank-" * 5 + "end!"  # more than 190 characters, the first of them wide
TEXTS = [LONG, "\u5145\u96fb\u5668\u306e\u8a66\u9a13 \u8eca\u4e21\u304c\u9ad8\u901f\u5145\u96fb\u306b\u63a5\u7d9a\u3059\u308b", "\u0627\u062e\u062a\u0628\u0627\u0631 \u0634\u0627\u062d\u0646 \u202e evil override <b>",
         "<script>document.title='owned'</script><img src=x onerror=alert(1)>", "\u05e9\u05dc\u05d5\u05dd 12 V & \"9 V\" ]]> --> &amp; '",
         "control \u0001\u0002\u0008\u001f\u007f\u0085\u009f \ufffe\uffff characters\r\n\tand lines", "\U0001f50c\u26a1 \u041f\u0440\u0438\u0432\u0435\u0442 Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dalgo"]

DEFECTS = ["duty_low_3a", "high_rail_11v", "contactor_open_late", "pwm_freq_3pct"]


def with_defects(*defects, name="dut"):
    return bench.dut(name, args=[word for defect in defects for word in ("--defect", defect)])


def make_hostile(run, path):
    """A copy of the run with TEXTS wherever a suite, a DUT statement or a bench puts text."""
    shutil.copy(run.path, path)
    with sqlite3.connect(path) as database:
        for seq, kind, text in database.execute("SELECT seq, kind, text FROM log WHERE kind IN ('case', 'step', 'check', 'verdict', 'message')").fetchall():
            stranger = TEXTS[seq % len(TEXTS)]
            if kind == "verdict":
                text = stranger
            else:
                members = json.loads(text)
                room = {"title": 190, "source": 90, "text": 150, "reason": 150, "clause": 90}  # bytes that the smallest reader has
                for key in room:
                    if isinstance(members.get(key), str):
                        members[key] = stranger.encode()[:room[key]].decode(errors="ignore")
                text = json.dumps(members)
            database.execute("UPDATE log SET text = ? WHERE seq = ?", (text, seq))
        for key in ("dut", "dut_maker", "dut_model", "bench", "limits", "bench_file"):
            database.execute("UPDATE header SET value = ? WHERE key = ?", (TEXTS[len(key) % len(TEXTS)], key))
        database.execute("UPDATE header SET value = ? WHERE key = 'dut'", (LONG,))
        database.execute("UPDATE header SET value = ? WHERE key = 'dut_maker'", (TEXTS[2],))
    return path


def report(run_path, html):
    return bench.pilotbench("report", run_path, "--html", html)
