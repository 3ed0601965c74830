/* SPDX-License-Identifier: Apache-2.0 */
/* Refuses what an image cannot carry, before anything is written. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "image/config.h"
#include "image/gojson.h"

static int check_text(const char *what, const char *s, struct err *e)
{
	if (s && !gojson_utf8_ok(s))
		return err_set(e, -EINVAL,
			"%s: \"%s\" is not UTF-8, which an image needs", what,
			s);
	return 0;
}

static int check_list(const char *what, const struct strv *l, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < l->n && r == 0; i++)
		r = check_text(what, l->v[i], e);
	return r;
}

static int check_pairs(const char *what, const struct strv *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *s = l->v[i], *equal = strchr(s, '=');

		if (!equal || equal == s)
			return err_set(e, -EINVAL,
				"%s: \"%s\" is not NAME=VALUE", what, s);
		for (size_t k = 0; k < i; k++)
			if (strncmp(l->v[k], s, (size_t)(equal - s) + 1) == 0)
				return err_set(e, -EINVAL,
					"%s: \"%.*s\" is there twice", what,
					(int)(equal - s), s);
	}
	return check_list(what, l, e);
}

/* A path component of a name: words of [a-z0-9] joined by . _ __ or -s. */
static int name_component_ok(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t word = i;

		while (i < n && (islower((unsigned char)p[i]) ||
					isdigit((unsigned char)p[i])))
			i++;
		if (i == word)
			return 0;
		if (i == n)
			return 1;
		if (p[i] == '-')
			while (i < n && p[i] == '-')
				i++;
		else if (p[i] == '_' && i + 1 < n && p[i + 1] == '_')
			i += 2;
		else if (p[i] == '_' || p[i] == '.')
			i++;
		else
			return 0;
	}
	return 0;
}

static int domain_ok(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)p[i]) && !strchr(".-:", p[i]))
			return 0;
	return n > 0;
}

static int is_domain(const char *p, size_t n)
{
	return memchr(p, '.', n) || memchr(p, ':', n) ||
	       (n == 9 && memcmp(p, "localhost", 9) == 0);
}

static int check_tag(const char *tag, struct err *e)
{
	const char *slash = strchr(tag, '/'), *p = tag;
	const char *colon = strrchr(tag, ':');
	size_t n;

	if (!colon || (strrchr(tag, '/') && colon < strrchr(tag, '/')))
		return err_set(
			e, -EINVAL, "tag \"%s\": not REPOSITORY:TAG", tag);
	n = strlen(colon + 1);
	if (n == 0 || n > 128 || strchr(".-", colon[1]))
		return err_set(e, -EINVAL, "tag \"%s\": bad tag", tag);
	for (p = colon + 1; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_.-", *p))
			return err_set(e, -EINVAL, "tag \"%s\": bad tag", tag);
	p = tag;
	if (slash && is_domain(p, (size_t)(slash - p))) {
		if (!domain_ok(p, (size_t)(slash - p)))
			return err_set(
				e, -EINVAL, "tag \"%s\": bad host name", tag);
		p = slash + 1;
	}
	for (;;) {
		n = strcspn(p, "/");
		if (n > (size_t)(colon - p))
			n = (size_t)(colon - p);
		if (!name_component_ok(p, n))
			return err_set(e, -EINVAL,
				"tag \"%s\": a repository name is made of "
				"a-z 0-9 . _ - /",
				tag);
		if (p + n == colon)
			return 0;
		p += n + 1;
	}
}

static int check_port(const char *s, struct err *e)
{
	unsigned long v = 0;
	const char *p = s;

	for (; isdigit((unsigned char)*p) && v <= 65535; p++)
		v = v * 10 + (unsigned long)(*p - '0');
	if (p == s || v == 0 || v > 65535 ||
		(strcmp(p, "/tcp") != 0 && strcmp(p, "/udp") != 0))
		return err_set(
			e, -EINVAL, "port \"%s\": not NUMBER/tcp or /udp", s);
	return 0;
}

static int check_user(const char *s, struct err *e)
{
	size_t n = strspn(s, "0123456789");

	if (n && s[n] == ':') {
		s += n + 1;
		n = strspn(s, "0123456789");
	}
	if (!n || s[n])
		return err_set(e, -EINVAL,
			"user \"%s\": not UID or UID:GID in numbers", s);
	return 0;
}

int config_check(const struct image_spec *s, struct err *e)
{
	int r = 0;

	if (s->epoch >> 33)
		return err_set(e, -ERANGE, "SOURCE_DATE_EPOCH is too large");
	for (size_t i = 0; i < s->tags.n && r == 0; i++)
		r = check_tag(s->tags.v[i], e);
	for (size_t i = 0; i < s->ports.n && r == 0; i++)
		r = check_port(s->ports.v[i], e);
	for (size_t i = 0; i < s->volumes.n && r == 0; i++)
		if (s->volumes.v[i][0] != '/')
			r = err_set(e, -EINVAL, "volume \"%s\": not absolute",
				s->volumes.v[i]);
	if (r == 0 && s->user && *s->user)
		r = check_user(s->user, e);
	if (r == 0 && s->workdir && *s->workdir && *s->workdir != '/')
		r = err_set(e, -EINVAL,
			"working directory \"%s\": not absolute", s->workdir);
	if (r == 0)
		r = check_text("working directory", s->workdir, e);
	if (r == 0)
		r = check_list("entrypoint", &s->entrypoint, e);
	if (r == 0)
		r = check_list("args", &s->cmd, e);
	if (r == 0)
		r = check_list("volume", &s->volumes, e);
	if (r == 0)
		r = check_pairs("env", &s->env, e);
	if (r == 0)
		r = check_pairs("label", &s->labels, e);
	return r;
}
