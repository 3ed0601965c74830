/* SPDX-License-Identifier: Apache-2.0 */
/* The container's resolv.conf and hosts as they hold in the guest. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/mem.h"
#include "vm/net.h"

enum { DNS = 3, GUEST = 15, ADDRESS_MAX = 64 };

static const char guest_ipv6[] = "fec0::15";

/* The length of a line, its end included. */
static size_t line_length(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return (size_t)((nl ? nl + 1 : end) - p);
}

/* The word at *p, and *p behind it; its length, 0 at the end. */
static size_t next_word(const char **p, const char *end, const char **word)
{
	const char *s = *p;

	while (s < end && strchr(" \t\r\n", *s) && *s)
		s++;
	*word = s;
	while (s < end && *s && !strchr(" \t\r\n", *s))
		s++;
	*p = s;
	return (size_t)(s - *word);
}

static int is_loopback(const char *word, size_t n)
{
	static const unsigned char v6[16] = {[15] = 1};
	char text[ADDRESS_MAX];
	unsigned char ip[16];

	if (n >= sizeof(text))
		return 0;
	memcpy(text, word, n);
	text[n] = 0;
	if (inet_pton(AF_INET, text, ip) == 1)
		return ip[0] == 127;
	return inet_pton(AF_INET6, text, ip) == 1 && !memcmp(ip, v6, 16);
}

/* In what place in the line a loopback server is; 0: it is no such line. */
static size_t loopback_server(const char *line, const char *end, size_t *len)
{
	const char *p = line, *word;
	size_t n = next_word(&p, end, &word);

	if (n != 10 || memcmp(word, "nameserver", 10) != 0)
		return 0;
	*len = next_word(&p, end, &word);
	return *len && is_loopback(word, *len) ? (size_t)(word - line) : 0;
}

int vm_net_has_resolver(const struct buf *text)
{
	const char *p = text->data, *end = p + text->len;
	size_t n, len;

	for (; text->len && p < end; p += n) {
		n = line_length(p, end);
		if (loopback_server(p, p + n, &len))
			return 1;
	}
	return 0;
}

void vm_net_resolv(const struct vm_net *net, struct buf *text)
{
	const struct vm_card *c = vm_net_user(net);
	const char *p = text->data, *end = p + text->len;
	struct buf out = {0};
	char dns[16];
	int told = 0;

	if (!c || !text->len)
		return;
	vm_card_address(c, DNS, dns);
	while (p < end) {
		size_t n = line_length(p, end), len;
		size_t at = loopback_server(p, p + n, &len);

		if (!at) {
			buf_add(&out, p, n);
		} else if (!told) {
			buf_add(&out, p, at);
			buf_adds(&out, dns);
			buf_add(&out, p + at + len, n - at - len);
			told = 1;
		}
		p += n;
	}
	buf_free(text);
	*text = out;
}

/* What stands in the guest for the address; NULL: the same. */
static const char *guest_address(const struct netscan *s,
	const struct vm_card *c, const char *word, size_t n, const char *v4)
{
	char text[ADDRESS_MAX];
	unsigned char ip[16];

	if (n == 0 || n >= sizeof(text))
		return NULL;
	memcpy(text, word, n);
	text[n] = 0;
	if (inet_pton(AF_INET, text, ip) == 1)
		return netscan_is_own(s, AF_INET, ip) ? v4 : NULL;
	if (inet_pton(AF_INET6, text, ip) == 1 && c->ipv6)
		return netscan_is_own(s, AF_INET6, ip) ? guest_ipv6 : NULL;
	return NULL;
}

void vm_net_hosts(
	const struct vm_net *net, const struct netscan *s, struct buf *text)
{
	const char *p = text->data, *end = p + text->len;
	const struct vm_card *c = vm_net_user(net);
	struct buf out = {0};
	char v4[16];

	/* Beside taps it is no address that others know. */
	if (!c || net->ncards > 1 || !text->len)
		return;
	vm_card_address(c, GUEST, v4);
	while (p < end) {
		size_t n = line_length(p, end);
		const char *at = p, *word, *other;
		size_t len = next_word(&at, p + n, &word);

		other = guest_address(s, c, word, len, v4);
		if (other) {
			buf_adds(&out, other);
			buf_add(&out, at, (size_t)(p + n - at));
		} else {
			buf_add(&out, p, n);
		}
		p += n;
	}
	buf_free(text);
	*text = out;
}
