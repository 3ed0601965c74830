#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The second link: what becomes of a program's inputs, and what is reported.
# shellcheck disable=SC2016 # the shell of each test expands
set -u
bin=$(cd "$(dirname "${SLIPWAY:-build/bin/slipway}")" && pwd)
cc=$bin/x86_64-keel-cc
relink=$(cd "${B:-build}" && pwd)/tests/relink
: "${SLIPWAY_LIB:=$(cd "$bin/.." && pwd)/lib/slipway}"
export SLIPWAY_LIB cc bin relink
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
cd "$work" || exit 1
n=0

ts() { # NAME SHELL
	n=$((n + 1))
	if timeout 60 sh -c "$2" >out 2>err; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		tail -n 8 out err | sed 's/^/# /'
	fi
}

cat >hello.c <<'END'
#include <stdio.h>
int main(void)
{
	puts("hello");
	return 0;
}
END
cat >run.c <<'END'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int run_child(void)
{
	pid_t p = fork();
	if (!p)
		_exit(0);
	return p < 0;
}
int never_called(void)
{
	return setpgid(0, 0);
}
END
cat >main.c <<'END'
#include <mqueue.h>
int run_child(void);
int main(int argc, char **argv)
{
	return argc > 1 ? mq_unlink(argv[1]) : run_child();
}
END

ts "a program becomes a kernel" '
	$cc -Os hello.c -o hello && $relink hello hello.kernel >r &&
	$bin/x86_64-keel-readelf -h hello.kernel | grep -q X86-64 &&
	$bin/x86_64-keel-readelf -n hello.kernel | grep -q Xen'
size=$(wc -c <hello.kernel 2>/dev/null || echo 0)
ts "hello is at most 40 KB: $size bytes" '[ -s hello.kernel ] &&
	[ "$(wc -c <hello.kernel)" -le 40960 ]'
ts "hello calls nothing that is absent" '! grep absent r'
ts "absent calls are named, with object and function" '
	$cc -c run.c main.c && $cc main.o run.o -o p && $relink p p.kernel >r &&
	grep -qx "absent fork run.o run_child" r &&
	grep -qx "absent mq_unlink main.o main" r'
ts "a function that is collected is not named" '! grep setpgid r'
ts "warnings name what the program calls" '
	grep -qx "warning: fork: not supported by x86_64-keel \
(called from run.o: run_child)" r'
ts "and what the C library would need for it" '
	printf "#include <stdlib.h>\nint main(void) { return system(\"x\"); }" \
		>sys.c && $cc sys.c -o sys && $relink sys s.kernel >r &&
	grep -q "^warning: system: needs execve.*sys.o: main" r'
ts "calls by number are named" '
	printf "#include <unistd.h>\nint main(int c, char **v) { (void)v;\n\
return (int)syscall(c); }" >num.c && $cc num.c -o num &&
	$relink num n.kernel >r &&
	grep -q "^warning: syscall: makes calls by number.*num.o: main" r'
cat >known.c <<'END'
#define _GNU_SOURCE 1
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
static inline long call(long nr) { return syscall(nr); }
int main(int argc, char **argv)
{
	long bad;

	(void)argv;
	if (argc > 1)
		return syscall(SYS_acct, "/none") == -1 && errno != 0 ? 0 : 1;
	errno = 0;
	bad = syscall(SYS_close, -1);
	return bad == -1 && errno == EBADF && call(SYS_getpid) == getpid() &&
		syscall(SYS_fcntl, 0, 1, 0) != -1 ? 0 : 1;
}
END
ts "a constant number is that call alone, with errno, at every level" '
	for o in -O1 -Os -O2 -O3 "-O2 -x c++"; do
		$cc -Wall -Wextra $o known.c -o known && ./known && ./known x &&
			$relink known k.kernel k.sym >r || exit 1
		[ "$(grep ^warning r)" = "warning: acct: not supported by \
x86_64-keel (called from known.o: main)" ] && ! $bin/x86_64-keel-nm k.sym | grep keel_do_socket || exit 1
	done'
ts "and works where nothing is inlined, and with -flto" '
	for o in -O0 -Og "-O2 -flto"; do
		$cc $o known.c -o known && ./known && ./known x &&
			$relink known k.kernel >r || exit 1
		[ "$o" = -O0 ] || grep -q "^absent acct" r || exit 1
	done'
ts "other numbers and the address of syscall() are the function" '
	printf "#include <unistd.h>\n#include <errno.h>\n\
long (*volatile f)(long, ...) = syscall;\nint main(void) { return \
f(-1L) != -1 || syscall(-1) != -1 || syscall(99999) != -1 || \
errno != ENOSYS; }" >addr.c && $cc -O2 addr.c -o addr && ./addr &&
	$relink addr a.kernel >r &&
	grep -q "^warning: syscall: makes calls by number" r'
ts "members of archives are named with their archive" '
	rm -f libr.a && $bin/x86_64-keel-ar rcs libr.a run.o &&
	$cc main.o -L. -lr -o p && $relink p p.kernel >r &&
	grep -qx "absent fork libr.a(run.o) run_child" r'
ts "objects that gcc throws away are carried along" '
	$cc main.c run.c -o p && $relink p p.kernel >r &&
	grep -qx "absent fork run.o run_child" r'
ts "an object may have the name of such an object" '
	$cc -c run.c -o "{0}" && $cc main.c "{0}" -o p && $relink p p.kernel >r &&
	grep -q "absent fork {0} run_child" r'
ts "the note survives strip" '
	$cc main.c run.c -o p && $bin/x86_64-keel-strip p &&
	$relink p p.kernel'
ts "with -flto" '
	$cc -flto -O2 hello.c -o l && ./l && $relink l l.kernel'
ts "options that would keep or move things are dropped" '
	$cc -Os hello.c -o h2 -Wl,-E -rdynamic -Wl,-rpath,/x,-Map,m -s \
		-Wl,-z,now,-z,relro -Wl,--no-gc-sections -Xlinker -E &&
	$relink h2 h2.kernel && cmp h2.kernel hello.kernel'
ts "-Wl,--defsym and -u still count" '
	echo "extern char mark[]; int main(void) { return !mark; }" >d.c &&
	$cc d.c -Wl,--defsym=mark=0x1234 -Wl,-u,puts -o d &&
	$relink d d.kernel d.sym && $bin/x86_64-keel-nm d.sym | grep " T puts"'
ts "a linker script of its own is refused" '
	$bin/x86_64-keel-objdump --version >/dev/null &&
	echo "SECTIONS { .x : { *(.x) } } INSERT AFTER .bss;" >s.ld &&
	$cc hello.c -Wl,-T,s.ld -o s && ! $relink s s.kernel 2>e &&
	grep -q "script" e'
ts "the same bytes from another folder" '
	mkdir -p far/away && cp hello.c far/away/ && cd far/away &&
	$cc -g -Os hello.c -o h && $relink h h.kernel &&
	cmp h.kernel ../../hello.kernel'
ts "the same bytes from objects as from sources" '
	$cc -Os -c hello.c && $cc hello.o -o h && $relink h h.kernel &&
	cmp h.kernel hello.kernel'
ts "the folder is not in the bytes" '
	echo "#include <stdio.h>
int main(void) { return puts(__FILE__) < 0; }" >f.c && $cc $PWD/f.c -o f &&
	$relink f f.kernel && ! grep -qF "$PWD" f.kernel'
ts "an object that changed is an error" '
	$cc -c hello.c && $cc hello.o -o h && echo >>hello.o &&
	! $relink h h.kernel 2>e && grep -q "hello.o: changed since h" e'
ts "an object that is gone is an error" '
	rm hello.o; ! $relink h h.kernel 2>e && grep -q "hello.o: was linked" e'
ts "a program that others linked is an error" '
	! $relink /bin/true t.kernel 2>e && grep -q "not linked by" e'
ts "what is no program is an error" '
	! $relink hello.c t.kernel 2>e && grep -q "not an ELF file" e &&
	! $relink none t.kernel 2>e && grep -q "No such file" e &&
	! $relink . t.kernel 2>e && grep -q "not an ELF file" e'
ts "a truncated program is an error" '
	for c in 10 64 1000 $(($(wc -c <p) - 1)); do
		head -c $c p >cut; ! $relink cut t.kernel 2>e || exit 1
	done'
ts "a program does not hide keel, nor keel a program" '
	printf "#include <stdio.h>\nint panic(void) { return 1; }\n\
int kmalloc(void) { return 2; }\nint page_alloc, klog;\n\
int main(void) { return printf(\"%%d\", panic() + kmalloc()); }" >c.c &&
	$cc -fno-builtin c.c -o c && $relink c c.kernel'
ts "no failed link leaves files" '[ ! -e t.kernel ]'
ts "nothing is left in the temporary folder" '
	mkdir tmp && TMPDIR=$PWD/tmp $relink hello h.kernel && [ -z "$(ls tmp)" ]'
echo "1..$n"
