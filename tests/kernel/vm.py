#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's kernel in a virtual machine, with the real comedi in it: what the machine that builds us has no hardware or modules for.

As a module: prepare() fetches and unpacks the kernel package once into BUILD/kernel, run() boots QEMU (TCG; no KVM is asked for) and
runs jobs in turn. A job sees the host's files read-only, so that programs of the build folder run in it unchanged; it writes only
below /run/share (the share of this boot) and TMPDIR. /run/share/NAME.out and NAME.rc are its output and exit status.
Machine.board is a module to insmod: a board with two ends and a control pilot between them (board/pb_bench_board.c says more).
As a program: vm.py BUILD COMMAND... runs one command in it, for a look by hand.

In the machine: comedi_parport on /dev/comedi0 (QEMU's parallel port), /dev/comedi1 free for comedi_config, comedi_test on /dev/comedi2
(channel 1 is a square wave of +-9 V, 1 kHz); ttyS1 and ttyS2 are two ends of one line; ttyS0 is the kernel's console.
"""
import collections
import fcntl
import gzip
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

MODULES = ["virtio_pci", "9pnet_virtio", "9p", "comedi", "kcomedilib", "comedi_test", "comedi_parport"]
NEEDED_FOLDERS = ["drivers/comedi", "drivers/virtio", "drivers/parport", "net/9p", "fs/9p", "fs/netfs", "fs/fscache"]
PROGRAMS = ["qemu-system-x86_64", "apt-get", "dpkg-deb", "tar", "depmod", "modprobe", "cpio"]
BUSYBOX = pathlib.Path("/bin/busybox")

Job = collections.namedtuple("Job", "name command seconds")
Result = collections.namedtuple("Result", "name status output")
# board: the module of board/, or None and why there is none.
Machine = collections.namedtuple("Machine", "kernel initrd release board no_board")


class CannotRun(Exception):
    """The machine cannot be had here, and why: the tests in it are skipped."""


class Broken(Exception):
    """The machine was there, but did not do what it must."""


def call(words, **more):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **more)
    if done.returncode != 0:
        raise CannotRun(f"{words[0]}: exit status {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


# ---- the kernel package ----

def package_name():
    """What apt offers: linux-image-amd64 depends on the kernel of the day. The smaller cloud kernel has no 9p."""
    found = re.search(r"Depends: (linux-image-\d\S*-amd64)$", call(["apt-cache", "depends", "linux-image-amd64"]), re.M)
    if not found:
        raise CannotRun("apt offers no linux-image-amd64")
    return found.group(1)


def fetch(folder):
    kept = sorted(folder.glob("linux-image-*.deb"))
    if kept:
        return kept[-1]
    name = package_name()
    call(["apt-get", "download", name], cwd=folder)
    return next(iter(folder.glob("linux-image-*.deb")))


def unpack(package, root):
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    wanted = ["./boot/vmlinuz-*", "./lib/modules/*/modules.*"] + [f"./lib/modules/*/kernel/{name}/*" for name in NEEDED_FOLDERS]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
        call(["tar", "-x", "-C", root, "--wildcards", *wanted], stdin=archive.stdout)
    release = next((root / "lib/modules").iterdir()).name
    call(["depmod", "-b", root, release])
    return release


# ---- the board ----

def unpack_headers(folder, release):
    """What Debian's headers need to build a module, beside the project instead of in /usr/src."""
    root = folder / "headers"
    source = root / "usr/src"
    if (source / f"linux-headers-{release}/Makefile").exists():
        return source / f"linux-headers-{release}"
    shutil.rmtree(root, ignore_errors=True)
    name = f"linux-headers-{release}"
    needs = re.findall(r"Depends: (linux-\S+)$", call(["apt-cache", "depends", name]), re.M)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        call(["apt-get", "download", name, *needs], cwd=place)
        for package in pathlib.Path(place).glob("*.deb"):
            call(["dpkg-deb", "-x", package, root])
    makefile = source / name / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src", str(source)))
    return source / name


def build_board(folder, release):
    made, source = folder / "board/pb_bench_board.ko", pathlib.Path(__file__).parent / "board"
    if not made.exists() or made.stat().st_mtime < max(path.stat().st_mtime for path in source.iterdir()):
        headers = unpack_headers(folder, release)
        shutil.rmtree(made.parent, ignore_errors=True)
        shutil.copytree(source, made.parent)
        call(["make", "-s", "-C", headers, f"M={made.parent}", "modules"])
    return made


# ---- the initial file system ----

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmpfs /run
ifconfig lo 127.0.0.1 up
while read -r module; do insmod "$module" $(cat "/options/$(basename "$module" .ko)" 2>/dev/null); done < /modules
mkdir -p /host
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 host /host
for place in proc sys dev; do mount --bind /$place /host/$place; done
mount -t tmpfs tmpfs /host/run
mkdir -p /host/run/share /host/run/tmp
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288 share /host/run/share
chroot /host comedi_config /dev/comedi0 comedi_parport 0x378
sh /host/run/share/jobs
sync
poweroff -f
"""


def make_initrd(root, release, to):
    place = pathlib.Path(tempfile.mkdtemp(dir=to.parent))
    try:
        for name in ("bin", "proc", "sys", "dev", "run", "options", "lib"):
            (place / name).mkdir()
        shutil.copy(BUSYBOX, place / "bin/busybox")
        order = []
        for name in MODULES:
            for line in call(["modprobe", "-d", root, "-S", release, "--show-depends", name]).splitlines():
                words = line.split()
                if words[0] == "insmod" and words[1] not in order:
                    order.append(words[1])
        for path in order:
            shutil.copy(path, place / "lib")
        (place / "modules").write_text("".join(f"/lib/{pathlib.Path(path).name}\n" for path in order))
        (place / "options/comedi").write_text("comedi_num_legacy_minors=2 comedi_default_buf_maxsize_kb=16384\n")
        (place / "options/comedi_test").write_text("amplitude=9000000 period=1000\n")
        (place / "init").write_text(INIT)
        (place / "init").chmod(0o755)
        names = "\n".join(str(path.relative_to(place)) for path in sorted(place.rglob("*")))
        archive = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), stdout=subprocess.PIPE, cwd=place, check=True)
        to.write_bytes(gzip.compress(archive.stdout, 1))
    finally:
        shutil.rmtree(place)


def prepare(build):
    """Cached in BUILD/kernel; a lock keeps two tests from making it at once."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]
    if missing or not BUSYBOX.exists():
        raise CannotRun(f"not installed: {' '.join(missing + ([] if BUSYBOX.exists() else ['busybox-static']))} (tools/setup.sh test)")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    folder = build / "kernel"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root, initrd = folder / "root", folder / "initrd.gz"
        made_from = pathlib.Path(__file__).stat().st_mtime
        if not initrd.exists() or initrd.stat().st_mtime < made_from:
            release = unpack(fetch(folder), root)
            make_initrd(root, release, initrd)
        kernel = next((root / "boot").glob("vmlinuz-*"))
        release, board, no_board = kernel.name[len("vmlinuz-"):], None, ""
        try:
            board = build_board(folder, release)
        except CannotRun as reason:
            no_board = str(reason)
        return Machine(kernel, initrd, release, board, no_board)


# ---- a boot ----

def job_lines(job):
    share = "/run/share"
    inside = f"cd {share} && export TMPDIR=/run/tmp HOME=/run/tmp && {job.command}"
    return (f"timeout -s KILL {job.seconds} chroot /host /bin/sh -c {shlex.quote(inside)} >/host{share}/{job.name}.out 2>&1\n"
            f"echo $? >/host{share}/{job.name}.rc\n")


def qemu_words(machine, share):
    def folder(tag, path, *more):
        return ["-fsdev", ",".join([f"local,id={tag},path={path},security_model=none", *more]), "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]

    return ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1024", "-nodefaults", "-display", "none",
            "-no-reboot", "-kernel", machine.kernel, "-initrd", machine.initrd, "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
            "-serial", f"file:{share}/console",
            "-chardev", f"socket,id=line,path={share}/line,server=on,wait=off", "-device", "isa-serial,index=1,chardev=line",
            "-chardev", f"socket,id=other,path={share}/line", "-device", "isa-serial,index=2,chardev=other",
            "-chardev", "null,id=parallel", "-device", "isa-parallel,chardev=parallel",
            *folder("host", "/", "readonly=on", "multidevs=remap"), *folder("share", share)]


def run(machine, jobs, seconds):
    """Boots once, runs the jobs in turn; a Result for each. Broken when the machine did not get through them."""
    with tempfile.TemporaryDirectory(prefix="pb-vm-") as name:
        share = pathlib.Path(name)
        (share / "jobs").write_text("".join(job_lines(job) for job in jobs))
        try:
            done = subprocess.run([str(word) for word in qemu_words(machine, share)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False)
            said = done.stdout.strip()
        except subprocess.TimeoutExpired:
            said = f"did not end within {seconds} s"
        results = []
        for job in jobs:
            output, status = share / f"{job.name}.out", share / f"{job.name}.rc"
            if not status.exists():
                console = share / "console"
                tail = console.read_text(errors="replace")[-2000:] if console.exists() else ""
                so_far = output.read_text(errors="replace")[-2000:] if output.exists() else ""
                raise Broken(f"the machine did not get through job {job.name}: {said}\n{so_far}\nconsole:\n{tail}")
            results.append(Result(job.name, int(status.read_text()), output.read_text(errors="replace")))
        return results


def main():
    machine = prepare(pathlib.Path(sys.argv[1]).resolve())
    result = run(machine, [Job("job", shlex.join(sys.argv[2:]), 300)], 320)[0]
    sys.stdout.write(result.output)
    sys.exit(result.status)


if __name__ == "__main__":
    main()
