#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the Debian package out of a finished build: B=FOLDER deb.sh
# What it depends on is asked of the program: what `slipway doctor` needs, it
# depends on, and what doctor calls optional, it recommends.
set -eu
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
B=$(cd "${B:-build}" && pwd)
here=targets/debian
root=$B/deb/root
doc=$root/usr/share/doc/slipway

version=$(dpkg-parsechangelog -l $here/changelog -S Version)
[ "slipway $version" = "$("$B/bin/slipway" --version)" ] || {
	echo "deb.sh: $here/changelog is not of $("$B/bin/slipway" --version)" >&2
	exit 1
}
# As Debian does it: the time of the last change of the package.
: "${SOURCE_DATE_EPOCH:=$(dpkg-parsechangelog -l $here/changelog -S Timestamp)}"
export SOURCE_DATE_EPOCH
arch=$(dpkg --print-architecture)
deb=$B/slipway_${version}_$arch.deb

rm -rf "$B/deb"
mkdir -p "$doc" "$root/usr/share/lintian/overrides" "$root/DEBIAN"
env -u MAKEFLAGS -u MFLAGS make --no-print-directory -s B="$B" PREFIX=/usr \
	DESTDIR="$root" \
	COMP_ZSH="$root/usr/share/zsh/vendor-completions" install
# The base `linux` is the distribution's own kernel: a package has no copy.
rm -rf "$root/usr/lib/slipway/sysroot/x86_64-linux" \
	"$root/usr/lib/slipway/targets/x86_64-linux.json" \
	"$root"/usr/bin/x86_64-linux-* "$root"/usr/share/man/man1/x86_64-linux-*
objcopy --strip-unneeded -R .comment -R .note "$root/usr/bin/slipway"
find "$root/usr/share/man" -name '*.[15]' -type f -exec gzip -9n {} +
find "$root/usr/share/man" -type l | while read -r link; do
	ln -s "$(readlink "$link").gz" "$link.gz"
	rm "$link"
done
gzip -9nc $here/changelog >"$doc/changelog.gz"
install -m 644 $here/lintian-overrides \
	"$root/usr/share/lintian/overrides/slipway"
{
	cat $here/copyright
	for source in musl:COPYRIGHT lwip:COPYING; do
		printf '\n%s\n\n' "--- ${source%:*}"
		cat "$B/${source%:*}/src/${source#*:}"
	done
} >"$doc/copyright"

# dpkg-shlibdeps reads the names of packages from where Debian has them.
mkdir -p "$B/deb/debian"
printf 'Source: slipway\n\nPackage: slipway\nArchitecture: any\n' \
	>"$B/deb/debian/control"
libs=$(cd "$B/deb" && dpkg-shlibdeps -O root/usr/bin/slipway |
	sed -n 's/^shlibs:Depends=//p')
packages() { # true|false: of what is needed or optional; "a, b, c"
	"$B/bin/slipway" doctor --json |
		jq -r --argjson needed "$1" '[.[] | select(.package and
			.needed == $needed) | .package] | unique | join(", ")'
}
needed=$(packages true || true)
optional=$(packages false || true)
[ -n "$libs" ] && [ -n "$needed" ] && [ -n "$optional" ]
cat >"$root/DEBIAN/control" <<EOF
Package: slipway
Version: $version
Architecture: $arch
Maintainer: $(dpkg-parsechangelog -l $here/changelog -S Maintainer)
Installed-Size: $(find "$root/usr" -type f -printf '%s\n' |
	awk '{ n += int(($1 + 1023) / 1024) } END { print n }')
Depends: $libs, $needed
Recommends: $optional
Section: devel
Priority: optional
Description: builds C programs into unikernels and docks them
 Slipway compiles and links unmodified C sources onto keel, a library
 operating system, and writes the result as a bootable disk and as an image
 that Docker and other engines of containers load and run: each container
 is then a virtual machine of its own, of about a megabyte.
 .
 The package holds the command, keel and the C library that programs are
 linked with, the boot loaders, templates of projects and the manual. It
 leaves out the second base, Linux, which a build from the sources has.
EOF
(cd "$root" && find usr -type f | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group --threads-max=1 -b "$root" "$deb" >/dev/null
echo "  $deb ($(($(stat -c %s "$deb") / 1024)) KiB)"
echo "  apt-get install $deb"
