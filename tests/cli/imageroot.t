#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# "rootfs": {"image"}: the layers of images are put together as umoci unpacks
# them, their configuration is taken over, and what is damaged, for another
# machine or means harm is refused. Nothing boots here.
import gzip
import hashlib
import io
import json
import os
import resource
import shutil
import subprocess
import tarfile
import tempfile

SLIPWAY = os.path.abspath(os.environ["SLIPWAY"])
WORK = tempfile.mkdtemp()
VICTIM = WORK + "/victim"
MEMORY = 768 << 20
count = 0
TIME = 1600000000
OCI = "application/vnd.oci.image."
FILES = {"tar": OCI + "layer.v1.tar", "gzip": OCI + "layer.v1.tar+gzip",
         "zstd": OCI + "layer.v1.tar+zstd"}


def report(name, wrong):
    global count
    count += 1
    print(f"not ok {count} - {name}" if wrong else f"ok {count} - {name}")
    for line in str(wrong or "").splitlines()[:30]:
        print("#", line)


def run(*args, **more):
    return subprocess.run(args, capture_output=True, timeout=300,
                          stdin=subprocess.DEVNULL, **more)


# --- images ------------------------------------------------------------------
def member(name, data=b"", **more):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mtime = TIME
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def folder(name, **more):
    return member(name, type=tarfile.DIRTYPE, **dict({"mode": 0o755}, **more))


def link(name, to, **more):
    return member(name, type=tarfile.SYMTYPE, linkname=to, mode=0o777, **more)


def hard(name, to):
    return member(name, type=tarfile.LNKTYPE, linkname=to)


def tar(*members, fmt=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as t:
        for info, data in members:
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def pack(data, how):
    if how == "gzip":
        return gzip.compress(data, 1, mtime=0)
    if how == "zstd":
        return subprocess.run(["zstd", "-q", "-1"], input=data, check=True,
                              capture_output=True).stdout
    return data


class Layout:
    """An OCI image layout: a folder with blobs."""

    def __init__(self, name):
        self.path = f"{WORK}/{name}/image"
        os.makedirs(self.path + "/blobs/sha256")
        self.put("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')

    def put(self, name, data):
        with open(f"{self.path}/{name}", "wb") as f:
            f.write(data)

    def blob(self, data, kind, **more):
        hexa = hashlib.sha256(data).hexdigest()
        self.put("blobs/sha256/" + hexa, data)
        return dict(more, mediaType=kind, digest="sha256:" + hexa,
                    size=len(data))

    def json(self, o, kind, **more):
        return self.blob(json.dumps(o).encode(), OCI + kind, **more)

    def image(self, layers, config=None, arch="amd64", how="gzip", **more):
        ids = ["sha256:" + hashlib.sha256(x).hexdigest() for x in layers]
        descriptor = self.json(
            {"architecture": arch, "os": "linux", "config": config or {},
             "rootfs": {"type": "layers", "diff_ids": ids}}, "config.v1+json")
        return self.json(
            {"schemaVersion": 2, "config": descriptor,
             "mediaType": OCI + "manifest.v1+json",
             "layers": [self.blob(pack(x, how), FILES[how])
                        for x in layers]}, "manifest.v1+json", **more)

    def index(self, *descriptors):
        for d in descriptors:
            if "platform" not in d:
                d.setdefault("annotations", {
                    "org.opencontainers.image.ref.name": "latest"})
        self.put("index.json", json.dumps(
            {"schemaVersion": 2, "manifests": list(descriptors)}).encode())
        return self


def project(layout, image="oci:image", **keys):
    path = os.path.dirname(layout.path)
    with open(path + "/slipway.json", "w") as f:
        json.dump(dict({"name": "x", "target": "x86_64-linux",
                        "memory": "256M", "rootfs": {"image": image}},
                       **keys), f)
    return path


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def build(path, *more):
    return run(SLIPWAY, "build", path, "--output", "type=disk,dest=" +
               WORK + "/disk.img", *more, preexec_fn=limit)


def tree(path):
    """What is in the root filesystem of a build."""
    out = path + "/extracted"
    shutil.rmtree(out, ignore_errors=True)
    image = path + "/build/x/rootfs.erofs"
    run("fsck.erofs", "--extract=" + out, image)
    files = unpacked(out)
    listed = run(SLIPWAY, "inspect", "--files", "--json", image).stdout
    for f in json.loads(listed)["files"]:  # fsck sets owners after modes
        files[f["path"]]["mode"] = f["mode"]
    return files


def unpacked(root):
    """Names of a folder, with what is known of them."""
    out = {}
    for top, dirs, files in os.walk(root):
        for name in dirs + files:
            path = os.path.join(top, name)
            st = os.lstat(path)
            f = {"mode": "%04o" % (st.st_mode & 0o7777), "uid": st.st_uid,
                 "gid": st.st_gid, "time": int(st.st_mtime)}
            if os.path.islink(path):
                f["link"] = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as data:
                    f["data"] = hashlib.sha256(data.read()).hexdigest()
                f["size"] = st.st_size
            out[os.path.relpath(path, root)] = f
    return out


def differences(ours, theirs):
    wrong = []
    for path in sorted(set(ours) | set(theirs)):
        a, b = ours.get(path), theirs.get(path)
        if a is None or b is None:
            wrong.append(f"{path}: {'missing' if a is None else 'too much'}")
        else:
            # Folders that no layer has are of the moment of unpacking.
            wrong += [f"{path}: {k} {a.get(k)} {b[k]}" for k in b
                      if a.get(k) != b[k] and (k != "time" or b[k] == TIME)]
    return "\n".join(wrong)


def same_as_umoci(name, *layers):
    layout = Layout("same" + str(count))
    layout.index(layout.image([tar(*x) for x in layers]))
    path = project(layout)
    done = build(path)
    bundle = path + "/bundle"
    theirs = run("umoci", "unpack", "--image", layout.path + ":latest", bundle)
    report(name, done.stderr.decode() if done.returncode else
           theirs.stderr.decode() if theirs.returncode else
           differences(tree(path), unpacked(bundle + "/rootfs")))


BASE = [folder("a"), member("a/one", b"1"), member("a/two", b"2"),
        folder("a/deep"), member("a/deep/x", b"x", uid=7, gid=70000),
        folder("b"), member("b/y", b"y" * 70000, mode=0o4755),
        link("to-b", "b"), link("abs", "/b"), hard("b/z", "b/y"),
        folder("tmp", mode=0o1777)]
same_as_umoci("whiteouts of files and folders over three layers", BASE,
              [folder("a"), member("a/.wh.one"), member("a/.wh.deep"),
               member("c", b"c")],
              [member(".wh.c"), folder("a"), member("a/one", b"again"),
               member(".wh.tmp")])
same_as_umoci("an opaque folder keeps what its own layer brings", BASE,
              [folder("a"), member("a/new", b"n"), member("a/.wh..wh..opq"),
               folder("a/deep"), member("a/deep/only", b"o")])
same_as_umoci("a whiteout hides no name of its own layer", BASE,
              [folder("a"), member("a/one", b"mine"), member("a/.wh.one"),
               member("a/.wh.two"), folder("a/two")])
same_as_umoci("a file in place of a folder, and the other way", BASE,
              [member("a", b"now a file"), folder("b"), folder("b/y"),
               member("b/y/in", b"i")])
same_as_umoci("a hard link outlives the name that it was made of",
              BASE, [folder("b"), hard("b/w", "b/y"), member("b/.wh.z")],
              [folder("b"), member("b/.wh.y")])
same_as_umoci("names of other layers lead through links of folders",
              BASE, [member("to-b/new", b"n"), member("abs/more", b"m")])
same_as_umoci("a folder takes new modes and owners with its files kept",
              BASE, [folder("a", mode=0o700, uid=5, gid=6)])
same_as_umoci("long names, names that are not ASCII, ./ and leading slashes",
              [member("./x/" + "l" * 200, b"1"), folder("./x"),
                       member("/y" + "/d" * 60, b"2"),
                       member("\u00e4/\u65e5\u672c", b"3")])

sums = set()
for kind in FILES:
    layout = Layout("how-" + kind)
    layout.index(layout.image([tar(*BASE)], how=kind))
    said = build(project(layout)).stderr.decode()
    sums.add(run("sha256sum", WORK + "/disk.img").stdout or said)
report("tar, gzip and zstd give the same disk",
       None if len(sums) == 1 else sums)
size = os.path.getsize(os.path.dirname(layout.path) +
                       "/build/x/rootfs.erofs")
report("hard links are one file", None if size < 2 * 70000 else size)

# --- what the configuration says ---------------------------------------------
PASSWD = b"root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv/web:/bin/sh\n"
GROUP = b"root:x:0:\nweb:x:34:\nmore:x:50:web\n"
CONFIG = {"Env": ["A=1", "PATH=/opt/bin", "B=image"], "User": "web",
          "Entrypoint": ["/start", "-x"], "Cmd": ["serve", "it"],
          "WorkingDir": "/srv/web", "StopSignal": "3",
          "ExposedPorts": {"80/tcp": {}, "53/udp": {}, "9000-9001": {}},
          "Volumes": {"/data/": {}},
          "Healthcheck": {"Test": ["CMD-SHELL", "check it || exit 1"],
                          "Interval": 5000000000, "Timeout": 2500000000,
                          "StartPeriod": 60000000000, "Retries": 7}}
layout = Layout("config")
layout.index(layout.image([tar(member("etc/passwd", PASSWD),
                               member("etc/group", GROUP),
                               member("data/seed", b"s"))], CONFIG))


def machine(**keys):
    done = build(project(layout, **keys))
    if done.returncode:
        return {"error": done.stderr.decode()}
    with open(os.path.dirname(layout.path) + "/build/x/vm.json") as f:
        return json.load(f)


def compare(name, got, want):
    report(name, "\n".join(f"{k}: {got.get(k)} {got.get('error', '')}"
                           for k in want if got.get(k) != want[k]))


compare("the image says how it runs", machine(), {
    "args": ["serve", "it"], "workdir": "/srv/web", "stop_signal": "SIGQUIT",
    "env": ["A=1", "B=image", "HOME=/srv/web", "PATH=/opt/bin"],
    "ports": ["80/tcp", "53/udp", "9000/tcp", "9001/tcp"],
    "volumes": ["/data"], "health_ms": 2500})
compare("the manifest says otherwise", machine(
    args=[], workdir="/", stop_signal="SIGTERM", ports=[1], volumes=[],
    healthcheck={"test": ["tcp", "80"]},
    env={"B": "mine", "C": "new"}, user="root"), {
        "args": [], "workdir": "/", "stop_signal": "SIGTERM",
        "env": ["A=1", "B=mine", "C=new", "HOME=/root", "PATH=/opt/bin"],
        "ports": ["1/tcp"], "volumes": [], "health_ms": 0})
report("a user that the image does not know", None if
       "user nobody is not in /etc/passwd" in machine(
           user="nobody").get("error", "") else machine(user="nobody"))



def asks(name, want, *args):
    out = run(SLIPWAY, *args).stdout.decode()
    report(name, None if all(w in out for w in want) else out)


def words_of(path):
    """The health check's, in the build's boot record."""
    with open(path + "/build/x/kernel", "rb") as f:
        data = f.read()
    at, words = data.rindex(b"KEELREC\0"), []
    size = int.from_bytes(data[at + 12:at + 16], "little")
    record, at = data[at:at + size], 16
    while at < size:
        kind = int.from_bytes(record[at:at + 4], "little")
        n = int.from_bytes(record[at + 4:at + 8], "little")
        if kind == 16:
            words.append(record[at + 8:at + 8 + n].decode())
        at += 8 + (n + 7) // 8 * 8
    return words


def health_of(test, **config):
    """What becomes of an image's health check: words, and what is said."""
    lay = Layout("health" + str(count))
    lay.index(lay.image([tar(member("x"))], dict(
        config, Entrypoint=["/x"], Healthcheck={"Test": test})))
    done = build(project(lay))
    return (words_of(os.path.dirname(lay.path)) if not done.returncode
            else None, done.stderr.decode())


def health(name, want, test, said="", **config):
    words, text = health_of(test, **config)
    report(name, None if words == want and said in text and
           (said or "health" not in text) else f"{words} {text}")


health("a health check by a shell", ["/bin/sh", "-c", "a && b"],
       ["CMD-SHELL", "a && b"])
health("by the image's own shell", ["/bin/bash", "-ec", "a"],
       ["CMD-SHELL", "a"], Shell=["/bin/bash", "-ec"])
health("by its words", ["a", "b  c", ""], ["CMD", "a", "b  c", ""])
health("and none", [], ["NONE"])
health("one that is no command", [], ["PING", "x"],
       "its health check (PING) is left out")
path = project(layout)
build(path, "--output", "type=docker,dest=" + WORK + "/health.tar")
with tarfile.open(WORK + "/health.tar") as archive:
    top = json.load(archive.extractfile("manifest.json"))[0]["Config"]
    got = json.load(archive.extractfile(top))["config"]["Healthcheck"]
want = dict(CONFIG["Healthcheck"], Test=["CMD", "/slipway/health", "exec"])
report("the engine asks the launcher, as often as the image says",
       None if got == want else got)

STATUS = (b"Package: inside\nStatus: install ok installed\n"
          b"Architecture: amd64\nVersion: 1:2.3\n\n"
          b"Package: gone\nStatus: deinstall ok config-files\n"
          b"Architecture: amd64\nVersion: 4\n")
listed = Layout("listed")
manifest = listed.image([
    tar(member("etc/os-release", b"NAME=Other\nID=other\n")),
    tar(member("var/lib/dpkg/status", STATUS))], CONFIG | {"User": "5"})
listed.index(manifest)
path = project(listed)
build(path, "--output", "type=oci,dest=" + WORK + "/listed.tar",
      "--runner", "none")
bill = json.loads(run(SLIPWAY, "inspect", "--sbom",
                      WORK + "/listed.tar").stdout)["packages"]
known = {p["name"]: p for p in bill}
report("the SBOM names the image by digest, and its packages", None if
       known["image"]["versionInfo"] == manifest["digest"] and
       known["inside"]["externalRefs"][0]["referenceLocator"] ==
       "pkg:deb/other/inside@1:2.3?arch=amd64" and "gone" not in known
       else known)
asks("the image is an input of the build", [manifest["digest"][7:]],
     "inspect", "--provenance", WORK + "/listed.tar")
asks("a file tells its layer", [
    "etc/os-release  (layer 1 of image)",
    "var/lib/dpkg/status  (layer 2 of image)"],
     "inspect", "--files", path + "/build/x/rootfs.erofs")
asks("deploy knows what the image says", [
    "SIGQUIT", "80:80/tcp", ":/data", "/slipway/health", "exec", "2500ms"],
     "deploy", "compose", path)
report("check finds nothing wrong", None if
       run(SLIPWAY, "check", path).returncode == 0 else "status")

over = os.path.dirname(layout.path)
with open(over + "/mine", "w") as f:
    f.write("mine\n")
build(project(layout, files=[{"from": "mine", "to": "/etc/group"},
                             {"from": "mine", "to": "/new/mine"}]))
got = tree(over)
report("files of the manifest are above the image's", None if
       got["etc/group"]["size"] == 5 and "new/mine" in got and
       got["etc/passwd"]["size"] == len(PASSWD) else got)
first = run("sha256sum", WORK + "/disk.img").stdout
shutil.rmtree(over + "/build")
build(over)
report("the same image gives the same disk", None if
       run("sha256sum", WORK + "/disk.img").stdout == first else "it differs")
copied = run("skopeo", "copy", "-q", "oci:" + layout.path + ":latest",
             "docker-archive:" + over + "/app.tar:shop/app:1")
build(project(layout, "docker-archive:app.tar:shop/app:1", files=[
    {"from": "mine", "to": "/etc/group"}, {"from": "mine", "to": "/new/mine"}]))
report("so does a docker archive of it",
       None if run("sha256sum", WORK + "/disk.img").stdout == first
       else copied.stderr.decode() + "it differs")


# --- errors ------------------------------------------------------------------
def refuses(name, said, path):
    shutil.rmtree(path + "/build", ignore_errors=True)
    done = build(path)
    text = done.stderr.decode(errors="replace")
    report(name, None if done.returncode in (1, 2) and said in text and
           os.listdir(VICTIM) == ["file"] else
           f"{done.returncode}: {text} {os.listdir(VICTIM)}")


def hostile(name, said, *members, **more):
    lay = Layout("hostile" + str(count))
    lay.index(lay.image([tar(*members, **more)]))
    refuses(name, said, project(lay))


os.mkdir(VICTIM)
with open(VICTIM + "/file", "w") as f:
    f.write("file\n")
multi = Layout("multi")
arm = multi.image([tar(member("arm"))], arch="arm64",
                  platform={"os": "linux", "architecture": "arm64"})
amd = multi.image([tar(member("amd"))],
                  platform={"os": "linux", "architecture": "amd64"})
multi.index(multi.json({"schemaVersion": 2, "manifests": [arm, amd]},
                       "index.v1+json"))
build(project(multi))
report("of an index the image of the target's architecture",
       None if list(tree(os.path.dirname(multi.path))) == ["amd"] else "wrong")
multi.index(arm)
refuses("an index without it", "there is no image for linux on amd64",
        project(multi))
del arm["platform"]
multi.index(arm)
refuses("an image of another architecture",
        "it is for arm64 machines, the target's are amd64", project(multi))
refuses("a tag that is not there", "there is no image 2 (there is latest)",
        project(multi, "oci:image:2"))
refuses("base keel", "program-base",
        project(layout, target="x86_64-keel"))
refuses("a command as the health check of base keel", "health-base",
        project(layout, target="x86_64-keel",
                healthcheck={"test": ["exec", "/x"]}))

damaged = Layout("damaged")
d = damaged.image([tar(member("x", os.urandom(5000)))], how="tar")
damaged.index(d)
with open(f"{damaged.path}/blobs/sha256/{d['digest'][7:]}") as f:
    blob = json.load(f)["layers"][0]["digest"][7:]
with open(f"{damaged.path}/blobs/sha256/{blob}", "r+b") as f:
    f.seek(1000)
    f.write(b"changed")
refuses("a layer that is not what its digest says", "it is damaged",
        project(damaged))
with open(f"{damaged.path}/blobs/sha256/{blob}", "r+b") as f:
    f.truncate(2000)
refuses("a layer that is cut short", "image", project(damaged))
os.unlink(f"{damaged.path}/blobs/sha256/{blob}")
refuses("a layer that is missing", "is missing", project(damaged))

hostile("a path that leads out", "leads out", member("../../victim/new"))
hostile("a path with .. inside", "leads out", member("a/../../victim/new"))
hostile("a whiteout of ..", "hides no name", member("a/.wh..."))
hostile("a link to itself", "too many links", link("l", "l"), member("l/x"))
hostile("a hard link to what is not there", "which is not there",
        hard("x", "etc/shadow"))
hostile("a hard link to a folder", "folder", folder("d"), hard("x", "d"))
hostile("a file below a file", "not a folder", member("f"), member("f/x"))
hostile("folders nested without end", "nested", member("d/" * 500 + "x"))
big = member("big")
big[0].size = 1 << 60
lay = Layout("big")
lay.index(lay.image([big[0].tobuf(tarfile.GNU_FORMAT) + bytes(1024)]))
refuses("a file larger than the disk", "No space left", project(lay))
lay = Layout("out")
lay.index(lay.image([
    tar(link("abs", VICTIM), link("up", "../../../../../../.." + VICTIM)),
    tar(member("abs/new", b"1"), member("up/more", b"2"),
        member("abs/.wh.file"))]))
done = build(project(lay))
inside = tree(os.path.dirname(lay.path))
report("links to outside lead to folders inside", None if
       done.returncode == 0 and os.listdir(VICTIM) == ["file"] and
       VICTIM[1:] + "/new" in inside and VICTIM[1:] + "/more" in inside
       else f"{done.stderr.decode()} {list(inside)}")
lay = Layout("left")
node = member("dev/null", type=tarfile.CHRTYPE)
cap = member("ping", b"p", pax_headers={
    "SCHILY.xattr.security.capability": "x"})
lay.index(lay.image([tar(node, cap, member("p", type=tarfile.FIFOTYPE))]))
said = build(project(lay)).stderr.decode()
report("what is left out is told", None if
       "devices left out: dev/null" in said and
       "extended attributes left out: ping: security.capability" in said and
       "pipes and sockets left out: p" in said else said)
print(f"1..{count}")
shutil.rmtree(WORK)
