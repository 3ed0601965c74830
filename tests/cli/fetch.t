#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Source packages: out of the cache, checked, whole or not at all.
set -u
fetch=$(cd targets/sources && pwd)/fetch.sh
cache=${SLIPWAY_SOURCES:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/slipway/sources}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$work/cache"
if ls "$cache"/musl/*.dsc >/dev/null 2>&1; then
	cp -r "$cache/musl" "$work/cache/"
else
	echo "1..0 # SKIP musl's source package is not in $cache"
	exit 0
fi
SLIPWAY_SOURCES=$work/cache
export SLIPWAY_SOURCES
cd "$work" || exit 1
n=0
t() { # NAME STATUS PATTERN ARGUMENT...: what fetch.sh does and says
	n=$((n + 1))
	name=$1 want=$2 pattern=$3
	shift 3
	timeout 60 "$fetch" "$@" >log 2>&1
	got=$?
	if [ $got = "$want" ] &&
		{ [ -z "$pattern" ] || grep -q -- "$pattern" log; }; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name: status $got"
		sed 's/^/# /' log
	fi
}
is() { # NAME COMMAND...
	n=$((n + 1))
	name=$1
	shift
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
	fi
}

t "unpacks without the network" 0 '' --offline musl tree
is "the tree is there" test -f tree/src/string/memcpy.c
t "also when a suite is named" 0 '' --offline musl/bookworm tree2
is "both are the same" diff -r tree tree2
t "keeps what is there" 1 'tree exists' --offline musl tree
t "a package that was not downloaded" 1 'is not here' --offline no-such-one x
t "a name that is none" 1 'not a package name' --offline '../x' x
t "an option that is none" 1 'not a package name' --offline -x x
t "too few words" 2 'usage' musl
for f in cache/musl/*.orig.tar.*z; do
	printf x >>"$f"
done
t "refuses what is not what was signed for" 1 'cannot unpack' --offline musl y
is "and leaves nothing" test -z "$(ls -d y* 2>/dev/null)"
echo "1..$n"
