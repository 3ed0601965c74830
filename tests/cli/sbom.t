#!/bin/sh
# shellcheck disable=SC2317,SC2016 # called by way of `is`; jq's variables
# SPDX-License-Identifier: Apache-2.0
# What an image tells of its making: SPDX and provenance, in it and beside it.
set -u
. tests/boot/disk.sh
start
check=$PWD/tests/cli/sbom/check.py
schema=$PWD/tests/docker/accept/schema.py
export SOURCE_DATE_EPOCH=1700000000
# The interpreter that has the packages of `make deps`.
python=
for p in python3 /usr/bin/python3; do
	$p -c 'import jsonschema, license_expression' 2>/dev/null &&
		python=$p && break
done
[ -n "$python" ] || bail "python3-jsonschema and python3-license-expression"

sw() {
	timeout 300 "$SLIPWAY" "$@"
}
project() { # FOLDER: one source, nothing else
	mkdir "$1" && cp templates/hello/main.c "$1/" &&
		echo '{"name": "app", "target": "x86_64-keel",
			"sources": ["main.c"]}' >"$1/slipway.json"
}
cd "$w" || exit 1
PROJECT=$w/one
(cd "$OLDPWD" && project "$PROJECT") || bail "project"
sw build -q one -o type=docker,dest=one.tar -o type=oci,dest=one.oci \
	-o type=rootfs,dest=one.root -o type=oci,dest=oci.tar >log 2>&1 ||
	bail "$(cat log)"
sw inspect --sbom one.tar >sbom.json || bail "no SBOM"
sw inspect --provenance one.tar >provenance.json || bail "no provenance"

is "the SBOM is right, and that of this image" \
	"$python" "$check" sbom sbom.json one.root
is "the provenance is right" "$python" "$check" provenance provenance.json
ask() { # FILTER [FILE]
	jq -rc "$1" "${2:-sbom.json}"
}
prints "its time is SOURCE_DATE_EPOCH" 2023-11-14T22:13:20Z \
	ask .creationInfo.created
prints "what is not from the machine" \
	"Application Disk Image Slipway Source-musl" \
	ask '[.packages[].SPDXID[8:] | select(startswith("Deb-") | not)] |
		sort | join(" ")'
prints "the application is main.c, and linked with musl and keel" \
	'["./main.c"] ["SPDXRef-Slipway","SPDXRef-Source-musl"]' \
	ask '([.files[] | select(.fileTypes == ["SOURCE"]).fileName] |
		tostring) + " " + ([.relationships[] |
		select(.relationshipType == "STATIC_LINK" and
			.spdxElementId == "SPDXRef-Application") |
		.relatedSpdxElement] | sort | tostring)'
dsc() {
	sed -n 's/^Version: //p' "$(dirname "$SLIPWAY")"/../lib/slipway/sysroot/x86_64-keel/sources/musl/source.dsc
}
prints "musl's version" "$(dsc)" \
	ask '.packages[] | select(.name == "musl").versionInfo'
small() {
	[ "$(wc -c <sbom.json)" -lt 200000 ] &&
		[ "$(gzip -c sbom.json | wc -c)" -lt 30000 ]
}
is "it is small" small
same_everywhere() {
	for f in one.oci one.root oci.tar; do
		sw inspect --sbom "$f" | cmp - sbom.json &&
			sw inspect --provenance "$f" | cmp - provenance.json ||
			return
	done
	cmp one.root/slipway/sbom.spdx.json sbom.json
}
is "in the archive, the layout and the folder alike" same_everywhere
sum() {
	sha256sum <"$1" | cut -d' ' -f1
}
prints "the provenance names the sources and their digests" \
	"$(sum one/main.c) $(sum one/slipway.json)" \
	ask '[.predicate.buildDefinition.resolvedDependencies[] |
		select(.name == ("main.c", "slipway.json")).digest.sha256] |
		sort_by(. != "'"$(sum one/main.c)"'") | join(" ")' provenance.json
prints "and what came out" "kernel $(sum one/build/app/kernel) sbom.spdx.json $(sum sbom.json)" \
	ask '[.subject[] | .name, .digest.sha256] | join(" ")' provenance.json

# --- beside the image -------------------------------------------------------
blob() { # DIGEST: the file
	echo "one.oci/blobs/sha256/${1#sha256:}"
}
image=$(jq -r '.manifests[0].digest' one.oci/index.json)
prints "an OCI layout lists what refers to the image" \
	'[null,"application/spdx+json","application/vnd.in-toto+json"]' \
	jq -c '[.manifests[].artifactType]' one.oci/index.json
referrer() { # N: its document
	m=$(blob "$(jq -r ".manifests[$1].digest" one.oci/index.json)")
	[ "$(jq -r .subject.digest "$m")" = "$image" ] &&
		[ "$(jq -r .artifactType "$m")" = \
			"$(jq -r '.layers[0].mediaType' "$m")" ] &&
		cat "$(blob "$(jq -r '.layers[0].digest' "$m")")"
}
sbom_refers() {
	referrer 1 | cmp - sbom.json
}
is "the SBOM refers to the image's manifest" sbom_refers
provenance_refers() {
	referrer 2 >beside.json && "$python" "$check" provenance beside.json &&
		[ "sha256:$(jq -r '.subject[0].digest.sha256' beside.json)" = \
			"$image" ] &&
		[ "$(jq .predicate beside.json)" = \
			"$(jq .predicate provenance.json)" ]
}
is "the provenance's subject is the image" provenance_refers
schemas=$(dpkg -L golang-github-opencontainers-image-spec-dev |
	grep '/config-schema.json$')
is "the schemas of the image specification" "$python" "$schema" \
	"$(dirname "$schemas")" one.oci
readers() {
	config=$(jq -r .config.digest "$(blob "$image")")
	[ "$(skopeo inspect --raw oci:one.oci:latest |
		jq -r .config.digest)" = "$config" ] &&
		[ "$(skopeo inspect --raw oci-archive:oci.tar:latest |
			jq -r .config.digest)" = "$config" ] &&
		skopeo copy -q oci:one.oci:latest oci:copy:latest &&
		umoci unpack --image one.oci:latest bundle \
			>/dev/null 2>&1 &&
		cmp bundle/rootfs/slipway/sbom.spdx.json sbom.json
}
is "skopeo and umoci take the image out of it" readers
# Stores of their own, in folders: buildah shares podman's.
engines() {
	config=$(jq -r .config.digest "$(blob "$image")")
	stores="--root $w/r --runroot $w/rr --storage-driver vfs"
	# shellcheck disable=SC2086 # options
	{
		podman $stores --tmpdir "$w/rt" load -q -i oci.tar &&
			[ "sha256:$(podman $stores --tmpdir "$w/rt" images \
				-q --no-trunc | head -n 1 | cut -d: -f2)" = \
				"$config" ] &&
			id=$(buildah $stores pull -q oci:one.oci:latest) &&
			[ "sha256:$id" = "$config" ]
	} >engines.log 2>&1 || ! cat engines.log
}
if [ "$(id -u)" = 0 ]; then
	is "podman and buildah take it, too" engines
else
	skip "podman and buildah take it, too" "needs root"
fi
prints "a docker archive has nothing but the image there" 1 \
	sh -c "tar xOf one.tar index.json | jq '.manifests | length'"
prints "inspect names them" \
	'[["/slipway/provenance.json","/slipway/sbom.spdx.json"],["application/spdx+json","application/vnd.in-toto+json"]]' \
	sh -c "'$SLIPWAY' inspect --json one.oci |
		jq -c '[.documents, .referrers]'"

# --- the same inputs elsewhere ----------------------------------------------
elsewhere() {
	mkdir -p far/away && cp -r one/main.c one/slipway.json far/away/ &&
		(umask 077 && TZ=Asia/Tokyo LC_ALL=C SLIPWAY_CACHE=off \
			sw build -q -j1 far/away -o type=docker,dest=far.tar) &&
		sw inspect --sbom far.tar | cmp - sbom.json &&
		sw inspect --provenance far.tar | cmp - provenance.json &&
		cmp far.tar one.tar
}
is "another folder, umask and no cache: the same bytes" elsewhere

# --- sockets, headers, files, labels ----------------------------------------
mkdir -p two/inc two/data/deep
printf '#include <sys/socket.h>\n#include "inc/port.h"\nint main(void) { return socket(AF_INET, SOCK_STREAM, PORT); }\n' >two/main.c
echo '#define PORT 0' >two/inc/port.h
echo one >two/data/deep/a
echo two >"two/data/b & <c>"
cat >two/slipway.json <<'END'
{"name": "two", "target": "x86_64-keel", "sources": ["main.c"],
 "labels": {"org.opencontainers.image.version": "3.1",
	"org.opencontainers.image.licenses": "MIT AND ISC"},
 "files": [{"from": "data", "to": "/srv"},
	{"from": "/etc/debian_version", "to": "/etc/release"}]}
END
sw build -q two -o type=rootfs,dest=two.root >log 2>&1 || bail "$(cat log)"
sw inspect --sbom two.root >two.json
is "a larger one is right, too" "$python" "$check" sbom two.json two.root
prints "lwIP is in what opens a socket" lwip \
	ask '.packages[] | select(.name == "lwip").name' two.json
prints "headers of the project are sources" \
	'./inc/port.h ./main.c' \
	ask '[.files[] | select(.fileTypes == ["SOURCE"]).fileName] | sort |
		join(" ")' two.json
guest() { # PATH: its SHA-256
	ask '.files[] | select(.fileName == "'"$1"'") | .checksums[] |
		select(.algorithm == "SHA256").checksumValue' two.json
}
prints "files of the root filesystem" \
	"$(sum two/data/deep/a) $(sum "two/data/b & <c>")" \
	sh -c "echo $(guest ./srv/deep/a) $(guest './srv/b & <c>')"
prints "a file of the distribution names its package" base-files \
	ask '(.files[] | select(.fileName == "./etc/release").SPDXID) as $f |
		(.relationships[] | select(.spdxElementId == $f and
		.relationshipType == "EXPANDED_FROM_ARCHIVE")
		.relatedSpdxElement) as $p |
		.packages[] | select(.SPDXID == $p).name' two.json
prints "version and licence are those of the labels" "3.1 MIT AND ISC" \
	ask '.packages[] | select(.SPDXID == "SPDXRef-Application") |
		.versionInfo + " " + .licenseDeclared' two.json

no_dpkg() { # a machine without the database
	DPKG_ADMINDIR=$w/nothing sw build -q two -o \
		type=rootfs,dest=none.root >log 2>&1 || return
	sw inspect --sbom none.root >none.json &&
		"$python" "$check" sbom none.json &&
		[ "$(jq '[.packages[] | select(.SPDXID |
			test("Deb-(gcc|qemu|libc6-amd64)"))] | length' \
			none.json)" = 0 ]
}
is "a machine without dpkg: no packages are claimed" no_dpkg
# --- own sources with a build of their own ----------------------------------
cc=${SLIPWAY%/*}/x86_64-keel-cc
commands() { # FOLDER: in sub, with a library, an object by hand, and lists
	mkdir -p "$1/sub/inc" "$1/sub/lib"
	echo '{"name": "made", "target": "x86_64-keel", "build": {"dir":
		"sub", "commands": [["make", "-s"]], "program": "made"}}' \
		>"$1/slipway.json"
	cat >"$1/sub/Makefile" <<'END'
made: main.o b.o both.o hand.o libx.a
	$(CC) -o $@ main.o b.o both.o hand.o last.c -Iinc -L. -lx
main.o: main.c inc/main.h
	$(CC) -Iinc -MMD -MP -MF main.d -c main.c
b.o: b.c
	$(CC) -Wp,-MD,b.d -o $@ -c "$(CURDIR)/$<"
both.o: one.c two.s
	$(CC) -c $^ && $(LD) -r -o $@ one.o two.o
libx.a: lib/used.o lib/unused.o
	$(AR) rcs $@ $^
END
	echo '#define MAIN 0' >"$1/sub/inc/main.h"
	printf '#include <stdio.h>\n#define LAST 0\n' >"$1/sub/inc/last.h"
	printf '#include "last.h"\nint last(void) { puts(""); return LAST; }\n' \
		>"$1/sub/last.c"
	for f in b one hand lib/used lib/unused; do
		echo "int ${f#lib/}(void) { return 0; }" >"$1/sub/$f.c"
	done
	printf '.globl two\ntwo: xor %%eax, %%eax\nret\n%s\n' \
		'.section .note.GNU-stack, ""' >"$1/sub/two.s"
	cat >"$1/sub/main.c" <<'END'
#include "main.h"
int b(void), one(void), two(void), hand(void), used(void), last(void);
int main(void)
{
	return b() + one() + two() + hand() + used() + last() + MAIN;
}
END
	(cd "$1/sub" && "$cc" -c hand.c)
}
own_inputs() { # FILE: the project's, "DIGEST  NAME" a line
	ask '.predicate.buildDefinition.resolvedDependencies[] |
		select(.uri or (.name | startswith("x86_64-")) | not) |
		.digest.sha256 + "  " + .name' "$1"
}
commands made
sw build -q made -o type=docker,dest=made.tar >log 2>&1 || bail "$(cat log)"
sw inspect --provenance made.tar >made.json
sw inspect --sbom made.tar >made.spdx
names() { # FILE
	own_inputs "$1" | cut -c67- | paste -sd ' '
}
prints "of commands the provenance names what the program is made of" \
	"slipway.json sub/b.c sub/inc/last.h sub/inc/main.h sub/last.c sub/lib/used.c sub/main.c sub/one.c sub/two.s sub/both.o sub/hand.o" \
	names made.json
right_sums() {
	own_inputs made.json >sums && (cd made && sha256sum --quiet -c ../sums)
}
is "with the digests of the files" right_sums
prints "the sources are in the SBOM" \
	'./sub/b.c ./sub/inc/last.h ./sub/inc/main.h ./sub/last.c ./sub/lib/used.c ./sub/main.c ./sub/one.c ./sub/two.s' \
	ask '[.files[] | select(.fileTypes == ["SOURCE"]).fileName] | sort |
		join(" ")' made.spdx
is "which is right" "$python" "$check" sbom made.spdx
prints "lists that the compiler was asked for are as ever" \
	"main.o: main.c inc/main.h|inc/main.h:|1" \
	sh -c 'tr "\n" "|" <made/sub/main.d; grep -c "^b.o: " made/sub/b.d'
made_elsewhere() {
	commands "far/made of parts" &&
		sw build -q "far/made of parts" -o type=docker,dest=far.tar &&
		sw inspect --provenance far.tar | cmp - made.json &&
		cmp far.tar made.tar
}
is "in another folder: the same bytes" made_elsewhere
stale() { # make sees nothing to do
	rm -r made/build
	echo '/* */' >>made/sub/inc/last.h
	sw build -q made -o type=docker,dest=stale.tar &&
		sw inspect --provenance stale.tar | cmp - made.json
}
is "a file that changed since is told as it was compiled" stale
by_hand() {
	(cd made/sub && rm -f ./*.o lib/*.o libx.a made &&
		make -s CC="$cc" AR="${cc%cc}ar" LD="${cc%cc}ld")
	readelf -SW made/sub/*.o | grep slipway
	sw build -q made -o type=docker,dest=hand.tar &&
		sw inspect --provenance hand.tar >hand.json && names hand.json
}
prints "what was all compiled by hand is told as objects" \
	"slipway.json last.o sub/b.o sub/both.o sub/hand.o sub/libx.a(used.o) sub/main.o" \
	by_hand
removed() { # the base linux needs no object after the link
	mkdir gone && echo 'int main(void) { return 0; }' >gone/main.c &&
		echo '{"name": "gone", "target": "x86_64-linux", "build": {
		"commands": [["make", "-s"]], "program": "gone"}}' \
			>gone/slipway.json
	printf 'gone: main.o\n\t$(CC) -o $@ $^ && rm $^\n' >gone/Makefile
	sw build -q --runner none gone -o type=docker,dest=gone.tar &&
		sw inspect --provenance gone.tar >gone.json && names gone.json
}
prints "an object that was removed is told by the digest of the link" \
	"slipway.json main.o" removed
finish
