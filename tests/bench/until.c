/* SPDX-License-Identifier: Apache-2.0 */
/* Times a command from its start until a text appears on its output. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * usage: until [-e] TEXT RUNS CMD ARG...
 * Prints the median and the least of RUNS times in milliseconds. With -e
 * the time ends when the command does (and must exit 0 with the text seen).
 * Exit 1 if a run ends without the text or takes more than LIMIT_MS.
 */
enum { LIMIT_MS = 120000, SEEN_MAX = 1 << 20 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static pid_t start(char **argv, int *out)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execvp(argv[0], argv);
		fprintf(stderr, "until: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	*out = fds[0];
	return pid;
}

/* The time in ms, or -1. */
static double run_once(const char *text, int to_end, char **argv)
{
	static char seen[SEEN_MAX];
	size_t len = 0;
	double t0 = now_ms(), t_text = -1;
	int out, status;
	pid_t pid = start(argv, &out);

	if (pid < 0)
		return -1;
	while (len < sizeof(seen) - 1 && now_ms() - t0 < LIMIT_MS) {
		struct pollfd p = {.fd = out, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, 1000) <= 0)
			continue;
		n = read(out, seen + len, sizeof(seen) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		if (t_text < 0 && memmem(seen, len, text, strlen(text))) {
			t_text = now_ms() - t0;
			if (!to_end)
				break;
		}
	}
	close(out);
	if (!to_end || t_text < 0)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (t_text < 0 || !to_end)
		return t_text;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return -1;
	return now_ms() - t0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int to_end = argc > 1 && strcmp(argv[1], "-e") == 0;
	char **a = argv + 1 + to_end;
	double times[1000];
	long runs;

	if (argc - to_end < 4) {
		fputs("usage: until [-e] TEXT RUNS CMD ARG...\n", stderr);
		return 2;
	}
	runs = strtol(a[1], NULL, 10);
	if (runs < 1 || runs > 1000) {
		fputs("until: RUNS is 1 to 1000\n", stderr);
		return 2;
	}
	for (long i = 0; i < runs; i++) {
		times[i] = run_once(a[0], to_end, a + 2);
		if (times[i] < 0) {
			fprintf(stderr, "until: \"%s\" did not appear: %s\n",
				a[0], a[2]);
			return 1;
		}
	}
	qsort(times, (size_t)runs, sizeof(times[0]), compare);
	printf("%.2f %.2f\n", times[runs / 2], times[0]);
	return 0;
}
