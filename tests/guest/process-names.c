/* SPDX-License-Identifier: Apache-2.0 */
/* A program may use every name that keel or its linker script uses inside. */
/* guest: status 5 */
#include <stdio.h>

int end = 5, edata = 6, page_alloc = 9;
char panic[] = "panic";
extern char _end[], _etext[];
int klog(int x);

int klog(int x)
{
	return x + 1;
}

int main(void)
{
	printf("%d %d %d %s %d\n", end, edata, page_alloc, panic, klog(3));
	printf("%d\n", _end > _etext);
	return end;
}
