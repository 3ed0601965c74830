#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# slipway build of own sources: what is compiled again, and what is not.
# shellcheck disable=SC2016 # the shell of each test expands
set -u
SLIPWAY=$(cd "$(dirname "${SLIPWAY:-build/bin/slipway}")" && pwd)/slipway
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
cd "$work" || exit 1
SLIPWAY_CACHE=$work/cache
export SLIPWAY SLIPWAY_CACHE
n=0

ts() { # NAME SHELL
	n=$((n + 1))
	if timeout 60 sh -c "build() { \$SLIPWAY build \
		--output type=kernel,dest=k \"\$@\" >log 2>&1; }; $2" >out 2>err
	then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		tail -n 5 out err log | sed 's/^/# /'
	fi
}

mkdir p && cd p || exit 1
cat >slipway.json <<'END'
{
	"name": "p",
	"target": "x86_64-keel",
	"sources": ["main.c", "sub dir/part.c"],
	"cflags": ["-Os", "-Wall", "-Iinc"]
}
END
mkdir inc "sub dir"
echo '#define ANSWER 41' >inc/answer.h
cat >main.c <<'END'
#include <stdio.h>
int part(void);
int main(void)
{
	return printf("%d\n", part()) < 0;
}
END
cat >"sub dir/part.c" <<'END'
#include "answer.h"
int part(void)
{
	return ANSWER;
}
END

ts "everything is compiled the first time" 'build &&
	grep -q "compile main.c" log && grep -q "compile sub dir/part.c" log'
ts "nothing is done the second time" 'build &&
	! grep -E "compile|link|reuse" log'
ts "a changed header compiles what includes it" '
	echo "#define ANSWER 42" >inc/answer.h && build &&
	grep -q "compile sub dir/part.c" log && ! grep -q "compile main.c" log &&
	grep -q "link" log'
ts "a touched source links nothing new" '
	cp k k.old && touch main.c && build && cmp k k.old'
ts "other flags compile everything" '
	sed -i "s/-Os/-O1/" slipway.json && build &&
	grep -q "compile main.c" log && grep -q "compile sub dir/part.c" log'
ts "from nothing, objects come from the cache" '
	cp k k.old && rm -rf build && build && cmp k k.old &&
	! grep -q compile log && grep -q "reuse main.c" log'
ts "also in another folder, with the same bytes" '
	rm -rf ../q && mkdir ../q && cp -r * ../q/ && cd ../q && rm -rf build k &&
	build && cmp k ../p/k && ! grep -q compile log'
ts "an old header again is found again" '
	echo "#define ANSWER 43" >inc/answer.h && build &&
	grep -q "compile sub" log'
ts "the date is that of SOURCE_DATE_EPOCH" '
	cp main.c main.old && echo "const char *date = __DATE__;" >>main.c &&
	sed -i "s/part())/part()) + (date[0] == 0)/" main.c &&
	sed -i "1i extern const char *date;" main.c && build -v &&
	find build -name program -exec cat {} + | grep -q "Jan  1 1970" &&
	SOURCE_DATE_EPOCH=86400 && export SOURCE_DATE_EPOCH &&
	build && find build -name program -exec cat {} + | grep -q "Jan  2 1970"
	r=$?; mv main.old main.c; [ $r = 0 ]'
ts "without a cache it compiles" '
	rm -rf build && SLIPWAY_CACHE=off && export SLIPWAY_CACHE && build &&
	grep -q "compile main.c" log'
ts "a removed object is made again" '
	find build -name "main.c.o" -exec rm {} + && build && [ -s k ]'
ts "a header that is gone is an error that names it" '
	rm inc/answer.h; ! build && grep -q "answer.h" log'
ts "and the next build works" '
	echo "#define ANSWER 5" >inc/answer.h && build'
ts "errors of two sources are both shown" '
	echo "int x = ;" >>main.c && echo "int y = ;" >>"sub dir/part.c" &&
	! build; grep -q "main.c:" log && grep -q "cannot compile" log'
echo "1..$n"
