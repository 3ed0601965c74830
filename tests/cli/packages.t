#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Binary packages and what they depend on, from an archive made here: apt is
# told of it alone, so that no network is asked.
set -u
. tests/tap.sh
packages=$(cd targets/sources && pwd)/packages.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
cd "$work" || exit 1
arch=$(dpkg --print-architecture)

deb() { # NAME VERSION [FIELD]...
	root=deb/$1
	rm -rf "$root"
	mkdir -p "$root/DEBIAN" "$root/usr/share/$1" "$root/lib/$1"
	echo "$1 $2" >"$root/usr/share/$1/version"
	echo lib >"$root/lib/$1/file"
	echo x >"$root/lib/$1/setuid"
	chmod 4755 "$root/lib/$1/setuid"
	{
		printf 'Package: %s\nVersion: %s\nArchitecture: all\n' "$1" "$2"
		echo 'Maintainer: nobody <nobody@example.org>'
		echo 'Description: a test'
		shift 2
		for field; do echo "$field"; done
	} >"$root/DEBIAN/control"
	printf '#!/bin/sh\ntouch "%s/was-run"\n' "$work" \
		>"$root/DEBIAN/postinst"
	chmod 755 "$root/DEBIAN/postinst"
	dpkg-deb --root-owner-group -b "$root" archive >/dev/null
}
mkdir archive
deb top 1:1 'Depends: first-choice | second, versioned (>= 2)' \
	'Recommends: recommended' 'Source: origin (0.9)'
deb second 1 'Pre-Depends: before'
deb before 1
deb versioned 2 'Depends: top'
deb recommended 1
deb other 1 'Depends: before'
deb broken 1 'Depends: nowhere'
(cd archive && dpkg-scanpackages . 2>/dev/null >Packages)
mkdir -p apt/etc/sources apt/lists/partial apt/none
echo "deb [trusted=yes] file:$work/archive ./" >apt/etc/sources.list
cat >apt/conf <<END
Dir::Etc "$work/apt/etc";
Dir::Etc::sourcelist "$work/apt/etc/sources.list";
Dir::Etc::sourceparts "$work/apt/none";
Dir::Etc::preferencesparts "$work/apt/none";
Dir::State::lists "$work/apt/lists";
APT::Architecture "$arch";
APT::Architectures "$arch";
END
export APT_CONFIG="$work/apt/conf" SLIPWAY_SOURCES="$work/cache"
run() {
	timeout 120 "$packages" "$@" >log 2>&1
	status=$?
}
says() { # STATUS PATTERN
	if [ $status != "$1" ] || ! grep -q -- "$2" log; then
		echo "status $status"
		cat log
	fi
}

run --offline tree top
report "what was not downloaded is an error" "$(says 1 \
	"the binary package top is not here; download it once with: .*--download-only top")"
run --download-only top
report "lists that are not there are fetched" "$([ $status = 0 ] || says 0 x)"
run --offline --list top
report "all that it depends on, and nothing that is recommended" "$(
	cut -d' ' -f2,3 log >got
	printf '%s\n' 'before 1' 'second 1' 'top 1:1' 'versioned 2' |
		diff - got)"
(
	umask 077
	timeout 120 "$packages" --offline tree top >log 2>&1
)
report "the files, in folders that are merged" "$(
	cat log
	[ "$(readlink tree/root/lib)" = usr/lib ] || ls -l tree/root
	[ "$(cat tree/root/usr/share/top/version)" = "top 1:1" ] || echo top
	[ "$(cat tree/root/usr/lib/before/file)" = lib ] || echo before
	[ "$(stat -c %a tree/root/usr/lib tree/root/usr/share/top | uniq)" = 755 ] ||
		stat -c '%n %a' tree/root/usr/lib tree/root/usr/share/top
	[ ! -e was-run ] || echo "a script has run")"
report "and whose they are" "$(
	grep -qx /usr/share/top/version tree/dpkg/info/top:all.list || ls -R tree
	grep -qx 'Source: origin (0.9)' tree/dpkg/status || cat tree/dpkg/status
	grep '^SHA256: ' tree/dpkg/status | cut -d' ' -f2 | sort >got
	sha256sum archive/before_* archive/second_* archive/top_* \
		archive/versioned_* | cut -d' ' -f1 | sort | diff - got)"
run --offline again top
report "the same again" "$(diff -r tree again)"
run --offline tree top
report "keeps what is there" "$(says 1 'tree exists')"
run --download-only broken
report "what apt cannot have is told by it" "$(says 1 nowhere)"
run --download-only top/no-such-release
report "a release that apt does not know" "$(says 1 no-such-release)"

# --- several, and versions ----------------------------------------------------
sleep 1 # apt looks at the lists' times
deb before 2
(cd archive && rm -f before_1_all.deb && dpkg-scanpackages . 2>/dev/null >Packages)
rm -rf apt/lists && mkdir -p apt/lists/partial
run --download-only other
run --offline --list top other
report "of two versions the newer" "$(
	grep -q ' before 2 ' log || cat log
	[ "$(grep -c . log)" = 5 ] || cat log)"

# --- bad input ----------------------------------------------------------------
for name in ../x -x X 'a b' a/b/c a/ ''; do
	run --list "$name"
	report "'$name' is not a package" "$([ $status -ne 0 ] || cat log)"
done
run x
report "no package at all" "$(says 2 usage)"
for f in cache/.deb/pool/second*.deb; do printf x >>"$f"; done
run --offline damaged top
report "what was changed since is refused, and leaves nothing" "$(
	says 1 'is not what was downloaded'
	ls -d damaged* 2>/dev/null)"
echo "1..$n"
