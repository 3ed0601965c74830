#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An image for every engine: what each looks for is there, with and without
# the machine monitor, under every compression.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
project p '"labels": {"com.urunc.unikernel.hypervisor": "firecracker",
	"org.opencontainers.image.vendor": "<us>", "own": "x"}'
project f '"files": [{"from": "main.c", "to": "/etc/main.c"}], "ports": [80],
	"healthcheck": {"test": ["tcp", "80"]}, "args": ["-c", "a b"]'

oci() { # FOLDER: one layer a line, then config and manifest as files
	md=$(jq -r '.manifests[0].digest' "$1/index.json" | cut -d: -f2)
	jq . "$1/blobs/sha256/$md" >manifest
	jq . "$1/blobs/sha256/$(jq -r .config.digest manifest | cut -d: -f2)" \
		>config
	jq -r '.layers[].digest' manifest | sed "s,sha256:,$1/blobs/sha256/,"
}
files() { # FOLDER: of all layers, with modes and owners
	oci "$1" >layers
	while read -r l; do tar -tvf "$l" --numeric-owner; done <layers |
		awk '{ sub("/", ":", $2); print $1, $2, $NF }'
}
export -f oci files
t "an image with the monitor" 'build p --output type=oci,dest=with
	files with >list && grep -c " usr/bin/qemu-system" list
	grep " slipway/launch$" list
	jq -e ".config.Entrypoint == [\"/slipway/launch\"]" config
	[ "$(wc -l <layers)" = 3 ]'
t "and one without: the kernel, the disk and what says so" '
	build p --runner none --output type=oci,dest=without
	files without >list
	[ "$(grep -v "^d\| slipway/" list)" = "-rw-r--r-- 0:0 .boot/kernel
-rw-r--r-- 0:0 .krun_vm.json
-r--r--r-- 107:107 disk/disk.img
-rw-r--r-- 0:0 urunc.json" ]
	not grep -E " slipway/(launch|health|listen)" list
	[ "$(wc -l <layers)" = 1 ]
	jq -e ".config.Entrypoint == [\"hello\"]" config'
t "a runner of one output" '
	build p -o q.tar --output type=docker,dest=n.tar,runner=none
	[ $(stat -c %s n.tar) -lt 1000000 ] && [ $(stat -c %s q.tar) -gt 9000000 ]'
t "a folder without a monitor" '
	build p --output type=rootfs,dest=r,runner=none
	[ -s r/urunc.json ] && [ ! -e r/slipway/launch ] && [ ! -e r/usr ]'
t "no health test without a launcher" '
	build f --runner none --output type=oci,dest=fn && oci fn
	jq -e ".config | has(\"Healthcheck\") | not" config
	build f --output type=oci,dest=fw && oci fw
	jq -e ".config.Healthcheck.Test[1] == \"/slipway/health\"" config'

# --- urunc, krun, KubeVirt ----------------------------------------------------
t "urunc.json is flat, its values are base64" '
	oci fn >layers && tar -xOf "$(cat layers)" urunc.json >u.json
	jq -r "to_entries[] | \"\(.key)=\(.value | @base64d)\"" u.json >got
	sort got | diff - <(sed "s/^/com.urunc.unikernel./" <<-END
		binary=/.boot/kernel
		blkMntPoint=/
		block=/disk/disk.img
		cmdline=hello
		hypervisor=qemu
		mountRootfs=false
		unikernelType=linux
	END
	)
	jq -e "all(.[]; test(\"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$\"))" u.json'
t "without files the kernel needs no disk" '
	oci without >layers && tar -xOf "$(cat layers)" urunc.json |
		jq -e "has(\"com.urunc.unikernel.block\") | not"'
t "labels say the same in plain text" 'oci fn
	jq -e ".config.Labels | .[\"com.urunc.unikernel.binary\"] ==
		\"/.boot/kernel\" and .[\"com.urunc.unikernel.unikernelType\"] ==
		\"linux\"" config'
t "annotations say it again; the title is the name" 'oci fn
	jq -e ".annotations == ($(jq .config.Labels config))" manifest
	jq -e ".annotations[\"org.opencontainers.image.title\"] == \"hello\"" \
		manifest'
t "labels of the manifest win; others are no annotations" 'oci without
	jq -e ".config.Labels | .own == \"x\" and
		.[\"com.urunc.unikernel.hypervisor\"] == \"firecracker\"" config
	jq -e ".annotations | (has(\"own\") | not) and
		.[\"org.opencontainers.image.vendor\"] == \"<us>\"" manifest'
t "krun finds an ELF kernel" 'oci without >layers
	tar -xOf "$(cat layers)" .krun_vm.json | jq -e ".kernel_format == 1 and
		.kernel_path == \"/.boot/kernel\""
	tar -xOf "$(cat layers)" .boot/kernel | head -c 4 | xxd -p |
		grep -x 7f454c46'
t "/disk has one file, which uid 107 reads" '
	for i in with without; do
		files $i >list
		[ "$(grep " disk/." list)" = "-r--r--r-- 107:107 disk/disk.img" ]
	done'
t "a volume in /disk is refused" 'project v "\"volumes\": [\"/disk/data\"]"
	fails 1 v && says "volume /disk/data: /disk of an image"'

# --- compression -------------------------------------------------------------
media() { # FOLDER
	oci "$1" >layers
	jq -r '.layers[].mediaType' manifest | sort -u
}
diff_ids() {
	oci "$1" >layers
	while read -r l; do zstd -qdcf "$l" | sha256sum | cut -d' ' -f1; done <layers
}
export -f media diff_ids
for c in gzip zstd none; do
	t "$c: the bytes do not depend on the number of threads" "
		for j in 1 2 5; do
			SLIPWAY_CACHE=off build p -j \$j \
				--output type=docker,dest=$c\$j.tar,compression=$c
		done
		cmp ${c}1.tar ${c}2.tar && cmp ${c}1.tar ${c}5.tar"
done
t "the type of a layer is said" 'for c in gzip zstd none; do
		mkdir x$c && tar -xf ${c}1.tar -C x$c
	done
	[ $(media xgzip) = application/vnd.oci.image.layer.v1.tar+gzip ]
	[ $(media xzstd) = application/vnd.oci.image.layer.v1.tar+zstd ]
	[ $(media xnone) = application/vnd.oci.image.layer.v1.tar ]'
t "gzip and zstd themselves find nothing wrong" '
	oci xgzip | xargs gzip -cd >1 && oci xzstd | xargs zstd -qcd >2
	oci xnone | xargs cat >3 && cmp 1 3 && cmp 2 3'
t "all have the diff_ids that the configuration names" '
	for c in gzip zstd none; do
		diff_ids x$c >ids
		jq -r ".rootfs.diff_ids[]" config | cut -d: -f2 | diff - ids
	done'
t "levels" '
	for c in gzip:0 gzip:1 gzip:9 zstd:1 zstd:9; do
		build p --runner none --output \
			type=oci,dest=l$c,compression=${c%:*},compression-level=${c#*:}
		diff_ids l$c >ids
		jq -r ".rootfs.diff_ids[]" config | cut -d: -f2 | diff - ids
	done
	size() { stat -c %s "$(oci $1)"; }
	[ $(size lgzip:0) -gt $(size lgzip:1) ]
	[ $(size lgzip:1) -gt $(size lgzip:9) ]
	[ $(size lzstd:1) -gt $(size lzstd:9) ]'
t "another level is another output" '
	build p --runner none --output type=docker,dest=a.tar,compression-level=1
	cp a.tar b.tar
	build p --runner none --output type=docker,dest=a.tar,compression-level=9
	not cmp -s a.tar b.tar'
t "inspect reads them" 'for c in gzip zstd none; do
		"$SLIPWAY" inspect ${c}1.tar >shown && grep -q "layer 3" shown
	done'
t "--verify with all of it" '
	build p --verify --output type=oci,dest=ver,compression=zstd,runner=none
	build p --verify --runner none --output type=docker,compression-level=1'
echo "1..$n"
