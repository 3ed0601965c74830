# SPDX-License-Identifier: Apache-2.0
"""A .phpt file: its sections, what it asks of a request, what it expects.

The format is the one that PHP documents for its tests: lines --NAME-- begin
sections. All text is bytes, since tests are in many encodings.
"""
import gzip
import os
import re
import zlib

SPACE = b" \t\n\r\0\x0b"

# Sections that say what the request is: the test needs a web server.
WEB = ("GET", "POST", "POST_RAW", "GZIP_POST", "DEFLATE_POST", "PUT",
       "COOKIE", "HEADERS", "CGI", "EXPECTHEADERS")
EXPECT = ("EXPECT", "EXPECTF", "EXPECTREGEX")
KNOWN = WEB + EXPECT + (
    "TEST", "DESCRIPTION", "CREDITS", "SKIPIF", "INI", "ENV", "ARGS",
    "STDIN", "EXTENSIONS", "FILE", "FILEEOF", "FILE_EXTERNAL",
    "REDIRECTTEST", "EXPECT_EXTERNAL", "EXPECTF_EXTERNAL",
    "EXPECTREGEX_EXTERNAL", "XFAIL", "XLEAK", "CLEAN", "CAPTURE_STDIO",
    "CONFLICTS", "PHPDBG", "WHITESPACE_SENSITIVE", "FLAKY")

# What a placeholder of EXPECTF stands for.
PLACE = {
    b"%e": rb"/",
    b"%s": rb"[^\r\n]+", b"%S": rb"[^\r\n]*",
    b"%a": rb".+", b"%A": rb".*",
    b"%w": rb"\s*",
    b"%i": rb"[+-]?\d+", b"%d": rb"\d+", b"%x": rb"[0-9a-fA-F]+",
    b"%f": rb"[+-]?(?:\d+|(?=\.\d))(?:\.\d+)?(?:[Ee][+-]?\d+)?",
    b"%c": rb".",
    b"%0": rb"\x00",
}
PIECE = re.compile(rb"%r(.*?)%r|(%[esSaAwidxfc0])", re.S)


class Broken(Exception):
    """The file is not a test; the text says why."""


def parse(data):
    """The sections of a file, a dict from name to bytes."""
    sections = {}
    name = None
    done = False
    for line in re.findall(rb"[^\n]*\n|[^\n]+", data):
        head = re.match(rb"--([A-Z_]+)--[ \t\r]*\n?$", line)
        if head and (name is None or head[1].decode() in KNOWN):
            name = head[1].decode()
            if name in sections:
                raise Broken(f"two sections {name}")
            sections[name] = b""
            done = False
        elif name is None:
            raise Broken("does not begin with a section")
        elif not done:
            sections[name] += line
            # What follows this line in a program is not part of it.
            done = name.startswith("FILE") and \
                line.rstrip() == b"===DONE==="
    if "TEST" not in sections:
        raise Broken("no TEST")
    return sections


def pattern(text):
    """The regular expression of an EXPECTF text."""
    out = []
    at = 0
    for m in PIECE.finditer(text):
        out.append(re.escape(text[at:m.start()]))
        out.append(b"(?:%s)" % m[1] if m[1] is not None else PLACE[m[2]])
        at = m.end()
    out.append(re.escape(text[at:]))
    return b"".join(out)


def normal(text):
    return text.strip(SPACE).replace(b"\r\n", b"\n")


class Test:
    def __init__(self, top, name):
        """NAME is the path of the .phpt below the folder TOP."""
        self.name = name
        self.folder = os.path.join(top, os.path.dirname(name))
        with open(os.path.join(top, name), "rb") as f:
            self.sections = parse(f.read())
        self._take_external()
        if "REDIRECTTEST" not in self.sections:
            self.code = self._code()
            self._expected()

    def text(self, section):
        return self.sections.get(section, b"")

    def has(self, *sections):
        return any(s in self.sections for s in sections)

    def lines(self, section):
        return [x.strip(SPACE) for x in self.text(section).split(b"\n")
                if x.strip(SPACE)]

    def _take_external(self):
        for section in list(self.sections):
            if not section.endswith("_EXTERNAL"):
                continue
            file = os.fsdecode(self.text(section).strip(SPACE))
            path = os.path.normpath(os.path.join(self.folder, file))
            if not path.startswith(self.folder):
                raise Broken(f"{section} is outside of its folder")
            with open(path, "rb") as f:
                self.sections[section[:-len("_EXTERNAL")]] = f.read()

    def _code(self):
        if self.has("FILEEOF"):
            return self.text("FILEEOF").rstrip(b"\r\n")
        if not self.has("FILE"):
            raise Broken("no FILE")
        return self.text("FILE")

    def _expected(self):
        which = [s for s in EXPECT if s in self.sections]
        if len(which) != 1:
            raise Broken("not one EXPECT section")
        text = normal(self.text(which[0]))
        self.exact = text if which[0] != "EXPECTREGEX" else None
        self.regex = None
        if which[0] != "EXPECT":
            source = text if which[0] == "EXPECTREGEX" else pattern(text)
            try:
                self.regex = re.compile(source, re.S)
            except re.error as e:
                raise Broken(f"{which[0]}: {e}") from e

    def ini(self):
        """Pairs (name, value) of the INI section."""
        out = []
        for line in self.lines("INI"):
            key, eq, value = line.partition(b"=")
            if eq and not key.startswith((b";", b"#")):
                out.append((key.strip().decode(), value.strip()))
        return out

    def env(self):
        return [tuple(x.split(b"=", 1)) for x in self.lines("ENV")
                if b"=" in x]

    def body(self):
        """(method, content type, encoding, body) of the request."""
        form = b"application/x-www-form-urlencoded"
        if self.has("POST_RAW", "PUT"):
            section = "POST_RAW" if self.has("POST_RAW") else "PUT"
            kind = b""
            rest = []
            for line in self.text(section).strip(SPACE).split(b"\n"):
                m = re.match(rb"(?i)Content-Type:(.*)", line)
                if m and not kind:
                    kind = m[1].strip()
                else:
                    rest.append(line)
            return ("PUT" if section == "PUT" else "POST", kind, b"",
                    b"\n".join(rest))
        if self.has("POST"):
            return "POST", form, b"", self.text("POST").strip(SPACE)
        if self.has("GZIP_POST"):
            return ("POST", form, b"gzip",
                    gzip.compress(self.text("GZIP_POST").strip(SPACE)))
        if self.has("DEFLATE_POST"):
            return ("POST", form, b"deflate",
                    zlib.compress(self.text("DEFLATE_POST").strip(SPACE)))
        return "GET", b"", b"", b""

    def headers(self):
        """Header lines of the request as CGI variables."""
        out = []
        for line in self.lines("HEADERS"):
            key, colon, value = line.partition(b":")
            if colon:
                key = key.strip().upper().replace(b"-", b"_")
                out.append((b"HTTP_" + key, value.strip()))
        return out

    def matches(self, output):
        got = normal(output)
        if got == self.exact:
            return True
        return bool(self.regex and self.regex.fullmatch(got))

    def headers_match(self, got):
        """EXPECTHEADERS: each of these lines is among those of the reply."""
        have = {k.lower(): v for k, v in split_headers(got)}
        return all(have.get(k.lower()) == v for k, v in
                   split_headers(self.text("EXPECTHEADERS")))


def split_headers(text):
    out = []
    for line in text.split(b"\n"):
        key, colon, value = line.partition(b":")
        if colon:
            out.append((key.strip(), value.strip()))
    return out


def find(top, paths):
    """Names of the tests below PATHS (files or folders), in order."""
    names = set()
    for path in paths:
        full = os.path.join(top, path)
        if os.path.isfile(full):
            names.add(os.path.normpath(path))
        elif not os.path.isdir(full):
            raise FileNotFoundError(full)
        for folder, _, files in os.walk(full):
            names.update(os.path.relpath(os.path.join(folder, f), top)
                         for f in files if f.endswith(".phpt"))
    return sorted(names)
