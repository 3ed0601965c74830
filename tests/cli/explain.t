#!/bin/sh
# shellcheck disable=SC2317 # functions are called by way of `is`
# SPDX-License-Identifier: Apache-2.0
# slipway inspect --size, --why, --syscalls of what slipway build made, and
# slipway check of programs and manifests.
set -u
. tests/boot/disk.sh
. tests/explain.sh
start
export SOURCE_DATE_EPOCH=1700000000

# NAME STATUS PATTERN COMMAND...: on either stream.
says() {
	name=$1
	status=$2
	pattern=$3
	shift 3
	timeout 120 "$@" >"$w/out" 2>"$w/err" </dev/null
	got=$?
	if [ $got = "$status" ] && cat "$w/out" "$w/err" |
		grep -qE "$pattern"; then
		ok "$name"
	else
		not_ok "$name" "status $got: $(cat "$w/err" "$w/out")"
	fi
}

asked() { # FILTER COMMAND...: its JSON by a filter of jq
	filter=$1
	shift
	"$SLIPWAY" "$@" 2>/dev/null | jq -rc "$filter"
}

# --- hello, in all its forms -------------------------------------------------------
mkdir -p "$w/one/hello" "$w/other/place"
"$SLIPWAY" init -q "$w/one/hello" >/dev/null 2>&1
sed -i 's|"sources"|"files": [{"from": "main.c", "to": "/etc/motd"}], "sources"|' \
	"$w/one/hello/slipway.json"
cp "$w/one/hello"/* "$w/other/place/"
h=$w/one/hello/build/hello
o=$w/other/place/build/hello
for d in one/hello other/place; do
	"$SLIPWAY" build -q "$w/$d" -o type=docker -o type=kernel -o type=disk \
		-o type=oci,dest="$w/$d/oci" \
		-o type=rootfs,dest="$w/$d/tree" \
		-o type=oci,compression=none,dest="$w/$d/plain.tar" \
		>"$w/log" 2>&1 || bail "slipway build: $(cat "$w/log")"
done
prints "every byte of kernel, disk and images has an owner" "" explain_sums \
	"$h/kernel" "$h.elf" "$h/disk.img" "$h.img" "$h.tar" \
	"$w/one/hello/plain.tar"
prints "the folder of a layout, too" true asked \
	'.size == ([.components[].bytes] | add)' inspect --json --size \
	"$w/one/hello/oci"
prints "the folder of files, with the kernel and disk in it" \
	"[$(find "$w/one/hello/tree" -type f -printf '%s\n' |
		awk '{ n += $1 } END { print n }'),true,true,\"libc\"]" asked \
	'[.size, .size == ([.components[].bytes] | add),
	all(.contents[]; .size == ([.components[].bytes] | add)),
	.contents[0].components[0].name]' inspect --json --size \
	"$w/one/hello/tree"
prints "why, from there" "" explain_why "$w/one/hello/tree" writev
prints "the record is the same in any folder" "" cmp "$h/explain.json" \
	"$o/explain.json"
prints "the program's own part, the library's, the base's" \
	'["application","headers","keel/mm","libc","padding","symbols"]' \
	jq -c '[.components[].name] | sort | map(select(IN("application",
		"headers", "keel/mm", "libc", "padding", "symbols")))' \
	"$h/explain.json"
# What one does not call is not there.
prints "hello has no network" 0 jq '[.components[] |
	select(.name == "lwip" or .name == "keel/net")] | length' \
	"$h/explain.json"
prints "sizes by object sum, too" true jq '([.objects[][2]] | add) == .size' \
	"$h/explain.json"
says "sizes as text, largest first, with their sum" 0 \
	"^ +$(stat -c %s "$h/kernel")  in all" "$SLIPWAY" inspect --size \
	"$h/kernel"
cp "$h/kernel" "$w/alone"
says "a kernel alone says that it knows less" 0 'no record of its link' \
	"$SLIPWAY" inspect --size "$w/alone"
prints "and sums all the same" true asked \
	'.size == ([.components[].bytes] | add)' inspect --json --size "$w/alone"

prints "why a system call is there" "" explain_why "$h.tar" writev
prints "the same of the disk" "" explain_why "$h.img" printf
says "of a member of an archive" 0 '_start .*' "$SLIPWAY" inspect \
	--why printf.o "$h.elf"
says "of an object of the program" 0 'main  \[.*main.c.o\]' "$SLIPWAY" \
	inspect --why main.c.o "$h/kernel"
says "an unknown name tells near ones" 1 \
	'no prinft in this kernel; did you mean printf' "$SLIPWAY" inspect \
	--why prinft "$h.tar"
says "one like no other" 1 'no zzzzzz in this kernel$' "$SLIPWAY" inspect \
	--why zzzzzz "$h.tar"
says "a kernel without a record" 1 'record of the link' "$SLIPWAY" inspect \
	--why main "$w/alone"
prints "its calls" "" explain_calls "$h.tar" writev:full exit_group:full \
	mmap:partial
says "calls as text, with what is refused" 0 \
	'^mmap +partial .*\[.*\]: no memory both' "$SLIPWAY" inspect \
	--syscalls "$h.tar"
sed 's/"version":1/"version":9/' "$h/explain.json" >"$w/explain.json"
says "a record of another version is not used" 1 'record of the link' \
	"$SLIPWAY" inspect --why main "$w/alone"
head -c 3000 "$h/explain.json" >"$w/explain.json"
says "nor a damaged one" 1 'record of the link' "$SLIPWAY" inspect \
	--syscalls "$w/alone"
cp "$h/explain.json" "$w/explain.json"
says "one that fits is found beside it" 0 'exit_group +full' "$SLIPWAY" \
	inspect --syscalls "$w/alone"
printf x >>"$w/alone"
says "not for another kernel" 1 'record of the link' "$SLIPWAY" inspect \
	--why main "$w/alone"

prints "an image tells its target and what can boot it" \
	'["x86_64-keel",["container","kernel (PVH)","krun","containerDisk (BIOS, UEFI)","urunc"]]' \
	asked '[.target, .boot]' inspect --json "$h.tar"
prints "a disk, too" '["BIOS","UEFI"]' asked .boot inspect --json "$h.img"
prints "and a kernel" '["PVH"]' asked .boot inspect --json "$h.elf"
prints "every file of an image has a reason" '[]' asked '[.layers[].files[] |
	select(.type != "directory" and .origin == null) | .path]' inspect \
	--json --files "$h.tar"
says "as text" 0 'slipway/launch  \(the launcher, entry point' "$SLIPWAY" \
	inspect --files "$h.tar"

# --- check ------------------------------------------------------------------------
says "nothing is wrong with hello" 0 'nothing found' "$SLIPWAY" check -q \
	"$w/one/hello"
says "nor with its image" 0 'nothing found' "$SLIPWAY" check "$h.tar"
prints "as JSON, with the base that fits" '["note","base","x86_64-keel"]' asked \
	'.[] | [.level, .check, .name]' check --json "$h/program"

mkdir "$w/bad"
cat >"$w/bad/main.c" <<'END'
#include <dlfcn.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void spawn(void)
{
	if (fork() == 0)
		execl("/bin/true", "true", (char *)0);
}
int main(int argc, char **argv)
{
	time_t now = time(0);

	if (argc > 5)
		spawn();
	if (argc > 6)
		return system(argv[1]);
	if (dlopen("plugin.so", RTLD_NOW) || getpwnam("root"))
		return inotify_init1(0);
	printf("%s", ctime(&now));
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}
END
cat >"$w/bad/slipway.json" <<'END'
{
	"name": "bad", "target": "x86_64-keel", "sources": ["main.c"],
	"ports": [80, "53/udp"], "memory": "4M", "workdir": "/srv",
	"env": {"TZ": "Europe/Berlin", "LANG": "de_DE.UTF-8"},
	"args": ["/etc/bad.conf"], "files": [{"from": "big", "to": "/big"}]
}
END
head -c 6000000 /dev/zero >"$w/bad/big"
prints "all that is wrong with another, by its level" \
	'error calls inotify_init1
error ports 53/udp
error processes execl
error processes fork
error processes system
warning calls inotify_init
warning files /etc/bad.conf
warning files /etc/passwd
warning files /srv
warning files /usr/share/zoneinfo/Europe/Berlin
warning library LANG
warning library dlopen
warning memory memory
warning ports 80/tcp
note base x86_64-linux' asked '.[] | [.level, .check, .name] | join(" ")' check \
	-q --json "$w/bad"
says "as text, with what to do and where it is" 1 \
	'^error: fork needs another process.* spawn in .*main.c.o \[processes\]' \
	"$SLIPWAY" check -q "$w/bad"
says "and which base fits" 1 \
	'^note: use x86_64-linux, because execl is called by spawn .*\(and 3 more' \
	"$SLIPWAY" check -q "$w/bad"
says "what is accepted does not fail" 0 'fork .*\(accepted\)' "$SLIPWAY" check \
	-q --accept fork --accept execl --accept system \
	--accept inotify_init1 --accept 53/udp "$w/bad"
says "and keel fits then" 0 '^note: keel fits' "$SLIPWAY" check \
	-q --accept fork --accept execl --accept system \
	--accept inotify_init1 --accept 53/udp "$w/bad"
prints "the program that the build left" '["execl","fork","system"]' asked \
	'[.[] | select(.check == "processes") | .name]' check --json \
	"$w/bad/build/bad/program"
sed -i 's/"4M"/"2M"/; s/"workdir"/"cpus": 1, "workdir"/' "$w/bad/slipway.json"
sed -i '1i char large[4000000];
	s/return system/return large[argc] + system/' "$w/bad/main.c"
says "memory that does not hold the kernel" 1 '^error: not enough memory' \
	"$SLIPWAY" check -q "$w/bad"

# Programs that others linked.
cp "$w/bad/main.c" "$w/main.c"
gcc -w -o "$w/dynamic" "$w/main.c" || bail "gcc"
gcc -w -static -o "$w/static" "$w/main.c" 2>/dev/null || bail "gcc -static"
says "a dynamic program" 1 '^error: the program is linked dynamically' \
	"$SLIPWAY" check "$w/dynamic"
says "what it refers to" 1 '^error: fork needs another' "$SLIPWAY" check \
	"$w/dynamic"
says "a library that it needs" 1 '^error: lib[a-z]+[^ ]* is a shared library' \
	"$SLIPWAY" check "$SLIPWAY"
says "a static one: the calls in its code" 1 'inotify_init1 is not supported' \
	"$SLIPWAY" check "$w/static"
strip -o "$w/stripped" "$w/static"
says "the same without symbols" 0 'inotify_init1 is not supported' "$SLIPWAY" \
	check "$w/stripped"
head -c 700 "$w/static" >"$w/cut"
says "one that was cut" 1 'cut: ' "$SLIPWAY" check "$w/cut"
says "they want the other base" 0 'use x86_64-linux, because its code calls' \
	"$SLIPWAY" check "$w/stripped"
says "so does what needs a loader" 1 \
	'use x86_64-linux, because it is linked dynamically' "$SLIPWAY" check \
	"$w/dynamic"
says "a text" 1 'not an image' "$SLIPWAY" check "$w/main.c"
says "a file that is not there" 1 'nosuch: No such file' "$SLIPWAY" check \
	"$w/nosuch"
says "a folder without a manifest" 2 'slipway.json' "$SLIPWAY" check "$w/one"
says "two programs" 2 'more than one' "$SLIPWAY" check a b
says "a target of a program" 2 'goes with a manifest' "$SLIPWAY" check \
	--target x86_64-keel "$w/static"
finish
