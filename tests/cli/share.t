#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A folder of cached results serves where Slipway and the project are somewhere
# else, as a CI's cache: all of it is found, and gives the same bytes.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh

install_to() { # DIR: as it is, but somewhere else
	mkdir -p "$1"
	cp -RP "${SLIPWAY%/*}" "${SLIPWAY%/*}/../lib" "$1"
}
source_to() { # DIR
	project "$1" '"cflags": ["-g", "-Iinc"], "ports": [80],
	"files": [{"from": "main.c", "to": "/main.c"}]'
	mkdir "$1/inc"
	echo '#define WHERE __FILE__' >"$1/inc/own.h"
	sed -i 's/#include <stdio.h>/&\n#include <math.h>\n#include "own.h"/
		s/"Hello, world"/WHERE/' "$1/main.c"
}
export -f install_to source_to

t "in one place" '
	install_to one/inst && source_to one/p
	export SLIPWAY=$PWD/one/inst/bin/slipway SLIPWAY_CACHE=$PWD/one/cache
	build one/p
	says "compile main.c" "compress layer"'
t "in another place with its cache" '
	install_to "two places/of/another installation"
	source_to two/deep/er/p
	cp -r one/cache two/cache
	export SLIPWAY="$PWD/two places/of/another installation/bin/slipway"
	export SLIPWAY_CACHE=$PWD/two/cache
	build two/deep/er/p
	says "reuse main.c"
	silent "compile|compress"
	cmp one/p/build/hello.tar two/deep/er/p/build/hello.tar'
t "an object tells neither place" '
	cmp one/p/build/hello/obj/main.c.o two/deep/er/p/build/hello/obj/main.c.o
	not grep -aq "$PWD" one/p/build/hello/obj/main.c.o'
t "what was found is known to be up to date" '
	export SLIPWAY="$PWD/two places/of/another installation/bin/slipway"
	build two/deep/er/p
	silent "compile|reuse|link|write"'
t "a header of the installation counts" '
	export SLIPWAY="$PWD/two places/of/another installation/bin/slipway"
	export SLIPWAY_CACHE=$PWD/two/cache
	echo "/* another */" >>"${SLIPWAY%/bin/*}/lib/slipway/sysroot/x86_64-keel/include/math.h"
	rm -rf two/deep/er/p/build
	build --runner none two/deep/er/p
	says "compile main.c"'
t "a header of the project counts" '
	export SLIPWAY=$PWD/one/inst/bin/slipway SLIPWAY_CACHE=$PWD/one/cache
	echo "/* another */" >>one/p/inc/own.h
	build --runner none one/p
	says "compile main.c"'
echo "1..$n"
