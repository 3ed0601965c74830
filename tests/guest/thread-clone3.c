/* SPDX-License-Identifier: Apache-2.0 */
/* Threads by clone3 itself, as a C library begins them, and what it refuses. */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STACK = 65536, CHILDREN = 50 };
#define THREAD \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define TIDS (CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)

static unsigned ntests;

static void ok(int good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++ntests, name);
}

/* What the child sees; it shares everything, errno too, so that it calls
 * nothing of the C library. */
struct child {
	char *stack;
	long tid;           /* by gettid */
	uint32_t child_tid; /* as it found it */
	uintptr_t here, self;
	uint64_t mask; /* of signals */
};

static uint32_t parent_tid, child_tid;

/* The calls under the names that the C library has for them: on the host
 * they are the instruction, in the guest they are keel's. */
long keel_sys_gettid(void);
long keel_sys_rt_sigprocmask(long how, long set, long old, long size);
long keel_sys_clone3(const struct clone_args *a, size_t size);
noreturn void keel_sys_exit(int status);

__attribute__((used, no_stack_protector)) static void run(struct child *c)
{
	c->tid = keel_sys_gettid();
	c->child_tid = child_tid;
	c->here = (uintptr_t)__builtin_frame_address(0);
	__asm__ volatile("mov %%fs:0, %0" : "=r"(c->self));
	keel_sys_rt_sigprocmask(SIG_BLOCK, 0, (long)&c->mask, 8);
}

/*
 * The child runs run(c) and ends. It goes on behind the call, on its own
 * stack: on the host with what `ret` takes from there, here without.
 */
static long clone3(const struct clone_args *a, size_t size, struct child *c)
{
	register struct child *kept __asm__("r12") = c;
	register char *top __asm__("r13") = c->stack + STACK - 16;
	long r;

	child_tid = UINT32_MAX; /* not yet the child's, nor gone */
	__asm__ volatile(
		"sub $128, %%rsp\n\t" /* the red zone */
		"lea 1f(%%rip), %%rax\n\t"
		"mov %%rax, (%%r13)\n\t"
		"call keel_sys_clone3\n\t"
		"1: test %%rax, %%rax\n\t"
		"jnz 2f\n\t"
		"mov %%r13, %%rsp\n\t"
		"xor %%ebp, %%ebp\n\t"
		"mov %%r12, %%rdi\n\t"
		"call *%[run]\n\t"
		"xor %%edi, %%edi\n\t"
		"call keel_sys_exit\n\t"
		"2: add $128, %%rsp"
		: "=a"(r), "+D"(a), "+S"(size)
		: "r"(kept), "r"(top), [run] "b"(run)
		: "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	return r;
}

static void wait_gone(void)
{
	uint32_t tid;

	while ((tid = __atomic_load_n(&child_tid, __ATOMIC_ACQUIRE)))
		syscall(SYS_futex, &child_tid, FUTEX_WAIT, tid, NULL, NULL, 0);
}

static struct clone_args args_of(const struct child *c)
{
	return (struct clone_args){
		.flags = THREAD | TIDS,
		.parent_tid = (uintptr_t)&parent_tid,
		.child_tid = (uintptr_t)&child_tid,
		.stack = (uintptr_t)c->stack,
		.stack_size = STACK - 16,
	};
}

static void threads(struct child *c)
{
	struct clone_args a = args_of(c);
	char large[sizeof(a) + 64];
	uintptr_t here = (uintptr_t)c->stack, self;
	int good = 1, given = 1, inside = 1;
	long r;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	for (int i = 0; i < CHILDREN; i++) {
		r = clone3(&a, sizeof(a), c);
		wait_gone();
		good &= r > 0 && c->tid == r;
		given &= parent_tid == r && c->child_tid == r;
		inside &= c->here > here && c->here <= here + STACK;
	}
	ok(good, "50 threads, one after the other: their ids");
	ok(given, "for parent and child, before it runs");
	ok(inside, "each is on the stack that it was given");
	ok(c->self == self, "without CLONE_SETTLS it has its maker's");
	r = clone3(&a, CLONE_ARGS_SIZE_VER0, c);
	wait_gone();
	ok(r > 0 && c->tid == r, "the first version of the arguments");
	memset(large, 0, sizeof(large));
	memcpy(large, &a, sizeof(a));
	r = clone3((void *)large, sizeof(large), c);
	wait_gone();
	ok(r > 0 && c->tid == r, "a later one, without what is new in it");
	large[sizeof(large) - 1] = 1;
	ok(clone3((void *)large, sizeof(large), c) == -E2BIG, "and with it");
}

static void own_storage(struct child *c)
{
	static uintptr_t block[64];
	struct clone_args a = args_of(c);
	sigset_t some;
	long r;

	a.flags |= CLONE_SETTLS;
	a.tls = (uintptr_t)block;
	block[0] = 12345;
	sigemptyset(&some);
	sigaddset(&some, SIGUSR1);
	sigaddset(&some, SIGTERM);
	sigprocmask(SIG_BLOCK, &some, NULL);
	r = clone3(&a, sizeof(a), c);
	wait_gone();
	ok(r > 0 && c->self == 12345, "CLONE_SETTLS");
	ok(c->mask == (1UL << (SIGUSR1 - 1) | 1UL << (SIGTERM - 1)),
		"the mask of signals is its maker's");
	sigprocmask(SIG_UNBLOCK, &some, NULL);
}

static void refused(struct child *c)
{
	const struct clone_args good = args_of(c);
	struct clone_args a = good;

	ok(clone3(&a, CLONE_ARGS_SIZE_VER0 - 8, c) == -EINVAL, "too small");
	ok(clone3(&a, 1 << 20, c) == -E2BIG, "far too large");
	ok(clone3((void *)8, sizeof(a), c) == -EFAULT, "a bad address");
	a.stack_size = 0;
	ok(clone3(&a, sizeof(a), c) == -EINVAL, "a stack without a size");
	a = good;
	a.stack = 0;
	ok(clone3(&a, sizeof(a), c) == -EINVAL, "a size without a stack");
	a = good;
	a.exit_signal = SIGCHLD;
	ok(clone3(&a, sizeof(a), c) == -EINVAL, "a thread with a signal");
	a = good;
	a.flags |= SIGCHLD;
	ok(clone3(&a, sizeof(a), c) == -EINVAL, "a signal in the flags");
	a = good;
	a.flags &= ~(uint64_t)CLONE_SIGHAND;
	ok(clone3(&a, sizeof(a), c) == -EINVAL, "without the handlers");
}

int main(void)
{
	static struct child c;

	c.stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	threads(&c);
	own_storage(&c);
	refused(&c);
	printf("1..%u\n", ntests);
	return 0;
}
