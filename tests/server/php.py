#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a PHP that speaks FastCGI; its scripts are those of tests/server/php.
PORT is of this machine, or HOST:PORT.

php.py answers PORT ROOT     all kinds of requests; prints what must be the
                             same on every system
php.py ready PORT ROOT       one page, asked for once
php.py alone PORT ROOT       what needs a second process, or dlopen
php.py page PORT ROOT        index.php
php.py first PORT ROOT       one page, asked for until it comes
php.py row PORT ROOT N [PAGE]
                             N requests, a connection each; prints the rate
php.py crowd PORT ROOT       many clients at once, who wait for each other
php.py manners PORT ROOT     clients that hang up or say nothing
php.py slow PORT ROOT        a request that is under way when the end comes:
                             says begun, then waits for all of its answer
"""
import concurrent.futures
import hashlib
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(sys.path[0]), "php"))
import fastcgi  # noqa: E402

SECONDS = 120


class Php:
    def __init__(self, port, root):
        host, _, port = port.rpartition(":")
        self.address, self.root = (host or "127.0.0.1", int(port)), root

    def params(self, path, method, body, kind, headers):
        name, _, query = path.partition("?")
        out = {
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
            "REQUEST_METHOD": method, "QUERY_STRING": query,
            "REQUEST_URI": path, "SCRIPT_NAME": name,
            "SCRIPT_FILENAME": self.root + name, "DOCUMENT_ROOT": self.root,
            "SERVER_NAME": "test", "SERVER_PORT": "80",
            "REMOTE_ADDR": "192.0.2.1", "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)) if body else "",
        }
        for name, value in headers.items():
            out["HTTP_" + name.upper().replace("-", "_")] = value
        return {k.encode(): v.encode() for k, v in out.items()}

    def ask(self, path, body=b"", method="", kind="", **headers):
        """(status, headers, body) of a reply that came whole."""
        params = self.params(path, method or ("POST" if body else "GET"),
                             body, kind, headers)
        with fastcgi.connect(self.address, SECONDS) as sock:
            out, err, whole = fastcgi.ask(sock, params, body, SECONDS)
        if not whole or err:
            raise EOFError("%s: not whole, or an error: %r" % (path, err))
        head, _, text = out.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = dict(fields).get("Status", "200 OK")
        return status, fields, text


def show(what, reply):
    """What of a reply is the same everywhere."""
    status, fields, text = reply
    print("== %s: %s" % (what, status))
    for name, value in fields:
        if name != "Set-Cookie" or "PHPSESSID" not in value:
            print("%s: %s" % (name, value))
    if len(text) > 100000:
        text = b"%d bytes, %s" % (len(text),
                                  hashlib.md5(text).hexdigest().encode())
    sys.stdout.flush()
    sys.stdout.buffer.write(text + b"\n")


def form(fields, files):
    """A form of several parts, as browsers send it."""
    edge = b"----edge-of-the-test"
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' %
             (name.encode(), value) for name, value in fields]
    parts += [b'Content-Disposition: form-data; name="%s"; filename="%s"\r\n'
              b"Content-Type: image/png\r\n\r\n%s" %
              (name.encode(), file.encode(), data) for name, file, data in files]
    body = b"".join(b"--%s\r\n%s\r\n" % (edge, part) for part in parts)
    return (body + b"--%s--\r\n" % edge,
            "multipart/form-data; boundary=" + edge.decode())


def cookie_of(reply):
    for name, value in reply[1]:
        if name == "Set-Cookie" and value.startswith("PHPSESSID="):
            return value.split(";")[0]
    return None


def sessions(php):
    cookie = ""
    for path in ("/session.php", "/session.php", "/session.php?new=1",
                 "/session.php", "/session.php?end=1", "/session.php"):
        reply = php.ask(path, cookie=cookie)
        cookie = cookie_of(reply) or cookie
        show("session " + path, reply)
    other = php.ask("/session.php", cookie="PHPSESSID=" + "a" * 32)
    show("a name that the server did not give", other)
    if cookie_of(other) in (None, "PHPSESSID=" + "a" * 32):
        raise ValueError("a session was taken over")


def uploads(php):
    picture = b"\x89PNG\r\n\x1a\n" + bytes(
        i * 7 % 251 for i in range(1 << 20)) * 3
    body, kind = form([("title", "Grüße".encode())],
                      [("picture", "größer.png", picture),
                       ("empty", "", b""), ("small", "a.txt", b"text\n")])
    show("an upload", php.ask("/upload.php", body, kind=kind))
    body, kind = form([], [("big", "b.bin", bytes(17 << 20))])
    show("a file that is too large", php.ask("/upload.php", body, kind=kind))


def answers(port, root):
    php = Php(port, root)
    show("values", php.ask("/values.php"))
    show("query", php.ask("/request.php?a=1&b[]=2&b[]=%C3%BC&c%20d=+x",
                          x_of_ours="yes"))
    show("form", php.ask("/request.php", b"a=1&b%5Bk%5D=v&text=" + b"x" * 70000,
                         kind="application/x-www-form-urlencoded",
                         cookie="seen=4; other=%20y"))
    show("json", php.ask("/request.php", json.dumps(
        {"list": [1, 2.5, None], "text": "ü" * 9}).encode(),
        kind="application/json"))
    for method in ("PUT", "DELETE", "HEAD", "PATCH"):
        show(method, php.ask("/request.php?status=202", b"body of it",
                             method=method, kind="text/plain"))
    show("not there", php.ask("/absent.php"))
    sessions(php)
    uploads(php)
    show("10 MB", php.ask("/big.php"))
    for how in ("exception", "fatal", "type", "memory", "grow", "time",
                "warning", "parse", "shutdown"):
        show(how, php.ask("/wrong.php?how=" + how))
    show("and after all that", php.ask("/page.php"))


def alone(port, root):
    """What one process cannot do: an answer and no end."""
    php = Php(port, root)
    for how in ("exec", "mail", "dl"):
        show(how, php.ask("/wrong.php?how=" + how))


def ready(port, root):
    print(Php(port, root).ask("/page.php")[0])


def page(port, root):
    show("page", Php(port, root).ask("/index.php"))


def first(port, root):
    php = Php(port, root)
    while True:
        try:
            fastcgi.connect(php.address, 0.1).close()
            return ready(port, root)
        except (OSError, EOFError):
            time.sleep(0.005)


def row(port, root, n, path="/page.php"):
    php = Php(port, root)
    one = php.ask(path)
    start = time.monotonic()
    for i in range(int(n)):
        if php.ask(path) != one:
            raise ValueError("request %d has another answer" % i)
    print("%.1f requests/s" % (int(n) / (time.monotonic() - start)))


def crowd(port, root):
    php = Php(port, root)
    first = php.ask("/page.php")
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        for reply in pool.map(php.ask, ["/page.php"] * 96):
            if reply != first:
                raise ValueError("another answer in a crowd")
    print("96 answers")


def slow(port, root):
    php = Php(port, root)
    params = php.params("/wrong.php?how=slow", "GET", b"", "", {})
    with fastcgi.connect(php.address, SECONDS) as sock:
        sock.settimeout(SECONDS)
        sock.sendall(question(params))
        got = b""
        while b"done" not in got:
            part = sock.recv(1000)
            if not part:
                raise EOFError("cut: %r" % got)
            if b"begun" in part:
                print("begun", flush=True)
            got += part


def question(params):
    return (fastcgi.record(fastcgi.BEGIN, b"\0\1" + bytes(6)) +
            fastcgi.stream(fastcgi.PARAMS, fastcgi.pairs(params)) +
            fastcgi.stream(fastcgi.STDIN, b""))


def manners(port, root):
    php = Php(port, root)
    for said in (b"", b"GET / HTTP/1.0\r\n\r\n", b"\x01\x01\x00\x01\x00\x08"):
        with fastcgi.connect(php.address, SECONDS) as sock:
            sock.sendall(said)
        ready(port, root)
    params = php.params("/wrong.php?how=abort", "GET", b"", "", {})
    with fastcgi.connect(php.address, SECONDS) as sock:
        sock.sendall(question(params))
        if not sock.recv(1000):
            raise EOFError("no answer to one who hangs up")
    ready(port, root)
    # One that says nothing: PHP lets it go after 5 seconds.
    with fastcgi.connect(php.address, SECONDS):
        ready(port, root)


if __name__ == "__main__":
    {f.__name__: f for f in (
        answers, alone, page, ready, first, row, crowd, slow, manners)}[
        sys.argv[1]](*sys.argv[2:])
