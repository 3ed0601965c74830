/* SPDX-License-Identifier: Apache-2.0 */
/* In-toto Statement v1 with SLSA Provenance v1, without times and places. */
#include "sbom/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/version.h"
#include "image/gojson.h"

static void free_items(struct provenance_item *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].uri);
		free(v[i].sha256);
	}
	free(v);
}

void provenance_free(struct provenance *p)
{
	free_items(p->inputs, p->ninputs);
	free_items(p->subjects, p->nsubjects);
	free(p->manifest);
	free(p->target);
	free(p->base);
	free(p->name);
	*p = (struct provenance){0};
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static void add(struct provenance_item **v, size_t *n, const char *name,
	const char *uri, const char *sha256)
{
	*v = xreallocarray(*v, *n + 1, sizeof(**v));
	(*v)[(*n)++] =
		(struct provenance_item){copy(name), copy(uri), copy(sha256)};
}

void provenance_add_input(struct provenance *p, const char *name,
	const char *uri, const char *sha256)
{
	add(&p->inputs, &p->ninputs, name, uri, sha256);
}

void provenance_add_subject(
	struct provenance *p, const char *name, const char *sha256)
{
	add(&p->subjects, &p->nsubjects, name, NULL, sha256);
}

static void put_member(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	gojson_key(b, key);
	gojson_string(b, value);
}

static void put_item(struct buf *b, const struct provenance_item *i)
{
	gojson_open(b, '{');
	put_member(b, "uri", i->uri);
	if (i->name && gojson_utf8_ok(i->name))
		put_member(b, "name", i->name);
	if (i->sha256) {
		gojson_key(b, "digest");
		gojson_open(b, '{');
		put_member(b, "sha256", i->sha256);
		gojson_close(b, '}');
	}
	gojson_close(b, '}');
}

static void put_items(struct buf *b, const char *key,
	const struct provenance_item *v, size_t n)
{
	gojson_key(b, key);
	gojson_open(b, '[');
	for (size_t i = 0; i < n; i++)
		put_item(b, &v[i]);
	gojson_close(b, ']');
}

static void put_definition(struct buf *b, const struct provenance *p)
{
	gojson_key(b, "buildDefinition");
	gojson_open(b, '{');
	put_member(b, "buildType", "urn:slipway:build:v1");
	gojson_key(b, "externalParameters");
	gojson_open(b, '{');
	put_member(b, "manifest", p->manifest);
	put_member(b, "name", p->name);
	put_member(b, "target", p->target);
	gojson_close(b, '}');
	gojson_key(b, "internalParameters");
	gojson_open(b, '{');
	gojson_key(b, "SOURCE_DATE_EPOCH");
	gojson_number(b, p->epoch);
	put_member(b, "base", p->base);
	gojson_close(b, '}');
	put_items(b, "resolvedDependencies", p->inputs, p->ninputs);
	gojson_close(b, '}');
}

static void put_details(struct buf *b)
{
	gojson_key(b, "runDetails");
	gojson_open(b, '{');
	gojson_key(b, "builder");
	gojson_open(b, '{');
	put_member(b, "id", "urn:slipway:builder");
	gojson_key(b, "version");
	gojson_open(b, '{');
	put_member(b, "slipway", SLIPWAY_VERSION);
	gojson_close(b, '}');
	gojson_close(b, '}');
	gojson_close(b, '}');
}

void provenance_write(const struct provenance *p,
	const struct digest_hex *image, struct buf *b)
{
	gojson_open(b, '{');
	put_member(b, "_type", "https://in-toto.io/Statement/v1");
	if (image) {
		struct digest_hex hex = *image;
		struct provenance_item subject = {p->name, NULL, hex.s};

		put_items(b, "subject", &subject, 1);
	} else {
		put_items(b, "subject", p->subjects, p->nsubjects);
	}
	put_member(b, "predicateType", PROVENANCE_PREDICATE);
	gojson_key(b, "predicate");
	gojson_open(b, '{');
	put_definition(b, p);
	put_details(b);
	gojson_close(b, '}');
	gojson_close(b, '}');
	buf_adds(b, "\n");
}
