/* SPDX-License-Identifier: Apache-2.0 */
/* printf, scanf and streams in memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void print(void)
{
	static const double v[] = {0, 1.5, -2.25, 1e10, 1e-10, 123456.789,
		DBL_MAX, DBL_MIN, 0.1, 9.995, 1e100};
	int n = 0;

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		printf("%f|%e|%g|%.3f|%10.2e|%-12g|%+.0f|%#.3g|%a\n", v[i],
			v[i], v[i], v[i], v[i], v[i], v[i], v[i], v[i]);
	printf("%Lf %Lg %.20Lf\n", 1.5L, 1e4000L, 0.1L);
	printf("%d %5d|%-5d|%05d|%+d|% d|%x|%#X|%o|%#o|%u\n", INT_MIN, 42, 42,
		42, 42, 42, 255, 255, 8, 8, UINT_MAX);
	printf("%hhd %hd %ld %lld %zu %jd %td\n", (signed char)300,
		(short)70000, LONG_MIN, LLONG_MAX, SIZE_MAX, INTMAX_MIN,
		(ptrdiff_t)-5);
	printf("%s|%10s|%-10s|%.2s|%c|%%|%5c\n", "text", "right", "left", "cut",
		'x', 'y');
	printf("%*d|%-*d|%.*f\n", 6, 1, 6, 2, 2, 3.14159);
	printf("%2$s %1$s %2$s\n", "a", "b");
	printf("%s%n", "12345", &n);
	printf(" %d %p\n", n, (void *)0x1234);
	printf("%ls|%lc\n", L"wide", (wint_t)L'w');
}

static void scan(void)
{
	int a = 0, b = 0, n = 0;
	char word[20] = "", set[20] = "", c = 0;
	double d = 0;
	unsigned x = 0;

	printf("%d ", sscanf("12 -34 0x1f word [abc] 2.5e3 z",
			      "%d%d%x%19s [%19[a-z]] %lf %c%n", &a, &b, &x,
			      word, set, &d, &c, &n));
	printf("%d %d %u %s %s %g %c %d\n", a, b, x, word, set, d, c, n);
	printf("%d\n", sscanf("x", "%d", &a));
	printf("%d\n", sscanf("", "%d", &a));
	printf("%d %d\n", sscanf("5 6", "%*d %d", &a), a);
}

static void memory(void)
{
	char *text = NULL, buf[16] = "";
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	fprintf(f, "line %d\n", 1);
	fputs("line 2\n", f);
	fflush(f);
	printf("%zu %s", size, text);
	fseek(f, 0, SEEK_SET);
	fputs("LINE", f);
	fclose(f);
	printf("%zu %s", size, text);
	f = fmemopen(text, size, "r");
	while (fgets(buf, sizeof(buf), f))
		printf("got %s", buf);
	printf("eof %d\n", feof(f) != 0);
	rewind(f);
	ungetc('#', f);
	printf("%c%c%c\n", getc(f), getc(f), getc(f));
	fclose(f);
	free(text);
	printf("%d", snprintf(buf, 4, "%s", "truncated"));
	printf(" %s\n", buf);
}

int main(void)
{
	char *s = NULL;

	print();
	scan();
	memory();
	printf("%d %s\n", asprintf(&s, "%0200d", 7), s);
	free(s);
	errno = ENOENT;
	printf("%m\n");
	errno = 0;
	printf("%d %d\n", fputs("x", stdin) == EOF, errno);
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 0; i < 5; i++)
		putchar('a' + i);
	putchar('\n');
	return 0;
}
