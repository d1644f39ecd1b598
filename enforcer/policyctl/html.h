/* SPDX-License-Identifier: GPL-2.0-only */
/* html.h - text into HTML. */
#pragma once

#include <stdio.h>

/*
 * Bytes that anybody may have chosen, as text of an element or of a quoted attribute: what means something in HTML is
 * escaped, and what output_safe() would not show as it is is shown as \xHH.
 */
void html_bytes(FILE *out, const char *bytes, size_t length);
void html_text(FILE *out, const char *text);
/* "1,234,567" */
void html_number(FILE *out, double number);
