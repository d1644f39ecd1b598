/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_output.h - an explanation for people, and as JSON. */
#pragma once

#include "explain.h"

/* All borrowed. */
struct explain_view {
	const struct policy *policy;
	const struct explanation *explanation;
	const char *typed;  /* the object as the user wrote it */
	const char *judged; /* as it is judged: links followed */
	const char *profile; /* NULL: of none */
	const char *note;   /* or NULL */
	enum pc_section_id section;
	unsigned int access; /* enum pc_access bits */
};

void explain_show(const struct explain_view *view);
void explain_show_json(const struct explain_view *view);
