# SPDX-License-Identifier: Apache-2.0
TESTS += tests/cli/build.t tests/cli/build-safe.t tests/cli/repro.t \
	tests/cli/several.t tests/cli/share.t \
	tests/cli/install.t tests/cli/engines.t tests/cli/deploy.t tests/cli/deb.t tests/cli/progress.t
