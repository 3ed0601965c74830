#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The distribution's kernel for base `linux`.
# usage: kernel.sh --download-only
#        kernel.sh DESTDIR
# Leaves DESTDIR/vmlinux (uncompressed, boots by PVH), DESTDIR/modules/*.ko with
# their order in DESTDIR/modules/list ("GROUP FILE", what a module needs before
# it), and DESTDIR/package. The package stays in $SLIPWAY_SOURCES/linux (see
# targets/sources/fetch.sh), so that the next time no network is needed.
#
# It is the general kernel, as the one for clouds has no 9P, which volumes
# need.
set -eu

die() {
	echo "kernel.sh: $*" >&2
	exit 1
}
[ $# -eq 1 ] || {
	echo "usage: kernel.sh --download-only | DESTDIR" >&2
	exit 2
}
base='virtio virtio_ring virtio_pci virtio_mmio virtio_blk virtio_console
	virtio-rng'
root='crc32c_generic erofs overlay'
net='virtio_net'
volumes='9pnet_virtio 9p'
drain='tcp_diag'

cache=${SLIPWAY_SOURCES:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/slipway/sources}
mkdir -p "$cache/linux"
exec 9>"$cache/.lock"
flock 9
set -- "$1" "$cache/linux"/*.deb
if [ ! -f "$2" ]; then
	package=$(apt-cache depends linux-image-amd64 |
		sed -n 's/^ *Depends: \(linux-image-[0-9]\)/\1/p' | head -n 1)
	[ -n "$package" ] || die "apt knows no linux-image-amd64"
	new=$(mktemp -d "$cache/linux/XXXXXX")
	trap 'rm -rf "$new"' EXIT
	(cd "$new" && apt-get -q -o APT::Sandbox::User= download "$package") \
		>"$new/log" 2>&1 || {
		cat "$new/log" >&2
		die "cannot download $package"
	}
	mv "$new"/*.deb "$cache/linux/"
	set -- "$1" "$cache/linux"/*.deb
fi
[ $# -eq 2 ] || die "more than one package in $cache/linux"
[ "$1" != --download-only ] || exit 0

dest=$1
work=$(mktemp -d "$dest.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
dpkg-deb -x "$2" "$work/deb"
mkdir -p "$work/out/modules"
# As lib/sbom/dpkg.h has lines of packages; without a source of its own name
# a package is of the one that it names, or of itself.
# shellcheck disable=SC2016 # dpkg-deb expands these
echo "$(dpkg-deb -W --showformat='${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}' \
	"$2") $(sha256sum <"$2" | cut -d' ' -f1)" >"$work/out/package"

# The compressed kernel lies in a bzImage where its header says (Linux,
# Documentation/x86/boot.rst: setup_sects, payload_offset, payload_length); 4
# bytes of length follow it.
image=$(echo "$work"/deb/boot/vmlinuz-*)
number() { # OFFSET BYTES
	od -An -v -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '
}
start=$((($(number 497 1) + 1) * 512 + $(number 584 4)))
size=$(($(number 588 4) - 4))
tail -c +$((start + 1)) "$image" | head -c "$size" >"$work/payload"
xz -dc "$work/payload" >"$work/out/vmlinux" ||
	die "$image is not compressed with xz"

find_module() { # NAME: dashes and underscores are the same
	find "$work/deb/lib/modules" -name "$1.ko" -o \
		-name "$(echo "$1" | tr _ -).ko" | head -n 1
}
module() { # GROUP NAME: those that it needs, then itself
	set -- "$1" "$2" "$(find_module "$2")"
	# What is in the kernel itself has no file.
	[ -n "$3" ] && ! grep -q " ${3##*/}\$" "$work/out/modules/list" ||
		return 0
	for need in $(objcopy -O binary -j .modinfo "$3" /dev/stdout |
		tr '\0' '\n' | sed -n 's/^depends=//p' | tr , ' '); do
		module "$1" "$need"
	done
	# Its signature goes: to check it is an eighth of the whole boot where
	# QEMU interprets, and it says no more than the package's did.
	x86_64-linux-gnu-strip --strip-debug -o "$work/out/modules/${3##*/}" "$3"
	echo "$1 ${3##*/}" >>"$work/out/modules/list"
}
: >"$work/out/modules/list"
for m in $base; do module base "$m"; done
for m in $root; do module root "$m"; done
for m in $net; do module net "$m"; done
for m in $volumes; do module 9p "$m"; done
for m in $drain; do module drain "$m"; done
rm -rf "$dest"
mv "$work/out" "$dest"
