#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three network cards in one machine, and peers that vanish: in a network
namespace of its own, on taps. Times are bounds only."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

B = os.environ.get("B", "build")
SLIPWAY = os.environ.get("SLIPWAY", B + "/bin/slipway")
BIN = os.path.dirname(SLIPWAY)
os.environ.setdefault("SLIPWAY_LIB", os.path.abspath(BIN + "/../lib/slipway"))
LONG = 120
PORT = 5000

# Name, MTU, ours, the guest's; the boot record has them in another order.
CARDS = [
    ("t0", 1500, "10.9.0.1/24", "10.9.0.2/24"),
    ("t1", 1280, "10.9.1.1/24", "10.9.1.2/24"),
    ("t2", 9000, "fd09::1/64", "fd09::2/64"),
]
FAR = "192.0.2.1"  # reached by the default route, which is the second card's


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def ready():
    """In a namespace; or why there is none."""
    if "NET_CARDS" in os.environ:
        return
    for how in "-n", "-rn":
        if subprocess.run(
                ["unshare", how, "sh", "-c", "ip link set lo up && ip tuntap "
                 "add probe mode tap"], stderr=subprocess.DEVNULL,
                check=False).returncode == 0:
            os.environ["NET_CARDS"] = how
            os.execvp("unshare", ["unshare", how, sys.argv[0]])
    print("1..0 # SKIP no network namespace with tap devices")
    sys.exit(0)


def address(card, end):
    return card[end].split("/")[0]


def start(work):
    program, kernel = work + "/program", work + "/kernel"
    subprocess.run([BIN + "/x86_64-keel-cc", "-O2", "-D_GNU_SOURCE", "-o",
                    program, "tests/boot/net-cards.c"], check=True)
    subprocess.run([B + "/tests/relink", program, kernel], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command = ["timeout", "500", "qemu-system-x86_64", "-accel", "tcg", "-cpu",
               "max", "-m", "64", "-nodefaults", "-no-user-config", "-display",
               "none", "-serial", "file:" + work + "/console", "-no-reboot",
               "-machine", "q35", "-kernel", kernel, "-fw_cfg",
               "name=opt/org.slipway/record,file=" + work + "/record"]
    records = []
    ip("link", "set", "lo", "up")
    ip("addr", "add", FAR + "/32", "dev", "lo")
    for i, (name, mtu, ours, guests) in enumerate(CARDS):
        mac = "52:54:00:00:00:0%d" % i
        ip("tuntap", "add", name, "mode", "tap", "vnet_hdr")
        ip("addr", "add", ours, "dev", name,
           *(["nodad"] if ":" in ours else []))
        ip("link", "set", name, "mtu", str(mtu), "up")
        command += ["-netdev", "tap,id=n%d,ifname=%s,script=no,downscript=no" %
                    (i, name), "-device",
                    "virtio-net-pci,romfile=,netdev=n%d,mac=%s,host_mtu=%d" %
                    (i, mac, mtu)]
        net = "mac=%s addr=%s noslaac" % (mac, guests)
        if name == "t1":
            net += " route=0.0.0.0/0@10.9.1.1"
        records.insert(0, net)
    with open(work + "/record", "wb") as f:
        subprocess.run([B + "/tests/boot/net-relay", "record",
                        ";".join(records), "net-cards"], check=True, stdout=f)
    with open(work + "/qemu", "wb") as log:
        return subprocess.Popen(command, stderr=log)


class Console:
    def __init__(self, path):
        self.path = path

    def await_line(self, pattern):
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            if os.path.exists(self.path):
                with open(self.path, errors="replace") as f:
                    found = re.search(pattern, f.read(), re.M)
                if found:
                    return found
            time.sleep(0.05)
        with open(self.path, errors="replace") as f:
            raise AssertionError("no line %s in %.1000r" % (pattern, f.read()))


def dial(card, line):
    """A frame that comes before the guest knows us may get lost."""
    end = time.monotonic() + LONG
    while True:
        try:
            s = socket.create_connection((address(card, 3), PORT), LONG)
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    s.sendall(line)
    return s


def echo(card, size):
    data = os.urandom(size)
    got = b""
    with dial(card, b"echo\n") as s:
        threading.Thread(target=s.sendall, args=(data,)).start()
        while len(got) < size:
            part = s.recv(65536)
            if not part:
                break
            got += part
    assert got == data, "%s: %d of %d bytes, or others" % (
        card[0], len(got), size)


def all_at_once(cards, size):
    wrong = []

    def one(card):
        try:
            echo(card, size)
        except (AssertionError, OSError) as e:
            wrong.append("%s: %s" % (card[0], e))

    threads = [threading.Thread(target=one, args=(c,)) for c in cards * 2]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong


def seen_by(card, at):
    """How the guest's address looks to a peer that it dials."""
    family = socket.AF_INET6 if ":" in at else socket.AF_INET
    with socket.socket(family) as listener:
        listener.settimeout(LONG)
        listener.bind((at, 0))
        listener.listen()
        with dial(card, b"dial %s %d\n" % (
                at.encode(), listener.getsockname()[1])) as s:
            peer, name = listener.accept()
            peer.sendall(b"hello")
            peer.close()
            assert s.recv(5) == b"hello"
    return name[0]


def own_addresses():
    for card in CARDS:
        got = seen_by(CARDS[0], address(card, 2))
        assert got == address(card, 3), "%s: %s" % (card[0], got)


def default_route():
    got = seen_by(CARDS[0], FAR)
    assert got == address(CARDS[1], 3), got


def vanish(console):
    """The second card's peer: no answer any more, of any kind."""
    idle, push = dial(CARDS[1], b"idle\n"), dial(CARDS[1], b"push\n")
    console.await_line("^idle begins")
    console.await_line("^push begins")
    assert push.recv(1) == b"x"
    time.sleep(9)  # longer than either time, while the peer answers
    with open(console.path, errors="replace") as f:
        assert not re.search("^(idle|push):", f.read(), re.M), "too early"
    ip("addr", "del", CARDS[1][2], "dev", "t1")
    return idle, push


def one_goes():
    ip("link", "set", "t2", "down")
    all_at_once(CARDS[:1], 200000)


def main():
    ready()
    work = tempfile.mkdtemp()
    machine = start(work)
    console = Console(work + "/console")
    kept = []
    cases = [
        ("it starts", lambda: console.await_line("^ready")),
        ("all cards at once, their own MTU each",
         lambda: all_at_once(CARDS, 500000)),
        ("each card has its own address", own_addresses),
        ("the default route is one card's", default_route),
        ("a card without carrier does not hold the others", one_goes),
        ("keepalive and TCP_USER_TIMEOUT leave a peer alone that answers",
         lambda: kept.append(vanish(console))),
        ("keepalive tells of a peer that is gone",
         lambda: console.await_line("^idle: Operation timed out")),
        ("so does TCP_USER_TIMEOUT",
         lambda: console.await_line("^push: Operation timed out")),
    ]
    failed = False
    print("1..%d" % len(cases), flush=True)
    try:
        for i, (name, case) in enumerate(cases):
            try:
                case()
                print("ok %d - %s" % (i + 1, name), flush=True)
            except (AssertionError, OSError) as e:
                print("not ok %d - %s\n# %s" % (i + 1, name, e), flush=True)
                failed = True
    finally:
        machine.terminate()
        machine.wait()
        shutil.rmtree(work)
    sys.exit(failed)


if __name__ == "__main__":
    main()
