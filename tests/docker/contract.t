#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The container contract. One program is in two images: as a plain static
# Linux program, and as a virtual machine. What Docker gives them and gets
# from them must be the same.
# shellcheck disable=SC1003,SC2015,SC2016,SC2181
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
# shellcheck source=tests/target.sh
. tests/target.sh
ms() {
	date +%s%3N
}

engine_begin

# --- the two images ---------------------------------------------------------
mkdir "$dir/app"
cp tests/guest/contract-main.c "$dir/app/main.c"
cat >"$dir/app/slipway.json" <<END
{
	"name": "contract",
	"target": "$target",
	"memory": "$target_memory",
	"sources": ["main.c"],
	"tags": ["contract:vm"]
}
END
timeout 300 "$SLIPWAY" build -o "$dir/vm.tar" "$dir/app" >"$dir/log" 2>&1 ||
	bail "slipway build: $(tail -n 20 "$dir/log")"
docker load -q -i "$dir/vm.tar" >"$dir/log" 2>&1 ||
	bail "docker load: $(cat "$dir/log")"
tar -C "$dir/app/build/contract" -c program |
	docker import -c 'ENTRYPOINT ["/program"]' - contract:linux \
		>"$dir/log" 2>&1 || bail "docker import: $(cat "$dir/log")"

# --- helpers ------------------------------------------------------------------
# Runs both; input comes from $dir/in. Options of docker run, then `--`, then
# the arguments.
one() { # IMAGE ...
	image=$1
	shift
	opts=()
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	timeout 60 docker run --rm "${opts[@]}" "contract:$image" "$@" \
		<"$dir/in" >"$dir/$image.out" 2>"$dir/$image.err"
	echo $? >"$dir/$image.status"
}
differ() {
	# The engine itself failed, or it took too long.
	grep -qxE '12[45]' "$dir/linux.status" && cat "$dir/linux.err"
	for f in status out err; do
		cmp -s "$dir/linux.$f" "$dir/vm.$f" || {
			echo "$f differs:"
			diff -a "$dir/linux.$f" "$dir/vm.$f" | head -n 6 |
				cut -c 1-200
		}
	done
}
same() { # NAME [OPTION]... -- ARG...
	name=$1
	shift
	one linux "$@"
	one vm "$@"
	report "$name" "$(differ)"
}
# Until the program in a container says that it waits.
await() { # NAME
	for _ in $(seq 600); do
		docker logs "$1" 2>/dev/null | grep -aq waiting && return 0
		sleep 0.1
	done
	echo "# $1 did not start within 60 s"
	return 1
}
# The image alone: status, and all of its output.
gives() { # NAME STATUS STDOUT [OPTION]... -- ARG...
	name=$1 status=$2 out=$3
	shift 3
	one vm "$@"
	report "$name" "$(
		[ "$(cat "$dir/vm.status")" = "$status" ] ||
			echo "status $(cat "$dir/vm.status"), wanted $status"
		[ "$(cat "$dir/vm.out")" = "$out" ] ||
			echo "stdout $(head -c 300 "$dir/vm.out")"
	)"
}
: >"$dir/in"
empty=$dir/in

# --- statuses -----------------------------------------------------------------
for s in 0 1 7 255; do
	same "exit status $s" -- exit $s
done
gives "abort is 134" 134 "" -- abort
gives "a segmentation fault is 139" 139 "" -- segv
report "and tells where on standard error" "$(
	grep -qiE 'segv|fault' "$dir/vm.err" || wrong "$dir/vm.err"
)"

# --- arguments and environment --------------------------------------------------
same "no argument at all" --
same "arguments of all kinds" -- args "a b" "" "it's \"quoted\"" -- --x -v \
	"a,b=c" $'two\nlines' "grüße 💧" '$HOME %s \' -m 12
big=$(printf '%0100000d' 0 | tr 0 'x ')
same "200 KB of arguments" -- args "$big" "${big%xx}" end
envs=()
for i in $(seq 1000); do
	envs+=(-e "VAR_$i=value $i, \"$((i * 7))\" ü")
done
# An engine shuffles them: here in one order for both, below as they came.
one linux --hostname box "${envs[@]}" -e EMPTY= -e $'LINES=a\nb' -- env
one vm --hostname box "${envs[@]}" -e EMPTY= -e $'LINES=a\nb' -- env
for i in linux vm; do
	sort -z "$dir/$i.out" >"$dir/sorted" && mv "$dir/sorted" "$dir/$i.out"
done
report "1,000 variables, byte for byte" "$(differ)"
# The engine's log cuts long lines, also within a character: plain ones here.
docker run -d --name env "${envs[@]//ü/u}" contract:vm env-sleep >/dev/null
await env
docker logs env 2>&1 | sed -z '/^waiting/d' >"$dir/logs"
pid=$(docker inspect -f '{{.State.Pid}}' env)
report "and in their order" "$(
	tr '\0' '\n' <"/proc/$pid/environ" >"$dir/environ"
	tr '\0' '\n' <"$dir/logs" | diff - "$dir/environ" 2>&1
)"
docker rm -f env >/dev/null
same "host name, working directory" --hostname box -w /tmp/x/y -- where
for f in hosts hostname resolv.conf; do
	same "/etc/$f is the container's" --hostname box --network none \
		--add-host far:10.1.2.3 --dns 10.9.8.7 -- file /etc/$f
done

# --- streams --------------------------------------------------------------------
printf 'x\n' >"$dir/in"
same "echo x | docker run -i" -i -- cat
seq 200000 >"$dir/in"
same "a megabyte through, with its end" -i -- cat
same "no input without -i" -- cat
: >"$empty"
same "output and error stay apart, nothing else is there" -- streams
report "the launcher talks when asked, on standard error" "$(
	one vm -e SLIPWAY_VERBOSE=1 -- exit 0
	[ ! -s "$dir/vm.out" ] && grep -q qemu-system "$dir/vm.err" || wrong "$dir/vm.out" "$dir/vm.err"
)"

# --- confinement and limits -------------------------------------------------------
same "read-only, no capability, any user, no network" --read-only \
	--cap-drop ALL --user 65534 --network none --hostname box \
	--security-opt no-new-privileges -- where
same "memory for files is no volume" --tmpfs /tmp --hostname box -- where
memory() { # NAME LIMIT-MIB LOW-MIB HIGH-MIB
	one vm -m "${2}m" -- memory
	got=$(cat "$dir/vm.out")
	got=$((${got:-0} >> 20))
	report "$1" "$([ "$got" -ge "$3" ] && [ "$got" -le "$4" ] ||
		echo "$got MiB; $(cat "$dir/vm.err")")"
}
# shellcheck disable=SC2086 # words are wanted
set -- $target_limits
memory "-m ${1}m is seen by the program" "$1" "$2" "$1"
memory "and so is -m ${3}m" "$3" "$4" "$3"
one vm -m "${1}m" -- fill
report "the guest runs out of memory before the container does" "$(
	[ "$(cat "$dir/vm.status")" = 137 ] &&
		grep -q 'out of memory: the program needs' "$dir/vm.err" ||
		wrong "$dir/vm.status" "$dir/vm.err"
)"
one vm -m ${target_low}m -- exit 0
report "a limit that is too small is told, with one that is not" "$(
	[ "$(cat "$dir/vm.status")" = 125 ] &&
		grep -qE 'too small.*at least [0-9]+ MiB' "$dir/vm.err" || wrong "$dir/vm.status" "$dir/vm.err"
)"

# --- signals and stopping ---------------------------------------------------------
# Starts a container that runs until told, and waits for its first line.
start() { # NAME ARG...
	name=$1
	shift
	docker run -d --name "$name" contract:vm "$@" >/dev/null
	await "$name"
}
status_of() {
	docker wait "$1"
	docker rm "$1" >/dev/null
}
for word in sleep spin; do
	start "stop-$word" $word
	at=$(ms)
	docker stop "stop-$word" >/dev/null
	took=$(($(ms) - at))
	report "docker stop of a program that does $word" "$(
		s=$(status_of "stop-$word")
		[ "$s" = 143 ] && [ $took -lt 2000 ] || echo "$s, $took ms"
	)"
done
start catch catch
docker stop catch >/dev/null
report "docker stop reaches a handler, which has time" "$(
	log=$(docker logs catch 2>&1)
	s=$(status_of catch)
	[ "$s" = 5 ] && [ "$log" = "$(printf 'waiting\ncaught 15')" ] ||
		echo "$s, $log"
)"
for s in INT:130 HUP:129 QUIT:131 USR1:138 USR2:140 TERM:143; do
	start "sig" sleep
	docker kill -s "${s%:*}" sig >/dev/null
	report "SIG${s%:*} ends with ${s#*:}" "$(
		got=$(status_of sig)
		[ "$got" = "${s#*:}" ] || echo "got $got"
	)"
done
start kill sleep
docker kill kill >/dev/null
report "docker kill ends with 137" "$(
	got=$(status_of kill)
	[ "$got" = 137 ] || echo "got $got"
)"

# --- the image as Docker gives it back ------------------------------------------
docker save contract:vm -o "$dir/saved.tar"
gzip -1 "$dir/saved.tar"
timeout 60 "$SLIPWAY" run "$dir/saved.tar.gz" -- exit 9 >"$dir/log" 2>&1
report "slipway run takes what docker save wrote" "$([ $? = 9 ] ||
	wrong "$dir/log")"

# --- two at once --------------------------------------------------------------------
mkfifo "$dir/a.in" "$dir/b.in"
trap '' PIPE # a container that died shows as a failure below
timeout 60 docker run --rm -i contract:vm cat <"$dir/a.in" >"$dir/a.out" 2>&1 &
a=$!
timeout 60 docker run --rm -i contract:vm cat <"$dir/b.in" >"$dir/b.out" 2>&1 &
b=$!
exec 5>"$dir/a.in" 6>"$dir/b.in"
echo one >&5
echo two >&6
for _ in $(seq 100); do
	[ -s "$dir/a.out" ] && [ -s "$dir/b.out" ] && break
	sleep 0.1
done
echo three >&5
exec 5>&- 6>&-
wait $a && wait $b
status=$?
report "two containers of one image at once" "$(
	[ $status = 0 ] && [ "$(cat "$dir/a.out")" = $'one\nthree' ] &&
		[ "$(cat "$dir/b.out")" = two ] ||
		echo "$status, $(cat "$dir/a.out"), $(cat "$dir/b.out")"
)"

# --- a terminal ---------------------------------------------------------------------
# A key is pressed when the program is ready for it.
tty() { # IMAGE WORD INPUT
	: >"$dir/typed"
	{
		for _ in $(seq 600); do
			[ -z "$3" ] || grep -aq ready "$dir/typed" && break
			sleep 0.1
		done
		printf '%s' "$3"
		until [ -f "$dir/ended" ]; do sleep 0.1; done
	} | {
		timeout 60 script -qefc "stty rows 33 cols 101;
			docker run --rm -it contract:$1 $2" /dev/null \
			>"$dir/typed" 2>"$dir/$1.err"
		echo $? >"$dir/$1.status"
		touch "$dir/ended"
	}
	rm "$dir/ended"
	tr -d '\r' <"$dir/typed" >"$dir/$1.out"
}
for word in tty key; do
	key=
	[ $word = tty ] || key=k
	tty linux $word "$key"
	tty vm $word "$key"
	report "a terminal: $word" "$(differ)"
done
report "a terminal has three ends and a key comes alone" "$(
	grep -q 'key=6b' "$dir/vm.out" || wrong "$dir/vm.out"
)"
echo "1..$n"
