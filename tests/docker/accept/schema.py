# SPDX-License-Identifier: Apache-2.0
"""Checks an OCI layout against the JSON schemas of the image specification.

usage: schema.py SCHEMA-FOLDER LAYOUT. The schemas' ids point into the
network: they are dropped, and references are answered from the folder.
"""
import glob
import hashlib
import json
import os
import sys

from jsonschema import Draft4Validator, FormatChecker, RefResolver

BASE = "https://schema.invalid/"
schemas, root = {}, sys.argv[2]
for name in glob.glob(sys.argv[1] + "/*.json"):
    with open(name) as f:
        schema = json.load(f)
    schema.pop("id", None)
    schemas[BASE + os.path.basename(name)] = schema
bad = 0


def local(uri):
    return schemas[BASE + os.path.basename(uri)]


def check(name, kind, obj):
    global bad
    uri = BASE + kind + "-schema.json"
    resolver = RefResolver(uri, schemas[uri], store=schemas,
                           handlers={"https": local})
    checker = Draft4Validator(schemas[uri], resolver=resolver,
                              format_checker=FormatChecker())
    for e in checker.iter_errors(obj):
        print(name, "/".join(map(str, e.path)), e.message[:160])
        bad += 1


def walk(descriptor, name):
    global bad
    with open(root + "/blobs/" + descriptor["digest"].replace(":", "/"),
              "rb") as f:
        blob = f.read()
    if len(blob) != descriptor["size"] or \
            hashlib.sha256(blob).hexdigest() != descriptor["digest"][7:]:
        print(name, "size or digest")
        bad += 1
    kind = descriptor["mediaType"].partition(".image.")[2].split(".")[0]
    if kind in ("layer", ""):  # "": a document beside the image
        return
    obj = json.loads(blob)
    check(name, {"index": "image-index", "manifest": "image-manifest",
                 "config": "config"}[kind], obj)
    if kind == "index":
        for i, manifest in enumerate(obj["manifests"]):
            walk(manifest, f"{name}/manifest{i}")
    if kind == "manifest":
        walk(obj["config"], name + "/config")
        for i, layer in enumerate(obj["layers"]):
            walk(layer, f"{name}/layer{i}")


with open(root + "/oci-layout") as f:
    check("oci-layout", "image-layout", json.load(f))
with open(root + "/index.json") as f:
    index = json.load(f)
check("index.json", "image-index", index)
for manifest in index["manifests"]:
    walk(manifest, "manifest")
sys.exit(bad != 0)
