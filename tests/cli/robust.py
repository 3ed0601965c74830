# SPDX-License-Identifier: Apache-2.0
# A project, its outputs, and what a build must never leave: for the tests that
# kill builds and that let their writes fail.
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

SLIPWAY = os.path.abspath(os.environ["SLIPWAY"])
MANIFEST = """{"name": "hello", "target": "x86_64-keel",
"sources": ["main.c", "more.c"],
"files": [{"from": "data", "to": "/data"}]}"""
MAIN = """#include <stdio.h>
int more(void);
int main(void)
{
\tputs("Hello");
\treturn more();
}
"""


class Wrong(Exception):
    """What a case found."""


def work_folder():
    """In memory where there is a lot of it: syncs are most of the time."""
    try:
        room = os.statvfs("/dev/shm")
        if room.f_bavail * room.f_frsize > 1 << 30:
            return tempfile.mkdtemp(dir="/dev/shm")
    except OSError:
        pass
    return tempfile.mkdtemp()


def digest(path):
    """Of a file, or of all files of a folder and their names."""
    if os.path.isdir(path):
        names = sorted(os.path.join(d, n)
                       for d, _, files in os.walk(path) for n in files)
        return [(os.path.relpath(n, path), digest(n)) for n in names]
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


class Project:
    """DEST names each output as --output does: type=disk,format=qcow2."""

    def __init__(self, dests):
        self.work = work_folder()
        self.dir, self.out = self.work + "/p", self.work + "/out"
        self.tmp, self.cache = self.work + "/tmp", self.work + "/cache"
        for folder in self.dir + "/data", self.out, self.tmp:
            os.makedirs(folder)
        self.write("slipway.json", MANIFEST)
        self.write("main.c", MAIN)
        self.write("more.c", "int more(void);\n"
                   "int more(void)\n{\n\treturn 0;\n}\n")
        self.write("data/a", "a\n" * 5000)
        self.env = dict(os.environ, TMPDIR=self.tmp, SLIPWAY_CACHE=self.cache)
        self.names = list(dests)
        self.command = [SLIPWAY, "build", "-q", self.dir]
        for name, kind in dests.items():
            self.command += ["--output", f"{kind},dest={self.out}/{name}"]

    def write(self, path, text):
        with open(f"{self.dir}/{path}", "w") as f:
            f.write(text)

    def run(self, **more_env):
        return subprocess.run(self.command, env=dict(self.env, **more_env),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=300)

    def build(self):
        done = self.run()
        if done.returncode:
            raise Wrong(f"status {done.returncode}: {done.stderr}")

    def outputs(self):
        return {n: digest(f"{self.out}/{n}") for n in self.names
                if os.path.exists(f"{self.out}/{n}")}

    def check_whole(self, want):
        for name, got in self.outputs().items():
            if got != want[name]:
                raise Wrong(f"{name} is not whole")

    def check_next(self, want):
        """The next build succeeds, with the same bytes."""
        self.build()
        if self.outputs() != want:
            raise Wrong("the next build has other bytes")

    def left_behind(self):
        found = [f"{self.tmp}/{n}" for n in os.listdir(self.tmp)
                 if n.startswith("slipway")]
        for top in self.out, self.dir, self.cache:
            for folder, dirs, files in os.walk(top):
                found += [f"{folder}/{n}" for n in dirs + files
                          if n.startswith(".") and n != ".lock"]
        with open(self.dir + "/build/hello/.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                found.append("the lock of the build")
        return found

    def check_clean(self):
        left = self.left_behind()
        if any(n.startswith(self.cache) for n in left):
            # What is left in the cache goes when it is pruned.
            subprocess.run([SLIPWAY, "cache", "--prune", "2G"], env=self.env,
                           check=True, stdout=subprocess.DEVNULL)
            left = self.left_behind()
        if left:
            raise Wrong(f"left behind: {left}")

    # What a build has to do next, from a little to everything.
    def keep(self):
        pass

    def drop_outputs(self):
        for name in self.names:
            path = f"{self.out}/{name}"
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.unlink(path)

    def drop_build(self):
        self.drop_outputs()
        shutil.rmtree(self.dir + "/build", ignore_errors=True)

    def drop_objects(self):
        os.utime(self.dir + "/main.c")
        shutil.rmtree(self.dir + "/build/hello/obj", ignore_errors=True)

    def drop_cache(self):
        self.drop_build()
        for top, _, files in os.walk(self.cache):
            for n in files:  # objects; the monitor's layer takes seconds
                if 400 < os.path.getsize(f"{top}/{n}") < 1 << 20:
                    os.unlink(f"{top}/{n}")

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)


def report(name, dests, run):
    """One case as TAP: `run` gets a project, gives a remark."""
    project = Project(dests)
    print("1..1")
    try:
        remark = run(project)
        print(f"ok 1 - {name}: {remark}")
        status = 0
    except (Wrong, OSError, subprocess.SubprocessError) as error:
        print(f"not ok 1 - {name}")
        print("# " + str(error).replace("\n", "\n# "))
        status = 1
    finally:
        project.close()
    sys.exit(status)
