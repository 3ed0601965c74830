# SPDX-License-Identifier: Apache-2.0
# Slipway: `make` builds into $(B), `make demo` shows it, `make check` tests it.

B      ?= build
PREFIX ?= /usr/local
CC     ?= gcc
AR     ?= ar
V      ?= 0

ifeq ($(V),0)
Q = @
say = @echo "  $(1) $(2)";
endif

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla \
	-Wimplicit-fallthrough -Wformat=2
ifdef CI
WARN += -Werror
endif
ifdef SANITIZE
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all
endif
CFLAGS ?= -O2 -g
HOST_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(SAN) -D_GNU_SOURCE -Ilib \
	-Itargets/keel -MMD -MP
HOST_LIBS = -larchive -ljansson -lz -lmd

# The build folder has the shape of an installation: $(B)/bin, $(L).
L = $(B)/lib/slipway

all:

.SECONDEXPANSION:

# Each .mk adds to these, and to `all:` and `check:` as prerequisites.
LIB_SRC =
TESTS =

include lib/lib.mk
include $(wildcard lib/*/*.mk)
include $(wildcard cmd/*/*.mk)
include targets/keel/keel.mk
include $(wildcard tests/*/*.mk)

.PHONY: all check demo bench deps clean install
.DELETE_ON_ERROR:

clean:
	rm -rf $(B)
