/* SPDX-License-Identifier: Apache-2.0 */
/* Strings, numbers, sorting, patterns: values are compared with the host. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <regex.h>
#include <search.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

static unsigned long state = 1;

static unsigned next(void)
{
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(state >> 33);
}

/* Every length and alignment that the fast paths tell apart. */
static void copies(void)
{
	static unsigned char a[600], b[600], c[600];
	unsigned long sum = 0;

	for (size_t len = 0; len < 300; len += 1 + len / 40) {
		for (size_t off = 0; off < 17; off++) {
			for (size_t i = 0; i < sizeof(a); i++)
				a[i] = (unsigned char)next();
			memcpy(b, a, sizeof(a));
			memcpy(c, a, sizeof(a));
			memcpy(b + off, a + 3, len);
			memmove(c + off, c + 3, len);
			memset(b + 400, (int)off, len / 2);
			sum += (unsigned)(memcmp(b, c, off + len) == 0);
			for (size_t i = 0; i < sizeof(b); i++)
				sum = sum * 31 + b[i] + c[i];
		}
	}
	printf("copies %016lx\n", sum);
}

static void numbers(void)
{
	static const char *const in[] = {"0", "-1", "  42x", "0x7fff", "0777",
		"9223372036854775807", "9223372036854775808",
		"-9223372036854775809", "1e10", "-0.1", "inf", "nan(1)",
		"1e400", "4.9e-324", "0x1.8p3", ".5", "1e-400",
		"123456789012345678901"};

	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++) {
		char *end;
		long l;
		double d;

		errno = 0;
		l = strtol(in[i], &end, 0);
		printf("%s: %ld %d %td", in[i], l, errno, end - in[i]);
		errno = 0;
		d = strtod(in[i], &end);
		printf(" %a %.17g %d %td\n", d, d, errno, end - in[i]);
	}
	printf("%" PRIu64 " %d\n", (uint64_t)strtoull("-1", NULL, 10),
		atoi("77 bottles"));
}

static int by_value(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void sorting(void)
{
	static int v[5000];
	size_t n = sizeof(v) / sizeof(*v), bad = 0;
	int key;

	for (size_t i = 0; i < n; i++)
		v[i] = (int)(next() % 10000);
	key = v[77];
	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = 1; i < n; i++)
		bad += v[i - 1] > v[i];
	printf("sorted %zu found %d\n", bad,
		*(int *)bsearch(&key, v, n, sizeof(*v), by_value) == key);
}

static void patterns(void)
{
	static const char *const re[] = {"^a.c$", "(foo|bar)+", "[[:digit:]]+",
		"x{2,3}", "a**", "(", "\\(b\\)\\1"};
	static const char *const text[] = {"abc", "foobarfoo", "xx12", "xxx"};
	char err[100];

	for (size_t i = 0; i < sizeof(re) / sizeof(*re); i++) {
		regex_t r;
		int e = regcomp(&r, re[i], REG_EXTENDED);

		if (e) {
			regerror(e, &r, err, sizeof(err));
			printf("%s: %s\n", re[i], err);
			continue;
		}
		for (size_t k = 0; k < 4; k++) {
			regmatch_t m[2] = {{-1, -1}, {-1, -1}};

			e = regexec(&r, text[k], 2, m, 0);
			printf("%s %s: %d %d-%d %d-%d\n", re[i], text[k], e,
				(int)m[0].rm_so, (int)m[0].rm_eo,
				(int)m[1].rm_so, (int)m[1].rm_eo);
		}
		regfree(&r);
	}
	printf("fnmatch %d %d %d\n", fnmatch("*.[ch]", "a.c", 0),
		fnmatch("*.[!ch]", "a.c", 0),
		fnmatch("a/*", "a/.b", FNM_PATHNAME | FNM_PERIOD));
}

static jmp_buf env;

static __attribute__((noinline)) void jump(int depth)
{
	volatile char pad[200];

	memset((char *)pad, depth, sizeof(pad));
	if (depth == 0)
		longjmp(env, 5);
	jump(depth - 1);
	printf("not reached %d\n", pad[0]);
}

int main(void)
{
	char s[] = "one,two,,three", *save = NULL;
	volatile int n = 1;
	int r;

	copies();
	numbers();
	sorting();
	patterns();
	for (char *t = strtok_r(s, ",", &save); t;
		t = strtok_r(NULL, ",", &save))
		printf("[%s]", t);
	printf("\n%s %s %s %zu %zu\n", strstr("haystack needle", "needle"),
		strrchr("/a/b/c", '/'), strpbrk("hello", "xl"),
		strspn("aabbc", "ab"), strcspn("hello", "l"));
	printf("%d %d %d\n", strcasecmp("HeLLo", "hEllO"),
		strverscmp("a9", "a10") < 0, strncmp("abc", "abd", 2));
	printf("%s %s %s\n", strerror(ENOENT), strerror(EILSEQ),
		strerror(12345));
	r = setjmp(env);
	if (!r) {
		n = 2;
		jump(20);
	}
	printf("longjmp %d %d\n", r, n);
	printf("%d %d %d\n", abs(INT_MIN + 1), (int)ldiv(-7, 2).quot,
		(int)ldiv(-7, 2).rem);
	srand(1);
	printf("rand %d", rand());
	srandom(1);
	printf(" random %ld drand48 %a\n", random(), drand48());
	return 0;
}
