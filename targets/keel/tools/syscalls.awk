# SPDX-License-Identifier: Apache-2.0
# Makes sources from the kernel's list of system calls, asm/unistd_64.h:
#   awk -v out=list  -f syscalls.awk FILE   "NAME NUMBER" a line
#   awk -v out=fold  -f syscalls.awk FILE   keel_fn(): number -> keel_sys_NAME
#   awk -v out=host  -f syscalls.awk FILE   keel_sys_NAME by the instruction,
#                                           also as keel_number_NUMBER
#   awk -v out=known -f syscalls.awk FILE   KEEL_KNOWN(n): is there such a call?

BEGIN {
	n = 0
	if (out == "fold") {
		print "/* Made by tools/syscalls.awk from asm/unistd_64.h. */"
	} else if (out == "host") {
		print "/* Made by tools/syscalls.awk from asm/unistd_64.h. */"
		print "/* keel_cp of host.S reads the number after the 0xb8. */"
	}
}

$1 == "#define" && $2 ~ /^__NR_[a-z0-9_]+$/ && $3 ~ /^[0-9]+$/ {
	name[n] = substr($2, 6)
	number[n++] = $3
}

function stub(sym, nr) {
	printf "\t.section .text.%s,\"ax\",@progbits\n", sym
	printf "\t.globl %s\n\t.hidden %s\n", sym, sym
	printf "\t.type %s,@function\n%s:\n", sym, sym
	printf "\t.globl keel_number_%d\n", nr
	printf "\t.hidden keel_number_%d\nkeel_number_%d:\n", nr, nr
	printf "\t.byte 0xb8\n\t.long %d\n", nr
	printf "\tmov %%rcx,%%r10\n\tsyscall\n\tret\n"
	printf "\t.size %s,.-%s\n", sym, sym
}

END {
	if (n == 0) {
		print "syscalls.awk: no system calls found" > "/dev/stderr"
		exit 1
	}
	if (out == "fold") {
		for (i = 0; i < n; i++)
			printf "hidden long keel_sys_%s(void);\n", name[i]
		print "static inline __attribute__((__always_inline__))"
		print "keel_fn *keel_fn_of(long n)\n{"
		print "\tswitch (n) {"
		for (i = 0; i < n; i++)
			printf "\tcase %d: return (keel_fn *)keel_sys_%s;\n",
				number[i], name[i]
		print "\t}\n\treturn 0;\n}"
	} else if (out == "host") {
		for (i = 0; i < n; i++)
			stub("keel_sys_" name[i], number[i])
		print "\t.section .note.GNU-stack,\"\",@progbits"
	} else if (out == "known") {
		printf "#define __KEEL_KNOWN(n) (((n) >= %d", number[0]
		for (i = 1; i < n; i++)
			if (number[i] != number[i - 1] + 1)
				printf " && (n) <= %d) || ((n) >= %d",
					number[i - 1], number[i]
		print " && (n) <= " number[n - 1] "))"
	} else {
		for (i = 0; i < n; i++)
			print name[i], number[i]
	}
}
