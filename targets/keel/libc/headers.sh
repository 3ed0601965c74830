#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fills a sysroot's include folder: headers.sh MUSL-TREE ASM-DIR DEST
# ASM-DIR is the folder with the kernel's asm/unistd_64.h.
set -eu

musl=$1
asm=${2%/}
dest=$3

cp -r "$musl"/include/. "$dest"/
rm -f "$dest"/*.in
mkdir -p "$dest/bits"
cp "$musl"/arch/generic/bits/*.h "$dest/bits/"
cp "$musl"/arch/x86_64/bits/*.h "$dest/bits/"
sed -f "$musl/tools/mkalltypes.sed" "$musl/arch/x86_64/bits/alltypes.h.in" \
	"$musl/include/alltypes.h.in" >"$dest/bits/alltypes.h"
cp "$musl/arch/x86_64/bits/syscall.h.in" "$dest/bits/syscall.h"
sed -n 's/__NR_/SYS_/p' "$musl/arch/x86_64/bits/syscall.h.in" \
	>>"$dest/bits/syscall.h"

# Behind the declaration of syscall(): what it is with a constant number.
sed -i '/^long syscall(long, ...);/a\
#include <bits/keel_syscall.h>' "$dest/unistd.h"
grep -q keel_syscall "$dest/unistd.h"
{
	awk -v out=known -f "$(dirname "$0")/../tools/syscalls.awk" \
		"$asm/unistd_64.h"
	cat "$(dirname "$0")/arch/keel_syscall.h"
} >"$dest/bits/keel_syscall.h"

# The kernel's own, for programs that include linux/... and asm/...; musl
# has its own scsi/.
cp -rL "$asm" "$dest/asm"
for d in asm-generic linux mtd misc video sound drm rdma; do
	[ ! -d "/usr/include/$d" ] || cp -r "/usr/include/$d" "$dest/"
done
