/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * abi.h - what kernel and user space share: the image of a policy, the record of a decision, the counters.
 *
 * The image is an array of little-endian 64-bit words. Everything in it is reached by word index, masked by the size
 * of the element that holds it, so that no content of an image can make a reader leave it. Word 0 starts the header.
 */
#pragma once

#include <linux/types.h>
#ifndef __bpf__
#include <assert.h>
#endif

#include <portcullis/limits.h>

/* The live image, and one that tasks are looked through for before it is made live. */
#define PC_IMAGES 2

#define PC_IMAGE_MAGIC 0x31694350U /* "PCi1" */
#define PC_IMAGE_VERSION 8

/* A verdict. Deny is zero, so that what was never filled in refuses; a smaller verdict is the stricter one. */
enum pc_verdict {
	PC_DENY = 0,
	PC_AUDIT = 1, /* passes, is recorded as a would-be denial */
	PC_ALLOW = 2,
	PC_NO_VERDICT = 3, /* no rule matched: only inside references */
};

enum pc_mode {
	PC_MODE_ENFORCE = 0,
	PC_MODE_AUDIT = 1,
};

/* The sections of a policy, and thereby the kinds of decisions. */
enum pc_section_id {
	PC_EXEC = 0,
	PC_OPEN = 1,
	PC_CONNECT = 2,
	PC_SYSTEM = 3,
	PC_SECTIONS = 4,
};

/* The hooks that decide: each is proven live by itself. */
enum pc_hook {
	PC_HOOK_EXEC = 0,	  /* bprm_check_security */
	PC_HOOK_OPEN = 1,	  /* file_open */
	PC_HOOK_CONNECT = 2,	  /* socket_connect */
	PC_HOOK_UNIX_CONNECT = 3, /* unix_stream_connect */
	PC_HOOK_UNIX_SEND = 4,	  /* unix_may_send */
	PC_HOOK_SEND = 5,	  /* socket_sendmsg */
	PC_HOOK_SCTP = 6,	  /* sctp_bind_connect */
	PC_HOOK_SUBFLOW = 7,	  /* mptcp_add_subflow */
	PC_HOOK_MAP = 8,	  /* mmap_file */
	PC_HOOK_PROTECT = 9,	  /* file_mprotect */
	PC_HOOK_RECEIVE = 10,	  /* file_receive */
	/* inode_… */
	PC_HOOK_CREATE = 11,
	PC_HOOK_MKNOD = 12,
	PC_HOOK_MKDIR = 13,
	PC_HOOK_SYMLINK = 14,
	PC_HOOK_UNLINK = 15,
	PC_HOOK_RMDIR = 16,
	PC_HOOK_RENAME = 17,
	PC_HOOK_LINK = 18,
	PC_HOOK_SETATTR = 19,
	PC_HOOK_SETXATTR = 20,
	PC_HOOK_REMOVEXATTR = 21,
	PC_HOOK_SET_ACL = 22,
	PC_HOOK_REMOVE_ACL = 23,
	PC_HOOK_FILE_SETATTR = 24,
	PC_HOOK_USERNS = 25,	 /* userns_create */
	PC_HOOK_MOUNT = 26,	 /* sb_mount */
	PC_HOOK_UMOUNT = 27,	 /* sb_umount */
	PC_HOOK_MOVE_MOUNT = 28, /* move_mount */
	PC_HOOK_PIVOT = 29,	 /* sb_pivotroot */
	PC_HOOK_BPF = 30,
	PC_HOOK_READ_FILE = 31, /* kernel_read_file */
	PC_HOOK_LOAD_DATA = 32, /* kernel_load_data */
	PC_HOOK_PTRACE = 33,	/* ptrace_access_check */
	PC_HOOK_TRACEME = 34,	/* ptrace_traceme */
	PC_HOOK_CHECK = 35,	/* bprm_creds_for_exec */
	PC_HOOK_HEAP = 36,	/* mmap_addr */
	PC_HOOK_REMOUNT = 37,	/* sb_remount */
	/* They decide nothing: the cache of answers lives by them. */
	PC_HOOK_INSTANTIATE = 38, /* d_instantiate */
	PC_HOOK_MOVE_BEGIN = 39,  /* __d_move */
	PC_HOOK_MOVE_END = 40,
	/* Nor do they: they keep tasks in their profiles. */
	PC_HOOK_FORK = 41,	/* task_alloc */
	PC_HOOK_NEW_TASK = 42,	/* task_newtask */
	PC_HOOK_COMMITTED = 43, /* bprm_committed_creds */
	PC_HOOK_KILL = 44,	/* task_kill */
	PC_HOOK_MAP_OPEN = 45,	/* bpf_map: a descriptor of a map */
	PC_HOOK_PROGRAM_OPEN = 46, /* bpf_prog */
	PC_HOOK_FILE_SIGNAL = 47, /* file_send_sigiotask */
	PC_HOOK_LIMIT = 48,	/* task_setrlimit */
	PC_HOOKS = 49,
	PC_HOOKS_ROOM = 64, /* a power of two */
};

/* What an [open] wants to do. The other sections ask with PC_ACCESS_READ and fill only that half of a cell. */
enum pc_access {
	PC_ACCESS_READ = 1,
	PC_ACCESS_WRITE = 2,
};

/*
 * The kinds of objects, each with a start state of its own in every section. The bytes that are fed:
 * PATH, FOREIGN, UNIX_PATH: the absolute name. UNIX_ABSTRACT: the name without its leading NUL, any bytes.
 * IP4, IP6: the address in nibbles (values 0..15), high nibble first. FAMILY: one byte, the AF_ number.
 * SYSTEM: one byte, of enum pc_system_object; in [system] alone, which has only this kind and UNRESOLVED.
 * ANON, USERNS, JIT, UNRESOLVED: nothing; the start state is the end state.
 */
enum pc_kind {
	PC_KIND_PATH = 0,
	PC_KIND_FOREIGN = 1,
	PC_KIND_ANON = 2,
	PC_KIND_USERNS = 3,
	PC_KIND_UNRESOLVED = 4, /* holds the strictest answer the section can give, unless a rule names it */
	PC_KIND_JIT = 5,	/* judged without defaults */
	PC_KIND_UNIX_PATH = 6,
	PC_KIND_UNIX_ABSTRACT = 7,
	PC_KIND_IP4 = 8, /* ends in an interval set, not in a cell: see struct pc_interval */
	PC_KIND_IP6 = 9, /* likewise */
	PC_KIND_FAMILY = 10,
	PC_KIND_SYSTEM = 11,
	PC_KINDS = 12,
};

/* What [system] decides. */
enum pc_system_object {
	PC_SYSTEM_USERNS = 1, /* a user namespace is created */
	PC_SYSTEM_MOUNT = 2,  /* mount, move, remount, unmount, pivot_root, and attaching what fsmount or open_tree made */
	PC_SYSTEM_BPF = 3,    /* the bpf() system call */
	PC_SYSTEM_MODULE = 4, /* a kernel module is loaded */
	PC_SYSTEM_PTRACE = 5, /* another process is attached to, or its memory read, as a debugger does */
	PC_SYSTEM_KEXEC = 6,  /* another kernel is loaded */
	PC_SYSTEM_OBJECTS = 7,
};

/*
 * A reference to a rule: verb, whether a match is recorded, and the rule's number.
 * bits 31-30: enum pc_verdict; bit 29: record it; bit 28: reserved, 0; bits 27-0: index into the rule table.
 * Rule 0 is every section's `default`.
 */
#define PC_REF_VERDICT_SHIFT 30
#define PC_REF_RECORD (1U << 29)
#define PC_REF_RULE_MASK ((1U << 28) - 1)
#define PC_REF_NONE ((unsigned int)PC_NO_VERDICT << PC_REF_VERDICT_SHIFT)
#define PC_RULE_DEFAULT 0

/* An end state's decision: for reading and for writing, the ordinary winner and the `never` that matches besides. */
struct pc_cell {
	__u32 read;	   /* winner among allow, audit, deny; PC_REF_NONE: no rule matched */
	__u32 never_read;  /* winner among never */
	__u32 write;	   /* likewise for writing; PC_REF_NONE outside [open] */
	__u32 never_write;
};

/* Ports and protocols of one address: disjoint, sorted by key; an interval reaches to the next one's key. */
struct pc_interval {
	__u32 key;  /* first (class << 16 | port) that it covers; the first interval of a set has key 0 */
	__u32 cell; /* index into the cell table */
};

/* A protocol's class: its IP protocol number, plus PC_CLASS_RAW for a raw socket. MPTCP and SMC count as TCP. */
#define PC_CLASS_RAW 256U
#define PC_CLASSES 512U
/* The port field of a class without ports is 0. */
#define PC_INTERVAL_KEY(class, port) ((__u32)(class) << 16 | (__u32)(port))

/* A set of intervals, by which an IP4 or IP6 end state's "cell" index is looked up. */
struct pc_interval_set {
	__u32 first; /* index into the interval table */
	__u32 count; /* at least 1 */
};

/*
 * One row of the transition table starts at the state's own number, a byte offset in the image: entry c of the row is
 * the transition on byte c, if owner says so. The entry before the row is the state's head. Rows overlap: an entry
 * belongs to the state named by owner.
 *
 * Most bytes of most names lead nowhere new. So a state's number says, in a bit that an offset has no use for, whether
 * its head would lead back to it: then the head need not be looked at.
 */
struct pc_entry {
	__u32 owner; /* head: PC_HEAD | PC_REACH_… | cell (or interval set) index; transition: the state that it belongs to; free: 0 */
	__u32 next;  /* head: the state for every byte without a transition, or PC_NEXT_ROW; transition: the state it leads to */
};
#define PC_HEAD 0x80000000U
/* In the head besides: what a name that begins as the state's may lead to, itself included. */
#define PC_REACH_DENY 0x40000000U /* a rule that denies */
#define PC_REACH_NONE 0x20000000U /* no rule at all, for reading or for writing */
#define PC_HEAD_END 0x0fffffffU /* the cell or interval set */
/* In the head's `next`: no state to go to, but one whose row holds for a byte without a transition. It has no such head. */
#define PC_NEXT_ROW 0x80000000U
#define PC_STATE(next) ((__u32)(next) & ~PC_NEXT_ROW)
/* In a state's number: it stays as it is on every byte without a transition. */
#define PC_STAYS 1U

struct pc_section {
	__u32 start[PC_KINDS];
	__u32 default_read;  /* reference; PC_REF_NONE where the section gives no default (a profile's only) */
	__u32 default_write; /* likewise */
	__u32 mode;	     /* enum pc_mode, settled at compile time */
	/* For people: the number of the first of its rules, which end where those of the next section begin. */
	__u32 first_rule;
};

/* What a rule was, for people and for records. Never read by a hook. */
struct pc_rule {
	__u32 file;   /* byte offset of the file's name in the text area */
	__u32 line;   /* 0 for PC_RULE_DEFAULT */
	__u32 text;   /* byte offset of "deny.read = /etc/shadow" in the text area */
	__u16 length; /* of that text, without its NUL */
	__u8 section; /* enum pc_section_id; of an `exe` line PC_EXEC */
	__u8 verb;    /* enum pc_rule_verb */
};

enum pc_rule_verb {
	PC_VERB_ALLOW = 0,
	PC_VERB_AUDIT = 1,
	PC_VERB_DENY = 2,
	PC_VERB_NEVER = 3,
};

/* ---- Profiles ---- */

/*
 * What a task is in: 0 for no profile, else the profile's id, which is made from its name and so stays the same in
 * every image; the lowest bit tells that the profile may only make answers stricter.
 */
#define PC_PROFILE_NONE 0ULL
/* It could not be told: refused, where the policy enforces, until it can. */
#define PC_PROFILE_UNKNOWN (~1ULL)
#define PC_PROFILE_STRICTER 1ULL
#define PC_PROFILE_ID(task) ((task) & ~PC_PROFILE_STRICTER)

enum pc_profile_flags {
	PC_PROFILE_PROCESS = 1, /* scope = process: looked for anew at each exec */
	PC_PROFILE_LOOSENS = 2, /* some rule of its may answer more loosely than a host-wide denial */
};

/* Sorted by id. */
struct pc_profile {
	__u64 id;    /* even; neither PC_PROFILE_NONE nor PC_PROFILE_UNKNOWN */
	__u32 name;  /* byte offset in the text area */
	__u32 flags; /* enum pc_profile_flags */
	struct pc_section sections[PC_SECTIONS];
};

/* A process that is in a profile, as `roster` tells it; or a thread that is in another one than its process. */
struct pc_task {
	__u64 profile; /* as kept with the task */
	__u32 pid;     /* thread group */
	__u32 tid;
	__u32 ppid; /* thread group of the parent */
	__u32 uid;  /* real, in the initial user namespace */
	char comm[16];
};

/*
 * What is asked of a task besides its program; of one kind any must hold, and of each kind that is given one. In the order
 * in which they make a profile more specific.
 */
enum pc_condition_kind {
	PC_CONDITION_UNIT = 0,	 /* unit of the system manager, by pc_unit() */
	PC_CONDITION_CGROUP = 1, /* path of its cgroup (version 2) from the root of the hierarchy on */
	PC_CONDITION_USER = 2,	 /* real user id */
	PC_CONDITION_GROUP = 3,	 /* real group id, or a supplementary one */
	PC_CONDITIONS = 4,
};

struct pc_condition {
	__u32 kind;
	__u32 value; /* the id; UNIT, CGROUP: state before the name, of an automaton in which any match will do */
};

/* The profiles with the same conditions: an automaton of their programs, whose cells name an `exe` line in `read`. */
struct pc_choice {
	__u32 start;	       /* state before the program's name */
	__u32 any;	       /* item of the exes area for programs that no line names; PC_EXE_NONE: none */
	__u32 first_condition; /* item of the conditions area */
	__u32 condition_count;
};
#define PC_EXE_NONE 0xffffffffU

/* What an `exe` line, or its absence, leads to. The lines' rules lie from header.first_exe on, with others between. */
struct pc_exe {
	__u32 profile;	  /* item of the profiles area */
	__u32 preference; /* of several that fit the least is taken */
};

/* A run of items in the image: first word and how many items. */
struct pc_area {
	__u32 word;
	__u32 count;
};

struct pc_image_header {
	__u32 magic;
	__u32 version;
	__u64 id;   /* random: tells images apart for ever; set by whoever applies it, 0 as compiled */
	__u32 size; /* bytes used, a multiple of 8 */
	__u32 mode; /* enum pc_mode: [policy]'s own */
	struct pc_area table;	  /* struct pc_entry */
	struct pc_area cells;	  /* struct pc_cell; cell 0 is the cell without any match */
	struct pc_area sets;	  /* struct pc_interval_set */
	struct pc_area intervals; /* struct pc_interval */
	struct pc_area rules;	  /* struct pc_rule */
	struct pc_area profiles;  /* struct pc_profile */
	struct pc_area choices;	  /* struct pc_choice */
	struct pc_area exes;	  /* struct pc_exe: from the rule first_exe on, then those of no line */
	struct pc_area conditions; /* struct pc_condition */
	struct pc_area text;	  /* bytes (count in bytes): NUL-terminated strings */
	__u32 name;		  /* [policy] name, byte offset in the text area */
	__u32 first_exe;	  /* number of the first rule by which profiles are chosen */
	__u32 hits;		  /* which of PC_HITS maps counts how often its rules decide; as `id` set by whoever applies it */
	__u32 reserved;
	struct pc_section host[PC_SECTIONS]; /* the host-wide sections */
};

/* ---- Records ---- */

/* The first word of each. */
enum pc_record_type {
	PC_RECORD_DECISION = 1, /* struct pc_event */
	PC_RECORD_PROCESS = 2,	/* struct pc_process */
};

struct pc_ancestor {
	__u32 pid;     /* thread group, in the initial pid namespace */
	char comm[16]; /* NUL-padded */
};

/*
 * Whom decisions are about: told in each ring before the first decision about it there, and again whenever the programs are
 * not sure that they told. Another program, or another cgroup, makes another process of it. The text is as long as
 * the lengths say.
 */
struct pc_process {
	__u32 type; /* PC_RECORD_PROCESS */
	__u32 pid;
	__u64 id;    /* random */
	__u64 start; /* CLOCK_BOOTTIME, ns */
	__u16 exe_length;    /* of the program's name as of its last exec; 0: it was started before there was a policy */
	__u16 cgroup_length; /* of the path of its cgroup (version 2); 0: it can't be told */
	__u16 unit_at;	     /* where in that path the unit lies */
	__u16 unit_length;   /* 0: in none */
	__u8 exe_kind;	     /* enum pc_kind */
	__u8 is_exe_cut;
	__u8 ancestor_count;
	__u8 reserved[5];
	struct pc_ancestor ancestors[PC_ANCESTORS_MAX]; /* the parent first */
	char text[PC_EXE_MAX + PC_CGROUP_MAX];		/* exe, cgroup */
};
#define PC_PROCESS_HEAD_SIZE __builtin_offsetof(struct pc_process, text)

enum pc_event_flags {
	PC_EVENT_CUT = 1,	 /* the object is longer than what the record holds */
	PC_EVENT_INTERNAL = 2, /* an open that a stacked file system made on somebody's behalf */
	PC_EVENT_FAMILY = 8,   /* a family may not trace what is outside it; no one rule did it */
	PC_EVENT_ARGS_CUT = 16, /* there were more arguments, or some could not be read */
	PC_EVENT_TREE = 4,     /* a move of a directory below which names are refused; no one rule did it */
};

/* What was about to be done, where hook and access don't say it. */
enum pc_operation {
	PC_OP_NONE = 0, /* an exec, an open, a connect */
	PC_OP_CREATE = 1,
	PC_OP_REMOVE = 2,
	PC_OP_RENAME = 3,
	PC_OP_LINK = 4,
	PC_OP_TRUNCATE = 5,
	PC_OP_ATTRIBUTES = 6, /* mode, owner, times, extended attributes, ACLs */
	PC_OP_MAP = 7,	      /* executable memory */
	PC_OP_RECEIVE = 8,    /* a descriptor from another process */
	PC_OP_SEND = 9,	      /* a message to an address, without a connect */
	PC_OP_CHECK = 10,     /* execveat() with AT_EXECVE_CHECK: nothing is run */
	PC_OPERATIONS = 11,
};

/* A decision. Of the object and the arguments only so many bytes lie in the ring as there are. */
struct pc_event {
	__u32 type;	  /* PC_RECORD_DECISION */
	__u32 profile;	  /* the task's: its place in the image's profiles area, plus 1; 0: none */
	__u64 process;	  /* id of a struct pc_process */
	__u64 time;	  /* CLOCK_BOOTTIME, ns */
	__u64 image;	  /* id of the image that decided */
	__u64 cgroup;	  /* cgroup v2 id of the task */
	__u64 ino;	  /* of the object; 0 if it has none */
	__u32 dev;	  /* super block's device number as the kernel holds it (major << 20 | minor) */
	__u32 mnt_ns;	  /* inode number of the task's mount namespace */
	__u32 rule;	  /* PC_REF_RULE_MASK bits of the deciding reference */
	__u32 pid;	  /* thread group, in the initial pid namespace */
	__u32 tid;
	__u32 ppid;
	__u32 uid;	  /* real, in the initial user namespace */
	__u32 gid;
	__u32 object_len; /* bytes of the object's name; may exceed what is carried: see PC_EVENT_CUT */
	__u16 port;	  /* host order; IP kinds */
	__u16 class;	  /* protocol class; IP kinds */
	__u8 hook;	  /* enum pc_section_id */
	__u8 verdict;	  /* what happened: PC_DENY, PC_AUDIT, PC_ALLOW */
	__u8 verb;	  /* the rule's own: enum pc_verdict */
	__u8 access;	  /* enum pc_access bits */
	__u8 kind;	  /* enum pc_kind */
	__u8 mode;	  /* enum pc_mode that the answer was judged in */
	__u8 flags;	  /* enum pc_event_flags */
	__u8 operation;	  /* enum pc_operation */
	__u16 args_length; /* bytes of an exec's arguments, each with its NUL; the last may be cut, and be without */
	__u16 args_count;
	__u16 repeat;	  /* place in the repeats plus 1: there those that follow are counted; 0: nowhere */
	__u16 reserved;
	__u32 repeat_version; /* while it is that */
	__u32 reserved2;
	char comm[16];	  /* of the task, NUL-padded */
	/*
	 * IP4: 4 bytes, IP6: 16 bytes, FAMILY, SYSTEM: 1 byte, names: the bytes fed to the automaton, no NUL at the end.
	 * The arguments follow what is carried of the object.
	 */
	char object[PC_EVENT_OBJECT_MAX + PC_ARGS_MAX];
};
#define PC_EVENT_HEAD_SIZE __builtin_offsetof(struct pc_event, object)

/* ---- Hits ---- */

/* How often a rule decided, of logged and of cached answers alike, and when last. */
struct pc_hit {
	__u64 count;
	__u64 last;  /* CLOCK_BOOTTIME, ns; 0: never */
	__u64 since; /* seconds since 1970, of a rule that the policy before had as well; 0: the policy was loaded then */
};

/* ---- Counters: at rest decided = logged + coalesced + unlogged + lost, for each hook and verdict. ---- */

enum pc_fate {
	PC_DECIDED = 0,
	PC_LOGGED = 1,
	PC_COALESCED = 2,
	PC_UNLOGGED = 3,
	PC_LOST = 4,
	PC_FATES = 5,
};

/* Why a decision was made by the strictest rule instead of by the object's name. */
enum pc_trouble {
	PC_TROUBLE_NO_SCRATCH = 0,  /* all buffers of this CPU were taken (6.1 with full preemption only) */
	PC_TROUBLE_RACED = 1,	    /* the object was being renamed at each try */
	PC_TROUBLE_DEEP = 2,	    /* more than PC_DEPTH_MAX components */
	PC_TROUBLE_DETACHED = 3,    /* the walk up ended at no known root */
	PC_TROUBLE_CASEFOLD = 4,    /* the directory compares names in its own way */
	PC_TROUBLE_MOUNTS = 5,	    /* the mounts of the file system could not be told */
	PC_TROUBLE_ADDRESS = 6,	    /* a socket address could not be read */
	PC_TROUBLE_FAULT = 7,	    /* kernel memory could not be read */
	PC_TROUBLE_PROFILE = 8,	    /* the task's profile could not be told */
	PC_TROUBLE_STUB = 9,	    /* the program that decides was not in its place */
	PC_TROUBLES = 10,
	PC_TROUBLES_ROOM = 16, /* a power of two */
};

/* One CPU's counters. */
struct pc_counters {
	__u64 fate[PC_SECTIONS][3][PC_FATES]; /* [section][verdict][fate] */
	__u64 trouble[PC_TROUBLES_ROOM];
	__u64 kernel_threads; /* decisions of the built-in profile `kernel`, all allowed, not counted above */
	__u64 no_policy;      /* hooks that ran while no policy was loaded */
	/* Plain allows, decided and unlogged, besides those in `fate`: found out in place, and known by the cache. */
	__u64 plain[PC_SECTIONS];
	__u64 remembered[PC_SECTIONS];
	__u64 cache_fills;
	__u64 cache_evictions; /* fills that took the place of what still held */
	__u64 own;	      /* denials of the daemon's own task that were turned into allows */
	__u64 guarded;	      /* attempts on the daemon itself that were refused: enum pc_protect */
};

/* What is kept from the daemon: bits. */
enum pc_protect {
	PC_PROTECT_SIGNALS = 1, /* that would end or stop it, but those of who started it */
	PC_PROTECT_TRACING = 2, /* its memory, too */
	PC_PROTECT_BPF = 4,	/* its maps and programs, and their pins */
};

/* What the daemon tells the programs of itself. */
struct pc_learn {
	__s32 pins; /* an open descriptor of the folder of pins; −1: none */
};

/* What is the daemon's among the kernel's BPF objects: the number of a map, or of a program or a link with that bit. */
#define PC_GUARDED_PROGRAM (1ULL << 32)
#define PC_GUARDED_LINK (1ULL << 33)
#define PC_GUARDED_MAX 256

/* ---- Decisions that repeat: one record is told, what follows is counted. ---- */

/* A power of two. */
#define PC_REPEATS 1024

/*
 * Decisions with the same profile, hook, rule, verdict, object and program, after the one that was recorded. Kernel and daemon
 * write to it, each by compare-and-swap of `word`; an odd version is somebody's claim on the rest.
 */
struct pc_repeat {
	__u64 word;    /* version in the upper half; in the lower, decisions since the last record about them */
	__u64 key;     /* hash of what they have in common; 0: free */
	__u64 program; /* of who asks, as the kernel's programs tell it */
	/* By what the cache knows the object again, if it does. */
	__u64 object;
	__u64 world;
	__u32 sequence;
	__u32 question;
	__u32 rule;	/* as its hits are counted */
	__u32 state;	/* what the cache keeps of a file whose opens are counted here: repeat_state() */
};
#define PC_REPEAT_VERSION(word) ((__u32)((word) >> 32))
#define PC_REPEAT_COUNT(word) ((__u32)(word))
#define PC_REPEAT_WORD(version, count) ((__u64)(__u32)(version) << 32 | (count))

/* ---- How often rules decide, of logged and of cached answers alike. ---- */

/* Policies that are counted at once: the live one, and that before it. */
#define PC_HITS 2
/* Rules that one CPU counts by itself, before that goes to the policy's map; a power of two. */
#define PC_HIT_SLOTS 256

struct pc_hit_slot {
	__u64 word; /* which rule, and how often: see bpf/lsm/hits.h; 0: free */
	__u64 last; /* jiffies */
};

struct pc_cpu {
	struct pc_counters counters;
	struct pc_hit_slot slots[PC_HIT_SLOTS];
};

#ifndef __bpf__
/* Copied by value between kernel and user space: a change of size is a change of the ABI. */
static_assert(sizeof(struct pc_cell) == 16, "pc_cell is ABI");
static_assert(sizeof(struct pc_entry) == 8, "pc_entry is ABI");
static_assert(sizeof(struct pc_interval) == 8, "pc_interval is ABI");
static_assert(sizeof(struct pc_rule) == 16, "pc_rule is ABI");
static_assert(sizeof(struct pc_section) == 64, "pc_section is ABI");
static_assert(sizeof(struct pc_profile) == 272, "pc_profile is ABI");
static_assert(sizeof(struct pc_repeat) == 56, "pc_repeat is ABI");
static_assert(sizeof(struct pc_hit) == 24, "pc_hit is ABI");
static_assert(sizeof(struct pc_task) == 40, "pc_task is ABI");
static_assert(sizeof(struct pc_image_header) == 376, "pc_image_header is ABI");
static_assert(PC_EVENT_HEAD_SIZE == 128, "pc_event is ABI");
static_assert(PC_PROCESS_HEAD_SIZE == 200, "pc_process is ABI");
#endif
