#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Builds whose writes fail, FAULTS of them (100): the call of slipway and of
# x86_64-keel-cc that changes a file, in turn, has an error of its own or begins
# a time without room, or a write is short or interrupted. The build says
# so and leaves nothing half-written, or does without; the next one succeeds.
import errno
import os
import struct
import sys

sys.dont_write_bytecode = True
import robust

FAULTS = int(os.environ.get("FAULTS", "100"))
LIBRARY = os.path.abspath(os.environ["B"]) + "/tests/cli/fault.so"
DESTS = {
    "hello.tar": "type=docker",
    "hello.vpc": "type=disk,format=vpc",
    "hello.oci": "type=oci",
}
# How a call fails, and what must be said if the build fails for it.
HOWS = [
    (str(-errno.ENOSPC), "No space left on device"),
    (str(errno.EIO), "Input/output error"),
    (str(-errno.EIO), "Input/output error"),
    (str(errno.ENOSPC), "No space left on device"),
    ("short", None),
    (str(errno.EINTR), "Interrupted system call"),
]


class Faults:
    def __init__(self, project):
        self.project = project
        self.file = project.work + "/count"

    def run(self, at, how):
        with open(self.file, "wb") as f:
            f.write(struct.pack("L", 0))
        return self.project.run(LD_PRELOAD=LIBRARY, FAULT_FILE=self.file,
                                FAULT_AT=str(at), FAULT_HOW=how)

    def count(self):
        with open(self.file, "rb") as f:
            return struct.unpack("L", f.read())[0]


def check_said(done, said, how):
    if done.returncode == 0:
        return
    if how == "short":
        raise robust.Wrong(f"a short write is no error: {done.stderr}")
    if done.returncode != 1:
        raise robust.Wrong(f"status {done.returncode}: {done.stderr}")
    if said not in done.stderr:
        raise robust.Wrong(f"not said: {said}: {done.stderr}")


def run(project):
    faults = Faults(project)
    project.build()
    want = project.outputs()
    kinds = [project.drop_build, project.drop_outputs, project.drop_cache]
    calls = []
    for prepare in kinds:
        prepare()
        if faults.run(0, "0").returncode:
            raise robust.Wrong("the build fails without a fault")
        calls.append(faults.count())
    # All calls of the first kind, then of the others, then the first again.
    turns = [(k, at) for k in range(len(kinds))
             for at in range(1, calls[k] + 1)]
    step = max(1, len(turns) // FAULTS)
    failed = 0
    for i in range(FAULTS):
        kind, at = turns[i * step % len(turns)]
        how, said = HOWS[i % len(HOWS)]
        try:
            kinds[kind]()
            done = faults.run(at, how)
            failed += done.returncode != 0
            check_said(done, said, how)
            if done.returncode == 0 and project.outputs() != want:
                raise robust.Wrong("status 0, and other bytes")
            project.check_whole(want)
            project.check_next(want)
            project.check_clean()
        except robust.Wrong as error:
            raise robust.Wrong(f"call {at} of {calls[kind]} "
                               f"({kinds[kind].__name__}) how {how}: "
                               f"{error}") from error
    return f"{FAULTS} in {sum(calls)} calls, {failed} builds failed"


robust.report("writes that fail", DESTS, run)
