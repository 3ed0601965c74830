/* SPDX-License-Identifier: Apache-2.0 */
/* Character sets, and CVE-2025-26519: EUC-KR must not write past UTF-8. */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

static void convert(
	const char *to, const char *from, const char *text, size_t len)
{
	char out[64], *in = (char *)text, *o = out;
	size_t left = sizeof(out), n;
	iconv_t cd = iconv_open(to, from);

	if (cd == (iconv_t)-1) {
		printf("%s to %s: %s\n", from, to, strerror(errno));
		return;
	}
	errno = 0;
	n = iconv(cd, &in, &len, &o, &left);
	printf("%s to %s: %zd %d left %zu:", from, to, (ssize_t)n, errno, len);
	for (char *p = out; p < o; p++)
		printf(" %02x", (unsigned char)*p);
	putchar('\n');
	iconv_close(cd);
}

/* Each two-byte sequence into a small buffer with guards around it. */
static unsigned long all_of(const char *from, unsigned *bad)
{
	iconv_t cd = iconv_open("UTF-8", from);
	unsigned long sum = 0;

	if (cd == (iconv_t)-1) {
		printf("# %s: unknown\n", from);
		++*bad;
		return 0;
	}

	for (unsigned hi = 0x80; hi < 0x100; hi++) {
		for (unsigned lo = 0; lo < 0x100; lo++) {
			char pair[2] = {(char)hi, (char)lo};
			char *in = pair, buf[24], *o = buf + 8;
			size_t len = 2, left = lo % 9;
			size_t room = left;

			memset(buf, 0x5a, sizeof(buf));
			iconv(cd, NULL, NULL, NULL, NULL);
			iconv(cd, &in, &len, &o, &left);
			if (left > room || o < buf + 8 || o > buf + 8 + room)
				++*bad;
			for (size_t i = 0; i < sizeof(buf); i++) {
				if (i >= 8 && i < 8 + room)
					sum = sum * 131 + (unsigned char)buf[i];
				else if (buf[i] != 0x5a)
					++*bad;
			}
		}
	}
	iconv_close(cd);
	return sum;
}

int main(void)
{
	static const char *const sets[] = {"EUC-KR", "CP949", "EUC-JP",
		"GB2312", "GBK", "GB18030", "BIG5", "SHIFT_JIS"};
	unsigned bad = 0;

	convert("UTF-8", "ISO-8859-1", "caf\xe9", 4);
	convert("ISO-8859-1", "UTF-8", "caf\xc3\xa9 \xe2\x82\xac", 9);
	convert("UTF-16LE", "UTF-8", "a\xf0\x9f\x98\x80", 5);
	convert("UTF-8", "UTF-16BE", "\0a\xd8\x3d\xde\x00", 6);
	convert("UTF-8", "EUC-KR", "\xc7\xd1\xb1\xdb", 4);
	convert("UTF-8", "EUC-KR", "\xc8\x41", 2);
	convert("UTF-8", "UTF-8", "\xff", 1);
	convert("NO-SUCH-SET", "UTF-8", "a", 1);
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		unsigned long sum = all_of(sets[i], &bad);

		printf("%s %016lx\n", sets[i], sum);
	}
	printf("%sok 1 - no write outside the buffer\n", bad ? "not " : "");
	return bad != 0;
}
