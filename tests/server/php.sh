#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the template php, its program and its kernel, with the scripts of the
# tests in /srv/test: in $B/server/php, once for all that use it. Others have
# there a manifest of their own, with the same `name` and `build`.
set -e
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
server_project php "$server_dir/php" '
	.files += [{from: "'"$PWD"'/tests/server/php", to: "/srv/test"}]'
exec "$SLIPWAY" build -q "$server_dir/php" --output type=kernel
