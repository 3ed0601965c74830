# SPDX-License-Identifier: Apache-2.0
# How musl is built: its own Makefile reads this as config.mak, in a build
# folder, with OURS = targets/keel/libc and srcdir = the untouched tree.
ARCH = x86_64
CC = $(TRIPLET)-gcc
AR = $(TRIPLET)-ar
RANLIB = true
ADD_CFI = no

# Our arch/ hides musl's headers of the same name.
CFLAGS_C99FSE = -std=c99 -ffreestanding -nostdinc -I$(OURS)/arch -Igen
CFLAGS_AUTO = -Os -pipe -fPIE -ffunction-sections -fdata-sections \
	-fexcess-precision=standard -frounding-math -fno-strict-aliasing \
	-Wa,--noexecstack -fno-omit-frame-pointer -fno-unwind-tables \
	-fno-asynchronous-unwind-tables -fstack-protector-strong \
	-fstack-clash-protection \
	-ffile-prefix-map=$(abspath $(srcdir))=musl \
	-ffile-prefix-map=$(OURS)=keel/libc -w
CFLAGS_MEMOPS = -fno-tree-loop-distribute-patterns
CFLAGS_NOSSP = -fno-stack-protector

# Small where a program spends no time (a small program is mostly that),
# fast where it does.
OPTIMIZE_GLOBS =
obj/src/string/%.o obj/src/internal/%.o obj/src/malloc/%.o obj/src/math/%.o obj/src/complex/%.o \
	obj/src/regex/%.o obj/src/stdlib/%.o obj/src/multibyte/%.o \
	obj/src/ctype/%.o obj/src/search/%.o obj/src/time/%.o \
	obj/src/prng/%.o obj/src/crypt/%.o obj/src/stdio/vf%.o: CFLAGS += -O2
obj/src/string/strlen.o: CFLAGS += -Os

# Files that ours replace, or that only a dynamic linker needs.
KEEL_OUT = src/env/__libc_start_main src/unistd/setxid \
	src/thread/clone src/thread/syscall_cp src/thread/__unmapself \
	src/thread/__set_thread_area src/signal/restore src/process/vfork
KEEL_OUT_OBJS = $(foreach f,$(KEEL_OUT),obj/$(f).o \
	obj/$(dir $(f))$(ARCH)/$(notdir $(f)).o)
KEEL_OBJS = $(addprefix obj/keel/,start_main.o setxid.o set_thread_area.o \
	clone.o restore.o unmapself.o vfork.o dso_handle.o pure_virtual.o \
	syscall_fn.o)

ALL_OBJS = $(addprefix obj/,$(filter-out $(REPLACED_OBJS),$(sort \
	$(BASE_OBJS) $(ARCH_OBJS))))
LIBC_OBJS = $(filter-out $(KEEL_OUT_OBJS),$(filter obj/src/%,$(ALL_OBJS))) \
	$(KEEL_OBJS)
STATIC_LIBS = lib/libc.a
SHARED_LIBS =
TOOL_LIBS =
ALL_TOOLS =

keel: lib/libc.a lib/crt1.o lib/crti.o lib/crtn.o $(EMPTY_LIBS)

obj/src/thread/__syscall_cp.o: CFLAGS += -DKEEL_BY_FN
obj/src/thread/pthread_cancel.o: CFLAGS += -DKEEL_BY_FN \
	-D__syscall_cp_asm=keel_cp -D__cp_begin=keel_cp_begin \
	-D__cp_end=keel_cp_end -D__cp_cancel=keel_cp_cancel \
	-D__cancel=keel_cancel

obj/keel/start_main.o: CFLAGS += $(CFLAGS_NOSSP)
obj/keel/set_thread_area.o: CFLAGS += $(CFLAGS_NOSSP)
obj/keel/%.o: $(OURS)/%.c $(GENH)
	@mkdir -p $(@D)
	$(CC_CMD)
obj/keel/clone.o obj/keel/restore.o obj/keel/unmapself.o obj/keel/vfork.o: \
		$(OURS)/jump.S
	@mkdir -p $(@D)
	$(CC_CMD) $(JUMP)
obj/keel/clone.o: JUMP = -DFROM=__clone -DTO=keel_clone
obj/keel/restore.o: JUMP = -DFROM=__restore_rt -DTO=keel_restore_rt
obj/keel/unmapself.o: JUMP = -DFROM=__unmapself -DTO=keel_unmapself
obj/keel/vfork.o: JUMP = -DFROM=vfork -DTO=keel_vfork \
	-DRETURN=__syscall_ret

# The change must have found all its places.
obj/keel/iconv.c: $(srcdir)/src/locale/iconv.c $(OURS)/iconv.sed
	@mkdir -p $(@D)
	sed -f $(OURS)/iconv.sed $< >$@
	test "$$(diff $< $@ | grep -c '^>')" = 3 || { rm $@; exit 1; }
obj/src/locale/iconv.o: obj/keel/iconv.c
	$(CC) $(CFLAGS_ALL) -I$(srcdir)/src/locale -c -o $@ obj/keel/iconv.c
