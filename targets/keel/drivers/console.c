/* SPDX-License-Identifier: Apache-2.0 */
/* Standard input and output of the program, over whichever port there is. */
#include "drivers/console.h"

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/poll.h>

#include "abi/channel.h"
#include "drivers/console_port.h"
#include "drivers/console_tty.h"
#include "fs/file.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "sched/waitq.h"

/* Room for input: a power of two. Small while memory is. */
enum { IN_SMALL = 4096, IN_LARGE = 32768, LARGE_PAGES = 16 << 8 };
/* A read below this is of a program that wants no more than it says. */
enum { BUFFERED_READ = 512 };

static const struct console_port *port = &serial_port;
static struct mutex in_mutex; /* one reader copies at a time */
struct waitq console_waitq;

static struct {
	struct spinlock lock;
	/* All below are under lock. */
	uint8_t *buf; /* NULL until something is read */
	uint32_t size;
	uint32_t first, end; /* input not yet read; 0, 0 once all is */
	uint32_t wanted;     /* bytes that the host was asked for */
	bool asked;          /* the answer is due */
	bool eof;            /* until a read has seen it */
} in;

void console_wake(void)
{
	waitq_wake(&console_waitq);
}

size_t console_input(const void *p, size_t n)
{
	uint64_t irq = spin_lock(&in.lock);

	n = MIN(n, in.size - in.end);
	memcpy(in.buf + in.end, p, n);
	in.end += n;
	spin_unlock(&in.lock, irq);
	return n;
}

size_t console_room(void)
{
	return in.size - in.end;
}

uint32_t console_wanted(void)
{
	return in.asked ? in.wanted : 0;
}

void console_input_done(bool eof)
{
	in.asked = false;
	in.eof |= eof;
	console_wake();
}

static void input_drop(size_t n)
{
	uint64_t irq = spin_lock(&in.lock);

	in.first += n;
	if (in.first == in.end)
		in.first = in.end = 0;
	spin_unlock(&in.lock, irq);
}

/*
 * Whether a read of n bytes would not sleep. If it would, the host is asked:
 * for just as much as the program reads, so that nothing is taken away from
 * who reads the same input next, or for a buffer full if the program itself
 * reads ahead.
 */
static bool input_ready(size_t n)
{
	if (!in.buf) {
		in.size = page_total() >= LARGE_PAGES ? IN_LARGE : IN_SMALL;
		in.buf = kmalloc(in.size);
		if (!in.buf) {
			in.size = 0;
			return true; /* the read says -ENOMEM */
		}
	}
	if (in.end || in.eof)
		return true;
	if (!in.asked) {
		in.wanted = n >= BUFFERED_READ ? in.size : n;
		in.asked = true; /* before the answer can come */
		if (!port->want(in.wanted))
			in.asked = false;
	}
	return false;
}

/* What is there, at most n bytes; 0 at the end of input, -EAGAIN. */
static long input_copy(void *ubuf, size_t n)
{
	if (!in.buf)
		return -ENOMEM;
	n = MIN(n, in.end - in.first);
	if (!n) {
		if (!in.eof)
			return -EAGAIN;
		in.eof = false;
		return 0;
	}
	if (copy_to_user(ubuf, in.buf + in.first, n))
		return -EFAULT;
	input_drop(n);
	return n;
}

static long console_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	long got;
	int err;

	(void)pos;
	if (!n || (record_flags() & RECORD_F_NO_STDIN))
		return 0;
	for (;;) {
		if (input_ready(n)) {
			mutex_lock(&in_mutex);
			got = input_copy(ubuf, n);
			mutex_unlock(&in_mutex);
			if (got != -EAGAIN)
				return got;
		}
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event(&console_waitq, NEVER, input_ready(n));
		if (err)
			return err;
	}
}

static unsigned stream_of(const struct file *f)
{
	return (uintptr_t)f->priv;
}

static long console_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	(void)pos;
	if (!n)
		return 0;
	return port->write(
		stream_of(f) == 2 ? 2 : 1, ubuf, n, f->flags & O_NONBLOCK);
}

static unsigned console_poll(struct file *f, struct waitq **q)
{
	unsigned mode = f->flags & O_ACCMODE, events = 0;

	*q = &console_waitq;
	if (mode != O_WRONLY && ((record_flags() & RECORD_F_NO_STDIN) ||
					input_ready(BUFFERED_READ)))
		events |= POLLIN | POLLRDNORM;
	if (mode != O_RDONLY && port->writable())
		events |= POLLOUT | POLLWRNORM;
	return events;
}

static long console_ioctl(struct file *f, unsigned long cmd, unsigned long arg)
{
	return console_tty_ioctl(stream_of(f), cmd, arg);
}

const struct file_ops console_file_ops = {
	.read = console_read,
	.write = console_write,
	.ioctl = console_ioctl,
	.poll = console_poll,
};

uint32_t console_input_count(void)
{
	input_ready(BUFFERED_READ);
	return in.end - in.first;
}

void console_input_drop(void)
{
	in.eof = false;
	input_drop(in.end - in.first);
}

int console_send(unsigned type, const void *data, size_t n)
{
	return port->send ? port->send(type, data, n) : 0;
}

void console_init(void)
{
	const struct console_port *p = NULL;
	const char *name;
	int len;

	if (record_flags() & RECORD_F_CHANNEL) {
		p = virtio_console_port(true);
		if (!p)
			kmsg("keel: no console for the channel\n");
	} else {
		len = boot_option("console", 0, &name);
		if (len >= 4 && !memcmp(name, "hvc0", 4))
			p = virtio_console_port(false);
	}
	if (p)
		port = p;
	log_sink = port->log;
}

void console_flush(void)
{
	port->flush();
}

void console_exit(int status)
{
	uint32_t v = status;

	if (port->send)
		port->send(CHANNEL_EXIT, &v, sizeof(v));
	port->flush();
}
