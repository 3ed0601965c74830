# SPDX-License-Identifier: Apache-2.0
"""Checks every layer of an unpacked image tar for what runtimes refuse.

usage: layers.py FOLDER
"""
import gzip
import io
import json
import os
import sys
import tarfile

root, bad = sys.argv[1], []


def blob(path):
    with open(os.path.join(root, path), "rb") as f:
        data = f.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def check_headers(n, raw):
    """The raw type flags, and how the archive ends."""
    at = 0
    while at < len(raw) and raw[at:at + 512].strip(b"\0"):
        header = raw[at:at + 512]
        kind = chr(header[156])
        if kind not in "0125x":
            bad.append(f"layer {n}: member of type {kind!r}")
        if header[124] & 0x80:
            size = int.from_bytes(header[125:136], "big")
        else:
            size = int(header[124:136].strip(b" \0") or b"0", 8)
        at += 512 + (size + 511) // 512 * 512
    if raw[at:].strip(b"\0") or len(raw) - at != 1024:
        bad.append(f"layer {n}: does not end in two zero blocks")


def check_member(n, e, seen):
    name = e.name.rstrip("/")
    parts = name.split("/")
    where = f"layer {n}: {e.name}: "
    if e.name.startswith(("/", "./")) or ".." in parts:
        bad.append(where + "path")
    if name in seen:
        bad.append(where + "twice")
    for k in range(1, len(parts)):
        if "/".join(parts[:k]) not in seen:
            bad.append(where + "a parent is missing")
    if parts[-1].startswith(".wh."):
        bad.append(where + "whiteout")
    if e.islnk() and e.linkname not in seen:
        bad.append(where + "hardlink before its target")
    if e.mode & 0o6000:
        bad.append(where + "setuid or setgid")
    if e.uname or e.gname:
        bad.append(where + "user or group name")
    if set(e.pax_headers) - {"path", "linkpath", "size", "uid", "gid"}:
        bad.append(where + f"pax keys {sorted(e.pax_headers)}")
    seen.add(name)


with open(os.path.join(root, "manifest.json")) as f:
    manifest = json.load(f)[0]
for number, layer in enumerate(manifest["Layers"]):
    data, names = blob(layer), set()
    check_headers(number, data)
    for member in tarfile.open(fileobj=io.BytesIO(data)):
        check_member(number, member, names)
print("\n".join(bad))
sys.exit(bool(bad))
