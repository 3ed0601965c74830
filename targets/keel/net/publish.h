/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports take peers: told to the launcher, which forwards them. */
#ifndef NET_PUBLISH_H
#define NET_PUBLISH_H

struct socket;

/* After a TCP socket began to listen, or a UDP socket was bound to a port of
 * the program's choice. Once a socket; others and loopback are nothing. */
void socket_publish(struct socket *s);
/* When it is closed, or no longer listens. */
void socket_unpublish(struct socket *s);

#endif
