# SPDX-License-Identifier: Apache-2.0
TESTS += tests/cli/inspect.t tests/cli/explain.t tests/cli/artifact.t
