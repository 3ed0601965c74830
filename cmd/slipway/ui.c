/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands print: errors, steps and commands, all on stderr. */
#include "ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "core/log.h"
#include "core/mem.h"

static enum ui_level current = UI_NORMAL;
static int on_terminal;
static char *step; /* runs now; only kept on a terminal */
static struct timespec step_start;

void ui_set_level(enum ui_level level)
{
	current = level;
}

enum ui_level ui_level(void)
{
	return current;
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* Puts the finished step's line, with its time, over the passing one. */
static void end_step(void)
{
	if (!step)
		return;
	fprintf(stderr, "\r\033[K  %-56s %6.2f s\n", step,
		seconds_since(&step_start));
	free(step);
	step = NULL;
}

static void begin_step(const char *text)
{
	end_step();
	if (!on_terminal) {
		fprintf(stderr, "  %s\n", text);
		return;
	}
	step = xstrdup(text);
	clock_gettime(CLOCK_MONOTONIC, &step_start);
	/* The cursor goes back: a program's own message covers it. */
	if (current == UI_VERBOSE)
		fprintf(stderr, "  %s\n", text);
	else
		fprintf(stderr, "\r\033[K  %.60s ...\r", text);
}

static void show(enum log_kind kind, const char *text, void *arg)
{
	(void)arg;
	switch (kind) {
	case LOG_STEP:
		if (current >= UI_NORMAL)
			begin_step(text);
		break;
	case LOG_COMMAND:
		if (current >= UI_VERBOSE)
			fprintf(stderr, "%s\n", text);
		break;
	case LOG_NOTE:
		if (current >= UI_NORMAL) {
			end_step();
			fprintf(stderr, "slipway: note: %s\n", text);
		}
		break;
	case LOG_WARNING:
		end_step();
		fprintf(stderr, "slipway: warning: %s\n", text);
		break;
	}
	fflush(stderr);
}

void ui_start(void)
{
	const char *term = getenv("TERM");

	on_terminal =
		isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	log_set(show, NULL);
}

void ui_finish(void)
{
	end_step();
}

void ui_error(const char *fmt, ...)
{
	va_list ap;

	end_step();
	fputs("slipway: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int ui_fail(const struct err *e)
{
	/* "FILE:LINE:COL: error: ..." must stay first for editors. */
	if (strstr(e->msg, ": error: ")) {
		end_step();
		fprintf(stderr, "%s\n", e->msg);
	} else {
		ui_error("%s", e->msg);
	}
	return EXIT_FAILED;
}

int ui_diags(const struct diags *d)
{
	size_t i, shown = 0;

	end_step();
	for (i = 0; i < d->n; i++) {
		_free_ char *text = diag_text(&d->v[i]);

		fprintf(stderr, "%s\n", text);
		shown += !d->v[i].warning;
	}
	if (d->nerrors > shown)
		ui_error("%zu more errors are not shown", d->nerrors - shown);
	return d->nerrors ? EXIT_USAGE : EXIT_OK;
}
