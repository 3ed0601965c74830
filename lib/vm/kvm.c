/* SPDX-License-Identifier: Apache-2.0 */
/* Does KVM execute code? A tiny guest answers. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "vm/vm.h"

/*
 * /dev/kvm can open, give a machine and a CPU, and then fail at the first
 * instruction it has to emulate or of the vector unit. So: a guest in
 * 64-bit mode multiplies with SSE and gives the product back by a port.
 */
enum {
	PAGE = 4096,
	MEM_SIZE = 6 * PAGE,
	PML4 = 1 * PAGE,
	PDPT = 2 * PAGE,
	PD = 3 * PAGE,
	CODE = 4 * PAGE,
	STACK_END = 6 * PAGE,
	PORT = 0x510,
	LIMIT_MS = 50,
};

static const unsigned char code[] = {
	0xb8, 0x06, 0x00, 0x00, 0x00,       /* mov $6, %eax */
	0xbb, 0x07, 0x00, 0x00, 0x00,       /* mov $7, %ebx */
	0xf2, 0x0f, 0x2a, 0xc0,             /* cvtsi2sd %eax, %xmm0 */
	0xf2, 0x0f, 0x2a, 0xcb,             /* cvtsi2sd %ebx, %xmm1 */
	0xf2, 0x0f, 0x59, 0xc1,             /* mulsd %xmm1, %xmm0 */
	0x0f, 0x11, 0x44, 0x24, 0xe0,       /* movups %xmm0, -32(%rsp) */
	0xf2, 0x0f, 0x2d, 0x44, 0x24, 0xe0, /* cvtsd2si -32(%rsp), %eax */
	0x66, 0xba, 0x10, 0x05,             /* mov $0x510, %dx */
	0xef,                               /* out %eax, %dx */
	0xf4,                               /* hlt */
};
enum { PRODUCT = 42 };

static void fill_memory(unsigned char *mem)
{
	static const uint64_t entries[][2] = {
		{PML4, PDPT | 3}, {PDPT, PD | 3},
		{PD, 0x83}, /* the first 2 MiB, one large page */
	};

	for (int i = 0; i < 3; i++)
		memcpy(mem + entries[i][0], &entries[i][1], 8);
	memcpy(mem + CODE, code, sizeof(code));
}

static int set_registers(int cpu)
{
	struct kvm_segment seg = {.limit = 0xffffffff,
		.type = 3,
		.present = 1,
		.s = 1,
		.db = 1,
		.g = 1,
		.selector = 16};
	struct kvm_sregs sregs;
	struct kvm_regs regs = {.rip = CODE, .rsp = STACK_END, .rflags = 2};

	if (ioctl(cpu, KVM_GET_SREGS, &sregs) < 0)
		return -1;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = seg;
	seg.type = 11;
	seg.selector = 8;
	seg.db = 0;
	seg.l = 1;
	sregs.cs = seg;
	sregs.cr0 = 0x80050033; /* PG WP NE ET MP PE */
	sregs.cr3 = PML4;
	sregs.cr4 = 0x620;  /* PAE OSFXSR OSXMMEXCPT */
	sregs.efer = 0x500; /* LME LMA */
	if (ioctl(cpu, KVM_SET_SREGS, &sregs) < 0)
		return -1;
	return ioctl(cpu, KVM_SET_REGS, &regs);
}

/* The guest sees the features of the host's CPU, or it may have no SSE. */
static int set_cpuid(int kvm, int cpu)
{
	enum { N = 256 };
	_free_ struct kvm_cpuid2 *id =
		xcalloc(1, sizeof(*id) + N * sizeof(struct kvm_cpuid_entry2));

	id->nent = N;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, id) < 0)
		return -1;
	return ioctl(cpu, KVM_SET_CPUID2, id);
}

static const char *run_guest(int cpu, const struct kvm_run *run)
{
	uint32_t got;

	if (ioctl(cpu, KVM_RUN, 0) < 0)
		return errno == EINTR ? "the test guest hangs"
				      : "the test guest does not run";
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != PORT ||
		run->io.size != 4)
		return "the test guest fails at its first instructions";
	memcpy(&got, (const char *)run + run->io.data_offset, 4);
	return got == PRODUCT ? NULL : "the test guest computes nonsense";
}

static const char *probe(void)
{
	_close_ int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	_close_ int vm = -1, cpu = -1;
	struct kvm_userspace_memory_region region = {.memory_size = MEM_SIZE};
	const char *why = "a test machine cannot be made";
	void *mem = MAP_FAILED, *run = MAP_FAILED;
	int run_size;

	if (kvm < 0)
		return errno == ENOENT ? "there is no /dev/kvm"
				       : "/dev/kvm cannot be opened";
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return "/dev/kvm has another version";
	run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0 || run_size < (int)sizeof(struct kvm_run))
		return why;
	mem = mmap(NULL, MEM_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	region.userspace_addr = (uintptr_t)mem;
	if (mem != MAP_FAILED &&
		ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0)
		cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (cpu >= 0)
		run = mmap(NULL, (size_t)run_size, PROT_READ | PROT_WRITE,
			MAP_SHARED, cpu, 0);
	if (run != MAP_FAILED) {
		fill_memory(mem);
		if (set_cpuid(kvm, cpu) == 0 && set_registers(cpu) == 0)
			why = run_guest(cpu, run);
		munmap(run, (size_t)run_size);
	}
	if (mem != MAP_FAILED)
		munmap(mem, MEM_SIZE);
	return why;
}

static void on_alarm(int sig)
{
	(void)sig; /* only ends KVM_RUN with EINTR */
}

int vm_kvm_works(const char **why)
{
	/* Again and again: the first one may come just before KVM_RUN. */
	struct itimerspec limit = {
		.it_value.tv_nsec = LIMIT_MS * 1000000L,
		.it_interval.tv_nsec = LIMIT_MS * 1000000L,
	};
	struct sigevent by_signal = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct sigaction act = {.sa_handler = on_alarm}, old;
	sigset_t set, old_set;
	timer_t timer;

	if (access("/dev/kvm", F_OK) < 0) {
		*why = "there is no /dev/kvm";
		return 0;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigaction(SIGALRM, &act, &old);
	sigprocmask(SIG_UNBLOCK, &set, &old_set);
	if (timer_create(CLOCK_MONOTONIC, &by_signal, &timer) < 0) {
		*why = "no timer for the test";
	} else {
		timer_settime(timer, 0, &limit, NULL);
		*why = probe();
		timer_delete(timer);
	}
	sigprocmask(SIG_SETMASK, &old_set, NULL);
	sigaction(SIGALRM, &old, NULL);
	return *why == NULL;
}
