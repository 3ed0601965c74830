/* SPDX-License-Identifier: Apache-2.0 */
/* What the C library opens by itself when a program asks it for something. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "closure/collect.h"
#include "closure/root.h"
#include "core/file.h"
#include "core/mem.h"

enum { CONF_MAX = 1 << 20 };

/* Functions, and what they stand for; a trailing * is any end. */
static const struct {
	const char *function;
	enum closure_use use;
} functions[] = {
	{"getpw*", USE_PASSWD},
	{"setpwent", USE_PASSWD},
	{"getgr*", USE_GROUP},
	{"setgrent", USE_GROUP},
	{"initgroups", USE_GROUP},
	{"getaddrinfo", USE_HOSTS},
	{"getnameinfo", USE_HOSTS},
	{"gethostby*", USE_HOSTS},
	{"getserv*", USE_SERVICES},
	{"getproto*", USE_PROTOCOLS},
	{"getnet*", USE_NETWORKS},
	{"getsp*", USE_SHADOW},
	{"iconv_open", USE_ICONV},
	{"setlocale", USE_LOCALE},
	{"newlocale", USE_LOCALE},
	{"pthread_exit", USE_UNWIND},
	{"pthread_cancel", USE_UNWIND},
	{"backtrace", USE_UNWIND},
};

static int matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

void families_see(struct closure *c, const char *symbol, const char *file)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		char **used = &c->used[functions[i].use];

		/* Of all who link it few ask it for character sets. */
		if (functions[i].use == USE_ICONV &&
			strstr(file, "/libstdc++.so."))
			continue;
		if (!*used && matches(functions[i].function, symbol))
			*used = xasprintf("%s of %s", symbol, file);
	}
}

/* A path of the tree, if it is there. */
static int add_if(
	struct closure *c, const char *path, const char *reason, struct err *e)
{
	int r = collect_path(c, path, reason, NULL, e);

	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP ? 0 : r;
}

/* A library that is opened by its name; 0: there is none. */
static int add_library(
	struct closure *c, const char *name, const char *reason, struct err *e)
{
	struct search s = {.loader = ""};
	_free_ char *left_out = NULL;
	_free_ char *path = search_library(c, &s, name, &left_out, e);
	int r = path ? collect_path(c, path, reason, NULL, e) : 0;

	return r < 0 ? r : path != NULL;
}

/* --- NSS ------------------------------------------------------------------*/

/* The databases of nsswitch.conf(5), and what serves them by itself. */
static const struct {
	enum closure_use use;
	const char *name, *usual;
	const char *file; /* that is taken along, or NULL */
} databases[] = {
	{USE_PASSWD, "passwd", "files", NULL},
	{USE_GROUP, "group", "files", NULL},
	{USE_HOSTS, "hosts", "files dns", NULL},
	{USE_SERVICES, "services", "files", "/etc/services"},
	{USE_PROTOCOLS, "protocols", "files", "/etc/protocols"},
	{USE_NETWORKS, "networks", "files", "/etc/networks"},
	{USE_SHADOW, "shadow", "files", NULL},
};

/* What "hosts:" says, or NULL; caller frees. */
static char *find_database(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = text; p && *p; p += *p == '\n') {
		p += strspn(p, " \t");
		if (!strncmp(p, name, n) && p[n + strspn(p + n, " \t")] == ':')
			return xstrndup(strchr(p, ':') + 1,
				strcspn(strchr(p, ':') + 1, "\n#"));
		p += strcspn(p, "\n");
	}
	return NULL;
}

static int add_module(struct closure *c, const char *database,
	const char *service, struct err *e)
{
	_free_ char *name = xasprintf("libnss_%s.so.2", service);
	_free_ char *reason = xasprintf(
		"nss: %s is asked for %s by nsswitch.conf", service, database);
	int r;

	if (c->built_in &&
		(!strcmp(service, "files") || !strcmp(service, "dns")))
		return 0;
	r = add_library(c, name, reason, e);
	/* Distributions name db for the case that somebody installs it. */
	if (r == 0 && strcmp(service, "db") != 0)
		collect_miss(c, "nss", name, 1,
			"the NSS module %s is not in %s: %s of nsswitch.conf "
			"names it, and the C library goes on without it",
			name, c->spec.what, database);
	return r < 0 ? r : 0;
}

/* "files mymachines [NOTFOUND=return] dns" */
static int add_modules(struct closure *c, const char *database,
	const char *services, struct err *e)
{
	_free_ char *copy = xstrdup(services);
	char *word, *save;
	int r = 0, in_brackets = 0;

	for (word = strtok_r(copy, " \t", &save); word && r == 0;
		word = strtok_r(NULL, " \t", &save)) {
		if (*word == '[')
			in_brackets = 1;
		if (!in_brackets && !strpbrk(word, "/]"))
			r = add_module(c, database, word, e);
		if (word[strlen(word) - 1] == ']')
			in_brackets = 0;
	}
	return r;
}

/* The nsswitch.conf that the program will see; "" if there is none. */
static int read_switch(struct closure *c, struct buf *text, struct err *e)
{
	static const char path[] = "/etc/nsswitch.conf";
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	struct stat st;
	int r;

	buf_adds(text, "");
	if (c->spec.nsswitch)
		return file_read(c->spec.nsswitch, CONF_MAX, text, e);
	r = root_follow(c->spec.root, path, NULL, NULL, &real, &st, e);
	if (r < 0 || !S_ISREG(st.st_mode))
		return 0;
	host = root_host(c->spec.root, real);
	r = file_read(host, CONF_MAX, text, e);
	return r < 0 ? r : add_if(c, path, "nss: the modules to ask", e);
}

static int add_nss(struct closure *c, unsigned todo, struct err *e)
{
	_buf_ struct buf text = {0};
	int r = read_switch(c, &text, e);

	for (size_t i = 0; i < sizeof(databases) / sizeof(*databases); i++) {
		const char *used = c->used[databases[i].use];
		_free_ char *services = NULL;
		_free_ char *reason = NULL;

		if (r < 0 || !(todo & 1u << databases[i].use))
			continue;
		services = find_database(text.data, databases[i].name);
		r = add_modules(c, databases[i].name,
			services ? services : databases[i].usual, e);
		reason = xasprintf(
			"nss: %s, read by %s", databases[i].name, used);
		if (r == 0 && databases[i].file)
			r = add_if(c, databases[i].file, reason, e);
	}
	return r;
}

/* --- the others -----------------------------------------------------------*/

/* Character sets are modules in a folder beside the libraries. */
static int add_iconv(struct closure *c, const char *used, struct err *e)
{
	static const char *const dirs[] = {"/usr/lib/x86_64-linux-gnu/gconv",
		"/usr/lib/aarch64-linux-gnu/gconv", "/usr/lib64/gconv",
		"/usr/lib/gconv"};
	_free_ char *reason = xasprintf("gconv: opened by %s", used);
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(dirs) / sizeof(*dirs); i++)
		r = add_if(c, dirs[i], reason, e);
	return r;
}

static int add_use(struct closure *c, enum closure_use use, struct err *e)
{
	_free_ char *reason = NULL;
	int r = 0;

	switch (use) {
	case USE_ICONV:
		r = add_iconv(c, c->used[use], e);
		break;
	case USE_LOCALE:
		reason = xasprintf(
			"locale: C.UTF-8, for %s", c->used[USE_LOCALE]);
		r = add_if(c, "/usr/lib/locale/C.utf8", reason, e);
		break;
	case USE_UNWIND:
		reason = xasprintf("library: opened for %s", c->used[use]);
		r = add_library(c, "libgcc_s.so.1", reason, e);
		break;
	default:
		break;
	}
	return r < 0 ? r : 0;
}

int families_add(struct closure *c, struct err *e)
{
	unsigned todo = 0;
	int r = 0;

	if (!c->glibc)
		return 0;
	for (unsigned i = 0; i < USES; i++)
		if (c->used[i] && !(c->served & 1u << i))
			todo |= 1u << i;
	c->served |= todo;
	for (unsigned i = USE_ICONV; r == 0 && i < USES; i++)
		if (todo & 1u << i)
			r = add_use(c, (enum closure_use)i, e);
	if (r == 0 && todo & ((1u << USE_ICONV) - 1))
		r = add_nss(c, todo, e);
	return r;
}

/* --- what the manifest names ----------------------------------------------*/

int closure_add_zone(struct closure *c, const char *name, struct err *e)
{
	static const char folder[] = "/usr/share/zoneinfo";
	int all = !strcmp(name, "all");
	_free_ char *path =
		all ? xstrdup(folder) : xasprintf("%s/%s", folder, name);
	_free_ char *reason = xasprintf("zoneinfo: %s", name);
	int r = collect_path(c, path, reason, NULL, e);

	if (r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
		return r;
	collect_miss(c, "zoneinfo", name, 0,
		"the time zone %s is not in %s (%s); the package tzdata has "
		"them",
		name, c->spec.what, path);
	return 0;
}
