#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A picture of 3 MB, a ship at sea.

usage: lamp-picture.py draw FILE: writes it as PNG. The rows are stored and
    not compressed, so that it is as large as a photograph.
usage: lamp-picture.py seen FILE: is it in this screenshot of a browser?"""
import math
import struct
import sys
import zlib

WIDTH, HEIGHT, HORIZON = 1200, 880, 560
SUN = (840, 500, 120)
# Polygons of the ship: colour and corners.
SHIP = [
    ((24, 40, 54), [(250, 600), (690, 600), (640, 690), (310, 690)]),
    ((24, 40, 54), [(462, 180), (474, 180), (474, 602), (462, 602)]),
    ((250, 244, 232), [(482, 200), (668, 560), (482, 585)]),
    ((224, 210, 188), [(454, 250), (454, 585), (288, 560)]),
    ((190, 60, 48), [(474, 180), (540, 196), (474, 212)]),
]


def mix(a, b, t):
    return tuple(round(x + (y - x) * t) for x, y in zip(a, b))


def spans(corners, y):
    """Where a line of pixels crosses a polygon, in pairs."""
    at = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
        if (y0 <= y) != (y1 <= y):
            at.append(x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    at.sort()
    return zip(at[::2], at[1::2])


def row(y):
    if y < HORIZON:
        line = [mix((38, 84, 124), (252, 196, 120), (y / HORIZON) ** 1.3)]
    else:
        line = [mix((214, 150, 104), (14, 48, 72),
                    ((y - HORIZON) / (HORIZON - 240)) ** 0.45)]
    line *= WIDTH
    cx, cy, radius = SUN
    if y < HORIZON and abs(y - cy) < radius:
        half = round(math.sqrt(radius ** 2 - (y - cy) ** 2))
        line[cx - half:cx + half] = [(255, 240, 200)] * (2 * half)
    if y >= HORIZON:
        # The sun in the waves, and their crests.
        half = round(70 + 50 * math.sin(y * 0.9) + (y - HORIZON) * 0.25)
        if half > 0 and y % 9 < 5:
            line[cx - half:cx + half] = [
                mix(p, (255, 226, 170), 0.55)
                for p in line[cx - half:cx + half]]
        if y % 23 == 0:
            for x in range(WIDTH):
                if math.sin(x * 0.021 + y * y * 0.37) > 0.72:
                    line[x] = mix(line[x], (255, 255, 255), 0.3)
    for colour, corners in SHIP:
        for x0, x1 in spans(corners, y):
            x0, x1 = round(x0), round(x1)
            line[x0:x1] = [colour] * (x1 - x0)
    return b"\0" + bytes(c for p in line for c in p)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + \
        struct.pack(">I", zlib.crc32(kind + data))


def draw(path):
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n")
        f.write(chunk(b"IHDR", struct.pack(
            ">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)))
        f.write(chunk(b"IDAT", zlib.compress(
            b"".join(map(row, range(HEIGHT))), 0)))
        f.write(chunk(b"IEND", b""))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def rows(path):
    """The pixels of a PNG of 8 bits a colour, without interlace."""
    with open(path, "rb") as f:
        data = f.read()
    at, packed, width, depth = 8, b"", 0, 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, _, bits, colour = struct.unpack(
                ">IIBB", data[at + 8:at + 18])
            assert bits == 8 and colour in (2, 6)
            depth = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    data, size = zlib.decompress(packed), width * depth
    above = bytearray(size)
    for at in range(0, len(data), size + 1):
        kind, line = data[at], bytearray(data[at + 1:at + 1 + size])
        for i in range(size) if kind else ():
            a = line[i - depth] if i >= depth else 0
            c = above[i - depth] if i >= depth else 0
            line[i] = (line[i] + (0, a, above[i], (a + above[i]) // 2,
                                  paeth(a, above[i], c))[kind]) & 255
        yield [tuple(line[i:i + 3]) for i in range(0, size, depth)]
        above = line


def seen(path):
    """The sun and the light sail: large areas of colours of their own."""
    colours = [(255, 240, 200), (250, 244, 232)]
    found = [0] * len(colours)
    for line in rows(path):
        for i, colour in enumerate(colours):
            found[i] += line.count(colour)
    if min(found) < 5000:
        print("not to be seen: %s pixels of its colours" % found)
        sys.exit(1)


{"draw": draw, "seen": seen}[sys.argv[1]](sys.argv[2])
