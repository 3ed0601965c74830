/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames as Linux lays them out, and the way back from them. */
#include "arch/signal.h"
#include "arch/arch.h"
#include "arch/x86_64/signal_fpu.h"
#include "arch/x86_64/start.h"
#include "arch/x86_64/trap.h"
#include "kern/signal_queue.h"
#include "kern/signal_stack.h"
#include "kern/string.h"
#include "mm/uaccess.h"
#include "sched/thread.h"

#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include <linux/errno.h>

struct rt_frame {
	uint64_t restorer; /* the handler returns there */
	struct ucontext uc;
	siginfo_t info;
};
_Static_assert(offsetof(struct rt_frame, uc.uc_mcontext) == 48, "ABI");
_Static_assert(sizeof(struct rt_frame) == 440, "ABI");

enum {
	/* A program of Linux sees these, keel's own are others. */
	USER_CS = 0x33,
	USER_SS = 0x2b,
	FLAG_TF = 1 << 8,
	FLAG_IF = 1 << 9,
	FLAG_DF = 1 << 10,
	FLAG_RF = 1 << 16,
	/* CF PF AF ZF SF TF DF OF RF AC: a return may set them. */
	FLAGS_FREE = 0x50dd5,
	PF_USER = 4, /* in a page fault's error code */
	PAGE_FAULT = 14,
	X87_ERROR = 16,
	SSE_ERROR = 19,
};

uint64_t arch_leave_sp(const struct arch_leave *l)
{
	return l->regs->rsp;
}

uint64_t arch_call_sp(void)
{
	const struct call_frame *c = (const void *)thread_this()->kstack_top;

	return (uint64_t)(c[-1].stack + 2);
}

long arch_leave_result(const struct arch_leave *l)
{
	return l->call ? (long)l->regs->rax : 0;
}

void arch_leave_finish(struct arch_leave *l, long result)
{
	l->regs->rax = result;
	l->call = NULL;
	l->changed = true;
}

/* musl's cancellation points (libc/keel-jumps.S): a call made again goes
 * through the look at the flag first, as the program counter tells. */
extern const char keel_cp_begin[], keel_cp_end[];
extern const char keel_restore_rt[];

void arch_leave_again(struct arch_leave *l, long (*body)(void))
{
	const struct call_frame *c = l->call;
	struct trap_frame *f = l->regs;

	f->rax = body ? (uint64_t)body : c->body;
	f->rdi = c->args[0];
	f->rsi = c->args[1];
	f->rdx = c->args[2];
	f->rcx = c->args[3];
	f->r8 = c->args[4];
	f->r9 = c->args[5];
	if (!body && f->rip == (uint64_t)keel_cp_end) {
		f->rip = (uint64_t)keel_cp_begin;
	} else {
		f->rsp -= sizeof(f->rip); /* its return address */
		f->rip = (uint64_t)keel_enter;
	}
	l->call = NULL;
	l->changed = true;
}

/*
 * A program that was interrupted on its way into keel from a cancellation
 * point has not made the call: it goes back to the look at the flag, as if
 * the call were one instruction. Else the handler of a cancellation could
 * not tell, and the call would sleep. The way is the stub of the call, which
 * keel_cp knows, and what keel_enter does before it leaves the stack.
 */
static void rewind_call(struct trap_frame *f)
{
	enum { STUB_SIZE = 32, ENTER_SIZE = 4 };
	uint64_t entered = f->rip - (uint64_t)keel_enter;
	bool pushed = entered && entered <= ENTER_SIZE;
	uint64_t word[4], *at = word;

	if (copy_from_user(word, (const void *)f->rsp, sizeof(word)))
		return;
	at += pushed; /* word[0] is rbp */
	if (at[0] != (uint64_t)keel_cp_end ||
		(entered > ENTER_SIZE && f->rip - at[2] >= STUB_SIZE))
		return;
	if (pushed)
		f->rbp = word[0];
	f->rip = (uint64_t)keel_cp_begin;
	f->rsp += (1 + pushed) * sizeof(word[0]);
}

static void put_registers(struct sigcontext *c, const struct trap_frame *f)
{
	*c = (struct sigcontext){
		.r8 = f->r8,
		.r9 = f->r9,
		.r10 = f->r10,
		.r11 = f->r11,
		.r12 = f->r12,
		.r13 = f->r13,
		.r14 = f->r14,
		.r15 = f->r15,
		.rdi = f->rdi,
		.rsi = f->rsi,
		.rbp = f->rbp,
		.rbx = f->rbx,
		.rdx = f->rdx,
		.rax = f->rax,
		.rcx = f->rcx,
		.rsp = f->rsp,
		.rip = f->rip,
		.eflags = f->rflags,
		.cs = USER_CS,
		.ss = USER_SS,
	};
}

static void get_registers(struct trap_frame *f, const struct sigcontext *c)
{
	*f = (struct trap_frame){
		.r8 = c->r8,
		.r9 = c->r9,
		.r10 = c->r10,
		.r11 = c->r11,
		.r12 = c->r12,
		.r13 = c->r13,
		.r14 = c->r14,
		.r15 = c->r15,
		.rdi = c->rdi,
		.rsi = c->rsi,
		.rbp = c->rbp,
		.rbx = c->rbx,
		.rdx = c->rdx,
		.rax = c->rax,
		.rcx = c->rcx,
		.rsp = c->rsp,
		.rip = c->rip,
		.rflags = (c->eflags & FLAGS_FREE) | FLAG_IF | 2,
		.cs = BOOT_CS64,
		.ss = BOOT_DS,
	};
}

int arch_leave_handler(
	struct arch_leave *l, const struct arch_handler *h, uint64_t sp)
{
	struct trap_frame *f = l->regs;
	uint64_t fpu = ALIGN_DOWN(sp - signal_fpu_size(), 64UL);
	/* As after a call: 8 below a multiple of 16. */
	uint64_t at = ALIGN_DOWN(fpu - sizeof(struct rt_frame), 16UL) - 8;
	struct rt_frame r = {
		.restorer = h->restorer,
		.uc.uc_flags =
			UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
		.uc.uc_stack = h->alt,
		.uc.uc_sigmask = h->mask,
		.info = *h->info,
	};

	if (!l->call && !l->changed && !l->fault)
		rewind_call(f);
	put_registers(&r.uc.uc_mcontext, f);
	r.uc.uc_mcontext.fpstate = (struct _fpstate *)fpu;
	r.uc.uc_mcontext.oldmask = h->mask;
	if (l->fault) {
		r.uc.uc_mcontext.trapno = f->vector;
		r.uc.uc_mcontext.err = f->error;
		if (f->vector == PAGE_FAULT) {
			r.uc.uc_mcontext.err |= PF_USER;
			r.uc.uc_mcontext.cr2 = (uint64_t)h->info->si_addr;
		}
	}
	if (at >= sp || at < h->low ||
		copy_to_user((void *)at, &r, sizeof(r)) || signal_fpu_put(fpu))
		return -EFAULT;
	f->rdi = h->sig;
	f->rsi = at + offsetof(struct rt_frame, info);
	f->rdx = at + offsetof(struct rt_frame, uc);
	f->rax = 0;
	f->rsp = at;
	f->rip = h->handler;
	f->rflags &= ~(uint64_t)(FLAG_DF | FLAG_TF | FLAG_RF);
	l->changed = true;
	return 0;
}

void keel_sigreturn(uint64_t sp);

/* Called by keel_restore_rt with the program's stack pointer, when a handler
 * has returned: its frame begins below. */
void keel_sigreturn(uint64_t sp)
{
	const struct rt_frame *from = (struct rt_frame *)(sp - 8);
	siginfo_t info = {.si_signo = SIGSEGV, .si_code = SI_KERNEL};
	struct rt_frame r;
	struct trap_frame f;
	struct arch_leave l = {.regs = &f};

	if (copy_from_user(&r.uc, &from->uc, sizeof(r.uc)) ||
		r.uc.uc_mcontext.rip >= ARCH_USER_MAX ||
		signal_fpu_get((uint64_t)r.uc.uc_mcontext.fpstate)) {
		memset(&r, 0, sizeof(r));
		get_registers(&f, &r.uc.uc_mcontext);
		f.rip = (uint64_t)keel_restore_rt;
		f.rsp = sp;
		signal_force(&l, &info);
	} else {
		get_registers(&f, &r.uc.uc_mcontext);
		signal_set_mask(r.uc.uc_sigmask);
		signal_alt_set(&r.uc.uc_stack, f.rsp);
	}
	*trap_mark(thread_this()->kstack_top) = BOOT_DS;
	leave_work(&l);
	trap_resume(&f);
}

void signal_fault(int sig, int code, uint64_t addr, struct arch_leave *l)
{
	siginfo_t info = {.si_signo = sig, .si_code = code};
	uint64_t vector = l->regs->vector;

	info.si_addr = (void *)addr;
	if (vector == X87_ERROR || vector == SSE_ERROR)
		info.si_code = signal_fpu_code(vector == X87_ERROR);
	l->fault = true;
	signal_force(l, &info);
	l->fault = false;
}
