/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel log, panic, and the end of the machine. */
#include "kern/log.h"
#include "abi/channel.h"
#include "arch/arch.h"
#include "drivers/console.h"
#include "kern/backtrace.h"
#include "kern/boot.h"
#include "kern/format.h"
#include "plat/power.h"
#include "plat/serial.h"

enum { LINE_MAX = 256 };

void (*log_sink)(int kind, const char *text, size_t len);

static void __attribute__((format(printf, 2, 0)))
emit(int kind, const char *fmt, va_list ap)
{
	char line[LINE_MAX];
	size_t n = kvsnprintf(line, sizeof(line), fmt, ap);

	n = MIN(n, sizeof(line) - 1);
	if (log_sink)
		log_sink(kind, line, n);
	else
		serial_write(line, n);
}

void klog(const char *fmt, ...)
{
	va_list ap;

	if (!(record_flags() & RECORD_F_VERBOSE))
		return;
	va_start(ap, fmt);
	emit(CHANNEL_LOG, fmt, ap);
	va_end(ap);
}

void kmsg(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(CHANNEL_ERR, fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	static bool again;
	bool plain;
	va_list ap;

	arch_irq_save();
	if (!again) {
		again = true;
		backtrace_keel((uint64_t)__builtin_return_address(0),
			(uint64_t)__builtin_frame_address(0));
		/* The launcher says whose message it is. */
		plain = !(record_flags() & RECORD_F_CHANNEL);
		if (plain)
			kmsg("keel: ");
		va_start(ap, fmt);
		emit(CHANNEL_PANIC, fmt, ap);
		va_end(ap);
		if (plain)
			kmsg("\n");
	}
	power_off();
}

bool machine_ends;

void machine_exit(int status)
{
	machine_ends = true;
	console_exit(status);
	power_off();
}

/* Of a program without files and network; kern/process_exit.c has theirs. */
weak void process_exit(int status) __attribute__((alias("machine_exit")));
