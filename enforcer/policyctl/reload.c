/* SPDX-License-Identifier: GPL-2.0-only */
/* reload.c - `policyctl reload` and `policyctl mode`: a question, the daemon's words. */
#include <stdio.h>
#include <string.h>

#include "connection.h"
#include "ownership.h"
#include "suggest.h"
#include "verbs.h"

static int on_frame(enum pc_ctl_type type, const char *body, size_t length, void *userdata)
{
	if (type == PC_CTL_TEXT)
		(void)fwrite(body, 1, length, userdata);
	return 0;
}

/* Whether the words belong to stdout or to stderr is known at the end only. */
static int ask_and_tell(const struct args *args, enum pc_ctl_type type, const void *body, size_t length)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);
	int r;

	if (!memory)
		return EXIT_UNREACHABLE;
	r = connection_ask(args->socket, type, body, length, on_frame, memory);
	if (fclose(memory) == 0)
		(void)fwrite(text, 1, size, r == EXIT_FINE ? stdout : stderr);
	return r;
}

int reload_run(const struct args *args)
{
	return ask_and_tell(args, PC_CTL_RELOAD, NULL, 0);
}

int mode_run(const struct args *args)
{
	static const char *const known[] = { "audit", "policy", NULL };
	struct pc_ctl_mode mode = {};
	const char *word = args->operands[0];

	if (strcmp(word, "enforce") == 0) {
		fprintf(stderr, "policyctl: nothing on the command line makes a policy stricter; write mode = enforce into it\n");
		return EXIT_REFUSED;
	}
	if (strcmp(word, "audit") != 0 && strcmp(word, "policy") != 0) {
		fprintf(stderr, "policyctl: unknown mode '%s'%s\n", word, suggest(word, known).text);
		return EXIT_REFUSED;
	}
	mode.is_audit_forced = strcmp(word, "audit") == 0;
	return ask_and_tell(args, PC_CTL_MODE, &mode, sizeof(mode));
}
