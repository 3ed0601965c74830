# SPDX-License-Identifier: Apache-2.0
"""Checks what slipway tells of an image against the image and the machine.

usage: check.py sbom FILE [IMAGE-FOLDER] | check.py provenance FILE

SPDX and in-toto: schemas beside this file, written after the specifications;
licence expressions by the list of license-expression; references, package
verification codes and package URLs by rules of the specification. With the
folder of the image's files, each of them must be listed with its digests,
and what is said to come from a package of the distribution is asked of dpkg.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
from urllib.parse import unquote

from jsonschema import Draft7Validator
from license_expression import get_spdx_licensing

bad = []
kind, path = sys.argv[1:3]
here = os.path.dirname(os.path.abspath(__file__))
with open(path, "rb") as f:
    doc = json.load(f)


def complain(*words):
    bad.append(" ".join(map(str, words)))


name = {"sbom": "spdx", "provenance": "provenance"}[kind]
with open(f"{here}/{name}.schema.json") as f:
    for e in Draft7Validator(json.load(f)).iter_errors(doc):
        complain("schema:", "/".join(map(str, e.path)), e.message[:200])


def sums(file):
    return {c["algorithm"]: c["checksumValue"] for c in file["checksums"]}


def check_references(elements, relations):
    ids = [e["SPDXID"] for e in elements] + ["SPDXRef-DOCUMENT"]
    if len(set(ids)) != len(ids):
        complain("an SPDXID is there twice")
    linked = set()
    for r in relations:
        for end in (r["spdxElementId"], r["relatedSpdxElement"]):
            linked.add(end)
            if end not in ids:
                complain("unknown element", end)
    for i in set(ids) - linked:
        complain("nothing is said of", i)
    if len({json.dumps(r) for r in relations}) != len(relations):
        complain("a relation is there twice")


def contents(package):
    own = {r["relatedSpdxElement"] for r in doc["relationships"]
           if r["relationshipType"] == "CONTAINS" and
           r["spdxElementId"] == package["SPDXID"]}
    return [f for f in doc.get("files", []) if f["SPDXID"] in own]


def check_package(p):
    files = contents(p)
    if bool(files) != p["filesAnalyzed"]:
        complain(p["name"], "filesAnalyzed is not right")
    if files:
        text = "".join(sorted(sums(f)["SHA1"] for f in files))
        code = hashlib.sha1(text.encode()).hexdigest()
        told = p["packageVerificationCode"]["packageVerificationCodeValue"]
        if code != told:
            complain(p["name"], "verification code", told, "not", code)
    for ref in p.get("externalRefs", []):
        m = re.match(r"pkg:deb/[^/]+/([^@]+)@([^?]+)\?",
                     ref["referenceLocator"])
        if [unquote(x) for x in m.groups()] != [p["name"], p["versionInfo"]]:
            complain("package URL", ref["referenceLocator"])


def check_licenses():
    licensing = get_spdx_licensing()
    texts = {t["licenseId"] for t in doc.get("hasExtractedLicensingInfos", [])}
    used = set()
    for p in doc["packages"]:
        told = p["licenseDeclared"]
        if told in ("NOASSERTION", "NONE"):
            continue
        refs = set(re.findall(r"LicenseRef-[A-Za-z0-9.-]+", told))
        used |= refs
        errors = licensing.validate(
            re.sub(r"LicenseRef-[A-Za-z0-9.-]+", "MIT", told)).errors
        if errors or refs - texts:
            complain(p["name"], "licence", told, errors, refs - texts)
    if texts - used:
        complain("texts of licences that nothing has", texts - used)


def check_image(root):
    """Every file of the image with its digests, and none that is not in it."""
    image = next(p for p in doc["packages"] if p["SPDXID"] == "SPDXRef-Image")
    listed = {f["fileName"]: f for f in contents(image)}
    found = set()
    for folder, _, names in os.walk(root):
        for n in names:
            full = os.path.join(folder, n)
            rel = "./" + os.path.relpath(full, root)
            if os.path.islink(full) or rel in (
                    "./disk/disk.img", "./slipway/sbom.spdx.json",
                    "./slipway/provenance.json"):
                continue
            found.add(rel)
            with open(full, "rb") as f:
                data = f.read()
            if rel not in listed:
                complain("not listed:", rel)
            elif sums(listed[rel]) != {
                    "SHA1": hashlib.sha1(data).hexdigest(),
                    "SHA256": hashlib.sha256(data).hexdigest()}:
                complain("digests of", rel)
    for rel in set(listed) - found:
        complain("not in the image:", rel)


def check_owners():
    """Packages that the image's files came out of: dpkg says the same."""
    image = next(p for p in doc["packages"] if p["SPDXID"] == "SPDXRef-Image")
    names = {f["SPDXID"]: f["fileName"] for f in contents(image)}
    packages = {p["SPDXID"]: p for p in doc["packages"]}
    count = 0
    for r in doc["relationships"]:
        if r["relationshipType"] != "EXPANDED_FROM_ARCHIVE" or \
                r["spdxElementId"] not in names:
            continue
        count += 1
        p = packages[r["relatedSpdxElement"]]
        file = names[r["spdxElementId"]][1:]
        out = subprocess.run(["dpkg-query", "-L", p["name"]], text=True,
                             capture_output=True, check=False).stdout
        lines = out.splitlines()
        if file not in lines and file.removeprefix("/usr") not in lines:
            complain(file, "is not of", p["name"])
    for p in packages.values():
        if p["SPDXID"].startswith("SPDXRef-Deb-"):
            out = subprocess.run(
                ["dpkg-query", "-W", "-f=${Version}\n", p["name"]], text=True,
                capture_output=True, check=False).stdout.split()
            if p["versionInfo"] not in out:
                complain(p["name"], "has the version", out)
    if count < 20:
        complain("only", count, "files of the distribution")


if kind == "sbom" and not bad:
    check_references(doc["packages"] + doc.get("files", []),
                     doc["relationships"])
    for package in doc["packages"]:
        check_package(package)
    check_licenses()
    if len(sys.argv) > 3:
        check_image(sys.argv[3])
        check_owners()
for line in bad:
    print(line)
sys.exit(bool(bad))
