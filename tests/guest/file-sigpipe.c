/* SPDX-License-Identifier: Apache-2.0 */
/* A pipe without readers: the signal that ends the program. */
/* guest: status 141 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	int p[2];

	if (pipe(p) || close(p[0]))
		return 1;
	printf("ok 1 - before\n1..1\n");
	fflush(stdout);
	if (write(p[1], "x", 1))
		printf("not ok 2 - behind\n");
	return 0;
}
