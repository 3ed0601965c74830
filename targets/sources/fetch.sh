#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unpacks a source package of the distribution.
# usage: fetch.sh [--offline] NAME[/SUITE] DESTDIR
#        fetch.sh --download-only NAME[/SUITE]
#
# The package comes from the archives that this machine's apt already uses, by a
# private copy of its lists turned to deb-src; nothing of the system changes.
# apt verifies signatures and checksums, dpkg-source applies the
# distribution's patches. Downloads stay in $SLIPWAY_SOURCES (default
# ~/.cache/slipway/sources), so that the next time no network is needed.
# The tree appears as DESTDIR whole or not at all; DESTDIR must not exist.
# The package's .dsc (name, version, checksums) is in it as debian/source.dsc.
# --offline: a package that was not downloaded before is an error.
set -eu

die() {
	echo "fetch.sh: $*" >&2
	exit 1
}

mode=
case ${1:-} in
--offline | --download-only)
	mode=$1
	shift
	;;
esac
if [ "$mode" = --download-only ]; then
	[ $# -eq 1 ] && set -- "$1" "${TMPDIR:-/tmp}/slipway-source.$$"
fi
[ $# -eq 2 ] || {
	echo "usage: fetch.sh [--offline] NAME[/SUITE] DESTDIR" >&2
	echo "       fetch.sh --download-only NAME[/SUITE]" >&2
	exit 2
}
want=$1
dest=$2
name=${want%%/*}
case $name in
'' | *[!a-z0-9.+-]* | [.+-]*) die "'$name' is not a package name" ;;
esac
[ ! -e "$dest" ] || die "$dest exists"

cache=${SLIPWAY_SOURCES:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/slipway/sources}
mkdir -p "$cache" "$(dirname "$dest")"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d "$dest.XXXXXX")
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# One download at a time; the others then find it in the cache.
exec 9>"$cache/.lock"
flock 9

# The private lists: every configured archive, sources in place of binaries.
write_lists() {
	mkdir -p "$work/lists/partial" "$work/parts"
	conf=$(apt-config shell list Dir::Etc::sourcelist/f \
		parts Dir::Etc::sourceparts/d)
	list='' parts=''
	eval "$conf"
	n=0
	for f in "$list" "$parts"*.list; do
		[ -f "$f" ] || continue
		n=$((n + 1))
		sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$f" \
			>"$work/parts/$n.list"
	done
	for f in "$parts"*.sources; do
		[ -f "$f" ] || continue
		n=$((n + 1))
		sed 's/^Types:.*/Types: deb-src/' "$f" >"$work/parts/$n.sources"
	done
	[ "$n" -gt 0 ] || die "apt has no archives configured"
}

apt_private() {
	apt-get -q -o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$work/parts" \
		-o Dir::State::lists="$work/lists" \
		-o APT::Get::List-Cleanup=0 -o APT::Sandbox::User= \
		-o Acquire::Languages=none \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
		-o Acquire::Retries=2 "$@"
}

download() {
	[ "$mode" != --offline ] || die "the source package $want is not here;" \
		"download it once with: $0 --download-only $want"
	write_lists
	mkdir -p "$work/dl"
	# An archive without sources is no reason to stop: if the package
	# is not found afterwards, the log says why.
	apt_private update >"$work/log" 2>&1 || :
	(cd "$work/dl" && apt_private source --download-only "$want") \
		>>"$work/log" 2>&1 || {
		cat "$work/log" >&2
		die "cannot download the source package $want"
	}
	rm -rf "${cache:?}/$name"
	mv "$work/dl" "$cache/$name"
}

set -- "$cache/$name"/*.dsc
[ -f "$1" ] || download
set -- "$cache/$name"/*.dsc
if [ $# -ne 1 ] || [ ! -f "$1" ]; then
	die "no single .dsc in $cache/$name"
fi

[ "$mode" != --download-only ] || exit 0

# dpkg-source checks the files against the checksums in the .dsc again.
dpkg-source --no-copy -x "$1" "$work/tree" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	die "cannot unpack $1"
}
mkdir -p "$work/tree/debian"
cp "$1" "$work/tree/debian/source.dsc"
mv "$work/tree" "$dest"
