# SPDX-License-Identifier: Apache-2.0
# The slipway command, and the names by which it is a compiler. Each
# subcommand's owner adds `SLIPWAY_CMD_SRC += cmd/slipway/NAME.c`.
SLIPWAY_CMD_SRC += cmd/slipway/main.c cmd/slipway/ui.c cmd/slipway/opt.c \
	cmd/slipway/init.c cmd/slipway/targets.c cmd/slipway/doctor.c
SLIPWAY_CMD_OBJ = $(SLIPWAY_CMD_SRC:%.c=$(B)/obj/%.o)

KEEL_TOOLS = cc c++ ar ranlib ld nm strip objcopy
KEEL_TOOL_LINKS = $(KEEL_TOOLS:%=$(B)/bin/x86_64-keel-%)

$(B)/bin/slipway: $$(SLIPWAY_CMD_OBJ) $(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,LD ,$@)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ \
		$(SLIPWAY_CMD_OBJ) $(B)/libslipway.a $(HOST_LIBS)

$(KEEL_TOOL_LINKS): | $(B)/bin/slipway
	@mkdir -p $(@D)
	$(Q)ln -sf slipway $@

all: $(B)/bin/slipway $(KEEL_TOOL_LINKS)

# Completion for bash, where it looks for it.
.PHONY: install-completion
install: install-completion
install-completion:
	umask 022 && mkdir -p "$(D)/share/bash-completion/completions"
	install -m 644 cmd/slipway/completion.bash \
		"$(D)/share/bash-completion/completions/slipway"

.PHONY: uninstall-completion
uninstall: uninstall-completion
uninstall-completion:
	rm -f "$(D)/share/bash-completion/completions/slipway"
