# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard from outside: pictures, a golden one with a tolerance, refusals, a real window under Xvfb, a run that does not care.

test_window.py [--update] [NAME...]: --update writes the golden picture anew, to be looked at. Environment: PB_BUILD.
"""
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import zlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PB_BUILD") or SOURCE / "build").resolve()
DASHBOARD = BUILD / "pilotbench-dashboard"
MAKE = BUILD / "tests" / "make_snapshot"
GOLDEN = SOURCE / "tests" / "dashboard" / "expected" / "charging-800x480-dark.png"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="pb-window-"))
HANG_S = 60  # what is not done by then hangs
STARTED = []
INPUTS = [SOURCE / "test_suites/use_cases/S1.lua", "--bench", SOURCE / "fixtures/benches/virtual.yaml", "--dut",
          SOURCE / "fixtures/duts/stub-evse.yaml", "--limits", SOURCE / "fixtures/limits/j1772-iec61851.yaml", "--quiet"]


class Skip(Exception):
    """This machine lacks something; the text says what."""


def start(arguments, **more):
    process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, **more)
    STARTED.append(process)
    return process


def run(*arguments, env=None):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=HANG_S, env=env, check=False)


def until(what, condition):
    end = time.monotonic() + HANG_S
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {HANG_S} s: {what}")


def snapshot(scene, name="run.snap"):
    path = FOLDER / name
    assert run(MAKE, path, scene).returncode == 0
    return path


def read_png(path):
    """Width, height, bytes (RGB) of a picture as pilotbench-dashboard writes it."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} begins with {data[:8]}"
    at, packed, size = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body), f"checksum of {kind}"
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
            assert body[8:] == bytes([8, 2, 0, 0, 0]), f"IHDR {body}"
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    rows, stride = zlib.decompress(packed), 1 + 3 * size[0]
    assert len(rows) == stride * size[1], f"{len(rows)} bytes of rows"
    pixels, above = bytearray(), bytes(stride - 1)
    for y in range(size[1]):
        row = rows[y * stride:(y + 1) * stride]
        assert row[0] == 2, f"row {y} has filter {row[0]}"
        above = bytes((a + b) & 255 for a, b in zip(row[1:], above))
        pixels += above
    return size[0], size[1], bytes(pixels)


def picture(scene, *options, name="picture.png"):
    path = FOLDER / name
    result = run(DASHBOARD, "--attach", snapshot(scene), "--wait", "0", "--picture", path, *options)
    assert result.returncode == 0, f"exit {result.returncode}: {result.stderr}"
    return path


def difference(a, b):
    """Share of channels that differ by more than 48 of 255, in percent."""
    assert a[:2] == b[:2], f"sizes {a[:2]} and {b[:2]}"
    return 100 * sum(abs(x - y) > 48 for x, y in zip(a[2], b[2])) / len(a[2])


# ---- pictures ----

def test_picture_is_as_it_was():
    """Faces of other versions of FreeType may differ in their edges; what moved, vanished or changed its ink does not pass."""
    found = read_png(picture("charging", "--size", "800x480"))
    off = difference(found, read_png(GOLDEN))
    print(f"    {off:.3f} % of the channels differ")
    assert off <= 1.0, f"{off:.2f} % of the channels differ, expected at most 1 %; --update makes the picture anew"


def test_tolerance_tells_another_scene():
    other = read_png(picture("connecting", "--size", "800x480"))
    assert difference(other, read_png(GOLDEN)) > 1.0, "the golden test would pass with another scene"


def test_size_theme_and_format_are_as_asked():
    dark = read_png(picture("passed", "--size", "1280x800"))
    light = read_png(picture("passed", "--size", "1280x800", "--theme", "light", "--after", "5"))
    assert dark[:2] == light[:2] == (1280, 800), f"{dark[:2]} {light[:2]}"
    assert sum(dark[2]) / len(dark[2]) < 60 < 200 < sum(light[2]) / len(light[2]), "the themes are not dark and light"
    head = picture("passed", name="picture.bmp").read_bytes()[:2]
    assert head == b"BM", f"a BMP that begins with {head}"


# ---- refusals: exit 2, one line with what was found and what was expected ----

def refused(*options, part, env=None):
    result = run(DASHBOARD, *options, env=env)
    assert result.returncode == 2, f"{options}: exit {result.returncode}, expected 2"
    assert part in result.stderr, f"{options}: said {result.stderr!r}, expected {part!r} in it"
    ours = [line for line in result.stderr.splitlines() if not line.startswith("error: XDG_RUNTIME_DIR")]  # of libwayland
    assert len(ours) == 1, f"{options}: more than a line: {result.stderr!r}"


def test_wrong_usage_and_files_are_refused():
    good, out = snapshot("passed"), FOLDER / "out.png"
    other = FOLDER / "other.snap"
    other.write_bytes(b"SQLite format 3\0" * 100)
    old = FOLDER / "old.snap"
    data = bytearray(good.read_bytes())
    data[4] = 9
    old.write_bytes(data)
    refused(part="expected --attach RUN.snap")
    refused("--attach", FOLDER / "none.snap", "--wait", "0", "--picture", out, part="no run shows itself here")
    refused("--attach", other, "--picture", out, part="another kind")
    refused("--attach", old, "--picture", out, part="version 9")
    refused("--attach", good, "--picture", out, "--fonts", FOLDER, part="fonts-dejavu-core")
    refused("--attach", good, "--picture", "/no/such/folder/x.png", part="cannot be written")
    refused("--attach", good, "--size", "799x480", part="800x480")
    refused("--attach", good, "--size", "big", part="800x480")
    refused("--attach", good, "--theme", "pink", part="dark or light")
    refused("--attach", good, "--after", "0", part="1 to 1000000")
    refused("--attach", good, "more", part="options only")


def test_no_display_is_told():
    env = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
    refused("--attach", snapshot("passed"), part="no display", env=env)


def test_picture_waits_for_its_run():
    path, out = FOLDER / "late.snap", FOLDER / "late.png"
    process = start([DASHBOARD, "--attach", path, "--wait", "30", "--picture", out])
    time.sleep(0.3)
    assert process.poll() is None, "it did not wait"
    snapshot("passed", "late.snap")
    assert process.wait(HANG_S) == 0 and out.exists()


# ---- a real window ----

class Display:
    """Xvfb of its own."""

    def __init__(self):
        for program in ("Xvfb", "xdotool"):
            if not shutil.which(program):
                raise Skip(f"{program} is not here")
        read, write = os.pipe()
        self.server = start(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset"], pass_fds=[write],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise Skip("Xvfb did not start")
        self.env = dict(os.environ, DISPLAY=f":{number}", ASAN_OPTIONS="detect_leaks=0")  # libdbus keeps what it has
        for name in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY", "XAUTHORITY"):
            self.env.pop(name, None)

    def do(self, *arguments):
        return run("xdotool", *arguments, env=self.env).stdout.strip()

    def window(self, dashboard):
        def search():
            assert dashboard.poll() is None, f"the dashboard ended, exit {dashboard.returncode}"
            assert self.server.poll() is None, "Xvfb ended"
            return self.do("search", "--name", "^Pilotbench$")

        return until("a window", search).split()[0]

    def size(self, window):
        lines = dict(line.split("=") for line in self.do("getwindowgeometry", "--shell", window).splitlines() if "=" in line)
        return int(lines["WIDTH"]), int(lines["HEIGHT"])

    def brightness(self, window):
        """Of the pixel at the middle of the top edge: the head's ground."""
        dump = subprocess.run(["xwd", "-silent", "-id", window], capture_output=True, env=self.env, timeout=HANG_S, check=False).stdout
        if len(dump) < 100:
            return None
        head, = struct.unpack(">I", dump[:4])
        width, = struct.unpack(">I", dump[16:20])
        stride, = struct.unpack(">I", dump[48:52])
        colours, = struct.unpack(">I", dump[76:80])
        start_of_row = head + 12 * colours + stride
        return dump[start_of_row + width // 2 * 4]


def test_window_opens_resizes_changes_theme_and_closes():
    display = Display()
    running = start([MAKE, FOLDER / "live.snap", "charging", "60"])
    dashboard = start([DASHBOARD, "--attach", FOLDER / "live.snap", "--size", "900x600"], env=display.env)
    window = display.window(dashboard)
    until("its size", lambda: display.size(window) == (900, 600))

    def is_resized():  # asked again: SDL itself may be setting the first size still
        display.do("windowsize", window, "1400", "1000")
        return display.size(window) == (1400, 1000)

    until("its new size", is_resized)
    display.do("windowfocus", "--sync", window)
    has_dump = shutil.which("xwd") is not None
    if has_dump:
        until("a dark picture", lambda: (display.brightness(window) or 255) < 100)
    for key in ("t", "plus", "plus", "minus", "d", "Down", "Page_Down", "End"):
        display.do("key", "--window", window, key)
    if has_dump:
        until("a light picture", lambda: (display.brightness(window) or 0) > 200)
    display.do("key", "--window", window, "a")
    display.do("key", "--window", window, "n")
    assert dashboard.poll() is None, "a key that does not close it closed it"
    display.do("key", "--window", window, "q")
    assert dashboard.wait(HANG_S) == 0, f"exit {dashboard.returncode}"
    assert running.poll() is None, "closing the window ended the run"


def test_window_that_never_sees_its_run_gives_up():
    display = Display()
    refused("--attach", FOLDER / "never.snap", "--wait", "1", part="no run shows itself here", env=display.env)


def test_display_that_goes_away_leaves_the_run_alone():
    display = Display()
    running = start([MAKE, FOLDER / "torn.snap", "charging", "60"])
    dashboard = start([DASHBOARD, "--attach", FOLDER / "torn.snap"], env=display.env, stderr=subprocess.DEVNULL)
    display.window(dashboard)
    display.server.kill()
    dashboard.wait(HANG_S)
    assert running.poll() is None, "the run ended with the display"


# ---- a run does not care ----

def test_run_is_the_same_with_a_window_stopped_and_killed():
    pilotbench = BUILD / "pilotbench"
    if not pilotbench.exists() or not (BUILD / "stub-evse").exists():
        raise Skip("pilotbench or stub-evse is not built here")
    env = dict(os.environ, SDL_VIDEODRIVER="offscreen", PATH=f"{BUILD}:{os.environ['PATH']}")
    alone = run(pilotbench, "run", *INPUTS, "--out", FOLDER / "alone.pbrun", env=env)
    watched = start([pilotbench, "run", *INPUTS, "--speed", "20000", "--out", FOLDER / "watched.pbrun"], env=env, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, text=True)
    until("the snapshot", (FOLDER / "watched.pbrun.snap").exists)
    first = start([DASHBOARD, "--attach", FOLDER / "watched.pbrun.snap"], env=env)
    second = start([DASHBOARD, "--attach", FOLDER / "watched.pbrun.snap"], env=env)
    time.sleep(0.5)
    assert first.poll() is None, f"the window closed itself, exit {first.returncode}"
    first.send_signal(signal.SIGSTOP)
    second.kill()
    output = watched.communicate(timeout=HANG_S)[0]
    first.kill()
    verdicts = [line for line in alone.stdout.splitlines() if line.startswith("verdict:")]
    assert verdicts and verdicts == [line for line in output.splitlines() if line.startswith("verdict:")], f"{verdicts} and {output}"
    assert watched.returncode == alone.returncode, f"exits {alone.returncode} and {watched.returncode}"
    assert not (FOLDER / "watched.pbrun.snap").exists(), "the snapshot was left behind"


def test_abort_key_asks_first_and_stops_the_run():
    pilotbench = BUILD / "pilotbench"
    if not pilotbench.exists() or not (BUILD / "stub-evse").exists():
        raise Skip("pilotbench or stub-evse is not built here")
    display = Display()
    env = dict(display.env, PATH=f"{BUILD}:{os.environ['PATH']}")
    watched = start([pilotbench, "run", *INPUTS, "--speed", "1", "--out", FOLDER / "ended.pbrun"], env=env, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
    until("the snapshot", (FOLDER / "ended.pbrun.snap").exists)
    dashboard = start([DASHBOARD, "--attach", FOLDER / "ended.pbrun.snap"], env=display.env)
    window = display.window(dashboard)
    time.sleep(1)
    display.do("windowfocus", "--sync", window)
    for key in ("y", "a", "n", "y"):
        display.do("key", "--window", window, key)
    time.sleep(0.5)
    assert watched.poll() is None, "the run was stopped though the question was not answered with y"
    for _ in range(10):  # a loaded machine may lose a key between question and answer
        display.do("key", "--window", window, "a")
        display.do("key", "--window", window, "y")
        try:
            watched.wait(HANG_S / 10)
            break
        except subprocess.TimeoutExpired:
            continue
    assert watched.poll() == 130, f"exit {watched.returncode}, expected 130"
    assert dashboard.poll() is None, "the window closed with the run"


def end_those_left():
    for process in STARTED:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
    STARTED.clear()


def run_one(name, test):
    print(f"[ RUN      ] {name}", flush=True)
    try:
        test()
    except Skip as why:
        print(f"{why}\n[  SKIPPED ] {name}", flush=True)
        return "skipped"
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc(file=sys.stdout)
        print(f"[  FAILED  ] {name}", flush=True)
        return "failed"
    finally:
        end_those_left()
    print(f"[       OK ] {name}", flush=True)
    return "ok"


def main():
    arguments = sys.argv[1:]
    if "--update" in arguments:
        GOLDEN.parent.mkdir(exist_ok=True)
        shutil.copy(picture("charging", "--size", "800x480"), GOLDEN)
        print(f"look at {GOLDEN}")
        arguments.remove("--update")
    tests = {name: value for name, value in globals().items() if name.startswith("test_") and callable(value)}
    chosen = arguments or list(tests)
    results = [run_one(name, tests[name]) for name in chosen]
    shutil.rmtree(FOLDER, ignore_errors=True)
    sys.exit(1 if "failed" in results else 77 if results.count("skipped") == len(results) else 0)


main()
