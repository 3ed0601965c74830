/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the command that says whether the program is well. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

enum { STATUS = 4, CANNOT = 126 };

static struct {
	pid_t pid; /* 0: none runs */
	int out;   /* our end of its output */
	int ended, status;
	char answer[STATUS + CHANNEL_ANSWER_MAX];
	size_t n; /* of the answer's text */
} h = {.out = -1};

static void close_output(void)
{
	if (h.out >= 0)
		close(h.out);
	h.out = -1;
}

static void answer(int status)
{
	memset(h.answer, 0, STATUS);
	h.answer[0] = (char)status;
	channel_send(CHANNEL_ANSWER, h.answer, STATUS + h.n);
	close_output();
	h.pid = 0;
	h.ended = 0;
}

/* A session of its own, and so a group that can be ended. */
static void become(int out)
{
	sigset_t all;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	signal(SIGPIPE, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	program_exec_health();
}

void health_start(void)
{
	int p[2];

	if (h.pid) {
		errno = EPROTO;
		die("a second health check");
	}
	h.n = 0;
	if (pipe2(p, O_CLOEXEC) < 0) {
		answer(CANNOT);
		return;
	}
	h.out = p[0];
	fcntl(h.out, F_SETFL, O_NONBLOCK);
	h.pid = fork();
	if (h.pid == 0)
		become(p[1]);
	close(p[1]);
	if (h.pid < 0)
		answer(CANNOT);
}

/* The group is there as soon as the child has made it. */
void health_end(void)
{
	if (!h.pid || h.ended)
		return;
	kill(-h.pid, SIGKILL);
	kill(h.pid, SIGKILL);
}

int health_fd(void)
{
	return h.out;
}

/* What is too much is taken as well, so that nothing waits for us. */
static void take_output(void)
{
	char more[512], *to;
	size_t room;
	ssize_t n;

	while (h.out >= 0) {
		room = CHANNEL_ANSWER_MAX - h.n;
		to = room ? h.answer + STATUS + h.n : more;
		n = read(h.out, to, room ? room : sizeof(more));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0 || (!room && h.ended))
			close_output();
		else if (room)
			h.n += (size_t)n;
		else
			return; /* one that never stops gets its turns */
	}
}

void health_look(void)
{
	take_output();
	if (h.ended)
		answer(h.status);
}

void health_reaped(pid_t pid, int how)
{
	if (!h.pid || pid != h.pid)
		return;
	h.ended = 1;
	h.status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
}
