#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several targets of one manifest: a folder of results for each, one output
# with all of their images.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
project two
cat >two/slipway.json <<'END'
{
	"name": "hello",
	"targets": ["x86_64-keel", "x86_64-linux"],
	"per_target": {"x86_64-linux": {"memory": "160M"}},
	"sources": ["main.c"]
}
END

blob() { # DIGEST of the layout
	cat "two/build/hello.oci/blobs/sha256/${1#sha256:}"
}
index() { # ARG... of jq on the index of both
	blob "$(jq -r '.manifests[0].digest' two/build/hello.oci/index.json)" |
		jq -e "$@"
}
export -f blob index

t "all targets in one layout, the first target first" '
	build --all-targets --runner none two
	[ -s two/build/hello/kernel ]
	[ -s two/build/hello/targets/x86_64-linux/kernel ]
	index "[.manifests[].annotations[\"org.slipway.target\"]] ==
		[\"x86_64-keel\", \"x86_64-linux\"]"
	index "[.manifests[].platform.architecture] == [\"amd64\", \"amd64\"]"'
t "each is the image that is built alone" '
	both=$(index -r ".manifests[].digest")
	for target in x86_64-keel x86_64-linux; do
		build --target $target --runner none two \
			-o "type=oci,dest=$PWD/alone.$target"
		jq -r ".manifests[0].digest" "alone.$target/index.json"
	done >alone
	[ "$both" = "$(cat alone)" ]'
t "each has its SBOM and provenance beside it" '
	jq -r ".manifests[] | select(.artifactType) |
		.annotations[\"io.containerd.manifest.subject\"]" \
		two/build/hello.oci/index.json | sort | uniq -c |
		awk "{ print \$1 }" >subjects
	[ "$(cat subjects)" = "2
2" ]'
t "nothing is done twice, whatever the order of names" '
	build --target x86_64-linux,x86_64-keel --runner none two
	! grep -E "compile|link|pack|write" err'
t "inspect shows both, and of the first the rest" '
	"$SLIPWAY" inspect two/build/hello.oci >shown
	grep "^images  *linux/amd64  x86_64-keel  sha256:" shown
	grep "^  *linux/amd64  x86_64-linux  sha256:" shown
	grep "^target  *x86_64-keel$" shown && grep "^base  *keel$" shown
	"$SLIPWAY" inspect alone.x86_64-linux | grep "^base  *linux$"'
t "a second build elsewhere makes the same bytes" '
	build --all-targets --runner none --verify -o type=oci,dest=two.tar two'
t "what holds one image takes one target" '
	for o in two.tar type=docker,dest=x type=disk,dest=x \
		type=kernel,dest=x type=rootfs,dest=x; do
		fails 2 --all-targets -o $o two
		says "holds one target, and these are 2 .*use type=oci"
	done
	[ ! -e x ]'
t "names of targets are checked" '
	fails 2 --target x86_64-keel,x86_64-linus two
	says target-unlisted
	fails 2 --target x86_64-keel, two
	says "is no list of names"
	fails 2 --target x86_64-keel --all-targets two
	says "do not go together"'
t "one manifest with one target is built as ever" '
	project one
	build --all-targets --runner none one
	[ -s one/build/hello.tar ]'
t "two targets are built at once" '
	rm -rf two/build
	build --target x86_64-keel --runner none -o type=oci,dest=a two &
	build --target x86_64-linux --runner none -o type=oci,dest=b two
	wait $!
	[ "$(jq -r ".manifests[0].digest" a/index.json b/index.json)" = \
		"$(cat alone)" ]'
t "a program of another target is refused" '
	project own
	cat >own/slipway.json <<END
{"name": "hello", "targets": ["x86_64-keel", "x86_64-linux"],
	"memory": "160M", "build": {"dir": ".", "program": "hello",
	"commands": [["make", "hello"]]}}
END
	printf "hello: main.c\n\t\$(CC) -o \$@ main.c\n" >own/Makefile
	fails 1 --all-targets own
	says "hello: linked for x86_64-keel, not for x86_64-linux"'
t "a target without its base is named" '
	mkdir -p lib
	cp -r "${SLIPWAY%/bin/*}/lib/slipway/." lib
	sed "s/x86_64/aarch64/g; s/amd64/arm64/" \
		lib/targets/x86_64-keel.json >lib/targets/aarch64-keel.json
	project arm
	sed -i "s/\"target\": \"x86_64-keel\"/\"targets\": [\"x86_64-keel\", \"aarch64-keel\"]/" \
		arm/slipway.json
	export SLIPWAY_LIB=$PWD/lib
	fails 2 --all-targets arm
	says "target aarch64-keel cannot be built: .* aarch64 machines"'
echo "1..$n"
