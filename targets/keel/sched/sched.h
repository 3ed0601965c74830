/* SPDX-License-Identifier: Apache-2.0 */
/* More than one thread: making them, sharing the CPU, ending them. */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include "sched/thread.h"

/*
 * A program that makes no thread links none of this: where others call it,
 * weak definitions of the same names stand for it. Programs are preempted,
 * keel is not: a thread in keel runs until it waits or leaves.
 *
 * Two queues. A thread that was woken is in the first until it has run for
 * a whole slice, then in the second, round robin; threads of the first take
 * the CPU from one of the second at once. Those of the second get a slice at
 * least every few slices. The slice's timer runs only while a thread waits
 * for the CPU.
 */
#define SCHED_SLICE_NS 4000000UL

/* A thread of keel itself: it runs fn(arg) and ends with it. NULL: memory is
 * short. It is never preempted. */
struct thread *thread_create(
	void (*fn)(void *arg), void *arg, const char *name);

/* A thread with its stack, not started, all else is zero; arch_thread_init
 * and thread_ready start it. NULL: memory is short. */
struct thread *thread_alloc(void);
void thread_free(struct thread *t); /* is not running, and in no list */

/* Threads of the program: listed with a new tid, and taken out. */
void thread_list(struct thread *t);
void thread_unlist(struct thread *t);
struct thread *thread_find(int tid); /* or NULL */
unsigned thread_count(void);
struct thread *thread_after(int tid); /* with the next tid; or NULL */

/* Ends this thread, which is in no list; its memory is freed. */
noreturn void sched_exit(void);
void sched_yield(void); /* all others first */

/* Another thread that is ready runs until this one is: false if there is
 * none. Interrupts are off. */
bool sched_switch(void);
/* On the way to the program, with PENDING_SWITCH; interrupts are off. */
void sched_leave(void);
/* First in a new thread, by arch. */
void sched_begin(void);

/* Cycles that a thread has run. */
uint64_t thread_cycles(const struct thread *t);

#endif
