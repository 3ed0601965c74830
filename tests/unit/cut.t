#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kernels, objects, programs and file systems that end at any byte.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf 'int f(void);\nint f(void)\n{\n\treturn 1;\n}\n' >"$dir/f.c"
printf 'x\n' >"$dir/file"
make_files() {
	x86_64-linux-gnu-gcc -g -ffunction-sections -c "$dir/f.c" \
		-o "$dir/object" &&
		x86_64-linux-gnu-gcc -nostdlib -shared \
			-Wl,-z,max-page-size=512 -Wl,-z,noseparate-code \
			"$dir/f.c" -o "$dir/library" &&
		"$B/tests/unit/artifact" rootfs "$dir/rootfs" \
			"$dir/file:/a:-:0:0" b@/c >/dev/null
}
if ! make_files; then
	echo "Bail out! the files cannot be made"
	exit 1
fi
timeout 300 "$B/tests/unit/cut" "$B/tests/boot/stub" "$dir/object" \
	"$dir/library" "$dir/rootfs"
