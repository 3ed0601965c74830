#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The health check of a container image: its command runs in the machine
# beside the program, asked for through the launcher, in an image's own root.
# shellcheck disable=SC2015
set -u
. tests/tap.sh

if [ -z "${HEALTH_HOW-}" ]; then
	for how in -m -rm; do
		HEALTH_HOW=$how
		export HEALTH_HOW
		unshare $how sh -c "mount --rbind /proc /mnt" 2>/dev/null &&
			exec unshare $how "$0"
	done
	echo "1..0 # SKIP no mount namespace"
	exit 0
fi

dir=$(mktemp -d)
pid=
finish() {
	exec 9>&-
	[ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null
	umount -l "$dir/r/proc" "$dir/r/dev" 2>/dev/null
	rm -rf --one-file-system "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP
must() { # COMMAND...
	"$@" >"$dir/log" 2>&1 || {
		sed 's/^/# /' "$dir/log"
		echo "Bail out! $1"
		exit 1
	}
}

# --- the image ----------------------------------------------------------------
mkdir -p "$dir/root/bin" "$dir/root/etc" "$dir/root/home" "$dir/image"
cp "$(command -v busybox)" "$dir/root/bin/busybox"
for name in sh cat id grep sleep yes head; do
	ln -s busybox "$dir/root/bin/$name"
done
echo app:x:1000:1001::/home:/bin/sh >"$dir/root/etc/passwd"
chmod 777 "$dir/root/home"
cat >"$dir/root/bin/program" <<'END'
#!/bin/sh
while read -r line; do
	[ "$line" != left ] ||
		line=$(cat /proc/[0-9]*/comm | grep -cE 'sleep|yes|check')
	echo "$line" >/home/state
	echo "took $line"
done
exit 5
END
cat >"$dir/root/bin/check" <<'END'
#!/bin/sh
read -r state </home/state
echo "$state: $* $FOO $(id -u) $(pwd)"
[ "$state" != loud ] || yes | head -c 300000
[ "$state" != hang ] || { sleep 3000 | sleep 3000; }
[ "$state" = well ] || exit 3
END
chmod 755 "$dir/root/bin/program" "$dir/root/bin/check"
must tar -C "$dir/root" -cf "$dir/image/layer.tar" .
sum=$(sha256sum <"$dir/image/layer.tar")
cat >"$dir/image/config.json" <<END
{"architecture": "amd64", "os": "linux", "config": {
	"Entrypoint": ["/bin/program"], "Env": ["FOO=bar"], "User": "app",
	"WorkingDir": "/home", "Healthcheck": {
		"Test": ["CMD-SHELL", "check a 'b  c'"], "Timeout": 15000000000}},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:${sum%% *}"]}}
END
echo '[{"Config": "config.json", "Layers": ["layer.tar"]}]' \
	>"$dir/image/manifest.json"
must tar -C "$dir/image" -cf "$dir/app.tar" config.json layer.tar manifest.json
cat >"$dir/slipway.json" <<END
{"name": "app", "target": "x86_64-linux", "memory": "192M",
 "rootfs": {"image": "docker-archive:app.tar"}}
END
must timeout 300 "$SLIPWAY" build "$dir" --output "type=rootfs,dest=$dir/r"

# --- the container ------------------------------------------------------------
mkdir -p "$dir/r/proc" "$dir/r/dev"
must mount --rbind /proc "$dir/r/proc"
must mount --rbind /dev "$dir/r/dev"
mkfifo "$dir/stdin"
SLIPWAY_NET=none timeout 400 chroot "$dir/r" /slipway/launch \
	<"$dir/stdin" >"$dir/out" 2>"$dir/err" &
pid=$!
exec 9>"$dir/stdin"
took=0
tell() { # STATE
	echo "$1" >&9
	took=$((took + 1))
	for _ in $(seq 1200); do
		[ "$(grep -c "^took" "$dir/out")" -ge $took ] && break
		sleep 0.1
	done
}
health() {
	timeout 120 chroot "$dir/r" /slipway/health exec >"$dir/said" 2>&1
	echo "= $?" >>"$dir/said"
}
says() { # LINE...
	printf '%s\n' "$@" | diff - "$dir/said" || wrong "$dir/err"
}
tell well
health
report "what the image's command says, as the program's user and in its folder" \
	"$(says "well: a b  c bar 1000 /home" "= 0")"
tell ill
health
report "unhealthy is status 1, whatever the command's" \
	"$(says "ill: a b  c bar 1000 /home" "= 1")"
tell loud
health
report "of much output the first 4 KiB are said" "$(
	[ "$(head -c 4096 "$dir/said" | wc -c)" = 4096 ] &&
		[ "$(tail -c +4097 "$dir/said")" = "= 1" ] &&
		head -n 2 "$dir/said" | tail -n 1 | grep -qx y ||
		wrong "$dir/said" "$dir/err")"
tell hang
health
report "one that hangs is ended by the image's timeout" "$(
	says "hang: a b  c bar 1000 /home" "slipway: ended after 15000 ms" \
		"= 1")"
timeout 1 chroot "$dir/r" /slipway/health exec >/dev/null 2>&1
status=$?
tell well
health
report "one whose asker went away makes room for the next" "$(
	[ $status = 124 ] || echo "status $status"
	says "well: a b  c bar 1000 /home" "= 0")"
tell left
report "nothing of them is left, and the program runs" "$(
	[ "$(tail -n 1 "$dir/out")" = "took 0" ] ||
		wrong "$dir/out" "$dir/err")"
exec 9>&-
wait "$pid"
status=$?
pid=
health
report "the program's end is the machine's, and nobody answers" "$(
	[ $status = 5 ] || echo "status $status"
	[ ! -s "$dir/err" ] || wrong "$dir/err"
	says "connect to the launcher: Connection refused" "= 1")"
echo "1..$n"
