/* SPDX-License-Identifier: Apache-2.0 */
/* Options of SOL_SOCKET that are the same in all families. */
#include <asm/errno.h>
#include <asm/socket.h>

#include "mm/uaccess.h"
#include "net/socket.h"

#define US_PER_S  1000000
#define NS_PER_US 1000UL

enum { SNDBUF_MIN = 4608, RCVBUF_MIN = 2304, NAME_MAX_IF = 16 };

int option_get_int(long uval, unsigned len, int *value)
{
	if (len < sizeof(int))
		return -EINVAL;
	return copy_from_user(value, (const void *)uval, sizeof(int));
}

int option_put(long uval, unsigned *len, const void *value, size_t n)
{
	*len = MIN(*len, n);
	return copy_to_user((void *)uval, value, *len);
}

int option_put_int(long uval, unsigned *len, int value)
{
	return option_put(uval, len, &value, sizeof(value));
}

/* The SOCKET_* bit of an option that is yes or no; 0: it is not one. */
static uint32_t bit_of(const struct socket *s, int name)
{
	bool inet = s->domain == AF_INET || s->domain == AF_INET6;

	switch (name) {
	case SO_REUSEADDR:
		return SOCKET_REUSEADDR;
	case SO_REUSEPORT:
		return SOCKET_REUSEPORT;
	case SO_KEEPALIVE:
		return SOCKET_KEEPALIVE;
	case SO_BROADCAST:
		return SOCKET_BROADCAST;
	case SO_PASSCRED:
		return s->domain == AF_UNIX ? SOCKET_PASSCRED : 0;
	case SO_TIMESTAMP_OLD:
		return inet && s->type != SOCK_STREAM ? SOCKET_TIMESTAMP : 0;
	case SO_TIMESTAMPNS_OLD:
		return inet && s->type != SOCK_STREAM ? SOCKET_TIMESTAMPNS : 0;
	}
	return 0;
}

static int set_timeout(uint64_t *timeout, long uval, unsigned len)
{
	int64_t t[2];

	if (len < sizeof(t))
		return -EINVAL;
	if (copy_from_user(t, (const void *)uval, sizeof(t)))
		return -EFAULT;
	if (t[1] < 0 || t[1] >= US_PER_S)
		return -EDOM;
	if (t[0] < 0)
		*timeout = 0;
	else if ((!t[0] && !t[1]) || t[0] > INT64_MAX / 2000000000)
		*timeout = NEVER;
	else
		*timeout = (t[0] * US_PER_S + t[1]) * NS_PER_US;
	return 0;
}

static int get_timeout(uint64_t timeout, long uval, unsigned *len)
{
	int64_t t[2] = {0, 0};

	if (timeout != NEVER) {
		t[0] = timeout / NS_PER_US / US_PER_S;
		t[1] = timeout / NS_PER_US % US_PER_S;
	}
	return option_put(uval, len, t, sizeof(t));
}

static int set_linger(struct socket *s, long uval, unsigned len)
{
	int v[2]; /* on, seconds */

	if (len < sizeof(v))
		return -EINVAL;
	if (copy_from_user(v, (const void *)uval, sizeof(v)))
		return -EFAULT;
	if (v[0]) {
		s->options |= SOCKET_LINGER;
		s->linger_s = v[1];
	} else {
		s->options &= ~(uint32_t)SOCKET_LINGER;
	}
	return 0;
}

/* Linux doubles for its own overhead, and shows the double. */
static void set_buffer(struct socket *s, int name, int v)
{
	bool force = name == SO_SNDBUFFORCE || name == SO_RCVBUFFORCE;

	if (force)
		v = MAX(v, 0);
	else
		v = (int)MIN((unsigned)v, SOCKET_BUF);
	v = v > INT32_MAX / 2 ? INT32_MAX : 2 * v;
	if (name == SO_SNDBUF || name == SO_SNDBUFFORCE) {
		s->sndbuf = MAX(v, SNDBUF_MIN);
		s->options |= SOCKET_SNDBUF_SET;
	} else {
		s->rcvbuf = MAX(v, RCVBUF_MIN);
		s->options |= SOCKET_RCVBUF_SET;
	}
}

/* All traffic goes by the routes: only "no device" can be set. */
static int set_device(long uval, unsigned len)
{
	char name[NAME_MAX_IF] = "";

	if ((int)len < 0)
		return -EINVAL;
	if (copy_from_user(name, (const void *)uval, MIN(len, NAME_MAX_IF - 1)))
		return -EFAULT;
	return name[0] ? -ENOPROTOOPT : 0;
}

static int set_one(struct socket *s, int name, int v)
{
	uint32_t bit = bit_of(s, name);

	if (bit) {
		s->options = v ? s->options | bit : s->options & ~bit;
		return 0;
	}
	switch (name) {
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		set_buffer(s, name, v);
		return 0;
	case SO_RCVLOWAT:
		s->rcvlowat = v < 0 ? INT32_MAX : MAX(v, 1);
		return 0;
	}
	return -ENOPROTOOPT;
}

int socket_set_option(struct socket *s, int name, long uval, unsigned len)
{
	int v, err;

	switch (name) {
	case SO_BINDTODEVICE:
		return set_device(uval, len);
	}
	err = option_get_int(uval, len, &v);
	if (err)
		return err;
	switch (name) {
	case SO_LINGER:
		err = set_linger(s, uval, len);
		break;
	case SO_RCVTIMEO_OLD:
		err = set_timeout(&s->rcvtimeo, uval, len);
		break;
	case SO_SNDTIMEO_OLD:
		err = set_timeout(&s->sndtimeo, uval, len);
		break;
	default:
		err = set_one(s, name, v);
	}
	if (!err && s->ops->changed)
		err = s->ops->changed(s, name);
	return err;
}

static int get_value(struct socket *s, int name, int *v)
{
	uint32_t bit = bit_of(s, name);

	if (bit) {
		*v = !!(s->options & bit);
		return 0;
	}
	switch (name) {
	case SO_TYPE:
		*v = s->type;
		return 0;
	case SO_PROTOCOL:
		*v = s->protocol;
		return 0;
	case SO_DOMAIN:
		*v = s->domain;
		return 0;
	case SO_ACCEPTCONN:
		*v = s->listening;
		return 0;
	case SO_ERROR:
		*v = -socket_take_error(s);
		return 0;
	case SO_SNDBUF:
		*v = s->sndbuf;
		return 0;
	case SO_RCVBUF:
		*v = s->rcvbuf;
		return 0;
	case SO_RCVLOWAT:
		*v = s->rcvlowat;
		return 0;
	case SO_SNDLOWAT:
		*v = 1;
		return 0;
	}
	return -ENOPROTOOPT;
}

int socket_get_option(struct socket *s, int name, long uval, unsigned *len)
{
	int linger[2] = {!!(s->options & SOCKET_LINGER), (int)s->linger_s};
	uint64_t cookie = s->ino;
	int v, err;

	if ((int)*len < 0)
		return -EINVAL;
	switch (name) {
	case SO_LINGER:
		return option_put(uval, len, linger, sizeof(linger));
	case SO_RCVTIMEO_OLD:
		return get_timeout(s->rcvtimeo, uval, len);
	case SO_SNDTIMEO_OLD:
		return get_timeout(s->sndtimeo, uval, len);
	case SO_BINDTODEVICE:
		*len = 0;
		return 0;
	case SO_COOKIE:
		if (*len < sizeof(cookie))
			return -EINVAL;
		return option_put(uval, len, &cookie, sizeof(cookie));
	}
	err = get_value(s, name, &v);
	return err ? err : option_put_int(uval, len, v);
}
