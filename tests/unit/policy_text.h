/* SPDX-License-Identifier: GPL-2.0-only */
/* policy_text.h - what tests of the parser share: a text goes in, its diagnostics come out as a string. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy.h"

#define VERSION "[policy]\nversion = 1\n"

/* All diagnostics, as policyctl prints them; valid until the next call. */
static inline const char *diags_text(struct diags *d)
{
	static char text[65536];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	text[0] = '\0';
	diags_print(d, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

struct result {
	int r;
	struct policy *policy; /* owned; NULL if refused */
	struct diags d;        /* owned */
	const char *text;      /* of the diagnostics, valid until the next check */
};

/* Parses without looking at the file system. */
static inline struct result check_text(const char *text)
{
	static const struct policy_options options = { .is_offline = true };
	struct result result = {};

	result.r = policy_parse("text", text, strlen(text), &options, &result.d, &result.policy);
	result.text = diags_text(&result.d);
	return result;
}

static inline void result_done(struct result *result)
{
	result->policy = policy_free(result->policy);
	diags_done(&result->d);
}

/* Refused with these diagnostics and no others. */
static inline void assert_refused(const char *text, const char *expected)
{
	struct result result = check_text(text);

	assert_string_equal(result.text, expected);
	assert_int_equal(result.r, -EINVAL);
	assert_null(result.policy);
	result_done(&result);
}

/* Taken without a word; result_done() it. */
static inline struct result assert_taken(const char *text)
{
	struct result result = check_text(text);

	assert_string_equal(result.text, "");
	assert_int_equal(result.r, 0);
	assert_non_null(result.policy);
	return result;
}
