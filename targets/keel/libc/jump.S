/* SPDX-License-Identifier: Apache-2.0 */
/* A name of musl (FROM) that is code of the base (TO), see base.h. */

	.section .text.FROM,"ax",@progbits
	.globl FROM
	.hidden TO
	.type FROM,@function
FROM:
#ifdef RETURN /* vfork returns through the function that sets errno */
	.hidden RETURN
	lea RETURN(%rip),%rdi
#endif
	jmp TO
	.size FROM,.-FROM

	.section .note.GNU-stack,"",@progbits
