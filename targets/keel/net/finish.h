/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the program: what TCP has still to send gets some time. */
#ifndef NET_FINISH_H
#define NET_FINISH_H

/* Ends all connections as close(2) does, and waits at most two seconds until
 * the peers have all of it. No thread of the program runs again. */
void net_finish(void);

#endif
