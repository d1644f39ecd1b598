/* SPDX-License-Identifier: GPL-2.0-only */
/* verbs.c - what policyctl can do, as a table. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "pins.h"
#include "suggest.h"
#include "verbs.h"

#define VERBS_MAX 32

#define FILTER_HELP                                                                         \
	"Filters, of which each kind that is given must be met, by any of its values:\n"       \
	"--hook HOOK        exec, open, connect or system\n"                                   \
	"--verdict VERDICT  deny, audit (or would-deny), allow\n"                              \
	"--profile NAME     the profile that the program was in\n"                             \
	"--exe GLOB         the program, as in an exec rule: /usr/bin/**, anon:\n"             \
	"--object GLOB      the object, as in a rule: /etc/**, 10.0.0.0/8, unix:/run/**\n"     \
	"--rule RULE        policy.ini:12, default, or a part of the rule's text\n"            \
	"--since TIME       90s, 10m, 2h, 3d, 1w ago, or 2026-01-31[T08:00:00[Z|+01:00]]\n"    \
	"--until TIME       likewise; that moment is no longer meant\n"

const struct verb verbs[] = {
	{
		"check", " [--root DIR] [--lifeline] FILE|DIR", "look for mistakes in a policy",
		"Reads the policy, or the policy.ini of a folder, and policy.d beside it,\n"
		"compiles it and checks its [expect] section. Shows every error, warning and\n"
		"note in one run as FILE:LINE: LEVEL: TEXT. Nothing is loaded.\n\n"
		"--root DIR   judge the links, users and objects of the tree DIR\n"
		"--lifeline   also what this host can't do without, as a reload does\n\n"
		"Exit code: 0 no errors, 1 errors.\n",
		ARGS_ROOT | ARGS_SOCKET | ARGS_LIFELINE, 1, 1, check_run,
	},
	{
		"explain", " [OPTION…] HOOK OBJECT [read|write] [as PROFILE]",
		"tell which rule decides about an object",
		"HOOK is exec, open, connect or system; OBJECT is written as in a rule, without\n"
		"wildcards: /etc/shadow, '10.1.2.3 port 22 tcp', unix:/run/x.sock, anon:, mount.\n"
		"An open without read or write means both; as PROFILE asks for a task in that\n"
		"profile. Links are followed as the kernel would. Shows the verdict by the\n"
		"rules, whatever the mode; the deciding rule; and the rules that it beat, with\n"
		"the reason.\n\n"
		"--policy FILE  that policy instead of /etc/portcullis/policy.ini\n"
		"--root DIR     judge the tree DIR\n"
		"--json         one JSON object\n\n"
		"Exit code: 0 allow or audit, 1 deny, or the policy or the question is wrong.\n",
		ARGS_POLICY | ARGS_ROOT | ARGS_JSON, 2, 5, explain_run,
	},
	{
		"print", " FILE", "write a policy with all lists and files in one text",
		"Writes the policy as it was understood: one file, lists resolved, defaults\n"
		"spelled out. The text is a policy itself and compiles to the same rules.\n",
		0, 1, 1, print_run,
	},
	{
		"replay", " --policy FILE [--root DIR] [--json] LOG…",
		"tell which past decisions a policy would change",
		"Asks each record of the logs (files of JSON Lines, - is stdin) again of that\n"
		"policy. Shows what would be decided otherwise: hook, object and program, the\n"
		"verdict and rule then and now, how often and when; then how many decisions stay\n"
		"as they were, and how many could not be judged, with the reason. A verdict is\n"
		"what happens: in audit mode nothing is denied.\n\n"
		"--root DIR  judge the links and users of the tree DIR\n"
		"--json      one JSON object\n\n"
		"Exit code: 0 nothing would newly be denied, 1 something would, or the policy or\n"
		"a log can't be read.\n",
		ARGS_POLICY | ARGS_ROOT | ARGS_JSON, 1, INT_MAX, replay_run,
	},
	{
		"learn", " [OPTION…] [LOG…]", "propose rules that would allow what was seen",
		"Reads decision logs (JSON Lines, - is stdin; none: what the daemon holds) and\n"
		"writes a drop-in file for the policy, with a rule for what it does not allow.\n"
		"Names that differ in numbers, hashes, versions and temporary names, and eight\n"
		"or more in one folder, share a rule, unless it would cover what a rule denies\n"
		"or what needs a look. Secrets, places where code is put to run later, and what\n"
		"a rule speaks against are written as comments. Before anything is written, the\n"
		"policy with the proposal is compiled and asked everything again.\n\n"
		"--policy FILE   that policy instead of /etc/portcullis/policy.ini\n"
		"--profile NAME  records of that profile only\n"
		"--since TIME    30m, 24h, 7d ago; 2026-11-21 or 2026-11-21T10:00, in UTC\n"
		"--diff          as a patch that makes policy.d/90-learned.ini\n"
		"--interactive   asks about each rule; keys may come from a pipe\n"
		"--root DIR      judge the links and users of the tree DIR\n\n"
		"Exit code: 0 written, 1 refused, or the proposal does not hold, 2 no daemon.\n",
		ARGS_POLICY | ARGS_ROOT | ARGS_PROFILE | ARGS_SINCE | ARGS_DIFF | ARGS_INTERACTIVE, 0, INT_MAX, learn_run,
	},
	{
		"reload", " [--confirm-within TIME] [--force]", "make the daemon load its policy again",
		"Compiles aside, checks [expect], then swaps in one step. With an error in the\n"
		"policy nothing changes and all errors are shown. Needs root.\n\n"
		"--confirm-within TIME  60s, 10m, 2h: on trial; the policy before comes back by\n"
		"                       itself unless 'policyctl confirm' comes in that time\n"
		"--force                also a policy that refuses what this host needs to boot,\n"
		"                       to let somebody log in and to be repaired\n\n"
		"Exit code: 0 loaded, 1 refused, 2 no daemon, or the kernel did not take it.\n",
		ARGS_SOCKET | ARGS_CONFIRM | ARGS_FORCE, 0, 0, reload_run,
	},
	{
		"confirm", "", "keep the policy that is on trial",
		"After reload --confirm-within: the policy stays. Needs root.\n\n"
		"Exit code: 0 it stays, 1 none is on trial, 2 no daemon.\n",
		ARGS_SOCKET, 0, 0, confirm_run,
	},
	{
		"status", " [--json]", "show what is loaded, live and counted",
		"Asks the daemon; the hooks are tried with a request of its own.\n\n"
		"Exit code: 0 every section is in the mode that the policy asks for; 1 it is\n"
		"not, or nothing is loaded, or a hook is dead; 2 no daemon.\n",
		ARGS_SOCKET | ARGS_JSON, 0, 0, status_run,
	},
	{
		"doctor", " [--policy FILE] [--pins DIR] [--json]", "look for what is wrong, and tell the remedy",
		"Looks at the kernel, the policy's files, the daemon, its hooks, pins and losses.\n"
		"Each line is [+] fine, [-] wrong, with the remedy, or [?] cannot be told, or\n"
		"worth a look. For root; others are told less.\n\n"
		"--policy FILE  that policy instead of /etc/portcullis/policy.ini\n"
		"--pins DIR     that folder instead of " PINS_PATH "\n"
		"--json         one JSON object\n\n"
		"Exit code: 0 nothing is wrong, 1 something is.\n",
		ARGS_SOCKET | ARGS_POLICY | ARGS_PINS | ARGS_JSON, 0, 0, doctor_run,
	},
	{
		"mode", " audit|policy [--for TIME]", "stop refusing, or go back to the policy's mode",
		"audit   decide and record everything, refuse nothing, until told otherwise\n"
		"policy  the modes that the policy asks for\n\n"
		"--for TIME  60s, 10m, 2h: audit for so long, then as the policy says\n\n"
		"Nothing on the command line makes a policy stricter. Needs root.\n",
		ARGS_SOCKET | ARGS_FOR, 1, 1, mode_run,
	},
	{
		"log", " [-f] [-n COUNT] [--json] [FILTER…] [FILE…]", "show records: the daemon's, or those of files",
		"Shows the records that the daemon holds, the last 1024, or those of decision\n"
		"logs, of this host or of others, merged by time; FILE - is stdin.\n\n"
		"-f, --follow     stay and show what comes: the last 10 of before, or -n of them,\n"
		"                 as far as the filters let them through, then all\n"
		"-n, --lines N    the last N only\n"
		"--json           records as they are: one JSON object a line\n"
		"--policy FILE    take the rules' texts from that policy; else from the daemon's,\n"
		"                 where it has not been changed since the record\n\n" FILTER_HELP "\n"
		"A line is local time, verdict, hook with access or operation, object; then why,\n"
		"and the program with pid, user and profile, and of an exec the arguments. Under\n"
		"verdict, audit is what passed but would have been denied. A terminal that is\n"
		"not wide gets two lines a record.\n\n"
		"Exit code: 0 fine, 1 a filter, a file, or a line of one is wrong, 2 no daemon.\n",
		ARGS_SOCKET | ARGS_JSON | ARGS_FOLLOW | ARGS_COUNT | ARGS_POLICY | FILTER_OPTIONS, 0, INT_MAX, log_run,
	},
	{
		"top", " [--once] [FILTER…]", "show live what is decided, by whom and why",
		"Above, the kernel's exact counters, as rates a second; below, the records: new\n"
		"denials, which flash, and the busiest programs, objects and rules. ? shows the\n"
		"keys. If the daemon ends, top says so and waits for the next one.\n\n"
		"--once         write one snapshot, for scripts; it takes two seconds\n"
		"--policy FILE  take the rules' texts from that policy; else from the daemon's\n\n" FILTER_HELP "\n"
		"Exit code: 0 fine, 1 a filter is wrong, or there is no terminal, 2 no daemon.\n",
		ARGS_SOCKET | ARGS_POLICY | ARGS_ONCE | FILTER_OPTIONS, 0, 0, top_run,
	},
	{
		"report", " --html FILE [FILTER…] [LOG…]", "write a page about what was decided",
		"Writes one page that needs no network and runs nothing: the span, decisions\n"
		"over time, what enforce mode would have broken, what was denied, sums by\n"
		"program, rule and object, and holes in the numbers of the records. Of the\n"
		"decision logs that are named, - being stdin, or else of the records that the\n"
		"daemon holds, the last 1024.\n\n"
		"--html FILE    where to; - is stdout. The file is there as a whole or not at\n"
		"               all, and only its owner can read it\n"
		"--policy FILE  take the rules' texts from that policy; else from the daemon's,\n"
		"               where it has not been changed since the record\n\n" FILTER_HELP "\n"
		"Exit code: 0 fine, 1 a filter, a file, or a line of one is wrong, 2 no daemon.\n",
		ARGS_SOCKET | ARGS_POLICY | ARGS_HTML | FILTER_OPTIONS, 0, INT_MAX, report_run,
	},
	{
		"run", " --profile NAME [--] COMMAND [ARGUMENT…]", "start a command inside a profile",
		"The command, and all that it starts, is in the family of that profile from its\n"
		"first instruction on; nothing in a family leaves it, so a run inside one is\n"
		"refused. The start of the command is judged by the profile, too. For root, and\n"
		"for users whom [run NAME] of portcullisd.conf names.\n\n"
		"Exit code: the command's own; 1 refused, 2 no daemon, 126 or 127 the command\n"
		"cannot be started, or is not there.\n",
		ARGS_SOCKET | ARGS_PROFILE, 1, INT_MAX, run_run,
	},
	{
		"attach", " --profile NAME --pid N", "put a running process into a profile",
		"The process, its threads and all that it has started are in the family of that\n"
		"profile from now on. What is in a family already stays there. Needs root.\n\n"
		"Exit code: 0 it is in that profile; 1 refused; 2 no daemon.\n",
		ARGS_SOCKET | ARGS_PROFILE | ARGS_PID, 0, 0, attach_run,
	},
	{
		"ps", " [--json]", "show the processes that are in a profile, as a tree",
		"A process whose parent is in no profile begins a tree of its own. A profile\n"
		"marked with * can only make answers stricter: it was chosen by a script's name,\n"
		"or for a program that was traced.\n\n"
		"--json  one JSON object for each process\n",
		ARGS_SOCKET | ARGS_JSON, 0, 0, ps_run,
	},
	{
		"rules", " [--unused] [OPTION…]", "show how often each rule decided, and when last",
		"Of the live policy, in its order: hits, last hit, since when the daemon counts,\n"
		"place, section and text of each rule; one of a list is a rule for each of its\n"
		"objects. A hit is a decision by that rule, recorded or not. A rule that a\n"
		"reload leaves as it is, wherever it stands, keeps its hits. Without pins a\n"
		"daemon that is started anew counts anew.\n\n"
		"--unused        those without a hit, and how long they have been watched\n"
		"--since TIME    those that were hit since then; with --unused, those that are\n"
		"                there since then and were not: 30d, 2h, 2026-01-31[T08:00:00Z]\n"
		"--profile NAME  of that profile's sections\n"
		"--hook HOOK     of [exec], [open], [connect] or [system]\n"
		"--top N         the N with the most hits, those first\n"
		"--json          one JSON object\n\n"
		"Exit code: 0 fine, 1 an option is wrong, 2 no daemon.\n",
		ARGS_SOCKET | ARGS_JSON | ARGS_UNUSED | ARGS_TOP | ARGS_SINCE | ARGS_PROFILE | ARGS_HOOK, 0, 0, rules_run,
	},
	{
		"detach", " --yes [--pins DIR]", "end the policy that outlived the daemon",
		"The programs that portcullisd pinned leave the kernel: from then on nothing is\n"
		"refused or recorded. While the daemon runs this is refused; stop it first. Needs\n"
		"root, and no daemon.\n\n"
		"--yes       nothing is done without\n"
		"--pins DIR  that folder instead of " PINS_PATH "\n\n"
		"Exit code: 0 it has ended, 1 nothing is pinned there, or refused.\n",
		ARGS_SOCKET | ARGS_YES | ARGS_PINS, 0, 0, detach_run,
	},
	{
		"help", " [VERB]", "show this, or more about a verb", "Shows more about a verb.\n",
		0, 0, 1, help_run,
	},
	{},
};

const struct verb *verb_find(const char *name)
{
	const char *names[VERBS_MAX] = {};

	for (size_t i = 0; verbs[i].name; i++) {
		names[i] = verbs[i].name;
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	fprintf(stderr, "policyctl: unknown verb '%s'%s\n", name, suggest(name, names).text);
	return NULL;
}

void help_show(const struct verb *verb)
{
	if (verb) {
		printf("usage: policyctl %s%s\n\n%s", verb->name, verb->synopsis, verb->help);
		return;
	}
	printf("usage: policyctl [--socket PATH] VERB [ARGUMENT…]\n\n");
	for (size_t i = 0; verbs[i].name; i++)
		printf("  %-8s %s\n", verbs[i].name, verbs[i].summary);
	printf("\n  --socket PATH  the daemon's control socket\n"
	       "  --help         with a verb: help for it\n"
	       "  --version      show the version\n\n"
	       "Exit codes: 0 fine, 1 refused (policy, usage, denied), 2 cannot reach the daemon\n"
	       "or the kernel.\n");
}

int help_run(const struct args *args)
{
	const struct verb *verb = NULL;

	if (args->operand_count > 0) {
		verb = verb_find(args->operands[0]);
		if (!verb)
			return EXIT_REFUSED;
	}
	help_show(verb);
	return EXIT_FINE;
}
