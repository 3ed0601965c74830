# SPDX-License-Identifier: Apache-2.0
TESTS += tests/cli/cc.t tests/cli/cc-relink.t tests/cli/compile.t tests/cli/fetch.t
