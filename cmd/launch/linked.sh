#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The distribution's packages of static libraries, as lib/sbom/dpkg.h tells
# them: linked.sh LIBRARY...; nothing where there is no dpkg.
set -eu
command -v dpkg-query >/dev/null || exit 0
for lib in "$@"; do
	path=$($CC -print-file-name="$lib")
	[ -e "$path" ] || continue
	path=$(readlink -f "$path")
	owner=$(dpkg-query -S "$path" 2>/dev/null || \
		dpkg-query -S "${path#/usr}" 2>/dev/null) || continue
	# shellcheck disable=SC2016 # dpkg's own variables
	dpkg-query -W -f='${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' \
		"${owner%%: *}"
done | sort -u
