# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What the shell tests print: `. tests/tap.sh`, then one `report` a case.
n=0

report() { # NAME WHAT-IS-WRONG
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$2" | tail -n 40 | sed 's/^/# /'
	fi
}
wrong() { # FILE...
	echo wrong:
	cat "$@"
}
