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
# The same bytes wherever the sources are.
HOST_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(SAN) -D_GNU_SOURCE -Ilib \
	-iquote targets/keel -ffile-prefix-map=$(CURDIR)=. -MMD -MP
HOST_LIBS = -larchive -ljansson -lz -lzstd -llz4 -lnettle

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

# Newer than all that decides the bytes of a build: lib/build keys name it.
STAMP = $(L)/sysroot/x86_64-keel/stamp
all: $(STAMP)
$(STAMP): $(addprefix $(KEEL_LIB)/,libc.a libhost.a libkeel.a \
		libkeel-absent.a keel.ld) $(KEEL_CALLS) $(B)/bin/slipway \
		$(BOOT_BIN) $(LAUNCH) $(LISTEN)
	$(Q)touch $@

include targets/linux/linux.mk

include $(wildcard tests/*/*.mk)

include targets/sources/deps.mk
include targets/debian/debian.mk

.PHONY: all check check-run lint demo bench clean install uninstall
.DELETE_ON_ERROR:

# --- the two commands of the README ---------------------------------------
# Both start from a machine with git, make and root or sudo, and install the
# packages that they need before anything is compiled.

demo: deps
	@$(MAKE) --no-print-directory all
	@SLIPWAY=$(abspath $(B))/bin/slipway B=$(abspath $(B)) tests/demo/run

check: deps
	@$(MAKE) --no-print-directory CI=1 check-run

check-run: all $(TEST_DEPS)
	@SLIPWAY=$(abspath $(B))/bin/slipway B=$(abspath $(B)) \
		tests/run $(B)/check.log $(TESTS)

bench: deps
	@$(MAKE) --no-print-directory all
	@SLIPWAY=$(abspath $(B))/bin/slipway B=$(abspath $(B)) tests/bench/run

# --- installation ----------------------------------------------------------
MAN1 = $(wildcard cmd/*/*.1)
MAN5 = $(wildcard lib/*/*.5)
D = $(DESTDIR)$(PREFIX)
MAN_DIR = $(D)/share/man

# Whatever umask the build and the installation have, all may read it.
install: all
	umask 022 && mkdir -p "$(D)/bin" "$(D)/lib" "$(MAN_DIR)/man1" \
		"$(MAN_DIR)/man5"
	cp -RPf $(B)/bin/. "$(D)/bin/"
	chmod 755 "$(D)/bin/slipway"
	rm -rf "$(D)/lib/slipway"
	cp -RPf $(L) "$(D)/lib/slipway"
	chmod -R u=rwX,go=rX "$(D)/lib/slipway"
	chmod 644 "$(D)/lib/slipway/boot/"*/*.bin
	install -m 644 $(MAN1) "$(MAN_DIR)/man1/"
	install -m 644 $(MAN5) "$(MAN_DIR)/man5/"
	for t in $$(ls $(B)/bin | grep -vx slipway); do \
		ln -sf slipway-cc.1 "$(MAN_DIR)/man1/$$t.1"; done

uninstall:
	for f in $$(ls $(B)/bin); do \
		rm -f "$(D)/bin/$$f" "$(MAN_DIR)/man1/$$f.1"; done
	rm -rf "$(D)/lib/slipway"
	for f in $(notdir $(MAN1)); do rm -f "$(MAN_DIR)/man1/$$f"; done
	for f in $(notdir $(MAN5)); do rm -f "$(MAN_DIR)/man5/$$f"; done

# --- data that is installed as it is ----------------------------------------
all: $(L)/sources/fetch.sh $(L)/sources/packages.sh
$(L)/sources/%.sh: targets/sources/%.sh
	@mkdir -p $(@D)
	$(Q)cp -p $< $@

include templates/templates.mk

clean:
	rm -rf $(B)
