#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slipway build: what changed is noticed, what is killed or has no room
# leaves nothing wrong, and two at once do not disturb each other.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
project p '"cflags": ["-Os", "-Iinc"], "args": ["one"],
	"files": [{"from": "data", "to": "/data"}]'
mkdir p/data p/inc && echo first >p/data/a
echo '#define TEXT "Hello"' >p/inc/text.h
sed -i 's/"Hello, world"/TEXT/; 1i#include "text.h"' p/main.c

outputs() { # of the build of p
	sha256sum p/build/hello/{program,kernel,disk.img,vm.json} p/build/hello.*
}
all() {
	build p -o p/build/hello.tar --output type=disk --output type=kernel
}
# The same files in the same folder, with nothing that was there before.
clean_equals() {
	outputs >dirty
	rm -rf p/build
	SLIPWAY_CACHE=$build_work/cache.clean all
	outputs | diff dirty -
}
copy() { # the project without what was built
	mkdir "$1" && (cd p && tar -c --exclude ./build .) | tar -C "$1" -x
}
export -f copy
export -f outputs all clean_equals

# --- what is noticed ---------------------------------------------------------------
t "nothing changed: nothing is done" 'all && outputs >old
	all && silent "compile|link|disk$|root|write" && outputs | diff old -'
changes() { # NAME WHAT-IS-REDONE SCRIPT
	t "$1 is noticed" "outputs >old
		$3
		all && says $(printf %q "$2")
		outputs >new && not cmp -s old new
		clean_equals
		all && silent 'compile|link|write'"
}
changes "a source" 'compile main.c' 'echo "int unused = 1;" >>p/main.c
	sed -i "s/puts(/puts(\"more\"); &/" p/main.c'
changes "a header" 'compile main.c' 'sed -i s/Hello/Bye/ p/inc/text.h'
changes "a source of the same size and a time before" 'compile main.c' '
	touch -r p/main.c stamp
	sed -i "s/more/MORE/" p/main.c && touch -d "2001-01-01" p/main.c'
changes "a flag" 'compile main.c' 'sed -i "s/-Os/-O1/" p/slipway.json'
changes "a flag of the linker" 'link program' '
	sed -i "s/\"args\"/\"ldflags\": [\"-Wl,--no-gc-sections\"],\n&/" p/slipway.json'
changes "an argument" 'link onto keel' 'sed -i "s/\"one\"/\"two\"/" p/slipway.json'
changes "the memory" 'write' 'sed -i "s/\"args\"/\"memory\": \"24M\",\n&/" p/slipway.json'
changes "a library" 'link program' 'echo "int lib(void) { return 1; }" >l.c
	mkdir -p p/lib && gcc -c l.c -o l.o && ar rc p/lib/libown.a l.o
	sed -i "s/\"args\"/\"libs\": [\"own\"],\n&/" p/slipway.json
	sed -i "s/-O1\"/&, \"-ULIB\"/; s/-no-gc-sections\"/&, \"-Llib\"/" p/slipway.json
	sed -i "s/puts(\"MORE\")/int lib(void); return lib()/" p/main.c'
changes "another archive in the place of a library" 'link program' '
	echo "int lib(void) { return 2; }" >l.c
	gcc -c l.c -o l.o && ar rc p/lib/libown.a l.o'
changes "a label" 'write' \
	'sed -i "s/\"args\"/\"labels\": {\"a\": \"b\"},\n&/" p/slipway.json'
changes "a file's content" 'root filesystem' 'echo second >p/data/a'
changes "a new file" 'root filesystem' 'echo new >p/data/b'
changes "a renamed file" 'root filesystem' 'mv p/data/b p/data/c'
changes "a file that is gone" 'root filesystem' 'rm p/data/c'
changes "a file's mode" 'root filesystem' 'chmod 700 p/data/a'
changes "a new link" 'root filesystem' 'ln -s a p/data/link'
changes "where files go" 'root filesystem' 'sed -i "s,\"/data\",\"/srv\"," p/slipway.json'
t "a time of the build is noticed" 'outputs >old
	SOURCE_DATE_EPOCH=1700000000 all && says write
	outputs >new && not cmp -s old new'
t "and no time again" 'all && outputs | diff old -'
t "another time alone compiles nothing" 'touch p/main.c p/inc/text.h
	outputs >old && all && silent compile && outputs | diff old -'
for f in program kernel disk.img rootfs.erofs vm.json ../hello.tar ../hello.img \
	../hello.elf obj/main.c.o; do
	t "$f is repaired when it was overwritten" "outputs >old
		f=p/build/hello/$f
		[ -s \$f ] && echo garbage >\$f && all && outputs | diff old -"
	t "$f is repaired when it is gone" "outputs >old
		rm p/build/hello/$f && all && outputs | diff old -"
done
t "state that is garbage costs only time" 'outputs >old
	head -c 5000 /dev/urandom >p/build/hello/state
	all && outputs | diff old -'
t "what -o wrote is repaired too" 'build p -o x.tar && sha256sum x.tar >sum
	printf x | dd of=x.tar bs=1 seek=5000 conv=notrunc status=none
	build p -o x.tar && sha256sum --quiet -c sum'
t "a blob in an OCI folder is repaired" '
	build p --output type=oci,dest=l && cp -r l l.old
	for f in l/blobs/sha256/*; do echo x >>$f; done
	build p --output type=oci,dest=l && diff -r l l.old'

# --- two at once ---------------------------------------------------------------------
t "two builds of one folder" 'outputs >old && rm -rf p/build
	"$SLIPWAY" build p --output type=disk -o p/build/hello.tar \
		--output type=kernel >out 2>err </dev/null & first=$!
	"$SLIPWAY" build p --output type=kernel -o p/build/hello.tar \
		--output type=disk >out2 2>err2 </dev/null
	wait $first && outputs | diff old -
	cat err err2 | grep -q "waiting for another build"
	[ $(cat err err2 | grep -c "link onto") = 1 ]'
t "four builds with one cache" '
	for i in 1 2 3 4; do copy q$i; done
	rm -rf "$SLIPWAY_CACHE"; pids=
	for i in 1 2 3 4; do
		"$SLIPWAY" build -q q$i -o q$i.tar & pids="$pids $!"
	done
	for i in $pids; do wait $i; done
	for i in 2 3 4; do cmp q1.tar q$i.tar; done; rm -rf q[1-4]*'

# --- killed ---------------------------------------------------------------------------
killed() { # SIGNAL SECONDS
	rm -rf p/build
	setsid "$SLIPWAY" build p --output type=disk -o p/build/hello.tar \
		--output type=kernel >out 2>err </dev/null & pid=$!
	sleep "$2"
	if [ "$1" = INT ]; then
		kill -INT -- $pid || true # as the terminal does: the whole group
	else
		kill -"$1" $pid || true
	fi
	wait $pid || true
}
leftovers() { # nothing temporary is left
	find p/build -name '.*' ! -name .lock
	find "$TMPDIR" -name 'slipway-*'
}
export -f killed leftovers
for signal in INT TERM KILL; do
	t "killed by SIG$signal at any time, then built" "outputs >old
		export TMPDIR=\$build_work/tmp.$signal; mkdir -p \$TMPDIR
		for after in 0.01 0.03 0.06 0.1 0.15 0.2 0.3 0.4; do
			killed $signal \$after
			for f in p/build/hello.*; do
				[ ! -e \$f ] || ! grep -q \" \$f\$\" old ||
					grep \" \$f\$\" old | sha256sum --quiet -c
			done
			[ $signal = KILL ] || [ -z \"\$(leftovers | tee left)\" ] ||
				{ echo after \$after; cat left; exit 1; }
			all && outputs | diff old -
		done"
done
t "what SIGKILL left behind goes away" '
	for name in .hello.tar .hello.img .hello.tar.gz hello/.kernel hello/.state; do
		mkdir p/build/$name.aB3dE9 && touch p/build/$name.aB3dE9/x
	done
	touch p/build/.hello.txt.aB3dE9 p/build/.hello.tar.conf
	all && rm p/build/.hello.txt.aB3dE9 p/build/.hello.tar.conf
	[ -z "$(find p/build -name ".*" ! -name .lock | tee left)" ] ||
		{ cat left; false; }'
t "what a live process has in the temporary folder stays" '
	export TMPDIR=$PWD/tmp.live
	for name in link root esp; do
		mkdir -p tmp.live/slipway-$name.{aB3dE9,dEad99}
		exec {fd}<tmp.live/slipway-$name.aB3dE9 && flock -x $fd
	done
	rm -rf p/build && all
	[ "$(cd tmp.live && echo *)" = "slipway-esp.aB3dE9 slipway-link.aB3dE9 slipway-root.aB3dE9" ]'
t "a compiler that goes on after SIGKILL disturbs nobody" 'project slow
	seq 12000 | sed "s/.*/int f&(int x) { return x * &; }/" >>slow/main.c
	"$SLIPWAY" build slow --output type=kernel 2>err </dev/null & pid=$!
	until grep -q compile err; do sleep 0.05; done
	sleep 0.2 && kill -KILL $pid && sed -i s/Hello/Later/ slow/main.c
	build slow --output type=kernel && says "waiting for another build"
	grep -q Later slow/build/hello/kernel'
t "a build that is killed while the cache is empty" 'outputs >old
	for after in 0.2 0.8 1.5; do
		rm -rf "$SLIPWAY_CACHE" && killed KILL $after
		all && outputs | diff old -
	done'
t "a cache entry that is cut is not believed" 'outputs >old
	find "$SLIPWAY_CACHE" -type f -size +100 | while read -r f; do
		truncate -s -10 "$f"
	done
	rm -rf p/build && all && outputs | diff old -'
t "a cache entry with a changed byte is not believed" '
	find "$SLIPWAY_CACHE" -type f -size +100 | while read -r f; do
		printf "\377" | dd of="$f" bs=1 seek=99 conv=notrunc status=none
	done
	rm -rf p/build && all && outputs | diff old -'

# --- no room, no right to write ----------------------------------------------------------
in_mount() { # NAME OPTIONS SCRIPT: a file system of its own on m
	t "$1" "mkdir -p m
		unshare -m bash -euc 'mount -t tmpfs -o $2 none m
			. \"\$build_lib\"
			$3'"
}
if unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
	for size in 64k 300k 1m 4m 20m; do
		in_mount "a full disk ($size) is named" "size=$size" "size=$size"'
			copy m/p
			fails 1 m/p -o m/p/hello.tar
			says "No space left on device" && { [ $size = 64k ] ||
				says "m/p/.*No space left on device"; }
			[ ! -e m/p/hello.tar ]
			[ $(grep -c "No space" err) -le 2 ]'
	done
	in_mount "there is room again" size=20m '
		copy m/p && dd if=/dev/zero of=m/fill bs=64k \
			status=none || true
		fails 1 m/p -o m.tar; rm m/fill; build m/p -o m.tar && [ -s m.tar ]'
	in_mount "a full /tmp is named" size=16k '
		rm -rf p/build && head -c 16k /dev/zero >m/fill || true
		SLIPWAY_CACHE=off TMPDIR=$build_work/m fails 1 p
		says "No space left on device"'
	in_mount "a full cache is no error" size=1m '
		rm -rf p/build; SLIPWAY_CACHE=$build_work/m build p'
	in_mount "a read-only project is named" size=8m '
		copy m/p && mount -o remount,ro m
		fails 1 m/p && says "m/p/build.*Read-only file system"'
	in_mount "a read-only cache is no error" size=8m '
		mount -o remount,ro m && rm -rf p/build
		SLIPWAY_CACHE=$build_work/m build p'
	in_mount "a read-only project that is built already" size=40m '
		copy m/p && build -q m/p
		mount -o remount,ro m && fails 1 m/p &&
			says "m/p/build.*Read-only file system"'
else
	skip "full disks and read-only folders" "no mounts in this container"
fi
t "a folder of another user is named" 'rm -rf p/build && mkdir other
	cp -r p other/ && chmod 755 "$build_work" other
	# The folder of the build may be closed to others.
	mkdir inst && cp -RP "${SLIPWAY%/*}" "${SLIPWAY%/*}/../lib" inst
	setpriv --reuid 65534 --clear-groups inst/bin/slipway build other/p \
		>out 2>err </dev/null && false
	says "other/p/build.*Permission denied"'
t "any user builds in a folder of theirs" 'chown -R 65534 other
	SLIPWAY_CACHE=$build_work/none HOME=/nonexistent \
		PATH=/usr/local/bin:/usr/bin:/bin setpriv --reuid 65534 \
		--regid 65534 --clear-groups inst/bin/slipway build \
		other/p -o other/p.tar \
		>out 2>err </dev/null
	cmp other/p.tar <(build -q p -o own.tar; cat own.tar)'
echo "1..$n"
