/* SPDX-License-Identifier: Apache-2.0 */
/* 9P2000.L: sessions and messages. */
#include "fs/9p.h"

#include <asm/errno.h>

#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

enum { MSGS_MAX = 16, IO_HEADER = 24, MSG_ORDER = 2 };
_Static_assert(2ul * P9_MSG_SIZE == PAGE_SIZE << MSG_ORDER, "two halves");

/* --- messages -------------------------------------------------------------*/

static struct p9_msg *msg_new(struct p9 *c)
{
	struct p9_msg *m = c->nmsgs < MSGS_MAX ? kzalloc(sizeof(*m)) : NULL;

	if (!m)
		return NULL;
	m->out = pages_alloc(MSG_ORDER, 0);
	if (!m->out) {
		kfree(m);
		return NULL;
	}
	m->in = m->out + P9_MSG_SIZE;
	m->c = c;
	m->tag = c->nmsgs++;
	return m;
}

/* Messages that nobody waits for, and the fids that they ended. */
static void reap(struct p9 *c)
{
	struct p9_msg **p = &c->posted, *m;

	while ((m = *p)) {
		if (!virtio_9p_done(c->dev, &m->call)) {
			p = &m->next;
			continue;
		}
		*p = m->next;
		p9_fid_free(c, m->fid);
		m->next = c->idle;
		c->idle = m;
	}
}

static bool take_msg(struct p9 *c, struct p9_msg **m)
{
	reap(c);
	*m = c->idle;
	if (*m)
		c->idle = (*m)->next;
	else
		*m = msg_new(c);
	return *m;
}

/* The first one is made with the session, so that it need not fail. */
struct p9_msg *p9_begin(struct p9 *c, enum p9_type type)
{
	struct p9_msg *m;

	wait_event_hard(virtio_9p_waitq(c->dev), take_msg(c, &m));
	m->bad = false;
	m->at = 4; /* the size comes last */
	m->len = P9_MSG_SIZE;
	p9_put8(m, type);
	p9_put16(m, type == P9_TVERSION ? 0xffff : m->tag);
	return m;
}

int p9_end(struct p9_msg *m, int err)
{
	bool bad = m->bad;

	m->next = m->c->idle;
	m->c->idle = m;
	/* Others may have waited for it, or for room in the queue. */
	waitq_wake(virtio_9p_waitq(m->c->dev));
	return err ? err : bad ? -EIO : 0;
}

static void put(struct p9_msg *m, const void *p, size_t n)
{
	if (n > m->len - m->at) {
		m->bad = true;
		return;
	}
	memcpy(m->out + m->at, p, n);
	m->at += n;
}

/* All numbers are little endian, as the machines that keel runs on. */
void p9_put8(struct p9_msg *m, uint8_t v)
{
	put(m, &v, sizeof(v));
}

void p9_put16(struct p9_msg *m, uint16_t v)
{
	put(m, &v, sizeof(v));
}

void p9_put32(struct p9_msg *m, uint32_t v)
{
	put(m, &v, sizeof(v));
}

void p9_put64(struct p9_msg *m, uint64_t v)
{
	put(m, &v, sizeof(v));
}

void p9_put_name(struct p9_msg *m, struct name name)
{
	p9_put16(m, name.len);
	put(m, name.s, name.len);
}

static void get(struct p9_msg *m, void *p, size_t n)
{
	if (n > m->len - m->at) {
		m->bad = true;
		memset(p, 0, n);
		return;
	}
	memcpy(p, m->in + m->at, n);
	m->at += n;
}

uint8_t p9_get8(struct p9_msg *m)
{
	uint8_t v;

	get(m, &v, sizeof(v));
	return v;
}

uint16_t p9_get16(struct p9_msg *m)
{
	uint16_t v;

	get(m, &v, sizeof(v));
	return v;
}

uint32_t p9_get32(struct p9_msg *m)
{
	uint32_t v;

	get(m, &v, sizeof(v));
	return v;
}

uint64_t p9_get64(struct p9_msg *m)
{
	uint64_t v;

	get(m, &v, sizeof(v));
	return v;
}

struct p9_qid p9_get_qid(struct p9_msg *m)
{
	struct p9_qid q = {.type = p9_get8(m)};

	p9_get32(m); /* the version: nothing is cached by it */
	q.path = p9_get64(m);
	return q;
}

struct name p9_get_name(struct p9_msg *m)
{
	struct name n = {.len = p9_get16(m)};

	if (n.len > m->len - m->at) {
		m->bad = true;
		n.len = 0;
	}
	n.s = (const char *)m->in + m->at;
	m->at += n.len;
	return n;
}

/* The reply's header was received, `len` bytes of all: is it the one? */
static int check_reply(struct p9_msg *m, uint32_t len)
{
	uint8_t type = m->out[4] + 1, got;
	uint32_t size, code;

	m->at = 0;
	m->len = MIN(len, P9_MSG_SIZE);
	size = p9_get32(m);
	got = p9_get8(m);
	p9_get16(m); /* the device gives each caller its own reply */
	if (m->bad || size > len)
		return -EIO;
	if (got == P9_RLERROR) {
		code = p9_get32(m);
		return code && code < 4096 ? -(int)code : -EIO;
	}
	return got == type ? 0 : -EIO;
}

/* `nin` pieces follow the `nout` ones; the message and its reply come first
 * in them. */
static int send(struct p9_msg *m, struct virtq_buf *pieces, unsigned nout,
	unsigned nin, uint32_t out_len)
{
	if (m->bad)
		return -EIO;
	memcpy(m->out, &out_len, sizeof(out_len));
	pieces[0].pa = virtq_pa(m->out, m->at, NULL);
	pieces[0].len = m->at;
	pieces[nout].pa = virtq_pa(m->in, P9_MSG_SIZE, NULL);
	return virtio_9p_send(m->c->dev, &m->call, pieces, nout, nin);
}

static int call(struct p9_msg *m, struct virtq_buf *pieces, unsigned nout,
	unsigned nin, uint32_t out_len)
{
	struct virtio_9p *d = m->c->dev;
	int err = send(m, pieces, nout, nin, out_len);

	if (err)
		return err;
	wait_event_hard(virtio_9p_waitq(d), virtio_9p_done(d, &m->call));
	return m->call.err ? m->call.err : check_reply(m, m->call.len);
}

int p9_call(struct p9_msg *m)
{
	struct virtq_buf pieces[2] = {[1] = {.len = P9_MSG_SIZE}};

	return call(m, pieces, 1, 1, m->at);
}

long p9_transfer(struct p9 *c, enum p9_type type, const struct p9_fid *fid,
	uint64_t offset, const struct virtq_buf *data, unsigned n,
	uint32_t count)
{
	struct virtq_buf pieces[VIRTIO_9P_PIECES] = {0};
	bool out = type == P9_TWRITE;
	struct p9_msg *m;
	uint32_t got;
	int err;

	if (n + 2 > VIRTIO_9P_PIECES)
		return -EIO;
	m = p9_begin(c, type);
	p9_put32(m, fid->number);
	p9_put64(m, offset);
	p9_put32(m, count);
	/* The reply to a read is its header, then the data. */
	memcpy(pieces + (out ? 1 : 2), data, n * sizeof(*data));
	pieces[out ? n + 1 : 1].len = P9_DATA_HEADER;
	err = call(m, pieces, out ? n + 1 : 1, out ? 1 : n + 1,
		m->at + (out ? count : 0));
	got = err ? 0 : p9_get32(m);
	if (got > count)
		err = -EIO;
	err = p9_end(m, err);
	return err ? err : (long)got;
}

/* --- fids -----------------------------------------------------------------*/

struct p9_fid *p9_fid_new(struct p9 *c)
{
	struct p9_fid *f = c->free_fid;

	if (f) {
		c->free_fid = f->next;
		return f;
	}
	f = kzalloc(sizeof(*f));
	if (f)
		f->number = c->next_fid++;
	return f;
}

void p9_fid_free(struct p9 *c, struct p9_fid *f)
{
	f->next = c->free_fid;
	c->free_fid = f;
}

/* Whatever the host says, it has forgotten it: nobody waits for that. */
void p9_fid_clunk(struct p9 *c, struct p9_fid *f)
{
	struct virtq_buf pieces[2] = {[1] = {.len = P9_MSG_SIZE}};
	struct p9_msg *m;

	if (!f)
		return;
	m = p9_begin(c, P9_TCLUNK);
	p9_put32(m, f->number);
	if (send(m, pieces, 1, 1, m->at)) {
		p9_end(m, 0);
		p9_fid_free(c, f);
		return;
	}
	m->fid = f;
	m->next = c->posted;
	c->posted = m;
}

int p9_walk(struct p9 *c, const struct p9_fid *from, const struct name *name,
	struct p9_fid **out, struct p9_qid *qid)
{
	struct p9_fid *f = p9_fid_new(c);
	struct p9_msg *m;
	int err;

	if (!f)
		return -ENOMEM;
	m = p9_begin(c, P9_TWALK);
	p9_put32(m, from->number);
	p9_put32(m, f->number);
	p9_put16(m, name ? 1 : 0);
	if (name)
		p9_put_name(m, *name);
	err = p9_call(m);
	/* Fewer names than asked for: the new fid does not exist. */
	if (!err && p9_get16(m) != (name ? 1 : 0))
		err = -ENOENT;
	if (!err && name)
		*qid = p9_get_qid(m);
	err = p9_end(m, err);
	if (err)
		p9_fid_free(c, f);
	else
		*out = f;
	return err;
}

int p9_lopen(struct p9 *c, const struct p9_fid *f, uint32_t flags)
{
	struct p9_msg *m = p9_begin(c, P9_TLOPEN);

	p9_put32(m, f->number);
	p9_put32(m, flags);
	return p9_end(m, p9_call(m));
}

int p9_fsync(struct p9 *c, const struct p9_fid *f, bool data_only)
{
	struct p9_msg *m = p9_begin(c, P9_TFSYNC);

	p9_put32(m, f->number);
	p9_put32(m, data_only);
	return p9_end(m, p9_call(m));
}

/* --- sessions -------------------------------------------------------------*/

static int version(struct p9 *c)
{
	static const char ours[] = "9P2000.L";
	struct p9_msg *m = p9_begin(c, P9_TVERSION);
	uint32_t size = 0;
	int err;

	p9_put32(m, p9_buffer_size() + IO_HEADER);
	p9_put_name(m, name_of(ours));
	err = p9_call(m);
	if (!err) {
		size = p9_get32(m);
		if (!name_is(p9_get_name(m), ours))
			err = -EPROTONOSUPPORT;
	}
	err = p9_end(m, err);
	if (!err && size < PAGE_SIZE + IO_HEADER)
		err = -EPROTONOSUPPORT;
	c->data_max = MIN(size - IO_HEADER, p9_buffer_size());
	return err;
}

static int attach(struct p9 *c, struct p9_fid *root, struct p9_qid *qid)
{
	struct p9_msg *m = p9_begin(c, P9_TATTACH);
	int err;

	p9_put32(m, root->number);
	p9_put32(m, P9_NOFID); /* no authentication */
	p9_put_name(m, name_of(""));
	p9_put_name(m, name_of(""));
	p9_put32(m, P9_NOBODY);
	err = p9_call(m);
	if (!err)
		*qid = p9_get_qid(m);
	return p9_end(m, err);
}

int p9_open_session(const char *tag, size_t len, struct p9 **out,
	struct p9_fid **root, struct p9_qid *qid)
{
	struct p9 *c = kzalloc(sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return err;
	c->dev = virtio_9p_find(tag, len);
	if (!c->dev) {
		kfree(c);
		return -ENODEV;
	}
	c->idle = msg_new(c);
	*root = p9_fid_new(c);
	if (c->idle && *root)
		err = version(c);
	if (!err)
		err = attach(c, *root, qid);
	/* After an error the machine ends: nothing is given back. */
	*out = c;
	return err;
}

/* --- buffers --------------------------------------------------------------*/

enum { NBUFFERS = 4, ORDER_MIN = 2, ORDER_MAX = 6 };

static struct p9_buffer buffers[NBUFFERS];
static struct waitq buffer_wait;

/* 1/256 of memory, within bounds: some of them are in use at a time. */
static unsigned buffer_order(void)
{
	unsigned order = ORDER_MIN;

	while (order < ORDER_MAX && page_total() >> (order + 9))
		order++;
	return order;
}

uint32_t p9_buffer_size(void)
{
	return PAGE_SIZE << buffer_order();
}

/* *none: there is none, and no memory for one. */
static bool take_buffer(struct p9_buffer **out, bool *none)
{
	*none = true;
	for (unsigned i = 0; i < NBUFFERS; i++) {
		struct p9_buffer *b = &buffers[i];

		if (b->used) {
			*none = false;
			continue;
		}
		if (!b->va) {
			b->size = p9_buffer_size();
			b->va = pages_alloc(buffer_order(), 0);
		}
		/* Memory in pieces: a page is always enough. */
		if (!b->va) {
			b->size = PAGE_SIZE;
			b->va = pages_alloc(0, 0);
		}
		if (b->va) {
			b->used = true;
			*out = b;
			return true;
		}
	}
	return *none;
}

struct p9_buffer *p9_buffer_get(void)
{
	struct p9_buffer *b = NULL;
	bool none;

	wait_event_hard(&buffer_wait, take_buffer(&b, &none));
	return b;
}

void p9_buffer_put(struct p9_buffer *b)
{
	b->used = false;
	if (b->size != p9_buffer_size()) {
		pages_free(b->va, 0);
		b->va = NULL;
	}
	waitq_wake(&buffer_wait);
}
