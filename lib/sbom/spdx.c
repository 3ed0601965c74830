/* SPDX-License-Identifier: Apache-2.0 */
/* A bill of materials as an SPDX 2.3 document in JSON. */
#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/digest.h"
#include "core/mem.h"
#include "core/version.h"
#include "image/gojson.h"
#include "sbom/sbom.h"

static void put_member(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	gojson_key(b, key);
	gojson_string(b, value);
}

/* A name of a file may be no UTF-8: its other bytes are told as in a URL. */
static void put_name(struct buf *b, const char *key, const char *name)
{
	_buf_ struct buf out = {0};

	if (gojson_utf8_ok(name)) {
		put_member(b, key, name);
		return;
	}
	for (; *name; name++) {
		if (*name & 0x80)
			buf_addf(&out, "%%%02X", (unsigned char)*name);
		else
			buf_add(&out, name, 1);
	}
	put_member(b, key, out.data);
}

static char *ref_text(const struct sbom *s, sbom_ref ref)
{
	if (ref == SBOM_DOCUMENT)
		return xstrdup("SPDXRef-DOCUMENT");
	if (ref & SBOM_FILE)
		return xasprintf("SPDXRef-File-%llu",
			(unsigned long long)(ref & ~SBOM_FILE));
	return xasprintf("SPDXRef-%s", s->packages[ref].id);
}

static int compare_sums(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The SHA-1 of the files' SHA-1s in their order (SPDX 2.3, 7.9). */
static void verification_code(
	const struct sbom *s, size_t package, char out[41])
{
	_free_ char **v = xcalloc(s->nfiles + 1, sizeof(*v));
	uint8_t sha1[SHA1_DIGEST_SIZE];
	struct sha1_ctx ctx;
	size_t n = 0;

	for (size_t i = 0; i < s->nfiles; i++)
		if (s->files[i].package == package)
			v[n++] = s->files[i].sums.sha1;
	qsort(v, n, sizeof(*v), compare_sums);
	sha1_init(&ctx);
	for (size_t i = 0; i < n; i++)
		sha1_update(&ctx, 40, (const uint8_t *)v[i]);
	sha1_digest(&ctx, sizeof(sha1), sha1);
	for (size_t i = 0; i < sizeof(sha1); i++)
		sprintf(out + 2 * i, "%02x", sha1[i]);
}

static void put_purl(struct buf *b, const char *purl)
{
	if (!purl)
		return;
	gojson_key(b, "externalRefs");
	gojson_open(b, '[');
	gojson_open(b, '{');
	put_member(b, "referenceCategory", "PACKAGE-MANAGER");
	put_member(b, "referenceType", "purl");
	put_member(b, "referenceLocator", purl);
	gojson_close(b, '}');
	gojson_close(b, ']');
}

static void put_sum(struct buf *b, const char *algorithm, const char *value)
{
	gojson_open(b, '{');
	put_member(b, "algorithm", algorithm);
	put_member(b, "checksumValue", value);
	gojson_close(b, '}');
}

static void put_package(struct buf *b, const struct sbom *s, size_t i)
{
	const struct sbom_package *p = &s->packages[i];
	_free_ char *id = ref_text(s, i);
	char code[41];

	gojson_open(b, '{');
	put_member(b, "SPDXID", id);
	put_name(b, "name", p->name);
	put_member(b, "versionInfo", p->version);
	if (p->supplier) {
		_free_ char *text = xasprintf("Organization: %s", p->supplier);

		put_member(b, "supplier", text);
	}
	put_member(b, "downloadLocation", "NOASSERTION");
	gojson_key(b, "filesAnalyzed");
	gojson_raw(b, p->nfiles ? "true" : "false");
	if (p->nfiles) {
		verification_code(s, i, code);
		gojson_key(b, "packageVerificationCode");
		gojson_open(b, '{');
		put_member(b, "packageVerificationCodeValue", code);
		gojson_close(b, '}');
	}
	if (p->sha256) {
		gojson_key(b, "checksums");
		gojson_open(b, '[');
		put_sum(b, "SHA256", p->sha256);
		gojson_close(b, ']');
	}
	put_member(b, "licenseConcluded", "NOASSERTION");
	put_member(
		b, "licenseDeclared", p->license ? p->license : "NOASSERTION");
	put_member(b, "copyrightText", "NOASSERTION");
	put_member(b, "primaryPackagePurpose", p->purpose);
	put_member(b, "comment", p->comment);
	put_purl(b, p->purl);
	gojson_close(b, '}');
}

static void put_file(struct buf *b, const struct sbom *s, size_t i)
{
	const struct sbom_file *f = &s->files[i];
	_free_ char *id = ref_text(s, SBOM_FILE | i);

	gojson_open(b, '{');
	put_member(b, "SPDXID", id);
	put_name(b, "fileName", f->name);
	gojson_key(b, "fileTypes");
	gojson_open(b, '[');
	gojson_string(b, f->type);
	gojson_close(b, ']');
	gojson_key(b, "checksums");
	gojson_open(b, '[');
	put_sum(b, "SHA1", f->sums.sha1);
	put_sum(b, "SHA256", f->sums.sha256);
	gojson_close(b, ']');
	put_member(b, "licenseConcluded", "NOASSERTION");
	put_member(b, "copyrightText", "NOASSERTION");
	gojson_close(b, '}');
}

static void put_text(struct buf *b, const struct license_text *t)
{
	gojson_open(b, '{');
	put_member(b, "licenseId", t->id);
	put_member(b, "name", t->name);
	put_name(b, "extractedText", t->text);
	gojson_close(b, '}');
}

static void put_relation(struct buf *b, const struct sbom *s, sbom_ref from,
	const char *type, sbom_ref to)
{
	_free_ char *a = ref_text(s, from), *z = ref_text(s, to);

	gojson_open(b, '{');
	put_member(b, "spdxElementId", a);
	put_member(b, "relationshipType", type);
	put_member(b, "relatedSpdxElement", z);
	gojson_close(b, '}');
}

/* Everything that the document's own name is derived from. */
static void put_contents(struct buf *b, const struct sbom *s)
{
	gojson_key(b, "packages");
	gojson_open(b, '[');
	for (size_t i = 0; i < s->npackages; i++)
		put_package(b, s, i);
	gojson_close(b, ']');
	if (s->nfiles) {
		gojson_key(b, "files");
		gojson_open(b, '[');
		for (size_t i = 0; i < s->nfiles; i++)
			put_file(b, s, i);
		gojson_close(b, ']');
	}
	if (s->ntexts) {
		gojson_key(b, "hasExtractedLicensingInfos");
		gojson_open(b, '[');
		for (size_t i = 0; i < s->ntexts; i++)
			put_text(b, &s->texts[i]);
		gojson_close(b, ']');
	}
	gojson_key(b, "relationships");
	gojson_open(b, '[');
	for (size_t i = 0; i < s->nrelations; i++)
		put_relation(b, s, s->relations[i].from, s->relations[i].type,
			s->relations[i].to);
	for (size_t i = 0; i < s->nfiles; i++)
		put_relation(
			b, s, s->files[i].package, "CONTAINS", SBOM_FILE | i);
	gojson_close(b, ']');
}

static void put_creation(struct buf *b, uint64_t epoch)
{
	time_t t = (time_t)epoch;
	char created[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &tm);
	gojson_key(b, "creationInfo");
	gojson_open(b, '{');
	put_member(b, "created", created);
	gojson_key(b, "creators");
	gojson_open(b, '[');
	gojson_string(b, "Tool: slipway-" SLIPWAY_VERSION);
	gojson_close(b, ']');
	gojson_close(b, '}');
}

/* A UUID of version 8 (RFC 9562) out of the contents' digest. */
static char *name_space(const struct buf *contents)
{
	struct digest_hex hex;
	struct digest d;

	digest_init(&d);
	digest_add_str(&d, "slipway sbom namespace");
	digest_add(&d, contents->data, contents->len);
	hex = digest_end(&d);
	hex.s[12] = '8';
	hex.s[16] = "89ab"[hex.s[16] & 3];
	return xasprintf("urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex.s, hex.s + 8,
		hex.s + 12, hex.s + 16, hex.s + 20);
}

void sbom_write_spdx(const struct sbom *s, struct buf *out)
{
	_buf_ struct buf contents = {0};
	_free_ char *space = NULL;

	gojson_open(&contents, '{');
	put_name(&contents, "name", s->name);
	put_creation(&contents, s->epoch);
	put_contents(&contents, s);
	gojson_close(&contents, '}');
	space = name_space(&contents);
	gojson_open(out, '{');
	put_member(out, "spdxVersion", "SPDX-2.3");
	put_member(out, "dataLicense", "CC0-1.0");
	put_member(out, "SPDXID", "SPDXRef-DOCUMENT");
	put_member(out, "documentNamespace", space);
	/* The members of the contents follow, and its closing bracket. */
	buf_adds(out, ",");
	buf_add(out, contents.data + 1, contents.len - 1);
	buf_adds(out, "\n");
}
