#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input, as processes: test_bad_inputs.py PILOTBENCH SOURCES

Every file of bad/ begins with a comment that tells the message it must give: what follows the file's name ("4:8: found ..."); what no
file can hold (binary, huge, missing, command lines) stands in the tables below. Each gives exit status 2, exactly one line on stderr
with place, found and expected, nothing on stdout but nothing made, in bounded time and memory.
"""
import concurrent.futures
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 100  # against a hang; healthy ones take 10 s at most (the sandbox's own bound)
PEAK_KB = 400 * 1024

BENCH = b"pilotbench_bench: 1\nname: x\n"
GOOD_SUITE = b'use_case "X" { title = "t", step { id = "1", actor = customer, text = "t", evidence = "added" } }\n'

# name, option (None: a suite), bytes, what follows the file's name
MADE = [
    ("empty.yaml", "--bench", b"", ":1:1: found nothing, expected a document"),
    ("blank.yaml", "--bench", b"\n\n# only a comment\n", ":4:1: found nothing, expected a document"),
    ("binary.yaml", "--bench", bytes(range(256)) * 8, ":1:1: found bytes that are no text"),
    ("latin1.yaml", "--bench", BENCH + b"clock: \xfcber\n", ":3:8: found bytes that are no text"),
    ("zero.yaml", "--bench", b'pilotbench_bench: 1\nname: "a\\0b"\n', ":2:7: found a zero byte in a text, expected characters"),
    ("huge.yaml", "--bench", BENCH + b"# " + b"x" * (1 << 20), ": found more than 1048576 bytes, expected a document of at most 1 MB"),
    ("wide.yaml", "--bench", BENCH + b"".join(b"k%d: 1\n" % i for i in range(80000)), ':3:1: found the unknown key "k0", expected'),
    ("limits.yaml", "--limits", b"\x7fELF" + b"\0" * 100, ":1:1: found bytes that are no text"),
    ("dut.yaml", "--dut", b"\0", ":1:1: found bytes that are no text"),
    ("empty.lua", None, b"", ": found no use_case in the suite, expected at least one"),
    ("binary.lua", None, bytes(range(1, 256)), ":1:1: found the byte 0x01, expected printable UTF-8"),
    ("compiled.lua", None, b"\x1bLuaT\x00\x19\x93\r\n\x1a\n", ": found a compiled suite, expected Lua as text"),
    ("zero.lua", None, b"local a = 1\nlocal b = '\0'\n", ":2:12: found the byte 0x00, expected printable UTF-8"),
    ("latin1.lua", None, b"-- \xfcber\n", ":1:4: found the byte 0xFC, expected printable UTF-8"),
    ("overlong.lua", None, b"--\n--\xc3\xa4 \xc0\xaf\n", ":2:5: found the byte 0xC0, expected printable UTF-8"),
    ("surrogate.lua", None, b"-- \xed\xa0\x80\n", ":1:4: found the byte 0xED, expected printable UTF-8"),
    ("cut.lua", None, b"-- \xe2\x82", ":1:4: found the byte 0xE2, expected printable UTF-8"),
    ("escape.lua", None, b"-- \x1b[2J\n", ":1:4: found the byte 0x1B, expected printable UTF-8"),
    ("huge.lua", None, b"-- " + b"x" * (1 << 20), ": found more than 1 MB, expected a suite of at most that"),
    ("long_line.lua", None, b"local a = " + b"{" * 250 + b"}" * 250, ": found a syntax error (C stack overflow), expected Lua"),
    ("n" * 200 + ".lua", None, b"x = 1\n", ":1: found the global 'x', expected `local x`"),
]

# Command lines: {here} is an empty folder, {good} a suite that is fine. What the message must hold.
LINES = [
    ([], "found no verb, expected one of: run, list"),
    (["frobnicate"], 'found verb "frobnicate", expected one of: run, list'),
    ([""], "found verb nothing, expected one of: run, list"),
    (["run\x1b[2J"], 'found verb "run?[2J", expected one of: run, list'),
    (["run"], "found no case, expected at least one"),
    (["run", "S1", "--with", "S2"], "--with: found a connection (S1 to S3), which changes nothing in S1"),
    (["run", "S1", "--window", "-5 min"], "--window: found -5 min, expected 0 s to 100 h"),
    (["run", "S1", "--window", "200 h"], "--window: found 200 h, expected 0 s to 100 h"),
    (["run", "S1", "--window", "5"], '--window: found "5", expected a number with the unit s'),
    (["run", "S1", "--set", "evse_messages=interval_meterin"], "found the unknown message 'interval_meterin', expected all, none, or names of messages"),
    (["run", "--frob", "S1"], 'found the option "--frob", expected one that `pilotbench run --help` shows'),
    (["run", "-Z", "S1"], 'found the option "-Z", expected one that'),
    (["run", "-qZ", "S1"], 'found the option "-qZ", expected one that'),
    (["run", "S1", "--seed"], 'found the option "--seed", expected one that'),
    (["run", "S1", "--quiet=5"], 'found the option "--quiet=5", expected one that'),
    (["run", "S1", "--seed", "abc"], "found seed 'abc', expected a whole number"),
    (["run", "S1", "--seed", "-1"], "found seed '-1', expected a whole number"),
    (["run", "S1", "--seed", " 1"], "found seed ' 1', expected a whole number"),
    (["run", "S1", "--seed", ""], "found seed '', expected a whole number"),
    (["run", "S1", "--seed", "1e3"], "found seed '1e3', expected a whole number"),
    (["run", "S1", "--seed", "99999999999999999999"], "found seed '99999999999999999999', expected a whole number"),
    (["run", "S1", "--mutate", ""], "--mutate: found no mutation in '', expected one such as drop=1%"),
    (["run", "S1", "--mutate", "drop"], "--mutate: drop: found no value, expected NAME=VALUE"),
    (["run", "S1", "--mutate", "drop=101%"], "--mutate: drop: found the share '101%', expected 0 to 100 %"),
    (["run", "S1", "--mutate", "melt=1%"], "--mutate: melt: found the unknown word, expected drop, delay"),
    (["run", "S1", "--mutate", "delay=1%"], "--mutate: delay: found no `by` with it"),
    (["run", "S1", "--mutate", "delay=1% by=2A"], "--mutate: by: found the delay '2A', expected a time such as 1s"),
    (["run", "S1", "--mutate", "drop=1% only=nothing"], "--mutate: only: found the unknown message 'nothing'"),
    (["run", "S1", "--mutate", "oversize=1% size=0"], "--mutate: size: found the size '0', expected 1 to 100000 bytes"),
    (["run", "S1", "--rule", "lenient"], "found rule 'lenient', expected simple, guarded or non-binary"),
    (["run", "S1", "--set", "nonsense"], "--set nonsense: found no '=', expected name=value"),
    (["run", "S1", "--set", "=5"], "--set =5: found the unknown name '', expected one of: rated_current"),
    (["run", "S1", "--set", "power_upp=5 s"], "found the unknown name 'power_upp', expected one of: rated_current"),
    (["run", "S1", "--set", "programs=U1U2"], "--set programs=U1U2: found programs 'U1U2', expected some of U1 U2 U3 U4 U5"),
    (["run", "S1", "--speed", "fast"], "found speed 'fast', expected 0.001 to 1e9"),
    (["run", "S1", "--set", "power_up=5"], '--set power_up=5: found "5", expected a number with the unit s'),
    (["run", "S1", "--set", "power_up="], "--set power_up=: found nothing, expected a number with the unit s"),
    (["run", "S1", "--set", "power_up=1 d"], 'found "1 d", expected 1 ms to 10 min'),
    (["run", "S1", "--set", "rated_current=nan"], 'found "nan", expected a number with the unit A'),
    (["run", "S1", "--set", "a\nb\x1b[2J"], "--set a?b?[2J: found no '=', expected name=value"),
    (["run", "S1", "--set", "\xff\xfe=1"], "expected one of: rated_current"),
    (["run", "S1", "S1"], "found case 'S1' a second time, expected each once"),
    (["run", "{good}", "{good}"], "a second time, expected each once"),
    (["run", "{good}", "./{good}"], 'found use_case "X" a second time, expected each once'),
    (["run", "S1"] + ["%d" % i for i in range(64)], "found more than 64 cases, expected at most that"),
    (["run", "S99"], "found no case 'S99', expected one that `pilotbench list` shows, or a .lua file"),
    (["run", ""], "found no case '', expected one that"),
    (["run", ".."], "found no case '..', expected one that"),
    (["run", "..%2f..%2fetc%2fpasswd"], "found no case '..%2f..%2fetc%2fpasswd', expected one that"),
    (["run", "S1-nosuch"], "found no case 'S1-nosuch', expected one that"),
    (["run", "s" * 5000], "expected one that"),
    (["run", "../../../../no/such/suite"], "../../../../no/such/suite: found no readable file"),
    (["run", "{here}/S1.lua"], "/S1.lua: found no readable file (No such file or directory), expected a suite"),
    (["run", "{here}/"], ": found no readable file (Is a directory), expected a suite"),
    (["run", "/proc/self/mem"], "/proc/self/mem: found no readable file (Input/output error), expected a suite"),
    (["run", "/dev/zero"], "/dev/zero: found more than 1 MB, expected a suite of at most that"),
    (["run", "S1", "--bench", "{here}"], ": found no readable file (Is a directory), expected a document"),
    (["run", "S1", "--bench", "{here}/no.yaml"], "/no.yaml: found no readable file (No such file or directory), expected a document"),
    (["run", "S1", "--bench", "/proc/self/mem"], "/proc/self/mem: found no readable file (Input/output error), expected a document"),
    (["run", "S1", "--bench", ""], "found no readable file (No such file or directory), expected a document"),
    (["run", "S1", "--dut", "{here}/no.yaml"], "/no.yaml: found no readable file"),
    (["run", "S1", "--limits", "{here}/no.yaml"], "/no.yaml: found no readable file"),
    (["run", "S1", "--limits", "/dev/zero"], "/dev/zero: found more than 1048576 bytes, expected a document of at most 1 MB"),
    (["run", "S1", "--out", "{good}"], ": found a file of that name, expected a new one (a run never overwrites)"),
    (["run", "S1", "--out", "{here}"], ": found a folder of that name, expected a file's"),
    (["run", "S1", "--out", ""], "--out : found no file name, expected one"),
    (["run", "S1", "--out", "{here}/x/"], "/x/: found no file name, expected one"),
    (["run", "S1", "--out", "/proc/x/y.pbrun"], "/proc/x: found a folder that cannot be made (No such file or directory), expected one"),
    (["run", "S1", "--out", "{good}/y.pbrun"], "/y.pbrun: found no way to make the run file (Not a directory), expected a folder"),
    (["run", "S1", "--out", "x" * 5000], "found a path of 5000 bytes, expected a shorter one"),
    (["run", "S1", "--out", "x" * 300], "found no way to make the run file (File name too long), expected a folder"),
    (["run", "S1", "--junit", "{here}/no/junit.xml"], "/no/junit.xml: found no folder to write it into (No such file or directory), expected one"),
    (["run", "S1", "--junit", "{here}"], ": found a folder of that name, expected a file's"),
    (["run", "S1", "--html", "{here}/no/page.html"], "/no/page.html: found no folder to write it into (No such file or directory), expected one"),
    (["run", "S1", "--window", "6"], 'found "6", expected a number with the unit s'),
    (["report"], "found no run file, expected one"),
    (["report", "a.pbrun", "b.pbrun"], "found a second run file 'b.pbrun', expected one"),
    (["report", "{here}/no.pbrun"], "/no.pbrun: cannot be opened: No such file or directory"),
    (["list", "S1"], "found 'S1', expected options only"),
    (["list", "--frob"], 'found the option "--frob", expected one that `pilotbench list --help` shows'),
    (["list", "--dut", "{here}/no.yaml"], "/no.yaml: found no readable file"),
    (["verify"], "found no run file, expected at least one"),
    (["verify", "--frob"], 'found the option "--frob", expected one that `pilotbench verify --help` shows'),
    (["verify", "{here}/no.pbrun"], "/no.pbrun: cannot be opened: No such file or directory"),
    (["verify", "{good}"], "good.lua: "),
    (["rejudge"], "found no run file, expected at least one"),
    (["rejudge", "{here}/no.pbrun"], "/no.pbrun: cannot be opened: No such file or directory"),
    (["tell"], "tell: found 0 words, expected RUN abort|status|comment|answer [TEXT]"),
    (["tell", "x", "frob"], "tell: found 'frob', expected abort, status, comment or answer"),
    (["tell", "{here}/no.pbrun", "status"], "/no.pbrun.sock: no run listens here"),
]


class Mistake(Exception):
    """What a case did that it must not."""


def run(program, arguments, folder, environment):
    """Runs in a folder of its own; returns exit status, stdout, stderr, peak kB."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen([program, *[a.encode("latin-1") for a in arguments]], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=err, env=environment)
        try:
            child.wait(SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise Mistake(f"still ran after {SECONDS} s") from None
        out.seek(0)
        err.seek(0)
        return child.returncode, out.read(), err.read()


def check(program, arguments, folder, environment, expected, words=True):
    before = sorted(os.listdir(folder))
    status, out, err = run(program, arguments, folder, environment)
    message = err.decode("utf-8", "replace")
    if status != 2:
        raise Mistake(f"exit status {status}, expected 2; stderr: {message!r}")
    if out:
        raise Mistake(f"wrote to stdout: {out[:200]!r}")
    if message.count("\n") != 1 or not message.endswith("\n"):
        raise Mistake(f"{message.count(chr(10))} lines on stderr, expected 1: {message!r}")
    if not message[:-1].isprintable() or "\ufffd" in message:
        raise Mistake(f"not printable: {message!r}")
    if expected not in message:
        raise Mistake(f"said {message.strip()!r}, expected {expected!r} in it")
    if words and not (re.search(r"\bfound\b", message) and "expected" in message):
        raise Mistake(f"said {message.strip()!r}, expected the words found and expected in it")
    if sorted(os.listdir(folder)) != before:
        raise Mistake(f"made {sorted(set(os.listdir(folder)) - set(before))}")


def cases(scratch):
    """name, arguments, what the message holds, whether it must say found and expected."""
    options = {"bench": "--bench", "dut": "--dut", "limits": "--limits"}
    for path in sorted(HERE.glob("bad/*/*")):
        first = path.read_text("utf-8").split("\n", 1)[0]
        told = re.fullmatch(r"(?:#|--) expect: (.+)", first)
        if not told:
            yield str(path.relative_to(HERE)), None, "no first line '# expect: ...'", True
            continue
        expected = told[1] if told[1].startswith(("found", "expected")) else f"{path}:{told[1]}"
        kind = path.parent.name
        arguments = ["run", str(path)] if kind == "suite" else ["run", "S1", options[kind], str(path)]
        if kind == "dut":  # without a bench each device finds one that can hold it
            arguments += ["--bench", str(HERE.parents[1] / "fixtures/benches/virtual.yaml")]
        yield f"{kind}_{path.stem}", arguments, expected, True
    for name, option, content, expected in MADE:
        path = scratch / name
        path.write_bytes(content)
        arguments = ["run", str(path)] if option is None else ["run", "S1", option, str(path)]
        short = str(path)[-60:] if len(str(path)) > 110 else str(path)
        yield "made_" + name[:40].replace(".", "_"), arguments, short + expected, True
    good = scratch / "good.lua"
    good.write_bytes(GOOD_SUITE)
    unreadable = scratch / "unreadable.yaml"
    unreadable.write_bytes(BENCH)
    unreadable.chmod(0)
    if not os.access(unreadable, os.R_OK):
        yield "unreadable", ["run", "S1", "--bench", str(unreadable)], ": found no readable file (Permission denied), expected a document", True
    for i, (arguments, expected) in enumerate(LINES):
        filled = [a.replace("./{good}", f"{scratch}/./good.lua").replace("{here}", str(scratch / "here")).replace("{good}", str(good))
                  for a in arguments]
        words = not re.search(r"\.pbrun|^good", expected) or "found" in expected
        yield f"line_{i + 1}_" + re.sub(r"\W+", "_", " ".join(arguments))[:40], filled, expected, words


def main(program, sources):
    environment = {k: v for k, v in os.environ.items() if k != "PB_DATA"} | {"PB_DATA": sources, "LC_ALL": "C.UTF-8"}
    failed = passed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        scratch = pathlib.Path(folder)
        (scratch / "here").mkdir()

        def one(case):
            name, arguments, expected, words = case
            try:
                if arguments is None:
                    raise Mistake(expected)
                own = tempfile.mkdtemp(dir=folder, prefix="cwd")
                check(program, arguments, own, environment, expected, words)
                return name, None
            except Mistake as mistake:
                return name, mistake

        for name, mistake in pool.map(one, list(cases(scratch))):
            if mistake:
                failed += 1
                print(f"{mistake}\n[  FAILED  ] {name}")
            else:
                passed += 1
                print(f"[       OK ] {name}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if peak > PEAK_KB and not os.environ.get("ASAN_OPTIONS") and b"__asan" not in pathlib.Path(program).read_bytes():
        print(f"a process took {peak} kB, expected at most {PEAK_KB}\n[  FAILED  ] memory")
        failed += 1
    print(f"{passed} passed, {failed} failed; largest process {peak} kB")
    return 1 if failed or passed < 60 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
