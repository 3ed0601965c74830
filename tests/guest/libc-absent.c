/* SPDX-License-Identifier: Apache-2.0 */
/* What keel does not have fails with ENOSYS, and never pretends. */
/* guest: only here */
/* guest: status 0 */
#define _GNU_SOURCE
#include <errno.h>
#include <mqueue.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static int tests, failures;

static void fails(int failed, const char *what)
{
	int e = errno;

	printf("%sok %d - %s: %d\n", failed && e == ENOSYS ? "" : "not ",
		++tests, what, e);
	failures += !failed || e != ENOSYS;
	errno = 0;
}

int main(void)
{
	char *argv[] = {"x", NULL};
	pid_t pid;
	FILE *f;

	fails(fork() < 0, "fork");
	fails(vfork() < 0, "vfork");
	fails(execv("/bin/x", argv) < 0, "execv");
	fails(waitpid(-1, NULL, 0) < 0, "waitpid");
	fails(inotify_init1(0) < 0, "inotify_init1");
	fails(shmget(IPC_PRIVATE, 4096, 0600) < 0, "shmget");
	fails(mq_unlink("/x") < 0, "mq_unlink");
	fails(system("x") == -1, "system");
	f = popen("x", "r");
	fails(f == NULL, "popen");
	errno = posix_spawn(&pid, "/bin/x", NULL, NULL, argv, NULL);
	fails(1, "posix_spawn");
	printf("1..%d\n", tests);
	return failures != 0;
}
