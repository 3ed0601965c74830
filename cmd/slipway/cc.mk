# SPDX-License-Identifier: Apache-2.0
# The compiler driver, and the rest of the names by which it is called.
SLIPWAY_CMD_SRC += cmd/slipway/cc.c
CC_MORE = gcc g++ cpp as objdump readelf size strings addr2line \
	gcc-ar gcc-nm gcc-ranlib
CC_MORE_LINKS = $(CC_MORE:%=$(B)/bin/x86_64-keel-%)

$(CC_MORE_LINKS): | $(B)/bin/slipway
	@mkdir -p $(@D)
	$(Q)ln -sf slipway $@
all: $(CC_MORE_LINKS)
