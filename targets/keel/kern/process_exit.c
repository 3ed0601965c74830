/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a program that has files or a network. */
#include "kern/log.h"

weak int p9_write_back_all(void); /* fs/9p.h */
weak void net_finish(int status); /* net/finish.h */

/* Nobody is left to hear of an error; fsync and msync were there for that. */
void process_exit(int status)
{
	machine_ends = true;
	if (p9_write_back_all)
		p9_write_back_all();
	if (net_finish)
		net_finish(status);
	machine_exit(status);
}

/* Referred to by those above, so that this is linked with them. */
const char process_exit_linked = 1;
