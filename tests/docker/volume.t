#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Volumes under Docker: one program as a plain static Linux program and as a
# virtual machine. What it sees of the container's mounts, and what it leaves
# there, must be the same.
# shellcheck disable=SC2015,SC2016,SC2129,SC2181
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
# shellcheck source=tests/target.sh
. tests/target.sh

engine_begin

mkdir "$dir/app"
cp tests/docker/volume-tool.c "$dir/app/main.c"
mkdir -p "$dir/app/seed/deep"
echo first >"$dir/app/seed/a"
echo deep >"$dir/app/seed/deep/c"
cat >"$dir/app/slipway.json" <<END
{
	"name": "volume",
	"target": "$target",
	"memory": "$target_memory",
	"sources": ["main.c"],
	"volumes": ["/declared", "/seeded"],
	"files": [
		{"from": "seed", "to": "/seeded", "owner": "7:8"},
		{"from": "seed/a", "to": "/seeded/b", "mode": "0600"}
	],
	"tags": ["volume:vm"]
}
END
timeout 300 "$SLIPWAY" build -o "$dir/vm.tar" "$dir/app" >"$dir/log" 2>&1 ||
	bail "slipway build: $(tail -n 20 "$dir/log")"
docker load -q -i "$dir/vm.tar" >"$dir/log" 2>&1 ||
	bail "docker load: $(cat "$dir/log")"
mkdir -p "$dir/root/seeded"
cp "$dir/app/build/volume/program" "$dir/root"
cp -r "$dir/app/seed/." "$dir/root/seeded"
cp "$dir/app/seed/a" "$dir/root/seeded/b"
chown -R 7:8 "$dir/root/seeded"
chown 0:0 "$dir/root/seeded/b"
chmod 600 "$dir/root/seeded/b"
tar -C "$dir/root" -c . |
	docker import -c 'ENTRYPOINT ["/program"]' \
		-c 'VOLUME /declared' -c 'VOLUME /seeded' - \
		volume:linux >"$dir/log" 2>&1 ||
	bail "docker import: $(cat "$dir/log")"

chmod 755 "$dir"
fresh() { # a folder with something in it, for each of the two
	for i in linux vm; do
		rm -rf "${dir:?}/$i"
		mkdir -m 777 "$dir/$i" "$dir/$i/sub"
		echo "from the host" >"$dir/$i/here"
		echo "a file alone" >"$dir/$i.file"
		chmod 666 "$dir/$i.file"
	done
}
# Runs one image: options of docker run, then `--`, then the arguments; an @
# stands for the image's own folder.
one() { # IMAGE ...
	image=$1
	shift
	words=()
	seen=
	for w; do
		if [ "$w" = -- ] && [ -z "$seen" ]; then
			seen=1
			words+=("volume:$image")
		else
			words+=("${w//@/$dir/$image}")
		fi
	done
	timeout 60 docker run --rm "${words[@]}" \
		>"$dir/$image.out" 2>"$dir/$image.err"
	echo $? >"$dir/$image.status"
}
tree() { # what is left at the host
	(cd "$dir/$1" && find . -printf '%p %y %m %U:%G %s %l\n' |
		sed 's/ d \([0-9]*\) \([0-9:]*\) [0-9]*/ d \1 \2/' | sort &&
		find . -type f -exec cat {} +; cat "../$1.file")
}
same() { # NAME [OPTION]... -- ARG...
	name=$1
	shift
	fresh
	one linux "$@"
	one vm "$@"
	tree linux >"$dir/linux.tree"
	tree vm >"$dir/vm.tree"
	why=$(for f in status out err tree; do
		cmp -s "$dir/linux.$f" "$dir/vm.$f" || {
			echo "$f differs:"
			diff -a "$dir/linux.$f" "$dir/vm.$f" | head -n 12
		}
	done)
	report "$name" "$why"
}

# --- the same in both ---------------------------------------------------------
same "a folder: read, write, rename, remove" -v @:/data -- \
	get /data/here put /data/new text append /data/new more \
	stat /data/new mkdir /data/dir move /data/new /data/dir/moved \
	list /data list /data/dir chmod /data/dir/moved 600 \
	put /data/here short rm /data/dir rm /data/sub get /data/none
same "a folder that is read-only" -v @:/data:ro -- get /data/here \
	put /data/new text put /data/here text mkdir /data/dir rm /data/here \
	move /data/here /data/there chmod /data/here 600 list /data
same "one in another, the inner read-only" -v @:/data -v @/sub:/data/deep:ro \
	-- put /data/a 1 put /data/deep/b 2 put /data/sub/c 3 get /data/deep/c \
	list /data
same "one in another, the outer read-only" -v @:/data:ro -v @/sub:/data/sub \
	-- put /data/a 1 put /data/sub/b 2 get /data/sub/b list /data/sub
same "a read-only root, no capability, any user" --read-only --cap-drop ALL \
	--user 65534:65534 --network none \
	--security-opt no-new-privileges -v @:/data -- \
	put /data/new text stat /data/new mkdir /data/dir list /data \
	put /data/here text chown /data/new 0
same "another user meets the permissions" --user 1000:1000 -v @:/data -- \
	get /data/here put /data/here text put /data/sub/new text \
	chmod /data/here 600 rm /data/sub put /data/new text stat /data/new
same "a place with blanks, commas and quotes" \
	-v "@:/a b,c/\"d\"" -- put "/a b,c/\"d\"/e" f list "/a b,c/\"d\""
same "a tmpfs with a size" --tmpfs /mem:size=64k,mode=711 -- \
	stat /mem size /mem fill /mem/a rm /mem/a put /mem/b text get /mem/b
same "a tmpfs without one" --tmpfs /mem -- put /mem/b text get /mem/b stat /mem
same "a declared volume is there, empty, and can be written" -- \
	list /declared put /declared/a text get /declared/a
same "a new volume has what the image has at its place" -- stat /seeded \
	list /seeded list /seeded/deep get /seeded/deep/c stat /seeded/deep/c \
	stat /seeded/b put /seeded/a changed get /seeded/a
same "a folder in a volume's place has only its own" -v @:/seeded -- \
	list /seeded
same "a file alone, read-only" -v @.file:/etc/app/app.conf:ro -- \
	get /etc/app/app.conf put /etc/app/app.conf text list /etc/app \
	stat /etc/app/app.conf
same "a file in a folder is the host's" -v @:/data -v @.file:/data/here -- \
	get /data/here put /data/here changed get /data/here

# --- where they differ, or one is enough --------------------------------------
fresh
one vm -v @.file:/etc/app.conf -- get /etc/app.conf put /etc/app.conf text \
	get /etc/app.conf
report "a file alone cannot be written, and says so" "$(
	[ "$(cat "$dir/vm.out")" = 'get /etc/app.conf: "a file alone
"
put /etc/app.conf: Read-only file system
get /etc/app.conf: "a file alone
"' ] && [ "$(cat "$dir/vm.file")" = "a file alone" ] ||
		wrong "$dir/vm.status" "$dir/vm.out" "$dir/vm.err"
)"

docker volume create shared >/dev/null
timeout 60 docker run --rm -v shared:/v volume:linux put /v/linux one \
	>"$dir/out" 2>&1
timeout 60 docker run --rm -v shared:/v volume:vm get /v/linux put /v/vm two \
	>>"$dir/out" 2>&1
timeout 60 docker run --rm -v shared:/v volume:linux get /v/vm rm /v/linux \
	>>"$dir/out" 2>&1
timeout 60 docker run --rm -v shared:/v volume:vm list /v >>"$dir/out" 2>&1
report "a named volume goes from one to the other" "$(
	[ "$(tail -n 5 "$dir/out")" = 'get /v/linux: "one"
put /v/vm: ok
get /v/vm: "two"
rm /v/linux: ok
list /v: vm' ] || wrong "$dir/out"
)"

# Memory that containers share is no --tmpfs; it is full for both.
docker volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=1m small \
	>/dev/null
for image in linux vm; do
	timeout 60 docker run --rm -v small:/v volume:$image size /v fill /v/a \
		rm /v/a put /v/b text get /v/b >"$dir/$image.out" 2>&1
done
report "a full volume is full for the program" "$(
	grep -q '^fill /v/a: 1024 KiB, No space left' "$dir/linux.out" ||
		wrong "$dir/linux.out"
	diff "$dir/linux.out" "$dir/vm.out"
)"

# Both run at once: the machine sees what is changed under it.
id=$(docker run -d -v shared:/v volume:vm get /v/vm wait /v/new get /v/vm \
	list /v)
for _ in $(seq 300); do
	docker logs "$id" 2>&1 | grep -q two && break
	sleep 0.2
done
docker run --rm -v shared:/v volume:linux put /v/vm three put /v/new x \
	>/dev/null 2>&1
timeout 60 docker wait "$id" >/dev/null
docker logs "$id" >"$dir/out" 2>&1
docker rm "$id" >/dev/null
report "what another container changes is seen at once" "$(
	[ "$(cat "$dir/out")" = 'get /v/vm: "two"
get /v/vm: "three"
list /v: new vm' ] || wrong "$dir/out"
)"

fresh
truncate -s 1M "$dir/vm/disk"
printf 'on the disk' | dd of="$dir/vm/disk" conv=notrunc status=none
one vm -v @/disk:/dev/vdb -- stat /dev/vdb put /dev/vdb "written"
report "a file as a second disk" "$(
	grep -q '^stat /dev/vdb: mode 60660' "$dir/vm.out" &&
		grep -q '^put /dev/vdb: ok' "$dir/vm.out" &&
		[ "$(head -c 11 "$dir/vm/disk")" = writtendisk ] &&
		[ "$(stat -c %s "$dir/vm/disk")" = 1048576 ] ||
		wrong "$dir/vm.status" "$dir/vm.out" "$dir/vm.err"
)"
one vm -v @/disk:/dev/vdc -- get /dev/vdc
report "disks begin at vdb" "$(
	[ "$(cat "$dir/vm.status")" = 125 ] &&
		grep -q 'next one is /dev/vdb' "$dir/vm.err" ||
		wrong "$dir/vm.status" "$dir/vm.err"
)"
one vm -v "${DOCKER_HOST#unix://}:/run/docker.sock" -- list /run
report "a socket is refused by its name" "$(
	[ "$(cat "$dir/vm.status")" = 125 ] &&
		grep -q '/run/docker.sock: neither a folder nor a regular' \
			"$dir/vm.err" || wrong "$dir/vm.status" "$dir/vm.err"
)"
many=()
for i in 1 2 3 4 5 6 7 8 9; do
	many+=(-v "@:/many/$i")
done
one vm "${many[@]}" -- put /many/1/x text get /many/9/x
report "more volumes than a microvm has places" "$(
	grep -q '^get /many/9/x: "text"' "$dir/vm.out" ||
		wrong "$dir/vm.status" "$dir/vm.out" "$dir/vm.err"
)"
echo "1..$n"
