#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slipway run: its command line, and the things that it can start.
# shellcheck disable=SC2015,SC2181
set -u
. tests/tap.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
run() {
	timeout 60 "$SLIPWAY" run "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}
refuses() { # NAME STATUS PATTERN ARG...
	name=$1 want=$2 pattern=$3
	shift 3
	run "$@" </dev/null
	report "$name" "$([ $status = "$want" ] && [ ! -s "$dir/out" ] &&
		grep -qE -- "$pattern" "$dir/err" ||
		echo "$status: $(cat "$dir/out" "$dir/err")")"
}
gives() { # NAME STATUS STDOUT ARG...
	name=$1 want=$2 out=$3
	shift 3
	run "$@" </dev/null
	report "$name" "$([ $status = "$want" ] && [ ! -s "$dir/err" ] &&
		[ "$(cat "$dir/out")" = "$out" ] ||
		echo "$status: $(cat "$dir/out" "$dir/err")")"
}

refuses "no port" 2 '"x:80" is not a port' -p x:80
refuses "a protocol that is none" 2 'tcp or udp' -p 80:80/sctp
refuses "an unknown network" 2 'one of user, none' --network host
refuses "a volume with a name" 2 "volumes with a name are Docker.s" -v a:/b
refuses "a volume without a place" 2 "is not HOST:GUEST" -v ./a
refuses "a volume at a relative path" 2 "is not absolute" -v /tmp:b
refuses "a volume at the root" 2 "root cannot be a volume" -v /tmp:/
refuses "a volume that is not there" 2 "No such file" -v ./none:/b
refuses "a volume with a bad mode" 2 "not one of ro, rw" -v /tmp:/b:rx
refuses "two volumes at one place" 2 "two volumes at /b" -v /tmp:/b -v /:/b
refuses "a disk that is not the next" 2 "next one is /dev/vdb" -v /etc/passwd:/dev/vdc
refuses "no number of processors" 2 'not a number' --cpus x
refuses "a bad size" 2 '"12Q" is not a size' -m 12Q
refuses "a size that is too small" 2 'not a size of 1M or more' -m 1k
refuses "an unknown machine" 2 'one of microvm, q35, pc' --machine vax
refuses "an unknown accelerator" 2 'one of kvm, tcg, auto' --accel x
refuses "a variable without a name" 2 'has no name' -e =x
refuses "an unknown option" 2 'bogus' --bogus
refuses "arguments that are not behind --" 2 'go behind --' "$dir" x
refuses "what is not there" 1 'No such file' "$dir/none"
refuses "a folder with nothing to run" 2 'slipway.json' "$dir"
echo text >"$dir/text"
refuses "a file that is nothing to run" 2 'not a manifest, an image' "$dir/text"
tar -C "$dir" -cf "$dir/x.tar" text
refuses "a tar that is no image" 1 'not an image' "$dir/x.tar"
mkdir "$dir/layout" && echo '{}' >"$dir/layout/oci-layout"
refuses "an OCI layout" 2 'as a tar file' "$dir/layout"
mkdir "$dir/bad" && echo '{"version": 1, "nme": "x"}' >"$dir/bad/vm.json"
refuses "a broken vm.json" 1 'unknown key "nme"' "$dir/bad"
printf '\177ELF' >"$dir/elf"
refuses "a broken kernel" 1 'elf' "$dir/elf"
refuses "a program that is no kernel" 1 'not a kernel: .*no PVH entry|not a kernel: a segment' \
	"$SLIPWAY"

# --- an application in all its forms ------------------------------------------
mkdir "$dir/app"
cp tests/guest/contract-main.c "$dir/app/main.c"
cat >"$dir/app/slipway.json" <<END
{
	"name": "app",
	"target": "x86_64-keel",
	"sources": ["main.c"],
	"args": ["args", "from the manifest"],
	"env": {"A": "1", "B": "2"},
	"files": [{"to": "/etc/motd", "from": "main.c"}],
	"volumes": ["/data", "/more"],
	"exclusive": ["/data"]
}
END
timeout 300 "$SLIPWAY" build -o "$dir/app.tar" \
	-o "type=disk,dest=$dir/app.img" -o "type=kernel,dest=$dir/app.elf" \
	-o "type=rootfs,dest=$dir/rootfs" \
	-o "type=disk,format=qcow2,dest=$dir/app.qcow2" "$dir/app" \
	>"$dir/log" 2>&1
report "build" "$([ $? = 0 ] || wrong "$dir/log")"
said=$'args\nfrom the manifest'
lines() {
	tr '\0' '\n' <"$dir/out"
}
for what in app app/slipway.json app/build/app app.tar app.img app.elf rootfs; do
	run "$dir/$what" </dev/null
	report "$what runs with the manifest's arguments" "$(
		[ $status = 0 ] && [ "$(lines)" = "$said" ] ||
			echo "$status: $(lines; cat "$dir/err")"
	)"
	gives "$what gives the program's status" 42 "" "$dir/$what" -- exit 42
	run "$dir/$what" -e B=3 -e C=4 -- env </dev/null
	report "$what takes variables" "$(
		[ "$(lines)" = $'A=1\nB=3\nC=4' ] || wrong "$dir/out" "$dir/err"
	)"
done
for machine in microvm q35 pc; do
	gives "on machine $machine" 7 "" "$dir/app" --machine $machine -- exit 7
done
refuses "more processors than the base has" 2 "its base can use 1" \
	--cpus 2 "$dir/app"
run "$dir/app.qcow2" </dev/null
report "a qcow2 disk boots to its serial console" "$(
	grep -aq 'from the manifest' "$dir/out" || wrong "$dir/out" "$dir/err"
)"
refuses "and takes no arguments" 2 'cannot be given' "$dir/app.qcow2" -- x
cp "$dir/app/main.c" "$dir/main.c"
run "$dir/app" -- file /etc/motd </dev/null
report "files of the manifest are there" "$(
	cmp "$dir/main.c" "$dir/out" 2>&1
)"
seq 1000 >"$dir/in"
run "$dir/app" -- cat <"$dir/in"
report "standard input" "$(cmp "$dir/in" "$dir/out" 2>&1)"
run "$dir/app" -m 32M -- memory </dev/null
report "memory as asked for" "$(
	mib=$(cat "$dir/out")
	mib=$((${mib:-0} >> 20))
	[ $mib -le 32 ] && [ $mib -ge 24 ] || echo "$mib MiB"
)"
run "$dir/app" --verbose -- exit 3 </dev/null
report "--verbose shows QEMU's command" "$(
	[ $status = 3 ] && grep -q 'qemu-system-x86_64 .*-kernel' "$dir/err" ||
		wrong "$dir/err"
)"
FROM_HERE="a b" run "$dir/app" -e FROM_HERE -e NOT_HERE -- env </dev/null
report "-e NAME passes a variable on as it is here" "$(
	[ "$(lines)" = $'A=1\nB=2\nFROM_HERE=a b' ] || wrong "$dir/out"
)"
run "$dir/app" -- where </dev/null
report "the host name is the application's" "$(
	[ "$(cat "$dir/out")" = "app /" ] || wrong "$dir/out" "$dir/err"
)"
# --- a volume for one machine at a time ------------------------------------------
mkdir "$dir/data"
report "an exclusive volume of another is refused" "$(
	exec 7<"$dir/data"
	flock -s 7
	run "$dir/app" -v "$dir/data:/data" -- exit 3 </dev/null 7>&-
	[ $status = 125 ] && grep -q 'volume /data: another machine has it' \
		"$dir/err" || echo "$status: $(cat "$dir/err")"
	run "$dir/app" -v "$dir/data:/data:ro" -- exit 3 </dev/null 7>&-
	[ $status = 3 ] || echo "read-only: $status: $(cat "$dir/err")"
	run "$dir/app" -v "$dir/data:/more" -- exit 3 </dev/null 7>&-
	[ $status = 3 ] || echo "elsewhere: $status: $(cat "$dir/err")"
)"
mkfifo "$dir/hold"
timeout 120 "$SLIPWAY" run "$dir/app" -v "$dir/data:/data" -- cat \
	<"$dir/hold" >"$dir/held" 2>&1 &
pid=$!
exec 6>"$dir/hold"
echo here >&6
for _ in $(seq 600); do
	[ ! -s "$dir/held" ] || break
	sleep 0.1
done
report "the machine that has it keeps it, and no longer than it runs" "$(
	flock -n "$dir/data" true && echo "nobody has it"
	grep -qx here "$dir/held" || cat "$dir/held"
)"
# Without a word: QEMU goes, and with it the lock.
kill -KILL "$(pgrep -P $pid)"
exec 6>&-
wait $pid
run "$dir/app" -v "$dir/data:/data" -- exit 3 </dev/null
report "also when the command was killed" "$([ $status = 3 ] || wrong "$dir/err")"
sed -i 's/return atoi(arg);/return atoi(arg) + 1;/' "$dir/app/main.c"
gives "a source that changed is built again" 43 "" "$dir/app" -- exit 42
gives "what was built before stays" 42 "" "$dir/app.elf" -- exit 42
echo '#error no' >"$dir/app/main.c"
refuses "what cannot be built is not run" 1 'main.c:1:2: error: #error no' \
	"$dir/app" -- exit 42
left=$(find /tmp -maxdepth 1 -name 'slipway-run*' -newer "$dir/text" | wc -l)
report "nothing is left behind" "$([ "$left" = 0 ] || echo "$left folders")"
echo "1..$n"
