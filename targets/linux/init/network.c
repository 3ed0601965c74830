/* SPDX-License-Identifier: Apache-2.0 */
/* The network cards, as the boot record says (abi/record.h). */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

enum { CARDS_MAX = 16 };

struct card {
	char name[IF_NAMESIZE], mac[18];
	int index, done;
};
static struct card cards[CARDS_MAX];
static int ncards;

static int by_index(const void *a, const void *b)
{
	return ((const struct card *)a)->index -
	       ((const struct card *)b)->index;
}

/* Those with a device; in the order in which they were found. */
static void find_cards(void)
{
	DIR *d = opendir("/sys/class/net");
	struct dirent *de;
	char path[320];
	FILE *f;

	while (d && ncards < CARDS_MAX && (de = readdir(d))) {
		struct card *c = &cards[ncards];

		snprintf(path, sizeof(path), "/sys/class/net/%s/device",
			de->d_name);
		if (access(path, F_OK) < 0)
			continue;
		snprintf(path, sizeof(path), "/sys/class/net/%s/address",
			de->d_name);
		f = fopen(path, "re");
		if (!f || fscanf(f, "%17s", c->mac) != 1)
			die("read %s", path);
		fclose(f);
		c->index = (int)if_nametoindex(de->d_name);
		if (!if_indextoname((unsigned)c->index, c->name))
			die("the card %s", de->d_name);
		ncards++;
	}
	if (d)
		closedir(d);
	qsort(cards, (size_t)ncards, sizeof(cards[0]), by_index);
}

/* "ADDRESS[/PREFIX]" up to `end`; 1 if it is one. */
static int parse(const char *text, size_t n, struct prefix *p)
{
	char copy[64];
	char *slash;

	if (n >= sizeof(copy))
		return 0;
	memcpy(copy, text, n);
	copy[n] = 0;
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = 0;
	p->family = strchr(copy, ':') ? AF_INET6 : AF_INET;
	p->len = slash                  ? (unsigned)strtoul(slash, NULL, 10)
		 : p->family == AF_INET ? 32u
					: 128u;
	return inet_pton(p->family, copy, p->addr) == 1;
}

static void set_ipv6(const struct card *c, const char *name, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", c->name,
		name);
	f = fopen(path, "we");
	if (f) {
		fputs(value, f);
		fclose(f);
	}
}

static void add_route(const struct card *c, const char *w, size_t n)
{
	const char *at = memchr(w, '@', n);
	struct prefix to, gateway;

	if (!parse(w, at ? (size_t)(at - w) : n, &to) ||
		(at && !parse(at + 1, n - (size_t)(at - w) - 1, &gateway))) {
		errno = EINVAL;
		die("boot record: route=%.*s", (int)n, w);
	}
	if (route_add(c->index, &to, at ? &gateway : NULL) < 0)
		die("route %.*s on %s", (int)n, w, c->name);
}

static int is(const char *w, size_t n, const char *word)
{
	return n == strlen(word) && !memcmp(w, word, n);
}

/* Addresses first: routes need them. */
static void configure(const struct card *c, const char *text)
{
	const char *mtu = strstr(text, "mtu=");
	struct prefix p;
	int dhcp = 0;

	if (strstr(text, "noslaac")) {
		set_ipv6(c, "accept_ra", "0");
		set_ipv6(c, "autoconf", "0");
	}
	if (link_up(c->index, mtu ? (unsigned)strtoul(mtu + 4, NULL, 10) : 0) <
		0)
		die("start %s", c->name);
	for (int pass = 0; pass < 2; pass++) {
		for (const char *w = text; *w;
			w += strcspn(w, " "), w += *w == ' ') {
			size_t n = strcspn(w, " ");

			if (pass == 0 && is(w, n, "dhcp"))
				dhcp = 1;
			if (pass == 1 && n > 6 && !memcmp(w, "route=", 6))
				add_route(c, w + 6, n - 6);
			if (pass == 1 || n < 5 || memcmp(w, "addr=", 5) != 0)
				continue;
			if (!parse(w + 5, n - 5, &p) ||
				address_add(c->index, &p) < 0)
				die("%.*s on %s", (int)n, w, c->name);
		}
		if (pass == 0 && dhcp)
			dhcp_run(c->name, c->index);
	}
}

static struct card *card_of(const char *text)
{
	const char *mac = strstr(text, "mac=");

	for (int i = 0; i < ncards; i++)
		if (mac ? !strncmp(mac + 4, cards[i].mac, 17) : !cards[i].done)
			return &cards[i];
	return NULL;
}

void network_start(void)
{
	const struct item *i;
	size_t at = 0;
	int told = 0;

	link_up((int)if_nametoindex("lo"), 0);
	find_cards();
	while ((i = record_next(RECORD_NET, &at))) {
		struct card *c = card_of(i->data);

		told = 1;
		if (!c) {
			errno = ENODEV;
			die("no network card for %s", i->data);
		}
		c->done = 1;
		configure(c, i->data);
	}
	for (int k = 0; !told && k < ncards; k++)
		configure(&cards[k], "dhcp");
}
