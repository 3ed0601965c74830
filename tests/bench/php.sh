# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# The template php in the frame of servers.sh, which sources it: the same
# program on base linux, a page of some work, a connection for each request.
# Fewer requests than PHP answers in Linux before it ends (500).

bench_php() {
	dir=$server_dir/php
	tree=$work/php-tree
	tests/server/php.sh || return 1
	mkdir -p "$tree/etc/php" "$tree/srv" "$tree/tmp"
	cp templates/php/php.ini "$tree/etc/php/"
	cp -r tests/server/php "$tree/srv/test"
	jq --arg tree "$tree" '.files = [{from: ($tree + "/etc"), to: "/etc"},
		{from: ($tree + "/srv"), to: "/srv"}, {dir: true, to: "/tmp"}]' \
		"$dir/slipway.json" >"$dir/bench.json"
	build_bench "$dir/bench.json" php || return 1
	on_linux php
}

php_asks() { # WHAT ARGUMENT...
	what=$1
	shift
	tests/server/php.py "$what" 10.77.0.2:9000 /srv/test "$@"
}

php_rate() { # PATH: requests a second, of one client
	php_asks row 150 "$1" | sed -n 's| requests/s||p'
}

figures_php() { # SYSTEM: as figures
	begun=$(now_ms)
	guest_up "$1" php php_asks first
	echo "phpfirst=$(($(now_ms) - begun))"
	echo "phppage=$(php_rate /page.php)"
	echo "phpsmall=$(php_rate /request.php)"
	echo "php_rss=$(qemu_rss)"
	guest_down
}

rows_php() {
	row "PHP, pc, start to first reply" "$(figure linux phpfirst)" \
		"$(figure keel phpfirst)" ms 0.5 ratio
	against_linux "PHP, a table of 200 rows" phppage req/s 1.5
	against_linux "PHP, a small page" phpsmall req/s 1.5
}
