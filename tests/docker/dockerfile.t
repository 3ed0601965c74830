#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The toolchain image from a stock Debian, and a multi-stage build with it.
# shellcheck disable=SC2015,SC2181
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
export DOCKER_BUILDKIT=0

engine_begin
echo 1..11

# The base that `FROM debian:bookworm-slim` would fetch, from the machine's
# own package archive.
SOURCE_DATE_EPOCH=1700000000 timeout 300 mmdebstrap --quiet --variant=minbase \
	bookworm "$dir/base.tar" 2>"$dir/log" &&
	docker import -c 'CMD ["bash"]' "$dir/base.tar" debian:bookworm-slim \
		>/dev/null 2>>"$dir/log"
report "a stock base" "$([ $? = 0 ] || wrong "$dir/log")"
rm -f "$dir/base.tar"

timeout 900 docker build -t slipway . >"$dir/log" 2>&1
report "docker build -t slipway ." "$([ $? = 0 ] || wrong "$dir/log")"

mkdir "$dir/app"
cat >"$dir/app/main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	printf("%s, %s\n", getenv("GREETING"), argc > 1 ? argv[1] : "nobody");
	return 7;
}
END
cat >"$dir/app/slipway.json" <<'END'
{
	"name": "greet",
	"target": "x86_64-keel",
	"sources": ["main.c"],
	"args": ["world"],
	"env": {"GREETING": "hello"}
}
END
cat >"$dir/app/Dockerfile" <<'END'
FROM slipway AS build
COPY . /src
RUN slipway build --output type=rootfs,dest=/image
RUN ./outputs /out && cd /out && sha256sum * >/sums
RUN dpkg-query -W | LC_ALL=C sort >/packages
FROM scratch
COPY --from=build /image /
ENTRYPOINT ["/slipway/launch"]
END
# The same command inside and outside, where SLIPWAY is of another folder, made
# by another make.
cat >"$dir/app/outputs" <<'END'
#!/bin/sh
# Outputs of each kind into the folder $1.
set -e
mkdir "$1"
"${SLIPWAY:-slipway}" build --output type=docker,dest="$1/image.tar" \
	--output type=kernel,dest="$1/kernel" \
	--output type=disk,dest="$1/disk.img" \
	--output type=disk,format=qcow2,dest="$1/disk.qcow2"
"${SLIPWAY:-slipway}" build --runner none --tag greet:none \
	--output type=oci,dest="$1/none.tar",compression=zstd
END
chmod 755 "$dir/app/outputs"
timeout 300 docker build --network none -t greet "$dir/app" >"$dir/log" 2>&1
report "a multi-stage build, without network" "$([ $? = 0 ] || wrong "$dir/log")"

out=$(timeout 60 docker run --rm greet 2>"$dir/log")
status=$?
report "runs with the manifest's arguments and variables" "$(
	[ "$out" = "hello, world" ] && [ $status = 7 ] ||
		echo "$status: $out; $(cat "$dir/log")"
)"
out=$(timeout 60 docker run --rm -e GREETING=bye greet you 2>"$dir/log")
report "and with others" "$([ "$out" = "bye, you" ] ||
	echo "$out; $(cat "$dir/log")")"
out=$(timeout 60 docker run --rm --read-only --cap-drop ALL --user 65534 \
	--network none greet 2>"$dir/log")
report "confined" "$([ "$out" = "hello, world" ] ||
	echo "$out; $(cat "$dir/log")")"

# The one that is built of packages; the recipes of the others take minutes.
report "a service of the template lamp, healthy" "$(
	"$SLIPWAY" init -q --template lamp "$dir/site" &&
		timeout 600 docker build --network none --build-arg SERVICE=db \
			-t lamp-db "$dir/site" >"$dir/log" 2>&1 &&
		docker run -d --name db -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 \
			lamp-db >"$dir/log" 2>&1 || wrong "$dir/log"
	for _ in $(seq 600); do
		docker exec db /slipway/health tcp 3306 >"$dir/log" 2>&1 && exit
		[ "$(docker inspect -f '{{.State.Running}}' db)" = true ] || break
		sleep 0.5
	done
	cat "$dir/log"
	docker logs --tail 20 db 2>&1
)"
docker rm -f db >/dev/null

# The legacy builder finds this stage in its cache.
timeout 300 docker build --network none --target build -t greet-build \
	"$dir/app" >"$dir/log" 2>&1
report "the stage that built it" "$([ $? = 0 ] || wrong "$dir/log")"
timeout 60 docker run --rm greet-build cat /sums >"$dir/inside" 2>"$dir/log"
timeout 60 docker run --rm greet-build cat /packages >"$dir/there"
dpkg-query -W | LC_ALL=C sort >"$dir/here"
ours=$(cd "$(dirname "${SLIPWAY:-build/bin/slipway}")" && pwd)/slipway
(cd "$dir/app" && umask 077 && SLIPWAY=$ours SLIPWAY_CACHE=off \
	./outputs "$dir/out" && cd "$dir/out" && sha256sum -- *) \
	>"$dir/outside" 2>>"$dir/log"
# Whatever this machine has: the same toolchain image once more, as another user
# in another folder, without a cache, all else set otherwise.
timeout 300 docker run --rm --network none greet-build sh -ec '
	cp -r /src "/tmp/an other folder" && cd /tmp/an*
	rm -rf build && chown -R 65534 . && umask 077
	export HOME=/tmp/home TZ=Asia/Kathmandu SLIPWAY_CACHE=off USER=nobody
	setpriv --reuid 65534 --clear-groups ./outputs /tmp/out
	cd /tmp/out && sha256sum *' >"$dir/again" 2>"$dir/log"
report "in the same toolchain image all is the same, QEMU too" "$(
	[ "$(wc -l <"$dir/again")" = 5 ] && diff "$dir/inside" "$dir/again" ||
		wrong "$dir/log"
)"
# The distribution's packages are inputs: those of which this machine has
# another version than the archive.
others() { # PATTERN
	LC_ALL=C join -t "$(printf '\t')" "$dir/here" "$dir/there" |
		awk -F '\t' '$2 != $3 { print $1, $2, $3 }' |
		grep -E "^($1)" | head -n 3 | tr '\n' ';'
}
compare() { # NAME PACKAGES FILES
	other=$(others "$2")
	if [ -n "$other" ]; then
		n=$((n + 1))
		echo "ok $n - $1 # SKIP this machine has other packages: $other"
		return
	fi
	grep -E "  ($3)\$" "$dir/inside" >"$dir/a"
	grep -E "  ($3)\$" "$dir/outside" >"$dir/b"
	report "$1" "$([ -s "$dir/a" ] && diff "$dir/a" "$dir/b" ||
		wrong "$dir/log" "$dir/outside")"
}
compare "inside and outside the same kernel, disks and image" \
	"gcc|g[+][+]|cpp|binutils|libgcc|libc6-dev|linux-libc-dev|libjansson|\
zlib1g|libzstd|libarchive|erofs-utils|dosfstools|mtools|qemu-utils" \
	"kernel|disk.*|none.tar"
compare "and with QEMU the same image" "qemu|seabios|lib" "image.tar"
