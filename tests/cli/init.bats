#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# slipway init: copies a template, names it, never overwrites.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
}

@test "starts a project that builds have no complaint about" {
	run --separate-stderr "$SLIPWAY" init "My First_App"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	grep -q '"name": "my-first-app"' "My First_App/slipway.json"
	[ "$(sort <<<"$output")" = "$(find "My First_App" -type f | sort)" ]
	cmp "My First_App/main.c" "$B/lib/slipway/templates/hello/main.c"
	"$B/tests/cli/manifest-check" "My First_App"
}

@test "works in the current folder" {
	mkdir web.server
	cd web.server
	run "$SLIPWAY" init -q
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	grep -q '"name": "web-server"' slipway.json
}

@test "takes a name" {
	run "$SLIPWAY" init --name shop-2 x
	[ "$status" -eq 0 ]
	grep -q '"name": "shop-2"' x/slipway.json
	run --separate-stderr "$SLIPWAY" init --name 'Shop 2' y
	[ "$status" -eq 2 ]
	[ ! -e y ]
}

@test "copies every template as it is, but for the name" {
	for t in $("$SLIPWAY" init --list); do
		"$SLIPWAY" init -q --template "$t" "copy-$t"
		diff -r "$B/lib/slipway/templates/$t" "copy-$t" >differences || true
		[ -f "copy-$t/slipway.json" ] || continue
		[ "$(grep -c '^[<>]' differences)" -eq 2 ]
		grep -q "\"name\": \"copy-$t\"" differences
		"$B/tests/cli/manifest-check" "copy-$t"
	done
}

@test "a template of several services keeps their names" {
	"$SLIPWAY" init -q --template lamp site
	diff -r "$B/lib/slipway/templates/lamp" site
	for s in web php db; do
		grep -q "\"name\": \"lamp-$s\"" "site/$s.json"
		"$B/tests/cli/manifest-check" "site/$s.json"
	done
}

@test "does nothing when one file is in the way" {
	mkdir x
	echo mine >x/slipway.json
	run --separate-stderr "$SLIPWAY" init x
	[ "$status" -eq 1 ]
	[ "$stderr" = "slipway: x/slipway.json is there already" ]
	[ "$(ls x)" = slipway.json ]
	[ "$(cat x/slipway.json)" = mine ]
}

@test "does not write through a link that is there" {
	mkdir x
	ln -s ../elsewhere x/main.c
	run "$SLIPWAY" init x
	[ "$status" -eq 1 ]
	[ ! -e elsewhere ]
}

@test "refuses a file in place of the folder" {
	echo >x
	run --separate-stderr "$SLIPWAY" init x
	[ "$status" -eq 1 ]
	[ "$stderr" = "slipway: x is not a folder" ]
}

@test "suggests a template, and none outside the folder of templates" {
	run --separate-stderr "$SLIPWAY" init -t helo x
	[ "$status" -eq 2 ]
	[ "$stderr" = "slipway: unknown template helo, did you mean hello?" ]
	run "$SLIPWAY" init -t ../targets x
	[ "$status" -eq 2 ]
	run "$SLIPWAY" init -t '' x
	[ "$status" -eq 2 ]
	[ ! -e x ]
}

@test "takes one folder only" {
	run "$SLIPWAY" init a b
	[ "$status" -eq 2 ]
	[ ! -e a ]
}
