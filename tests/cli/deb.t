#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make deb: a package that lintian accepts, with the same bytes each time, and
# that builds hello from where it was unpacked.
# shellcheck disable=SC2016 # the shell of each case expands
B=${B:-build}
. tests/cli/build-lib.sh
# lintian reads each of the 1500 members of our libraries.
export LIMIT=900
case $B in /*) ;; *) B=$top/$B ;; esac
deb=$B/slipway_$("$SLIPWAY" --version | cut -d' ' -f2)_$(
	dpkg --print-architecture).deb
root=$build_work/root
export B deb root

make_deb() { # COMMAND...: make deb in the build folder that is there
	(cd "$top" && env -u MAKEFLAGS -u MFLAGS "$@" \
		make --no-print-directory B="$B" deb) >said 2>&1 ||
		{ tail -n 5 said; return 1; }
}
export -f make_deb

t "make deb, and it says how to install" 'make_deb env
	grep -q "apt-get install $deb" said && cp "$deb" first.deb'
t "lintian finds neither an error nor a warning" '
	lintian --allow-root --fail-on error,warning "$deb" >found 2>&1 ||
		{ cat found; exit 1; }
	[ ! -s found ] || { cat found; exit 1; }'
t "the same bytes at another time, under another umask and locale" '
	umask 077
	make_deb faketime -f "+400d" env TZ=Asia/Tokyo LANG=tr_TR.UTF-8
	cmp "$deb" first.deb'
t "it depends on what doctor needs" '
	dpkg-deb -f "$deb" Depends | tr , "\n" | sed "s/^ //; s/ (.*//" >has
	"$SLIPWAY" doctor --json |
		jq -r ".[] | select(.needed and .package) | .package" >wants
	[ "$(wc -l <wants)" -gt 5 ] && not grep -vxFf has wants'
t "each file is the one that make install installs" '
	dpkg-deb -x "$deb" "$root"
	cd "$root/usr/lib/slipway" && find . -type f | while read -r f; do
		cmp "$f" "$B/lib/slipway/$f"
	done
	cd "$B/lib/slipway" && find . -type f ! -path "*/x86_64-linux*" |
		while read -r f; do
		[ -e "$root/usr/lib/slipway/$f" ]
	done'
t "its checksums are right" 'dpkg-deb -e "$deb" control
	cd "$root" && md5sum --quiet -c "$build_work/control/md5sums"'
t "every command has a page in it" 'for f in "$root"/usr/bin/*; do
		page=$root/usr/share/man/man1/${f##*/}.1.gz
		gzip -dc "$page" | grep -q "^\.Sh NAME" || { echo "$f"; exit 1; }
	done'
t "hello is built and runs from it, to the same bytes" '
	"$SLIPWAY" init hello >out && "$SLIPWAY" build -q hello -o here.tar
	rm -rf hello/build
	SLIPWAY=$root/usr/bin/slipway SLIPWAY_CACHE=off build hello -o deb.tar
	cmp here.tar deb.tar
	timeout 60 "$root/usr/bin/slipway" run hello </dev/null | grep -i hello'
echo "1..$n"
