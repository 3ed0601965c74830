# SPDX-License-Identifier: Apache-2.0
# A root file system of slipway build, read in the guest.
TESTS += tests/boot/file-root.t
