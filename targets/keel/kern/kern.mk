# SPDX-License-Identifier: Apache-2.0
# keel: boot order, log, boot record, signals, start of the program.
KEEL_SRC += $(addprefix targets/keel/kern/,main.c record.c cmdline.c random.c log.c \
	format.c backtrace.c lz4.c string.c signal.c signal_queue.c \
	signal_send.c signal_deliver.c signal_mask.c signal_stack.c process.c process_exit.c \
	absent.c)
