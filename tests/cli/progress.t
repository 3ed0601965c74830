#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a build says while it works: to a terminal, to a file, to a program.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
unset NO_COLOR

on_tty() { # COLUMNS ARG...: what a terminal gets from `slipway ARG...`
	local columns=$1

	shift
	TERM=${TERM_NAME:-xterm} timeout 60 script -qec \
		"stty cols $columns; \"$SLIPWAY\" $*" /dev/null \
		</dev/null >"tty"
}
events() { # ARG...: slipway build --json; every line must be an object
	local status=0

	timeout 60 "$SLIPWAY" build --json "$@" >events 2>err </dev/null ||
		status=$?
	jq -ce 'has("event")' events >/dev/null || return 99
	[ "$(jq -r 'select(.event == "done") | .status' <(tail -n 1 events))" \
		= $status ] || return 98
	return $status
}
is() { # JQ-EXPRESSION: holds for the list of events
	jq -se "$1" events >/dev/null || { echo "not so: $1"; cat events; false; }
}
esc=$(printf '\033')
export -f on_tty events is
export esc

project p && mkdir p/src && for i in 1 2 3 4; do
	echo "int f$i(void) { return $i; }" >"p/src/f$i.c"
done
sed -i 's|"main.c"|"main.c", "src/f1.c", "src/f2.c", "src/f3.c", "src/f4.c"|' \
	p/slipway.json

t "a terminal gets each step with its time, and the next command" '
	on_tty 80 build p --output type=kernel
	grep -qE "compile main\.c +.*[0-9]\.[0-9]{2} s" tty
	grep -qE "link onto keel +.*[0-9]\.[0-9]{2} s" tty
	grep -q "kernel .*/hello.elf (.* KiB)" tty
	grep -q "slipway run .*/hello.elf" tty'
t "the times are dim, unless NO_COLOR or TERM forbid it" '
	dim="$esc\[2m" && rm -rf p/build
	on_tty 80 build p --output type=kernel && grep -q "$dim" tty
	rm -rf p/build
	NO_COLOR= on_tty 80 build p --output type=kernel && grep -q "$dim" tty
	rm -rf p/build
	NO_COLOR=1 on_tty 80 build p --output type=kernel
	not grep -q "$esc\[[0-9;]*m" tty && grep -q "$esc\[K" tty
	rm -rf p/build
	TERM_NAME=dumb on_tty 80 build p --output type=kernel
	not grep -q "$esc" tty && grep -q "^  link onto keel.\?$" tty'
t "no line of steps is longer than the terminal is wide" '
	export LC_ALL=C.UTF-8
	for w in 24 37 60; do
		rm -rf p/build && on_tty $w build p -o \
			"déep-enough-to-need-more-than-a-line.tar"
		sed "s/$esc\[[0-9;]*[mK]//g; s/\r/\n/g" tty |
			grep -E "\.\.\.$|[0-9] s$" >lines
		grep -q . lines
		while read -r line; do
			[ ${#line} -lt $((w - 2)) ] || { echo "$line"; exit 1; }
		done <lines
	done'
t "an error is not behind a line that passes" '
	echo "int main(void) { return x; }" >bad.c && mkdir bad
	mv bad.c bad/main.c && cp p/slipway.json bad/ &&
		sed -i "s/, \"src[^]]*//" bad/slipway.json
	not on_tty 80 build bad
	grep -qE "^(.*\r.*)?slipway:|slipway:.*cannot compile main.c" tty
	sed "s/\r\$//; s/.*\r//; s/$esc\[[0-9;]*[mK]//g" tty |
		grep -qx "slipway: build hello: cannot compile main.c"'
t "elsewhere lines are plain" 'rm -rf p/build && build p --output type=kernel
	grep -qx "  compile main.c" err && not grep -q "$esc\|$(printf "\r")" err
	grep -q "^kernel .*KiB)$" err'
t "-q says nothing at all" 'rm -rf p/build && build -q p
	[ ! -s err ] && [ ! -s out ]
	rm -rf p/build && on_tty 80 build -q p && [ ! -s tty ]'
t "what comes next is named for each output, and can be pasted" '
	mkdir -p "my dir" && build p -o "my dir/i.tar" --tag shop/web:1 \
		--output "type=oci,dest=my dir/o" \
		--output "type=disk,dest=my dir/d.img" \
		--output "type=disk,format=vmdk,dest=my dir/d.vmdk"
	says "docker load -i .my dir/i.tar. && docker run --rm shop/web:1" \
		"skopeo copy oci:.my dir/o.:1 docker://REGISTRY/shop/web:1" \
		"slipway run .my dir/d.img."
	[ "$(grep -c "^       " err)" = 3 ]'
t "--json tells of steps, outputs and the end" 'rm -rf p/build
	events -j2 p -o i.tar --output type=oci,dest=o.tar \
		--output type=kernel,dest=k --output type=rootfs,dest=r
	[ ! -s err ]
	is "[.[] | select(.event == \"begin\").step |
		select(test(\"(compile|reuse) .*[.]c\"))] | length == 5"
	is "([.[] | select(.event == \"begin\").step] | sort) ==
		([.[] | select(.event == \"end\").step] | sort)"
	is "all(.[] | select(.event == \"end\"); .seconds >= 0)"
	is "[.[] | select(.event == \"output\").type] ==
		[\"docker\", \"oci\", \"kernel\", \"rootfs\"]"
	is "last.event == \"done\" and last.status == 0 and last.seconds > 0"'
t "its digests are those of the files and the images" '
	get() { jq -r "select(.event == \"output\" and .type == \"$1\").$2" events; }
	[ "$(get docker digest)" = "sha256:$(sha256sum <i.tar | cut -c 1-64)" ]
	[ "$(get kernel digest)" = "sha256:$(sha256sum <k | cut -c 1-64)" ]
	[ "$(get kernel bytes)" = "$(stat -c %s k)" ]
	[ "$(get docker image)" = "$(tar -xOf i.tar index.json |
		jq -r ".manifests[0].digest")" ]
	[ "$(get oci image)" = "$(get docker image)" ]
	[ "$(get rootfs digest)" = null ]
	get docker next | grep -q "^docker load -i i.tar && docker run"'
t "a second time there is no step" 'events p -o i.tar
	is "all(.event != \"begin\") and any(.event == \"output\")"'
t "--json tells where a manifest is wrong, and the name of the check" '
	mkdir w && printf "{\n\t\"name\": \"x\",\n\t\"memory\": \"12Q\"\n}\n" \
		>w/slipway.json
	s=0 && events w || s=$? && [ $s = 2 ] && [ ! -s err ]
	is "any(.event == \"error\" and .check == \"size-syntax\" and
		.line == 3 and .column == 12 and (.message | test(\"12Q\")) and
		(.file | endswith(\"slipway.json\")))"'
t "and what failed" 's=0 && events bad || s=$? && [ $s = 1 ]
	says "main.c:1:.*error" && is "any(.event == \"error\" and
		.message == \"build hello: cannot compile main.c\")"
	is "(map(select(.event == \"begin\")) | length) ==
		(map(select(.event == \"end\")) | length)"'
t "commands come with -v" 'rm -rf p/build && SLIPWAY_CACHE=off events -v p \
		--output type=kernel
	is "any(.event == \"command\" and (.message | test(\"keel-cc .*main.c\")))"'
t "a name that is no UTF-8 does not break the JSON" '
	events p -o "$(printf "a\377b.tar")"
	is "any(.event == \"output\" and (.path | test(\"a.b.tar\")))"'
t "run shows steps to a terminal only, and none with -q" '
	rm -rf p/build && on_tty 80 run p && grep -q "link onto keel" tty
	grep -q "Hello, world" tty
	rm -rf p/build && on_tty 80 run -q p
	[ "$(tr -d "\r" <tty)" = "Hello, world" ]
	rm -rf p/build && timeout 60 "$SLIPWAY" run p >out 2>err </dev/null
	[ "$(cat out)" = "Hello, world" ] && [ ! -s err ]'
echo "1..$n"
