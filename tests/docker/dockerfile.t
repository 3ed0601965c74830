#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The toolchain image from a stock Debian, and a multi-stage build with it.
# shellcheck disable=SC2015,SC2181
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
export DOCKER_BUILDKIT=0

engine_begin
echo 1..6

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
FROM scratch
COPY --from=build /image /
ENTRYPOINT ["/slipway/launch"]
END
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
