/* SPDX-License-Identifier: Apache-2.0 */
/* The boot record and the options of the command line. */
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/main.h"
#include "kern/string.h"

#include <linux/errno.h>

static const struct record_header *record;
static uint64_t record_size;

void record_init(const void *p, uint64_t size)
{
	record = p;
	record_size = size;
}

/* From here on there is no record, for panic asks, too. */
static noreturn void damaged(void)
{
	record_size = 0;
	panic("the boot record is damaged");
}

/* NULL: nobody gives one. Refuses a broken one for good. */
const struct record_header *boot_record(void)
{
	static bool checked;

	if (checked || !record_size)
		return record_size ? record : NULL;
	if (record_size < sizeof(*record) || record->magic != RECORD_MAGIC ||
		record->version != 1 || record->size > record_size ||
		record->size < sizeof(*record))
		damaged();
	checked = true;
	return record;
}

const struct record_item *record_next(
	const struct record_item *after, uint32_t type)
{
	const char *start = (const char *)boot_record(), *p = start;
	uint64_t off = sizeof(*record);

	if (!p)
		return NULL;
	if (after)
		off = (const char *)(after + 1) - p +
		      ALIGN_UP((uint64_t)after->len, 8);
	while (off + sizeof(*after) <= record->size) {
		const struct record_item *i = (const void *)(p + off);

		off += sizeof(*i);
		if (i->len > record->size - off)
			damaged();
		if (i->type == type)
			return i;
		off += ALIGN_UP((uint64_t)i->len, 8);
	}
	return NULL;
}

uint64_t record_flags(void)
{
	const struct record_item *i = record_next(NULL, RECORD_FLAGS);
	uint64_t flags = 0;

	if (i && i->len == sizeof(flags))
		memcpy(&flags, record_data(i), sizeof(flags));
	return flags;
}

int boot_option(const char *key, unsigned nth, const char **value)
{
	const char *p = boot_info.cmdline;
	size_t n = strlen(key);

	while (*p) {
		size_t len = 0;

		while (p[len] && p[len] != ' ')
			len++;
		if (len > n && p[n] == '=' && !memcmp(p, key, n) && !nth--) {
			*value = p + n + 1;
			return len - n - 1;
		}
		p += len;
		while (*p == ' ')
			p++;
	}
	return -ENOENT;
}
