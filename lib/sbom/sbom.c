/* SPDX-License-Identifier: Apache-2.0 */
/* A software bill of materials in the making. */
#include "sbom/sbom.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "sbom/purl.h"

static void free_package(struct sbom_package *p)
{
	free(p->id);
	free(p->name);
	free(p->version);
	free(p->purl);
	free(p->purpose);
	free(p->comment);
	free(p->sha256);
	free(p->license);
	free(p->supplier);
}

void sbom_free(struct sbom *b)
{
	for (size_t i = 0; i < b->npackages; i++)
		free_package(&b->packages[i]);
	for (size_t i = 0; i < b->nfiles; i++)
		free(b->files[i].name);
	for (size_t i = 0; i < b->ntexts; i++) {
		free(b->texts[i].id);
		free(b->texts[i].name);
		free(b->texts[i].text);
	}
	free(b->packages);
	free(b->files);
	free(b->relations);
	free(b->texts);
	free(b->name);
	*b = (struct sbom){0};
}

/* Room for one more: the array doubles at each power of two. */
static void *grow(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : xreallocarray(v, n ? 2 * n : 1, size);
}

/* Identifiers of SPDX have letters, digits, '.' and '-'. */
static char *clean_id(const char *id)
{
	char *out = xstrdup(id);

	for (char *p = out; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '.')
			*p = '-';
	return out;
}

struct sbom_package *sbom_find_package(
	const struct sbom *b, const char *id, sbom_ref *ref)
{
	_free_ char *clean = clean_id(id);

	for (size_t i = 0; i < b->npackages; i++)
		if (!strcmp(b->packages[i].id, clean)) {
			*ref = i;
			return &b->packages[i];
		}
	return NULL;
}

struct sbom_package *sbom_add_package(
	struct sbom *b, const char *id, const char *name, sbom_ref *ref)
{
	struct sbom_package *p;

	b->packages = grow(b->packages, b->npackages, sizeof(*b->packages));
	*ref = b->npackages;
	p = &b->packages[b->npackages++];
	*p = (struct sbom_package){.id = clean_id(id), .name = xstrdup(name)};
	return p;
}

sbom_ref sbom_add_file(struct sbom *b, sbom_ref package, const char *name,
	const char *type, const struct sbom_sums *sums)
{
	sbom_ref ref = SBOM_FILE | b->nfiles;

	b->files = grow(b->files, b->nfiles, sizeof(*b->files));
	b->files[b->nfiles++] =
		(struct sbom_file){xstrdup(name), type, *sums, (size_t)package};
	b->packages[package].nfiles++;
	return ref;
}

void sbom_relate(struct sbom *b, sbom_ref from, const char *type, sbom_ref to)
{
	/* Those of files are many, and made once for each file. */
	for (size_t i = 0; !(from & SBOM_FILE) && i < b->nrelations; i++) {
		const struct sbom_relation *r = &b->relations[i];

		if (r->from == from && r->to == to && !strcmp(r->type, type))
			return;
	}
	b->relations = grow(b->relations, b->nrelations, sizeof(*b->relations));
	b->relations[b->nrelations++] = (struct sbom_relation){from, to, type};
}

static void copy_texts(struct sbom *b, const struct licenses *l)
{
	for (size_t i = 0; i < l->ntexts; i++) {
		b->texts = grow(b->texts, b->ntexts, sizeof(*b->texts));
		b->texts[b->ntexts++] = (struct license_text){
			xstrdup(l->texts[i].id), xstrdup(l->texts[i].name),
			xstrdup(l->texts[i].text)};
	}
}

void sbom_add_licenses(
	struct sbom *b, sbom_ref package, const struct licenses *l)
{
	struct sbom_package *p = &b->packages[package];

	if (l->expression && !p->license)
		p->license = xstrdup(l->expression);
	copy_texts(b, l);
}

sbom_ref sbom_add_source(struct sbom *b, const struct source *s)
{
	_free_ char *id = xasprintf("Source-%s", s->name);
	struct sbom_package *p;
	sbom_ref ref;

	if (sbom_find_package(b, id, &ref))
		return ref;
	p = sbom_add_package(b, id, s->name, &ref);
	p->version = s->version ? xstrdup(s->version) : NULL;
	p->purl = purl_deb(s->name, s->version, "source");
	p->purpose = xstrdup("SOURCE");
	p->supplier = purl_distribution();
	sbom_add_licenses(b, ref, &s->licenses);
	for (size_t i = 0; i < s->nfiles; i++) {
		_free_ char *name = xasprintf("./%s", s->files[i].name);
		const char *dot = strrchr(name, '.');
		struct sbom_sums sums;

		memcpy(sums.sha1, s->files[i].sha1, sizeof(sums.sha1));
		memcpy(sums.sha256, s->files[i].sha256, sizeof(sums.sha256));
		sbom_add_file(b, ref, name,
			!strcmp(dot, ".dsc") || !strcmp(dot, ".asc")
				? "TEXT"
				: "ARCHIVE",
			&sums);
	}
	return ref;
}

static int is_sha256(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

int sbom_add_deb(struct sbom *b, const char *line, sbom_ref *ref)
{
	char name[256], version[256], arch[64], source[256], of[256];
	char sum[66] = "";
	_free_ char *id = NULL;
	struct sbom_package *p;

	if (sscanf(line, "%255s %255s %63s %255s %255s %65s", name, version,
		    arch, source, of, sum) < 5)
		return -1;
	id = xasprintf("Deb-%s-%s", name, arch);
	p = sbom_find_package(b, id, ref);
	/* This machine's, and that of another release in the image. */
	if (p && strcmp(p->version, version) != 0) {
		free(id);
		id = xasprintf("Deb-%s-%s-%s", name, arch, version);
		p = sbom_find_package(b, id, ref);
	}
	if (!p) {
		p = sbom_add_package(b, id, name, ref);
		p->version = xstrdup(version);
		p->purl = purl_deb(name, version, arch);
		p->supplier = purl_distribution();
		p->comment = xasprintf(
			"Binary package, of the source package %s %s.", source,
			of);
	}
	if (!p->sha256 && is_sha256(sum))
		p->sha256 = xstrdup(sum);
	return 0;
}
