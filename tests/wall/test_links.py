# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway or a utility at the end of real links, on the wall clock. At the other end: a gateway in Python whose messages python3-jsonschema has validated
(gateway.py), openssl, and our stubs behind socat; certificates are openssl's. No time of this machine is judged but that nothing hangs."""
import concurrent.futures
import contextlib
import functools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_contains, check_equal  # noqa: E402

HERE = pathlib.Path(__file__).parent
TALK = str(HERE / "talk.lua")
GATEWAY = [sys.executable, str(HERE / "gateway.py")]
SAFE = """safe:
  - {output: world.draw, settle: 5 ms}
  - {output: world.residual}
  - {output: world.s2, settle: 5 ms}
  - {output: world.mains, settle: 10 ms}
  - {output: world.cp_short}
  - {output: world.diode_short}
  - {output: world.plug, settle: 5 ms}
  - {output: world.pe_break}
  - {output: world.no_vent}
measuring: {think_min: 10 ms, think_max: 20 ms, schedule_window: 24 s}
"""
_number, _ports = iter(range(10**6)), iter(range(10**6))
_lock = threading.Lock()
processes = []


def unique(stem):
    with _lock:
        return f"{stem}{next(_number)}"


def port():
    """One that nobody has, nor gets without asking for it: below those that the kernel gives to who connects."""
    while True:
        with _lock:
            number = 12000 + (os.getpid() * 64 + next(_ports)) % 20000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", number))
                return number
            except OSError:
                continue


def link(role, address, **more):
    words = "".join(f", {key}: {value}" for key, value in more.items())
    how = f"exec: [{', '.join(repr(str(word)) for word in address)}]" if isinstance(address, list) else f"link: '{address}'"
    return f"{{driver: jsonl, role: {role}, {how}, wait: {more.pop('wait', '20 s')}{words}}}" if "wait" not in words else \
        f"{{driver: jsonl, role: {role}, {how}{words}}}"


def bench_file(premise, utility, has_world=False):
    """premise, utility: what link() gives; None: the world's."""
    lines = ["pilotbench_bench: 1", "name: links", "clock: wall", "instruments:"]
    lines += ["  world: {driver: virtual, sample_rate: 1 MHz}"] if has_world else []
    lines += [f"  {name}: {text}" for name, text in (("premise", premise), ("upstream", utility)) if text]
    if has_world:
        lines += ["roles: {" + ", ".join(f"{role}: {name}.messages" for role, name, text in (("esci", "premise", premise), ("utility", "upstream", utility)) if text) + "}"]
    return bench.write(unique("links") + ".yaml", "\n".join(lines) + "\n" + (SAFE if has_world else "safe: []\n"))


def statement(actor="esci"):
    """Of the fixtures' stub, but at the end of a link: no program."""
    text = (bench.SOURCE / f"fixtures/duts/stub-{actor}.yaml").read_text()
    return bench.write(unique(actor) + ".yaml", re.sub(r"^process:.*\n", "", text, flags=re.MULTILINE))


def start(*words):
    path = bench.FOLDER / (unique("peer") + ".log")
    with open(path, "w", encoding="utf-8") as log:
        process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    process.log = path
    with _lock:
        processes.append(process)
    return process


def end(*those):
    for process in those:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_path(path):
    stop = time.monotonic() + bench.HANG_S
    while not os.path.exists(path) and time.monotonic() < stop:
        time.sleep(0.01)
    return path


def await_open(process, *paths):
    """Until it has these terminals open: they give no sign of who is at the other end."""
    wanted = {os.path.realpath(path) for path in paths}
    stop = time.monotonic() + bench.HANG_S
    while time.monotonic() < stop and process.poll() is None:
        with contextlib.suppress(OSError):
            if wanted <= {os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")}:
                break
        time.sleep(0.01)
    time.sleep(0.05)  # and set to raw, which throws away what was there
    return process


def run(file, cases=(TALK,), dut=None, **words):
    with bench.Run.making:
        return bench.Run(*cases, bench=file, dut=dut or statement(), **words)


def notes(of):
    return [row.text for row in of.rows("note") if row.name in ("esci", "utility")]


def certificates():
    """An authority with a gateway and a bench, and another one's stranger; by openssl. Returns their folder."""
    folder = bench.FOLDER / unique("tls")
    folder.mkdir()

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for authority, names in (("ca", ("gateway", "bench")), ("other", ("stranger",))):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={authority}",
                "-keyout", f"{authority}.key", "-out", f"{authority}.pem")
        for name in names:
            (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial", "-days", "2",
                    "-extfile", "names", "-out", f"{name}.pem")
    return folder


def of_bench(folder, name="bench", ca="ca"):
    return {"ca": folder / f"{ca}.pem", "cert": folder / f"{name}.pem", "key": folder / f"{name}.key"}


def of_gateway(folder, name="gateway", ca="ca"):
    return [f"ca={folder}/{ca}.pem", f"cert={folder}/{name}.pem", f"key={folder}/{name}.key"]


# ---- every transport, against a gateway that is not ours ----

def talk_tcp():
    a, b = port(), port()
    file = bench_file(link("esci", f"tcp:127.0.0.1:{a}", listen="true"), link("utility", f"tcp:127.0.0.1:{b}", listen="true"))
    return run(file), [start(*GATEWAY, f"tcp:{a}", f"tcp:{b}")]


def talk_tcp_bench_connects():
    a, b = port(), port()
    gateway = start(*GATEWAY, f"tcp-listen:{a}", f"tcp-listen:{b}")
    return run(bench_file(link("esci", f"tcp:127.0.0.1:{a}", retry="50 ms"), link("utility", f"tcp:127.0.0.1:{b}", retry="50 ms"))), [gateway]


def talk_tls():
    a, b, folder = port(), port(), certificates()
    file = bench_file(link("esci", f"tls:127.0.0.1:{a}", listen="true", **of_bench(folder)), link("utility", f"tls:127.0.0.1:{b}", listen="true", **of_bench(folder)))
    return run(file), [start(*GATEWAY, f"tls:{a}", f"tls:{b}", *of_gateway(folder))]


def talk_tls_bench_connects():
    a, b, folder = port(), port(), certificates()
    gateway = start(*GATEWAY, f"tls-listen:{a}", f"tls-listen:{b}", *of_gateway(folder))
    return run(bench_file(*(link(role, f"tls:127.0.0.1:{number}", retry="50 ms", name="127.0.0.1", **of_bench(folder))
                            for role, number in (("esci", a), ("utility", b))))), [gateway]


def talk_unix():
    a, b = (str(bench.FOLDER / unique("s")) for _ in range(2))
    file = bench_file(link("esci", f"unix:{a}", listen="true"), link("utility", f"unix:{b}", listen="true"))
    return run(file), [start(*GATEWAY, f"unix:{a}", f"unix:{b}")]


def talk_pty():
    ends = [str(bench.FOLDER / unique("pty")) for _ in range(4)]
    relays = [start("socat", f"PTY,raw,echo=0,link={ends[i]}", f"PTY,raw,echo=0,link={ends[i + 1]}") for i in (0, 2)]
    for path in ends:
        await_path(path)
    gateway = await_open(start(*GATEWAY, f"pty:{ends[1]}", f"pty:{ends[3]}"), ends[1], ends[3])
    return run(bench_file(link("esci", f"pty:{ends[0]}"), link("utility", f"pty:{ends[2]}"))), [gateway] + relays


def talk_stdio():
    a = str(bench.FOLDER / unique("s"))
    file = bench_file(link("esci", GATEWAY + ["stdio", f"unix:{a}"]), link("utility", f"unix:{a}", listen="true"))
    return run(file), []


TALKS = (talk_tcp, talk_tcp_bench_connects, talk_tls, talk_tls_bench_connects, talk_unix, talk_pty, talk_stdio)


def talk(way):
    of, peers = way()
    of.wait()
    end(*peers)
    return of, peers


def test_a_gateway_that_is_not_ours_passes_over_every_transport():
    with concurrent.futures.ThreadPoolExecutor(len(TALKS)) as pool:
        done = dict(zip(TALKS, pool.map(talk, TALKS)))
    for way, (of, peers) in done.items():
        log = peers[0].log.read_text() if peers else ""
        check_equal(of.code, bench.EXIT_PASS, f"{way.__name__}: exit status ({of.err.strip()[-300:]} {log[-300:]})")
        check_equal([verdict for _, verdict, _ in of.verdicts()], ["pass"] * 3, f"{way.__name__}: verdicts")
        up = [text for text in notes(of) if " is up" in text]
        check_equal(len(up), 2, f"{way.__name__}: links that came up, of {notes(of)}")
        if "tls" in way.__name__:
            check(all("TLSv1.3" in text and "CN = gateway" in text for text in up), f"{way.__name__}: notes are {up}, expected TLSv1.3 and CN = gateway in each")
        heard = [row for row in of.rows("message") if row.c == 2]
        check_equal([row.name for row in heard], ["session_open", "vin"], f"{way.__name__}: messages heard")
        sent = {row.name: row.at_ns for row in of.rows("message") if row.c == 1}
        for row in heard:
            check(row.at_ns > sent[row.name], f"{way.__name__}: {row.name} heard at {row.at_ns} ns, expected after it was sent at {sent[row.name]} ns")


# ---- S1 with our stubs, behind relays that are not ours ----

def stub(actor, *links):
    premise = ["--premise", "P-1", "--quiet", "7200"] if actor == "esci" else []
    return [bench.BUILD / f"stub-{actor}", *premise, *links]


def s1_tcp(actor, *more):
    a, b = port(), port()
    premise = link("esci", f"tcp:127.0.0.1:{a}", listen="true") if actor == "esci" else None
    file = bench_file(premise, link("utility", f"tcp:127.0.0.1:{b}", listen="true"), has_world=True)
    links = [f"--utility-link=tcp:127.0.0.1:{b}"] + ([f"--premise-link=tcp:127.0.0.1:{a}"] if premise else [])
    return run(file, ["S1"], statement(actor)), [start(*stub(actor, *links, *more))]


def s1_tls(actor):
    """The stub speaks plainly to socat, which has the certificates."""
    folder, names = certificates(), ["utility"] + (["esci"] if actor == "esci" else [])
    ports = {name: (port(), port()) for name in names}
    file = bench_file(*(link(role, f"tls:127.0.0.1:{ports[role][0]}", listen="true", **of_bench(folder)) if role in ports else None for role in ("esci", "utility")),
                      has_world=True)
    of = run(file, ["S1"], statement(actor))
    options = f"cafile={folder}/ca.pem,cert={folder}/gateway.pem,key={folder}/gateway.key,verify=1,commonname=bench"
    relays = [start("socat", f"TCP-LISTEN:{inner},bind=127.0.0.1,reuseaddr", f"OPENSSL:127.0.0.1:{outer},retry=200,interval=0.1,{options}") for outer, inner in ports.values()]
    links = [f"--{'premise' if role == 'esci' else role}-link=tcp:127.0.0.1:{inner}" for role, (_, inner) in ports.items()]
    return of, [start(*stub(actor, *links))] + relays


def s1_unix(actor):
    a, b = (str(bench.FOLDER / unique("s")) for _ in range(2))
    links = [f"--utility-link=unix-listen:{b}"] + ([f"--premise-link=unix-listen:{a}"] if actor == "esci" else [])
    peer = start(*stub(actor, *links))
    premise = link("esci", f"unix:{a}", retry="50 ms") if actor == "esci" else None
    return run(bench_file(premise, link("utility", f"unix:{b}", retry="50 ms"), has_world=True), ["S1"], statement(actor)), [peer]


def s1_pty(actor):
    roles = ["utility"] + (["esci"] if actor == "esci" else [])
    ends = {role: [str(bench.FOLDER / unique("pty")) for _ in range(2)] for role in roles}
    relays = [start("socat", *(f"PTY,raw,echo=0,link={path}" for path in pair)) for pair in ends.values()]
    for pair in ends.values():
        for path in pair:
            await_path(path)
    peer = start(*stub(actor, *(f"--{'premise' if role == 'esci' else role}-link=pty:{pair[1]}" for role, pair in ends.items())))
    await_open(peer, *(pair[1] for pair in ends.values()))
    file = bench_file(*(link(role, f"pty:{ends[role][0]}") if role in ends else None for role in ("esci", "utility")), has_world=True)
    return run(file, ["S1"], statement(actor)), [peer] + relays


def s1_stdio(actor):
    if actor == "utility":
        return run(bench_file(None, link("utility", stub(actor, "--utility-link=stdio")), has_world=True), ["S1"], statement(actor)), []
    b = str(bench.FOLDER / unique("s"))
    words = stub(actor, "--premise-link=stdio", f"--utility-link=unix:{b}")
    return run(bench_file(link("esci", words), link("utility", f"unix:{b}", listen="true"), has_world=True), ["S1"], statement(actor)), []


def s1(job):
    way, actor, *more = job
    of, peers = way(actor, *more)
    of.wait()
    end(*peers)
    return of


WAYS = (s1_tcp, s1_tls, s1_unix, s1_pty, s1_stdio)


HEALTHY = [(way, actor) for way in WAYS for actor in ("esci", "utility")]
# docs/kill-matrix-peers.md has the same on simulated time: the first check to fail.
FIRSTS = {("esci", "double_confirmation"): "S1/messages/unexpected", ("esci", "wrong_session_number"): "S1/15/session_report",
          ("utility", "wrong_payer"): "S1/16/session_record", ("utility", "double_session_record"): "S1/messages/unexpected"}


@functools.cache
def all_s1():
    """Together: they wait most of their time. Runs by job."""
    jobs = HEALTHY + [(s1_tcp, actor, f"--defect={defect}") for actor, defect in FIRSTS]
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        return dict(zip(jobs, pool.map(s1, jobs)))


def test_s1_passes_on_the_wall_clock_with_each_cast_over_every_transport():
    for way, actor in HEALTHY:
        of = all_s1()[way, actor]
        others = [row for row in of.verdicts() if row[1] != "pass"]
        check_equal((of.code, others), (bench.EXIT_PASS, []), f"{way.__name__}, {actor}: exit status, what did not pass ({of.err.strip()[-300:]})")
        check_equal(of.verdict.get("judged"), 23 if actor == "esci" else 11, f"{way.__name__}, {actor}: judged", "checks")
        check_equal(of.header().get("clock"), "wall", f"{way.__name__}, {actor}: clock in the header")
        check_contains(of.header().get("self_test", ""), "self-test of the bench", f"{way.__name__}, {actor}: head of the record")
        bench.check_safe(of)


def test_a_defect_is_found_over_a_link_too_by_the_check_that_the_matrix_names():
    for (actor, defect), first in FIRSTS.items():
        of = all_s1()[s1_tcp, actor, f"--defect={defect}"]
        failed = [name for name, verdict, _ in of.verdicts() if verdict == "fail"]
        check_equal(of.code, bench.EXIT_FAIL, f"{actor} {defect}: exit status ({of.err.strip()[-300:]})")
        check_equal(failed[:1], [first], f"{actor} {defect}: first to fail")


# ---- what a device says that is no message; and too much of it ----

def talk_badly(word):
    a, b = port(), port()
    file = bench_file(link("esci", f"tcp:127.0.0.1:{a}", listen="true"), link("utility", f"tcp:127.0.0.1:{b}", listen="true"))
    of, peer = run(file), start(*GATEWAY, f"tcp:{a}", f"tcp:{b}", word)
    of.wait()
    end(peer)
    return of


def test_a_line_that_is_no_message_is_the_devices_fault_not_the_benchs():
    words = ("garbage", "oversize", "half", "flood", "wrong")
    with concurrent.futures.ThreadPoolExecutor(len(words)) as pool:
        done = dict(zip(words, pool.map(talk_badly, words)))
    for word, of in done.items():
        verdicts = {name: verdict for name, verdict, _ in of.verdicts()}
        check_equal(of.code, bench.EXIT_FAIL, f"{word}: exit status ({of.err.strip()[-300:]})")
        check_equal(verdicts, {"talk/2/session_open": "pass", "talk/3/vin": "fail" if word == "wrong" else "pass", "talk/messages/unexpected": "fail"}
                    if word != "wrong" else verdicts, f"{word}: verdicts")
    check_equal(dict((name, verdict) for name, verdict, _ in done["wrong"].verdicts()).get("talk/3/vin"), "fail", "wrong: verdict of what was passed on")
    odd = {word: [row for row in of.rows("message") if row.name == "?"] for word, of in done.items()}
    check_equal(len(odd["garbage"]), 2, "garbage: lines recorded as they came")
    check_contains(odd["garbage"][0].text, "hello, bench", "garbage: the first")
    check_equal([len(row.text) for row in odd["oversize"]], [65538], "oversize: the record keeps", "characters of one line")
    check_equal(len(odd["half"]), 1, "half: a whole message without its newline is none", "lines recorded")
    check_contains(" ".join(notes(done["half"])), "the end of the stream after", "half: notes")
    check_contains(" ".join(notes(done["oversize"])), "a line of more than 65536 bytes", "oversize: notes")
    lasted_s = max(row.at_ns for row in done["flood"].rows()) / 1e9
    check(200 <= len(odd["flood"]) <= 200 * (lasted_s + 1) + 1, f"flood: {len(odd['flood'])} lines taken in {lasted_s:.1f} s, expected 200 a second and 200 at first, at most")


def test_a_message_that_is_awaited_is_not_taken_for_another_whose_number_is_64_higher():
    """session_open is number 0 of the catalogue, portal_completion 64, and what is no message at all has the number behind the last."""
    say = """import json, sys, time
for wait, line in ((0.3, "no message"), (0.3, {"type": "portal_completion", "to": "operations", "fields": {"energy_wh": 5000}}),
                   (1.0, {"type": "session_open", "to": "pev", "fields": {"initiator": "esci"}})):
    time.sleep(wait)
    print(line if isinstance(line, str) else json.dumps({"v": 1, "from": "esci", "id": 1, "at_ns": 0, **line}), flush=True)
sys.stdin.read()
"""
    peer = bench.write(unique("says") + ".py", say)
    for name in ("session_open", "portal_completion"):
        suite = bench.write(unique("awaits") + ".lua", f"""use_case "awaits" {{ title = "What is awaited", source = "none: a test", needs = {{ "esci" }},
  step {{ id = "1", actor = esci, evidence = "added", text = "says it", sees = sent("{name}", s(10)), of = esci }},
}}
""")
        silent = [sys.executable, "-c", "__import__('sys').stdin.read()"]
        of = run(bench_file(link("esci", [sys.executable, str(peer)]), link("utility", silent)), [str(suite)])
        of.wait()
        check_equal(dict(row[:2] for row in of.verdicts()).get("awaits/1/message"), "pass", f"{name}: verdict of what is awaited ({of.err.strip()[-300:]})")
        check_contains(bench.pilotbench("rejudge", of.path).out, ", 0 differ", f"{name}: judged again")


def test_what_a_suite_injects_goes_over_a_link_as_it_is():
    a, b = port(), port()
    file = bench_file(link("esci", f"tcp:127.0.0.1:{a}", listen="true"), link("utility", f"tcp:127.0.0.1:{b}", listen="true"))
    of, peer = run(file, ["Robust-invalid", "Robust-long"]), start(*stub("esci", f"--premise-link=tcp:127.0.0.1:{a}", f"--utility-link=tcp:127.0.0.1:{b}"))
    of.wait()
    end(peer)
    check_equal(of.code, bench.EXIT_PASS, f"exit status ({of.err.strip()[-300:]})")
    check_equal([verdict for _, verdict, _ in of.case_verdicts()], ["pass", "pass"], "verdicts of the cases")
    injected = [row for row in of.rows("message") if row.c > 4]
    check(len(injected) >= 2, f"{len(injected)} injected messages in the record, expected one a case at least")


# ---- links that are lost, or never there ----

def test_a_link_that_comes_back_in_time_is_noted_and_the_run_goes_on():
    a, b = port(), port()
    of = run(bench_file(link("esci", f"tcp:127.0.0.1:{a}", listen="true"), link("utility", f"tcp:127.0.0.1:{b}", listen="true")))
    peer = start(*GATEWAY, f"tcp:{a}", f"tcp:{b}", "back")
    of.wait()
    end(peer)
    check_equal(of.code, bench.EXIT_PASS, f"exit status ({of.err.strip()[-300:]})")
    seen = [text for text in notes(of) if str(b) in text]
    check_equal([" is lost" in text for text in seen], [False, True, False], f"up, lost, up: {seen}")


def test_a_link_that_stays_away_is_a_bench_error_with_its_name():
    a, b = port(), port()
    of = run(bench_file(link("esci", f"tcp:127.0.0.1:{a}", listen="true", wait="500 ms"), link("utility", f"tcp:127.0.0.1:{b}", listen="true", wait="20 s")))
    peer = start(*GATEWAY, f"tcp:{a}", f"tcp:{b}", "leave")
    of.wait()
    end(peer)
    check_equal(of.code, bench.EXIT_ERROR, f"exit status ({of.err.strip()[-300:]})")
    check_contains(of.err, f"tcp:127.0.0.1:{a}: nobody was there within 0.5 s", "message")
    check_equal([verdict for _, verdict, _ in of.case_verdicts()], ["error"], "the case's verdict")


def test_who_never_comes_and_a_program_that_ends_are_bench_errors():
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    a, b, used = port(), port(), taken.getsockname()[1]
    other = link("utility", f"tcp:127.0.0.1:{b}", listen="true")
    jobs = {"nobody was there within 0.3 s": link("esci", f"tcp:127.0.0.1:{a}", listen="true", wait="300 ms"),
            "Connection refused": link("esci", f"tcp:127.0.0.1:{port()}", wait="300 ms", retry="50 ms"),
            "the program has ended (exit status 7)": link("esci", ["/bin/sh", "-c", "exit 7"]),
            "somebody listens there already": link("esci", f"tcp:127.0.0.1:{used}", listen="true"),
            "no-such-pty": link("esci", "pty:/dev/no-such-pty", wait="300 ms")}
    for text, premise in jobs.items():
        of = run(bench_file(premise, other)).wait()
        check_equal(of.code, bench.EXIT_ERROR, f"{text}: exit status ({of.err.strip()[-300:]})")
        check_contains(of.err, text, "message")
    taken.close()


# ---- certificates ----

def test_a_bench_that_connects_refuses_a_wrong_certificate_at_once():
    folder = certificates()
    a, b, c = port(), port(), port()
    servers = [start("openssl", "s_server", "-accept", f"127.0.0.1:{number}", "-cert", folder / f"{name}.pem", "-key", folder / f"{name}.key", "-CAfile",
                     folder / "ca.pem", "-Verify", "1", "-verify_return_error", "-quiet") for number, name in ((a, "stranger"), (b, "gateway"), (c, "gateway"))]
    other = link("utility", f"tcp:127.0.0.1:{port()}", listen="true")
    jobs = {"certificate verify failed (unable to get local issuer certificate)": link("esci", f"tls:127.0.0.1:{a}", retry="50 ms", **of_bench(folder)),
            "mismatch": link("esci", f"tls:127.0.0.1:{b}", retry="50 ms", name="gateway.example", **of_bench(folder)),
            "alert": link("esci", f"tls:127.0.0.1:{c}", retry="50 ms", **of_bench(folder, "stranger"))}
    for text, premise in jobs.items():
        of = run(bench_file(premise, other)).wait()
        check_equal(of.code, bench.EXIT_ERROR, f"{text}: exit status ({of.err.strip()[-300:]})")
        check_contains(of.err, text, "message")
        check("within 20 s" not in of.err, f"{text}: {of.err.strip()!r}, expected the end at the first try, not after `wait`")
    end(*servers)


def test_a_bench_that_listens_lets_strangers_out_and_the_right_one_in():
    folder = certificates()
    a, b = port(), port()
    of = run(bench_file(*(link(role, f"tls:127.0.0.1:{number}", listen="true", **of_bench(folder)) for role, number in (("esci", a), ("utility", b)))))
    stop = time.monotonic() + bench.HANG_S
    for words in (["-cert", folder / "stranger.pem", "-key", folder / "stranger.key"], []):
        refused = None
        while time.monotonic() < stop:
            refused = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{a}", "-quiet", "-CAfile", folder / "ca.pem", *map(str, words)],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=bench.HANG_S, check=False)
            if b"errno=111" not in refused.stderr:
                break
            time.sleep(0.05)
    peer = start(*GATEWAY, f"tls:{a}", f"tls:{b}", *of_gateway(folder))
    of.wait()
    end(peer)
    check_equal(of.code, bench.EXIT_PASS, f"exit status ({of.err.strip()[-300:]} {peer.log.read_text()[-300:]})")
    strangers = [text for text in notes(of) if "was not let in" in text]
    check_equal(len(strangers), 2, f"strangers in the record, of {notes(of)}")
    check(any("certificate verify failed" in text for text in strangers), f"{strangers}, expected the wrong authority among them")
    check(any("peer did not return a certificate" in text for text in strangers), f"{strangers}, expected one without a certificate among them")


# ---- ends ----

def test_a_killed_harness_leaves_the_world_safe_and_no_program_behind():
    b = str(bench.FOLDER / unique("s"))
    mark = bench.write(unique("pid"), "")
    words = ["/bin/sh", "-c", f'echo $$ > {mark}; exec "$@"', "sh", *map(str, stub("esci", "--premise-link=stdio", f"--utility-link=unix:{b}"))]
    of = run(bench_file(link("esci", words), link("utility", f"unix:{b}", listen="true"), has_world=True), ["S1"])
    stop = time.monotonic() + bench.HANG_S
    check(of.wait_for_log("bench set mains=1"), "the supply was switched on")
    of.process.send_signal(signal.SIGKILL)
    of.wait()
    check(of.wait_for_end_of_world(), "the world has told how it was left")
    bench.check_safe(of)
    pid = int(mark.read_text())
    while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < stop:
        time.sleep(0.02)
    check(not pathlib.Path(f"/proc/{pid}").exists(), f"the program {pid} still runs, expected it to end with its input")


def test_the_example_of_the_manual_judges_all_that_s1_says_of_a_gateway():
    done = bench.pilotbench("list", "--bench", bench.SOURCE / "fixtures/benches/gateway-links.yaml", "--dut", bench.SOURCE / "fixtures/duts/stub-esci-link.yaml")
    check_equal(done.code, 0, f"exit status of list ({done.err.strip()})")
    check_contains(done.out, "(23 checks)", "what of S1 would be judged")


def test_a_gateway_that_has_one_link_or_a_program_besides_is_refused():
    a = link("esci", f"tcp:127.0.0.1:{port()}", listen="true")
    b = link("utility", f"tcp:127.0.0.1:{port()}", listen="true")
    for file, dut, text in ((bench_file(a, None, has_world=True), statement(), "found esci as the device and no real link for role utility"),
                            (bench_file(a, b, has_world=True), bench.peer_dut("esci"), "found a program for esci, expected none")):
        done = bench.pilotbench("run", "S1", "--bench", file, "--dut", dut, "--out", bench.FOLDER / "refused.pbrun")
        check_equal(done.code, bench.EXIT_INPUT, f"exit status ({done.err.strip()})")
        check_contains(done.err, text, "message")


for tool in ("socat", "openssl"):
    if not shutil.which(tool):
        print(f"skipped: {tool} is not installed")
        sys.exit(77)
try:
    import jsonschema  # noqa: F401, for gateway.py
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)
try:
    bench.main(globals())
finally:
    end(*processes)
