#!/bin/sh
# shellcheck disable=SC2317 # functions are called by way of `is`
# SPDX-License-Identifier: Apache-2.0
# slipway inspect: what it shows, and what it says of files that are bad.
set -u
. tests/boot/disk.sh
start
export SOURCE_DATE_EPOCH=1700000000

make_disk disk.img probe
"$artifact" rootfs "$w/root.erofs" /etc/passwd:/etc/passwd:640:0:42 \
	../bin/x@/sbin/x -:/var/empty:700:7:8 || bail "rootfs"
make_disk root.img probe small "$w/root.erofs"
for kind in tar plain oci; do
	"$artifact" image $kind "$w/$kind" uk/app:v1 \
		"$w/disk.img=disk/disk.img" /bin/true=launcher \
		>"$w/info" || bail "image"
done
config=$(sed -n 's/^config //p' "$w/info")

query() { # FILTER OPTION... FILE
	filter=$1
	shift
	"$SLIPWAY" inspect --json "$@" | jq -rc "$filter"
}
types() {
	for f in "$@"; do
		"$SLIPWAY" inspect --json "$f" | jq -r .type
	done | paste -sd' ' -
}
prints "the type of each file" \
	"image image image disk disk kernel rootfs program" \
	types "$w/tar" "$w/plain" "$w/oci" "$w/disk.img" "$w/root.img" \
	"$k/probe" "$w/root.erofs" "$SLIPWAY"
for kind in tar plain oci; do
	prints "$kind: the image's ID" "sha256:$config" query .config "$w/$kind"
done
prints "both views are named" "docker archive and OCI layout" \
	query .format "$w/tar"
prints "layers, as the config has them" \
	"$(skopeo inspect --config "docker-archive:$w/tar" |
		jq -c .rootfs.diff_ids)" \
	query '[.layers[].diff_id]' "$w/tar"
prints "arguments come through" \
	"$(skopeo inspect --config "docker-archive:$w/tar" |
		jq -c .config.Cmd)" query .args "$w/oci"
prints "files of an image" "etc/os-release 0644 lib tmp 1777" \
	query '[.layers[0].files[] | select(.path | IN("etc/os-release",
		"lib", "tmp/")) | .path, (select(.type != "link") | .mode)] |
		join(" ") | sub("tmp/"; "tmp")' --files "$w/tar"
prints "owner of the disk in it" '[107,107,"0444"]' \
	query '.layers[-1].files[] | select(.path == "disk/disk.img") |
		[.uid, .gid, .mode]' --files "$w/tar"
prints "partitions of a disk" \
	'["BIOS boot","EFI system","Linux data"]' \
	query '[.partitions[].kind]' "$w/root.img"
prints "the kernel of a disk" \
	"sha256:$(sha256sum <"$k/probe" | cut -d' ' -f1)" \
	query .kernel.digest "$w/disk.img"
prints "files of a root filesystem" \
	'["0640",0,42,"link","../bin/x","0700",7,8]' \
	query '.rootfs.files | map({(.path): .}) | add |
		[(.["etc/passwd"] | .mode, .uid, .gid),
		(.["sbin/x"] | .type, .link),
		(.["var/empty"] | .mode, .uid, .gid)]' --files "$w/root.img"
prints "sizes of a kernel" true query '[.sections[] | select(.name == ".text")
	| .size > 0] | any' --size "$k/probe"
prints "its entry" 0x100000 query .pvh_entry "$k/probe"

# The sum of "components" is the size of the file.
sums() {
	for f in "$@"; do
		size=$(find "$f" -type f -printf '%s\n' |
			awk '{ n += $1 } END { print n + 0 }')
		query "([.components[].bytes] | add) == $size and .size == $size
			and all(.contents[]?, (.kernel // empty | .content);
				.size == ([.components[].bytes] | add))" \
			--size "$f" | sed "s|\$| $(basename "$f")|"
	done | grep -v ^true
	echo all
}
prints "sizes sum exactly" all sums "$w/tar" "$w/plain" "$w/oci" \
	"$w/disk.img" "$w/root.img" "$k/probe" "$w/root.erofs" "$SLIPWAY"
prints "bytes of a disk by name" '[true,true,true]' \
	query '.components | map({(.name): (.bytes > 0)}) | add |
		[.["BIOS boot: kernel"], .["root: etc/passwd"],
		.["EFI system: EFI/BOOT/BOOTX64.EFI"]]' --size "$w/root.img"
prints "a kernel alone says that it tells less" "segments and sections" \
	query .components_from --size "$k/probe"

text() { # PATTERN OPTION... FILE
	pattern=$1
	shift
	"$SLIPWAY" inspect "$@" | tee "$w/verify" | grep -qE "$pattern"
}
is "an image as text" text '^tags +\["uk/app:v1"\]' "$w/tar"
is "a disk as text" text '^partition 2 +EFI system +2048' "$w/disk.img"
is "a kernel as text" text '^segment 1 +r-x +pa 0x100000' "$k/probe"
is "files as text" text '^  l 0777 .* sbin/x -> ../bin/x' --files \
	"$w/root.erofs"

# --- two files ------------------------------------------------------------------
# What differs, and the status.
differences() { # FILE FILE
	"$SLIPWAY" inspect "$@" >"$w/out" 2>&1
	status=$?
	grep -v '^  [-+]' "$w/out"
	echo "$status"
}
where() { # FILE FILE: a line each
	differences "$@" | grep -vE '(guid|uuid|diff_id)$' | paste -sd'|' -
}
contents() {
	echo 1 >"$w/f1"
	echo 2 >"$w/f2"
	"$artifact" rootfs "$w/c1" "$w/f1:/f:644:0:0" &&
		"$artifact" rootfs "$w/c2" "$w/f2:/f:644:0:0" &&
		where "$w/c1" "$w/c2"
}
deep() {
	differences "$w/one" "$w/other" |
		grep -c 'disk/disk.img: content: rootfs: files: etc/passwd: mode$'
}
# Two programs of the tests.
kernels() {
	differences "$k/probe" "$k/stub" | grep -q '^segments: 1: digest$' &&
		echo true
}
"$artifact" rootfs "$w/other.erofs" /etc/passwd:/etc/passwd:600:0:42 \
	../bin/y@/sbin/x -:/var/empty:700:7:8 /etc/group:/etc/group:644:0:0 ||
	bail "rootfs"
mkdir "$w/sub"
make_disk sub/root.img probe small "$w/other.erofs"
"$artifact" image tar "$w/other" uk/app:v2 "$w/sub/root.img=disk/disk.img" \
	/bin/true=launcher >/dev/null || bail "image"
"$artifact" image tar "$w/one" uk/app:v1 "$w/root.img=disk/disk.img" \
	/bin/true=launcher >/dev/null || bail "image"
prints "the same file twice" 0 differences "$w/tar" "$w/tar"
prints "an image with layers compressed and not" \
	"manifest|size|layers: one: size|layers: two: size|1" where "$w/plain" "$w/tar"
prints "root filesystems, file by file" \
	"entries|files: etc/passwd: mode|files: sbin/x: link|files: etc/group|1" \
	where "$w/root.erofs" "$w/other.erofs"
prints "a content of the same size" "files: f: digest|1" contents
prints "images, down to the files of their disks" 1 deep
prints "kernels, segment by segment" true kernels
cat "$w/tar" >"$w/longer" && printf '%1024s' '' >>"$w/longer"
prints "bytes that no description has" "size|1" where "$w/tar" "$w/longer"
prints "as JSON" '["files: sbin/x: link","../bin/x","../bin/y"]' \
	query '.[] | select(.where == "files: sbin/x: link") | [.where, .a, .b]' \
	"$w/root.erofs" "$w/other.erofs"

# NAME STATUS PATTERN ARGUMENT...: on stderr, and nothing on stdout.
refuses() {
	name=$1
	status=$2
	pattern=$3
	shift 3
	timeout 20 "$SLIPWAY" inspect "$@" >"$w/out" 2>"$w/err"
	got=$?
	if [ $got = "$status" ] && grep -qE "$pattern" "$w/err" &&
		[ ! -s "$w/out" ]; then
		ok "$name"
	else
		not_ok "$name" "status $got: $(cat "$w/err" "$w/out")"
	fi
}
bytes() { # FILE OFFSET TEXT: a copy with other bytes
	cp "$1" "$w/bad"
	printf '%b' "$3" | dd of="$w/bad" bs=1 seek="$2" conv=notrunc \
		status=none
}
refuses "no file" 2 'no file given'
refuses "three files" 2 'more than two files: c' a b c
refuses "two files and --size" 2 'compared as a whole' --size a b
refuses "an unknown option" 2 'slipway' --colour x
refuses "a file that is not there" 1 'nosuch: No such file' nosuch
refuses "an SBOM of an image without" 1 'no /slipway/sbom.spdx.json in this' \
	--sbom "$w/tar"
refuses "the provenance of a disk" 1 'this is a disk; only images' \
	--provenance "$w/disk.img"
refuses "two documents" 2 'each given alone' --sbom --provenance "$w/tar"
refuses "files of a kernel" 1 'no files in this kernel' --files "$k/probe"
refuses "files of a disk without a root" 1 'no files in this disk' --files \
	"$w/disk.img"
refuses "the calls of a kernel alone" 1 'record of the link' --syscalls \
	"$k/probe"
refuses "why, of a disk without a record" 1 'record of the link' --why main \
	"$w/disk.img"
refuses "two questions" 2 'one at a time' --why main --syscalls "$w/disk.img"
: >"$w/bad"
refuses "an empty file" 1 'bad: the file is empty' "$w/bad"
echo text >"$w/bad"
refuses "a text file" 1 'bad: not an image, disk' "$w/bad"
refuses "a device" 1 'not a regular file' /dev/null
refuses "a folder" 1 'not an OCI layout' /usr
"$artifact" convert "$w/disk.img" qcow2 "$w/q.qcow2"
refuses "a qcow2 disk" 1 'qcow2 disk; only raw' "$w/q.qcow2"
bytes "$w/disk.img" 568 X
refuses "a GPT with a wrong checksum" 1 'wrong header checksum' "$w/bad"
head -c 1500000 "$w/disk.img" >"$w/bad"
refuses "a disk that was cut" 1 'backup is not at the end' "$w/bad"
bytes "$w/root.erofs" 1038 '\377\377'
refuses "a damaged root filesystem" 1 'EROFS image: inode outside' "$w/bad"
head -c 200 "$k/probe" >"$w/bad"
refuses "a kernel that was cut" 1 'bad' "$w/bad"
head -c 9000 "$w/tar" >"$w/bad"
refuses "an image that was cut" 1 'bad: ' "$w/bad"
tar cf "$w/bad" -C /etc passwd
refuses "a tar that is no image" 1 'tar that is not an image' "$w/bad"
mkdir "$w/d"
echo '[{"Config":"../../etc/passwd","Layers":[]}]' >"$w/d/manifest.json"
tar cf "$w/bad" -C "$w/d" manifest.json
refuses "a name that leads out" 1 'bad name' "$w/bad"
refuses "the same in a folder" 1 'bad name' "$w/d"
echo '[{"Config":"x","Layers":["y"]}]' >"$w/d/manifest.json"
refuses "a member that is missing" 1 'x is missing' "$w/d"
echo '{"a":1,}' >"$w/d/manifest.json"
refuses "bad JSON, with its place" 1 'manifest.json:1:[0-9]' "$w/d"
printf '[{"Config":"c.json","Layers":["l"]}]' >"$w/d/manifest.json"
echo '{}' >"$w/d/c.json"
head -c 4096 /dev/urandom >"$w/d/l"
refuses "a layer that is no tar" 1 'l' "$w/d"

# The terminal is safe from what a file says.
mkdir "$w/e"
printf '[{"Config":"c.json","Layers":[],"RepoTags":["\\u001b[31mx"]}]' \
	>"$w/e/manifest.json"
echo '{}' >"$w/e/c.json"
clean() {
	"$SLIPWAY" inspect "$w/e" >"$w/verify" && ! grep -q "$(printf '\033')" \
		"$w/verify"
}
is "control characters are shown, not sent" clean
full() {
	"$SLIPWAY" inspect "$w/tar" >/dev/full 2>"$w/verify"
	[ $? = 1 ] && grep -q 'No space left' "$w/verify"
}
is "a full disk is an error" full
finish
