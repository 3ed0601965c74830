#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every wrong manifest under manifest/ gives exactly its golden messages.
# A NAME.expect beside a NAME.json holds them; they were written by hand.
set -u
check=$B/tests/cli/manifest-check
n=0
total=$(find tests/cli/manifest -name '*.expect' | wc -l)
echo "1..$((total + 3))"

report() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

# golden KIND OPTION...
golden() {
	kind=$1
	shift
	cd "tests/cli/manifest/$kind" || exit 1
	for expect in *.expect; do
		name=${expect%.expect}
		got=$("$check" "$@" "$name.json")
		status=$?
		if [ "$got" = "$(cat "$expect")" ] && [ $status = 2 ]; then
			report 0 "$name"
		else
			report 1 "$name"
			printf '%s\n' "$got" | diff "$expect" - | sed 's/^/# /'
			echo "# exit status $status"
		fi
	done
	cd ../../../.. || exit 1
}

golden app
golden target --target

"$check" templates/*/slipway.json && "$check" tests/cli/manifest/good/*.json
report $? "what is right passes"

# The command prints the same, on stderr, and its status is 2.
dir=tests/cli/manifest/app
if "$SLIPWAY" build --help >/dev/null 2>&1; then
	got=$(cd $dir && "$SLIPWAY" build many-faults.json 2>&1 >/dev/null)
	[ $? = 2 ] && [ "$got" = "$(cat $dir/many-faults.expect)" ]
	report $? "slipway build says it and ends with 2"
	got=$(cd $dir && "$SLIPWAY" build none.json 2>&1 >/dev/null)
	[ $? = 2 ] && [ "$got" = "none.json: error: cannot be read: \
No such file or directory [read]" ]
	report $? "slipway build names a manifest that is not there"
else
	report 1 "slipway build says it and ends with 2"
	report 1 "slipway build names a manifest that is not there"
fi
