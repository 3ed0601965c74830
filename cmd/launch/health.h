/* SPDX-License-Identifier: Apache-2.0 */
/* /slipway/health: what HEALTHCHECK runs in the container. */
#ifndef LAUNCH_HEALTH_H
#define LAUNCH_HEALTH_H

/*
 * health tcp PORT
 * health http PORT [PATH [STATUS]]
 * health exec
 * Connects to the program through the same port that others do. 0: it
 * answers (http: with STATUS, or 200 to 399), 1: it does not, after some
 * seconds at most, with a line on standard output; 2: a wrong command.
 * exec: what the command of the image says, which runs in the machine.
 */
int health_main(int argc, char **argv);

#endif
