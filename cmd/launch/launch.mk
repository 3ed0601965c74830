# SPDX-License-Identifier: Apache-2.0
# The launcher is static: an image holds nothing that it could be linked to.
LAUNCH = $(L)/launch/x86_64/launch
LAUNCH_STATIC = $(if $(SANITIZE),$(SAN),-static)

LAUNCH_OBJ = $(addprefix $(B)/obj/cmd/launch/, launch.o mounts.o network.o \
	health.o)

$(LAUNCH): $(LAUNCH_OBJ) $(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,LD ,$@)$(CC) $(CFLAGS) $(LAUNCH_STATIC) \
		-Wl,--gc-sections -s -o $@ $^ -ljansson

all: $(LAUNCH)
