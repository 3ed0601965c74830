/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of engines that start the kernel as they start Linux. */
#include "kern/cmdline.h"
#include "arch/arch.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/main.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"

extern const char keel_record[]; /* built in */

/* What Linux takes for itself of K=V; a key with a dot is a module's. */
static const char own_words[] =
	" console init ip panic pci rdinit reboot root rootflags rootfstype ";

static char *out; /* where the record goes on */

static void *put(uint32_t type, const char *p, size_t n)
{
	struct record_item *i = (void *)out;

	*i = (struct record_item){type, n};
	memcpy(i + 1, p, n);
	out = (char *)(i + 1) + ALIGN_UP(n, 8);
	return i + 1;
}

/* The next word of a line, '...' around it removed: its length, -1 at the
 * end. A quote ends where a space or nothing follows it. */
static long next_word(const char **line, const char **word)
{
	const char *p = *line, *end;

	while (*p == ' ')
		p++;
	for (end = p; *end && *end != ' '; end++)
		;
	*word = p;
	*line = end;
	if (*p == '\'')
		for (const char *q = p + 1; *q; q++)
			if (*q == '\'' && (!q[1] || q[1] == ' ')) {
				*word = p + 1;
				*line = q + 1;
				return q - p - 1;
			}
	return end == p ? -1 : end - p;
}

static bool is_env(const char *word, size_t n)
{
	const char *eq = memchr(word, '=', n), *p = own_words;
	size_t len = eq - word;

	if (!eq || !len || memchr(word, '.', len) ||
		!strncmp(word, "URUNIT_", 7))
		return false;
	for (; *p; p++)
		if (p[0] == ' ' && !strncmp(p + 1, word, len) &&
			p[len + 1] == ' ')
			return false;
	return true;
}

/* --- the network --------------------------------------------------------- */

/* The bits of 255.255.240.0. */
static unsigned prefix_of(const char *mask, size_t n)
{
	unsigned octet = 0, bits = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && mask[i] >= '0' && mask[i] <= '9') {
			octet = octet * 10 + mask[i] - '0';
			continue;
		}
		for (; octet; octet >>= 1)
			bits += octet & 1;
	}
	return bits;
}

static char *put_text(char *to, const char *p, size_t n)
{
	memcpy(to, p, n);
	return to + n;
}
#define PUT(to, s) put_text(to, s, sizeof(s) - 1)

/* The gateway gets a route of its own: it may be in no network. */
static void put_net(const char *p, size_t n)
{
	enum { CLIENT, SERVER, GATEWAY, MASK, FIELDS, ADDRESS_MAX = 15 };
	const char *field[FIELDS + 1];
	size_t len[FIELDS] = {0};
	char text[128], *to = text;
	unsigned prefix;

	for (unsigned i = 0; i < FIELDS; i++) {
		const char *end = memchr(p, ':', n);

		field[i] = p;
		len[i] = end ? (size_t)(end - p) : n;
		if (len[i] > ADDRESS_MAX)
			len[i] = 0;
		p = end ? end + 1 : p + n;
		n -= end ? (size_t)(p - field[i]) : n;
	}
	if (!len[CLIENT] || (*field[CLIENT] | 0x20) > '9') {
		put(RECORD_NET, "dhcp", 4);
		return;
	}
	prefix = len[MASK] ? prefix_of(field[MASK], len[MASK]) : 32;
	to = PUT(to, "addr=");
	to = put_text(to, field[CLIENT], len[CLIENT]);
	*to++ = '/';
	*to++ = '0' + prefix / 10;
	*to++ = '0' + prefix % 10;
	if (len[GATEWAY]) {
		to = PUT(to, " route=");
		to = put_text(to, field[GATEWAY], len[GATEWAY]);
		to = PUT(to, "/32 route=0.0.0.0/0@");
		to = put_text(to, field[GATEWAY], len[GATEWAY]);
	}
	put(RECORD_NET, text, to - text);
}

/* --- urunit's configuration ---------------------------------------------- */

static bool starts(const char *p, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !memcmp(p, with, len);
}

static void say(const char *p, size_t n, const char *why)
{
	char text[64] = "";

	memcpy(text, p, MIN(n, sizeof(text) - 1));
	kmsg("keel: %s: %s\n", text, why);
}

static void urunit_line(const char *p, size_t n, char *section)
{
	if (n == 3 && p[0] == 'U' && (p[2] == 'S' || p[2] == 'E'))
		*section = p[2] == 'S' ? p[1] : 0;
	else if (*section == 'E')
		put(RECORD_ENV, p, n);
	else if (*section == 'C' && starts(p, n, "WD:"))
		put(RECORD_CWD, p + 3, n - 3);
	else if (*section == 'C' && !starts(p, n, "UID:0") &&
		 !starts(p, n, "GID:0"))
		say(p, n, "programs run as user and group 0");
	else if (*section == 'B' && starts(p, n, "MP:") && n > 4)
		say(p, n, "not mounted, keel has no such file system");
}

static void urunit_config(const char *p, size_t n)
{
	char section = 0;

	while (n) {
		const char *end = memchr(p, '\n', n);
		size_t len = end ? (size_t)(end - p) : n;

		urunit_line(p, len, &section);
		p += len + !!end;
		n -= len + !!end;
	}
}

/* --- the whole ----------------------------------------------------------- */

static void put_arguments(const char *line, const char *arg0, size_t n)
{
	const struct record_item *own = record_next(NULL, RECORD_ARG);
	const char *word;
	long len;

	/* Where the launcher is the entry point, the name is the program's. */
	if (own && starts(arg0, n, "/slipway/launch"))
		put(RECORD_ARG, record_data(own), own->len);
	else if (n)
		put(RECORD_ARG, arg0, n);
	while ((len = next_word(&line, &word)) >= 0)
		if (!starts(word, len, "virtio_mmio.device="))
			put(RECORD_ARG, word, len);
}

/* All that the command line does not replace. */
static void put_rest(uint64_t replaced)
{
	const struct record_header *h = boot_record();
	const char *p = (const char *)(h + 1);

	while (h &&
		p + sizeof(struct record_item) <= (const char *)h + h->size) {
		const struct record_item *i = (const void *)p;

		if (!(replaced & 1ul << (i->type & 63)))
			put(i->type, record_data(i), i->len);
		p = (const char *)(i + 1) + ALIGN_UP((uint64_t)i->len, 8);
	}
}

static bool has_urunit(const char *p, size_t n)
{
	for (; n >= 6; p++, n--)
		if (!memcmp(p, "urunit", 6))
			return true;
	return false;
}

static uint64_t translate(void)
{
	const char *line = boot_info.cmdline, *word, *init = NULL, *rest;
	const char *ip = NULL;
	size_t ninit = 0, nip = 0;
	uint64_t replaced = 0;
	long n;

	while ((n = next_word(&line, &word)) >= 0) {
		if (n == 2 && !memcmp(word, "--", 2))
			break;
		if (starts(word, n, "init=") || starts(word, n, "rdinit=")) {
			init = (const char *)memchr(word, '=', n) + 1;
			ninit = word + n - init;
		} else if (starts(word, n, "ip=")) {
			ip = word + 3;
			nip = n - 3;
		}
	}
	rest = line;
	if (ip) {
		put_net(ip, nip);
		replaced |= 1 << RECORD_NET;
	}
	if (!init)
		return replaced;
	replaced |= 1 << RECORD_ARG | 1 << RECORD_ENV;
	for (line = boot_info.cmdline;
		(n = next_word(&line, &word)) >= 0 && line < rest;)
		if (is_env(word, n))
			put(RECORD_ENV, word, n);
	if (boot_initrd_size) {
		urunit_config((char *)(arch_direct_base + boot_initrd_pa),
			boot_initrd_size);
		replaced |= 1 << RECORD_CWD;
	}
	if (boot_initrd_size && has_urunit(init, ninit))
		ninit = 0;
	put_arguments(rest, init, ninit);
	return replaced;
}

void cmdline_to_record(void)
{
	const struct record_header *old = boot_record();
	size_t text = strlen(boot_info.cmdline) + boot_initrd_size;
	struct record_header *h;
	uint64_t replaced;

	/* A launcher of ours says it all by fw_cfg. */
	if (!*boot_info.cmdline || (old && (const char *)old != keel_record))
		return;
	/* A word of one letter and its space make an item of 16 bytes. */
	h = kzalloc(sizeof(*h) + 512 + 16 * text + (old ? old->size : 0));
	if (!h)
		page_not_enough(16 * text);
	out = (char *)(h + 1);
	replaced = translate();
	if (!replaced) {
		kfree(h);
		return;
	}
	put_rest(replaced);
	*h = (struct record_header){
		RECORD_MAGIC, 1, (uint32_t)(out - (char *)h)};
	record_init(h, h->size);
}
