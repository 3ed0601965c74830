/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and ends the QEMU process. */
#include "vm/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/proc.h"

/* The record in memory: a container may have no place to write to. */
static int record_fd(const struct buf *record, struct err *e)
{
	_close_ int fd = memfd_create("record", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, "memory for the boot record");
	r = file_write_all(fd, record->data, record->len, e);
	if (r < 0)
		return r;
	return steal_fd(fd);
}

static int socket_pair(int *ours, int *theirs, struct err *e)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return err_errno(e, "socketpair");
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	*ours = fd[0];
	*theirs = fd[1];
	return 0;
}

static void keep(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

/* Those of tap cards stay with QEMU. */
static void keep_cards(const struct vm_net *n)
{
	for (size_t i = 0; n && i < n->ncards; i++) {
		keep(n->card[i].tap);
		keep(n->card[i].vhost);
	}
}

/* A user card has a descriptor for each connection. */
static void expect_peers(const char *preload)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (preload && access(preload, R_OK) == 0)
		setenv("LD_PRELOAD", preload, 1);
}

/* What the child does before QEMU; the number of an error on failure. */
static int become(char *const *argv, const struct vm_fds *fds,
	const struct vm_net *net, int err_fd, pid_t parent)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	struct rlimit files;
	sigset_t none;
	int null;

	setsid();
	/* Whoever ends us without a word ends QEMU too. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return ESRCH;
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Files of the guest are open in QEMU; near the limit it closes some,
	 * and opens what has their names later. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
		dup2(err_fd, 2) < 0)
		return errno;
	keep(fds->chan);
	keep(fds->serial);
	keep(fds->monitor);
	keep(fds->record);
	keep_cards(net);
	if (vm_net_user(net))
		expect_peers(net->preload);
	execv(argv[0], argv);
	return errno;
}

/* As process 1, becomes visible only through the pipe: a child that could
 * not become QEMU writes the error there. */
static int spawn(struct machine *m, char *const *argv, const struct vm_fds *fds,
	const struct vm_net *net, int err_fd, struct err *e)
{
	pid_t parent = getpid(), pid;
	int report[2], number = 0;
	ssize_t n;

	if (pipe2(report, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	pid = fork();
	if (pid == 0) {
		number = become(argv, fds, net, err_fd, parent);
		n = write(report[1], &number, sizeof(number));
		_exit(n < 0 ? 126 : 127);
	}
	close(report[1]);
	if (pid < 0) {
		close(report[0]);
		return err_errno(e, "fork");
	}
	m->pid = pid;
	do {
		n = read(report[0], &number, sizeof(number));
	} while (n < 0 && errno == EINTR);
	close(report[0]);
	if (n != sizeof(number))
		return 0;
	errno = number;
	return err_errno(e, "run %s", argv[0]);
}

static char *find_program(const char *qemu, struct err *e)
{
	char *path = strchr(qemu, '/') ? xstrdup(qemu) : proc_which(qemu);

	if (!path)
		err_set(e, -ENOENT, "%s is not installed (not in PATH)", qemu);
	return path;
}

static int start(struct machine *m, const struct vm_plan *p,
	enum vm_accel accel, const struct buf *record, struct err *e)
{
	_close_ int chan = -1, serial = -1, mon = -1, rec = -1, said = -1;
	_strv_ struct strv argv = {0};
	_free_ char *text = NULL;
	struct vm_fds fds;
	char *path;
	int r;

	r = socket_pair(&m->serial, &serial, e);
	if (r == 0)
		r = socket_pair(&m->stderr_fd, &said, e);
	if (r == 0 && record) {
		r = socket_pair(&m->chan, &chan, e);
		if (r == 0)
			r = rec = record_fd(record, e);
	}
	if (r >= 0 && vm_net_user(p->net))
		r = socket_pair(&m->monitor, &mon, e);
	if (r < 0)
		return r;
	fds = (struct vm_fds){
		.chan = chan, .serial = serial, .monitor = mon, .record = rec};
	r = vm_plan_command(p, &fds, accel, &argv, e);
	if (r < 0)
		return r;
	path = find_program(argv.v[0], e);
	if (!path)
		return e->code;
	mem_free_p(&argv.v[0]);
	argv.v[0] = path;
	text = strv_quote(argv.v);
	log_add(LOG_COMMAND, "%s", text);
	return spawn(m, argv.v, &fds, p->net, said, e);
}

int machine_start(struct machine *m, const struct vm_plan *p,
	enum vm_accel accel, const struct buf *record, struct err *e)
{
	int r;

	*m = (struct machine){
		.chan = -1, .serial = -1, .monitor = -1, .stderr_fd = -1};
	r = start(m, p, accel, record, e);
	if (r < 0)
		machine_end(m);
	return r;
}

void machine_reap(struct machine *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == m->pid) {
			m->pid = 0;
			m->status = status;
		}
	}
}

void machine_end(struct machine *m)
{
	if (m->pid > 0) {
		kill(m->pid, SIGKILL);
		while (waitpid(m->pid, &m->status, 0) < 0 && errno == EINTR)
			;
		m->pid = 0;
	}
	mem_close_p(&m->chan);
	mem_close_p(&m->serial);
	mem_close_p(&m->monitor);
	mem_close_p(&m->stderr_fd);
	m->chan = m->serial = m->monitor = m->stderr_fd = -1;
}
