/* SPDX-License-Identifier: GPL-2.0-only */
/* limits.h - every bound of Portcullis, each with its reason. */
#pragma once

/* Policy text. inih splits lines at 200 bytes, so the reader refuses anything longer than this. */
#define PC_LINE_MAX 190
/* One object of a list file: "unix:" + PATH_MAX and a little room for a quoted byte or two. */
#define PC_LIST_LINE_MAX 4351
/* A list, profile or policy name: it is copied into records and socket frames. */
#define PC_NAME_MAX 32
/* What one pattern may expand to by braces: more is a list in disguise. */
#define PC_BRACE_MAX 64
/* Rules of one image: the rule number has 28 bits in a reference; this is what was measured, with room. */
#define PC_RULES_MAX (1U << 20)
/* The texts of all rules, lists written out: an image holds them, so more could not be compiled anyway. */
#define PC_RULES_TEXT_MAX (64U << 20)
/* Errors that are shown, and as many warnings and notes: a feed of the wrong format must not fill the memory. */
#define PC_DIAGS_MAX 10000
/* States of one table: 8 M headers of 8 bytes fill the largest image class. Fuzzers build with a smaller bound. */
#ifndef PC_STATES_MAX
#define PC_STATES_MAX (1U << 22)
#endif
/* Nodes of the tree of one automaton's patterns: each is a state, unless others always win there. */
#define PC_NODES_MAX (4 * PC_STATES_MAX)
/* Codes of those patterns, braces written out: what is not in the tree was shared there. */
#define PC_CODES_MAX (1U << 27)
/* Steps of building one automaton: what multiplies is told within two seconds; 100,000 rules that don't take a tenth. */
#ifndef PC_COMPILE_WORK_MAX
#define PC_COMPILE_WORK_MAX 100000000ULL
#endif
/* Intervals of one address: ports and protocols of all the rules that cover it (2^18 at most are searched). */
#define PC_INTERVALS_MAX (1U << 18)
#define PC_INTERVAL_STEPS 19

/* Profiles of one policy: their places have a part of the cache's questions. */
#define PC_PROFILES_MAX 4096
/* Different sets of conditions (unit, cgroup, user, group) among a policy's profiles: each is looked through at every exec. */
#define PC_CHOICES_MAX 256
/* Units, cgroups, users or groups of one profile. */
#define PC_CONDITIONS_MAX 64
/* The longest path of a cgroup that profiles can be asked about: that of a pod's container has some 250. */
#define PC_CGROUP_MAX 1024

/* Names. A name longer than this many components is judged as `unresolved:`. */
#define PC_DEPTH_MAX 256
/* The longest file name that Linux file systems give. */
#define PC_COMPONENT_MAX 255
/* PC_DEPTH_MAX components of PC_COMPONENT_MAX bytes with a slash before each. */
#define PC_TEXT_MAX (PC_DEPTH_MAX * (PC_COMPONENT_MAX + 1))
/* Bytes of the object that a record carries; a longer name is cut in the record, marked, never in the verdict. */
#define PC_EVENT_OBJECT_MAX 4096
/* Arguments of an exec that a record carries, and their bytes. */
#define PC_ARGS_COUNT_MAX 64
#define PC_ARGS_MAX 4096
/* Of a program's name that its process's record carries, and of its ancestors. */
#define PC_EXE_MAX 256
#define PC_ANCESTORS_MAX 8

/* Sizes of the one map element that holds an image; the smallest that fits twice is chosen at load. */
#define PC_IMAGE_CLASSES 4
#define PC_IMAGE_CLASS_MIN (1U << 20)
#define PC_IMAGE_CLASS_MAX (64U << 20)

/* Answers that are remembered for one place of the cache: a file has a handful of ways to be opened. */
#define PC_CACHE_WAYS 4
/* Its places: 4 MiB. A power of two. */
#define PC_CACHE_SETS (1U << 15)

/* Host mounts of one file system that are remembered; more makes names of it `unresolved:` unless one is nearest to / */
#define PC_MOUNTS_PER_FS 32
/* File systems whose host mounts are remembered at once. */
#define PC_FS_MAX 8192
