#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Talks HTTP to a server, byte by byte.

http.py answers HOST PORT   prints what it answers to a list of requests, but
                            for the time: two servers of one tree must agree
http.py urls TREE BASE OUT  a file for curl -K: all files of TREE
http.py till-end HOST PORT  asks until the server ends: no answer may be cut
http.py finish HOST PORT    reads when the server takes no new connection
http.py manners HOST PORT   clients that are slow, that hang up, that go
                            halfway; fails if the server minds
"""
import os
import re
import socket
import sys
import time
import urllib.parse

TIMEOUT = 60

# What is sent on one connection, and what is asked of it.
REQUESTS = [
    "GET /small.html HTTP/1.1\nHost: x",
    "HEAD /small.html HTTP/1.1\nHost: x",
    "GET /small.html HTTP/1.0",
    "GET /small.html HTTP/1.0\nConnection: keep-alive",
    "GET /nothing HTTP/1.1\nHost: x",
    "GET /doc HTTP/1.1\nHost: x",
    "GET /tools/ HTTP/1.1\nHost: x",
    "GET /libs/ HTTP/1.1\nHost: x",
    "GET /%e2%98%83 HTTP/1.1\nHost: x",
    "GET /../etc/passwd HTTP/1.1\nHost: x",
    "GET /big.bin HTTP/1.1\nHost: x",
    "GET /big.bin HTTP/1.1\nHost: x\nRange: bytes=0-0",
    "GET /big.bin HTTP/1.1\nHost: x\nRange: bytes=1000000-1999999",
    "GET /big.bin HTTP/1.1\nHost: x\nRange: bytes=-5",
    "GET /big.bin HTTP/1.1\nHost: x\nRange: bytes=3145720-",
    "GET /big.bin HTTP/1.1\nHost: x\nRange: bytes=0-9,4096-5000,99999-100099",
    "GET /big.bin HTTP/1.1\nHost: x\nRange: bytes=4000000-",
    "GET /small.html HTTP/1.1\nHost: x\nIf-None-Match: \"0-264\"",
    "GET /small.html HTTP/1.1\nHost: x\n"
    "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    "GET /text.txt HTTP/1.1\nHost: x\nAccept-Encoding: gzip",
    "GET /text.txt HTTP/1.1\nHost: x\nAccept-Encoding: identity",
    "GET /packed/page.html HTTP/1.1\nHost: x\nAccept-Encoding: gzip",
    "GET /packed/page.html HTTP/1.1\nHost: x",
    "GET /sub/text.txt HTTP/1.1\nHost: x",
    "GET /re/keel-2026 HTTP/1.1\nHost: x",
    "GET /re/keel-1 HTTP/1.1\nHost: x",
    "GET /who HTTP/1.1\nHost: x\nX-Real-IP: 192.0.2.7",
    "GET /who HTTP/1.1\nHost: x\nX-Real-IP: 2001:db8::7",
    "GET /proxy/small.html HTTP/1.1\nHost: x",
    "GET /proxy/big.bin HTTP/1.1\nHost: x",
    "POST /echo HTTP/1.1\nHost: x\nContent-Length: 5\n\n+hello",
    "POST /put/x HTTP/1.1\nHost: x\nContent-Length: 3000000\n\n+3000000",
    "POST /echo HTTP/1.1\nHost: x\nContent-Length: 9000000",
    "DELETE /small.html HTTP/1.1\nHost: x",
    "GET /small.html HTTP/1.1",
    "GET /small.html HTTP/1.1\nHost: x\nX: " + "y" * 9000,
    "GET /" + "z" * 9000 + " HTTP/1.1\nHost: x",
    "NONSENSE",
    "GET /small.html HTTP/3.7\nHost: x",
]


def dial(host, port):
    s = socket.create_connection((host, int(port)), TIMEOUT)
    s.settimeout(TIMEOUT)
    return s


def encode(request):
    """The bytes: lines end in CRLF; after an empty line "+" is a body."""
    head, _, body = request.partition("\n\n+")
    if re.fullmatch(r"\d{4,}", body):
        body = "b" * int(body)
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body.encode()


def read_all(s):
    parts = []
    while True:
        part = s.recv(65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def read_answer(f, method):
    """Head and body of one answer from a buffered reader."""
    head = []
    while True:
        line = f.readline()
        if not line:
            raise EOFError("the connection ended in a head")
        if line == b"\r\n":
            break
        head.append(line)
    length = [h.split(b":")[1] for h in head if h.lower()
              .startswith(b"content-length:")]
    chunked = any(h.lower().startswith(b"transfer-encoding: chunked")
                  for h in head)
    if method == "HEAD" or b" 304 " in head[0]:
        return head, b""
    if not chunked:
        n = int(length[0])
        body = f.read(n)
        if len(body) != n:
            raise EOFError("the connection ended in a body")
        return head, body
    body = b""
    while True:
        n = int(f.readline(), 16)
        body += f.read(n)
        f.readline()
        if n == 0:
            return head, body


def settle(data):
    """Without what differs between any two runs."""
    data = re.sub(rb"(?m)^Date: .*\r\n", b"", data)
    boundary = re.search(rb"boundary=(\w+)", data)
    return data.replace(boundary.group(1), b"BOUNDARY") if boundary else data


def join(data):
    """An answer whose chunks are one: where they end is a matter of time."""
    head, _, rest = data.partition(b"\r\n\r\n")
    if b"\r\nTransfer-Encoding: chunked" not in head or not rest:
        return data  # it has no chunks, or is one to HEAD
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        n = int(size, 16)
        if rest[n:n + 2] != b"\r\n":
            raise EOFError("the connection ended in a chunk")
        body += rest[:n]
        rest = rest[n + 2:]
        if n == 0:
            return head + b"\r\n\r\n" + body + rest


def one(host, port, request):
    """The whole answer to one request, which is the last one."""
    with dial(host, port) as s:
        data = encode(request)
        if b"\r\n\r\n" in data and "HTTP/1.1" in request:
            data = data.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        try:
            s.sendall(data)
        except OSError:
            pass  # an answer can come before all is sent
        if "keep-alive" in request:
            s.shutdown(socket.SHUT_WR)
        return settle(join(read_all(s)))


def answers(host, port):
    for request in REQUESTS:
        sys.stdout.buffer.write(
            b"=== %s\n" % request.splitlines()[0][:70].encode())
        sys.stdout.buffer.write(one(host, port, request) + b"\n")
    # All the good ones again in one connection, sent before any answer.
    many = [r for r in REQUESTS if " HTTP/1.1\nHost: x" in r and
            "/.." not in r and "z" * 99 not in r and
            "y" * 99 not in r and "00000" not in r]
    with dial(host, port) as s:
        s.sendall(b"".join(encode(r) for r in many))
        with s.makefile("rb") as f:
            for r in many:
                head, body = read_answer(f, r.split()[0])
                sys.stdout.buffer.write(
                    b"--- %s%s\n" % (r.splitlines()[0].encode(), head[0]))
                sys.stdout.buffer.write(settle(b"".join(head) + body) + b"\n")


def urls(tree, base, out):
    for folder, _, names in sorted(os.walk(tree)):
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), tree)
            print('url = "%s/%s"' % (base, urllib.parse.quote(path)))
            print('output = "%s"' % os.path.join(out, path))


def manners(host, port):
    small = one(host, port, REQUESTS[0])
    # A byte at a time.
    with dial(host, port) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for c in encode("GET /small.html HTTP/1.1\nConnection: close\nHost: x"):
            s.sendall(bytes([c]))
        if settle(read_all(s)) != small:
            sys.exit("a byte at a time: another answer")
    # No more to say, but all ears.
    with dial(host, port) as s:
        s.sendall(encode("GET /small.html HTTP/1.1\nConnection: close\nHost: x"))
        s.shutdown(socket.SHUT_WR)
        if settle(read_all(s)) != small:
            sys.exit("half closed: another answer")
    # A window that is closed for a while, by many at once.
    slow = [dial(host, port) for _ in range(20)]
    for s in slow:
        s.sendall(encode("GET /big.bin HTTP/1.1\nConnection: close\nHost: x"))
    if one(host, port, REQUESTS[0]) != small:
        sys.exit("beside closed windows: another answer")
    for s in slow:
        if len(read_all(s)) < 3 << 20:
            sys.exit("a closed window lost bytes")
        s.close()
    # They ask for much and go: by FIN, and by RST.
    for linger in (b"\0" * 8, b"\1\0\0\0\0\0\0\0"):
        for _ in range(50):
            s = dial(host, port)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            s.sendall(encode("GET /big.bin HTTP/1.1\nHost: x"))
            s.recv(1000)
            s.close()
    if one(host, port, REQUESTS[0]) != small:
        sys.exit("after rude clients: another answer")


def till_end(host, port):
    """Ends well when the server does, between two answers."""
    want = one(host, port, REQUESTS[0]).partition(b"\r\n\r\n")[2]
    count = 0
    request = encode("GET /small.html HTTP/1.1\nHost: x")
    with dial(host, port) as s, s.makefile("rb") as f:
        while True:
            try:
                s.sendall(request)
                if not f.peek(1):
                    break
            except OSError:
                break
            head, body = read_answer(f, "GET")
            if body != want:
                sys.exit("answer %d is another" % count)
            count += 1
            if count == 100:
                print("begun", flush=True)
    print("%d answers, all whole" % count)


def finish(host, port):
    """A download that the server's end finds at its beginning."""
    request = encode("GET /big.bin HTTP/1.1\nConnection: close\nHost: x")
    want = settle(one(host, port, "GET /big.bin HTTP/1.1\nHost: x"))
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        s.settimeout(120)
        s.connect((host, int(port)))
        s.sendall(request)
        got = s.recv(100000)
        print("begun", flush=True)
        end = time.monotonic() + 120
        try:
            while time.monotonic() < end:
                socket.create_connection((host, port), 120).close()
                time.sleep(0.05)
            sys.exit("new connections are still taken")
        except ConnectionRefusedError:
            got += read_all(s)
    if settle(got) != want:
        sys.exit("%d bytes, not %d, or others" % (len(got), len(want)))
    print("%d bytes, all there" % len(got))


if __name__ == "__main__":
    {"answers": answers, "urls": urls, "manners": manners,
     "till-end": till_end, "finish": finish}[sys.argv[1]](
        *sys.argv[2:])
