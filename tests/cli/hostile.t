#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Images, manifests and trees that mean harm: an error that names the file,
# status 1 or 2, nothing outside of the work folder, nothing left, and no more
# than 512 MiB of memory.
import gzip
import io
import json
import os
import re
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile

SLIPWAY = os.path.abspath(os.environ["SLIPWAY"])
WORK = tempfile.mkdtemp()
TMP = WORK + "/tmp"
VICTIM = WORK + "/victim"
MEMORY = 512 << 20
VM = {"version": 1, "name": "x", "kernel": "/.boot/kernel"}
count = 0


def slipway(*args):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    return subprocess.run([SLIPWAY, *args], capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL, preexec_fn=limit,
                          env=dict(os.environ, TMPDIR=TMP))


def report(name, wrong):
    global count
    count += 1
    print(f"not ok {count} - {name}\n# {wrong}" if wrong
          else f"ok {count} - {name}", flush=True)


def complaint(done, want, pattern):
    said = done.stderr.decode(errors="replace")
    if done.returncode not in want:
        return f"status {done.returncode}: {said[:500]!r}"
    if not re.search(pattern, said):
        return f"not said: {pattern}: {said[:500]!r}"
    if os.listdir(VICTIM) != ["file"] or os.listdir(TMP):
        return f"touched: {os.listdir(VICTIM)} {os.listdir(TMP)}"
    return None


def refuses(name, pattern, *args):
    """An error that names the file (the last argument) and the reason."""
    done = slipway(*args)
    base = re.escape(os.path.basename(args[-1]))
    report(name, complaint(done, (1, 2), pattern) or
           complaint(done, (1, 2), base))


def refuses_machine(name, pattern, path):
    """The status of a machine that does not start is 125."""
    report(name, complaint(slipway("run", path), (125,), pattern))


# --- images ------------------------------------------------------------------
def member(name, data=b"", **more):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def tar(members, fmt=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as t:
        for info, data in members:
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def image(name, layers, manifest=None, config=b"{}"):
    """A docker archive of layers; its path."""
    names = [f"l{i}" for i in range(len(layers))]
    if manifest is None:
        manifest = json.dumps([{"Config": "c", "Layers": names}]).encode()
    members = [member("manifest.json", manifest), member("c", config)]
    members += [member(n, data) for n, data in zip(names, layers)]
    path = f"{WORK}/{name}.tar"
    with open(path, "wb") as f:
        f.write(tar(members))
    return path


def both(name, pattern, path):
    refuses(f"inspect: {name}", pattern, "inspect", "--files", path)
    refuses(f"run: {name}", pattern, "run", path)


def vm_image(name, config, *more):
    text = config if isinstance(config, bytes) else json.dumps(config).encode()
    return image(name, [tar([member("slipway/vm.json", text), *more,
                             member(".boot/kernel", b"\x7fELF")])])


def json_cases():
    deep = b"[" * 100000 + b"]" * 100000
    cases = [
        ("deep", deep, "manifest.json"),
        ("number", b'[{"Config": 1e99999999, "Layers": []}]', "manifest.json"),
        ("digits", b"[" + b"9" * 100000 + b"]", "manifest.json"),
        ("nul", b'[{"Config": "a\\u0000b", "Layers": []}]', "manifest.json"),
        ("rawnul", b'[{"Config": "a\0b"}]', "manifest.json"),
        ("utf8", b'[{"Config": "\xff"}]', "manifest.json"),
        ("large", b"[" + b"[]," * (3 << 20) + b"[]]", "too large"),
        ("scalar", b"7", "manifest.json"),
        ("layers", json.dumps([{"Config": "c", "Layers": ["l0"] * 5000}])
         .encode(), "layers"),
        ("up", b'[{"Config": "../../etc/passwd", "Layers": ["l0"]}]', "."),
        ("uplayer", b'[{"Config": "c", "Layers": ["../../etc/passwd"]}]',
         "bad name"),
    ]
    for name, text, pattern in cases:
        both(f"manifest.json: {name}", pattern,
             image("j" + name, [tar([])], text))
    refuses("inspect: a config that is too deep", "c:",
            "inspect", image("jc", [tar([])], config=deep))
    for name, text in ("deep", deep), ("huge", b'{"version": 1e400}'), \
            ("nul", b'{"version": 1, "name": "\\u0000"}'), ("cut", b'{"ver'):
        refuses(f"run: vm.json: {name}", "vm.json",
                "run", vm_image("v" + name, text))
    for key, value in ("memory", -1), ("memory", 1 << 62), ("cpus", 1 << 40), \
            ("args", {}), ("args", [[]]), ("name", 5), ("version", 2), \
            ("disk", []), ("no_such", 1):
        refuses(f"run: vm.json: {key} {value}", "memory|vm.json|cpus",
                "run", vm_image("vk", dict(VM, **{key: value})))


def path_cases():
    for key in "kernel", "disk":
        for path in "/../../../../../../etc/passwd", "../../x", "/a/..", "..":
            refuses(f"run: {key} at {path}", "leads out",
                    "run", vm_image("out", dict(VM, **{key: path})))
    refuses("run: a program of the host for QEMU", "no QEMU",
            "run", vm_image("sh", dict(VM, qemu="/bin/sh")))
    refuses_machine(
        "run: an option for a machine", "is not one of microvm",
        vm_image("mach", dict(VM, machine="pc,initrd=/etc/passwd")))
    link = {"type": tarfile.SYMTYPE, "linkname": VICTIM}
    hard = {"type": tarfile.LNKTYPE, "linkname": VICTIM + "/file"}
    node = {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3}
    evil = [
        ("an absolute name", [member(VICTIM + "/new", b"x")]),
        ("dots", [member("slipway/../../../" + VICTIM + "/new", b"x")]),
        ("dots at first", [member("../victim/new", b"x")]),
        ("a link to a folder", [member("slipway", **link),
                                member("slipway/new", b"x")]),
        ("a link below", [member("slipway/d", **link),
                          member("slipway/d/new", b"x")]),
        ("a hard link", [member("slipway/h", **hard),
                         member("slipway/h", b"x")]),
        ("a device", [member("disk/disk.img", **node)]),
        ("a file that is a folder", [member("disk", b"x"),
                                     member("disk/disk.img", b"x")]),
        ("set-user-ID", [member("disk/su", b"x", mode=0o6755)]),
        ("a name twice", [member("disk/x", b"1"), member("disk/x", b"2")]),
        ("a long name", [member("disk/" + "n" * 5000, b"x")]),
        ("a deep name", [member("disk/" + "d/" * 3000 + "x", b"x")]),
        ("a name of bytes", [member("disk/\udcff\udcfe\x1b[2J", b"x")]),
    ]
    for name, members in evil:
        path = image("evil", [tar(members)])
        report(f"run: {name}", complaint(slipway("run", path), (1,),
                                         "evil.tar"))
        done = slipway("inspect", "--files", path)
        report(f"inspect: {name}", complaint(done, (0,), "^$") or
               ("a control character" if b"\x1b" in done.stdout else None))
        done = slipway("inspect", "--size", path)
        size = f" {os.path.getsize(path)}  in all".encode()
        report(f"inspect --size: {name}", complaint(done, (0,), "^$") or
               ("not the sum" if size not in done.stdout else None) or
               ("a control character" if b"\x1b" in done.stdout else None))


def size_cases():
    header = tar([member("disk/x")])[:512]
    many = image("many", [gzip.compress(header * 300000, 1)])
    both("300,000 files in a megabyte", "many|too many", many)
    long = tar([member("disk/" + "n" * 60000)], tarfile.PAX_FORMAT)
    names = gzip.compress(long[:61440] * 1000, 1)
    refuses("inspect: names of 60 MB in a few KB", "too long|damaged",
            "inspect", "--files", image("names", [names]))
    refuses("inspect --size: the same", "too long|damaged",
            "inspect", "--size", image("names", [names]))
    info, _ = member("disk/disk.img")
    for exponent in 40, 62:
        info.size = 1 << exponent
        huge = info.tobuf(tarfile.GNU_FORMAT)
        both(f"a file of 2^{exponent} bytes that is not there", "huge",
             image("huge", [huge]))
    zeros = gzip.compress(tar([member("disk/disk.img", bytes(256 << 20))]), 1)
    bomb = image("bomb", [zeros, zeros])
    refuses("run: half a gigabyte of zeros in 2 MB", "not an image of Slipway",
            "run", bomb)
    done = slipway("inspect", bomb, bomb)
    report("inspect A B: the same", complaint(done, (0,), "^$"))
    done = slipway("inspect", "--size", bomb)
    report("inspect --size: the same", complaint(done, (0,), "^$"))


def cut_cases():
    good = vm_image("good", dict(VM, args=["a"] * 50),
                    member("disk/disk.img", b"d" * 3000))
    with open(good, "rb") as f:
        data = f.read()
    bad = []
    for at in list(range(0, 600, 37)) + list(range(600, len(data), 400)):
        path = WORK + "/cut.tar"
        with open(path, "wb") as f:
            f.write(data[:at])
        for command in ("inspect",), ("inspect", "--size"), ("run",):
            done = slipway(*command, path)
            # The end of a tar, two empty blocks, may be missing.
            want = (1, 2, 125) if command == ("run",) else (0, 1, 2)
            wrong = complaint(done, want, "cut.tar|^$|kernel")
            if wrong:
                bad.append(f"{' '.join(command)} cut at {at}: {wrong}")
    report("an image that is cut anywhere", "; ".join(bad[:3]))
    for version, at, value, name in (2, 8, 1, "backing"), (3, 72, 4, "data"):
        head = bytearray(b"QFI\xfb" + struct.pack(">I", version) + bytes(504))
        struct.pack_into(">Q", head, at, value)
        with open(WORK + "/q.qcow2", "wb") as f:
            f.write(head)
        refuses(f"run: a qcow2 with a {name} file", "stands on another file",
                "run", WORK + "/q.qcow2")


# --- manifests and trees -----------------------------------------------------
def project(name, **more):
    folder = f"{WORK}/{name}"
    os.makedirs(folder + "/tree", exist_ok=True)
    with open(folder + "/main.c", "w") as f:
        f.write("int main(void)\n{\n\treturn 0;\n}\n")
    text = dict({"name": "x", "target": "x86_64-keel", "sources": ["main.c"]},
                **more)
    with open(folder + "/slipway.json", "w") as f:
        json.dump(text, f)
    return folder


def build_fails(name, pattern, folder):
    done = slipway("build", folder, "--output", "type=disk")
    wrong = complaint(done, (1, 2), pattern)
    if not wrong and os.path.exists(folder + "/build/x.img"):
        wrong = "there is an output"
    report("build: " + name, wrong)


def manifest_cases():
    folder = project("m")
    path = folder + "/slipway.json"
    for name, text in [
            ("deep nesting", b'{"args": ' + b"[" * 200000),
            ("deep objects", b'{"env": ' + b'{"a":' * 200000),
            ("a huge number", b'{"cpus": ' + b"9" * 300000 + b"}"),
            ("a huge exponent", b'{"memory": 1e999999999}'),
            ("NUL", b'{"name": "a\0b"}'),
            ("an escaped NUL", b'{"name": "a\\u0000b"}'),
            ("64 MB", b'{"name": "' + b"x" * (64 << 20) + b'"}')]:
        with open(path, "wb") as f:
            f.write(text)
        build_fails(f"slipway.json: {name}", r"slipway\.json.*error|too large"
                    r"|larger than|at most", folder)
    lib = WORK + "/lib"
    os.makedirs(lib + "/targets")
    for name, text in ("deep", b'{"cflags": ' + b"[" * 200000), \
            ("NUL", b'{"name": "\\u0000"}'), ("number", b'{"memory_min": 1e999}'):
        with open(lib + "/targets/evil.json", "wb") as f:
            f.write(text)
        os.environ["SLIPWAY_LIB"] = lib
        done = slipway("targets")
        del os.environ["SLIPWAY_LIB"]
        report(f"a target's manifest: {name}",
               complaint(done, (1, 2), r"evil\.json"))


def tree_cases():
    files = [{"from": "tree", "to": "/data"}]

    def tree(name):
        return project(name, files=files) + "/tree"

    os.mkfifo(tree("fifo") + "/pipe")
    build_fails("a pipe in a tree", "tree/pipe: not a regular", WORK + "/fifo")
    with socket.socket(socket.AF_UNIX) as s:
        here = os.getcwd()
        os.chdir(tree("sock"))
        s.bind("s")
        os.chdir(here)
    build_fails("a socket in a tree", "tree/s: not a regular", WORK + "/sock")
    if os.geteuid() == 0:
        try:
            os.mknod(tree("dev") + "/null", 0o020666, os.makedev(1, 3))
            build_fails("a device in a tree", "tree/null: not a regular",
                        WORK + "/dev")
        except PermissionError:
            pass  # a container without the right to make one
    with open(tree("sparse") + "/big", "wb") as f:
        f.truncate(1 << 43)
    build_fails("8 TiB of holes", "No space left on device|too large",
                WORK + "/sparse")
    folder = project("links", files=files)
    os.symlink("/etc/passwd", folder + "/tree/out")
    os.symlink("../../..", folder + "/tree/up")
    os.symlink("loop", folder + "/tree/loop")
    with open(folder + "/tree/su", "w") as f:
        f.write("x")
    os.chmod(folder + "/tree/su", 0o6755)
    done = slipway("build", "-q", folder, "--output", "type=disk")
    shown = slipway("inspect", "--files", folder + "/build/x.img").stdout
    wrong = complaint(done, (0,), "")
    for line in rb"out -> /etc/passwd", rb"up -> \.\./\.\./\.\.", \
            rb"0755 .*/su\b":
        if not wrong and not re.search(line, shown):
            wrong = f"no {line} in {shown}"
    report("links of a tree stay links; set-user-ID is dropped", wrong)


os.mkdir(TMP)
os.mkdir(VICTIM)
with open(VICTIM + "/file", "w") as victim:
    victim.write("mine\n")
try:
    for cases in json_cases, path_cases, size_cases, cut_cases, \
            manifest_cases, tree_cases:
        cases()
    with open(VICTIM + "/file") as victim:
        report("what is not ours is as it was",
               None if victim.read() == "mine\n" else "changed")
finally:
    shutil.rmtree(WORK, ignore_errors=True)
print(f"1..{count}")
sys.exit(0)
