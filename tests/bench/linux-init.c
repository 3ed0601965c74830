/* SPDX-License-Identifier: Apache-2.0 */
/* Process 1 of the Linux guest that the bench compares with: runs /program
 * with the arguments in /args (one a line) and /stdin, then powers off. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 64 };

static void run_program(void)
{
	static char text[4096];
	static char name[] = "program";
	char *argv[ARGS_MAX] = {name}, *line, *rest;
	int n = 1, fd = open("/args", O_RDONLY);

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0) {
		for (line = strtok_r(text, "\n", &rest);
			line && n < ARGS_MAX - 1;
			line = strtok_r(NULL, "\n", &rest))
			argv[n++] = line;
	}
	fd = open("/stdin", O_RDONLY);
	if (fd >= 0)
		dup2(fd, STDIN_FILENO);
	execv("/program", argv);
	perror("/program");
	_exit(127);
}

int main(void)
{
	pid_t pid;
	int status;

	mkdir("/dev", 0755);
	mkdir("/tmp", 0755);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	pid = fork();
	if (pid == 0)
		run_program();
	while (waitpid(pid, &status, 0) < 0)
		;
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
