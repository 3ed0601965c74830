/* SPDX-License-Identifier: Apache-2.0 */
/* Response files: @FILE in a command line stands for the words in FILE. */
#include "toolchain/respond.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"

enum { MAX_DEPTH = 20, MAX_FILE = 16 << 20 };

static int is_space(char c)
{
	return c && strchr(" \t\n\r\v\f", c) != NULL;
}

/* The word at *s, which is not at white space; *s goes behind it. */
static char *next_word(const char **s)
{
	struct buf word = {0};
	const char *p = *s;
	char quote = 0;

	buf_adds(&word, "");
	for (; *p && (quote || !is_space(*p)); p++) {
		if (*p == '\\' && p[1])
			buf_add(&word, ++p, 1);
		else if (quote && *p == quote)
			quote = 0;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else
			buf_add(&word, p, 1);
	}
	*s = p;
	return word.data ? buf_steal(&word) : xstrdup("");
}

static int expand(char *const *words, size_t n, int depth, struct strv *out,
	struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		_buf_ struct buf text = {0};
		_strv_ struct strv inner = {0};
		const char *p;
		int r;

		if (words[i][0] != '@' || access(words[i] + 1, R_OK) != 0) {
			strv_add(out, words[i]);
			continue;
		}
		if (depth == MAX_DEPTH)
			return err_set(e, -EINVAL,
				"%s: files name each other without end",
				words[i]);
		r = file_read(words[i] + 1, MAX_FILE, &text, e);
		if (r < 0)
			return r;
		for (p = text.data ? text.data : ""; *p;) {
			if (is_space(*p))
				p++;
			else
				strv_take(&inner, next_word(&p));
		}
		r = expand(inner.v, inner.n, depth + 1, out, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int respond_expand(int n, char *const *words, struct strv *out, struct err *e)
{
	return expand(words, n < 0 ? 0 : (size_t)n, 0, out, e);
}
