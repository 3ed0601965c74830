/* SPDX-License-Identifier: Apache-2.0 */
/* The vector units' state in signal frames, laid out as Linux does. */
#include "arch/x86_64/signal_fpu.h"
#include "arch/x86_64/io.h"
#include "kern/string.h"
#include "mm/uaccess.h"

#include <asm-generic/siginfo.h>
#include <asm/sigcontext.h>
#include <linux/errno.h>

/* Intel SDM 1, 10.5.1 and 13.4: FXSAVE's part, then XSAVE's header. */
enum {
	FX_SIZE = 512,
	HEADER_SIZE = 64,
	SW_BYTES = 464, /* free for software: what the frame has */
	MXCSR = 24,
	FCW = 0,
	MXCSR_START = 0x1f80,
	FCW_START = 0x37f,
	XSAVE_ENABLED = 1 << 27,
};
_Static_assert(sizeof(struct _fpx_sw_bytes) == FX_SIZE - SW_BYTES, "ABI");

static uint64_t features; /* XCR0; 0: there is only FXSAVE */
static uint32_t size;     /* of the area */

static void find(void)
{
	uint32_t r[4], lo, hi;

	cpuid(1, 0, r);
	size = FX_SIZE;
	if (!(r[2] & XSAVE_ENABLED))
		return;
	__asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	features = (uint64_t)hi << 32 | lo;
	cpuid(0xd, 0, r);
	size = r[1];
}

size_t signal_fpu_size(void)
{
	if (!size)
		find();
	return features ? size + FP_XSTATE_MAGIC2_SIZE : size;
}

/* The state that programs start with; only what a load reads of it. */
static int load_start(void)
{
	static uint8_t area[FX_SIZE + HEADER_SIZE] __attribute__((aligned(64)));
	uint16_t fcw = FCW_START;
	uint32_t mxcsr = MXCSR_START;

	memcpy(area + FCW, &fcw, sizeof(fcw));
	memcpy(area + MXCSR, &mxcsr, sizeof(mxcsr));
	return signal_fpu_load(area, features);
}

int signal_fpu_put(uint64_t va)
{
	const uint32_t magic = FP_XSTATE_MAGIC2;
	struct _fpx_sw_bytes sw = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = size + FP_XSTATE_MAGIC2_SIZE,
		.xfeatures = features,
		.xstate_size = size,
	};
	uint8_t *to = (uint8_t *)va;

	if (zero_user(to, signal_fpu_size()) || signal_fpu_save(to, features))
		return -EFAULT;
	if (features && (copy_to_user(to + SW_BYTES, &sw, sizeof(sw)) ||
				copy_to_user(to + size, &magic, sizeof(magic))))
		return -EFAULT;
	return load_start();
}

/* What the area at `va` says it has of ours: 0 if only FXSAVE's part. */
static uint64_t features_at(const uint8_t *from)
{
	struct _fpx_sw_bytes sw;
	uint32_t magic;

	if (!features || copy_from_user(&sw, from + SW_BYTES, sizeof(sw)) ||
		sw.magic1 != FP_XSTATE_MAGIC1 ||
		sw.xstate_size < FX_SIZE + HEADER_SIZE ||
		sw.xstate_size > size || sw.xstate_size > sw.extended_size ||
		copy_from_user(&magic, from + sw.xstate_size, sizeof(magic)) ||
		magic != FP_XSTATE_MAGIC2)
		return 0;
	return sw.xfeatures & features;
}

int signal_fpu_get(uint64_t va)
{
	const uint8_t *from = (const uint8_t *)va;
	uint64_t what;
	uint8_t byte;

	signal_fpu_size();
	/* Parts that the area has not are as at the start. */
	load_start();
	if (!va)
		return 0;
	/* It is the program's; misaligned is a fault (Linux copies then). */
	what = features_at(from);
	if (copy_from_user(&byte, from, 1) ||
		copy_from_user(&byte, from + (what ? size : FX_SIZE) - 1, 1) ||
		signal_fpu_load(from, what))
		return -EFAULT;
	return 0;
}

int signal_fpu_code(bool x87)
{
	enum { INVALID = 1, DENORMAL = 2, ZERO = 4, OVER = 8, UNDER = 16 };
	uint32_t mxcsr, raised;
	uint16_t status, control;

	if (x87) {
		__asm__("fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
		raised = status & ~control;
	} else {
		__asm__("stmxcsr %0" : "=m"(mxcsr));
		raised = mxcsr & ~(mxcsr >> 7);
	}
	if (raised & INVALID)
		return FPE_FLTINV;
	if (raised & ZERO)
		return FPE_FLTDIV;
	if (raised & OVER)
		return FPE_FLTOVF;
	if (raised & (UNDER | DENORMAL))
		return FPE_FLTUND;
	return FPE_FLTRES;
}
