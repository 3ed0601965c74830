# SPDX-License-Identifier: Apache-2.0
# keel: system calls about the process, time and signals.
KEEL_SRC += $(addprefix targets/keel/sys/,process.c process_limits.c process_nice.c \
	process_reboot.c signal.c signal_wait.c signalfd.c \
	itimer.c posix_timer.c cpu_timer.c time.c time_sleep.c futex.c \
	futex_queue.c futex_robust.c thread.c thread_sched.c)
