/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_explain.c - the line that says why something could not be done. */
#include "kernel_explain.h"

#include <stdarg.h>
#include <stdio.h>

void kernel_explain(char *why, size_t size, const char *format, ...)
{
	va_list arguments;

	if (!why || !size)
		return;
	va_start(arguments, format);
	(void)vsnprintf(why, size, format, arguments);
	va_end(arguments);
}
