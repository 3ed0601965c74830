/* SPDX-License-Identifier: Apache-2.0 */
/* What network the container has, and how the machine gets it. */
#include "network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "vm/takeover.h"

#define RESOLV "/etc/resolv.conf"
#define HOSTS  "/etc/hosts"
#define TUN    "/dev/net/tun"

enum { FILE_MAX = 1 << 20 };
enum mode { AUTO, TAP, USER, NONE };

static int choose(enum mode *m, struct err *e)
{
	static const char *const names[] = {[AUTO] = "auto",
		[TAP] = "tap",
		[USER] = "user",
		[NONE] = "none"};
	const char *v = getenv(NET_ENV);

	*m = AUTO;
	for (unsigned i = 0; v && i < 4; i++) {
		if (!strcmp(v, names[i])) {
			*m = (enum mode)i;
			return 0;
		}
	}
	return v ? err_set(e, -EINVAL,
			   "%s=%s is not one of auto, tap, user, none", NET_ENV,
			   v)
		 : 0;
}

static int has_network(const struct netscan *s)
{
	for (size_t i = 0; i < s->nlinks; i++) {
		if (netscan_is_used(s, &s->link[i]))
			return 1;
	}
	return 0;
}

static int needs_resolver(void)
{
	_buf_ struct buf text = {0};
	struct err ignored;

	return file_read(RESOLV, FILE_MAX, &text, &ignored) == 0 &&
	       vm_net_has_resolver(&text);
}

/* True if the guest has the container's addresses now. */
static int take_over(struct network *w, enum mode m)
{
	struct err e = {0};
	int r;

	/* Who hands in the device wants this; who says so too. */
	if (m == USER || (m == AUTO && access(TUN, F_OK) < 0))
		return 0;
	if (takeover_fits(&w->scan))
		r = takeover_start(&w->net, &w->scan, needs_resolver(), &e);
	else
		r = err_set(&e, -EINVAL, "the interfaces are not its own");
	if (r == 0)
		return 1;
	log_add(LOG_WARNING,
		"the machine cannot have the container's addresses (%s): its "
		"ports are forwarded",
		e.msg);
	return 0;
}

int network_start(struct network *w, const struct vm_config *c,
	struct vm_plan *p, struct err *e)
{
	struct err ignored;
	enum mode m;
	int taken, r = choose(&m, e);

	*w = (struct network){0};
	if (r < 0 || !c->network || m == NONE)
		return r;
	/* Without a look at the interfaces there may still be a network. */
	r = netscan_read(&w->scan, &ignored);
	if (r == 0 && !has_network(&w->scan))
		return 0;
	taken = r == 0 && take_over(w, m);
	vm_net_add_user(&w->net, &w->scan, taken);
	w->net.forward = taken ? VM_FORWARD_LOOPBACK : VM_FORWARD_ALL;
	w->net.preload = "/slipway/listen.so";
	p->net = &w->net;
	return 0;
}

void network_end(struct network *w)
{
	takeover_end(&w->net);
	vm_net_free(&w->net);
	netscan_free(&w->scan);
}

void network_fix_file(const struct network *w, struct vm_file *f)
{
	if (!strcmp(f->path, RESOLV))
		vm_net_resolv(&w->net, &f->data);
	else if (!strcmp(f->path, HOSTS))
		vm_net_hosts(&w->net, &w->scan, &f->data);
}
