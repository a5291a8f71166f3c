/* Messages of the runner itself: why it stops, and a trace of what it does. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "shim.h"

enum { STATUS_STOPPED = 125 };

/* Set once, before the guest starts. */
bool tracing;

static void say(const char *format, va_list arguments)
{
	char line[1024];
	int prefix = snprintf(line, sizeof line, "illumos-run: ");
	int length = vsnprintf(line + prefix, sizeof line - (size_t)prefix - 1, format, arguments);
	size_t end = (size_t)prefix + (length < 0 ? 0 : (size_t)length);
	if (end > sizeof line - 2)
		end = sizeof line - 2;
	line[end] = '\n';
	/* One write, so that lines of several threads don't mix. */
	syscall_raw(SYS_write, 2, line, end + 1);
}

void fatal(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	for (;;)
		syscall_raw(SYS_exit_group, STATUS_STOPPED);
}

void unknown(const char *call, const char *what, unsigned long value)
{
	fatal("%s: unknown %s %#lx (%ld); illumos-run does not implement it", call, what, value, (long)value);
}

void trace(const char *format, ...)
{
	if (!tracing)
		return;
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}
