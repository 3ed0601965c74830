/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a description as text for people. */
#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *show_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

uint64_t show_number(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* "1.9 MiB"; four are enough on one line. */
const char *show_size(uint64_t n)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	static char ring[4][32];
	static unsigned next;
	char *out = ring[next++ % 4];
	double v = (double)n / 1024;
	unsigned u = 0;

	while (v >= 1024 && u < 3) {
		v /= 1024;
		u++;
	}
	if (n < 1024)
		snprintf(out, sizeof(ring[0]), "%" PRIu64 " B", n);
	else
		snprintf(out, sizeof(ring[0]), "%.1f %s", v, units[u]);
	return out;
}

/* Control characters of a file must not reach the terminal. */
void show_safe(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			printf("\\x%02x", (unsigned char)*s);
		else
			putchar(*s);
	}
}

void show_row(const char *label, const char *text)
{
	if (!*text)
		return;
	printf("%-12s ", label);
	show_safe(text);
	putchar('\n');
}

void show_components(const json_t *list, size_t most)
{
	uint64_t total = 0, rest = 0;
	size_t n = json_array_size(list), i;

	for (i = 0; i < n; i++) {
		const json_t *c = json_array_get(list, i);
		uint64_t bytes = show_number(c, "bytes");

		total += bytes;
		if (i >= most) {
			rest += bytes;
			continue;
		}
		printf("%12" PRIu64 "  ", bytes);
		show_safe(show_text(c, "name"));
		putchar('\n');
	}
	if (n > most)
		printf("%12" PRIu64 "  %zu more (--json has all)\n", rest,
			n - most);
	printf("%12" PRIu64 "  in all\n", total);
}

void show_chain(const json_t *why)
{
	json_t *chain = json_object_get(why, "chain");

	for (size_t i = 0; i < json_array_size(chain); i++) {
		const json_t *step = json_array_get(chain, i);
		const char *name = show_text(step, "symbol");
		const char *how = show_text(step, "how");

		printf("%s", i ? "  -> " : "     ");
		show_safe(*name ? name : "(unnamed)");
		printf("  [");
		show_safe(show_text(step, "object"));
		printf("]");
		if (!strcmp(how, "weak"))
			printf(" if it is linked anyway");
		else if (!strcmp(how, "section"))
			printf(" in one section with it");
		else if (!strcmp(how, "kept"))
			printf(" kept by the linker script");
		putchar('\n');
	}
}

void show_calls(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		const char *note = show_text(c, "note");
		const char *from = show_text(c, "from");

		printf("%-17s %-8s", show_text(c, "name"),
			show_text(c, "status"));
		if (*from || *show_text(c, "object")) {
			printf(" from ");
			show_safe(*from ? from : "data");
			printf(" [");
			show_safe(show_text(c, "object"));
			printf("]");
		}
		if (*note) {
			printf(": ");
			show_safe(note);
		}
		putchar('\n');
	}
}
