/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of the manifest's keys that have a syntax of their own. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "manifest/app_read.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

enum { MAX_STOP_TIMEOUT_S = 86400 };

static const char *const signals[] = {"SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT",
	"SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM", "SIGCONT",
	"SIGSTOP", "SIGTSTP", "SIGWINCH", "SIGIO", "SIGPWR"};
enum { NSIGNALS = sizeof(signals) / sizeof(*signals) };

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* An object of strings as K=V, sorted by K. */
static void read_map(const struct doc *d, const struct place *at, json_t *v,
	const char *check, struct strv *to)
{
	_strv_ struct strv keys = {0};
	const char *key, *s;
	json_t *value;
	size_t i;

	if (!json_is_object(v)) {
		doc_error(d, at, "type", "must be an object, not %s",
			doc_kind(v));
		return;
	}
	strv_free(to);
	json_object_foreach(v, key, value)
	{
		struct place here = {at, key, 0};

		if (!*key)
			doc_error_key(d, &here, check, "a key is empty");
		else if (strchr(key, '='))
			doc_error_key(
				d, &here, check, "a key must not contain =");
		else if (value_is_string(d, &here, value) == 0)
			strv_add(&keys, key);
	}
	if (keys.n)
		qsort(keys.v, keys.n, sizeof(*keys.v), by_bytes);
	for (i = 0; i < keys.n; i++) {
		s = json_string_value(json_object_get(v, keys.v[i]));
		strv_addf(to, "%s=%s", keys.v[i], s);
	}
}

void app_read_env(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	read_map(d, at, v, "env-key", &((struct app *)to)->env);
}

void app_read_labels(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	read_map(d, at, v, "label-key", &((struct app *)to)->labels);
}

/* "53/udp", "80/tcp" or "80"; 0 if it is none of them. */
static int parse_port(const char *s, struct app_port *port)
{
	size_t digits = strspn(s, DIGIT);
	const char *proto = s + digits;

	if (!digits || digits > 5 || *s == '0')
		return -1;
	if (*proto && strcmp(proto, "/tcp") != 0 && strcmp(proto, "/udp") != 0)
		return -1;
	if (strtoul(s, NULL, 10) > 65535)
		return -1;
	port->port = (uint16_t)strtoul(s, NULL, 10);
	port->udp = !strcmp(proto, "/udp");
	return 0;
}

static void read_port(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app_port *port = to;
	json_int_t n = 0;

	if (json_is_string(v)) {
		_free_ char *quoted = doc_quote(json_string_value(v));

		if (parse_port(json_string_value(v), port) < 0)
			doc_error(d, at, "port-syntax",
				"%s is not a port: 80, \"80/tcp\" or "
				"\"53/udp\"",
				quoted);
		return;
	}
	if (value_number(d, at, v, 1, 65535, &n) == 0)
		port->port = (uint16_t)n;
}

void app_read_ports(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;
	size_t n;
	struct app_port *ports =
		value_array(d, at, v, read_port, sizeof(*ports), &n);

	if (!ports)
		return;
	free(a->ports);
	a->ports = ports;
	a->nports = n;
}

/* One part of a repository's name, as Docker allows it. */
static int is_repo_part(const char *s, size_t len)
{
	size_t i, run;

	for (i = 0; i < len; i += run) {
		run = strspn(s + i, LOWER DIGIT);
		if (!run)
			return 0;
		i += run;
		if (i >= len)
			return i == len;
		run = 1;
		if (s[i] == '-')
			run = strspn(s + i, "-");
		else if (s[i] == '_' && s[i + 1] == '_')
			run = 2;
		if (!strchr("._-", s[i]))
			return 0;
	}
	return 0; /* empty, or a separator at the end */
}

/* A registry, HOST[:PORT], can be recognised by one of . : localhost. */
static int is_registry(const char *s, size_t len)
{
	size_t host = strcspn(s, ":/"), i;

	if (!memchr(s, '.', len) && !memchr(s, ':', len) &&
		(len != 9 || strncmp(s, "localhost", 9) != 0))
		return 0;
	if (host > len)
		host = len;
	if (!host || strspn(s, LOWER UPPER DIGIT ".-") < host)
		return 0;
	if (host == len)
		return 1;
	for (i = host + 1; i < len; i++) {
		if (!isdigit((unsigned char)s[i]))
			return 0;
	}
	return len > host + 1;
}

/* 1 with a tag, 0 without, -1 if it is no image name. */
static int check_tag(const char *s)
{
	const char *slash = strrchr(s, '/');
	const char *colon = strchr(slash ? slash : s, ':');
	const char *end = colon ? colon : s + strlen(s);
	const char *part = s;
	size_t len, first = strcspn(s, "/");

	if (end - s > 255)
		return -1;
	if (s[first] == '/' && is_registry(s, first))
		part += first + 1;
	for (;; part += len + 1) {
		len = strcspn(part, "/");
		if (part + len > end)
			len = (size_t)(end - part);
		if (!is_repo_part(part, len))
			return -1;
		if (part + len == end)
			break;
	}
	if (!colon)
		return 0;
	colon++;
	len = strspn(colon, LOWER UPPER DIGIT "_.-");
	if (!len || len > 128 || colon[len] || strchr(".-", *colon))
		return -1;
	return 1;
}

char *app_tag(const char *s)
{
	int has_tag = check_tag(s);

	if (has_tag < 0)
		return NULL;
	return has_tag ? xstrdup(s) : xasprintf("%s:latest", s);
}

static void read_tag(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	char *s = NULL, *tag;

	value_string(d, at, v, &s);
	if (!s)
		return;
	tag = app_tag(s);
	if (tag) {
		memcpy(to, &tag, sizeof(tag));
	} else {
		_free_ char *quoted = doc_quote(s);

		doc_error(d, at, "tag-syntax",
			"%s is not an image name such as \"shop/web:1.2\"",
			quoted);
	}
	free(s);
}

void app_read_tags(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;

	value_list(d, at, v, read_tag, &a->tags);
}

static void read_lib(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	char *s = NULL;

	value_string(d, at, v, &s);
	if (!s)
		return;
	if (!strncmp(s, "-l", 2) && s[2]) {
		doc_error(d, at, "lib-syntax",
			"a library is written without -l: \"%s\"", s + 2);
	} else if (strspn(s, LOWER UPPER DIGIT "_.+-") != strlen(s) ||
		   s[0] == '-') {
		_free_ char *quoted = doc_quote(s);

		doc_error(d, at, "lib-syntax",
			"%s is not a library's name, such as \"m\"", quoted);
	} else {
		memcpy(to, &s, sizeof(s));
		return;
	}
	free(s);
}

void app_read_libs(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;

	value_list(d, at, v, read_lib, &a->libs);
}

/* Flags that would change what a step makes, or where. */
static void read_flag(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	static const char *const reserved[] = {
		"-c", "-S", "-E", "-M", "-MM", "-o", "-x", "-v", "-###"};
	char *s = NULL;
	size_t i;

	value_string(d, at, v, &s);
	for (i = 0; s && i < sizeof(reserved) / sizeof(*reserved); i++) {
		if (strcmp(s, reserved[i]) != 0)
			continue;
		doc_error(d, at, "flag-reserved",
			"%s is for the build itself to say", s);
		free(s);
		return;
	}
	if (s)
		memcpy(to, &s, sizeof(s));
}

void app_read_flags(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, read_flag, to);
}

static int is_hostname(const char *s)
{
	size_t len;

	for (;; s += len + 1) {
		len = strspn(s, LOWER UPPER DIGIT "-");
		if (!len || len > 63 || s[0] == '-' || s[len - 1] == '-')
			return 0;
		if (!s[len])
			return 1;
		if (s[len] != '.')
			return 0;
	}
}

void app_read_hostname(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;
	char *s = NULL;

	value_string(d, at, v, &s);
	if (!s)
		return;
	if (strlen(s) > 64 || !is_hostname(s)) {
		_free_ char *quoted = doc_quote(s);

		doc_error(d, at, "hostname-syntax",
			"%s is not a host name: letters, digits, - and ., at "
			"most 64",
			quoted);
		free(s);
		return;
	}
	free(a->hostname);
	a->hostname = s;
}

int app_is_stop_signal(const char *name)
{
	for (size_t i = 0; i < NSIGNALS; i++)
		if (!strcmp(signals[i], name))
			return 1;
	return 0;
}

void app_read_stop_signal(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	struct app *a = to;
	const char *s = json_string_value(v);
	char upper[24] = "SIG";
	size_t i;

	if (value_is_string(d, at, v) < 0)
		return;
	/* "TERM" and "term" are no slips of the pen for near_find. */
	for (i = 0; s[i] && i < sizeof(upper) - 4; i++)
		upper[i + 3] = (char)toupper((unsigned char)s[i]);
	for (i = 0; i < NSIGNALS; i++) {
		if (!strcmp(upper, signals[i])) {
			doc_error(d, at, "signal",
				"\"%s\" is not known, did you mean \"%s\"?", s,
				signals[i]);
			return;
		}
	}
	if (value_is_word(d, at, s, "signal", signals, NSIGNALS) < 0)
		return;
	free(a->stop_signal);
	a->stop_signal = xstrdup(s);
}

void app_read_stop_timeout(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	json_int_t n;

	if (value_number(d, at, v, 0, MAX_STOP_TIMEOUT_S, &n) == 0)
		((struct app *)to)->stop_timeout_s = (unsigned)n;
}
