/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor.c - `policyctl doctor`: looks at all that enforcement depends on. */
#include "doctor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "verbs.h"

static void tell_first(struct finding *finding, const struct diags *d)
{
	const char *more = d->errors == 1 ? "" : ", and more";
	size_t i = 0;

	while (i < d->count && d->entries[i].level != DIAG_ERROR)
		i++;
	if (i < d->count && d->entries[i].loc.line > 0)
		finding_say(finding, "%s:%u: %s%s", d->entries[i].loc.file, d->entries[i].loc.line, d->entries[i].text, more);
	else if (i < d->count)
		finding_say(finding, "%s%s", d->entries[i].text, more);
}

static void look_at_policy(const struct args *args, struct findings *findings)
{
	const char *path = args->policy;
	struct finding *finding;
	const struct policy_options options = { .must_be_trusted = true };
	const struct lifeline_options lifeline = { .level = DIAG_ERROR, .socket = args->socket };
	struct check_result result = {};
	struct diags d = {};
	int r = check_policy(path, &options, &lifeline, &d, &result);

	diags_sort(&d);
	finding = findings_add(findings, r >= 0 ? FINDING_FINE : r == -EACCES && geteuid() != 0 ? FINDING_UNKNOWN : FINDING_WRONG, "policy");
	if (r >= 0) {
		finding_say(finding, "%s compiles: %zu rules; it and its files are root's alone to write", path, result.rules);
	} else {
		finding_say(finding, "%s: %s", path, strerror(-r));
		tell_first(finding, &d);
		finding_advise(finding, "policyctl check --lifeline %s tells all; until it is mended the policy before stays", path);
	}
	diags_done(&d);
}

int doctor_run(const struct args *args)
{
	struct findings findings = {};
	int r = 0;

	doctor_look_at_kernel(&findings);
	look_at_policy(args, &findings);
	doctor_look_at_daemon(args, &findings);
	if (args->given & ARGS_JSON)
		r = findings_write(&findings, stdout);
	else
		findings_print(&findings, stdout);
	return r < 0 || findings_wrong(&findings) > 0 ? EXIT_REFUSED : EXIT_FINE;
}
