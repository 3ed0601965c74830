# SPDX-License-Identifier: Apache-2.0
"""Checks objects of Kubernetes against what its API requires and allows.

Usage: check.py FILE: prints the objects as one JSON list. A key that is not
listed, a wrong type or a missing required key is an error. The listed ones
are those of core/v1, apps/v1 and kubevirt.io/v1 that may appear here.
"""
import json
import re
import sys

import yaml

DNS = re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
PORT_NAME = re.compile(r"^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$")


def name(v):
    return isinstance(v, str) and DNS.match(v)


def port_name(v):
    return isinstance(v, str) and PORT_NAME.match(v)


def port(v):
    return isinstance(v, int) and 0 < v < 65536


def count(v):
    return isinstance(v, int) and not isinstance(v, bool) and v >= 0


def text(v):
    return isinstance(v, str)


def flag(v):
    return isinstance(v, bool)


def strings(v):
    return isinstance(v, list) and v and all(isinstance(s, str) for s in v)


def quantity(v):
    return count(v) or isinstance(v, str) and re.match(r"^\d+[KMGT]i$", v)


def env_name(v):
    return isinstance(v, str) and v and "=" not in v


def one(*of):
    return lambda v: v in of


def each(shape):
    return ("list", shape)


# A key that ends with ! is required.
LABELS = {"app.kubernetes.io/name!": name}
META = {"name!": name, "labels": LABELS}
PROBE = {
    "exec": {"command!": strings},
    "httpGet": {"path": text, "port!": port},
    "tcpSocket": {"port!": port},
    "initialDelaySeconds": count,
    "periodSeconds": count,
    "timeoutSeconds": count,
    "failureThreshold": count,
}
CONTAINER = {
    "name!": name,
    "image!": text,
    "env": each({"name!": env_name, "value": text}),
    "ports": each({"containerPort!": port, "protocol": one("TCP", "UDP")}),
    "resources": {"limits": {"memory": quantity, "cpu": count}},
    "readinessProbe": PROBE,
    "livenessProbe": PROBE,
    "securityContext": {
        "privileged": flag,
        "allowPrivilegeEscalation": flag,
        "readOnlyRootFilesystem": flag,
        "capabilities": {"drop": strings, "add": strings},
    },
    "volumeMounts": each({"name!": name, "mountPath!": text}),
}
POD = {
    "runtimeClassName": name,
    "automountServiceAccountToken": flag,
    "enableServiceLinks": flag,
    "terminationGracePeriodSeconds": count,
    "containers!": each(CONTAINER),
    "volumes": each(
        {
            "name!": name,
            "persistentVolumeClaim": {"claimName!": name},
            "hostPath": {"path!": text, "type": one("CharDevice")},
        }
    ),
}
MACHINE = {
    "terminationGracePeriodSeconds": count,
    "domain!": {
        "cpu": {"cores": count},
        "memory": {"guest": quantity},
        "devices!": {
            "disks": each({"name!": name, "disk": {"bus": one("virtio")}}),
            "interfaces": each({"name!": name, "masquerade": {}}),
            "rng": {},
        },
    },
    "networks": each({"name!": name, "pod": {}}),
    "readinessProbe": PROBE,
    "volumes": each({"name!": name, "containerDisk": {"image!": text}}),
}
KINDS = {
    ("apps/v1", "Deployment"): {
        "replicas": count,
        "strategy": {"type": one("Recreate")},
        "selector!": {"matchLabels": LABELS},
        "template!": {"metadata!": {"labels!": LABELS}, "spec!": POD},
    },
    ("kubevirt.io/v1", "VirtualMachine"): {
        "runStrategy!": one("Always"),
        "template!": {"metadata": {"labels": LABELS}, "spec!": MACHINE},
    },
    ("v1", "Service"): {
        "selector!": LABELS,
        "ports!": each(
            {"name!": port_name, "port!": port, "protocol": one("TCP", "UDP")}
        ),
    },
    ("v1", "PersistentVolumeClaim"): {
        "accessModes!": strings,
        "resources!": {"requests!": {"storage!": quantity}},
    },
}


def check(value, shape, at):
    if callable(shape):
        assert shape(value), f"{at}: {value!r} is not a {shape.__name__}"
    elif isinstance(shape, tuple):
        assert isinstance(value, list) and value, f"{at}: not a list"
        for i, v in enumerate(value):
            check(v, shape[1], f"{at}[{i}]")
        names = [v["name"] for v in value if "name" in v]
        assert len(set(names)) == len(names), f"{at}: a name twice"
    else:
        assert isinstance(value, dict), f"{at}: not an object"
        keys = {k.rstrip("!"): s for k, s in shape.items()}
        for k in shape:
            assert k[-1] != "!" or k[:-1] in value, f"{at}: no {k[:-1]}"
        for k, v in value.items():
            assert k in keys, f"{at}: unknown key {k}"
            check(v, keys[k], f"{at}.{k}")


def refers(o):
    """What an object of the list says of another one."""
    spec = o["spec"]
    if o["kind"] == "Deployment":
        pod = spec["template"]["spec"]
        assert spec["selector"]["matchLabels"] == \
            spec["template"]["metadata"]["labels"]
        mounts = pod["containers"][0].get("volumeMounts", [])
        assert {m["name"] for m in mounts} == \
            {v["name"] for v in pod.get("volumes", [])}
    if o["kind"] == "VirtualMachine":
        vm = spec["template"]["spec"]
        devices = vm["domain"]["devices"]
        for a, b in (("disks", "volumes"), ("interfaces", "networks")):
            assert [d["name"] for d in devices[a]] == \
                [v["name"] for v in vm[b]]


docs = list(yaml.safe_load_all(open(sys.argv[1], encoding="utf-8")))
for doc in docs:
    kind = (doc.get("apiVersion"), doc.get("kind"))
    assert kind in KINDS, f"unknown kind {kind}"
    check(
        doc,
        {
            "apiVersion!": text,
            "kind!": text,
            "metadata!": META,
            "spec!": KINDS[kind],
        },
        kind[1],
    )
    refers(doc)
print(json.dumps(docs))
