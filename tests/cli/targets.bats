#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# slipway targets and slipway doctor.

bats_require_minimum_version 1.5.0

# A data folder of its own in which things can be wrong.
data_folder() {
	export SLIPWAY_LIB=$BATS_TEST_TMPDIR/lib
	mkdir -p "$SLIPWAY_LIB/targets"
	cp targets/x86_64-keel.json "$SLIPWAY_LIB/targets"
}

@test "targets lists what there is" {
	run --separate-stderr "$SLIPWAY" targets
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == NAME* ]]
	grep -qE '^x86_64-keel +x86_64 +keel +' <<<"$output"
}

@test "targets --json is for machines" {
	run --separate-stderr "$SLIPWAY" targets --json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.[] | select(.name == "x86_64-keel") | .oci_arch' \
		<<<"$output")" = amd64 ]
	[ "$(jq 'map(.memory_min | type) | unique | join("")' \
		<<<"$output")" = '"number"' ]
}

@test "a wrong target is told, the others are listed" {
	data_folder
	sed 's/x86_64-keel/broken/; s/"keel"/"kele"/' \
		targets/x86_64-keel.json >"$SLIPWAY_LIB/targets/broken.json"
	run --separate-stderr "$SLIPWAY" targets
	[ "$status" -eq 2 ]
	[[ $stderr == *'broken.json:4:10: error: base: "kele" is not known, did you mean "keel"? [base]' ]]
	grep -q '^x86_64-keel ' <<<"$output"
}

@test "without an installation targets says which folder it looked in" {
	SLIPWAY_LIB=/no/such run --separate-stderr "$SLIPWAY" targets
	[ "$status" -eq 1 ]
	[ "$stderr" = "slipway: open /no/such/targets: No such file or directory" ]
}

@test "doctor finds all that a build needs on this machine" {
	run --separate-stderr "$SLIPWAY" doctor
	[ "$status" -eq 0 ]
	[ "$(grep -c ^missing <<<"$output")" -eq 0 ]
	grep -qE '^ok +mkfs.erofs ' <<<"$output"
}

@test "doctor says what is missing and how to get it, and ends with 1" {
	data_folder
	run --separate-stderr "$SLIPWAY" doctor
	[ "$status" -eq 1 ]
	grep -qE "^missing +launcher +$SLIPWAY_LIB/" <<<"$output"
	grep -q 'fix: make && make install' <<<"$output"
}

@test "doctor names the package of a program that is not there" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	PATH=$BATS_TEST_TMPDIR/empty run -- "$SLIPWAY" doctor
	[ "$status" -eq 1 ]
	grep -qE '^missing +mkfs.erofs' <<<"$output"
	grep -q 'fix: apt-get install erofs-utils' <<<"$output"
	grep -q 'fix: apt-get install gcc-x86-64-linux-gnu' <<<"$output"
}

@test "doctor names a fix for each thing that is not there" {
	mkdir "$BATS_TEST_TMPDIR/none"
	run --separate-stderr env PATH="$BATS_TEST_TMPDIR/none" \
		SLIPWAY_CACHE=/proc/none DOCKER_HOST=unix:///no/such \
		"$SLIPWAY" doctor --json
	[ "$status" -eq 1 ]
	for f in make skopeo cache "Docker engine"; do
		jq -e --arg f "$f" '.[] | select(.check == $f) |
			.state != "ok" and (.fix | length > 8)' <<<"$output"
	done
	jq -e 'all(.[]; (.state == "ok") != has("fix"))' <<<"$output"
}

@test "doctor does not wait for an engine that never answers" {
	socat "UNIX-LISTEN:$BATS_TEST_TMPDIR/s" EXEC:'sleep 20' 3>&- &
	pid=$!
	for _ in $(seq 50); do
		[ -S "$BATS_TEST_TMPDIR/s" ] && break
		sleep 0.1
	done
	DOCKER_HOST=unix://$BATS_TEST_TMPDIR/s \
		run timeout 15 "$SLIPWAY" doctor
	kill $pid 2>/dev/null || true
	[ "$status" -ne 124 ]
	grep -qE '^absent +Docker engine' <<<"$output"
}

@test "doctor --json is for machines" {
	run --separate-stderr "$SLIPWAY" doctor --json
	[ "$(jq -r '.[] | select(.check == "make") | .state' \
		<<<"$output")" = ok ]
}
