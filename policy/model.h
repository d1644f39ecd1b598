/* SPDX-License-Identifier: GPL-2.0-only */
/* model.h - a parsed policy: what the text says, before it is compiled. Owned by struct policy as a whole. */
#pragma once

#include "diag.h"

#include <linux/types.h>
#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>

enum log_choice {
	LOG_SECTION, /* as the section's `log` says */
	LOG_QUIET,
	LOG_ALWAYS,
};

enum section_log {
	LOG_DENY, /* all but plain allows */
	LOG_ALL,
	LOG_NONE,
};

/* Inclusive range of ports, host order. */
struct port_range {
	__u16 first;
	__u16 last;
};

/* An object of a rule, without the list name or prefix it was written with. */
struct object {
	enum pc_kind kind;
	/* PATH, FOREIGN, UNIX_PATH, UNIX_ABSTRACT: the glob behind "foreign:", "unix:" or "unix:@", unparsed. */
	char *glob;
	/* IP4, IP6: address in network order, prefix in bits. `any` is two objects, IP4 and IP6 of length 0. */
	__u8 address[16];
	unsigned int prefix;
	bool is_any; /* written `any`: ranks below 0.0.0.0/0 and ::/0 */
	struct port_range *ports; /* sorted, disjoint, not adjacent; none: any port, and portless protocols */
	size_t port_count;
	/* -1: any; else an IP protocol number, or PC_CLASS_RAW for `raw`; icmp is 1, and 58 for IP6 */
	int protocol;
	bool is_protocol_number; /* written as a number: covers its raw sockets too, a name does not */
	__u8 byte;               /* FAMILY: AF_ number; SYSTEM: enum pc_system_object */
};

/* Whether the automaton is fed object.byte. */
static inline bool kind_is_byte(enum pc_kind kind)
{
	return kind == PC_KIND_FAMILY || kind == PC_KIND_SYSTEM;
}

/*
 * Sections are numbered in groups of PC_SECTIONS, by their enum pc_section_id: group 0 is host-wide, then come those of
 * policy->profiles, then the choices, whose sections hold the patterns by which those profiles are chosen.
 */
static inline enum pc_section_id section_id(unsigned int section)
{
	return (enum pc_section_id)(section % PC_SECTIONS);
}

static inline unsigned int section_number(size_t group, enum pc_section_id id)
{
	return (unsigned int)(group * PC_SECTIONS) + id;
}

struct rule {
	struct loc loc;  /* of the rule's own line, also for an object that came from a list */
	struct loc item; /* of the list item or list-file line; file NULL if the rule itself holds the object */
	unsigned int section;
	enum pc_rule_verb verb;
	unsigned int access; /* enum pc_access bits; both without suffix; PC_ACCESS_READ outside [open] */
	bool access_given;   /* .read or .write was written */
	enum log_choice log;
	size_t profile; /* that an `exe` line leads to: index of policy->profiles */
	struct object object;
	char *text;    /* "deny.read = /etc/shadow", the list resolved: what people and records are shown */
	bool is_alias; /* added because the rule's fixed part passes through a link */
};

/* Where a rule's object stands. */
static inline const struct loc *rule_loc(const struct rule *rule)
{
	return rule->item.file ? &rule->item : &rule->loc;
}

enum section_scalar {
	SECTION_DEFAULT,
	SECTION_LOG,
	SECTION_MODE,
	SECTION_SCALARS,
};

struct section {
	bool is_given;
	struct loc loc;
	struct loc scalars[SECTION_SCALARS]; /* where they stand; file NULL: not given */
	enum pc_verdict default_verdict;     /* if not given PC_ALLOW, in a profile PC_NO_VERDICT */
	enum section_log log;
	enum pc_mode mode; /* the section's own, or else its profile's, or else [policy]'s: settled by the parser */
	size_t first_rule; /* its rules follow each other in policy->rules */
	size_t rule_count;
};

/* Of a profile: what is asked of a task besides its program. */
struct condition {
	enum pc_condition_kind kind;
	__u32 value;
	char *glob; /* UNIT, CGROUP: as written; else NULL */
	struct loc loc;
};

/* Sections of a choice: its programs, PATH, and those of its conditions that are patterns, FOREIGN. */
enum choice_section {
	CHOICE_PROGRAMS = PC_EXEC,
	CHOICE_UNITS = PC_OPEN,
	CHOICE_CGROUPS = PC_CONNECT,
};

struct profile {
	char *name;
	struct loc loc; /* of [profile NAME]; else, file NULL, it is only spoken of */
	struct loc first; /* where it is first spoken of */
	__u64 id;	  /* made from the name: profile_id() */
	bool is_process;  /* scope = process */
	struct loc scope_loc;
	enum pc_mode mode; /* as given, or [policy]'s: settled by the parser */
	struct loc mode_loc;
	struct condition *conditions; /* sorted, each once */
	size_t condition_count;
	size_t exe_count; /* `exe` lines */
	size_t choice;	  /* that it is chosen in, if it has `exe` lines or conditions; see profile_is_chosen() */
};

/* Others are entered by `policyctl run` and `attach` alone. */
static inline bool profile_is_chosen(const struct profile *profile)
{
	return profile->exe_count > 0 || profile->condition_count > 0;
}

struct expectation {
	struct loc loc;
	enum pc_verdict verdict; /* by the rules, not by the mode */
	enum pc_section_id section;
	unsigned int access;  /* enum pc_access bits; each must give the verdict */
	struct object object; /* no wildcards */
	char *profile_name;   /* NULL: asked for a task without a profile */
	size_t profile;	      /* index of policy->profiles, if there is a name */
	char *text;
};

/* A symbolic link that a name of the policy passes through, and what it held; "": it would, but is not there. */
struct policy_link {
	char *name;
	char *target;
};

/* Sorted by name, each once. See link_list.h. */
struct policy_links {
	struct policy_link *list;
	size_t count;
};

/* By these a later reading is known to be of the same text, and to find every name where it was. */
struct policy_marks {
	__u64 text;  /* of all files that were read */
	__u64 names; /* of where rules and expectations lead through links and bind mounts */
};

struct policy {
	char **files; /* paths as the user gave them; every loc.file points here */
	size_t file_count;
	char *name; /* or NULL */
	enum pc_mode mode;
	struct section *sections; /* by number */
	size_t section_count;
	struct profile *profiles; /* by id */
	size_t profile_count;
	size_t choice_count; /* of different conditions among the profiles that are chosen */
	struct rule *rules; /* by section, then in the order of the text; aliases after those that were written */
	size_t rule_count;
	struct expectation *expectations;
	size_t expectation_count;
	struct policy_links links;
	struct policy_marks marks;
};
