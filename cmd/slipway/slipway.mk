# SPDX-License-Identifier: Apache-2.0
# The slipway command, and the names by which it is a compiler. Each
# subcommand's owner adds `SLIPWAY_CMD_SRC += cmd/slipway/NAME.c`.
SLIPWAY_CMD_SRC += cmd/slipway/main.c cmd/slipway/ui.c cmd/slipway/event.c \
	cmd/slipway/opt.c cmd/slipway/complete.c cmd/slipway/init.c cmd/slipway/targets.c \
	cmd/slipway/doctor.c cmd/slipway/cache.c
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

# Completion, where each shell looks for it.
COMP_BASH = $(D)/share/bash-completion/completions
COMP_ZSH = $(D)/share/zsh/site-functions
COMP_FISH = $(D)/share/fish/vendor_completions.d

.PHONY: install-completion
install: install-completion
install-completion:
	umask 022 && mkdir -p "$(COMP_BASH)" "$(COMP_ZSH)" "$(COMP_FISH)"
	install -m 644 cmd/slipway/completion.bash "$(COMP_BASH)/slipway"
	install -m 644 cmd/slipway/completion.zsh "$(COMP_ZSH)/_slipway"
	install -m 644 cmd/slipway/completion.fish "$(COMP_FISH)/slipway.fish"

.PHONY: uninstall-completion
uninstall: uninstall-completion
uninstall-completion:
	rm -f "$(COMP_BASH)/slipway" "$(COMP_ZSH)/_slipway" \
		"$(COMP_FISH)/slipway.fish"
