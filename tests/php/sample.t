#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every 40th of PHP's own tests (Zend/tests and tests of its source) ends in
# the guest as with the same program on this host; `make php-tests` runs all.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/php/php.sh
. tests/php/php.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export TMPDIR="$work"
echo 1..3
if ! php_build >"$work/log" 2>&1; then
	report "PHP is built" "$(wrong "$work/log")"
	echo "Bail out! no PHP"
	exit 1
fi
report "PHP is built" ""

php_tests --every 40 --diff >"$work/log" 2>&1
status=$?
report "the guest passes and fails as the host does" "$(
	[ $status -eq 0 ] || wrong "$work/log"
)"
rate=$(sed -n 's/^host: .*(\([0-9]*\)[.0-9]* %.*/\1/p' "$work/log")
report "the host passes 95 of 100 at least" "$(
	[ "${rate:-0}" -ge 95 ] || wrong "$work/log"
)"
tail -n 4 "$work/log" | sed 's/^/# /'
