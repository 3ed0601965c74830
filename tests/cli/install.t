#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make install into a root of its own, work from there, make uninstall.
# shellcheck disable=SC2016 # the shell of each case expands
B=${B:-build}
. tests/cli/build-lib.sh
export B

in_top() { # ARG...: make with the build folder that is there already
	env -u MAKEFLAGS -u MFLAGS make -C "$top" --no-print-directory \
		B="$B" PREFIX=/usr/local DESTDIR="$build_work/a root" "$@" \
		>"$build_work/make" 2>&1 ||
		{ tail -n 5 "$build_work/make"; return 1; }
}
none() { # FIND-EXPRESSION
	! find "$here" "$@" | grep .
}
export -f in_top none
here=$build_work/"a root/usr/local"
export here

t "make install" 'in_top install
	[ -x "$here/bin/slipway" ] && [ -L "$here/bin/x86_64-keel-cc" ]
	[ -s "$here/lib/slipway/targets/x86_64-keel.json" ]
	[ -s "$here/share/man/man1/slipway.1" ]
	[ -s "$here/share/man/man5/slipway.json.5" ]'
t "nothing outside the root, nothing that names it" '
	not grep -rIl "$build_work" "$here"
	[ "$(ls "a root")" = usr ] && [ "$(ls "a root/usr")" = local ]'
t "links stay inside" 'find "$here" -type l | while read -r l; do
		readlink "$l" | grep -v / && [ -e "$l" ]
	done'
t "all may read it, nobody may write it" '
	none ! -type l -perm /022 && none ! -type l ! -perm -044
	none -type d ! -perm -055'
t "also under a strict umask" '(umask 077 && in_top install)
	none ! -type l ! -perm -044'
t "no build files are installed" 'none -name "*.o" ! -name "*crt*"
	none -name "*.d" ! -type d && none -name "*.cmd"'
t "man pages are well-formed" 'for f in "$here"/share/man/man?/*; do
		mandoc -T lint -W error "$f" 2>/dev/null || man -l "$f" >/dev/null
	done'
t "completion for bash, zsh and fish is there" '
	cd "$here/share" && [ -s bash-completion/completions/slipway ] &&
		[ -s zsh/site-functions/_slipway ] &&
		[ -s fish/vendor_completions.d/slipway.fish ]'

SLIPWAY="$here/bin/slipway"
t "doctor is content" '"$SLIPWAY" doctor >out 2>&1
	grep -q "$here/lib/slipway" out && not grep ^missing out'
t "init, build, run" '"$SLIPWAY" init hello >out 2>&1
	build hello && timeout 60 "$SLIPWAY" run hello >out </dev/null
	grep -qi "hello" out'
if unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
	t "also when the build folder is not there" '
		case $B in /*) ;; *) B=$top/$B ;; esac
		rm -rf hello/build && unshare -m bash -euc "mount -t tmpfs none $B
			[ ! -e $B/bin ]
			SLIPWAY_CACHE=off \"$SLIPWAY\" build -q hello \
				--output type=disk,dest=away.img
			timeout 60 \"$SLIPWAY\" run away.img </dev/null" >out
		grep -qi hello out && rm -rf hello/build'
else
	skip "also when the build folder is not there" "needs root"
fi
t "the same bytes as uninstalled" '
	build hello -o a.tar --output type=kernel,dest=a.elf && rm -rf hello/build
	SLIPWAY=$B/bin/slipway && case $B in /*) ;; *) SLIPWAY=$top/$SLIPWAY ;; esac
	build hello -o b.tar --output type=kernel,dest=b.elf
	cmp a.tar b.tar && cmp a.elf b.elf'
t "the compiler by its name" 'cd hello
	PATH=$here/bin:$PATH x86_64-keel-cc -o x main.c && ./x | grep -i hello'
t "moved elsewhere it works too" 'mv "a root" moved
	SLIPWAY=$build_work/moved/usr/local/bin/slipway
	rm -rf hello/build && build hello -o c.tar && cmp c.tar a.tar
	mv moved "a root"'
t "installed again over itself" 'find "a root" | sort >before
	touch "$here/lib/slipway/stale" && in_top install
	find "a root" | sort | diff before -'
t "make uninstall leaves nothing" 'in_top uninstall
	[ -z "$(find "a root" ! -type d | tee left)" ] || { cat left; false; }
	[ ! -e "$here/lib/slipway" ]'
t "and nothing of others goes with it" 'in_top install
	mkdir -p "$here/lib/other" && touch "$here/bin/other" \
		"$here/lib/other/x" "$here/share/man/man1/other.1"
	in_top uninstall
	[ "$(find "a root" ! -type d | wc -l)" = 3 ]'
echo "1..$n"
