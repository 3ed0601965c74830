/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands print: errors, steps and commands, all on stderr. */
#include "ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "core/log.h"
#include "core/mem.h"
#include "event.h"

struct step {
	char *text;
	struct timespec start;
	int job; /* runs beside others, until its own end is told */
	struct step *next;
};

static enum ui_level current = UI_NORMAL;
static int on_terminal, colour;
static struct step *steps; /* those that run now, the latest first */
static struct timespec started;

void ui_set_level(enum ui_level level)
{
	current = level;
}

enum ui_level ui_level(void)
{
	return current;
}

void ui_set_events(void)
{
	event_start();
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* Columns of the terminal; it may change at any time. */
static size_t width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

/* The text in `columns`, filled with spaces or cut: a line that wraps
 * could not be written over. */
static void put_text(const char *text, size_t columns, const char *fill)
{
	size_t n = 0;

	for (; *text && n < columns; n++) {
		do
			putc((unsigned char)*text < ' ' ? '?' : *text, stderr);
		while ((*++text & 0xc0) == 0x80);
	}
	for (; *fill && n < columns; n++)
		fputs(fill, stderr);
}

/* The passing line; the cursor goes back, a program's own message covers
 * it. */
static void show_running(void)
{
	size_t columns = width();

	if (!steps || current == UI_VERBOSE || columns < 20)
		return;
	fputs("\r\033[K  ", stderr);
	put_text(steps->text, columns - 7, "");
	fputs(" ...\r", stderr);
}

static void end_one(struct step **at)
{
	struct step *s = *at;
	double seconds = seconds_since(&s->start);
	size_t columns = width();

	*at = s->next;
	if (!event_step("end", s->text, seconds) && on_terminal &&
		current > UI_QUIET) {
		fputs("\r\033[K  ", stderr);
		put_text(s->text,
			columns > 68   ? 56
			: columns > 20 ? columns - 12
				       : 8,
			" ");
		fprintf(stderr, " %s%6.2f s%s\n", colour ? "\033[2m" : "",
			seconds, colour ? "\033[0m" : "");
	}
	free(s->text);
	free(s);
}

/* All, or all but the jobs. */
static void end_steps(int keep_jobs)
{
	struct step **at = &steps;

	while (*at) {
		if (keep_jobs && (*at)->job)
			at = &(*at)->next;
		else
			end_one(at);
	}
}

static void end_job(const char *text)
{
	struct step **at = &steps;

	while (*at && strcmp((*at)->text, text) != 0)
		at = &(*at)->next;
	if (*at)
		end_one(at);
	if (on_terminal && !event_on())
		show_running();
}

static void begin_step(const char *text, int job)
{
	struct step *s;

	end_steps(job);
	if (!event_step("begin", text, -1) &&
		(!on_terminal || current == UI_VERBOSE))
		fprintf(stderr, "  %s\n", text);
	s = xcalloc(1, sizeof(*s));
	*s = (struct step){.text = xstrdup(text), .job = job, .next = steps};
	clock_gettime(CLOCK_MONOTONIC, &s->start);
	steps = s;
	if (on_terminal && !event_on())
		show_running();
}

/* "slipway: ", in a colour if the terminal has them. */
static void put_name(const char *code)
{
	fprintf(stderr,
		colour ? "\033[%smslipway:\033[0m " : "slipway: ", code);
}

static void show_note(const char *text)
{
	if (event_message("note", text) || current < UI_NORMAL)
		return;
	end_steps(0);
	fprintf(stderr, "slipway: note: %s\n", text);
}

static void show_warning(const char *text)
{
	if (event_message("warning", text))
		return;
	end_steps(0);
	put_name("33");
	fprintf(stderr, "warning: %s\n", text);
}

static void show(enum log_kind kind, const char *text, void *arg)
{
	int steps_shown = current >= UI_NORMAL || event_on();

	(void)arg;
	switch (kind) {
	case LOG_STEP:
	case LOG_JOB:
		if (steps_shown)
			begin_step(text, kind == LOG_JOB);
		break;
	case LOG_JOB_END:
		if (steps_shown)
			end_job(text);
		break;
	case LOG_COMMAND:
		if (current >= UI_VERBOSE && !event_message("command", text))
			fprintf(stderr, "%s\n", text);
		break;
	case LOG_NOTE:
		show_note(text);
		break;
	case LOG_WARNING:
		show_warning(text);
		break;
	}
	fflush(stderr);
}

void ui_start(void)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	on_terminal = isatty(STDERR_FILENO) && term && *term &&
		      strcmp(term, "dumb") != 0;
	colour = on_terminal && !(no_color && *no_color);
	clock_gettime(CLOCK_MONOTONIC, &started);
	log_set(show, NULL);
}

void ui_finish(void)
{
	end_steps(0);
}

void ui_end(int status)
{
	end_steps(0);
	event_add("done", json_pack("{s:i, s:f}", "status", status, "seconds",
				  seconds_since(&started)));
}

void ui_error(const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	end_steps(0);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (event_message("error", text))
		return;
	put_name("31");
	fprintf(stderr, "%s\n", text);
}

int ui_fail(const struct err *e)
{
	end_steps(0);
	if (event_error(e))
		return EXIT_FAILED;
	/* "FILE:LINE:COL: error: ..." must stay first for editors. */
	if (strstr(e->msg, ": error: "))
		fprintf(stderr, "%s\n", e->msg);
	else
		ui_error("%s", e->msg);
	return EXIT_FAILED;
}

int ui_diags(const struct diags *d)
{
	size_t i, shown = 0;

	end_steps(0);
	for (i = 0; i < d->n; i++) {
		_free_ char *text = diag_text(&d->v[i]);

		if (!event_diag(&d->v[i]))
			fprintf(stderr, "%s\n", text);
		shown += !d->v[i].warning;
	}
	if (d->nerrors > shown)
		ui_error("%zu more errors are not shown", d->nerrors - shown);
	return d->nerrors ? EXIT_USAGE : EXIT_OK;
}
