# SPDX-License-Identifier: Apache-2.0
"""Checks objects of Kubernetes against the models of its Python client.

Usage: models.py FILE: python3-kubernetes has a class for each type of the API,
generated from the API's own OpenAPI description; unknown keys, wrong types
and missing required keys of core/v1 and apps/v1 are errors. Kinds of other
groups (KubeVirt) are not in it: FILE must hold at least one that is.
"""
import re
import sys

import yaml
from kubernetes import client

GROUPS = {"v1": "V1", "apps/v1": "V1"}
SCALARS = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def check(value, kind, at):
    if m := re.match(r"list\[(.*)\]$", kind):
        assert isinstance(value, list), f"{at}: not a list"
        for i, v in enumerate(value):
            check(v, m.group(1), f"{at}[{i}]")
    elif m := re.match(r"dict\(str, (.*)\)$", kind):
        assert isinstance(value, dict), f"{at}: not an object"
        for k, v in value.items():
            # A quantity is a string in the models; the API takes numbers.
            number = isinstance(v, int) and ("limits" in at or "requests" in at)
            check(str(v) if number else v, m.group(1), f"{at}.{k}")
    elif kind in SCALARS:
        right = isinstance(value, SCALARS[kind])
        right = right and (kind == "bool" or not isinstance(value, bool))
        assert right, f"{at}: {value!r} is not of type {kind}"
    elif kind != "object":
        model = getattr(client, kind)
        assert isinstance(value, dict), f"{at}: not an object"
        names = {v: k for k, v in model.attribute_map.items()}
        for k, v in value.items():
            assert k in names, f"{at}: {kind} has no key {k}"
            check(v, model.openapi_types[names[k]], f"{at}.{k}")
        # The constructor refuses what lacks a required key or has a value
        # that the API does not list.
        model(**{names[k]: v for k, v in value.items()})


known = 0
for doc in yaml.safe_load_all(open(sys.argv[1], encoding="utf-8")):
    if doc["apiVersion"] in GROUPS:
        check(doc, GROUPS[doc["apiVersion"]] + doc["kind"], doc["kind"])
        known += 1
assert known, "no object of core/v1 or apps/v1"
