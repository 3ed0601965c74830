# SPDX-License-Identifier: Apache-2.0
# keel: threads, sleeping, locks.
KEEL_SRC += $(addprefix targets/keel/sched/,waitq.c sleep.c work.c timer.c \
	sched.c thread.c)
