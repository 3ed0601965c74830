/* SPDX-License-Identifier: Apache-2.0 */
/* What an image's configuration says, as values of a manifest. */
#include "build/takeover.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "manifest/value.h"

#define DIGITS "0123456789"

enum { PORTS_MAX = 1024 };

static int compare_keys(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	size_t n = strcspn(x, "="), m = strcspn(y, "=");
	int order = memcmp(x, y, n < m ? n : m);

	return order ? order : (n > m) - (n < m);
}

/* The last of a key counts, as for engines. */
static int has_key(const struct strv *env, size_t from, const char *entry)
{
	size_t n = strcspn(entry, "=");

	for (size_t i = from; i < env->n; i++)
		if (!strncmp(env->v[i], entry, n) && env->v[i][n] == '=')
			return 1;
	return 0;
}

void takeover_default_env(struct app *a, const char *entry)
{
	if (has_key(&a->env, 0, entry))
		return;
	strv_add(&a->env, entry);
	qsort(a->env.v, a->env.n, sizeof(*a->env.v), compare_keys);
}

static void take_env(struct app *a, const struct strv *env)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *entry = env->v[i];

		if (*entry != '=' && strchr(entry, '=') &&
			!has_key(env, i + 1, entry))
			takeover_default_env(a, entry);
	}
}

static void copy_list(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(to, from->v[i]);
}

/* As of `docker run --entrypoint`: another program, without the image's
 * arguments. */
static void take_command(struct app *a, const struct oci_config *c)
{
	if (a->program) {
		strv_add(&a->entry, a->program);
		return;
	}
	if (c->entrypoint.n)
		copy_list(&a->entry, &c->entrypoint);
	else
		strv_add(&a->entry, "");
	if (!app_says(a, "args"))
		copy_list(&a->args, &c->cmd);
}

static int has_port(const struct app *a, unsigned port, int udp)
{
	for (size_t i = 0; i < a->nports; i++)
		if (a->ports[i].port == port && a->ports[i].udp == udp)
			return 1;
	return 0;
}

/* "80", "80/tcp", "53/udp", "8000-8010/tcp": 0, or -1. */
static int take_port(struct app *a, const char *s)
{
	size_t n = strspn(s, DIGITS);
	unsigned long first = strtoul(s, NULL, 10), last = first;
	const char *proto = s + n;
	int udp;

	if (n && *proto == '-') {
		last = strtoul(proto + 1, NULL, 10);
		proto += 1 + strspn(proto + 1, DIGITS);
	}
	udp = !strcmp(proto, "/udp");
	if (!n || !first || first > last || last > 65535 ||
		(*proto && !udp && strcmp(proto, "/tcp") != 0) ||
		last - first >= PORTS_MAX - a->nports)
		return -1;
	for (; first <= last; first++) {
		if (has_port(a, (unsigned)first, udp))
			continue;
		a->ports = xreallocarray(
			a->ports, a->nports + 1, sizeof(*a->ports));
		a->ports[a->nports++] = (struct app_port){(uint16_t)first, udp};
	}
	return 0;
}

/* A path of the guest in normal form; NULL: it cannot be one of a volume. */
static char *guest_path(const char *s)
{
	static const char *const hidden[] = {"dev", "proc", "sys"};
	_free_ char *normal = value_normal_path(s + strspn(s, "/"));

	for (size_t i = 0; normal && i < 3; i++) {
		size_t n = strlen(hidden[i]);

		if (!strncmp(normal, hidden[i], n) &&
			(!normal[n] || normal[n] == '/'))
			return NULL;
	}
	if (!normal || !*s)
		return NULL;
	return !strcmp(normal, ".") ? xstrdup("/") : xasprintf("/%s", normal);
}

static void take_volumes(
	struct app *a, const struct strv *volumes, struct strv *notes)
{
	for (size_t i = 0; i < volumes->n; i++) {
		char *path = guest_path(volumes->v[i]);

		if (path && strcmp(path, "/") != 0) {
			strv_take(&a->volumes, path);
			continue;
		}
		strv_addf(
			notes, "its volume \"%s\" is left out", volumes->v[i]);
		free(path);
	}
}

/* "SIGQUIT", "QUIT" or "3". */
static void take_signal(struct app *a, const char *s, struct strv *notes)
{
	_free_ char *name =
		xasprintf("%s%s", strncmp(s, "SIG", 3) != 0 ? "SIG" : "", s);

	if (strspn(s, DIGITS) == strlen(s)) {
		const char *abbrev =
			sigabbrev_np((int)(strtol(s, NULL, 10) & 0xff));

		free(name);
		name = xasprintf("SIG%s", abbrev ? abbrev : "");
	}
	if (app_is_stop_signal(name)) {
		free(a->stop_signal);
		a->stop_signal = steal_ptr(name);
	} else {
		strv_addf(notes,
			"its stop signal %s is not one that a manifest can "
			"have: it is %s",
			s, a->stop_signal);
	}
}

/* The command as words: 0, or -1 if it is none. */
static int take_test(const struct oci_config *c, struct strv *to)
{
	const struct strv *t = &c->health.test;
	int shell = t->n == 2 && !strcmp(t->v[0], "CMD-SHELL");

	if (t->n < 2 || !*t->v[1] || (!shell && strcmp(t->v[0], "CMD") != 0))
		return -1;
	strv_add(to, "exec");
	if (shell && c->shell.n) {
		copy_list(to, &c->shell);
	} else if (shell) {
		strv_add(to, "/bin/sh");
		strv_add(to, "-c");
	}
	for (size_t i = 1; i < t->n; i++)
		strv_add(to, t->v[i]);
	return 0;
}

static void take_health(
	struct app *a, const struct oci_config *c, struct strv *notes)
{
	const struct oci_health *h = &c->health;
	_strv_ struct strv test = {0};

	if (!h->test.n || !strcmp(h->test.v[0], "NONE"))
		return;
	if (take_test(c, &test) < 0) {
		strv_addf(notes,
			"its health check (%s) is left out: it is no command",
			h->test.v[0]);
		return;
	}
	a->health = xcalloc(1, sizeof(*a->health));
	*a->health = (struct app_health){
		.interval_ns = h->interval_ns,
		.timeout_ns = h->timeout_ns,
		.start_period_ns = h->start_period_ns,
		.retries = h->retries,
	};
	copy_list(&a->health->test, &test);
}

void takeover_config(
	struct app *a, const struct oci_config *c, struct strv *notes)
{
	take_env(a, &c->env);
	/* What an engine gives a program whose image does not say it. */
	takeover_default_env(a,
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		"/sbin:/bin");
	take_command(a, c);
	for (size_t i = 0; !app_says(a, "ports") && i < c->ports.n; i++)
		if (take_port(a, c->ports.v[i]) < 0)
			strv_addf(notes, "its port %s is left out",
				c->ports.v[i]);
	if (!app_says(a, "volumes"))
		take_volumes(a, &c->volumes, notes);
	if (!app_says(a, "workdir") && c->workdir) {
		free(a->workdir);
		a->workdir = guest_path(c->workdir);
		if (!a->workdir)
			a->workdir = xstrdup("/");
	}
	if (!app_says(a, "stop_signal") && c->stop_signal)
		take_signal(a, c->stop_signal, notes);
	if (!app_says(a, "user") && c->user)
		a->user = xstrdup(c->user);
	if (!app_says(a, "healthcheck"))
		take_health(a, c, notes);
}
