/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the KVM clock, or the time-stamp counter. */
#include "plat/clock.h"
#include "arch/arch.h"
#include "arch/x86_64/io.h"
#include "kern/boot.h"
#include "kern/string.h"
#include "kern/time.h"
#include "plat/rtc.h"

/* Linux Documentation/virt/kvm/x86/{cpuid,msr}.rst */
enum {
	HYPERVISOR = 0x40000000,
	KVM_FEATURES = 0x40000001,
	HYPERVISOR_TSC_KHZ = 0x40000010,
	KVM_CLOCKSOURCE2 = 1 << 3,
	MSR_KVM_WALL_CLOCK = 0x4b564d00,
	MSR_KVM_SYSTEM_TIME = 0x4b564d01,
	NS_PER_S = 1000000000,
};

struct kvm_time {
	uint32_t version, pad;
	uint64_t tsc, ns;
	uint32_t mul;
	int8_t shift;
	uint8_t flags, pad2[2];
};
struct kvm_wall {
	uint32_t version, sec, nsec;
};
static volatile struct kvm_time kvm_time __attribute__((aligned(32)));

/* ns = (cycles since `cycles`) * mult / 2^32 + ns */
static struct {
	bool ready, kvm;
	uint64_t cycles, ns, mult;
} base;
static uint64_t realtime_offset;
static bool realtime_known;

static uint64_t image_pa_of(const volatile void *va)
{
	return (uint64_t)va - boot_info.image_va + boot_info.image_pa;
}

static uint64_t scale(uint64_t v, uint64_t mult)
{
	return (unsigned __int128)v * mult >> 32;
}

/* The frequency as the CPU or the hypervisor tells it; 0 if neither does. */
static uint64_t told_hz(void)
{
	uint32_t r[4];

	cpuid(1, 0, r);
	if (r[2] & 1u << 31) {
		cpuid(HYPERVISOR, 0, r);
		if (r[0] >= HYPERVISOR_TSC_KHZ) {
			cpuid(HYPERVISOR_TSC_KHZ, 0, r);
			if (r[0])
				return r[0] * 1000UL;
		}
	}
	cpuid(0, 0, r);
	if (r[0] < 0x15)
		return 0;
	cpuid(0x15, 0, r);
	return r[0] && r[1] ? (uint64_t)r[2] * r[1] / r[0] : 0;
}

static bool kvm_start(void)
{
	uint32_t r[4];

	cpuid(1, 0, r);
	if (!(r[2] & 1u << 31))
		return false;
	cpuid(HYPERVISOR, 0, r);
	if (r[1] != 0x4b4d564b || r[2] != 0x564b4d56) /* "KVMKVMKVM" */
		return false;
	cpuid(KVM_FEATURES, 0, r);
	if (!(r[0] & KVM_CLOCKSOURCE2))
		return false;
	msr_write(MSR_KVM_SYSTEM_TIME, image_pa_of(&kvm_time) | 1);
	return true;
}

/* Cycles to ns, as the host says. */
static uint64_t kvm_scale(uint64_t cycles)
{
	if (kvm_time.shift < 0)
		cycles >>= -kvm_time.shift;
	else
		cycles <<= kvm_time.shift;
	return scale(cycles, kvm_time.mul);
}

/* ns since the machine was made. */
static uint64_t kvm_read(void)
{
	uint32_t version;
	uint64_t ns;

	do {
		version = kvm_time.version;
		barrier();
		ns = kvm_time.ns + kvm_scale(arch_cycles() - kvm_time.tsc);
		barrier();
	} while (version & 1 || version != kvm_time.version);
	return ns;
}

static void start(void)
{
	uint64_t hz;

	base.ready = true;
	base.kvm = kvm_start();
	if (base.kvm)
		return;
	base.cycles = boot_info.start_cycles;
	hz = told_hz();
	if (!hz)
		hz = clock_measure();
	base.mult = ((uint64_t)NS_PER_S << 32) / hz;
}

uint64_t clock_now(void)
{
	uint64_t now, hz;

	if (!base.ready)
		start();
	if (base.kvm)
		return kvm_read();
	now = arch_cycles();
	hz = clock_measure_again(now);
	if (hz) { /* known better: goes on from here, without a step */
		base.ns += scale(now - base.cycles, base.mult);
		base.cycles = now;
		base.mult = ((uint64_t)NS_PER_S << 32) / hz;
	}
	return base.ns + scale(now - base.cycles, base.mult);
}

uint64_t clock_cycles_to_ns(uint64_t cycles)
{
	if (!base.ready)
		start();
	return base.kvm ? kvm_scale(cycles) : scale(cycles, base.mult);
}

/* From KVM's factor: 10^9 * 2^(32 - shift) / mul. */
static uint64_t kvm_hz(void)
{
	uint64_t v = ((uint64_t)NS_PER_S << 32) / kvm_time.mul;

	return kvm_time.shift < 0 ? v << -kvm_time.shift : v >> kvm_time.shift;
}

uint64_t clock_ns_to_cycles(uint64_t ns)
{
	uint64_t now = clock_now(), hz = base.kvm ? kvm_hz() : told_hz(), delta;

	if (!hz)
		return 0;
	delta = ns > now ? ns - now : 0;
	/* Rounded up, so that the time has come when the cycles have. */
	return arch_cycles() + delta / NS_PER_S * hz +
	       delta % NS_PER_S * (hz / 1000) / (NS_PER_S / 1000) + 1;
}

/* The time when the machine was made: kvm_read() counts from there. */
static uint64_t kvm_wall_clock(void)
{
	static volatile struct kvm_wall w __attribute__((aligned(16)));

	msr_write(MSR_KVM_WALL_CLOCK, image_pa_of(&w));
	return w.sec * (uint64_t)NS_PER_S + w.nsec;
}

uint64_t clock_realtime(void)
{
	uint64_t now = clock_now();

	if (!realtime_known) {
		const struct record_item *i = record_next(NULL, RECORD_TIME);

		if (base.kvm)
			realtime_offset = kvm_wall_clock();
		else if (i && i->len == sizeof(realtime_offset))
			memcpy(&realtime_offset, record_data(i), i->len);
		else
			realtime_offset = rtc_read() * NS_PER_S - now;
		realtime_known = true;
	}
	return realtime_offset + now;
}

void clock_set_realtime(uint64_t ns)
{
	realtime_offset = ns - clock_now();
	realtime_known = true;
	if (clock_was_set)
		clock_was_set();
	if (posix_timer_clock_was_set)
		posix_timer_clock_was_set();
}
