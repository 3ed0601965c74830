# SPDX-License-Identifier: Apache-2.0
# keel's files: descriptors, names, the page cache, EROFS, devices, /proc.
KEEL_SRC += $(addprefix targets/keel/fs/,fd.c lock.c kstat.c inode.c dentry.c \
	mount.c memfs.c tree.c pagecache.c content.c regular.c dir.c path.c names.c \
	open.c blockio.c erofs.c erofs_dir.c boot.c devices.c devfs.c text_add.c text.c \
	proc.c proc_self.c proc_limits.c proc_mounts.c proc_task.c etc.c pipe.c anon.c eventpoll.c eventpoll_ctl.c eventfd.c signalfd.c timerfd.c)
KEEL_SRC += $(addprefix targets/keel/fs/,9p.c 9p_attr.c 9p_name.c 9p_file.c 9p_dir.c \
	9p_map.c 9p_mount.c writeback.c)
KEEL_SRC += $(addprefix targets/keel/sys/,fdio.c fdtable.c file.c filecopy.c \
	fileattr.c stat.c fstat.c filesync.c dirs.c poll.c pipe.c wait.c \
	epoll.c eventfd.c timerfd.c)
KEEL_SRC += targets/keel/arch/x86_64/cpuinfo.c

# On the way of each request of a server: compiled for speed.
$(addprefix $(KEEL_B)/obj/,fs/eventpoll.o sys/epoll.o): KEEL_CFLAGS += -O2
