#!/bin/sh
# shellcheck disable=SC2317 # functions are called by way of `is`
# SPDX-License-Identifier: Apache-2.0
# The image tar against the readers it is made for: docker, podman, skopeo,
# umoci, the schemas of the image specification. All take it, and all say
# the same config digest.
set -u
. tests/boot/disk.sh
. tests/docker/engine.sh
here=$PWD
start
cleanup() {
	engine_stop
	[ -z "${pm:-}" ] || $pm rmi -af >/dev/null 2>&1
	[ -z "${pm:-}" ] || $pm unshare true >/dev/null 2>&1
	[ -z "${bud:-}" ] || $bud rmi -af >/dev/null 2>&1
	chmod -R u+rwx "$w" 2>/dev/null
}
have() {
	command -v "$1" >/dev/null
}

# The image is one of the artifact program, with strings and names that are
# hard to carry; or ACCEPT=build: one of `slipway build`, with QEMU in it.
export SOURCE_DATE_EPOCH=1700000000
ref=uk/app:v1
tag=v1
image=$w/i.tar
make_image() { # KIND OUT
	"$artifact" image "$1" "$2" "$ref" "$w/disk.img=disk/disk.img" \
		/bin/true=launcher >"$2.info" || bail "cannot make an image"
}
build_image() {
	mkdir "$w/app"
	cp templates/hello/main.c "$w/app"
	echo "a file" >"$w/app/file"
	cat >"$w/app/slipway.json" <<-END
		{"name": "app", "target": "x86_64-keel", "sources": ["main.c"],
		"tags": ["$ref"], "args": ["a & b", "<c>"], "ports": [80],
		"files": [{"from": "file", "to": "/etc/file"}]}
	END
	timeout 300 "$SLIPWAY" build -o "$image" \
		-o "type=disk,dest=$w/disk.img" -o "type=oci,dest=$w/layout" \
		"$w/app" >"$w/log" 2>&1 || bail "$(cat "$w/log")"
}
if [ "${ACCEPT:-}" = build ]; then
	launcher=slipway/launch
	build_image
else
	launcher=launcher
	make_disk disk.img stub
	make_image tar "$image"
	make_image oci "$w/layout"
fi
x=$w/x
mkdir "$x"
tar xf "$image" -C "$x" || bail "cannot unpack the image"
cfg=$(jq -r '.[0].Config' "$x/manifest.json" | sed 's#.*/##')
md=$(jq -r '.manifests[0].digest' "$x/index.json" | cut -d: -f2)
diffs=$(jq -r '.rootfs.diff_ids[]' "$x/blobs/sha256/$cfg")

empty() { # COMMAND...: prints nothing
	got=$("$@")
	echo "$got"
	[ -z "$got" ]
}
only_known_members() {
	tar tf "$image" | grep -vE '^(blobs/|blobs/sha256/|blobs/sha256/[0-9a-f]{64}|index\.json|oci-layout|manifest\.json)$'
}
odd_types() {
	tar tvf "$image" | grep -v '^[-d]'
}
owner_and_time() {
	tar --numeric-owner --full-time --utc -tvf "$image" |
		awk '{print $2,$4,$5}' | sort -u
}
wrong_digests() {
	cd "$x/blobs/sha256" || return
	for f in *; do
		[ "$(sha256sum <"$f" | cut -d' ' -f1)" = "$f" ] || echo "$f"
	done
	cd "$here" || return
}
is "1 the tar has no other members" empty only_known_members
is "2 all are files and folders" empty odd_types
prints "3 one owner, one time" "0/0 2023-11-14 22:13:20" owner_and_time
is "4 every blob has its digest for a name" empty wrong_digests
is "5 manifest.json" jq -e 'length==1 and (.[0] |
	(.Config|type=="string") and .RepoTags==["'$ref'"] and
	(.Layers|length>=1))' "$x/manifest.json"
prints "6 oci-layout" 1.0.0 jq -r .imageLayoutVersion "$x/oci-layout"
is "7 index.json" jq -e '.schemaVersion==2 and (.manifests|length==1) and
	.manifests[0].annotations["org.opencontainers.image.ref.name"]=="'$tag'"
	and (.manifests[0].annotations["io.containerd.image.name"] |
	endswith("/'$ref'"))' "$x/index.json"
prints "8 both views name the same blobs" "$(jq -r \
	'.[0].Config, .[0].Layers[]' "$x/manifest.json" | sed 's#.*/##')" \
	sh -c "jq -r '.config.digest, .layers[].digest' $x/blobs/sha256/$md |
		cut -d: -f2"
diff_ids() {
	jq -r '.[0].Layers[]' "$1/manifest.json" | while read -r l; do
		echo "sha256:$(zcat -f <"$1/$l" | sha256sum | cut -d' ' -f1)"
	done
}
prints "9 diff_ids" "$diffs" diff_ids "$x"
is "10 config" jq -e '([.history[]|select(.empty_layer!=true)]|length) ==
	(.rootfs.diff_ids|length) and .created=="2023-11-14T22:13:20Z" and
	.os=="linux" and .rootfs.type=="layers"' "$x/blobs/sha256/$cfg"
schemas=$(dpkg -L golang-github-opencontainers-image-spec-dev 2>/dev/null |
	grep '/config-schema.json$')
if [ -n "$schemas" ] && python3 -c 'import jsonschema' 2>/dev/null; then
	is "11 the schemas of the specification" python3 \
		tests/docker/accept/schema.py "$(dirname "$schemas")" "$x"
else
	skip "11 the schemas of the specification" "schemas not installed"
fi
if have oci-image-tool; then
	is "12 oci-image-tool" oci-image-tool validate --type image \
		--ref name=$tag "$x"
else
	skip "12 oci-image-tool" "not installed"
fi
is "13 layers hold nothing that a runtime refuses" python3 \
	tests/docker/accept/layers.py "$x"
gzip_headers() {
	jq -r '.[0].Layers[]' "$x/manifest.json" | while read -r l; do
		head -c 8 "$x/$l" | xxd -p
	done | sort -u
}
prints "14 gzip headers without time" 1f8b080000000000 gzip_headers
umoci_unpacks() {
	umoci unpack --image "$x:$tag" "$w/bundle" &&
		[ -x "$w/bundle/rootfs/$launcher" ] &&
		cmp "$w/bundle/rootfs/disk/disk.img" "$w/disk.img" &&
		[ "$(stat -c %u:%g:%a "$w/bundle/rootfs/disk/disk.img")" = \
			107:107:444 ]
}
is "15 umoci unpacks it" umoci_unpacks
raw_digest() {
	skopeo inspect --raw "$1" | jq -r .config.digest
}
prints "16 skopeo, the docker view" "sha256:$cfg" \
	raw_digest "docker-archive:$image"
prints "16 skopeo, the OCI view" "sha256:$cfg" \
	raw_digest "oci-archive:$image:$tag"
converted() {
	skopeo copy -q "docker-archive:$image" "oci:$w/o:v" >&2 || return
	jq -r .config.digest "$w/o/blobs/sha256/$(jq -r \
		'.manifests[0].digest' "$w/o/index.json" | cut -d: -f2)"
}
prints "17 conversion leaves the config alone" "sha256:$cfg" converted

# Two targets in one index: each reader takes the one for its machine, and
# umoci, which knows no machines, what it is told by name.
two_targets() {
	for kind in two-tar:two.tar two-oci:two; do
		"$artifact" image "${kind%:*}" "$w/${kind#*:}" uk/two:v1 \
			/bin/true=launcher >/dev/null || bail "two targets"
	done
	by_target() {
		jq -r '.manifests[] | select(.annotations["org.slipway.target"]
			== "'"$1"'") | .digest' "$w/two/index.json" |
			cut -d: -f2
	}
	config_of() {
		jq -r .config.digest "$w/two/blobs/sha256/$(by_target "$1")"
	}
	one=$(config_of one)
	other=$(config_of other)
	prints "two targets: index.json leads to an index of both" \
		"amd64 null one,arm64 v8 other" sh -c "jq -r '.manifests[0].digest' \
		$w/two/index.json | sed 's|sha256:|$w/two/blobs/sha256/|' |
		xargs jq -r '[.manifests[] | .platform.architecture + \" \" +
		(.platform.variant | tostring) + \" \" +
		.annotations[\"org.slipway.target\"]] | join(\",\")'"
	if [ -n "$schemas" ] && python3 -c 'import jsonschema' 2>/dev/null; then
		is "two targets: the schemas of the specification" python3 \
			tests/docker/accept/schema.py "$(dirname "$schemas")" \
			"$w/two"
	fi
	chosen() { # ARCH SOURCE
		skopeo inspect --config --raw --override-arch "$1" "$2" |
			sha256sum | cut -d' ' -f1
	}
	prints "two targets: skopeo on amd64" "${one#sha256:}" \
		chosen amd64 "oci:$w/two:v1"
	prints "two targets: skopeo on arm64" "${other#sha256:}" \
		chosen arm64 "oci-archive:$w/two.tar:v1"
	prints "two targets: skopeo, one by name" "$other" \
		raw_digest "oci:$w/two:v1-other"
	copied() {
		skopeo copy -q --all "oci:$w/two:v1" "dir:$w/all" &&
			jq -r '.manifests[].digest' "$w/all/manifest.json" |
			while read -r d; do
				[ -s "$w/all/${d#sha256:}.manifest.json" ] &&
					echo "$d"
			done
	}
	prints "two targets: skopeo copies all" "sha256:$(by_target one)
sha256:$(by_target other)" copied
	named() {
		umoci unpack --image "$w/two:v1-$1" "$w/b-$1" &&
			[ -e "$w/b-$1/rootfs/etc/os-release" ]
	}
	both_named() {
		named one && named other
	}
	is "two targets: umoci unpacks each by its name" both_named
	prints "two targets: docker's view is the first" "$one" \
		raw_digest "docker-archive:$w/two.tar"
}
[ "${ACCEPT:-}" = build ] || two_targets

# Each reader of the daemon's starts with an empty store: a daemon does not
# read a layer again that it knows.
docker_checks() {
	loaded() {
		docker load -q -i "$image" >/dev/null &&
			docker image inspect -f '{{.Id}}' "$ref"
	}
	prints "18 docker load" "sha256:$cfg" loaded
	two_loaded() {
		docker load -q -i "$w/two.tar" >/dev/null &&
			docker image inspect -f '{{.Id}} {{.Architecture}}' uk/two:v1
		docker rmi -f uk/two:v1 >/dev/null
	}
	[ "${ACCEPT:-}" = build ] || prints \
		"docker takes the first of two targets" \
		"$one amd64" two_loaded
	saved() {
		docker save "$ref" -o "$w/s.tar" && mkdir -p "$w/s" &&
			tar xf "$w/s.tar" -C "$w/s" && diff_ids "$w/s"
	}
	prints "19 docker save gives the same layers" "$diffs" saved
	exported() {
		c=$(docker create "$ref") &&
			docker export "$c" | tar tv --numeric-owner >"$w/list"
		docker rm "$c" >/dev/null
		grep -q "^-rwxr-xr-x 0/0 .* $launcher\$" "$w/list" &&
			grep -q '^-r--r--r-- 107/107 .* disk/disk.img$' \
				"$w/list" &&
			! grep '^d' "$w/list" |
			grep -vE '^d(rwxr-xr-x|rwxrwxrwt) '
	}
	is "21 docker export: modes and owners" exported
	# The engine's own containerd; newer engines keep images in it.
	imported() {
		ctr="ctr -a $engine_sock/exec/containerd/containerd.sock -n test"
		$ctr images import "$image" >/dev/null &&
			$ctr images ls | awk 'NR == 2 { print $1, $3 }'
	}
	if have ctr; then
		prints "containerd names and unpacks it" \
			"docker.io/$ref sha256:$md" imported
	else
		skip "containerd names and unpacks it" "no ctr"
	fi
	arguments() {
		docker image inspect "$ref" | jq -c '.[0].Config |
			[.Cmd, .Env, (.User // ""), .StopSignal, .WorkingDir]'
	}
	want=$(jq -c '.config | [.Cmd, .Env, (.User // ""), .StopSignal, .WorkingDir]' \
		"$x/blobs/sha256/$cfg")
	prints "docker shows the configuration" "$want" arguments
	plain_loaded() {
		make_image plain "$w/plain.tar"
		docker rmi -f "$ref" >/dev/null &&
			docker load -q -i "$w/plain.tar" >/dev/null &&
			docker image inspect -f '{{.Id}}' "$ref"
	}
	[ "${ACCEPT:-}" = build ] || prints \
		"uncompressed layers have the same ID" "sha256:$cfg" plain_loaded
}
docker_names="18 docker load|docker takes the first of two targets|19 docker save|21 docker export"
if engine_start "$w/engine"; then
	docker_checks
	engine_stop
else
	IFS='|'
	for name in $docker_names; do skip "$name" "$engine_why"; done
	unset IFS
fi

pm="podman --root $w/pr --runroot $w/prr --tmpdir $w/pt --storage-driver vfs"
podman_loads() {
	$pm load -q -i "$image" >/dev/null &&
		$pm image inspect -f '{{.Id}}' "$($pm images -n \
			--format '{{.Repository}}:{{.Tag}}')"
}
if [ "$(id -u)" = 0 ] && have podman; then
	prints "20 podman load" "$cfg" podman_loads
	two_pulled() {
		$pm load -q -i "$w/two.tar" >/dev/null &&
			$pm image inspect -f '{{.Id}} {{.Architecture}}' \
				uk/two:v1
	}
	[ "${ACCEPT:-}" = build ] || prints "podman takes the first of two" \
		"${one#sha256:} amd64" two_pulled
else
	skip "20 podman load" "needs podman and root"
fi

# A store of its own: buildah shares podman's.
bud="buildah --root $w/br --runroot $w/brr --storage-driver vfs"
buildah_reads() {
	id=$($bud pull -q "oci-archive:$image") &&
		$bud inspect --type image --format '{{.FromImageID}}' "$id"
}
if [ "$(id -u)" = 0 ] && have buildah; then
	prints "buildah pulls it" "$cfg" buildah_reads
else
	skip "buildah pulls it" "needs buildah and root"
fi

# zstd: dockerd takes it from 23 on, these do before.
zstd_read() {
	"$artifact" image zstd "$w/z.tar" "$ref" /bin/true=launcher \
		>"$w/z.info" || return
	want=$(sed -n 's/^config //p' "$w/z.info")
	[ "$(raw_digest "oci-archive:$w/z.tar:$tag")" = "sha256:$want" ] &&
		skopeo copy -q "oci-archive:$w/z.tar:$tag" "dir:$w/zdir" &&
		$pm load -q -i "$w/z.tar" >/dev/null &&
		$pm image exists "$want"
}
if [ "${ACCEPT:-}" = build ]; then
	:
elif [ "$(id -u)" = 0 ] && have podman; then
	is "skopeo and podman take layers of zstd" zstd_read
else
	skip "skopeo and podman take layers of zstd" "needs podman and root"
fi

# 22 to 24 are tests/boot/disk-boot.t.
qcow2() {
	for i in 1 2; do
		"$artifact" convert "$w/disk.img" qcow2 "$w/$i.qcow2" || return
	done
	cmp "$w/1.qcow2" "$w/2.qcow2" && qemu-img check -q "$w/1.qcow2" &&
		qemu-img compare -f raw -F qcow2 "$w/disk.img" "$w/1.qcow2"
}
is "25 qcow2 is the same twice, and as the disk" qcow2
containerdisk() {
	jq -r '.[0].Layers[]' "$x/manifest.json" | while read -r l; do
		tar tzf "$x/$l"
	done | grep -c '^disk/.'
}
prints "KubeVirt: one file in /disk" 1 containerdisk
layout_is_the_same() {
	skopeo inspect --raw \
		"oci:$w/layout:$tag" | jq -r .config.digest
}
prints "the layout folder is the same image" "sha256:$cfg" layout_is_the_same
finish
