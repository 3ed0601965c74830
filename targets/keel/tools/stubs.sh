#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes one object a system call: stubs.sh TABLE UNISTD_H OUTDIR
# OUTDIR/real/sys-NAME.o calls the body, OUTDIR/absent/absent-NAME.o refuses.
set -eu
tbl=$1 unistd=$2 out=$3
cc=${KEEL_CC:-x86_64-linux-gnu-gcc}
rm -rf "$out"
mkdir -p "$out/real" "$out/absent"

awk '/^[a-z]/ { print $1 }' "$tbl" | sort >"$out/names"
awk '$1 == "#define" && $2 ~ /^__NR_[a-z0-9_]+$/ { print substr($2, 6), $3 }' \
	"$unistd" | sort >"$out/numbers"
test -s "$out/numbers" || { echo "stubs.sh: $unistd: no calls" >&2; exit 1; }
bad=$(awk 'FILENAME == ARGV[1] { nr[$1] = $2; next } !($1 in nr)' \
	"$out/numbers" "$out/names")
test -z "$bad" || { echo "stubs.sh: $tbl: not a Linux call: $bad" >&2; exit 1; }
dup=$(uniq -d "$out/names")
test -z "$dup" || { echo "stubs.sh: $tbl: named twice: $dup" >&2; exit 1; }

as=$($cc -print-prog-name=as)
# keel_number_N is what syscall(N) refers to: without a type, so that the
# function has one name.
real() { # NAME NUMBER
	cat <<-END
	.section .text.keel_sys_$1,"ax",@progbits
	.globl keel_number_$2
	.hidden keel_number_$2
	keel_number_$2:
	.globl keel_sys_$1
	.hidden keel_sys_$1
	.type keel_sys_$1,@function
	keel_sys_$1:
	lea keel_do_$1(%rip),%rax
	jmp keel_enter
	.size keel_sys_$1,.-keel_sys_$1
	.hidden keel_do_$1
	.hidden keel_enter
	.section .note.GNU-stack,"",@progbits
	END
}
absent() { # NAME NUMBER
	cat <<-END
	.section .text.keel_sys_$1,"ax",@progbits
	.globl keel_number_$2
	.hidden keel_number_$2
	keel_number_$2:
	.globl keel_sys_$1
	.hidden keel_sys_$1
	.type keel_sys_$1,@function
	keel_sys_$1:
	lea name(%rip),%rdi
	lea keel_call_absent(%rip),%rax
	jmp keel_enter
	.size keel_sys_$1,.-keel_sys_$1
	.hidden keel_call_absent
	.hidden keel_enter
	.section .data.absent_$1,"aw",@progbits
	name: .byte 0
	.asciz "$1"
	.section .note.GNU-stack,"",@progbits
	END
}
awk 'FILENAME == ARGV[1] { have[$1] = 1; next }
	{ print $1 in have ? "real" : "absent", $0 }' \
	"$out/names" "$out/numbers" >"$out/calls"
while read -r which name number; do
	case $which in
	real) real "$name" "$number" | $as -o "$out/real/sys-$name.o" - ;;
	*) absent "$name" "$number" | $as -o "$out/absent/absent-$name.o" - ;;
	esac
done <"$out/calls"

# By number: every call of the table; the rest is refused.
{
	echo '.section .text.keel_syscall,"ax",@progbits'
	echo '.globl keel_syscall; .hidden keel_syscall'
	echo '.type keel_syscall,@function'
	echo 'keel_syscall: mov %rdi,%rax; mov %rsi,%rdi; mov %rdx,%rsi'
	echo 'mov %rcx,%rdx; mov %r8,%rcx; mov %r9,%r8; mov 8(%rsp),%r9'
	awk 'FILENAME == ARGV[1] { have[$1] = 1; next } $1 in have {
		printf "cmp $%d,%%rax; je keel_sys_%s\n", $2, $1
	}' "$out/names" "$out/numbers"
	echo 'lea number(%rip),%rdi; lea keel_call_absent(%rip),%rax'
	echo 'jmp keel_enter; .size keel_syscall,.-keel_syscall'
	echo '.hidden keel_call_absent; .hidden keel_enter'
	echo '.section .data.number,"aw",@progbits'
	echo 'number: .byte 0; .asciz "(by number)"'
	echo '.section .note.GNU-stack,"",@progbits'
} | $as -o "$out/real/sys-by-number.o" -
