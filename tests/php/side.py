# SPDX-License-Identifier: Apache-2.0
"""Where PHP runs: as a program of this host, or in a machine of its own.

A Side has a folder with the tests' files that PHP sees under the same name on
both sides. After each test it is put back to what it was.
"""
import os
import shutil
import signal
import socket
import stat
import subprocess
import time

import fastcgi

START_S = 180


class Tree:
    """A folder that can be put back to what it was at first."""

    def __init__(self, source, folder):
        self.source, self.folder = source, folder
        os.makedirs(folder)

    def fill(self, names):
        """Copies folders of the source, without the tests themselves."""
        def skip(_, files):
            return [f for f in files if f.endswith(".phpt")]
        for name in names:
            shutil.copytree(os.path.join(self.source, name),
                            os.path.join(self.folder, name),
                            symlinks=True, ignore=skip, dirs_exist_ok=True)
        self.first = self._look()

    def _look(self):
        """What is there: path -> what would change with it."""
        seen = {}
        todo = [self.folder]
        while todo:
            with os.scandir(todo.pop()) as entries:
                for e in entries:
                    st = e.stat(follow_symlinks=False)
                    if stat.S_ISDIR(st.st_mode):
                        todo.append(e.path)
                        seen[e.path] = st.st_mode
                    else:
                        seen[e.path] = (st.st_mode, st.st_size,
                                        st.st_mtime_ns)
        return seen

    def reset(self):
        now = self._look()
        if now == self.first:
            return
        for path in sorted(now.keys() - self.first.keys()):
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            elif os.path.lexists(path):
                os.unlink(path)
        for path in sorted(self.first):
            if now.get(path) != self.first[path]:
                self._put_back(path)
        self.first = self._look()

    def _put_back(self, path):
        mode = self.first[path]
        if isinstance(mode, int):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, stat.S_IMODE(mode))
            return
        if os.path.lexists(path):
            os.unlink(path)
        shutil.copy2(os.path.join(self.source,
                                  os.path.relpath(path, self.folder)),
                     path, follow_symlinks=False)


class Side:
    """One PHP: a server that is asked, and programs that run once."""

    def __init__(self, work, seen, source):
        """WORK is the folder here, SEEN its name for PHP."""
        self.work, self.seen = work, seen
        self.tree = Tree(source, os.path.join(work, "t"))
        os.mkdir(os.path.join(work, "tmp"))
        self.temporary = Tree(os.path.join(work, "tmp"),
                              os.path.join(work, "tmp", "t"))
        self.temporary.fill([])
        self.env = {b"TMPDIR": os.fsencode(os.path.join(seen, "tmp", "t")),
                    b"PHP_INI_SCAN_DIR": b"", b"PHP_FCGI_MAX_REQUESTS": b"0",
                    # Emulation has no speed that could be tested.
                    b"SKIP_PERF_SENSITIVE": b"1", b"TZ": b"UTC"}
        self.process = None
        self.address = None

    def write(self, name, data):
        path = os.path.join(self.work, name)
        with open(path, "wb") as f:
            f.write(data)

    def place(self, name):
        """What PHP calls a file of the folder."""
        return os.path.join(self.seen, name)

    def reset(self):
        self.tree.reset()
        self.temporary.reset()

    # --- the server ---------------------------------------------------------
    def start(self):
        """Starts the server, or raises OSError with what it said."""
        for _ in range(3):
            command, self.address = self.server_command()
            with open(os.path.join(self.work, "log"), "wb") as log:
                self.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log, env=self.host_env(self.env))
            until = time.monotonic() + START_S
            while time.monotonic() < until and self.process.poll() is None:
                if self._answers():
                    return
                time.sleep(0.1)
            self.stop()
        raise OSError("PHP does not start: " + self.log())

    def _answers(self):
        try:
            reply = self.ask({b"SCRIPT_FILENAME":
                              os.fsencode(self.place("ping.php")),
                              b"REQUEST_METHOD": b"GET"}, b"", 10)
            return b"pong" in reply[0]
        except OSError:
            return False

    def log(self):
        with open(os.path.join(self.work, "log"), "rb") as f:
            return f.read()[-2000:].decode("utf-8", "replace")

    def ask(self, params, body, seconds):
        with fastcgi.connect(self.address, seconds) as sock:
            return fastcgi.ask(sock, params, body, seconds)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        if self.process is None:
            return
        end(self.process)
        self.process = None

    # --- one program a test ---------------------------------------------------
    def run(self, arguments, env, folder, body, seconds):
        """FOLDER, as PHP calls it, is where it begins.

        (stdout, stderr, status); TimeoutError when the time is over."""
        child = subprocess.Popen(
            self.program_command(arguments, {**self.env, **env}, folder),
            cwd=self.host_folder(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.host_env({**self.env, **env}))
        try:
            out, err = child.communicate(body, seconds)
        except subprocess.TimeoutExpired:
            end(child)
            raise TimeoutError from None
        return out, err, child.returncode


def end(child):
    """Ends a child: asked twice, then at once."""
    for sign in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            break
        child.send_signal(sign)
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            continue
    for f in (child.stdin, child.stdout, child.stderr):
        if f:
            f.close()
    child.wait()


class Host(Side):
    name = "host"

    def __init__(self, work, seen, source, program):
        super().__init__(work, seen, source)
        self.program = program

    def host_env(self, env):
        path = os.environb.get(b"PATH", b"/usr/bin:/bin")
        return {b"PATH": path, **env}

    def server_command(self):
        address = os.path.join(self.work, "socket")
        if os.path.exists(address):
            os.unlink(address)
        return ([self.program, "-c", self.place("php.ini"), "-b", address],
                address)

    def host_folder(self, folder):
        return folder

    def program_command(self, arguments, *_):
        return [self.program, *arguments]


class Guest(Side):
    name = "guest"

    def __init__(self, work, seen, source, slipway, kernel, memory):
        super().__init__(work, seen, source)
        self.slipway, self.kernel, self.memory = slipway, kernel, memory

    def host_env(self, _):
        return None

    def _command(self, options, env, arguments):
        command = [self.slipway, "run", "-q", self.kernel, "--accel", "tcg",
                   "-m", self.memory, "-v", f"{self.work}:{self.seen}"]
        for k, v in env.items():
            command += ["-e", os.fsdecode(k + b"=" + v)]
        return command + options + ["--", *arguments]

    def server_command(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        command = self._command(
            ["-p", f"127.0.0.1:{port}:9000"], self.env,
            ["-c", self.place("php.ini"), "-b", "0.0.0.0:9000"])
        return command, ("127.0.0.1", port)

    def host_folder(self, _):
        return None

    def program_command(self, arguments, env, folder):
        return self._command(["-w", folder], env, arguments)
