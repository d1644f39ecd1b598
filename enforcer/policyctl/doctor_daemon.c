/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor_daemon.c - what the daemon tells, and what it left behind where there is none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "doctor.h"
#include "ownership.h"
#include "pins.h"
#include "tree.h"
#include "words.h"

struct doctor {
	const struct args *args;
	struct findings *findings;
	yajl_val status; /* NULL: the daemon can't be asked */
};


static int take_text(enum pc_ctl_type type, const char *body, size_t length, void *userdata)
{
	return type == PC_CTL_TEXT && fwrite(body, 1, length, userdata) == length ? 0 : -EIO;
}

static void look_at_daemon(struct doctor *doctor)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	char error[1];
	FILE *memory = NULL;
	int fd, r = connection_open(doctor->args->socket, &fd);
	struct finding *finding = findings_add(doctor->findings, r < 0 ? FINDING_WRONG : FINDING_FINE, "daemon");

	if (r < 0) {
		finding_say(finding, "%s: %s", doctor->args->socket, strerror(-r));
		finding_advise(finding, r == -EACCES ? "ask root, or join the group " PC_CTL_GROUP : "systemctl start portcullisd; journalctl -u portcullisd tells why it ended");
		return;
	}
	(void)close(fd);
	memory = open_memstream(&text, &size);
	if (memory) {
		(void)connection_ask(doctor->args->socket, PC_CTL_STATUS, NULL, 0, take_text, memory);
		(void)fclose(memory);
		doctor->status = yajl_tree_parse(text, error, sizeof(error));
	}
	if (!doctor->status) {
		finding->mark = FINDING_UNKNOWN;
		finding_say(finding, "it does not tell its status");
		return;
	}
	finding_say(finding, "portcullisd %s with pid %s", tree_string(doctor->status, "version"), tree_number(doctor->status, "pid"));
}

static void look_at_mode(struct doctor *doctor)
{
	yajl_val status = doctor->status;
	bool is_forced = tree_is_true(status, "mode.audit_forced"), is_fallback = *tree_string(status, "policy.fallback");
	bool is_trial = tree_find(status, "policy.trial_seconds");
	struct finding *finding = findings_add(doctor->findings, is_forced || is_fallback ? FINDING_WRONG : is_trial ? FINDING_UNKNOWN : FINDING_FINE, "live policy");

	finding_say(finding, "%s", is_fallback ? tree_string(status, "policy.fallback") : is_forced ? "audit is forced: nothing is refused" : is_trial ? "it is on trial" : "the configured one, in the modes that it asks for");
	if (is_forced || is_fallback || is_trial)
		finding_advise(finding, "%s", is_fallback ? "mend the configured policy, then policyctl reload" : is_forced ? "policyctl mode policy" : "policyctl confirm, if it is to stay");
}

/* Names with commas between them; empty: there are none. */
static void list_names(yajl_val names, char *text, size_t size)
{
	size_t length = 0;

	text[0] = 0;
	for (size_t i = 0; YAJL_IS_ARRAY(names) && i < YAJL_GET_ARRAY(names)->len && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "",
					   YAJL_GET_STRING(YAJL_GET_ARRAY(names)->values[i]) ?: "");
}

static void look_at_hooks(struct doctor *doctor)
{
	bool is_live = tree_is_true(doctor->status, "kernel.live");
	struct finding *finding = findings_add(doctor->findings, is_live ? FINDING_FINE : FINDING_WRONG, "hooks");
	char untried[1024];

	if (!is_live) {
		finding_say(finding, "%s", tree_string(doctor->status, "kernel.trouble"));
		finding_advise(finding, "sysctl kernel.ftrace_enabled=1, or else systemctl restart portcullisd");
		return;
	}
	list_names(tree_find(doctor->status, "kernel.untried"), untried, sizeof(untried));
	finding_say(finding, "each was reached by a request of the daemon's own%s%s",
		    *untried ? ", but for those that can't be without harm, or with the rights that it has left: " : "", untried);
}

static void look_at_pins(struct doctor *doctor)
{
	yajl_val programs = tree_find(doctor->status, "kernel.programs");
	const char *dir = tree_string(doctor->status, "kernel.pins"), *missing = NULL;
	struct finding *finding;

	for (size_t i = 0; *dir && YAJL_IS_ARRAY(programs) && i < YAJL_GET_ARRAY(programs)->len; i++) {
		const char *name = YAJL_GET_STRING(YAJL_GET_ARRAY(programs)->values[i]);

		if (name && !pins_have(dir, name))
			missing = name;
	}
	finding = findings_add(doctor->findings, !*dir || (missing && geteuid() != 0) ? FINDING_UNKNOWN : missing ? FINDING_WRONG : FINDING_FINE, "pins");
	if (!*dir) {
		finding_say(finding, "none: the policy ends with the daemon");
		finding_advise(finding, "start portcullisd with --pins " PINS_PATH ", as its unit does");
	} else if (missing) {
		finding_say(finding, "%s/" PINS_LIVE "/%s: %s", dir, missing, geteuid() == 0 ? "not there" : "only root can look");
		if (geteuid() == 0)
			finding_advise(finding, "systemctl restart portcullisd pins all anew; find out who removed it");
	} else {
		finding_say(finding, "all programs are pinned in %s", dir);
	}
}

/* Whom no daemon looks after. */
static void look_at_orphans(struct doctor *doctor)
{
	const char *pins = doctor->args->pins ? doctor->args->pins : PINS_PATH;
	struct finding *finding;

	if (!pins_are_live(pins))
		return;
	finding = findings_add(doctor->findings, FINDING_UNKNOWN, "pins");
	finding_say(finding, "the policy goes on without the daemon, by what is pinned in %s: records wait in the kernel", pins);
	finding_advise(finding, "systemctl start portcullisd takes it over; policyctl detach --yes ends it");
}

static unsigned long long sum_lost(yajl_val status)
{
	static const char *const verdicts[] = { "allow", "audit", "deny" };
	unsigned long long sum = 0;

	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		for (size_t k = 0; k < 3; k++) {
			char path[64];

			(void)snprintf(path, sizeof(path), "counters.%s.%s.lost", section_name(i), verdicts[k]);
			sum += strtoull(tree_number(status, path), NULL, 10);
		}
	return sum;
}

static void look_at_losses(struct doctor *doctor)
{
	yajl_val outputs = tree_find(doctor->status, "outputs");
	unsigned long long kernel = sum_lost(doctor->status), written = 0;
	struct finding *finding;

	for (size_t i = 0; YAJL_IS_ARRAY(outputs) && i < YAJL_GET_ARRAY(outputs)->len; i++)
		written += strtoull(tree_number(YAJL_GET_ARRAY(outputs)->values[i], "lost"), NULL, 10);
	finding = findings_add(doctor->findings, kernel || written ? FINDING_WRONG : FINDING_FINE, "records");
	finding_say(finding, "%llu lost in the kernel's rings (two of %s bytes), %llu on their way out, since the start", kernel,
		    tree_number(doctor->status, "records.ring_bytes"), written);
	if (kernel || written)
		finding_advise(finding, "%s", kernel ? "record less (log = in the policy), coalesce repeats ([records] in portcullisd.conf), or give the daemon its nice value of -10" : "see that the log's disk has room, and that journald or syslogd keep up");
}

static void look_at_troubles(struct doctor *doctor)
{
	yajl_val troubles = tree_find(doctor->status, "troubles");
	char text[sizeof(((struct finding *)0)->found)] = "";
	struct finding *finding;

	for (size_t i = 0; YAJL_IS_OBJECT(troubles) && i < YAJL_GET_OBJECT(troubles)->len; i++) {
		const char *name = YAJL_GET_OBJECT(troubles)->keys[i], *count = tree_number(troubles, name);
		size_t length = strlen(text);

		if (strcmp(count, "0") != 0)
			(void)snprintf(text + length, sizeof(text) - length, "%s%s %s", *text ? ", " : "", name, count);
	}
	finding = findings_add(doctor->findings, *text ? FINDING_UNKNOWN : FINDING_FINE, "troubles");
	finding_say(finding, "%s", *text ? text : "no object that could not be told");
	if (*text)
		finding_advise(finding, "these were decided by the strictest rule; policyctl log --object unresolved: shows which");
}

void doctor_look_at_daemon(const struct args *args, struct findings *findings)
{
	struct doctor doctor = { .args = args, .findings = findings };

	look_at_daemon(&doctor);
	if (!doctor.status) {
		look_at_orphans(&doctor);
		return;
	}
	look_at_mode(&doctor);
	look_at_hooks(&doctor);
	look_at_pins(&doctor);
	look_at_losses(&doctor);
	look_at_troubles(&doctor);
	yajl_tree_free(doctor.status);
}
