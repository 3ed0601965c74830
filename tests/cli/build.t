#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slipway build: its command line, its outputs, its messages.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
project p

# --- outputs -------------------------------------------------------------------
t "an image where nothing is asked for" 'build p && [ -s p/build/hello.tar ]
	says "compile main.c" "docker load -i p?.*hello.tar"
	tar -tf p/build/hello.tar | grep -x manifest.json
	tar -tf p/build/hello.tar | grep -x oci-layout'
t "in the current folder" 'cd p && build && says "hello.tar"'
t "by the manifest path" 'build p/slipway.json && says "hello.tar"'
t "-o PATH is an image" 'build -o x.tar p && tar -xOf x.tar manifest.json |
	jq -e ".[0].RepoTags == [\"hello:latest\"]"'
t "a path with = needs type=" 'fails 2 -o a=b.tar p && says "unknown key \"a\""'
t "an OCI folder" 'build --output type=oci,dest=layout p
	jq -e ".schemaVersion == 2" layout/index.json
	for f in layout/blobs/sha256/*; do
		[ "$(sha256sum <$f | cut -d" " -f1)" = "$(basename $f)" ]
	done'
t "an OCI folder again over itself" 'rm layout/index.json
	build --output type=oci,dest=layout p && [ -s layout/index.json ]'
t "an OCI tar" 'build --output type=oci,dest=l.tar p
	mkdir l && tar -C l -xf l.tar && [ -f l/oci-layout ]
	diff <(ls l/blobs/sha256) <(ls layout/blobs/sha256)'
t "a raw disk" 'build --output type=disk,dest=d.img p
	sgdisk -v d.img | grep "No problems found"'
t "the files of a disk tell what brought them" '
	project brought "\"files\": [{\"from\": \"data\", \"to\": \"/srv/x\"},
		{\"from\": \"one\", \"to\": \"/srv/x/one\"},
		{\"to\": \"/srv/l\", \"link\": \"x\"}, {\"dir\": true, \"to\": \"/empty\"}]"
	mkdir -p brought/data/deep && touch brought/data/deep/f brought/one
	build --output type=disk --output type=oci,dest=brought/o.tar,runner=none brought
	"$SLIPWAY" inspect --json --files brought/build/hello/disk.img >o.json
	jq -r ".rootfs.files[] | select(.origin) | .path + \": \" + .origin" \
		o.json >origins
	[ "$(cat origins)" = "empty: files: a folder
srv/l: files: link to x
srv/x: files: data
srv/x/deep: files: data
srv/x/deep/f: files: data
srv/x/one: files: one" ]
	"$SLIPWAY" inspect --files brought/build/hello.img >shown
	not grep "files: data" shown
	"$SLIPWAY" inspect --files brought/o.tar | grep "^  /srv/x  (files: data)"'
t "a folder of files tells its target and base" '
	build --runner none --output type=rootfs,dest=brought/r brought
	"$SLIPWAY" inspect --json brought/r |
		jq -e ".target == \"x86_64-keel\" and .base == \"keel\""'
for format in qcow2 vmdk vhdx vpc; do
	t "a $format disk" "build --output type=disk,format=$format,dest=d.$format p
		qemu-img info -f $format d.$format >/dev/null
		qemu-img convert -f $format -O raw d.$format back
		cmp -n \$(stat -c %s d.img) d.img back"
done
t "the formats beside the manifest have their own names" '
	build p --output type=disk,format=qcow2 --output type=disk,format=raw
	[ -s p/build/hello.qcow2 ] && [ -s p/build/hello.img ]'
t "a kernel" 'build --output type=kernel,dest=k p
	readelf -h k | grep -q "X86-64" && readelf -n k | grep -qi xen'
t "a folder for COPY --from" 'build --output type=rootfs,dest=r p
	[ -x r/slipway/launch ] && cmp r/disk/disk.img d.img
	jq -e . r/slipway/vm.json'
t "a folder for COPY --from over itself" 'rm r/slipway/launch
	build --output type=rootfs,dest=r p && [ -x r/slipway/launch ]'
t "a folder that is not ours is kept" 'mkdir mine && touch mine/thesis
	fails 1 --output type=oci,dest=mine p && says "mine"
	fails 1 --output type=rootfs,dest=mine p && says "mine"
	[ -f mine/thesis ]'
t "several outputs at once" 'rm -f a.tar a.img a.k
	build -o a.tar --output type=disk,dest=a.img --output type=kernel,dest=a.k p
	tar -tf a.tar >/dev/null && cmp a.img d.img && cmp a.k k'
t "one file for two outputs is refused" '
	fails 2 -o a.tar --output type=disk,dest=a.tar p && says "a.tar.*twice"'
t "an output may replace a link, not what it leads to" '
	echo precious >precious && ln -s precious link
	build --output type=kernel,dest=link p && cmp link k
	[ "$(cat precious)" = precious ]'
t "layers without compression" '
	build --output type=docker,dest=plain.tar,compression=none p
	[ $(stat -c %s plain.tar) -gt $(stat -c %s x.tar) ]'
t "an output beside a manifest far away" 'mkdir -p deep/er && cd deep/er
	build ../../p -o ./out.tar && [ -s out.tar ]'
t "a folder as -o is refused" 'mkdir folder
	fails 1 -o folder p && says "folder.*: Is a directory"'
t "devices and pipes are not replaced" 'mkfifo pipe && ln -s pipe to-pipe
	for type in docker oci disk disk,format=qcow2 kernel rootfs; do
		for dest in pipe to-pipe; do
			fails 1 --output type=$type,dest=$dest p
			says "$dest: not a regular file" && [ -p $dest ]
		done
	done'
t "a source is not replaced" 'fails 1 --output type=kernel,dest=p/main.c p
	says "p/main.c is a source" && grep -q puts p/main.c'
t "a folder that is not there is named" '
	fails 1 -o none/x.tar p && says "none/?.*No such file"'

# --- names, targets ---------------------------------------------------------------
tags() {
	tar -xOf "$1" manifest.json | jq -r '.[0].RepoTags[]'
}
export -f tags
t "--tag" 'build p -o t.tar --tag me/app:1 --tag localhost:5000/app
	[ "$(tags t.tar)" = "me/app:1
localhost:5000/app:latest" ]'
t "another --tag makes another image" 'build p -o t.tar --tag b:2
	[ "$(tags t.tar)" = b:2 ] && says "docker run .*b:2"'
t "a bad tag" 'fails 2 p --tag "Not A Tag" && says "Not A Tag"'
t "a target that is not there" 'fails 2 --target x86_64-kel p
	says "x86_64-kel.*did you mean.*x86_64-keel"'
t "a target that is not listed" 'fails 2 --target x86_64-linux p
	says "x86_64-linux"'
t "a target whose machine nothing is there for" '
	mkdir lib && cp -r "${SLIPWAY%/bin/slipway}"/lib/slipway/. lib
	sed "s/x86_64/aarch64/g; s/amd64/arm64/; s/microvm/virt/" \
		lib/targets/x86_64-keel.json >lib/targets/aarch64-keel.json
	project two && sed -i "s/\"target\": \(.*\),/\"targets\": [\1, \"aarch64-keel\"],/" \
		two/slipway.json
	SLIPWAY_LIB=$PWD/lib fails 2 two --target aarch64-keel
	says "target aarch64-keel cannot be built: .* no keel for aarch64 machines"
	[ ! -e two/build ]
	SLIPWAY_LIB=$PWD/lib build two -o two.tar && [ -s two.tar ]'
t "values of one target" '
	project v "\"per_target\": {\"x86_64-keel\": {\"memory\": \"48M\",
		\"cflags\": [\"-DHERE\"]}}"
	sed -i "s/^int main/#ifndef HERE\n#error not here\n#endif\n&/" v/main.c
	build --target x86_64-keel v --output type=kernel
	grep -q "\"memory\": *\(50331648\|\"48M\"\)" v/build/hello/vm.json'

# --- refusals ------------------------------------------------------------------------
refuses() { # NAME PATTERN ARG...
	local name=$1 pattern=$2
	shift 2
	t "$name" "fails 2 $(printf '%q ' "$@") p && says $(printf %q "$pattern")"
}
refuses "an unknown type" 'unknown type "dokcer", did you mean docker' \
	--output type=dokcer
refuses "an unknown key" 'unknown key "dst", did you mean dest' --output dst=x
refuses "an unknown format" 'unknown format "qcow", did you mean qcow2' \
	--output type=disk,format=qcow
refuses "a format of what is no disk" 'format goes with type=disk' \
	--output type=kernel,format=raw
refuses "a compression of what has no layers" 'compression goes with' \
	--output type=disk,compression=none
refuses "an unknown compression" 'unknown compression "lz" .gzip, none, zstd' \
	--output type=oci,compression=lz
refuses "a compression's typing error" 'did you mean gzip' \
	--output type=oci,compression=gip
refuses "a level that is no number" 'compression-level "-1" is not a number' \
	--output type=oci,compression-level=-1
refuses "a level that gzip does not have" 'level 10: gzip has 0 to 9' \
	--output type=oci,compression-level=10
refuses "a level that zstd does not have" 'level 0: zstd has 1 to 22' \
	--output type=oci,compression-level=0,compression=zstd
refuses "a level of what has no layers" 'compression-level goes with' \
	--output type=kernel,compression-level=1
refuses "a runner that is not there" 'unknown runner "kvm" .qemu, none' \
	--runner kvm
refuses "a runner of a disk" 'runner goes with' --output type=disk,runner=none
refuses "an empty path" 'empty' -o ''
refuses "an empty dest" 'empty dest' --output type=oci,dest=
refuses "an empty element" 'KEY=VALUE' --output type=oci,,dest=x
refuses "a type given twice" 'type.*twice' --output type=oci,type=docker
refuses "no number of jobs" 'not a number' -j x
refuses "two manifests" 'more than one manifest' v
refuses "an unknown option" 'unknown option.*--verbos|--verbos' --verbosy
t "a bad SOURCE_DATE_EPOCH" 'for v in "" x -1 1.5 99999999999999999999 " 1"; do
	SOURCE_DATE_EPOCH=$v fails 2 p && says "SOURCE_DATE_EPOCH: \"$v\""
done'
t "a folder without manifest" 'mkdir empty
	fails 2 empty && says "empty/slipway.json: .*No such file"'
t "errors of the manifest, all of them" 'mkdir bad
	echo "{\"name\": \"x\", \"target\": \"x86_64-keel\", \"source\": [],
		\"memory\": \"12Q\"}" >bad/slipway.json
	fails 2 bad
	says "bad/slipway.json:1:40: error: source: .*did you mean .sources" \
		"bad/slipway.json:2:.*12Q" && [ ! -e bad/build ]'
t "a source that is not there" 'project gone && rm gone/main.c
	fails 2 gone && says "slipway.json:4:.*main.c"'
t "what the compiler says, once" 'project broken
	echo "int x = y;" >>broken/main.c
	fails 1 broken
	says "^main.c:8:9: error: .*y. undeclared" "slipway: build hello: .*main.c"
	[ $(grep -c undeclared err) = 1 ] && [ ! -e broken/build/hello.tar ]'
t "also when it is quiet" 'fails 1 -q broken && says undeclared'
t "what the linker says" 'project unlinked
	sed -i "s/puts(/nowhere(/" unlinked/main.c
	fails 1 unlinked && says "undefined reference to .nowhere" "link"'
t "a library that is not there" 'project libs "\"libs\": [\"nolib\"]"
	fails 1 libs && says nolib'
t "warnings do not stop it" 'project warn "\"cflags\": [\"-Wall\"]"
	sed -i "s/return 0;/int unused; return 0;/" warn/main.c
	build warn --output type=kernel && says "unused variable"'

# --- quiet, verbose ---------------------------------------------------------------
t "-q prints nothing" 'rm -rf p/build && build -q p && [ ! -s err ]'
t "-v prints commands that can be pasted" 'rm -rf p/build
	SLIPWAY_CACHE=off build -v --output type=kernel,dest=k2 p
	grep -E "cc .*-c main.c" err | head -n 1 >paste
	[ -s paste ] && mv p/build/hello/obj/main.c.o keep && cd /
	sh -e "$build_work/paste" && cd "$build_work"
	cmp keep p/build/hello/obj/main.c.o'

# --- calls that the base does not have -----------------------------------------------
t "absent calls are named with object and function" '
	mkdir -p absent && cp "$top/templates/hello/slipway.json" absent/
	cat >absent/main.c <<-"END"
	#include <errno.h>
	#include <stdio.h>
	#include <string.h>
	#include <sys/msg.h>
	#include <unistd.h>

	static void try_queue(void)
	{
		int r = msgget(IPC_PRIVATE, 0600);

		printf("msgget %d %s\n", r, r < 0 ? strerror(errno) : "");
	}

	int main(void)
	{
		int r = fork();

		if (r == 0)
			_exit(1);
		printf("fork %d %s\n", r, r < 0 ? strerror(errno) : "");
		try_queue();
		return 0;
	}
	END
	build absent
	says "warning: .*msgget.*main.c.o.*|warning: .*main.c.*msgget" "warning: .*fork"'
t "and fail with ENOSYS in the guest" '
	timeout 60 "$SLIPWAY" run absent </dev/null >out 2>err || true
	grep -x "fork -1 Function not implemented" out
	grep -x "msgget -1 Function not implemented" out'
t "the warning is there with -q too" 'rm -rf absent/build && build -q absent
	says "warning"'
t "a program that calls nothing absent has no warning" 'rm -rf p/build
	build p && silent warning'

# --- packages and commands -----------------------------------------------------------
t "a source package that is not there says what to do" '
	mkdir pkg && printf "%s" "{\"name\": \"pkg\", \"target\": \"x86_64-keel\",
	\"build\": {\"source\": \"nosuchthing/bookworm\",
	\"commands\": [[\"make\"]], \"program\": \"x\"}}" >pkg/slipway.json
	SLIPWAY_SOURCES=$build_work/none fails 1 pkg
	says "nosuchthing" "make deps|slipway doctor|apt-get|fetch"'
commands() { # DIR COMMANDS
	mkdir -p "$1/src"
	printf '{"name": "app", "target": "x86_64-keel", "build": {"dir": "src",
	"commands": %s, "program": "app"}}\n' "$2" >"$1/slipway.json"
}
commands cmd '[["sh", "-c", "seq 1000; echo the reason >&2; exit 3"]]'
t "a command that fails shows its last lines" 'fails 1 cmd
	says "exit status 3" "^the reason" "^1000" "src" && silent "^500$"'
commands sig '[["sh", "-c", "echo said; kill -9 $$"]]'
t "a command that dies says by what" 'fails 1 sig
	says "signal 9" said'
commands none '[["no-such-program-here"]]'
t "a command that is not there" 'fails 1 none
	says "no-such-program-here.*No such file"'
commands named '[["x86_64-keel-cc", "-o", "app", "main.c"]]'
t "a command that is a tool of the target" 'cp p/main.c named/src/
	PATH=/usr/bin:/bin build named --output type=kernel && [ -x named/src/app ]'
commands left '[["true"]]'
t "commands that leave no program" 'fails 1 left
	says "src/app.*build.program"'
commands host '[["cp", "/bin/true", "app"]]'
t "a program of another compiler is refused" 'fails 1 host
	says "x86_64-keel-cc|CC"'
commands mine '[["make", "-j${jobs}", "app"]]'
t "a folder with its own Makefile" 'cat >mine/src/Makefile <<"END"
app: main.o part.o
	$(CC) -o $@ main.o part.o
%.o: %.c
	$(CC) -c -o $@ $<
END
	echo "int part(void); int main(void) { return part(); }" >mine/src/main.c
	echo "int part(void) { return 7; }" >mine/src/part.c
	build mine && says "make" "link onto keel"
	status=0; "$SLIPWAY" run mine </dev/null || status=$?; [ $status = 7 ]'
t "nothing changed: nothing is linked or written again" '
	stat -c "%n %y" mine/build/app/* mine/build/app.tar >before
	build mine && silent "link|write|disk"
	stat -c "%n %y" mine/build/app/* mine/build/app.tar | diff before -'
t "a changed source goes all the way" 'sed -i s/7/8/ mine/src/part.c
	build mine && says "link onto keel"
	status=0; "$SLIPWAY" run mine </dev/null || status=$?; [ $status = 8 ]'

# --- a second build ------------------------------------------------------------
t "--verify: the same bytes again" '
	TMPDIR=$PWD build --verify -o v.tar --output type=rootfs,dest=vr \
		--output type=oci,dest=vo --output type=disk,format=vhdx,dest=v.vhdx p
	says "verify" && cmp v.tar x.tar && [ -z "$(ls -d slipway-verify*)" ]'
commands drawn '[["sh", "build.sh"]]'
cat >drawn/src/build.sh <<'END'
date +'const char t[] = "%N";' >t.c
$CC -o app main.c t.c
END
echo 'extern char t[]; int main(void) { return t[0]; }' >drawn/src/main.c
t "--verify: what differs is told, and kept" '
	TMPDIR=$PWD fails 1 --verify --output type=kernel,dest=drawn.k drawn
	says "drawn.k is not the same the second time"
	status=0
	"$SLIPWAY" inspect drawn.k slipway-verify*/1/drawn.k >out || status=$?
	[ $status = 1 ] && grep "^segments" out'
commands once '[["sh", "build.sh"]]'
printf 'mkdir %s/was && $CC -o app main.c\n' "$build_work" >once/src/build.sh
echo 'int main(void) { return 0; }' >once/src/main.c
t "--verify: the second build fails" '
	TMPDIR=$PWD fails 1 --verify once && says "verify: .*exit status 1"'

# --- where it is called from ------------------------------------------------------
t "odd characters in paths" 'odd="a b'\''c\"d\$e&f;g*[h]%i,j"
	project "$odd/k  l" "\"files\": [{\"from\": \"x y\", \"to\": \"/x y\"}]"
	echo data >"$odd/k  l/x y"
	build "$odd/k  l" && [ -s "$odd/k  l/build/hello.tar" ]
	cd "$odd/k  l" && build -o "o '\''.tar" --output type=kernel
	[ -s "o '\''.tar" ] && cmp build/hello.elf "$build_work/k2"'
t "a symlinked project" 'ln -s p linked && build linked -o s.tar
	cmp s.tar x.tar && [ ! -L linked/build ]'
t "called through a link" 'mkdir -p elsewhere && ln -sf "$SLIPWAY" elsewhere/sw
	rm -rf p/build
	SLIPWAY=$build_work/elsewhere/sw build p -o s.tar && cmp s.tar x.tar'
t "called by PATH" 'rm -rf p/build
	PATH=$(dirname "$SLIPWAY"):$PATH SLIPWAY=slipway build p -o s.tar
	cmp s.tar x.tar'
t "a wrong SLIPWAY_LIB" 'for lib in /nowhere "$build_work"; do
	SLIPWAY_LIB=$lib fails 1 p
	says "SLIPWAY_LIB" "$lib"
done'
t "a SLIPWAY_LIB that is right" '
	SLIPWAY_LIB=$(dirname "$SLIPWAY")/../lib/slipway build p'
t "no HOME, no cache, an empty environment" 'rm -rf p/build
	env -i PATH=/usr/bin:/bin "$SLIPWAY" build -q p -o s.tar && cmp s.tar x.tar'
t "closed stdin and stdout" 'rm -rf p/build
	"$SLIPWAY" build -q p -o s.tar <&- >&- 2>&- && cmp s.tar x.tar'
echo "1..$n"
