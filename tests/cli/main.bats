#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command itself: help, version, what it says to wrong words.

bats_require_minimum_version 1.5.0

@test "without a command it shows the help on stderr and ends with 2" {
	run --separate-stderr "$SLIPWAY"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *"usage: slipway COMMAND"* ]]
}

@test "--help lists every command" {
	run --separate-stderr "$SLIPWAY" --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	for c in init build run check inspect deploy targets doctor cache cc; do
		grep -q "^  $c " <<<"$output"
	done
}

@test "every command has help that names it and a man page" {
	for c in init build run check inspect deploy targets doctor cache; do
		run --separate-stderr "$SLIPWAY" $c --help
		[ "$status" -eq 0 ]
		[[ $output == "usage: slipway $c"* ]]
		[ -e "cmd/slipway/slipway-$c.1" ]
	done
}

@test "help COMMAND is COMMAND --help" {
	for c in build run; do
		run --separate-stderr "$SLIPWAY" help $c
		[ "$status" -eq 0 ]
		[ "$output" = "$("$SLIPWAY" $c --help)" ]
	done
	run --separate-stderr "$SLIPWAY" help bild
	[ "$status" -eq 2 ]
	[[ $stderr == *"did you mean build"* ]]
}

@test "--version is one line" {
	run "$SLIPWAY" --version
	[ "$status" -eq 0 ]
	[[ $output =~ ^slipway\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown command gets a suggestion and ends with 2" {
	run --separate-stderr "$SLIPWAY" biuld
	[ "$status" -eq 2 ]
	[ "$stderr" = "slipway: unknown command biuld, did you mean build?" ]
}

@test "a command that resembles none points to the help" {
	run --separate-stderr "$SLIPWAY" frobnicate
	[ "$status" -eq 2 ]
	[ "$stderr" = "slipway: unknown command frobnicate (see slipway --help)" ]
}

@test "an unknown option gets a suggestion" {
	run --separate-stderr "$SLIPWAY" targets --jsn
	[ "$status" -eq 2 ]
	[ "$stderr" = "slipway: unknown option --jsn, did you mean --json? \
(see slipway targets --help)" ]
}

@test "an option without its argument is named" {
	run --separate-stderr "$SLIPWAY" init --template
	[ "$status" -eq 2 ]
	[ "$stderr" = "slipway: option --template needs an argument \
(see slipway init --help)" ]
}

@test "a full disk is not a success" {
	run bash -c '"$SLIPWAY" targets >/dev/full'
	[ "$status" -eq 1 ]
}

@test "every check of the manifests is in a man page" {
	cat lib/manifest/slipway.json.5 lib/manifest/slipway-target.5 \
		>"$BATS_TEST_TMPDIR/pages"
	sed -n 's/.*\[\([a-z0-9-]*\)\]$/\1/p' tests/cli/manifest/*/*.expect |
		sort -u | while read -r name; do
		grep -qE "^\.It Cm .*\b$name\b" "$BATS_TEST_TMPDIR/pages" || {
			echo "$name"
			exit 1
		}
	done
}
