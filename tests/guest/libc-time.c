/* SPDX-License-Identifier: Apache-2.0 */
/* Calendar and clocks. */
/* guest: env TZ=CET-1CEST,M3.5.0,M10.5.0/3 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void show(time_t t)
{
	char a[100], b[100];
	struct tm g, l;

	gmtime_r(&t, &g);
	localtime_r(&t, &l);
	strftime(a, sizeof(a), "%Y-%m-%d %H:%M:%S %a %b %j %U %V %G %Z", &g);
	strftime(b, sizeof(b), "%c %z %Z", &l);
	printf("%lld: %s | %s | %lld\n", (long long)t, a, b,
		(long long)mktime(&l));
}

int main(void)
{
	static const time_t times[] = {0, -1, 1, 951782400, 1000000000,
		1711846799, 1711846800, 1729989999, 1729990000, 2147483647,
		2147483648, 4102444800, -2208988800, 253402300799};
	struct timespec a, b, c = {0, 20000000};
	struct tm tm = {0};
	struct timeval tv;
	time_t now = time(NULL);

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		show(times[i]);
	printf("%s\n", strptime("2024-02-29 13:14:15 xyz", "%Y-%m-%d %T", &tm));
	printf("%lld %d\n", (long long)timegm(&tm), tm.tm_yday);
	printf("sane %d\n", now > 1600000000);
	gettimeofday(&tv, NULL);
	printf("same %d\n", tv.tv_sec - now <= 2);
	clock_gettime(CLOCK_MONOTONIC, &a);
	nanosleep(&c, NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("slept %d\n",
		(b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >=
			20000000);
	for (int i = 0; i < 10000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &b);
		if (b.tv_sec < a.tv_sec ||
			(b.tv_sec == a.tv_sec && b.tv_nsec < a.tv_nsec)) {
			puts("backwards");
			break;
		}
		a = b;
	}
	clock_getres(CLOCK_MONOTONIC, &a);
	printf("resolution %ld %d\n", (long)a.tv_sec, a.tv_nsec <= 10000000);
	printf("cpu %d\n", clock() != (clock_t)-1);
	return 0;
}
