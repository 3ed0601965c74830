/* SPDX-License-Identifier: Apache-2.0 */
/* Reader of the manifest's "healthcheck", and of times. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "manifest/app_read.h"

#define NS_PER_MS 1000000ULL
#define DAY_MS    86400000ULL

/* Without a timeout it is that of engines. */
enum { MAX_RETRIES = 1000, EXEC_MS = 30000 };

/* "1m30s", "500ms": whole numbers with h, m, s or ms; 0 if it is none, or
 * not from 1 ms to a day. */
static uint64_t parse_duration(const char *s)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	uint64_t total = 0, n;
	size_t i;
	char *end;

	for (; *s; s = end + strlen(units[i].name)) {
		if (*s < '0' || *s > '9')
			return 0;
		n = strtoull(s, &end, 10);
		for (i = 0; i < 4; i++) {
			size_t len = strlen(units[i].name);

			/* "m" is not the beginning of "ms". */
			if (!strncmp(end, units[i].name, len) &&
				!(i == 2 && end[1] == 's'))
				break;
		}
		if (i == 4 || n > DAY_MS)
			return 0;
		total += n * units[i].ms;
		if (total > DAY_MS)
			return 0;
	}
	return total * NS_PER_MS;
}

void app_read_duration(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	_free_ char *quoted = NULL;
	uint64_t ns;

	if (value_is_string(d, at, v) < 0)
		return;
	ns = parse_duration(json_string_value(v));
	if (ns) {
		memcpy(to, &ns, sizeof(ns));
		return;
	}
	quoted = doc_quote(json_string_value(v));
	doc_error(d, at, "duration-syntax",
		"%s is not a time from \"1ms\" to \"24h\", such as \"1m30s\"",
		quoted);
}

static void read_retries(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	json_int_t n;

	if (value_number(d, at, v, 1, MAX_RETRIES, &n) == 0)
		*(unsigned *)to = (unsigned)n;
}

/* A decimal number from min to max, without zeros before it. */
static int is_number(const char *s, unsigned long min, unsigned long max)
{
	size_t n = strspn(s, "0123456789");
	unsigned long v = strtoul(s, NULL, 10);

	return n && n < 6 && !s[n] && *s != '0' && v >= min && v <= max;
}

static void read_test(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const char *first = json_string_value(json_array_get(v, 0));
	struct strv *t = to;
	int tcp, http;

	/* Words of a command are as free as "args". */
	if (first && !strcmp(first, "exec"))
		value_list(d, at, v, value_text, t);
	else
		value_list(d, at, v, value_string, t);
	if (!json_is_array(v))
		return;
	for (size_t i = 0; i < json_array_size(v); i++) {
		if (!json_is_string(json_array_get(v, i)))
			return; /* told already */
	}
	tcp = t->n == 2 && !strcmp(t->v[0], "tcp");
	http = t->n >= 2 && t->n <= 4 && !strcmp(t->v[0], "http");
	if (t->n == json_array_size(v) && t->n >= 2 && *t->v[1] &&
		!strcmp(t->v[0], "exec"))
		return;
	if (t->n == json_array_size(v) && (tcp || http) &&
		is_number(t->v[1], 1, 65535) && (t->n < 3 || *t->v[2] == '/') &&
		(t->n < 4 || is_number(t->v[3], 100, 599)))
		return;
	doc_error(d, at, "health-test",
		"must be [\"tcp\", PORT], [\"http\", PORT, PATH, STATUS], "
		"the last two optional, or [\"exec\", WORD, ...], all "
		"strings");
}

static const struct field health_fields[] = {
	{"test", read_test, offsetof(struct app_health, test), 1},
	{"interval", app_read_duration,
		offsetof(struct app_health, interval_ns), 0},
	{"timeout", app_read_duration, offsetof(struct app_health, timeout_ns),
		0},
	{"retries", read_retries, offsetof(struct app_health, retries), 0},
	{"start_period", app_read_duration,
		offsetof(struct app_health, start_period_ns), 0},
};

void app_read_health(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;

	app_free_health(a);
	a->health = xcalloc(1, sizeof(*a->health));
	doc_read_object(d, at, v, health_fields,
		sizeof(health_fields) / sizeof(*health_fields), a->health);
}

unsigned app_health_exec_ms(const struct app_health *h)
{
	uint64_t ms;

	if (!h || !h->test.n || strcmp(h->test.v[0], "exec") != 0)
		return 0;
	ms = h->timeout_ns / NS_PER_MS;
	if (!h->timeout_ns || ms > DAY_MS)
		return h->timeout_ns ? (unsigned)DAY_MS : EXEC_MS;
	return ms ? (unsigned)ms : 1;
}

void app_health_command(const struct app_health *h, struct strv *argv)
{
	strv_add(argv, "/slipway/health");
	/* The guest knows the command, and the launcher asks the guest. */
	if (app_health_exec_ms(h))
		strv_add(argv, "exec");
	else
		strv_add_all(argv, &h->test);
}

int app_check_health(
	const struct app *a, const struct target *t, struct diags *diags)
{
	if (!app_health_exec_ms(a->health) || !strcmp(t->base, "linux"))
		return 0;
	diag_add(diags, a->path, a->health_line, a->health_col, "health-base",
		"healthcheck: target %s has one process; test by \"tcp\" or "
		"\"http\", or use a target of base linux, such as "
		"x86_64-linux",
		t->name);
	return -1;
}

void app_free_health(struct app *a)
{
	if (!a->health)
		return;
	strv_free(&a->health->test);
	free(a->health);
	a->health = NULL;
}
