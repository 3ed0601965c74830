#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON schemas agree with the checks in C: what is right passes both,
what is structurally wrong passes neither."""
import glob
import json
import os
import re
import subprocess
import sys

import jsonschema

CASES = "tests/cli/manifest/"
# What a schema cannot see: files, keys written twice, and relations
# between entries. Such cases must pass it; all others must not.
SEMANTIC = {
    "duplicate-key", "duplicate-target", "duplicate-source",
    "duplicate-port", "duplicate-volume", "duplicate-tag", "duplicate-path",
    "file-missing", "file-type", "link-escape", "path-escape",
    "duplicate-package", "duplicate-locale", "duplicate-zone",
    "path-hidden", "path-in-link", "target-unlisted", "drain-range", "memory-min",
}
# Beyond that, what a pattern would say only badly: ids and sizes out of
# range, "/" for one kind of entry, a target's own file name, and cases
# that a semantic check names but the schema refuses for its own reason.
EITHER = {"file-owner-large", "memory-huge", "file-to-root", "file-dir-root",
          "target-file-name", "build-program-escape",
          "build-program-absolute", "build-program-dot", "source-below-file", "cpus-fraction",
          "target-duplicate", "source-folder", "source-link-dangling"}


def schema(name):
    with open("lib/manifest/" + name + ".schema.json") as f:
        loaded = json.load(f)
    jsonschema.Draft7Validator.check_schema(loaded)
    return jsonschema.Draft7Validator(loaded)


def accepts(validator, path):
    try:
        with open(path, encoding="utf-8") as f:
            return validator.is_valid(json.load(f))
    except (ValueError, UnicodeDecodeError):
        return None  # no JSON at all: nothing for a schema to judge


def checks_of(path):
    with open(path, encoding="utf-8") as f:
        return set(re.findall(r"\[([a-z0-9-]+)\]$", f.read(), re.M))


app, target = schema("slipway"), schema("target")
results = []
check = os.environ["B"] + "/tests/cli/manifest-check"
for path in sorted(glob.glob(CASES + "good/*.json") +
                   glob.glob("templates/*/slipway.json")):
    in_c = subprocess.run([check, path], stdout=subprocess.DEVNULL).returncode
    results.append((path, accepts(app, path) is True and in_c == 0))
for path in sorted(glob.glob("targets/*.json")):
    in_c = subprocess.run([check, "--target", path]).returncode
    results.append((path, accepts(target, path) is True and in_c == 0))
for kind, validator in (("app", app), ("target", target)):
    for path in sorted(glob.glob(CASES + kind + "/*.json")):
        name = os.path.basename(path)[:-5]
        ok = accepts(validator, path)
        if ok is None or name in EITHER:
            continue
        semantic = checks_of(path[:-5] + ".expect") <= SEMANTIC
        results.append((path, ok == semantic))
print("1..%d" % len(results))
for n, (path, good) in enumerate(results, 1):
    print("%sok %d - %s" % ("" if good else "not ", n, path))
sys.exit(0 if all(good for _, good in results) else 1)
