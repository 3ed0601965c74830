# SPDX-License-Identifier: Apache-2.0
TESTS += tests/docker/accept.t tests/docker/accept-build.t
