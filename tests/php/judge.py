# SPDX-License-Identifier: Apache-2.0
"""Runs one test on one side and says what came of it."""
import os
import re
import subprocess

import phpt

# Settings of the whole run, as the format's description asks for them: errors
# are shown as text, in full, and nothing is logged, buffered or compressed.
BASE = {
    "output_handler": "", "open_basedir": "", "disable_functions": "",
    "output_buffering": "0", "error_reporting": "32767",
    "display_errors": "1", "display_startup_errors": "1", "log_errors": "0",
    "html_errors": "0", "report_memleaks": "1", "docref_root": "",
    "docref_ext": ".html", "error_prepend_string": "",
    "error_append_string": "", "auto_prepend_file": "",
    "auto_append_file": "", "ignore_repeated_errors": "0", "precision": "14",
    "serialize_precision": "-1", "memory_limit": "128M",
    "max_execution_time": "0", "short_open_tag": "0", "zend.assertions": "1",
    "zend.exception_ignore_args": "0",
    "zend.exception_string_param_max_len": "15", "session.auto_start": "0",
    "zlib.output_compression": "0", "date.timezone": "UTC",
    # .user.ini is read again for every request.
    "user_ini.cache_ttl": "-1",
}
SYSTEM = 4  # PHP_INI_SYSTEM: what ini_get_all() says

# What a request may set but what takes effect only when PHP starts.
AT_START = ("zend.multibyte", "zend.script_encoding", "auto_globals_jit",
            "register_argc_argv", "zend.assertions", "opcache.enable",
            "report_memleaks", "mbstring.encoding_translation",
            # A server would refuse the script itself.
            "open_basedir")

# How a program's status says that a signal or its machine ended it.
KILLED = (125, *range(129, 193), *range(-64, 0))

KINDS = ("pass", "fail", "skip", "xfail", "not applicable")

CLI = (
    (rb"\bSTD(?:IN|OUT|ERR)\b(?!-)", "uses the CLI's STDIN, STDOUT or STDERR"),
    (rb"TEST_PHP_(?:CGI_)?EXECUTABLE|PHP_BINARY|cli_server|run-tests",
     "starts PHP's command line"),
    (rb"isatty", "needs the terminal that it is started from"),
)

INFO = b"""<?php
foreach (get_loaded_extensions() as $e) echo "e ", strtolower($e), "\\n";
foreach (get_loaded_extensions(true) as $e) echo "e ", strtolower($e), "\\n";
foreach (ini_get_all() as $k => $v) echo "i $k {$v['access']}\\n";
"""


class Verdict:
    """What came of a test. alone: by a program of its own."""

    def __init__(self, kind, why="", output=b"", alone=False):
        self.kind, self.why, self.output = kind, why, output
        self.alone = alone

    def same(self, other):
        return self.kind == other.kind and \
            (self.kind != "pass" or self.alone == other.alone)

    def __str__(self):
        return self.kind + (" alone" if self.alone else "") + \
            (f" ({self.why})" if self.why else "")


def not_applicable(test):
    if test.has("REDIRECTTEST", "PHPDBG"):
        return "is not a test of php-cgi"
    text = b"".join(test.text(s) for s in ("FILE", "FILEEOF", "SKIPIF"))
    return next((why for what, why in CLI if re.search(what, text)), None)


def setting(key, value):
    """A line of a php.ini."""
    if value and not re.match(rb"[A-Za-z0-9\"']", value):
        value = b'"' + value + b'"'
    return key.encode() + b"=" + value + b"\n"


class Judge:
    def __init__(self, side, seconds):
        self.side, self.seconds = side, seconds
        base = b"".join(setting(k, v.encode()) for k, v in BASE.items()) + \
            setting("session.save_path", side.env[b"TMPDIR"])
        side.write("php.ini", base)
        side.write("ping.php", b"<?php echo 'pong';")
        side.write("info.php", INFO)
        self.base = base
        self.extensions, self.access = set(), {}
        self.restarts = 0

    def learn(self):
        """Starts the server and asks what this PHP has."""
        self.side.start()
        out, _ = self._request("info.php")
        for line in out.decode().split("\n"):
            kind, _, rest = line.partition(" ")
            if kind == "e":
                self.extensions.add(rest)
            elif kind == "i":
                key, access = rest.rsplit(" ", 1)
                self.access[key] = int(access)
        if "core" not in self.extensions:
            raise OSError("PHP does not say what it has: " + self.side.log())

    # --- one request or program ---------------------------------------------
    def _cgi(self, script, test=None):
        """The variables of a request and its body."""
        path = os.fsencode(self.side.place(script))
        method, kind, encoding, body = "GET", b"", b"", b""
        env = {}
        if test:
            method, kind, encoding, body = test.body()
            env.update(test.headers())
        env.update({
            b"GATEWAY_INTERFACE": b"CGI/1.1", b"REDIRECT_STATUS": b"1",
            b"SERVER_PROTOCOL": b"HTTP/1.1", b"SCRIPT_FILENAME": path,
            b"PATH_TRANSLATED": path, b"SCRIPT_NAME": path,
            b"DOCUMENT_ROOT": os.path.dirname(path),
            b"REQUEST_METHOD": method.encode(), b"QUERY_STRING": b"",
        })
        if kind or body:
            env[b"CONTENT_TYPE"] = kind
            env[b"CONTENT_LENGTH"] = b"%d" % len(body)
        if encoding:
            env[b"HTTP_CONTENT_ENCODING"] = encoding
        if test:
            if test.has("COOKIE"):
                env[b"HTTP_COOKIE"] = test.text("COOKIE").strip(phpt.SPACE)
            env[b"QUERY_STRING"] = test.text("GET").strip(phpt.SPACE)
            env.update(test.env())
        return env, body

    def _ask(self, env, body):
        """Of a server that is started again if it has ended since.

        What takes connections for the guest may not know that yet.
        """
        try:
            if self.side.running():
                reply = self.side.ask(env, body, self.seconds)
                if reply[2] or reply[0]:
                    return reply
        except ConnectionError:
            pass
        self.restarts += 1
        self.side.stop()
        self.side.start()
        return self.side.ask(env, body, self.seconds)

    def _request(self, script, test=None):
        """(body, headers) of the server's reply; Verdict if there is none."""
        env, body = self._cgi(script, test)
        try:
            out, _, whole = self._ask(env, body)
        except TimeoutError:
            self.side.stop()
            raise Stop("takes too long") from None
        head, _, rest = out.partition(b"\r\n\r\n")
        if not whole:
            try:
                self.side.process.wait(20)
            except subprocess.TimeoutExpired:
                pass
            why = "PHP ended" if not self.side.running() else "no whole reply"
            log = self.side.log()
            self.side.stop()
            raise Stop(why, rest + b"\n" + log.encode())
        return rest, head

    def _alone(self, script, test):
        """The same by a program of its own, which begins in its folder."""
        path = self.side.place(script)
        arguments = ["-c", self.side.place("test.ini")]
        web = test.has(*phpt.WEB)
        if web:
            env, body = self._cgi(script, test)
        else:
            env, body = dict(test.env()), test.text("STDIN")
            arguments += ["-q", "-f", path,
                          *os.fsdecode(test.text("ARGS")).split()]
        try:
            out, err, status = self.side.run(
                arguments, env, os.path.dirname(path), body, self.seconds)
        except TimeoutError:
            raise Stop("takes too long") from None
        if status in KILLED:
            raise Stop(f"PHP ended with status {status}", out + err)
        head = b""
        if web:
            head, _, out = out.partition(b"\r\n\r\n")
        if test.has("CAPTURE_STDIO"):
            wanted = test.text("CAPTURE_STDIO").upper()
            out = (out if b"STDOUT" in wanted else b"") + \
                (err if b"STDERR" in wanted else b"")
        return out, head

    # --- one test ---------------------------------------------------------------
    def _settings(self, test, own):
        """Writes the test's settings; says if it needs its own program."""
        place = os.fsencode(os.path.dirname(self.side.place(
            os.path.join("t", test.name))))
        temporary = self.side.env[b"TMPDIR"]
        own |= test.has("ARGS", "STDIN", "CAPTURE_STDIO")
        lines = b""
        for key, value in test.ini():
            value = value.replace(b"{PWD}", place).replace(b"{TMP}", temporary)
            lines += setting(key, value)
            if key in BASE and BASE[key].encode() == value:
                continue
            if key in AT_START or self.access.get(key) == SYSTEM:
                own = True
        self.side.write("test.ini", self.base + lines)
        if lines and not own:
            self.side.write(os.path.join("t", os.path.dirname(test.name),
                                         ".user.ini"), lines)
        return own

    def run(self, test):
        """The Verdict on a test; afterwards the side is as before.

        What does not pass is tried by a program of its own: PHP keeps some
        of its state from one request to the next, and most tests are
        written for a new process.
        """
        why = not_applicable(test)
        if why:
            return Verdict("not applicable", why)
        missing = [e.decode() for e in test.lines("EXTENSIONS")
                   if e.decode().lower() not in self.extensions]
        if missing:
            return Verdict("skip", "without " + ", ".join(missing))
        verdict = self._try(test, False)
        if verdict.kind in ("fail", "xfail") and not verdict.alone:
            again = self._try(test, True)
            if again.kind == "pass":
                return again
        return verdict

    def _try(self, test, alone):
        alone = self._settings(test, alone)
        failed = "xfail" if test.has("XFAIL") else "fail"
        try:
            verdict = self._skip(test)
            if verdict is None or verdict.kind == "xfail":
                failed = verdict.kind if verdict else failed
                out, head = self._answer(test, alone)
                good = test.matches(out) and test.headers_match(head)
                verdict = Verdict("pass", "", out, alone) if good else \
                    Verdict(failed, "other output", out, alone)
        except Stop as e:
            verdict = Verdict(failed, e.why, e.output, alone)
        finally:
            self.side.reset()
        return verdict

    def _skip(self, test):
        """What SKIPIF says: a Verdict, or None to go on."""
        if not test.has("SKIPIF"):
            return None
        script = os.path.join("t", test.name[:-len("phpt")] + "skip.php")
        self.side.write(script, test.text("SKIPIF"))
        said = self._request(script)[0].strip(phpt.SPACE)
        if said[:4].lower() == b"skip":
            return Verdict("skip", said[4:200].decode("utf-8", "replace")
                           .strip(" :-\n"))
        return Verdict("xfail") if said[:5].lower() == b"xfail" else None

    def _answer(self, test, alone):
        """(body, headers) of the test itself."""
        stem = os.path.join("t", test.name[:-len(".phpt")])
        self.side.write(stem + ".php", test.code)
        try:
            return self._alone(stem + ".php", test) if alone else \
                self._request(stem + ".php", test)
        finally:
            if test.has("CLEAN"):
                self.side.write(stem + ".clean.php", test.text("CLEAN"))
                try:
                    self._request(stem + ".clean.php")
                except Stop:
                    pass


class Stop(Exception):
    """PHP did not answer: why, and what it said."""

    def __init__(self, why, output=b""):
        super().__init__(why)
        self.why, self.output = why, output
