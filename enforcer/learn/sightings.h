/* SPDX-License-Identifier: GPL-2.0-only */
/* sightings.h - what records say was asked and not plainly allowed: each object and access once. */
#pragma once

#include "learn/evidence.h"
#include "learn/past.h"
#include "learn/sensitive.h"

/* What can become of it. */
enum sighting_class {
	SIGHTING_PROPOSED, /* nothing speaks against a rule */
	SIGHTING_REVIEW,   /* only if a person says so: `why`, or the rule that speaks against it */
	SIGHTING_LEFT,     /* no rule can allow it: `why`, or the `never` that forbids it */
};

struct sighting {
	struct question question; /* one access; points into this */
	__u8 byte;
	char *bytes; /* owned: what the question is about, NUL-terminated besides */
	char *object; /* owned: as the record has it, for what has no name but words: addresses, families, anon: … */
	bool is_raw; /* see struct past */
	enum sighting_class class;
	const char *why; /* static, or NULL */
	size_t rule;     /* index + 1 of policy->rules; 0: none */
	struct evidence evidence;
	unsigned long long
		shared; /* of writing: decisions that the sighting of reading the object counts too */
};

struct sightings {
	const struct policy *policy; /* that is in force */
	const struct image *image;   /* of that policy */
	const struct sensitive *sensitive;
	void *tree;             /* tsearch(3) of struct sighting */
	struct sighting **list; /* by sightings_sort() */
	size_t count;
	unsigned long long allowed; /* decisions that the policy allows */
};

/* Takes a record. −EINVAL: it can't be judged, *ret_why says why. −ENOMEM. */
int sightings_add(struct sightings *sightings, const struct record *record, const char **ret_why);
/* By profile, section, kind, access, class, reason, object: what can share a rule follows each other. */
int sightings_sort(struct sightings *sightings);
void sightings_done(struct sightings *sightings);

/* Whether the same speaks against both. */
bool sighting_has_same_reason(const struct sighting *a, const struct sighting *b);
/* Whether two may be one rule's, as far as their places in a policy and the reasons say. */
bool sighting_is_alike(const struct sighting *a, const struct sighting *b);
/* The answer of a policy's image by its rules, whatever the mode: enum pc_verdict. */
unsigned int sighting_verdict(const struct sighting *sighting, const struct image *image);
