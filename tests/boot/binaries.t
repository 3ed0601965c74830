#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Programs that nobody recompiled, in a machine as on the host: of the build
# machine, of packages and of a folder. What they bring is told with its
# reason, and nothing of it is run for that.
# shellcheck disable=SC2015
set -u
. tests/tap.sh
dir=$(mktemp -d)
pid=
end() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	wait
	pid=
}
trap 'end; rm -rf "$dir"' EXIT
project() { # NAME KEYS
	mkdir -p "$dir/$1"
	cat >"$dir/$1/slipway.json" <<END
{"name": "$1", "target": "x86_64-linux", "memory": "256M", $2}
END
}
run() { # NAME [ARG]...
	name=$1
	shift
	timeout 200 "$SLIPWAY" run -q "$dir/$name" "$@" </dev/null \
		>"$dir/out" 2>"$dir/err"
	echo "status $?" >>"$dir/out"
}

# --- of the build machine ---------------------------------------------------
project date '"program": "/bin/date", "args": ["-d", "@0"],
	"env": {"TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"},
	"binaries": {"zoneinfo": ["Europe/Berlin"]}'
run date
report "date knows the zone that was named" "$(
	echo "Thu Jan  1 01:00:00 AM CET 1970" >"$dir/want"
	TZ=Europe/Berlin LC_ALL=C.UTF-8 /bin/date -d @0 >"$dir/want"
	echo "status 0" >>"$dir/want"
	diff "$dir/want" "$dir/out" || wrong "$dir/err")"

project script '"program": "/srv/run", "workdir": "/srv",
	"env": {"PATH": "/usr/bin:/bin", "WORD": "a word"},
	"files": [{"from": "run", "to": "/srv/run", "mode": "0755"},
		{"from": "nsswitch.conf", "to": "/lib/../etc/nsswitch.conf"}],
	"binaries": {"paths": ["/usr/bin/getent", "/bin/cat"]}'
sed -i 's,/lib/../etc,/etc,' "$dir/script/slipway.json"
printf 'passwd: files\nhosts: files dns\nservices: files\n' \
	>"$dir/script/nsswitch.conf"
cat >"$dir/script/run" <<'END'
#!/usr/bin/env -S bash -u
echo "$0" "$#" "$2" "$WORD" "$PWD"
getent passwd root
getent hosts 127.0.0.1
getent services http
cat /proc/1/comm
trap 'echo caught; exit 9' TERM
[ "$1" != wait ] || { echo waiting; while :; do sleep 1 & wait; done; }
exit 7
END
run script -- x "b c"
report "a script with arguments, environment, folder, NSS and status" "$(
	cat >"$dir/want" <<'END'
/srv/run 2 b c a word /srv
root:x:0:0:root:/root:/bin/sh
127.0.0.1       localhost
http                  80/tcp www
init
status 7
END
	diff "$dir/want" "$dir/out" || wrong "$dir/err")"
timeout 200 "$SLIPWAY" run -q "$dir/script" -- wait x </dev/null \
	>"$dir/out" 2>&1 &
pid=$!
for _ in $(seq 600); do
	grep -q waiting "$dir/out" && break
	sleep 0.1
done
kill "$(pgrep -P $pid)"
wait $pid
status=$?
pid=
report "SIGTERM reaches it" "$([ $status = 9 ] && grep -q caught "$dir/out" ||
	wrong "$dir/out")"

perl=$(perl -MConfig -e 'print "\"$Config{privlibexp}/\", \"$Config{archlibexp}/\""')
# shellcheck disable=SC2016 # it is perl's
project perl '"program": "/usr/bin/perl", "args": ["-MPOSIX", "-MSocket", "-e",
	"print POSIX::floor(2.5), inet_ntoa(INADDR_LOOPBACK), qq{ $0\\n}"],
	"binaries": {"paths": ['"$perl"']}'
run perl
report "modules that perl loads at run time" "$(
	printf '2127.0.0.1 -e\nstatus 0\n' | diff - "$dir/out" ||
		wrong "$dir/err")"

# --- of packages ------------------------------------------------------------
project box '"program": "/bin/busybox", "args": ["stat", "-c", "%a %F", "/bin",
	"/etc/own"], "files": [{"from": "own", "to": "/etc/own"}],
	"binaries": {"packages": ["busybox-static"], "paths": ["/bin/"]}'
echo own >"$dir/box/own"
run box
report "a static program of a package" "$(
	printf '777 symbolic link\n644 regular file\nstatus 0\n' |
		diff - "$dir/out" || wrong "$dir/err")"
cp -r "$dir/box" "$dir/again"
rm -rf "$dir/again/build"
timeout 200 "$SLIPWAY" build -q "$dir/box" >"$dir/log" 2>&1
(umask 077 && timeout 200 "$SLIPWAY" build -q "$dir/again" >>"$dir/log" 2>&1)
report "twice the same bytes" "$(
	cmp "$dir/box/build/box.tar" "$dir/again/build/box.tar" 2>&1 ||
		wrong "$dir/log")"
report "its reasons are in the image" "$(
	"$SLIPWAY" inspect --files "$dir/box/build/box.tar" >"$dir/out" 2>&1
	for line in '/usr/bin/busybox  (program)' \
		'/bin  (link: on the way to /bin/busybox)' \
		'/etc/own  (files: own)'; do
		grep -qxF "  $line" "$dir/out" || wrong "$dir/out"
	done)"
report "and at its disk" "$(
	"$SLIPWAY" inspect --files "$dir/box/build/box/disk.img" 2>&1 |
		grep -q 'usr/bin/busybox  (program)' || echo no)"
sbom() { # NAME PACKAGE
	"$SLIPWAY" inspect --sbom "$dir/$1/build/$1.tar" 2>&1 | jq -r \
		--arg name "$2" '.packages[] | select(.name == $name) |
			.externalRefs[0].referenceLocator + " " +
			.licenseDeclared'
}
report "the SBOM has the package of its own root" "$(
	sbom box busybox-static | grep -q '^pkg:deb/debian/busybox-static@' ||
		sbom box busybox-static)"
report "and the provenance the digest of its .deb" "$(
	deb=$(targets/sources/packages.sh --offline --list busybox-static |
		cut -d' ' -f5)
	pool=${SLIPWAY_SOURCES:-$HOME/.cache/slipway/sources}/.deb/pool
	"$SLIPWAY" inspect --provenance "$dir/box/build/box.tar" 2>&1 | jq -r \
		'.predicate.buildDefinition.resolvedDependencies[] | select(
		.uri // "" | startswith("pkg:deb/debian/busybox-static@")) |
		.digest.sha256' >"$dir/out"
	sha256sum "$pool/$deb" | cut -d' ' -f1 | diff - "$dir/out")"
report "and of the build machine, with its licence" "$(
	"$SLIPWAY" build -q "$dir/date" 2>&1
	sbom date coreutils | grep -q '^pkg:deb/debian/coreutils@.*GPL-3.0' ||
		sbom date coreutils)"
project wins '"program": "/bin/busybox", "files": [
	{"from": "own", "to": "/lib/own"}, {"from": "own", "to": "/sbin"},
	{"link": "/srv", "to": "/usr/share/doc/busybox-static"},
	{"from": "own", "to": "/bin/own", "mode": "0700"}],
	"binaries": {"packages": ["busybox-static"],
	"paths": ["/usr/share/doc/busybox-static/", "/sbin", "/lib"]}'
echo own >"$dir/wins/own"
"$SLIPWAY" build -q "$dir/wins" --output type=disk,dest="$dir/wins.img" \
	>"$dir/log" 2>&1
"$SLIPWAY" inspect --files "$dir/wins/build/wins/disk.img" 2>&1 |
	sed -n '/^rootfs/,$p' | tr -s ' ' >"$dir/out"
report "what is listed wins, and goes where collected links lead" "$(
	for line in 'f 0644 0:0 4 usr/lib/own (files: own)' \
		'f 0644 0:0 4 sbin (files: own)' \
		'f 0700 0:0 4 usr/bin/own (files: own)' \
		'l 0777 0:0 0 usr/share/doc/busybox-static -> /srv (files: link to /srv)'; do
		grep -qxF " $line" "$dir/out" || {
			echo "not there: $line"
			cat "$dir/out" "$dir/log"
		}
	done
	! grep -q copyright "$dir/out" || cat "$dir/out")"
project gone '"program": "/bin/x", "binaries": {"packages": ["no-such-thing"]}'
"$SLIPWAY" build "$dir/gone" >"$dir/out" 2>&1
status=$?
report "a package that was not downloaded is named, with the command" "$(
	[ $status = 1 ] && grep -q \
		'the binary package no-such-thing is not here; download it once with: .*packages.sh --download-only no-such-thing' \
		"$dir/out" || wrong "$dir/out")"

# --- of a folder ------------------------------------------------------------
root=$dir/tree/sys
mkdir -p "$root/usr/bin" "$root/opt/lib" "$root/usr/lib"
ln -s usr/lib "$root/lib"
echo 'int answer(void) { return 42; }' >"$dir/lib.c"
printf 'int answer(void);\nint main(void) { return answer(); }\n' >"$dir/x.c"
gcc -shared -o "$root/opt/lib/libanswer.so.1" "$dir/lib.c" \
	-Wl,-soname,libanswer.so.1
gcc -o "$root/usr/bin/x" "$dir/x.c" "$root/opt/lib/libanswer.so.1"
mkdir "$root/etc"
echo /opt/lib >"$root/etc/ld.so.conf"
mkdir -p "$root/lib64" "$root/usr/lib/x86_64-linux-gnu"
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
project tree '"program": "/usr/bin/x", "binaries": {"root": "sys"}'
timeout 200 "$SLIPWAY" build -q "$dir/tree" >"$dir/out" 2>&1
status=$?
report "a library that its folder does not have" "$(
	[ $status = 1 ] && grep -q 'the library libc.so.6 is not in .*/sys: needed by /usr/bin/x' \
		"$dir/out" || wrong "$dir/out")"
cp -L /lib/x86_64-linux-gnu/libc.so.6 "$root/usr/lib/x86_64-linux-gnu/"
run tree
report "a program with a library where only ld.so.conf leads" "$(
	echo "status 42" | diff - "$dir/out" || wrong "$dir/err")"

report "check lists what is missing, and what nobody named" "$(
	mkdir -p "$dir/check"
	cat >"$dir/check/slipway.json" <<'END'
{"name": "check", "target": "x86_64-linux", "program": "/usr/bin/x",
 "env": {"LANG": "de_DE.UTF-8", "TZ": "Asia/Tokyo"},
 "binaries": {"root": "../tree/sys", "zoneinfo": ["Mars/X"]}}
END
	sed -i 's,"\.\./tree/sys","'"$root"'",' "$dir/check/slipway.json"
	rm "$root/opt/lib/libanswer.so.1"
	"$SLIPWAY" check "$dir/check" >"$dir/out" 2>&1 && echo "status 0"
	grep -q '^error: the library libanswer.so.1 is not in .*: needed by /usr/bin/x \[libraries\]' "$dir/out" &&
		grep -q '^error: the time zone Mars/X is not' "$dir/out" ||
		wrong "$dir/out"
	"$SLIPWAY" check "$root/usr/bin/x" >"$dir/out" 2>&1
	grep -q '^error: the library libanswer.so.1 is not in the files of this machine: needed by .*/usr/bin/x \[installed\]' "$dir/out" ||
		wrong "$dir/out"
	sed 's/"program": [^,]*/"program": "\/bin\/true"/; s/"binaries.*/"memory": "256M"}/' \
		"$dir/check/slipway.json" >"$dir/check/true.json"
	"$SLIPWAY" check "$dir/check/true.json" >"$dir/out" 2>&1 || wrong "$dir/out"
	grep -q '^warning: LANG is de_DE.UTF-8, which is not among' "$dir/out" &&
		grep -q '^warning: TZ names the zone Asia/Tokyo, but' "$dir/out" ||
		wrong "$dir/out")"

# --- beside a program that is compiled --------------------------------------
project beside '"sources": ["main.c"], "binaries": {"paths": ["/bin/cat"]},
	"files": [{"from": "main.c", "to": "/lib/main.c"}]'
cat >"$dir/beside/main.c" <<'END'
#include <stdlib.h>

int main(void)
{
	return system("/bin/cat /usr/lib/main.c") != 0;
}
END
sed -i 's,"/bin/cat","/bin/cat"\, "/bin/sh",' "$dir/beside/slipway.json"
run beside
report "it starts programs of the distribution; files go through links" "$(
	{ cat "$dir/beside/main.c" && echo "status 0"; } |
		diff - "$dir/out" || wrong "$dir/err")"
sed 's/x86_64-linux/x86_64-keel/' "$dir/date/slipway.json" >"$dir/keel.json"
"$SLIPWAY" build "$dir/keel.json" >"$dir/out" 2>&1
status=$?
report "on keel it is an error that says so" "$(
	[ $status = 2 ] && grep -q '^.*keel.json:1:[0-9]*: error: program: target x86_64-keel runs programs that were linked for it; use a target of base linux, such as x86_64-linux \[program-base\]' \
		"$dir/out" || wrong "$dir/out")"
echo "1..$n"
