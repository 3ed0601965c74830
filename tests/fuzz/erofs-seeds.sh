#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes small EROFS images to begin fuzzing with: erofs-seeds.sh FOLDER
set -eu
out=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
rm -rf "$out.new"
mkdir -p "$out.new" "$tree/dir/sub"
printf 'short' >"$tree/short"
head -c 5000 /dev/zero | tr '\0' a >"$tree/dir/tail"
head -c 4096 /dev/zero | tr '\0' b >"$tree/dir/sub/page"
ln -s dir/sub "$tree/link"
ln "$tree/short" "$tree/dir/hard"
for i in 1 2 3 4 5 6 7 8 9; do : >"$tree/dir/sub/name-$i"; done
for o in -T0 -Enoinline_data -Eforce-inode-extended --chunksize=4096; do
	mkfs.erofs $o "$out.new/seed$o" "$tree" >/dev/null 2>&1
done
rm -rf "$out"
mv "$out.new" "$out"
