#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Builds that are killed with SIGKILL at random moments, KILLS of them (100) from
# SEED (1): what stands under an output's name is whole, and the next build
# succeeds, gives the same bytes and leaves no temporary and no lock behind.
import os
import random
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import robust

KILLS = int(os.environ.get("KILLS", "100"))
SEED = int(os.environ.get("SEED", "1"))
DESTS = {
    "hello.tar": "type=docker",
    "hello.img": "type=disk",
    "hello.qcow2": "type=disk,format=qcow2",
    "hello.oci": "type=oci",
}


def kill_once(rng, project, prepare, limit):
    """Ends a build after a part of the time that it takes."""
    after = rng.random() * limit
    whole_group = rng.random() < 0.5
    prepare()
    child = subprocess.Popen(project.command, env=project.env,
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL,
                             start_new_session=True)
    time.sleep(after)
    late = child.poll() is not None
    if not late and whole_group:
        os.killpg(child.pid, signal.SIGKILL)
    elif not late:
        child.kill()
    child.wait()
    return late


def run(project):
    rng = random.Random(SEED)
    project.build()
    want = project.outputs()
    weights = {project.keep: 1, project.drop_outputs: 8,
               project.drop_build: 3, project.drop_objects: 1,
               project.drop_cache: 1}
    limits, late = {}, 0
    for prepare in weights:
        prepare()
        start = time.monotonic()
        project.check_next(want)
        limits[prepare] = (time.monotonic() - start) * 1.05
    i = 0
    while i - late < KILLS and i < 2 * KILLS:
        i += 1
        prepare = rng.choices(*zip(*weights.items()))[0]
        try:
            late += kill_once(rng, project, prepare, limits[prepare])
            project.check_whole(want)
            project.check_next(want)
            project.check_clean()
        except robust.Wrong as error:
            raise robust.Wrong(f"build {i}, {prepare.__name__}, SEED={SEED}: "
                               f"{error}") from error
    return f"{i - late}, {late} more ended before"


robust.report("builds that are killed", DESTS, run)
