#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Talks to redis.

redis.py keys N             100,000 and other keys, as redis-cli --pipe reads
redis.py write PORT ACKED   writes without end; a line in ACKED for each
                            write that was acknowledged, until the server dies
redis.py verify PORT ACKED  every acknowledged write must be there
redis.py pubsub PORT N      a subscriber hears N messages in their order
redis.py expiry PORT        keys go when they have to
"""
import socket
import sys
import time


def command(*words):
    out = b"*%d\r\n" % len(words)
    for word in words:
        word = word if isinstance(word, bytes) else str(word).encode()
        out += b"$%d\r\n%s\r\n" % (len(word), word)
    return out


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", int(port)), 60)
        self.socket.settimeout(60)
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        self.socket.sendall(command(*words))

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("the server has gone")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise ValueError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest
        if kind == b"$":
            if rest == b"-1":
                return None
            data = self.file.read(int(rest) + 2)
            if len(data) != int(rest) + 2:
                raise EOFError("the server has gone")
            return data[:-2]
        return [self.read() for _ in range(int(rest))]

    def call(self, *words):
        self.send(*words)
        return self.read()


def keys(n):
    out = sys.stdout.buffer
    for i in range(int(n)):
        out.write(command("SET", "key:%06d" % i, "value %d " % i * (i % 5 + 1)))
        if i % 10 == 0:
            out.write(command("HSET", "hash:%03d" % (i % 997), "f%d" % i, i))
            out.write(command("ZADD", "set:%02d" % (i % 97), i * 7 % 1009, i))
            out.write(command("RPUSH", "list:%02d" % (i % 31), "x" * (i % 70)))


def write(port, acked):
    """A counter a round, and a list that it is pushed to, in a pipeline."""
    c = Client(port)
    start = int(c.call("GET", "counter") or 0)
    with open(acked, "a", buffering=1, encoding="ascii") as f:
        try:
            i = start
            while True:
                batch = range(i + 1, i + 1 + (i % 7) + 1)
                c.socket.sendall(b"".join(
                    command("SET", "counter", k) +
                    command("SET", "acked:%d" % k, "x" * (k * 37 % 3000))
                    for k in batch))
                for k in batch:
                    c.read()
                    c.read()
                    f.write("%d\n" % k)
                i = batch[-1]
        except (EOFError, OSError):
            print(i - start)


def verify(port, acked):
    c = Client(port)
    with open(acked, encoding="ascii") as f:
        want = [int(line) for line in f if line.endswith("\n")]
    if not want:
        sys.exit("nothing was acknowledged")
    counter = int(c.call("GET", "counter") or 0)
    if counter < want[-1]:
        sys.exit("counter is %d, %d was acknowledged" % (counter, want[-1]))
    for at in range(0, len(want), 500):
        part = want[at:at + 500]
        c.socket.sendall(b"".join(
            command("STRLEN", "acked:%d" % k) for k in part))
        for k in part:
            n = c.read()
            if n != k * 37 % 3000:
                sys.exit("acked:%d has %d bytes" % (k, n))
    print("%d acknowledged writes are there" % len(want))


def pubsub(port, n):
    sub, pub = Client(port), Client(port)
    sub.call("SUBSCRIBE", "news")
    pattern = Client(port)
    pattern.call("PSUBSCRIBE", "n*")
    for i in range(int(n)):
        pub.send("PUBLISH", "news", "message %d" % i)
    for i in range(int(n)):
        if pub.read() != 2:
            sys.exit("a message did not reach both")
    for i in range(int(n)):
        want = b"message %d" % i
        if sub.read()[-1] != want or pattern.read()[-1] != want:
            sys.exit("message %d came late, or another" % i)


def expiry(port):
    c = Client(port)
    for i in range(1000):
        c.send("SET", "short:%d" % i, i, "PX", 50 + i)
    for i in range(1000):
        c.read()
    c.call("SET", "long", 1, "EX", 100000)
    end = time.monotonic() + 60
    while c.call("DBSIZE") and time.monotonic() < end:
        left = sum(c.call("EXISTS", "short:%d" % i) for i in range(0, 1000, 50))
        if not left:
            break
        time.sleep(0.1)
    if any(c.call("EXISTS", "short:%d" % i) for i in range(1000)):
        sys.exit("keys outlive their time by far")
    if not 90000 < c.call("TTL", "long") <= 100000:
        sys.exit("long lives %d s" % c.call("TTL", "long"))


if __name__ == "__main__":
    {"keys": keys, "write": write, "verify": verify, "pubsub": pubsub,
     "expiry": expiry}[sys.argv[1]](*sys.argv[2:])
