#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The same project gives the same bytes in another folder, at another time,
# under another umask, time zone, locale and number of jobs.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh

# In place of p: a program of several sources with __FILE__, __DATE__ and
# debug information, a folder of files, a package of its own Makefile.
mkdir p p/data p/src
cat >p/slipway.json <<'END'
{
	"name": "same",
	"target": "x86_64-keel",
	"sources": ["main.c", "src/a.c", "src/b.c"],
	"cflags": ["-g", "-O2"],
	"libs": ["m"],
	"args": ["x y"],
	"env": {"B": "2", "A": "1"},
	"labels": {"z": "1", "a": "2"},
	"volumes": ["/v"],
	"files": [{"from": "data", "to": "/data"}, {"to": "/l", "link": "data"}]
}
END
cat >p/main.c <<'END'
#include <assert.h>
#include <math.h>
#include <stdio.h>
int a(int), b(int);
int main(int argc, char **argv)
{
	assert(argc > 0);
	printf("%s %s %s %f\n", __FILE__, __DATE__, __TIME__, sin(a(argc)));
	return b(argc) + (argv[0] == 0);
}
END
echo 'int a(int x) { return x + 1; }' >p/src/a.c
echo 'int b(int x) { return x - 1; }' >p/src/b.c
for i in 9 1 5 3 b A _ a; do
	mkdir "p/data/$i" && echo "$i" >"p/data/$i/file"
done

mkdir m m/src
cat >m/slipway.json <<'END'
{"name": "made", "target": "x86_64-keel",
	"build": {"dir": "src", "commands": [["make", "-j${jobs}"]],
		"program": "made"}}
END
printf 'made: a.o b.o\n\t$(CC) -g -o $@ $^\n%%.o: %%.c\n%s\n' \
	'	$(CC) -g -c -o $@ "$(CURDIR)/$<"' >m/src/Makefile
echo 'int b(int); int main(int c, char **v) { (void)v; return b(c); }' >m/src/a.c
echo 'const char *f = __FILE__; int b(int x) { return x + f[0]; }' >m/src/b.c

# Without QEMU, whose layer takes longest: `whole` has it.
here() { # NAME ARG...: outputs of both projects into a folder of their names
	local out=$build_work/out-$1

	shift
	mkdir -p "$out"
	SLIPWAY_CACHE=$out.cache build "$@" --runner none -o "$out/i.tar" \
		--output type=oci,compression=zstd,dest="$out/i.oci.tar" \
		--output type=rootfs,dest="$out/r" \
		--output type=disk,dest="$out/d.img" \
		--output type=disk,format=qcow2,dest="$out/d.qcow2" \
		--output type=disk,format=vpc,dest="$out/d.vpc" \
		--output type=disk,format=vmdk,dest="$out/d.vmdk" \
		--output type=disk,format=vhdx,dest="$out/d.vhdx" \
		--output type=disk,format=gcp,dest="$out/d.tar.gz" \
		--output type=kernel,dest="$out/k" p
	SLIPWAY_CACHE=$out.cache build "$@" --runner none -o "$out/m.tar" \
		--output type=kernel,dest="$out/mk" m
	for i in i m; do
		"$SLIPWAY" inspect --sbom "$out/$i.tar" >"$out/$i.spdx"
		"$SLIPWAY" inspect --provenance "$out/$i.tar" >"$out/$i.slsa"
	done
	# Names, modes and bytes of what was a folder.
	(cd "$out/r" && find . -mindepth 1 | LC_ALL=C sort | tar --no-recursion \
		--owner=0 --group=0 --mtime=@0 -cf "$out/r.tar" -T -)
	rm -rf "$out/r"
}
whole() { # NAME ARG...: the image as it is by default, after `here`
	local out=$build_work/out-$1

	shift
	SLIPWAY_CACHE=$out.cache build "$@" -o "$out/w.tar" \
		--output type=oci,dest="$out/w" p
	(cd "$out/w" && find . -type f -exec sha256sum {} + | sort) >"$out/w.sums"
	rm -rf "$out/w"
}
same() { # NAME
	local f

	for f in "$build_work/out-$1"/*; do
		cmp "$f" "$build_work/out-first/${f##*/}"
	done
	echo "$1 $(cat "$build_work/out-$1/"[!w]* | sha256sum)" \
		>>"$build_work/digests"
}
copy() { # TO: both projects, in another order, at another time
	mkdir -p "$1"
	tar -c --sort=none --exclude build p m | tar -C "$1" -xm
	find "$1" -exec touch -h -d "2020-02-03 04:05:06" {} +
}
in_order() { # SORT-OPTION TO: both projects, made in this order of names
	mkdir -p "$2"
	find p m -name build -prune -o -type d -print |
		LC_ALL=C sort "$1" | tar -c --no-recursion -T - | tar -xC "$2"
	find p m -name build -prune -o ! -type d -print |
		LC_ALL=C sort "$1" | tar -c --no-recursion -T - | tar -xC "$2"
}
export -f here whole same copy in_order

t "once" 'copy one && cd one
	here first -j 1
	whole first
	[ "$(ls "$build_work/out-first" | wc -l)" = 18 ]
	jq -e ".spdxVersion == \"SPDX-2.3\"" "$build_work/out-first/i.spdx"
	jq -e ".predicate.buildDefinition.externalParameters.name == \"made\"" \
		"$build_work/out-first/m.slsa"'
t "in a folder of another length and other characters" '
	copy "another folder/déep/with,comma" && cd another*/d*/w*
	here folder -j 2
	same folder'
t "where everything is set otherwise" 'copy two && cd two
	umask 077
	export TZ=Asia/Kathmandu LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 COLUMNS=33 \
		USER=somebody HOME=/nonexistent GCC_COLORS=1 EPOCHREALTIME=1
	mkdir "$build_work/tmp here" && export TMPDIR="$build_work/tmp here"
	here set -j 2
	whole set -j 2
	same set'
t "at another time, by a clock that is years ahead" '
	copy clock && cd clock
	faketime -f "+1500d" bash -euc ". \"\$build_lib\"
		[ \$(date +%Y) -gt $(date +%Y) ]
		here clock
		whole clock"
	same clock'
t "in the order in which another file system lists files" '
	shm=$(mktemp -d /dev/shm/slipway.XXXXXX) && trap "rm -rf $shm" EXIT
	listed() { (cd "$1" && find p ! -path "*build*"); }
	in_order -s "$shm/1" && in_order -r "$shm/2"
	# tmpfs lists what was made last first: the two are never the same.
	not diff <(listed "$shm/1") <(listed "$shm/2")
	cd "$shm/1"
	here up
	same up
	cd "$shm/2"
	here down
	same down'
t "with other modes of the sources, as another umask clones them" '
	copy three && chmod -R go-rwx three/*/*.c three/p/src && cd three
	here modes
	same modes'
t "through a link to the folder" 'ln -s one link && cd link
	rm -rf p/build m/build
	here link
	same link'
t "from a folder elsewhere, by the manifest" 'mkdir -p x && cd x
	ln -sfn ../two/p p && ln -sfn ../two/m m && rm -rf p/build/* m/build/*
	here elsewhere
	same elsewhere'
t "from the cache of the first" 'copy four && cd four
	cp -r "$build_work/out-first.cache" "$build_work/out-cache.cache"
	here cache
	says "write"
	same cache'
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	t "by another user" 'chmod 755 "$build_work" && copy five
		rm -rf five/*/src/*.o
		mkdir out-user && chown -R 65534 five out-user
		mkdir out-user.cache && chown 65534 out-user.cache
		cp "$build_lib" lib.sh && chmod 644 lib.sh
		# The folder of the build may be closed to others.
		mkdir inst && cp -RP "${SLIPWAY%/*}" "${SLIPWAY%/*}/../lib" inst
		cd five
		SLIPWAY=$build_work/inst/bin/slipway \
			build_lib=$build_work/lib.sh setpriv --reuid 65534 \
			--clear-groups bash -euc ". $build_work/lib.sh; here user; whole user"
		same user'
else
	skip "by another user" "needs root"
fi
t "all of these are one digest" '
	cat digests && [ "$(cut -d" " -f2 digests | sort -u | wc -l)" = 1 ]
	[ "$(wc -l <digests)" -ge 9 ]'
t "SOURCE_DATE_EPOCH is in the image, and decides" 'cd one
	rm -rf p/build m/build
	SOURCE_DATE_EPOCH=1700000000 here epoch
	tar --utc -tvf "$build_work/out-epoch/i.tar" | grep -v 2023-11-14 && exit 1
	tar --utc -tvf "$build_work/out-first/i.tar" | grep -v 1970-01-01 && exit 1
	cd ../two && rm -rf p/build m/build
	SOURCE_DATE_EPOCH=1700000000 TZ=America/Lima here epoch2
	cd .. && for f in out-epoch/*; do cmp $f out-epoch2/${f##*/}; done'
t "no path of the build is in what is shipped" 'cd "$build_work"
	for f in out-folder/* ; do
		not grep -aqE "another folder|$(basename "$build_work")" $f
	done'
echo "1..$n"
