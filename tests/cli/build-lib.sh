# SPDX-License-Identifier: Apache-2.0
# For the tests of `slipway build`: a work folder, cases, small projects.
# shellcheck shell=bash
# Every case is a script of its own under `bash -e`; `build` and `fails` keep
# what was printed in out and err.

if [ -z "${build_work:-}" ]; then
	set -u
	top=$PWD
	SLIPWAY=$(cd "$(dirname "${SLIPWAY:-build/bin/slipway}")" && pwd)/slipway
	build_lib=$top/tests/cli/build-lib.sh
	build_work=$(mktemp -d)
	SLIPWAY_CACHE=$build_work/cache
	unset SLIPWAY_LIB SOURCE_DATE_EPOCH
	export SLIPWAY SLIPWAY_CACHE build_lib build_work top
	n=0
	cleanup() {
		cd / && chmod -R u+w "$build_work" && rm -rf "$build_work"
	}
	trap cleanup EXIT
	trap 'exit 130' INT TERM HUP
	cd "$build_work" || exit 1
fi

t() { # NAME SCRIPT
	n=$((n + 1))
	true >out
	true >err
	if SECONDS=0 && timeout "${LIMIT:-120}" bash -euc \
		". \"\$build_lib\"; $2" >"$build_work/said" 2>&1; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "# after $SECONDS s"
		tail -n 12 "$build_work/said" out err 2>&1 | sed 's/^/# /'
	fi
}
skip() { # NAME REASON
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

build() {
	timeout 60 "$SLIPWAY" build "$@" >out 2>err </dev/null
}
fails() { # STATUS ARG...
	local want=$1 status=0

	shift
	build "$@" || status=$?
	[ $status = "$want" ] || { echo "status $status"; return 1; }
	[ ! -s out ] # errors belong on stderr
}
says() { # PATTERN...: all of them are in err
	local p

	for p; do
		grep -qE -- "$p" err || { echo "not said: $p"; return 1; }
	done
}
silent() { # PATTERN: it is not in err
	! grep -E -- "$1" err
}
not() {
	! "$@"
}

# A project in the folder $1: writes text, exits with 0.
project() { # DIR [MORE-OF-THE-MANIFEST]
	mkdir -p "$1"
	printf '{\n\t"name": "hello",\n\t"target": "x86_64-keel",\n\t"sources": ["main.c"]%s\n}\n' \
		"${2:+,
	$2}" >"$1/slipway.json"
	cat >"$1/main.c" <<'END'
#include <stdio.h>

int main(void)
{
	puts("Hello, world");
	return 0;
}
END
}
