#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unpacks binary packages of the distribution with all that they depend on.
# usage: packages.sh [--offline] DESTDIR NAME[/SUITE]...
#        packages.sh [--offline] --list NAME[/SUITE]...
#        packages.sh --download-only NAME[/SUITE]...
#
# apt says what a package needs on a system that has nothing (Depends and
# Pre-Depends, its own choice among alternatives, nothing recommended), from
# the archives that this machine uses, and verifies what it downloads;
# nothing of the system changes. Downloads stay in $SLIPWAY_SOURCES/.deb
# (default ~/.cache/slipway/sources), so that the next time no network is
# needed: pool/*.deb, and sets/NAME[@SUITE], the list of one package.
# --list prints the packages, "SHA256 NAME VERSION ARCHITECTURE FILE" a line;
# of two versions the newer counts.
# DESTDIR must not exist; it appears whole or not at all:
#   root/  the files, /bin, /lib, /lib64 and /sbin being links to /usr; no
#          maintainer script has run
#   dpkg/  which file is whose, as a system's own dpkg/ has it: status, info/*.list;
#          status has each package's SHA256, too
# --offline: a package that was not downloaded before is an error.
set -eu

die() {
	echo "packages.sh: $*" >&2
	exit 1
}
usage() {
	sed -n 's/^# usage: /usage: /p; s/^#   *packages/       packages/p' "$0" >&2
	exit 2
}

offline='' dest='' mode=
while [ $# -gt 0 ]; do
	case $1 in
	--offline) offline=1 ;;
	--download-only | --list) mode=$1 ;;
	-*) usage ;;
	*) break ;;
	esac
	shift
done
if [ -z "$mode" ]; then
	[ $# -ge 1 ] || usage
	dest=$1
	shift
	[ ! -e "$dest" ] || die "$dest exists"
fi
[ $# -ge 1 ] || usage
for want in "$@"; do
	case $want in
	*/*/* | */ | */*[!a-z0-9-]*) die "'$want' is not a package name" ;;
	esac
	case ${want%%/*} in
	'' | *[!a-z0-9.+-]* | [.+-]*) die "'$want' is not a package name" ;;
	esac
done

cache=${SLIPWAY_SOURCES:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/slipway/sources}
mkdir -p "$cache/.deb/pool" "$cache/.deb/sets"
cache=$(cd "$cache/.deb" && pwd)
if [ -n "$dest" ]; then
	mkdir -p "$(dirname "$dest")"
	work=$(mktemp -d "$dest.XXXXXX")
else
	work=$(mktemp -d "$cache/XXXXXX")
fi
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# One download at a time; the others then find it in the cache.
exec 9>"$cache/.lock"
flock 9

# The set of a package: without a suite any will do that is alone.
find_set() { # NAME[/SUITE]
	name=${1%%/*}
	case $1 in */*) set -- "$cache/sets/$name@${1#*/}" ;; *)
		set -- "$cache/sets/$name" "$cache/sets/$name"@*
		[ -f "$1" ] || shift
		[ $# -eq 1 ] || [ -f "$cache/sets/$name" ] || return 1
		;;
	esac
	[ -f "$1" ] && echo "$1"
}

# apt on a system without any package, with lists of its own if asked.
apt_private() {
	: >>"$work/status"
	apt-get -q -o Dir::State::status="$work/status" \
		-o Dir::State::extended_states="$work/extended" \
		-o Dir::Cache::archives="$work/archives" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
		-o APT::Sandbox::User= -o APT::Install-Recommends=0 \
		-o APT::Install-Suggests=0 -o Debug::NoLocking=1 \
		-o Acquire::Languages=none -o Acquire::Retries=2 \
		${lists:+-o Dir::State::lists="$work/lists"} "$@"
}

download() { # NAME[/SUITE]
	[ -z "$offline" ] || die "the binary package $1 is not here;" \
		"download it once with: $0 --download-only $1"
	rm -rf "$work/archives"
	mkdir -p "$work/archives/partial"
	lists=''
	apt_private -y --download-only install "$1" >"$work/log" 2>&1 || {
		# The machine's lists may be old, or not there.
		lists=1
		mkdir -p "$work/lists/partial"
		{ apt_private update && apt_private -y --download-only \
			install "$1"; } >>"$work/log" 2>&1 || {
			cat "$work/log" >&2
			die "cannot download the binary package $1"
		}
	}
	# What lies on this machine was looked at, but not copied.
	apt_private -y --print-uris install "$1" 2>/dev/null |
		sed -n "s,^'file:\(/[^']*\)' \([^ ]*\.deb\) .*,\1 \2,p" |
		while read -r from to; do
			cp "$from" "$work/archives/$to" || exit 1
		done || die "cannot copy the binary package $1"
	: >"$work/set"
	for deb in "$work/archives"/*.deb; do
		[ -f "$deb" ] || die "apt has no packages for $1"
		# A version's epoch has a colon, which names of files should not.
		file=$(basename "$deb" | sed 's/%3a/_/g')
		# shellcheck disable=SC2016 # dpkg-deb expands these
		echo "$(sha256sum "$deb" | cut -d' ' -f1)" "$(dpkg-deb -W \
			--showformat='${Package} ${Version} ${Architecture}' \
			"$deb")" "$file" >>"$work/set"
		mv "$deb" "$cache/pool/$file"
	done
	LC_ALL=C sort -k2,2 "$work/set" >"$work/sorted"
	mv "$work/sorted" "$cache/sets/$(echo "$1" | tr / @)"
}

: >"$work/all"
for want in "$@"; do
	found=$(find_set "$want") || {
		download "$want"
		found=$(find_set "$want")
	}
	cat "$found" >>"$work/all"
done
[ "$mode" != --download-only ] || exit 0

# Each package once, in its newest version.
LC_ALL=C sort -u -k2,2 -k3,3 "$work/all" >"$work/sorted"
last='' line='' version=
while read -r sum name v rest; do
	if [ "$name" != "$last" ]; then
		[ -z "$line" ] || echo "$line"
	elif dpkg --compare-versions "$v" lt "$version"; then
		continue
	fi
	last=$name version=$v line="$sum $name $v $rest"
done <"$work/sorted" >"$work/list"
[ -z "$line" ] || echo "$line" >>"$work/list"
if [ "$mode" = --list ]; then
	cat "$work/list"
	exit 0
fi

out=$work/out
umask 022
mkdir -p "$out/root/usr" "$out/dpkg/info"
for d in bin lib lib64 sbin; do
	mkdir "$out/root/usr/$d"
	ln -s "usr/$d" "$out/root/$d"
done
while read -r sum name version arch file; do
	deb=$cache/pool/$file
	echo "$sum  $deb" | sha256sum -c --status 2>/dev/null ||
		die "$deb is not what was downloaded: remove $cache/sets and" \
			"download it again"
	# Not dpkg-deb -x, which makes a folder of the link that /lib is.
	{ dpkg-deb --fsys-tarfile "$deb" >"$work/tar" &&
		tar -C "$out/root" -xpf "$work/tar" --no-same-owner \
			--keep-directory-symlink --warning=no-timestamp; } \
		2>"$work/log" || {
		cat "$work/log" >&2
		die "cannot unpack $deb"
	}
	tar -tf "$work/tar" | sed 's,^\./,/,; s,/$,,' \
		>"$out/dpkg/info/$name:$arch.list"
	dpkg-deb -f "$deb" Package Source Version Architecture \
		>>"$out/dpkg/status"
	printf 'SHA256: %s\n\n' "$sum" >>"$out/dpkg/status"
done <"$work/list"
mv "$out" "$dest"
