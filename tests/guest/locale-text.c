/* SPDX-License-Identifier: Apache-2.0 */
/* Locales, multibyte and wide characters. */
#define _GNU_SOURCE
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static const char text[] =
	"na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80 \xe6\xbc\xa2";

static void wide(void)
{
	wchar_t w[40];
	char back[80];
	size_t n = mbstowcs(w, text, 40);

	printf("%zd", (ssize_t)n);
	for (size_t i = 0; n != (size_t)-1 && i < n; i++)
		printf(" %x/%d%s", (unsigned)w[i], wcwidth(w[i]),
			iswalpha((wint_t)w[i]) ? "a" : "");
	printf("\n");
	if (n != (size_t)-1) {
		for (size_t i = 0; i < n; i++)
			w[i] = (wchar_t)towupper((wint_t)w[i]);
		printf("%zd", (ssize_t)wcstombs(back, w, sizeof(back)));
		printf(" %s\n", back);
	}
	errno = 0;
	printf("%zd %d\n", (ssize_t)mbstowcs(w, "bad \xff", 40), errno);
	swprintf(w, 40, L"%d %ls %s", 7, L"wide", "narrow");
	printf("%ls %d\n", w, (int)wcstol(L"42", NULL, 10));
}

int main(void)
{
	static const char *const names[] = {
		"C", "POSIX", "C.UTF-8", "en_US.UTF-8", ""};
	struct lconv *lc;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *s = setlocale(LC_ALL, names[i]);

		printf("%s: %s %s %zu\n", names[i], s ? s : "none",
			nl_langinfo(CODESET), MB_CUR_MAX);
		wide();
	}
	lc = localeconv();
	printf("[%s][%s] %s %s\n", lc->decimal_point, lc->thousands_sep,
		nl_langinfo(DAY_1), nl_langinfo(MON_12));
	printf("%d %d\n", strcoll("a", "B") > 0, strxfrm(NULL, "abc", 0) == 3);
	printf("%lc %d %d\n", (wint_t)0xe9, iswupper(0xc9), towlower(0xc9));
	return 0;
}
