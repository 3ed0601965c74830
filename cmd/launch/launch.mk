# SPDX-License-Identifier: Apache-2.0
# The launcher is static: an image holds nothing that it could be linked to.
LAUNCH = $(L)/launch/x86_64/launch
LAUNCH_STATIC = $(if $(SANITIZE),$(SAN),-static)

LAUNCH_OBJ = $(addprefix $(B)/obj/cmd/launch/, launch.o mounts.o network.o \
	health.o)

$(LAUNCH): $(LAUNCH_OBJ) $(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,LD ,$@)$(CC) $(CFLAGS) $(LAUNCH_STATIC) \
		-Wl,--gc-sections -Wl,--build-id=none -s -o $@ $^ -ljansson

# It needs nothing but the C library that QEMU has anyway.
LISTEN = $(L)/launch/x86_64/listen.so
$(LISTEN): cmd/launch/listen.c
	@mkdir -p $(@D)
	$(call say,LD ,$@)$(CC) -std=gnu11 $(WARN) -O2 -fPIC -shared -nostdlib \
		-Wl,-z,noseparate-code -Wl,--build-id=none -s -o $@ $<

# The packages of the libraries that are in it, for an image's list of parts.
LAUNCH_LIBS = $(L)/launch/x86_64/linked
$(LAUNCH_LIBS): $(LAUNCH) cmd/launch/linked.sh
	$(Q)CC="$(CC)" sh cmd/launch/linked.sh libc.a libjansson.a libgcc.a >$@

all: $(LAUNCH) $(LISTEN) $(LAUNCH_LIBS)
