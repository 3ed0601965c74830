# SPDX-License-Identifier: Apache-2.0
# lib/manifest: the two kinds of manifest, read and checked.
LIB_SRC += lib/manifest/diag.c lib/manifest/scan.c lib/manifest/doc.c \
	lib/manifest/value.c lib/manifest/target.c \
	lib/manifest/app.c lib/manifest/app_value.c \
	lib/manifest/app_parts.c lib/manifest/app_binaries.c \
	lib/manifest/app_rootfs.c \
	lib/manifest/app_health.c lib/manifest/app_check.c

TARGET_FILES = $(wildcard targets/*.json)
MANIFEST_DATA = $(TARGET_FILES:%=$(L)/%) $(L)/schema/slipway.schema.json \
	$(L)/schema/target.schema.json
all: $(MANIFEST_DATA)

$(L)/targets/%.json: targets/%.json
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(L)/schema/%.json: lib/manifest/%.json
	@mkdir -p $(@D)
	$(Q)cp $< $@
