# SPDX-License-Identifier: Apache-2.0
TESTS += tests/cli/run.t tests/cli/run-net.t
