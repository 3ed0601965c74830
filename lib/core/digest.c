/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), through nettle, which uses what the CPU has for it. */
#include "core/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

void digest_init(struct digest *d)
{
	sha256_init(&d->ctx);
}

void digest_add(struct digest *d, const void *p, size_t n)
{
	sha256_update(&d->ctx, n, p);
}

void digest_add_str(struct digest *d, const char *s)
{
	uint64_t len = strlen(s);
	uint8_t bytes[8];
	unsigned i;

	for (i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(len >> (8 * i));
	digest_add(d, bytes, sizeof(bytes));
	digest_add(d, s, len);
}

struct digest_hex digest_end(struct digest *d)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[SHA256_DIGEST_SIZE];
	struct digest_hex hex;
	size_t i;

	sha256_digest(&d->ctx, sizeof(sum), sum);
	for (i = 0; i < sizeof(sum); i++) {
		hex.s[2 * i] = digits[sum[i] >> 4];
		hex.s[2 * i + 1] = digits[sum[i] & 15];
	}
	hex.s[64] = 0;
	return hex;
}

int digest_file(const char *path, struct digest_hex *out, struct err *e)
{
	enum { CHUNK = 256 * 1024 };
	_free_ char *chunk = NULL;
	_close_ int fd = -1;
	struct digest d;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "open %s", path);
	chunk = xmalloc(CHUNK);
	digest_init(&d);
	for (;;) {
		n = read(fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read %s", path);
		if (n == 0)
			break;
		digest_add(&d, chunk, (size_t)n);
	}
	*out = digest_end(&d);
	return 0;
}
