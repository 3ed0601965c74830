# SPDX-License-Identifier: Apache-2.0
# Templates are installed as they are, but for `lamp`: it stands on those of
# its three servers. Their manifests, with what parts/ says otherwise, and
# their files are copied into it, so that no recipe is written twice.
LAMP = $(L)/templates/lamp
LAMP_web = nginx
LAMP_php = php
LAMP_db = mariadb

TEMPLATE_FILES = $(shell find templates -mindepth 2 -type f \
	! -path '*/lamp/parts/*')
all: $(TEMPLATE_FILES:%=$(L)/%)
$(L)/templates/%: templates/%
	@mkdir -p $(@D)
	$(Q)cp -p $< $@

LAMP_MANIFESTS = $(addprefix $(LAMP)/,web.json php.json db.json)
all: $(LAMP_MANIFESTS)
$(LAMP_MANIFESTS): $(LAMP)/%.json: templates/$$(LAMP_$$*)/slipway.json \
		templates/lamp/parts/%.json templates/merge.awk
	@mkdir -p $(@D)
	$(Q)awk -f templates/merge.awk $(wordlist 1,2,$^) >$@

# What the manifests name, but for what lamp has of its own: TEMPLATE/FILE.
LAMP_FILES = $(addprefix nginx/,mime.types passwd group) \
	$(patsubst templates/%,%,$(shell find templates/php templates/mariadb \
		-type f ! -name slipway.json ! -name README.md \
		! -path 'templates/php/app/*'))
define lamp_file
all: $$(LAMP)/$(2)
$$(LAMP)/$(2): templates/$(1)/$(2)
	@mkdir -p $$(@D)
	$$(Q)cp -p $$< $$@
endef
lamp_split = $(call lamp_file,$(firstword $(1)),$(subst $() ,/,$(wordlist \
	2,9,$(1))))
$(foreach f,$(LAMP_FILES),$(eval $(call lamp_split,$(subst /, ,$(f)))))
