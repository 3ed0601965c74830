/* SPDX-License-Identifier: Apache-2.0 */
/* Standard input to its end, by lines, and what comes after the end. */
/* guest: stdin first line\nsecond\n\n  17 4.5 word\nlast without newline */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	char *line = NULL, word[20];
	size_t cap = 0;
	ssize_t n;
	int i = 0;
	double d = 0;

	for (int k = 0; k < 3; k++) {
		n = getline(&line, &cap, stdin);
		printf("%zd %s", n, line);
	}
	printf("%d %d %g %s\n", scanf("%d %lf %19s", &i, &d, word), i, d, word);
	getchar();
	while ((n = getdelim(&line, &cap, ' ', stdin)) > 0)
		printf("[%s]", line);
	printf("\n%zd %d %d\n", n, feof(stdin) != 0, ferror(stdin) != 0);
	printf("again %d %zd\n", getchar(), read(0, word, 1));
	free(line);
	return 0;
}
