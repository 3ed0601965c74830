#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What runs PHP's tests: the format, the protocol, the folder that is reset.

By examples of our own; no PHP is needed.
"""
import gzip
import os
import socket
import struct
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
import fastcgi  # noqa: E402
import judge  # noqa: E402
import phpt  # noqa: E402
import side  # noqa: E402

COUNT = [0]


def is_(name, got, wanted):
    COUNT[0] += 1
    if got == wanted:
        print(f"ok {COUNT[0]} - {name}")
    else:
        print(f"not ok {COUNT[0]} - {name}\n# got    {got!r}\n"
              f"# wanted {wanted!r}")


def test_of(folder, text, name="a.phpt"):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(text)
    return phpt.Test(folder, name)


def refused(folder, text):
    try:
        test_of(folder, text)
    except phpt.Broken as e:
        return str(e)
    return "taken"


def expects(folder, kind, expected, output):
    return test_of(folder, b"--TEST--\nx\n--FILE--\ny\n--" + kind + b"--\n" +
                   expected).matches(output)


def sections(folder):
    t = test_of(folder, b"--TEST--\nname\n--INI--\na=1\n; no\nb = \"{PWD}\"\n"
                b"--FILE--\n<?php\n--X--\n===DONE===\nafter\n--EXPECT--\nz\n")
    is_("a program ends at its mark, and may have lines like ours", t.code,
        b"<?php\n--X--\n===DONE===\n")
    is_("settings are pairs", t.ini(), [("a", b"1"), ("b", b'"{PWD}"')])
    t = test_of(folder, b"--TEST--\nx\n--FILEEOF--\ny\r\n\n--EXPECT--\nz\n")
    is_("FILEEOF has no last newline", t.code, b"y")
    with open(os.path.join(folder, "out"), "wb") as f:
        f.write(b"%d")
    head = b"--TEST--\nx\n--FILE--\ny\n"
    t = test_of(folder, head + b"--EXPECTF_EXTERNAL--\nout\n")
    is_("an expectation of another file", t.matches(b"12"), True)
    for name, text, why in (
            ("text before the first section", b"x\n", "does not begin with a "
             "section"),
            ("a section twice", head + b"--FILE--\n", "two sections FILE"),
            ("no program", b"--TEST--\nx\n--EXPECT--\ny\n", "no FILE"),
            ("no expectation", head, "not one EXPECT section"),
            ("a file outside", head + b"--EXPECT_EXTERNAL--\n../x\n",
             "EXPECT_EXTERNAL is outside of its folder")):
        is_(f"refused: {name}", refused(folder, text), why)


def patterns(folder):
    for kind, expected, output, wanted in (
            (b"EXPECT", b"a%d\n", b" a%d\r\n", True),
            (b"EXPECT", b"a\nb", b"a\r\nb", True),
            (b"EXPECTF", b"%s.php(%d): %i", b"/x y.php(12): -3", True),
            (b"EXPECTF", b"%s", b"a\nb", False),
            (b"EXPECTF", b"%a", b"a\nb", True),
            (b"EXPECTF", b"x%S%A%wy", b"xy", True),
            (b"EXPECTF", b"%f %x %c%e", b"-1.5e-3 beEF ?/", True),
            (b"EXPECTF", b"%f", b"1.", False),
            (b"EXPECTF", b"(.*) 10%", b"(.*) 10%", True),
            (b"EXPECTF", b"(.*)", b"abc", False),
            (b"EXPECTF", b"%r(a|b)+%r-%d", b"abba-7", True),
            (b"EXPECTF", b"a%0b", b"a\0b", True),
            (b"EXPECTREGEX", b"a.*z", b"a\nz", True),
            (b"EXPECTREGEX", b"a", b"ab", False)):
        is_(f"{kind.decode()} {expected!r} on {output!r}",
            expects(folder, kind, expected, output), wanted)


def requests(folder):
    def body(text):
        return test_of(folder, b"--TEST--\nx\n--FILE--\n--EXPECT--\n" +
                       text).body()
    form = b"application/x-www-form-urlencoded"
    is_("no body", body(b""), ("GET", b"", b"", b""))
    is_("a form", body(b"--POST--\na=1&b\n"), ("POST", form, b"", b"a=1&b"))
    is_("a raw body", body(b"--POST_RAW--\nContent-Type: text/x; a=b\nc\nd\n"),
        ("POST", b"text/x; a=b", b"", b"c\nd"))
    got = body(b"--GZIP_POST--\na=1\n")
    is_("a packed form", (got[2], gzip.decompress(got[3])), (b"gzip", b"a=1"))
    is_("a setting for php.ini is quoted where it must be",
        judge.setting("a", b"%x") + judge.setting("b", b"1") +
        judge.setting("c", b'"d"') + judge.setting("e", b""),
        b'a="%x"\nb=1\nc="d"\ne=\n')


def answer(pieces):
    """What the client makes of a server that says these pieces."""
    ours, theirs = socket.socketpair()

    def serve():
        with theirs:
            while not theirs.recv(1 << 16).endswith(
                    fastcgi.record(fastcgi.STDIN)):
                pass
            for p in pieces:
                theirs.sendall(p)
    thread = threading.Thread(target=serve)
    thread.start()
    with ours:
        try:
            return fastcgi.ask(ours, {b"A": b"x" * 300}, b"body", 30)
        finally:
            thread.join()


def protocol():
    out = fastcgi.record(fastcgi.STDOUT, b"hello")
    padded = struct.pack(">BBHHBB", 1, fastcgi.STDERR, 1, 3, 5, 0) + \
        b"err" + bytes(5)
    end = fastcgi.record(fastcgi.END, bytes(8))
    is_("a reply in two streams, padded", answer([out, padded, out[:9],
                                                  out[9:] + end]),
        (b"hellohello", b"err", True))
    is_("a server that ends halfway", answer([out, out[:10]]),
        (b"hello", b"", False))


def folder_again(folder):
    source = os.path.join(folder, "source")
    os.makedirs(os.path.join(source, "d/e"))
    for name in ("d/kept", "d/changed", "d/gone", "d/a.phpt"):
        with open(os.path.join(source, name), "w", encoding="ascii") as f:
            f.write(name)
    tree = side.Tree(source, os.path.join(folder, "tree"))
    tree.fill(["d"])
    top = os.path.join(tree.folder, "d")
    is_("a copy has no tests in it", sorted(os.listdir(top)),
        ["changed", "e", "gone", "kept"])
    with open(os.path.join(top, "changed"), "a", encoding="ascii") as f:
        f.write("more")
    os.unlink(os.path.join(top, "gone"))
    os.rmdir(os.path.join(top, "e"))
    os.makedirs(os.path.join(top, "new/deep"))
    os.symlink("kept", os.path.join(top, "link"))
    os.chmod(os.path.join(top, "kept"), 0o700)
    tree.reset()
    is_("what was made goes, what went is back", sorted(os.listdir(top)),
        ["changed", "e", "gone", "kept"])
    with open(os.path.join(top, "changed"), encoding="ascii") as f:
        is_("what was changed is as before", f.read(), "d/changed")
    is_("and so are rights", os.stat(os.path.join(top, "kept")).st_mode,
        os.stat(os.path.join(source, "d/kept")).st_mode)


def main():
    with tempfile.TemporaryDirectory() as folder:
        sections(folder)
        patterns(folder)
        requests(folder)
        protocol()
        folder_again(folder)
    print(f"1..{COUNT[0]}")


main()
