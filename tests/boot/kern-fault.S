/* SPDX-License-Identifier: Apache-2.0 */
/* A program that makes keel itself fault, as only a bug could: it enters keel
 * with a body of its own. OVERFLOW: that runs off the kernel stack. */
	.globl _start
	.type _start,@function
_start:
#ifdef OVERFLOW
	lea recurse(%rip),%rax
#else
	lea outer(%rip),%rax
#endif
	call keel_enter

	.type outer,@function
outer:	sub $8,%rsp
	call inner
	add $8,%rsp
	ret
	.type inner,@function
inner:	mov 16,%rax
	ret
	.type recurse,@function
recurse:
	sub $200,%rsp
	call recurse
	add $200,%rsp
	ret

	.data
	.balign 8
	.quad _start /* ld 2.40 cannot leave .relr.dyn empty */
	.section .note.GNU-stack,"",@progbits
