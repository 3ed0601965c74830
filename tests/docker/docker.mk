# SPDX-License-Identifier: Apache-2.0
TESTS += tests/docker/contract.t tests/docker/contract-linux.t tests/docker/volume.t tests/docker/dockerfile.t
TESTS += tests/docker/net.t tests/docker/servers.t
TESTS += tests/docker/mariadb.t
TESTS += tests/docker/lamp.t

# The template lamp by itself, as `make check` does it among the others.
.PHONY: lamp-test
lamp-test: deps
	@$(MAKE) --no-print-directory all
	@SLIPWAY=$(abspath $(B))/bin/slipway B=$(abspath $(B)) \
		tests/exec tests/docker/lamp.t
