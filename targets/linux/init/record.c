/* SPDX-License-Identifier: Apache-2.0 */
/* The boot record, cut into items. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

static struct item *items;
static size_t count;

static void *read_built_in(size_t *len)
{
	int fd = open("/slipway/record", O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		die("open /slipway/record");
	p = malloc((size_t)st.st_size + 1);
	if (!p || read(fd, p, (size_t)st.st_size) != st.st_size)
		die("read /slipway/record");
	close(fd);
	*len = (size_t)st.st_size;
	return p;
}

static void add(uint32_t type, const char *p, uint32_t len)
{
	struct item *more = realloc(items, (count + 1) * sizeof(*items));
	char *copy = malloc(len + 1u);

	if (!more || !copy)
		die("boot record");
	memcpy(copy, p, len);
	copy[len] = 0;
	items = more;
	items[count++] = (struct item){type, len, copy};
}

/* What starts, and as whom, is no launcher's to say. */
static int is_of_build(uint32_t type)
{
	return type == RECORD_ENTRY || type == RECORD_USER ||
	       type == RECORD_HEALTH;
}

/* Cuts a record; `own`: of the build's only what is nobody else's. */
static void load(const char *p, size_t len, int built_in, int own)
{
	size_t at = sizeof(struct record_header);
	struct record_header h;
	struct record_item i;

	if (len < sizeof(h))
		die("boot record: too short");
	memcpy(&h, p, sizeof(h));
	if (h.magic != RECORD_MAGIC || h.version != 1 || h.size > len ||
		h.size > RECORD_MAX)
		die("boot record: wrong magic, version or size");
	while (at + sizeof(i) <= h.size) {
		memcpy(&i, p + at, sizeof(i));
		at += sizeof(i);
		if (i.len > h.size - at)
			die("boot record: cut short");
		if (is_of_build(i.type) ? built_in : !own)
			add(i.type, p + at, i.len);
		at += (i.len + 7u) & ~7u;
	}
}

void record_load(void)
{
	size_t len, own_len;
	char *p = fw_cfg_file(RECORD_FW_CFG, &len);
	char *own = read_built_in(&own_len);

	if (p)
		load(p, len, 0, 0);
	load(own, own_len, 1, p != NULL);
	free(p);
	free(own);
}

const struct item *record_next(uint32_t type, size_t *at)
{
	while (*at < count) {
		const struct item *i = &items[(*at)++];

		if (i->type == type)
			return i;
	}
	return NULL;
}

const char *record_text(uint32_t type, const char *otherwise)
{
	size_t at = 0;
	const struct item *i = record_next(type, &at);

	return i ? i->data : otherwise;
}

uint64_t record_flags(void)
{
	size_t at = 0;
	const struct item *i = record_next(RECORD_FLAGS, &at);
	uint64_t f = 0;

	if (i && i->len >= sizeof(f))
		memcpy(&f, i->data, sizeof(f));
	return f;
}
