# SPDX-License-Identifier: Apache-2.0
# `make deb`: a package for the distribution, $(B)/slipway_VERSION_ARCH.deb,
# of what `make install` installs. The same sources give the same bytes.
.PHONY: deb
deb: all
	@B=$(B) targets/debian/deb.sh
