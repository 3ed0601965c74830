# SPDX-License-Identifier: Apache-2.0
TESTS += tests/docker/contract.t tests/docker/volume.t tests/docker/dockerfile.t
TESTS += tests/docker/net.t tests/docker/servers.t
