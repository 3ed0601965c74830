#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes libkeel.a: archive.sh LIB WORKDIR OBJROOT/ OBJECT... -- STUBDIR
# Every global name that does not begin with keel_ gets keel_ in front.
set -eu
lib=$1 work=$2 root=$3
shift 3
rm -rf "$work" "$lib"
mkdir -p "$work"
objects=
while [ "$1" != -- ]; do
	objects="$objects $1"
	shift
done
stubs=$2
# shellcheck disable=SC2086
"$NM" -g --format=posix $objects | awk 'NF >= 2 && $1 !~ /:$/ && \
	$1 !~ /^keel_/ && $1 != "_GLOBAL_OFFSET_TABLE_" && \
	!($1 in seen) { seen[$1] = 1; print $1, "keel_" $1 }' >"$work/names"
for o in $objects; do
	name=$(printf %s "${o#"$root"}" | tr / -)
	"$OBJCOPY" --redefine-syms="$work/names" "$o" "$work/$name"
done
# The body of the absent calls goes with them: libkeel-absent.a is last.
mkdir "$work/absent"
mv "$work/kern-absent.o" "$work/absent/"
"$AR" rcsD "$lib" "$work"/*.o "$stubs"/*.o
