/* SPDX-License-Identifier: GPL-2.0-only */
/* reload.c - `policyctl reload`, `confirm`, `mode`, `run` and `attach`: a question, the daemon's words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "ownership.h"
#include "suggest.h"
#include "verbs.h"

/* Whether the words belong to stdout or to stderr is known at the end only. */
static int ask_and_tell(const struct args *args, enum pc_ctl_type type, const void *body, size_t length)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r = connection_ask_text(args->socket, type, body, length, &text, &size);

	if (size > 0)
		(void)fwrite(text, 1, size, r == EXIT_FINE ? stdout : stderr);
	return r;
}

static int join(const struct args *args, unsigned int pid)
{
	struct pc_ctl_join question = { .pid = pid };

	if (!args->profile || strlen(args->profile) > PC_NAME_MAX) {
		fprintf(stderr, "policyctl: %s needs --profile NAME, of up to %d characters\n", args->verb, PC_NAME_MAX);
		return EXIT_REFUSED;
	}
	(void)snprintf(question.profile, sizeof(question.profile), "%s", args->profile);
	return ask_and_tell(args, PC_CTL_JOIN, &question, sizeof(question));
}

int attach_run(const struct args *args)
{
	if (args->pid)
		return join(args, args->pid);
	fprintf(stderr, "policyctl: attach needs --pid N\n");
	return EXIT_REFUSED;
}

/* As a shell does: what cannot be found is told from what cannot be started. */
int run_run(const struct args *args)
{
	int r = join(args, 0);

	if (r != EXIT_FINE)
		return r;
	(void)execvp(args->operands[0], args->operands);
	r = errno == ENOENT ? EXIT_NO_COMMAND : EXIT_NO_START;
	fprintf(stderr, "policyctl: cannot start %s in profile %s: %s\n", args->operands[0], args->profile, strerror(errno));
	return r;
}

int reload_run(const struct args *args)
{
	const struct pc_ctl_reload wish = {
		.confirm_within = args->given & ARGS_CONFIRM ? args->span : 0,
		.is_forced = (args->given & ARGS_FORCE) != 0,
	};

	return ask_and_tell(args, PC_CTL_RELOAD, &wish, sizeof(wish));
}

int confirm_run(const struct args *args)
{
	return ask_and_tell(args, PC_CTL_CONFIRM, NULL, 0);
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
	if (!mode.is_audit_forced && args->given & ARGS_FOR) {
		fprintf(stderr, "policyctl: --for goes with mode audit: the policy's own modes hold until told otherwise\n");
		return EXIT_REFUSED;
	}
	mode.seconds = args->given & ARGS_FOR ? args->span : 0;
	return ask_and_tell(args, PC_CTL_MODE, &mode, sizeof(mode));
}
