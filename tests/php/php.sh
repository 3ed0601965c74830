# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# PHP's own tests with PHP of the template: `. tests/php/php.sh`
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
php_made=$server_dir/php/build/php

# What the server test has: PHP is compiled once.
php_build() {
	tests/server/php.sh
}

php_tests() { # OPTION-OR-PATH...
	tests/php/run --slipway "$SLIPWAY" --known tests/php/differences \
		--source "$php_made/src" --host "$php_made/program" \
		--kernel "$php_made/kernel" "$@"
}
