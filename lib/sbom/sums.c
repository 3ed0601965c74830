/* SPDX-License-Identifier: Apache-2.0 */
/* The digests that a bill of materials has of a file. */
#include "sbom/sums.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <unistd.h>

#include "core/mem.h"

enum { CHUNK = 64 * 1024 };

struct sums {
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
};

static void sums_begin(struct sums *s)
{
	sha1_init(&s->sha1);
	sha256_init(&s->sha256);
}

static void sums_add(struct sums *s, const void *p, size_t n)
{
	sha1_update(&s->sha1, n, p);
	sha256_update(&s->sha256, n, p);
}

static void put_hex(char *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sprintf(out + 2 * i, "%02x", p[i]);
}

static void sums_end(struct sums *s, struct sbom_sums *out)
{
	uint8_t sha1[SHA1_DIGEST_SIZE], sha256[SHA256_DIGEST_SIZE];

	sha1_digest(&s->sha1, sizeof(sha1), sha1);
	sha256_digest(&s->sha256, sizeof(sha256), sha256);
	put_hex(out->sha1, sha1, sizeof(sha1));
	put_hex(out->sha256, sha256, sizeof(sha256));
}

void sbom_sum_bytes(const void *p, size_t n, struct sbom_sums *out)
{
	struct sums s;

	sums_begin(&s);
	sums_add(&s, p, n);
	sums_end(&s, out);
}

int sbom_sum_file(const char *path, struct sbom_sums *out, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_free_ char *chunk = xmalloc(CHUNK);
	struct sums s;
	ssize_t n;

	if (fd < 0)
		return err_errno(e, "open %s", path);
	sums_begin(&s);
	while ((n = read(fd, chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read %s", path);
		sums_add(&s, chunk, (size_t)n);
	}
	sums_end(&s, out);
	return 0;
}
