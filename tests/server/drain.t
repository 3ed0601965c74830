#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stop signal waits for requests under way (the manifest's "drain"), and
what a program has sent arrives though it has ended. Nothing here depends on
how fast anything is: a time is only ever a bound."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

TARGET = os.environ.get("TARGET", "x86_64-keel")
SLIPWAY = os.environ.get("SLIPWAY", "build/bin/slipway")
LONG = 240  # seconds; never waited for when all is well


def pattern(n):
    return (bytes(range(251)) * (n // 251 + 1))[:n]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Machine:
    """The server with "drain" of so many seconds, or without."""

    def __init__(self, work, drain):
        path = os.path.join(work, "app%d" % drain)
        if not os.path.isdir(path):
            os.mkdir(path)
            shutil.copy("tests/server/drain.c", path)
            manifest = {"name": "drain", "target": TARGET,
                        "sources": ["drain.c"]}
            if drain:
                manifest["drain"] = "%ds" % drain
                manifest["stop_timeout"] = drain + 60
            with open(path + "/slipway.json", "w") as f:
                json.dump(manifest, f)
        self.port = free_port()
        self.process = subprocess.Popen(
            [SLIPWAY, "run", path, "--accel", "tcg", "-p",
             "127.0.0.1:%d:7000" % self.port], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line == b"ready\n", line

    def dial(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        s.settimeout(LONG)
        s.connect(("127.0.0.1", self.port))
        return s

    def ask(self, text):
        s = self.dial()
        s.sendall(text)
        return s

    def ask_late(self, ms):
        """A request that has arrived, and takes so long."""
        s = self.ask(b"later %d\n" % ms)
        check("a line of the server", self.process.stdout.readline(),
              b"later\n")
        return s

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    def wait_refused(self):
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            try:
                self.dial().close()
            except ConnectionRefusedError:
                return
            except ConnectionResetError:
                pass  # in the middle of it
            time.sleep(0.02)
        raise AssertionError("connections are still taken")

    def end(self):
        """What it said since "ready", and its status."""
        said = self.process.stdout.read()
        return said, self.process.wait(LONG)


def read_n(s, n):
    parts = []
    while n:
        part = s.recv(min(n, 65536))
        if not part:
            break
        parts.append(part)
        n -= len(part)
    return b"".join(parts)


def check(what, got, want):
    if got != want:
        raise AssertionError("%s: %.200r, not %.200r" % (what, got, want))


def requests_end(work):
    m = Machine(work, 60)
    size = 3 << 20
    idle = m.ask(b"send 5\n")
    check("an answer", read_n(idle, 5), pattern(5))
    slow, late = m.ask(b"send %d\n" % size), m.ask_late(1500)
    got = read_n(slow, 100000)
    m.stop()
    m.wait_refused()
    check("an answer that took its time", read_n(late, 1), pattern(1))
    idle.sendall(b"send 7\n")
    check("a request on a connection that is there", read_n(idle, 7),
          pattern(7))
    assert m.process.poll() is None
    at = time.monotonic()
    got += read_n(slow, size - len(got))
    check("bytes of the download", len(got), size)
    check("the download", got == pattern(size), True)
    check("the end", m.end(), (b"signal\n", 0))
    assert time.monotonic() - at < 50, "an idle connection was waited for"
    for s in (idle, late, slow):
        check("the connection's end", s.recv(1), b"")


def time_is_bounded(work):
    m = Machine(work, 2)
    never = m.ask_late(1000000)
    at = time.monotonic()
    m.stop()
    check("the end", m.end(), (b"signal\n", 0))
    took = time.monotonic() - at
    assert 1.9 < took < 40, "it took %.1f s" % took
    never.close()


def second_signal(work):
    m = Machine(work, 60)
    never = m.ask_late(1000000)
    at = time.monotonic()
    m.stop()
    m.wait_refused()
    time.sleep(0.3)  # one that follows at once is the same signal
    assert m.process.poll() is None
    m.stop()
    check("the end", m.end(), (b"signal\n", 0))
    assert time.monotonic() - at < 50
    never.close()


def without(work):
    m = Machine(work, 0)
    never = m.ask_late(1000000)
    m.stop()
    check("the end", m.end(), (b"signal\n", 0))
    check("the connection's end", never.recv(1), b"")


def sent_and_ended(work):
    """More than the peer's window: QEMU or the kernel has it at the end."""
    m = Machine(work, 60)
    never = m.ask_late(1000000)
    last = m.ask(b"send 5\n")  # the guest has taken it before the stop
    check("an answer", read_n(last, 5), pattern(5))
    m.stop()
    last.sendall(b"bye 100000\n")
    line = m.process.stdout.readline()
    check("it ended by itself", line, b"bye\n")
    time.sleep(0.5)
    assert m.process.poll() is None, "nobody waits for the peer"
    check("what it sent", read_n(last, 100000) == pattern(100000), True)
    check("and no more", last.recv(1), b"")
    check("the end", m.end(), (b"", 0))
    never.close()


def sent_and_ended_without(work):
    m = Machine(work, 0)
    last = m.ask(b"bye 100000\n")
    check("what it sent", read_n(last, 100000) == pattern(100000), True)
    check("the end", m.end(), (b"bye\n", 0))


CASES = [
    ("requests under way end, new connections are refused", requests_end),
    ("the time for it is bounded", time_is_bounded),
    ("a second SIGTERM does not wait", second_signal),
    ("without it, SIGTERM comes at once", without),
    ("what was sent before the end arrives", sent_and_ended),
    ("and without \"drain\"", sent_and_ended_without),
]


def main():
    print("1..%d" % len(CASES))
    work = tempfile.mkdtemp()
    failed = False
    try:
        for i, (name, case) in enumerate(CASES):
            at = time.monotonic()
            try:
                case(work)
                print("ok %d - %s # %.1f s" % (
                    i + 1, name, time.monotonic() - at), flush=True)
            except (AssertionError, OSError, subprocess.TimeoutExpired) as e:
                print("not ok %d - %s\n# %s" % (i + 1, name, e), flush=True)
                failed = True
    finally:
        shutil.rmtree(work)
    sys.exit(failed)


if __name__ == "__main__":
    main()
