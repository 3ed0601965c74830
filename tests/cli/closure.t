#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is collected of an unpacked system: libraries as the dynamic loader
# looks for them, links that never lead out, and what is missing, by name.
# The trees are made here, so that nothing depends on this machine's.
set -u
. tests/tap.sh
check=$B/tests/cli/closure
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
root=$dir/root
gcc=x86_64-linux-gnu-gcc

new_root() {
	rm -rf "$root"
	mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/etc" "$root/opt"
	ln -s usr/lib "$root/lib"
	ln -s usr/bin "$root/bin"
}
# A library: its soname is its name; FLAGS may link others.
lib() { # PATH [FLAG]...
	path=$root$1
	shift
	mkdir -p "$(dirname "$path")"
	echo "int $(basename "$path" | tr -c 'a-z0-9\n' _);" >"$dir/x.c"
	$gcc -nostdlib -shared -o "$path" "$dir/x.c" -Wl,--no-as-needed \
		-Wl,-soname,"$(basename "$path")" -Wl,--allow-shlib-undefined \
		"$@" 2>&1
}
program() { # PATH [FLAG]...
	path=$root$1
	shift
	mkdir -p "$(dirname "$path")"
	echo 'void _start(void) { for (;;); }' >"$dir/x.c"
	$gcc -nostdlib -pie -o "$path" "$dir/x.c" -Wl,--no-as-needed \
		-Wl,--unresolved-symbols=ignore-all \
		-Wl,--dynamic-linker=/lib/ld-x.so.1 "$@" 2>&1
}
collect() {
	ASAN_OPTIONS=detect_leaks=1 timeout 60 "$check" "$root" "$@" \
		>"$dir/out" 2>&1
	echo "status $?" >>"$dir/out"
}
has() { # LINE...: all are in the output
	for line; do
		grep -qxF -- "$line" "$dir/out" || {
			echo "not there: $line"
			cat "$dir/out"
			return
		}
	done
}
has_not() { # TEXT...
	for text; do
		grep -qF -- "$text" "$dir/out" && {
			echo "there: $text"
			cat "$dir/out"
			return
		}
	done
}

# --- libraries --------------------------------------------------------------
new_root
lib /usr/lib/ld-x.so.1
lib /usr/lib/liba.so.1
lib /usr/lib/libb.so.1 "$root/usr/lib/liba.so.1"
lib /usr/lib/liba.so.1 "$root/usr/lib/libb.so.1" # each needs the other
mv "$root/usr/lib/libb.so.1" "$root/usr/lib/libb.so.1.2.3"
ln -s libb.so.1.2.3 "$root/usr/lib/libb.so.1"
program /usr/bin/x "$root/usr/lib/liba.so.1"
chmod 4755 "$root/usr/bin/x"
collect -p /bin/x
report "libraries that need each other, once each, with the reason" "$(has \
	"0777 l /bin -> usr/bin  (link: on the way to /bin/x)" \
	"0755 f /usr/bin/x  (program)" \
	"0755 f /usr/lib/ld-x.so.1  (interpreter of /usr/bin/x)" \
	"0755 f /usr/lib/liba.so.1  (library: needed by /usr/bin/x (DT_NEEDED liba.so.1))" \
	"0777 l /usr/lib/libb.so.1 -> libb.so.1.2.3  (library: needed by /usr/lib/liba.so.1 (DT_NEEDED libb.so.1))" \
	"0755 f /usr/lib/libb.so.1.2.3  (library: needed by /usr/lib/liba.so.1 (DT_NEEDED libb.so.1))" \
	"0777 l /lib -> usr/lib  (link: on the way to /lib/ld-x.so.1)" \
	"status 0"
[ "$(wc -l <"$dir/out")" = 11 ] || wrong "$dir/out")"

rm "$root/usr/lib/libb.so.1.2.3"
collect -p /bin/x
report "a library that is missing is named with who needs it" "$(has \
	"missing library libb.so.1: the library libb.so.1 is not in the tree: needed by /usr/lib/liba.so.1")"
rm "$root/usr/lib/ld-x.so.1"
collect -p /bin/x
report "so is an interpreter" "$(has \
	"missing interpreter /lib/ld-x.so.1: the interpreter /lib/ld-x.so.1 is not in the tree: needed by /usr/bin/x")"
collect -p /bin/y -p /opt/x -z Europe/Berlin -l de_DE.UTF-8 /nothing
report "so are programs, paths, zones and locales" "$(has \
	"missing program /bin/y: the program /bin/y is not in the tree" \
	"missing zoneinfo Europe/Berlin: the time zone Europe/Berlin is not in the tree (/usr/share/zoneinfo/Europe/Berlin); the package tzdata has them" \
	"missing file /nothing: /nothing is not in the tree" "status 0"
	grep -q "^missing locale de_DE.UTF-8: the locale de_DE" "$dir/out" ||
		wrong "$dir/out")"

new_root
lib /usr/lib/ld-x.so.1
lib /opt/lib/libin.so
lib /opt/lib/libown.so "$root/opt/lib/libin.so"
program /opt/bin/run "$root/opt/lib/libown.so" "$root/opt/lib/libin.so" \
	-Wl,--enable-new-dtags "-Wl,-rpath,\$ORIGIN/../lib"
collect -p /opt/bin/run
report "RUNPATH with \$ORIGIN; what is mapped serves libraries, too" "$(has \
	"0755 f /opt/lib/libown.so  (library: needed by /opt/bin/run (DT_NEEDED libown.so))" \
	"0755 f /opt/lib/libin.so  (library: needed by /opt/bin/run (DT_NEEDED libin.so))" \
	"status 0"; has_not missing)"
program /opt/bin/run "$root/opt/lib/libown.so" -Wl,--enable-new-dtags \
	"-Wl,-rpath,\${ORIGIN}/../lib"
collect -p /opt/bin/run
report "RUNPATH is not for the libraries of libraries" "$(has \
	"missing library libin.so: the library libin.so is not in the tree: needed by /opt/lib/libown.so")"
program /opt/bin/run "$root/opt/lib/libown.so" -Wl,--disable-new-dtags \
	"-Wl,-rpath,/nowhere:\$ORIGIN/../lib"
collect -p /opt/bin/run
report "RPATH is" "$(has \
	"0755 f /opt/lib/libin.so  (library: needed by /opt/lib/libown.so (DT_NEEDED libin.so))"
	has_not missing)"
program /opt/bin/run "$root/opt/lib/libown.so"
collect -e LD_LIBRARY_PATH=/a:/opt/lib -p /opt/bin/run
report "LD_LIBRARY_PATH of the program's environment" "$(has \
	"0755 f /opt/lib/libown.so  (library: needed by /opt/bin/run (DT_NEEDED libown.so))"
	has_not missing)"
mkdir "$root/etc/ld.so.conf.d"
echo 'include /etc/ld.so.conf.d/*.conf' >"$root/etc/ld.so.conf"
printf '# ours\n/opt/lib # here\n' >"$root/etc/ld.so.conf.d/opt.conf"
collect -m "$dir/made" -p /opt/bin/run
report "the folders of /etc/ld.so.conf" "$(has \
	"0755 f /opt/lib/libown.so  (library: needed by /opt/bin/run (DT_NEEDED libown.so))" \
	"0644 f /etc/ld.so.cache  (loader: says that libown.so is /opt/lib/libown.so)"
	has_not missing)"
report "for which there is a cache that ldconfig can read" "$(
	/sbin/ldconfig -p -C "$dir/made/ld.so.cache" >"$dir/out" 2>&1
	for l in in own; do
		grep -q "^	lib$l.so (libc6,x86-64) => /opt/lib/lib$l.so\$" \
			"$dir/out" || wrong "$dir/out"
	done)"
echo 'include /etc/ld.so.conf' >"$root/etc/ld.so.conf.d/opt.conf"
collect -p /opt/bin/run
report "an ld.so.conf that includes itself ends" "$(has "status 0" \
	"missing library libown.so: the library libown.so is not in the tree: needed by /opt/bin/run")"

new_root
lib /usr/lib/ld-x.so.1
lib /usr/lib/liba.so
lib /usr/lib64/liba.so
program /usr/bin/x "$root/usr/lib/liba.so"
printf '\267' | dd of="$root/usr/lib64/liba.so" bs=1 seek=18 conv=notrunc \
	status=none # e_machine: aarch64
collect -p /bin/x
report "a library of another machine is passed over" "$(has \
	"0755 f /usr/lib/liba.so  (library: needed by /usr/bin/x (DT_NEEDED liba.so))"
	has_not lib64)"
lib /usr/lib/glibc-hwcaps/x86-64-v3/liba.so
collect -p /bin/x
report "variants for newer processors are told and left out" "$(
	grep -q 'f /usr/lib/liba.so .*without its variant for x86-64-v3' \
		"$dir/out" || wrong "$dir/out"
	has_not hwcaps)"
printf '\267' | dd of="$root/usr/bin/x" bs=1 seek=18 conv=notrunc status=none
collect -p /bin/x
report "a program of another machine is not one" "$(has \
	"missing program /bin/x: the program /bin/x cannot run: it is for aarch64, and the target for x86_64")"
collect /bin/x
report "but it may be somebody's data" "$(has "status 0"; has_not missing)"
echo text >"$root/usr/bin/text"
collect -p /bin/text
report "neither is a text" "$(has \
	"missing program /bin/text: the program /bin/text cannot run: neither an ELF file nor a script")"

# --- links ------------------------------------------------------------------
new_root
echo secret >"$dir/outside"
echo inside >"$root/outside"
ln -s ../../../../../../../../../outside "$root/etc/up"
ln -s "$dir/outside" "$root/etc/absolute"
ln -s /outside "$root/etc/inside"
ln -s a "$root/etc/b"
ln -s b "$root/etc/a"
ln -s /proc/self/exe "$root/etc/proc"
collect /etc/up /etc/absolute /etc/inside /etc/a /etc/proc /etc/../../outside
report "links lead nowhere but into the tree" "$(has \
	"0777 l /etc/up -> ../../../../../../../../../outside  (listed in binaries.paths)" \
	"0777 l /etc/inside -> /outside  (listed in binaries.paths)" \
	"missing file /etc/absolute: /etc/absolute is not in the tree" \
	"missing file /etc/a: /etc/a is not in the tree: its links lead in circles" \
	"0777 l /etc/proc -> /proc/self/exe  (listed in binaries.paths)" \
	"status 0"
	[ "$(grep -c ' f /outside' "$dir/out")" = 1 ] || wrong "$dir/out")"
mkdir -p "$root/data/sub" "$root/shared"
echo 1 >"$root/data/sub/one"
echo 2 >"$root/shared/two"
ln -s ../shared "$root/data/shared"
ln -s . "$root/data/self"
ln -s / "$root/data/root"
ln -s nothing "$root/data/dangling"
chmod 2750 "$root/data/sub"
chmod 0640 "$root/data/sub/one"
collect /data
report "a folder with what its links lead to" "$(has \
	"0750 d /data/sub  (listed in binaries.paths)" \
	"0640 f /data/sub/one  (listed in binaries.paths)" \
	"0777 l /data/self -> .  (listed in binaries.paths)" \
	"0777 l /data/dangling -> nothing  (listed in binaries.paths)" \
	"0777 l /data/root -> /  (listed in binaries.paths)" \
	"0644 f /shared/two  (target of the link /data/shared)" "status 0"
	has_not /outside)"
mkfifo "$root/data/fifo"
collect /data
report "a pipe in it is an error" "$(has \
	"error: /data/fifo of the tree: not a regular file, folder or symbolic link" \
	"status 1")"

# --- scripts ----------------------------------------------------------------
new_root
program /usr/bin/env
program /usr/bin/tool
lib /usr/lib/ld-x.so.1
printf '#!/usr/bin/env -S A=1 tool -x\n' >"$root/usr/bin/script"
printf '#! /bin/nothing\n' >"$root/opt/nothing"
chmod 755 "$root/usr/bin/script" "$root/opt/nothing"
collect -p /bin/script
report "a script brings its interpreter, and what env finds" "$(has \
	"0755 f /usr/bin/env  (interpreter of /usr/bin/script (#!/usr/bin/env -S A=1 tool -x))" \
	"0755 f /usr/bin/tool  (interpreter of /usr/bin/script (#!/usr/bin/env -S A=1 tool -x))" \
	"0755 f /usr/lib/ld-x.so.1  (interpreter of /usr/bin/env)"
	has_not missing)"
collect -e PATH=/opt -p /bin/script /opt
report "its PATH is the program's; scripts of folders may be without" "$(has \
	"missing interpreter tool: the interpreter tool is in no folder of PATH in the tree: needed by /usr/bin/script" \
	"may missing interpreter /bin/nothing: the interpreter /bin/nothing is not in the tree: needed by /opt/nothing")"
printf '#!/bin/tool\n' >"$dir/own"
collect -p "/run.sh=$dir/own"
report "a script from elsewhere brings its interpreter, too" "$(has \
	"0755 f /usr/bin/tool  (interpreter of /run.sh (#!/bin/tool))"
	has_not "run.sh  (program)")"

# --- the C library ----------------------------------------------------------
new_root
lib /usr/lib/ld-x.so.1
lib /usr/lib/libnss_files.so.2
lib /usr/lib/libnss_ldap.so.2
lib /usr/lib/libgcc_s.so.1
lib /usr/lib/gconv/X.so
mkdir -p "$root/usr/lib/locale/C.utf8" "$root/usr/share/zoneinfo/Europe"
echo x >"$root/usr/lib/locale/C.utf8/LC_CTYPE"
echo 80 >"$root/etc/services"
echo 'passwd: files ldap [NOTFOUND=return success=return] gone' \
	>"$root/etc/nsswitch.conf"
cat >"$dir/uses.c" <<'END'
int getpwnam(), getservbyname(), iconv_open(), setlocale(), pthread_exit();
void _start(void)
{
	getpwnam(), getservbyname(), iconv_open(), setlocale(), pthread_exit();
}
END
for f in getpwnam getservbyname iconv_open setlocale pthread_exit; do
	echo "void $f(void) {}"
done >"$dir/libc.c"
$gcc -nostdlib -shared -o "$root/usr/lib/libc.so.6" "$dir/libc.c" \
	-Wl,-soname,libc.so.6
$gcc -w -nostdlib -pie -o "$root/usr/bin/x" "$dir/uses.c" -Wl,--no-as-needed \
	-Wl,--unresolved-symbols=ignore-all -Wl,--dynamic-linker=/lib/ld-x.so.1 \
	"$root/usr/lib/libc.so.6"
collect -p /bin/x
report "what its functions open is there, with the function" "$(has \
	"0755 f /usr/lib/libnss_ldap.so.2  (nss: ldap is asked for passwd by nsswitch.conf)" \
	"0644 f /etc/services  (nss: services, read by getservbyname of /usr/bin/x)" \
	"0755 f /usr/lib/gconv/X.so  (gconv: opened by iconv_open of /usr/bin/x)" \
	"0644 f /usr/lib/locale/C.utf8/LC_CTYPE  (locale: C.UTF-8, for setlocale of /usr/bin/x)" \
	"0755 f /usr/lib/libgcc_s.so.1  (library: opened for pthread_exit of /usr/bin/x)" \
	"may missing nss libnss_gone.so.2: the NSS module libnss_gone.so.2 is not in the tree: passwd of nsswitch.conf names it, and the C library goes on without it"
	has_not "[NOTFOUND")"
echo 'passwd: files' >"$dir/nsswitch"
collect -n "$dir/nsswitch" -p /bin/x
report "the manifest's nsswitch.conf counts before the tree's" "$(
	has_not ldap etc/nsswitch)"
echo zone >"$root/usr/share/zoneinfo/Europe/Berlin"
ln -s Europe/Berlin "$root/usr/share/zoneinfo/Home"
collect -z Home
report "a time zone that is a link" "$(has \
	"0777 l /usr/share/zoneinfo/Home -> Europe/Berlin  (zoneinfo: Home)" \
	"0644 f /usr/share/zoneinfo/Europe/Berlin  (zoneinfo: Home)"
	has_not missing)"
mkdir "$root/usr/lib/locale/de_DE.utf8"
echo x >"$root/usr/lib/locale/de_DE.utf8/LC_TIME"
collect -l de_DE.UTF-8 -l C.UTF-8 -l POSIX
report "a locale by its stored name; those that need no file" "$(has \
	"0644 f /usr/lib/locale/de_DE.utf8/LC_TIME  (locale: de_DE.UTF-8)"
	has_not missing)"
rm -r "$root/usr/lib/locale/de_DE.utf8"
# The header of an archive (8 words used here), then its names.
printf '\011\001\002\336\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\040\0\0\0\026\0\0\0\0\0\0\0en_US.utf8\0de_DE.utf8\0' \
	>"$root/usr/lib/locale/locale-archive"
collect -l de_DE.UTF-8 -l en_US.utf8
report "a locale in the archive" "$(has \
	"0644 f /usr/lib/locale/locale-archive  (locale: de_DE.UTF-8)"
	has_not missing)"
collect -l DE.utf8 -l fr_FR.UTF-8
report "a name that only ends like one is none" "$(
	[ "$(grep -c '^missing locale' "$dir/out")" = 2 ] || wrong "$dir/out")"

# --- broken files -----------------------------------------------------------
bad=
size=$(stat -c %s "$root/usr/bin/x")
cp "$root/usr/bin/x" "$dir/whole"
for i in $(seq 0 60); do
	head -c $((size * i / 60)) "$dir/whole" >"$root/usr/bin/x"
	collect -p /bin/x
	grep -q '^status 0' "$dir/out" || bad="$bad cut $i: $(cat "$dir/out")"
done
for i in $(seq 16 4 240); do
	cp "$dir/whole" "$root/usr/bin/x"
	printf '\377\377\377\177' | dd of="$root/usr/bin/x" bs=1 seek="$i" \
		conv=notrunc status=none
	collect -p /bin/x
	grep -q '^status 0' "$dir/out" || bad="$bad at $i: $(cat "$dir/out")"
done
report "cut and damaged programs end in an answer" "$bad"
echo "1..$n"
