# SPDX-License-Identifier: Apache-2.0
# lib/toolchain: the compiler driver, compile and link plans, ELF.
LIB_SRC += lib/toolchain/respond.c lib/toolchain/args.c \
	lib/toolchain/libs.c lib/toolchain/objfile.c lib/toolchain/elf.c \
	lib/toolchain/note.c lib/toolchain/driver.c lib/toolchain/ldargs.c \
	lib/toolchain/ldmap.c lib/toolchain/symbols.c \
	lib/toolchain/dynamic.c \
	lib/toolchain/relocs.c lib/toolchain/weakrefs.c \
	lib/toolchain/refs.c lib/toolchain/absent.c \
	lib/toolchain/warnings.c lib/toolchain/calls.c \
	lib/toolchain/owner.c lib/toolchain/paint.c lib/toolchain/explain.c \
	lib/toolchain/explain_how.c \
	lib/toolchain/pack.c lib/toolchain/shrink.c lib/toolchain/relink.c \
	lib/toolchain/depfile.c lib/toolchain/objcache.c \
	lib/toolchain/done.c lib/toolchain/compile.c \
	lib/toolchain/inputs.c lib/toolchain/record.c \
	lib/toolchain/archive.c
