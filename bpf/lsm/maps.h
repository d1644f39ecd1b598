/* SPDX-License-Identifier: GPL-2.0-only */
/* maps.h - everything the programs keep: settings, images, scratch buffers, mounts, counters, rings. */
#pragma once

#include "kernel_types.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <portcullis/abi.h>

#define INLINE static __always_inline
/* A function of its own: the many ways through it are one to who calls it, in the verifier's eyes. */
#define APART static __attribute__((noinline, unused))

/* ---- Settled at load, frozen, folded by the verifier. ---- */

const volatile __u32 image_mask = PC_IMAGE_CLASS_MIN - 8; /* of a word's offset in an image element */
const volatile __u64 processes_seed; /* of their ids: random */
const volatile __u32 slots_per_cpu = 1; /* scratch buffers of a CPU: 1 where preemption can be switched off */

/* ---- Written by the daemon while the programs run. ---- */

volatile __u32 is_live;		/* 0: standby, every hook passes without a decision */
volatile __u32 is_audit_forced; /* `policyctl mode audit` */
volatile __u32 nothing;		/* 0, which the verifier doesn't know: answer_forget() */
volatile __u32 own_tgid;	/* the daemon: never refused, nor are its children */
volatile __u64 own_start;	/* and when it started: its number may be another's later */
volatile __u64 own_task;	/* its struct task_struct; another's memory, once it is gone */
volatile __u64 own_exe_ino;	/* the file of its program, and that file's device */
volatile __u32 own_exe_dev;
volatile __u32 is_sealed;	/* until the next boot: the same program alone may come after it */
volatile __u32 protects;	/* of it: enum pc_protect */
volatile __u64 pins_dentry;	/* the folder that its links and maps are pinned below; 0: none */
volatile __u64 pins_sb;		/* and that folder's file system */
volatile __u64 pins_mount;	/* and its mount */
volatile __u32 canary_tgid;	/* a child of its, whose requests only prove that the hooks run */
volatile __u64 host_mnt_ns;	/* struct mnt_namespace of PID 1 */
volatile __u64 host_user_ns;	/* struct user_namespace of PID 1 */
/* The cache: see cache.h. */
volatile __u32 is_cache_on;	/* the programs that watch over it run */
volatile __u64 policies;	/* swaps of the policy, begun and ended: odd while one is under way; profiles given to tasks that run */
volatile __u64 directory_moves; /* grows with each; odd while one is under way */
volatile __u32 canary_seen[PC_HOOKS_ROOM];
/* Profiles: see subject.h. */
volatile __u32 has_profiles;   /* tasks are followed, and asked for theirs */
volatile __u32 subjects_epoch; /* since when: what is known of a task from an earlier time is nothing */
volatile __u64 census_changed; /* tasks to which it gave a profile */
volatile __u64 census_failed;  /* tasks about which it could keep nothing */
/* The daemon's own notes, for the one that comes next: no program reads them. */
volatile __u64 stubs_replaced;
volatile __u64 audit_until; /* CLOCK_BOOTTIME, ns: the end of a forced audit; 0: it has none */
volatile __u64 policy_loaded; /* CLOCK_REALTIME, ns */
volatile __u64 records_taken; /* of decisions, by all daemons */
volatile __u64 repeats_told;  /* decisions that repeated others, likewise */
#ifdef PC_WITHOUT_PROFILES
/* For the benchmark: the same programs, with nothing asked about profiles. What the daemon writes is not read. */
#define has_profiles 0
#define KNOWS_PROFILES 0
#else
#define KNOWS_PROFILES 1
#endif
/* The process that is to join a family (census.h); tgid 0: none is. */
volatile __u32 join_tgid;
volatile __u32 join_uid;     /* real user id that it must have; ~0: any */
volatile __u64 join_before;  /* CLOCK_BOOTTIME, ns: one that began later is another one with that number */
volatile __u64 join_profile; /* the family's id */
volatile __u64 join_found;   /* it, once the process is in it */
volatile __u64 join_family;  /* another one that the process is in, and stays in */
volatile __u32 join_given;   /* the process was in none before */

/* ---- The policy. ---- */

struct inner_image {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(map_flags, BPF_F_RDONLY_PROG | BPF_F_MMAPABLE);
	__uint(value_size, PC_IMAGE_CLASS_MIN); /* replaced at load by the size class asked for */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, PC_IMAGES);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__array(values, struct inner_image);
} images SEC(".maps");

/* ---- Who asks. ---- */

/* What a task is in: see subject.h. */
struct subject {
	__u64 profile; /* see PC_PROFILE_NONE */
	__u64 next;    /* what it is in when the exec under way succeeds */
	__u64 bprm;    /* of that exec, from its second step on */
	__u32 next_preference;
	__u32 epoch;
	__u64 born;  /* CLOCK_BOOTTIME, ns: no later than when its parent's profile was looked at; 0: before tasks were followed */
	__u64 given; /* likewise: no earlier than when the census gave it its profile; 0: an exec did, or its parent */
	__u32 is_chosen; /* the census gave it its profile by the program that it ran */
	/* Where the profile lies in an image. */
	__u32 place;
	__u64 image;
	__u64 known; /* what `profile` was then */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct subject);
} subjects SEC(".maps");

/* The search for a task's profile (choose.h). */
struct choosing {
	__u64 groups; /* address of the supplementary ones */
	__u32 user;
	__u32 group;
	__u32 group_count;
	__u32 phase;
	__u32 choice; /* number, and where it lies in the image */
	__u32 choice_at;
	__u32 condition; /* the next one, and how many are left */
	__u32 left;
	__u32 given; /* kinds of conditions: bits */
	__u32 met;
	__u32 low; /* of the groups that are looked through for one */
	__u32 high;
	__u32 start; /* state before the program's name; 0: it has no name */
	__u32 exe;   /* as struct pc_choosing */
	__u32 preference;
	__u32 begin; /* of what a pattern is asked of, its end, and what is walked over next, in which state */
	__u32 end;
	__u32 at;
	__u32 state;
	__u32 kind; /* of the condition */
};

/* The path of a task's cgroup, built from its end (cgroup.h): where in `text` it begins, and the unit in it. */
struct cgroup_path {
	__u64 node;  /* address of the kernfs_node whose name is next */
	__u32 place; /* enum cgroup_place */
	__u32 begin;
	__u32 unit;
	__u32 unit_end;
	char before[8]; /* of a name */
	char name[PC_COMPONENT_MAX + 1];
	char text[PC_CGROUP_MAX + PC_COMPONENT_MAX + 1];
};

/* ---- Scratch: one request at a time owns a slot. ---- */

/* A dentry on the way from an object up to `/`; the roots of file systems and mounts add no name and have none. */
struct link {
	__u64 dentry;
	__u64 parent;
	__u64 name;
	__u32 length; /* of the name */
	__u32 sequence;
};

#define NAME_WORDS 4

/* A name that lies in its dentry. */
struct short_name {
	__u64 words[NAME_WORDS];
	__u32 length;
	__u32 reserved;
};

/* Folders that are looked up through for one that the cache knows. */
#define FOLDERS_MAX 16

/* One of them (folder.h). */
struct folder {
	__u64 dentry;
	__u32 set; /* of the cache, that it belongs in */
	__u32 reserved;
	struct short_name name;
};

/* A mount on the way: where it hung when it was passed. */
struct hop {
	__u64 mount;
	__u64 parent;
	__u64 mountpoint;
};

/* Mounts that may be stacked in one another. */
#define HOPS_MAX 64

/* A mount by which the host names a file system. */
struct host_mount {
	__u64 mount; /* struct mount */
	__u64 root;  /* its root dentry */
	__u32 depth; /* components of its mount point's name */
	__s32 id;
};

/* How the names of a file system are told. */
struct fs_naming {
	__u64 key;    /* whose this is: an element may be reused under a reader, who then finds another here */
	__u64 event;  /* of the host's mount namespace when this was found out */
	__u32 kind;   /* PC_KIND_PATH, _FOREIGN, _USERNS, _ANON, _UNRESOLVED */
	__u32 flags;  /* enum naming_flags */
	__u32 count;  /* of `mounts`; PC_KIND_PATH only */
	__u32 second; /* least depth among mounts[1…] */
	__u32 dropped; /* least depth of those that there was no room for; more than PC_DEPTH_MAX: none */
	__u32 reserved;
	/* mounts[0] is the nearest to `/`, the oldest of several; the others in no order. */
	struct host_mount mounts[PC_MOUNTS_PER_FS];
};

enum naming_flags {
	NAMING_IS_REMOTE = 1,	/* there is a host mount more than PC_DEPTH_MAX deep, or out of reach from `/` */
	NAMING_IS_INSTANCE = 2, /* one of many instances of a kernel file system: named as the host's */
	NAMING_OWN_COMPARE = 4, /* compares names in its own way, and is known to be sound */
	NAMING_IS_INTERNAL = 8, /* made by the kernel for itself: without a host mount its files have no names */
};

/* The climb from a mount point up to `/` (mounts.h). */
struct climb {
	__u64 mount;
	__u64 root;   /* of `mount` */
	__u64 dentry; /* next to look at */
	__u32 depth;  /* names so far, those below included */
	__u32 flags;  /* of all dentries, ORed */
	__u32 has_arrived;
	__u32 is_counting; /* nothing is kept but the depth */
};

/* The search for a file system's host mounts (mounts.h). */
struct survey {
	__u64 key;   /* super block, file system type or dentry: see naming_key() */
	__u64 mount; /* next mount, or its node in the super block's list where that is a list_head */
	__u64 head;  /* of that list; of a tree its topmost mount */
	__u32 phase;
	__u32 resume; /* the phase that a climb interrupted */
	__u32 steps;
	__u32 is_done;
	__u32 is_instance; /* `key` is a type, and only mounts of the whole count */
	__u32 is_object;   /* `key` is a dentry */
	__u32 index;	   /* while the farthest of a naming's mounts is looked for */
	__u32 farthest;
	struct host_mount found;
};

/* The best of several mounts so far (name.h). */
struct mount_choice {
	__u64 mount; /* 0: none yet */
	__u64 root;
	__u32 names; /* between the object and that */
	__u32 depth;
	__s32 id;
	__u32 reserved;
};

/* What must still be so when a name, an answer or a state is believed: taken before it is told (cache.h). */
struct cache_view {
	__u64 world;
	__u32 sequence; /* of the object's dentry */
	__u32 is_still; /* nothing that matters was on the move */
};

/* A name in the making (name.h). */
struct name_work {
	__u64 key;     /* by which the file system's naming is looked up */
	__u64 event;   /* the naming must be as of this, or later */
	__u64 sb_root; /* root of the object's super block */
	__u64 object;  /* its dentry */
	__u64 dentry;  /* next one on the way up */
	__u32 phase;
	__u32 index; /* of what the phase goes through */
	__u32 tries;
	__u32 mount_index; /* of the naming's mounts, while one is chosen */
	/* As the naming says, when it was looked up. */
	__u32 kind;
	__u32 flags;
	__u32 count;
	__u32 dropped;
	__u32 second;
	__u32 reserved;
	struct host_mount first; /* mounts[0] */
	struct host_mount mount; /* the one that is being looked at */
	struct cache_view view;
	struct mount_choice choice;
};

/* In which ways an object can be accessed (move.h). */
enum door {
	DOOR_READ,
	DOOR_WRITE,
	DOOR_EXEC,
	DOOR_CONNECT,
	DOORS,
};

/* The answer at one door under one name. */
struct door_answer {
	__u32 ref;
	__u32 verdict;
	__u32 mode;
	__u32 below; /* state that the names of a directory's content begin in, host-wide and in the profile */
	__u32 below_profile;
	__u32 section; /* that was asked, and for what: kept here, where the verifier doesn't tell one from another */
	__u32 access;
};

/* A rename or a link on its way through its decisions (move.h). */
struct move {
	__u64 from; /* dentries */
	__u64 to;
	__u32 phase;
	__u32 step; /* which name, and what for */
	__u32 door; /* that is asked or compared */
	__u32 is_directory;
	__u32 compared;   /* comparisons begun: two for each door, its own and that of the names below */
	__u32 is_below;   /* it is names below that would be opened */
	__u32 below_mode; /* by which they are shut now */
	__u32 reserved;
	__u32 verdict; /* the strictest so far */
	__u32 mode;    /* likewise */
	struct door_answer before[DOORS];
	struct door_answer after[DOORS];
};

/* An address that a connect may go to (connect.h), and the answer to that. */
struct target {
	__u32 kind;	  /* PC_KIND_IP4, PC_KIND_IP6 */
	__u32 address[4]; /* network order */
	__u32 ref;
	__u32 verdict;
	__u32 mode;
};

/* :: may be ::1 or 127.0.0.1. */
#define TARGETS_MAX 2

/* What a program was called when it was last run (process.h). */
struct program {
	__u64 world; /* as struct cache_view has it: the name was told then */
	__u32 sequence;
	__u16 length;
	__u8 kind;
	__u8 is_cut;
	char name[PC_EXE_MAX];
};

/* The arguments of an exec (arguments.h). */
struct arguments {
	__u64 at; /* where the next pointer lies, in the task's memory */
	__u32 width; /* of a pointer */
	__u32 count;
	__u32 length;
	__u32 is_cut;
	char text[2 * PC_ARGS_MAX];
};

/* A text on its way into a hash (repeats.h). */
struct text_hash {
	__u64 at;
	__u64 left; /* bytes */
	__u64 hash;
};

/* A name begins at one of so many places in a scratch buffer's text, less one. */
#define TEXT_MASK 2047U
/* Likewise where it ends, if it isn't cut in a record. */
#define ARGUMENTS_MASK 8191U

/*
 * The state of loops lives here rather than on the stack: what the verifier doesn't follow value by value it looks
 * through once.
 */
struct scratch {
	__u64 busy; /* claimed by compare-and-swap where preemption can't be switched off */
	__u32 repeat; /* where decisions that repeat this one are counted, plus 1; 0: nowhere (record.h) */
	__u32 kind;   /* enum pc_kind of the name */
	__u32 length; /* of the name */
	__u32 begin;  /* where in `text` it begins */
	__u32 state;  /* that a walk over `text` is in */
	__u32 at;     /* bytes that it has walked */
	__u32 left;   /* bytes that it walks next */
	__u32 mark;   /* where its state is kept in `marked`; 0: nowhere */
	__u32 marked;
	__u32 then; /* the state that the next layer's walk begins in; 0: this is the last layer */
	__u32 profile_state;  /* that the profile's layer ended in */
	__u32 profile_marked; /* and had at the mark */
	__u32 depth;         /* links in use */
	__u32 own_depth;     /* of them, those inside the object's own file system */
	__u32 own;           /* where their names begin in `text` */
	__u64 top;           /* dentry that the walk up inside the object's own file system ended at */
	__u32 hop_count;
	struct link links[PC_DEPTH_MAX];
	struct hop hops[HOPS_MAX];
	struct climb climb;
	struct survey survey;
	struct name_work work;
	__u32 flags; /* of the dentries seen, ORed */
	__u32 has_arrived;
	__u32 has_changed; /* a dentry on the way */
	__u32 has_moved;   /* a mount on the way */
	__u32 has_fault;   /* a name that could not be read, or is none */
	struct folder folders[FOLDERS_MAX];
	struct move move;
	struct choosing choosing;
	struct cgroup_path cgroup;
	struct target targets[TARGETS_MAX];
	__u32 target_count;
	struct program program;
	struct pc_process process;
	struct arguments arguments;
	struct text_hash hash;
	struct fs_naming naming;
	/* A record's head stands right before the name. */
	char event_room[PC_EVENT_HEAD_SIZE];
	char text[PC_TEXT_MAX + PC_COMPONENT_MAX + 1];
};

/* What a loop's callback is given: bpf_loop() hands on nothing but stack memory. */
struct loop {
	struct scratch *scratch;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* CPUs times slots_per_cpu, set at load */
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/*
 * By super block pointer (dropped in sb_delete, before the pointer can be reused), instances of kernel file systems by
 * type. Only what the host mounts, or what root mounted elsewhere, is kept: no user can fill this.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PC_FS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct fs_naming);
} namings SEC(".maps");

/* What a request knows before it starts to name its object. */
struct known_naming {
	__u64 key;
	__u64 event; /* the host's mounts were such within this call */
	__u32 kind;  /* PC_KIND_ANON, _USERNS, _UNRESOLVED: settled; otherwise ask the map */
	__u32 reserved;
	struct cache_view view;
};

/* ---- The last decision about a task's open that may be asked again: for an exec, or for an overlay's layer. ---- */

struct task_memory {
	__u64 file; /* struct file of the decision */
	__u64 image;
	__u32 ref;
	__u32 verdict;
	__u32 is_stacked; /* it was on an overlay that has a host name */
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_memory);
} tasks SEC(".maps");

/* ---- What came of it. ---- */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pc_cpu);
} counters SEC(".maps");

INLINE struct pc_cpu *cpu_find(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

INLINE struct pc_counters *counters_find(void)
{
	struct pc_cpu *cpu = cpu_find();

	return cpu ? &cpu->counters : NULL;
}

/* Preemption is atomic here too: a task may be moved between the load and the store of a plain increment. */
#define COUNT(member)                                              \
	do {                                                       \
		struct pc_counters *counters_ = counters_find();   \
								   \
		if (counters_)                                     \
			__sync_fetch_and_add(&counters_->member, 1); \
	} while (0)

INLINE void count_trouble(__u32 trouble)
{
	COUNT(trouble[trouble & (PC_TROUBLES_ROOM - 1)]);
}

/* A decision, and what became of it: enum pc_fate. `cpu` is that of the caller, or of a moment ago; NULL: none. */
INLINE void account_add_at(struct pc_cpu *cpu, __u32 section, __u32 verdict, __u64 fate)
{
	struct pc_counters *each = &cpu->counters;
	__u64 index = (section * 3 + verdict) * PC_FATES;

	/* What is compared is then what is used, in the verifier's eyes too. */
	barrier_var(index);
	if (!__builtin_constant_p(fate))
		barrier_var(fate);
	if (!cpu || index > (PC_SECTIONS * 3 - 1) * PC_FATES || fate >= PC_FATES)
		return;
	__sync_fetch_and_add(&each->fate[0][0][0] + index + PC_DECIDED, 1);
	__sync_fetch_and_add(&each->fate[0][0][0] + index + fate, 1);
}

/* ---- What is kept from others: see guard.h. ---- */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PC_GUARDED_MAX);
	__type(key, __u64); /* see PC_GUARDED_PROGRAM */
	__type(value, __u8);
} guarded SEC(".maps");
