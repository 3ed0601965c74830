# SPDX-License-Identifier: Apache-2.0
"""One request to a FastCGI server (the protocol's version 1)."""
import socket
import struct
import time

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)
RESPONDER = 1


class Gone(Exception):
    """The server hung up before the end of the reply."""


def record(kind, data=b""):
    return struct.pack(">BBHHBB", 1, kind, 1, len(data), 0, 0) + data


def stream(kind, data):
    parts = [record(kind, data[i:i + 65535])
             for i in range(0, len(data), 65535)]
    return b"".join(parts) + record(kind)


def length(n):
    return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)


def pairs(params):
    return b"".join(length(len(k)) + length(len(v)) + k + v
                    for k, v in params.items())


class Reader:
    """Bytes of a socket until a time."""

    def __init__(self, sock, until):
        self.sock, self.until = sock, until
        self.data = bytearray()

    def take(self, n):
        while len(self.data) < n:
            left = self.until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.sock.settimeout(left)
            got = self.sock.recv(1 << 16)
            if not got:
                raise Gone
            self.data += got
        out = bytes(self.data[:n])
        del self.data[:n]
        return out


def ask(sock, params, body, seconds):
    """(stdout, stderr, whole): what came; whole says if the reply ended.

    TimeoutError is raised when the time is over.
    """
    out = {STDOUT: [], STDERR: []}
    reader = Reader(sock, time.monotonic() + seconds)
    whole = False
    try:
        sock.settimeout(seconds)
        sock.sendall(record(BEGIN, struct.pack(">HB5x", RESPONDER, 0)) +
                     stream(PARAMS, pairs(params)) + stream(STDIN, body))
        while not whole:
            head = reader.take(8)
            _, kind, _, n, pad, _ = struct.unpack(">BBHHBB", head)
            data = reader.take(n + pad)[:n]
            if kind in out:
                out[kind].append(data)
            whole = kind == END
    except (Gone, ConnectionError):
        pass
    return b"".join(out[STDOUT]), b"".join(out[STDERR]), whole


def connect(address, seconds):
    """ADDRESS is a path, or (host, port)."""
    if isinstance(address, str):
        sock = socket.socket(socket.AF_UNIX)
    else:
        sock = socket.socket(socket.AF_INET)
    sock.settimeout(seconds)
    try:
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock
