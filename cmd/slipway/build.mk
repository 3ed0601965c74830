# SPDX-License-Identifier: Apache-2.0
ifneq ($(and $(wildcard lib/toolchain/relink.c),$(wildcard lib/toolchain/compile.c),$(wildcard lib/image/vmm.c)),)
SLIPWAY_CMD_SRC += cmd/slipway/build.c
else
LDFLAGS += $(foreach s,compile_run relink relink_report_free vmm_path vmm_add image_layer_free image_add_file image_add_data image_write_tar image_write_layout image_write_rootfs,-Wl,--defsym=$(s)=0)
endif
