#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rules of the house that a program can check.
set -u
n=0
check() { # NAME OFFENDERS
	n=$((n + 1))
	bad=$2
	if [ -z "$bad" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$bad" | head -20 | sed 's/^/# /'
	fi
}
files() {
	git ls-files -- "$@" 2>/dev/null
}
shell_scripts() {
	git ls-files | while read -r f; do
		case $f in
		*.sh) echo "$f" ;;
		*) head -c 20 "$f" 2>/dev/null |
			grep -aqE '^#!/bin/(ba)?sh' && echo "$f" ;;
		esac
	done
}
arch_if='^[[:space:]]*#[[:space:]]*(if|elif|ifdef|ifndef).*'
arch_if="$arch_if(__x86_64__|__aarch64__|__i386__)"
arch_if="$arch_if|\\b(__asm__|asm)[[:space:]]*((__)?volatile(__)?)?[[:space:]]*\\("
echo 1..6

check "sources are formatted by clang-format" "$(
	files '*.c' '*.h' | xargs clang-format --dry-run -Werror 2>&1 |
		grep 'error:' | cut -d: -f1 | sort | uniq -c
)"

check "no architecture conditionals or assembly outside arch/" "$(
	git grep -nE "$arch_if" -- 'lib/*.[ch]' 'cmd/*.[ch]' 'targets/*.[ch]' |
		grep -v '/arch/'
)"

check "sources carry their licence line" "$(
	files '*.c' '*.h' '*.S' '*.sh' '*.awk' '*.mk' '*.ld' |
		xargs grep -L 'SPDX-License-Identifier' | grep -v '^templates/'
)"

check "no file is longer than 500 lines" "$(
	files '*.c' '*.h' '*.S' '*.sh' | xargs wc -l |
		awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }'
)"

check "nothing is left undone in silence" "$(
	git grep -nE 'TODO|FIXME|\bXXX\b|\bHACK\b' -- '*.[chS]' '*.sh' '*.mk'
)"

check "shell scripts pass shellcheck" "$(
	shell_scripts | xargs shellcheck -x 2>&1 | grep -A2 -E '^In '
)"
