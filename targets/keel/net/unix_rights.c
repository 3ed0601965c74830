/* SPDX-License-Identifier: Apache-2.0 */
/* Files and credentials that go along with messages of AF_UNIX. */
#include <asm/errno.h>
#include <asm/socket.h>

#include "fs/file.h"
#include "fs/proc.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/unix.h"

enum {
	FILES_MAX = 253,   /* in a message, as Linux */
	COLLECT_FROM = 64, /* sockets under way: look for dead ones */
};

struct unix_rights {
	struct unix_rights *next; /* of those to be freed */
	unsigned count;
	struct file *file[]; /* a reference each */
};

struct ucred {
	uint32_t pid, uid, gid;
};

/* --- sockets under way ----------------------------------------------------*/

static struct unix_sock *flying;
static unsigned nflying;

static struct unix_sock *unix_of(struct file *f)
{
	struct socket *s = socket_of(f);

	return s && s->domain == AF_UNIX ? s->sk : NULL;
}

static void fly(struct file *f)
{
	struct unix_sock *u = unix_of(f);

	if (!u || u->inflight++)
		return;
	u->file = f;
	u->fly_next = flying;
	u->fly_link = &flying;
	if (flying)
		flying->fly_link = &u->fly_next;
	flying = u;
	nflying++;
}

static void land(struct file *f)
{
	struct unix_sock *u = unix_of(f);

	if (!u || --u->inflight)
		return;
	*u->fly_link = u->fly_next;
	if (u->fly_next)
		u->fly_next->fly_link = u->fly_link;
	nflying--;
}

void unix_rights_send(struct unix_rights *r)
{
	for (unsigned i = 0; r && i < r->count; i++)
		fly(r->file[i]);
	if (nflying >= COLLECT_FROM)
		unix_collect();
}

static void unsend(struct unix_rights *r)
{
	for (unsigned i = 0; i < r->count; i++)
		land(r->file[i]);
}

/*
 * A file's end may free messages with files of their own, and so on: all of
 * them go through one list, so that the stack does not grow with them.
 */
void unix_rights_drop(struct unix_rights *r)
{
	static struct unix_rights *dead;
	static bool busy;

	if (!r)
		return;
	r->next = dead;
	dead = r;
	if (busy)
		return;
	busy = true;
	while ((r = dead)) {
		dead = r->next;
		for (unsigned i = 0; i < r->count; i++)
			file_put(r->file[i]);
		kfree(r);
	}
	busy = false;
}

void unix_rights_free(struct unix_rights *r)
{
	if (!r)
		return;
	unsend(r);
	unix_rights_drop(r);
}

/* --- collecting -----------------------------------------------------------*/

/*
 * A socket whose only references are messages, and those only in queues of
 * such sockets, is out of reach. MAYBE has no other references than messages;
 * `refs` then counts the messages that are not in queues of MAYBEs; whatever
 * can be reached from one that has any is LIVE.
 */
enum { MAYBE, LIVE };

static void each_file(struct unix_buf *b, void (*fn)(struct unix_sock *u))
{
	for (; b; b = b->next) {
		for (unsigned i = 0; b->rights && i < b->rights->count; i++) {
			struct unix_sock *u = unix_of(b->rights->file[i]);

			if (u)
				fn(u);
		}
	}
}

/* What waits in a socket's queue, or in those of a listener's connections. */
static void each_child(struct unix_sock *u, void (*fn)(struct unix_sock *u))
{
	each_file(u->first, fn);
	for (struct unix_sock *p = u->pending; p; p = p->pending_next)
		each_file(p->first, fn);
}

static void forget_reference(struct unix_sock *u)
{
	u->refs--;
}

static struct unix_sock *todo;

static void mark_live(struct unix_sock *u)
{
	if (u->mark == LIVE)
		return;
	u->mark = LIVE;
	u->stack = todo;
	todo = u;
}

static void mark(void)
{
	for (struct unix_sock *u = flying; u; u = u->fly_next) {
		u->refs = u->inflight;
		u->mark = u->file->count == u->inflight ? MAYBE : LIVE;
	}
	for (struct unix_sock *u = flying; u; u = u->fly_next)
		if (u->mark == MAYBE)
			each_child(u, forget_reference);
	todo = NULL;
	for (struct unix_sock *u = flying; u; u = u->fly_next)
		if (u->mark == MAYBE && u->refs)
			mark_live(u);
	while (todo) {
		struct unix_sock *u = todo;

		todo = u->stack;
		each_child(u, mark_live);
	}
}

/* Takes the files out of a queue's messages. */
static void strip(struct unix_buf *b, struct unix_rights **out)
{
	for (; b; b = b->next) {
		if (!b->rights)
			continue;
		b->rights->next = *out;
		*out = b->rights;
		b->rights = NULL;
	}
}

void unix_collect(void)
{
	struct unix_rights *dead = NULL, *next;

	if (!flying)
		return;
	mark();
	for (struct unix_sock *u = flying; u; u = u->fly_next) {
		if (u->mark != MAYBE)
			continue;
		strip(u->first, &dead);
		for (struct unix_sock *p = u->pending; p; p = p->pending_next)
			strip(p->first, &dead);
	}
	for (struct unix_rights *r = dead; r; r = r->next)
		unsend(r);
	for (; dead; dead = next) {
		next = dead->next;
		unix_rights_drop(dead);
	}
}

/* --- control data ---------------------------------------------------------*/

static int add_files(struct unix_rights *r, const int *fd, size_t n)
{
	if (n > FILES_MAX - r->count)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		struct file *f = fd_get(fd[i]);

		if (!f)
			return -EBADF;
		r->file[r->count++] = f;
	}
	return 0;
}

/* As the only user there is, and he is root: of any user, but of a process
 * that exists. */
static int check_credentials(const struct cmsghdr *c)
{
	struct ucred u;

	if (c->len != CMSG_HEADER + sizeof(u))
		return -EINVAL;
	memcpy(&u, c + 1, sizeof(u));
	return u.pid == PROC_PID ? 0 : -ESRCH;
}

int unix_rights_parse(const struct socket_msg *m, struct unix_rights **out)
{
	struct unix_rights *r = NULL;
	struct cmsghdr *c = NULL;
	int err = 0;

	while (!err && (c = msg_control_next(m, c, &err))) {
		if (c->level != SOL_SOCKET)
			continue;
		if (c->type == SCM_CREDENTIALS) {
			err = check_credentials(c);
		} else if (c->type != SCM_RIGHTS) {
			err = -EINVAL;
		} else if (!r && !(r = kzalloc(sizeof(*r) +
					       FILES_MAX * sizeof(void *)))) {
			err = -ENOMEM;
		} else {
			err = add_files(r, cmsg_data(c),
				(c->len - CMSG_HEADER) / sizeof(int));
		}
	}
	if (err || (r && !r->count)) {
		unix_rights_drop(r);
		r = NULL;
	}
	*out = r;
	return err;
}

int unix_put_credentials(struct socket_msg *m)
{
	struct ucred u = {.pid = PROC_PID};

	return msg_put_control(m, SOL_SOCKET, SCM_CREDENTIALS, &u, sizeof(u));
}

/* Descriptors of as many as there is room for: how many. */
static unsigned install(struct socket_msg *m, struct unix_rights *r, char *to)
{
	size_t room = m->ucontrol_len - m->ucontrol_used;
	bool cloexec = m->flags & MSG_CMSG_CLOEXEC;
	unsigned i = 0;

	if (room < CMSG_HEADER + sizeof(int))
		return 0;
	room = (room - CMSG_HEADER) / sizeof(int);
	for (; i < r->count && i < room; i++) {
		int fd;

		file_get(r->file[i]);
		fd = fd_install(r->file[i], 0, cloexec);
		if (fd < 0) {
			file_put(r->file[i]);
			break;
		}
		if (copy_to_user(to + CMSG_HEADER + i * sizeof(int), &fd,
			    sizeof(fd))) {
			fd_close(fd);
			break;
		}
	}
	return i;
}

int unix_rights_give(struct socket_msg *m, struct unix_rights *r)
{
	char *to = (char *)(m->ucontrol + m->ucontrol_used);
	unsigned n = install(m, r, to);
	struct cmsghdr h = {
		CMSG_HEADER + n * sizeof(int), SOL_SOCKET, SCM_RIGHTS};
	size_t room = m->ucontrol_len - m->ucontrol_used;
	int err = 0;

	if (n < r->count)
		m->out_flags |= MSG_CTRUNC;
	if (n) {
		err = copy_to_user(to, &h, sizeof(h));
		m->ucontrol_used += MIN(ALIGN_UP(h.len, 8UL), room);
	}
	if (!(m->flags & MSG_PEEK))
		unix_rights_free(r);
	return err;
}
