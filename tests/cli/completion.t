#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What bash, zsh and fish offer, and that the man pages tell of every option.
# What is offered comes from a command's own table (cmd/slipway/opt.h), so
# that a new option needs two lines: one in that table, one in its man page.
# shellcheck disable=SC2016 # the shell of each case expands
set -u
. tests/tap.sh
PATH=$(cd "$(dirname "${SLIPWAY:-build/bin/slipway}")" && pwd):$PATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export HOME=$tmp XDG_DATA_HOME=$tmp XDG_CONFIG_HOME=$tmp LC_ALL=C.UTF-8

# Each: one line, as it is typed so far; a word a line, sorted.
in_bash() {
	bash -c '. cmd/slipway/completion.bash
		compopt() { :; }
		COMP_LINE=$1 COMP_POINT=${#1}
		_slipway
		printf "%s\n" "${COMPREPLY[@]}"' bash "$1" | sed '/^$/d' | sort
}
in_zsh() {
	# The last word is what is being typed, as compsys splits it.
	zsh -fc 'compadd() { print -l -- $replies }
		_files() { }
		words=(${(z)1})
		[[ $1 == *" " ]] && words+=("")
		CURRENT=$#words
		. cmd/slipway/completion.zsh' zsh "$1" | sort
}
in_fish() {
	fish --no-config -c 'source cmd/slipway/completion.fish
		complete -C $argv[1]' "$1" | cut -f1 | sort
}

commands=$(slipway --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 7 ] || {
	echo "1..0 # slipway --help lists no commands"
	exit 1
}
of_help() { # COMMAND: its long options
	slipway "$1" --help | sed -nE 's/^ .{1,5}(--[a-z-]+)( .*)?$/\1/p' | sort
}
of_man() { # COMMAND: those that its page lists
	sed -nE '/^\.It Fl/p' "cmd/slipway/slipway-$1.1" |
		grep -oE -- '(^|[ ,])Fl -[a-z][a-z-]*' |
		sed 's/.*Fl /-/' | sort -u
}

for shell in bash zsh fish; do
	report "$shell offers every command" "$(
		for c in $commands; do
			"in_$shell" "slipway " | grep -qx "$c" || echo "$c"
		done)"
	report "$shell offers every option of every command" "$(
		for c in $commands; do
			[ "$c" = cc ] && continue
			diff <(of_help "$c") <("in_$shell" "slipway $c --") &&
				continue
			echo "slipway $c: its cmd_$c() must call opt_next" \
				"before it does anything (see opt_intercept)"
		done)"
	report "$shell offers what begins like the word, and values" "$(
		offers() { # LINE WORDS
			got=$("in_$shell" "$1" | tr '\n' ' ')
			[ "$got" = "$2" ] || echo "$1: $got, not $2"
		}
		offers "slipway ta" "targets "
		offers "slipway help ta" "targets "
		offers "slipway targets --j" "--json "
		offers "slipway init --template hel" "hello "
		offers "slipway init -t hel" "hello "
		offers "slipway build --target x86_64-k" "x86_64-keel "
		offers "slipway build --target x86_64-keel,x86_64-l" \
			"x86_64-keel,x86_64-linux "
		offers "slipway run --network " "none user "
		offers "slipway run -m 64M --accel k" "kvm "
		offers "slipway frobnicate x" ""
		offers "slipway targets " "")"
done
report "bash and a value behind = and :" "$(
	[ "$(in_bash "slipway run --accel=t")" = tcg ] || echo accel
	in_bash "slipway build -o type=d" | grep -qx docker,dest= || echo type)"
report "names of files are left to the shell" "$(
	slipway complete build -o x | grep -qx :files || echo output
	slipway complete run -- x | grep -qx :files || echo "behind --"
	cd "$tmp" && touch some-file && cd "$OLDPWD" || exit
	in_fish "slipway inspect $tmp/some" | grep -qx "$tmp/some-file" ||
		echo fish)"

report "every command has a man page" "$(
	for c in $commands; do
		[ -e "cmd/slipway/slipway-$c.1" ] ||
			echo "write cmd/slipway/slipway-$c.1"
		grep -q "slipway-$c 1" cmd/slipway/slipway.1 ||
			echo "name slipway-$c in cmd/slipway/slipway.1"
	done)"
report "every option is in the man page, and no other" "$(
	for c in $commands; do
		[ "$c" = cc ] && continue
		of_man "$c" >"$tmp/man"
		of_help "$c" | grep -vx -e --help >"$tmp/help"
		comm -13 "$tmp/man" "$tmp/help" |
			sed "s/.*/& of slipway $c --help: describe it in \
cmd\/slipway\/slipway-$c.1 by .It Fl -NAME/"
		comm -23 "$tmp/man" "$tmp/help" |
			sed "s/.*/& of slipway-$c.1 is not in slipway $c --help/"
	done)"
report "every option is in the synopsis of its man page" "$(
	for c in $commands; do
		[ "$c" = cc ] && continue
		sed '/^\.Sh DESC/q' "cmd/slipway/slipway-$c.1" >"$tmp/top"
		short=$(grep -oE '^\.Op Fl [a-zA-Z]+$' "$tmp/top" | tr -d ' ')
		slipway "$c" --help |
			sed -nE 's/^  (-(.),|   ) (--([a-z-]+)).*/\2 \4/p' |
			while read -r one two; do
				[ "${two:-$one}" = help ] && continue
				if [ -n "$two" ]; then
					case $short in *"$one"*) continue ;; esac
					grep -qE "Fl ($one|-$two)( |$)" \
						"$tmp/top" && continue
				else
					grep -qE "Fl -$one( |$)" "$tmp/top" &&
						continue
				fi
				echo "slipway-$c.1: $one $two"
			done
	done)"
report "no fault in a man page that man or mandoc finds" "$(
	for f in cmd/*/*.1 lib/*/*.5; do
		LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$f" 2>&1 >"$tmp/page"
		[ -s "$tmp/page" ] || echo "$f: empty"
	done)"
echo "1..$n"
