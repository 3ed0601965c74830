/* SPDX-License-Identifier: Apache-2.0 */
/* Threads as /proc shows them, and their names. */
#include "file-tap.h"

#include <dirent.h>
#include <pthread.h>

enum { THREADS = 5 };

static pthread_barrier_t barrier;
static pid_t tids[THREADS];

static void *wait_here(void *arg)
{
	pid_t *tid = arg;

	*tid = gettid();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static int count_tasks(void)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* The number after a word in /proc/self/status. */
static int status_of(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[256];
	int n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, word, strlen(word)))
			n = atoi(line + strlen(word));
	if (f)
		fclose(f);
	return n;
}

int main(void)
{
	char name[32] = "", path[64], link[64] = "";
	pthread_t t[THREADS];
	struct stat st;

	CALL(count_tasks());
	CALL(status_of("/proc/self/status", "Threads:"));
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, wait_here, &tids[i]);
	pthread_barrier_wait(&barrier);
	CALL(count_tasks());
	CALL(status_of("/proc/self/status", "Threads:"));
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tids[2]);
	CALL(status_of(path, "Threads:"));
	CHECK(status_of(path, "Pid:") == tids[2]);
	CHECK(status_of(path, "Tgid:") == getpid());
	CALL(pthread_setname_np(t[1], "second"));
	CALL(pthread_getname_np(t[1], name, sizeof(name)));
	CALL(strcmp(name, "second"));
	CALL(pthread_setname_np(t[1], "a name that is too long"));
	CALL(pthread_setname_np(pthread_self(), "first"));
	CALL(pthread_getname_np(pthread_self(), name, sizeof(name)));
	CALL(strcmp(name, "first"));
	snprintf(path, sizeof(path), "/proc/self/task/%d", tids[1]);
	CALL(stat(path, &st));
	CALL(S_ISDIR(st.st_mode));
	CALL(stat("/proc/self/task/3999999", &st));
	CALL(stat("/proc/self/task/x", &st));
	CHECK(readlink("/proc/thread-self", link, sizeof(link) - 1) > 0);
	snprintf(path, sizeof(path), "%d/task/%d", getpid(), gettid());
	CALL(strcmp(link, path));
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	CHECK(count_tasks() <= THREADS + 1);
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", gettid());
	CALL(access(path, W_OK));
	return tap_done();
}
