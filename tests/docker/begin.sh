# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What tests with Docker begin with: `. tests/docker/begin.sh` has tap.sh and
# engine.sh, a folder $dir, and an end (finish, which a test may have its own
# of) that takes both away; then
#   engine_begin    starts the engine, or the test is skipped
#   bail TEXT       the test cannot go on
. tests/tap.sh
# shellcheck source=tests/docker/engine.sh
. tests/docker/engine.sh
dir=$(mktemp -d)
finish() {
	engine_stop
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

bail() {
	printf '%s\n' "$1" | sed 's/^/# /'
	echo "Bail out!"
	exit 1
}

engine_begin() {
	engine_start "$dir/engine" && return
	echo "1..0 # skip $engine_why"
	exit 0
}
