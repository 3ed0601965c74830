/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the program: what TCP has still to send gets some time. */
#ifndef NET_FINISH_H
#define NET_FINISH_H

/*
 * Ends all connections as close(2) does, and waits at most two seconds until
 * the peers have all of it. No thread of the program runs again.
 * What an emulated network has taken may still be on its way: the launcher is
 * told the status, and ends the machine when that has gone out.
 */
void net_finish(int status);

#endif
