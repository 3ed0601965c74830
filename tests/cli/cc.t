#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The compiler as a drop-in: what a makefile or a configure script does to it.
# shellcheck disable=SC2016 # the shell of each test expands
set -u
bin=$(cd "$(dirname "${SLIPWAY:-build/bin/slipway}")" && pwd)
cc=$bin/x86_64-keel-cc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
cd "$work" || exit 1
n=0

t() { # NAME COMMAND...: passes if the command does
	n=$((n + 1))
	name=$1
	shift
	if timeout 180 "$@" >out 2>err; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 5 out err | sed 's/^/# /'
	fi
}
# A line of shell, for tests that look at more than the exit status.
ts() { # NAME SHELL
	t "$1" sh -c "$2"
}
export cc bin

cat >main.c <<'END'
#include <stdio.h>
int twice(int);
int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", twice(20 + argc));
	return 3;
}
END
echo 'int twice(int x) { return 2 * x; }' >twice.c

t "compiles" "$cc" -c main.c twice.c
ts "links objects; the program runs here" \
	'$cc -o p main.o twice.o && { ./p >o; [ $? = 3 ]; } && grep -qx 42 o'
ts "compiles and links at once, into a.out" \
	'$cc main.c twice.c && { ./a.out; [ $? = 3 ]; }'
ts "mixes sources, objects and archives" '
	$bin/x86_64-keel-ar rcs libt.a twice.o &&
	$cc main.c libt.a -o p1 && $cc main.o -L. -lt -o p2 &&
	$cc main.c -L . -l t -o p3 && { ./p3 >o; grep -qx 42 o; }'
ts "keeps the order of libraries" '! $cc -L. -lt main.o -o p4'
ts "reads a program from standard input" \
	'echo "int main(void) { return 4; }" | $cc -x c - -o s; ./s; [ $? = 4 ]'
ts "takes -x for one file only" \
	'cp twice.c twice.txt && $cc main.o -x c twice.txt -x none -lm -o p5'
ts "reads response files, nested and quoted" '
	echo "-DA=\"1 2\" -c" >a.rsp && echo "@a.rsp -o r.o" >b.rsp &&
	echo "char a[] = {A};" | sed "s/A}/0}/" >r.c &&
	$cc @b.rsp r.c && [ -f r.o ]'
ts "an @file that is not there is a file name" '! $cc @nothing 2>e &&
	grep -q "@nothing" e'
ts "-E, -S, -M, -fsyntax-only make no program" '
	$cc -E main.c >o && grep -q printf o && $cc -S main.c &&
	grep -q main: main.s && $cc -M main.c | grep -q stdio.h &&
	$cc -fsyntax-only main.c'
ts "-MD names its file and target as gcc does" '
	$cc -MD -MF x.d -c main.c && grep -q "^main.o: main.c" x.d &&
	$cc -MMD main.c twice.c -o prog && grep -q "^prog: " prog.d'
ts "answers questions as gcc does" '
	[ "$($cc -dumpmachine)" = x86_64-linux-gnu ] &&
	$cc --version | grep -qi gcc && $cc -v 2>&1 | grep -q "gcc version" &&
	[ -f "$($cc -print-file-name=libc.a)" ] &&
	[ -f "$($cc -print-libgcc-file-name)" ] &&
	[ "$($cc -print-prog-name=ld)" = "$bin/x86_64-keel-ld" ]'
ts "-### only shows" '
	$cc "-###" main.c twice.c -o shown 2>e && [ ! -e shown ] &&
	grep -q cc1 e'
ts "without input fails as gcc does" '! $cc 2>e && grep -q "no input files" e'
ts "a failed compilation leaves no program" '
	echo "int main( {" >bad.c; ! $cc bad.c -o bad 2>e && [ ! -e bad ]'
ts "leaves nothing in the temporary folder" '
	mkdir tmp && TMPDIR=$PWD/tmp $cc main.c twice.c -o p6 &&
	! TMPDIR=$PWD/tmp $cc bad.c 2>/dev/null && [ -z "$(ls tmp)" ]'
ts "a signal ends it and leaves nothing" '
	mkdir tmp2 && mkfifo slow.c && { TMPDIR=$PWD/tmp2 $cc slow.c -o slow &
	pid=$!; i=0; while [ -z "$(ls tmp2)" ] && [ $i -lt 50 ]; do
		sleep 0.1; i=$((i + 1)); done; sleep 0.2
	kill -TERM $pid; wait $pid; [ $? = 143 ]; } &&
	exec 3<>slow.c && exec 3>&- && [ -z "$(ls tmp2)" ] && [ ! -e slow ]'
ts "options of other kinds of programs are taken" '
	for o in -static -no-pie -pie -static-pie -fno-pie -rdynamic \
		-Wl,-E -Wl,-rpath,/x -Wl,-z,now -pthread -s; do
		$cc $o main.c twice.c -o p7 && ./p7 >o
		[ $? = 3 ] || { echo $o; exit 1; }
	done'
ts "code is position independent whatever is asked" '
	$cc -fno-pie -no-pie -c main.c -o np.o &&
	$bin/x86_64-keel-readelf -r np.o | grep -q R_X86_64_P &&
	! $bin/x86_64-keel-readelf -r np.o | grep -q "R_X86_64_32"'
ts "what cannot be is refused by name" '
	! $cc -shared twice.o -o t.so 2>e && grep -q "no shared objects" e &&
	! $cc -m32 -c twice.c 2>e && grep -q "32-bit" e &&
	! $cc -fsanitize=address main.c 2>e && grep -q sanitizer e'
ts "the host's headers and libraries are out of reach" '
	echo "#include <gnu/libc-version.h>" >g.c && ! $cc -c g.c 2>e &&
	! $cc -I/usr/include -c g.c 2>e &&
	C_INCLUDE_PATH=/usr/include && export C_INCLUDE_PATH &&
	! $cc -c g.c 2>e && ! $cc main.o twice.o -L/usr/lib -lutil0 2>e &&
	grep -q "cannot find -lutil0" e'
ts "headers of the kernel are there" '
	echo "#include <stddef.h>
#include <linux/fs.h>
#include <asm/unistd.h>
#include <mtd/mtd-abi.h>
int x = __NR_openat + BLKGETSIZE64;" >k.c && $cc -c k.c'
ts "user folders of -isystem come before the sysroot" '
	mkdir inc && echo "#define MINE 1" >inc/stdio.h &&
	printf "#include <stdio.h>\nint x = MINE;" >i.c && $cc -isystem inc -c i.c'
ts "-nostdinc, -nostdlib, -nostartfiles are obeyed" '
	! $cc -nostdinc -c main.c 2>e &&
	echo "void _start(void) { for (;;) ; }" >st.c &&
	$cc -nostdlib st.c -o st && ! $cc -nostartfiles st.c -o st2 2>e;
	$cc -nostartfiles -e _start st.c -o st3'
ts "-r makes an object" '
	$cc -r main.o twice.o -o both.o && $cc both.o -o p8 && ./p8; [ $? = 3 ]'
ts "-flto, also through archives" '
	$cc -flto -O2 -c main.c -o m.o && $cc -flto -O2 -c twice.c -o t.o &&
	rm -f libl.a && $bin/x86_64-keel-ar rcs libl.a t.o &&
	$bin/x86_64-keel-ranlib libl.a && $bin/x86_64-keel-nm libl.a &&
	$cc -flto -O2 m.o libl.a -o p9 && ./p9; [ $? = 3 ]'
ts "threads work in the program of this host" '
	printf "#include <pthread.h>\nstatic void *f(void *p) { return p; }\n\
int main(void) { pthread_t t; void *r; pthread_create(&t, 0, f, &t);\n\
pthread_join(t, &r); return r != &t; }" >th.c && $cc -pthread th.c -o th && ./th'
ts "C++ without its library" '
	printf "struct B { virtual int f() = 0; };\n\
struct A : B { int v; A(int x) : v(x) {} ~A() {} int f() { return v; } };\n\
static A a(5);\nint main() { B *b = &a; return b->f(); }" >a.cc &&
	$bin/x86_64-keel-c++ -fno-exceptions -fno-rtti a.cc -o a && ./a
	[ $? = 5 ]'
ts "C++ with its library says what is missing" '
	printf "#include <vector>\nint main() {}" >v.cc &&
	! $bin/x86_64-keel-c++ v.cc 2>e && grep -q vector e'
ts "cpp preprocesses" '
	echo "A" | $bin/x86_64-keel-cpp -DA=41 - | grep -qx 41'
ts "the binutils have names of the target" '
	for i in ar as ld nm objcopy objdump ranlib readelf size strings strip
	do $bin/x86_64-keel-$i --version >/dev/null || exit 1; done'
ts "ld promises no shared objects to libtool" '
	! $bin/x86_64-keel-ld -m elf_x86_64 --help | grep -q "supported targets" &&
	$bin/x86_64-keel-ld -v | grep -q GNU'
ts "slipway cc is the same" '
	$bin/slipway cc --target x86_64-keel main.c twice.c -o q && ./q
	[ $? = 3 ]'
ts "an unknown target is named" '
	! $bin/slipway cc --target mips-moon main.c 2>e && grep -q mips-moon e'
ts "many sources with equal names" '
	mkdir d1 d2 && echo "int a(void) { return 1; }" >d1/x.c &&
	echo "int a(void); int main(void) { return a(); }" >d2/x.c &&
	$cc d1/x.c d2/x.c -o eq && ./eq; [ $? = 1 ]'
ts "file names with spaces and quotes" '
	mkdir "o d" && cp main.c "o d/m'"'"'.c" && cp twice.c "o d/t.c" &&
	$cc "o d/m'"'"'.c" "o d/t.c" -o "o d/p" && "./o d/p"; [ $? = 3 ]'
if command -v cmake >/dev/null; then
	cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.13)
project(x C)
include(CheckFunctionExists)
include(CheckIncludeFile)
find_package(Threads REQUIRED)
check_function_exists(crypt HAVE_CRYPT)
check_include_file(crypt.h HAVE_CRYPT_H)
check_function_exists(gnu_get_libc_version HAVE_GLIBC)
if(NOT HAVE_CRYPT OR NOT HAVE_CRYPT_H OR HAVE_GLIBC)
	message(FATAL_ERROR "wrong answers")
endif()
add_library(t STATIC twice.c)
add_executable(x main.c)
target_link_libraries(x t m Threads::Threads)
END
	ts "CMake" 'mkdir cm && cd cm &&
		cmake -DCMAKE_C_COMPILER=$cc .. && make && ./x; [ $? = 3 ]'
else
	n=$((n + 1))
	echo "ok $n - CMake # SKIP cmake is not installed"
fi
if command -v autoreconf >/dev/null && command -v automake >/dev/null; then
	mkdir ac
	cat >ac/configure.ac <<'END'
AC_INIT([x], [1])
AM_INIT_AUTOMAKE([foreign])
AC_PROG_CC
AC_PROG_RANLIB
AM_PROG_AR
AC_CHECK_HEADERS([sys/epoll.h gnu/libc-version.h])
AC_CHECK_FUNCS([epoll_wait gnu_get_libc_version crypt])
AC_SEARCH_LIBS([pow], [m])
AC_CHECK_SIZEOF([long])
AC_C_BIGENDIAN
AC_FUNC_MALLOC
AC_MSG_CHECKING([what a program of the target says])
AC_RUN_IFELSE([AC_LANG_PROGRAM([], [return sizeof(void *) != 8;])],
	[AC_MSG_RESULT([yes])], [AC_MSG_ERROR([wrong])], [AC_MSG_ERROR([cross])])
AS_IF([test "$ac_cv_func_epoll_wait/$ac_cv_func_gnu_get_libc_version" != yes/no],
	[AC_MSG_ERROR([wrong functions])])
AS_IF([test "$ac_cv_header_gnu_libc_version_h/$cross_compiling" != no/no],
	[AC_MSG_ERROR([wrong headers])])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
END
	cat >ac/Makefile.am <<'END'
noinst_LIBRARIES = libt.a
libt_a_SOURCES = twice.c
bin_PROGRAMS = x
x_SOURCES = main.c
x_LDADD = libt.a
END
	ts "autoconf and automake" '
		cp main.c twice.c ac/ && cd ac && autoreconf -i && ./configure \
		CC=$cc AR=$bin/x86_64-keel-ar RANLIB=$bin/x86_64-keel-ranlib &&
		make && make install DESTDIR=$PWD/inst && inst/usr/local/bin/x
		[ $? = 3 ]'
else
	n=$((n + 1))
	echo "ok $n - autoconf and automake # SKIP they are not installed"
fi
cat >Makefile <<'END'
main: main.o twice.o
END
ts "make, by its own rules" '
	rm -f main.o && make CC=$cc main && ./main; [ $? = 3 ]'
echo "1..$n"
