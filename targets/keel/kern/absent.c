/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that keel does not have: the body of libkeel-absent.a. */
#include "kern/log.h"

#include <linux/errno.h>

long call_absent(char *entry);

/* The stub's data: a byte that is 0 at first, then the name. */
long call_absent(char *entry)
{
	if (!entry[0])
		klog("system call %s is not there\n", entry + 1);
	entry[0] = 1;
	return -ENOSYS;
}
