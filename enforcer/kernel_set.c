/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set.c - loads and attaches the BPF programs with their maps, and makes images live. */
#include "kernel_set_parts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "kernel_canary.h"
#include "kernel_census.h"
#include "kernel_counters.h"
#include "kernel_explain.h"
#include "kernel_image.h"
#include "kernel_pins.h"
#include "kernel_preemption.h"
#include "kernel_programs.h"
#include "ownership.h"
#include "repeat_table.h"

/* Scratch buffers of a CPU where preemption can't be switched off: more than that many openers at once are counted. */
#define SLOTS_WITHOUT_SWITCH 4
/* From the hook of an exec to its end; who takes longer is given a profile when all is done. */
#define EXEC_US 50000
/* Where preemption is possible, a program that was interrupted on that CPU makes a tracepoint pass it by. */
#define CANARY_TRIES 3

void set_detach(struct set *set)
{
	hooks_detach(&set->hooks);
}

static void close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

struct set *set_free(struct set *set)
{
	if (!set)
		return NULL;
	set_detach(set);
	shared_detach(&set->shared);
	rings_close(&set->rings);
	hits_maps_done(&set->hits);
	if (set->repeats)
		(void)munmap(set->repeats, PC_REPEATS * sizeof(*set->repeats));
	if (set->bss)
		(void)munmap(set->bss, sizeof(*set->bss));
	close_all(&set->image, 1);
	close_all(set->tools, SET_TOOLS);
	close_all(set->maps, SET_MAPS);
	portcullis_bpf__destroy(set->skel);
	free(set);
	return NULL;
}

void set_freep(struct set **set)
{
	*set = set_free(*set);
}

#ifdef PC_CACHE_MUTANTS
static unsigned int asked(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : otherwise;
}

/*
 * Of portcullisd-mutants, which tests alone run (cache.h): opens and connects are all that it decides, so that it is soon
 * loaded. Tasks are in the profile that they were in at the start, and their children with them.
 */
static void mutate(struct portcullis_bpf *skel)
{
	struct bpf_program *program;

	skel->rodata->cache_mutant = asked("MUTANT", 0);
	skel->rodata->cache_linger_turns = asked("MUTANT_TURNS", 0);
	skel->rodata->cache_mask = asked("MUTANT_SETS", skel->rodata->cache_mask + 1) - 1;
	bpf_object__for_each_program(program, skel->obj) {
		if (!strstr("on_file_open on_socket_connect shared_address on_task_alloc on_task_newtask on_d_instantiate "
			    "on_d_move_begin on_d_move_end on_sb_delete learn_host hits_gather census roster",
			    bpf_program__name(program)))
			(void)bpf_program__set_autoload(program, false);
	}
}

static void linger(void)
{
	(void)usleep(asked("MUTANT_TURNS", 0) * 10);
}
#else
static void mutate(struct portcullis_bpf *skel)
{
	(void)skel;
}

static void linger(void)
{
}
#endif

struct portcullis_bpf *set_open_skeleton(void)
{
	return portcullis_bpf__open();
}

/* Of what is laid out by one build, no other can make anything (FNV-1a). */
unsigned long long set_build_sum(void)
{
	unsigned long long sum = 0xcbf29ce484222325ULL;
	size_t size;
	const unsigned char *bytes = portcullis_bpf__elf_bytes(&size);

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3ULL;
	return sum;
}

/* The kernel's number of the map in that place; 0: there is none. */
__u32 set_inner_id(int maps, __u32 place)
{
	__u32 id;

	return bpf_map_lookup_elem(maps, &place, &id) ? 0 : id;
}

static void list_maps(const struct portcullis_bpf *skel, struct bpf_map *ret_maps[SET_MAPS])
{
	struct bpf_map *const maps[SET_MAPS] = {
		[SET_DENIALS] = skel->maps.denials,   [SET_PASSES] = skel->maps.passes,
		[SET_COUNTERS] = skel->maps.counters, [SET_SUBJECTS] = skel->maps.subjects,
		[SET_PROGRAMS] = skel->maps.programs, [SET_TOLD] = skel->maps.told,
		[SET_REPEATS] = skel->maps.repeats,   [SET_IMAGES] = skel->maps.images,
		[SET_HITS] = skel->maps.hits,	      [SET_CACHE] = skel->maps.cache,
		[SET_GUARDED] = skel->maps.guarded,   [SET_STATE] = skel->maps.bss,
	};

	memcpy(ret_maps, maps, sizeof(maps));
}

/* Records wait in the same rings, tasks stay in their profiles, and what was counted is counted on, when another set takes over. */
static int share_maps(const struct portcullis_bpf *skel, const struct set *before)
{
	struct bpf_map *maps[SET_MAPS];
	int r = 0;

	list_maps(skel, maps);
	for (int i = 0; before && !r && i < SET_SHARED; i++)
		r = bpf_map__reuse_fd(maps[i], before->maps[i]);
	return r;
}

static int set_configure(struct set *set, const struct set_options *options)
{
	struct portcullis_bpf *skel = set->skel;
	unsigned int slots = preemption_is_switchable() ? 1 : SLOTS_WITHOUT_SWITCH;
	int cpus = libbpf_num_possible_cpus();
	int r;

	if (cpus < 0)
		return cpus;
	skel->rodata->image_mask = set->image_class - sizeof(__u64);
	skel->rodata->slots_per_cpu = slots;
	skel->bss->hits_cpus = cpus;
	if (getrandom((void *)&skel->rodata->processes_seed, sizeof(skel->rodata->processes_seed), 0) < 0)
		return -errno;
	r = programs_choose(skel->obj);
	if (r)
		return r;
	mutate(skel);
	r = bpf_map__set_value_size(bpf_map__inner_map(skel->maps.images), set->image_class);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.scratches, cpus * slots);
	return r ? r : share_maps(skel, options->before);
}

int set_learn_host(int program, const char *pins)
{
	_cleanup_close_ int dir = pins ? open(pins, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct pc_learn learn = { .pins = dir };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &learn, .ctx_size_in = sizeof(learn));

	if (pins && dir < 0)
		return -errno;
	return bpf_prog_test_run_opts(program, &run);
}

static int map_memory(int fd, size_t size, void *ret_memory)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	*(void **)ret_memory = memory;
	return 0;
}

static int open_and_load(struct set *set, const struct set_options *options)
{
	int r;

	set->skel = set_open_skeleton();
	if (!set->skel)
		return -errno;
	set->shared.object = set->skel->obj;
	r = set_configure(set, options);
	return r ? r : portcullis_bpf__load(set->skel);
}

static int set_load_programs(struct set *set, const struct set_options *options, char *why, size_t why_size)
{
	int r = shared_begin(&set->shared);

	if (!r) {
		r = open_and_load(set, options);
		shared_end();
	}
	if (r)
		kernel_explain(why, why_size, "the BPF programs cannot be %s: %s", set->skel ? "loaded" : "opened", strerror(-r));
	return r;
}

static int on_record(void *context, void *record, size_t size)
{
	struct set *set = context;
	const __u32 *type = record;
	int r = set->record(set->context, record, size);

	if (size >= sizeof(*type) && *type == PC_RECORD_DECISION)
		set->bss->records_taken++;
	return r;
}

/* With its maps and tools at hand. */
int set_up(struct set *set)
{
	const int rings[2] = { set->maps[SET_DENIALS], set->maps[SET_PASSES] };
	int r = map_memory(set->maps[SET_STATE], sizeof(*set->bss), &set->bss);

	if (!r)
		r = map_memory(set->maps[SET_REPEATS], PC_REPEATS * sizeof(*set->repeats), &set->repeats);
	return r ? r : rings_open(&set->rings, rings, on_record, set);
}

struct set *set_new(const struct set_options *options)
{
	struct set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->record = options->record;
	set->context = options->context;
	set->rings.epoll = -1;
	set->hits = HITS_MAPS_NONE;
	set->image = -1;
	memset(set->maps, -1, sizeof(set->maps));
	memset(set->tools, -1, sizeof(set->tools));
	return set;
}

/* Its maps and programs are nobody else's: see bpf/lsm/guard.h. */
static int set_guard(const struct set *set)
{
	int guarded = set->maps[SET_GUARDED], r = 0;
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_map(map, set->skel->obj)
		if (!r && bpf_map__fd(map) >= 0)
			r = guard_map(guarded, bpf_map__fd(map));
	bpf_object__for_each_program(program, set->skel->obj)
		if (!r && bpf_program__fd(program) >= 0)
			r = guard_program(guarded, bpf_program__fd(program));
	/* Those of hooks can be neither changed nor ended. */
	for (int i = SET_CENSUS; !r && i < SET_TOOLS; i++)
		r = guard_link(guarded, set->tools[i]);
	return r;
}

/* What is needed of the skeleton when it is gone. */
static int set_take_maps(struct set *set)
{
	struct bpf_map *maps[SET_MAPS];
	int r = 0;

	list_maps(set->skel, maps);
	for (int i = 0; r >= 0 && i < SET_MAPS; i++)
		r = set->maps[i] = fd_copy(bpf_map__fd(maps[i]), 0);
	return r < 0 ? r : 0;
}

static int set_take_tools(struct set *set)
{
	const struct portcullis_bpf *skel = set->skel;
	int r = set->tools[SET_LEARN_HOST] = fd_copy(bpf_program__fd(skel->progs.learn_host), 0);

	if (r >= 0)
		r = set->tools[SET_GATHER] = fd_copy(bpf_program__fd(skel->progs.hits_gather), 0);
	if (r >= 0)
		r = set->tools[SET_CENSUS] = link_take(bpf_program__attach_iter(skel->progs.census, NULL));
	if (r >= 0)
		r = set->tools[SET_ROSTER] = link_take(bpf_program__attach_iter(skel->progs.roster, NULL));
	return r < 0 ? r : 0;
}

int set_load(const struct set_options *options, struct set **ret_set, char *why, size_t why_size)
{
	__attribute__((cleanup(set_freep))) struct set *set = set_new(options);
	int r;

	if (!set)
		return -ENOMEM;
	set->image_class = image_class(options->image_size);
	r = set_load_programs(set, options, why, why_size);
	if (r)
		return r;
	r = set_take_maps(set);
	if (!r)
		r = set_take_tools(set);
	if (!r)
		r = set_up(set);
	if (!r)
		r = set_guard(set);
	if (!r)
		r = set_learn_host(set->tools[SET_LEARN_HOST], options->pins);
	if (r) {
		kernel_explain(why, why_size, "the BPF programs cannot be set up: %s", strerror(-r));
		return r;
	}
	*ret_set = set;
	set = NULL;
	return 0;
}

/* Where all that it lives by is attached. */
static bool has_cache(const struct set *set)
{
	unsigned int found = 0;

	for (size_t i = 0; i < set->hooks.count; i++)
		found += strncmp(set->hooks.names[i], "on_d_move_", strlen("on_d_move_")) == 0;
	return found == 2;
}

void set_forget(struct set *set)
{
	set->bss->policies += 2;
}

static void cache_switch(struct set *set, bool is_on)
{
	set->bss->is_cache_on = is_on;
	set_forget(set);
}

/* What the daemon and the programs know, and is not in maps that both sets have. */
static void follow(struct set *set, const struct set *before)
{
	struct portcullis_bpf__bss *bss = set->bss;

	bss->subjects_epoch = before->bss->subjects_epoch;
	bss->has_profiles = before->bss->has_profiles;
	bss->protects = before->bss->protects;
	bss->is_audit_forced = before->bss->is_audit_forced;
	bss->audit_until = before->bss->audit_until;
	bss->records_taken = before->bss->records_taken;
	bss->repeats_told = before->bss->repeats_told;
}

int set_attach(struct set *set, const struct set *before, char *why, size_t why_size)
{
	int r;

	if (before)
		follow(set, before);
	r = shared_attach(&set->shared, why, why_size);
	if (!r)
		r = hooks_attach(&set->hooks, set->skel->obj, why, why_size);
	if (r)
		return r;
	cache_switch(set, has_cache(set));
	portcullis_bpf__destroy(set->skel);
	set->skel = NULL;
	set->shared.object = NULL;
	return 0;
}

void set_coalesce(struct set *set, bool is_on)
{
	set->bss->is_coalescing = is_on;
}

/* ---- An image. ---- */

bool set_has_room(const struct set *set, size_t image_size)
{
	return image_size <= set->image_class;
}

int set_fill(const struct set *set, void *image, size_t size, struct set_image *ret_image, char *why, size_t why_size)
{
	int r = set_image_make(set->image_class, image, size, (set->hits.place + 1) % PC_HITS, ret_image);

	if (r)
		kernel_explain(why, why_size, "the policy's image cannot be put into the kernel: %s", strerror(-r));
	return r;
}

static int swap(struct set *set, struct set_image *image, char *why, size_t why_size)
{
	__u32 zero = 0, place = image->hits_place;
	/* Whose they were: an earlier daemon may have made them. */
	const __u32 old_hits = set_inner_id(set->maps[SET_HITS], place), old_image = set_inner_id(set->maps[SET_IMAGES], zero);
	/* It is to be known by it: what can't be told now is not made live. */
	const __u32 image_id = map_id(image->fd);
	int r;

	r = image_id ? guard_map(set->maps[SET_GUARDED], image->fd) : -ENOMEM;
	if (!r)
		r = guard_map(set->maps[SET_GUARDED], image->hits);
	if (!r)
		r = bpf_map_update_elem(set->maps[SET_HITS], &place, &image->hits, BPF_ANY) ? -errno : 0;
	/* Between these two nothing is remembered or known: see cache.h. */
	set->bss->policies++;
	linger();
	if (!r)
		r = bpf_map_update_elem(set->maps[SET_IMAGES], &zero, &image->fd, BPF_ANY) ? -errno : 0;
	set->bss->policies++;
	if (!r) {
		unguard_map(set->maps[SET_GUARDED], old_hits);
		unguard_map(set->maps[SET_GUARDED], old_image);
		hits_maps_take(&set->hits, place, &image->hits);
	}
	if (r) {
		unguard_map(set->maps[SET_GUARDED], map_id(image->fd));
		unguard_map(set->maps[SET_GUARDED], map_id(image->hits));
		kernel_explain(why, why_size, "the policy's image cannot be made live: %s", strerror(-r));
		return r;
	}
	close_all(&set->image, 1);
	set->image = take_fd(&image->fd);
	set->image_id = image_id;
	set->bss->policy_loaded = clock_realtime();
	set->bss->is_live = 1;
	return 0;
}

int set_live_image(const struct set *set, struct image_view *ret_view, __u64 *ret_loaded)
{
	*ret_loaded = set->bss->policy_loaded;
	return set->image < 0 ? -ENOENT : image_map_view(set->image, ret_view);
}

/* ---- Profiles: see bpf/lsm/subject.h. ---- */

static int set_census(struct set *set)
{
	struct portcullis_bpf__bss *bss = set->bss;
	const struct census census = {
		.link = set->tools[SET_CENSUS],
		.changed = &bss->census_changed,
		.failed = &bss->census_failed,
	};

	return census_run(&census);
}

/* From now on each task that is made, and each program that is started, is given its profile. */
static void follow_tasks(struct set *set)
{
	struct portcullis_bpf__bss *bss = set->bss;

	if (bss->has_profiles)
		return;
	bss->subjects_epoch++;
	bss->has_profiles = 1;
	/* Whoever had been asked before that, and is about to begin another program, gets there first. */
	(void)usleep(EXEC_US);
}

/* Tasks are given their profiles by the image that will be live next, before anything is decided by it. */
static int swap_with_profiles(struct set *set, struct set_image *image, char *why, size_t why_size)
{
	int images = set->maps[SET_IMAGES], r;
	__u32 next = 1;

	follow_tasks(set);
	r = bpf_map_update_elem(images, &next, &image->fd, BPF_ANY) ? -errno : 0;
	if (!r)
		r = set_census(set);
	if (r)
		kernel_explain(why, why_size, "running tasks can't be given their profiles: %s", strerror(-r));
	else
		r = swap(set, image, why, why_size);
	(void)bpf_map_delete_elem(images, &next);
	return r;
}

int set_swap(struct set *set, struct set_image *image, char *why, size_t why_size)
{
	bool is_first = !set->bss->is_live;
	int r;

	if (image->has_profiles) {
		r = swap_with_profiles(set, image, why, why_size);
		/* What was on its way into the world, or into another program, when tasks began to be followed. */
		return r ? r : set_census(set);
	}
	r = swap(set, image, why, why_size);
	if (r)
		return r;
	set->bss->has_profiles = 0;
	/* Else records say nothing of the programs that run already. */
	return is_first ? set_census(set) : 0;
}

int set_follow(struct set *set)
{
	return set->bss->has_profiles ? set_census(set) : 0;
}

int set_join(struct set *set, const struct kernel_join *join, __u64 *ret_family)
{
	struct portcullis_bpf__bss *bss = set->bss;
	int r;

	bss->join_uid = join->uid;
	bss->join_before = join->before;
	bss->join_profile = join->profile;
	bss->join_found = 0;
	bss->join_family = 0;
	bss->join_given = 0;
	bss->join_tgid = join->pid;
	r = set_follow(set);
	bss->join_tgid = 0;
	if (r)
		return r;
	if (bss->join_family) {
		*ret_family = bss->join_family;
		return -EBUSY;
	}
	if (!bss->join_found)
		return -ESRCH;
	return bss->join_given ? 0 : -EALREADY;
}

int set_tasks(struct set *set, kernel_task_fn *fn, void *userdata)
{
	return roster_read(set->tools[SET_ROSTER], fn, userdata);
}

void set_stand_by(struct set *set)
{
	set->bss->is_live = 0;
	set_forget(set);
}

void set_force_audit(struct set *set, bool is_forced, __u64 until)
{
	set->bss->is_audit_forced = is_forced;
	set->bss->audit_until = is_forced ? until : 0;
	/* What is refused is remembered, too. */
	set_forget(set);
}

void set_protect(struct set *set, __u32 parts)
{
	set->bss->protects = parts;
}

bool set_is_audit_forced(const struct set *set, __u64 *ret_until)
{
	*ret_until = set->bss->audit_until;
	return set->bss->is_audit_forced;
}

int set_counters(const struct set *set, struct pc_counters *ret_counters)
{
	return counters_read(set->maps[SET_COUNTERS], ret_counters);
}

void set_told(const struct set *set, struct kernel_told *ret_told)
{
	*ret_told = (struct kernel_told){ .records = set->bss->records_taken, .repeats = set->bss->repeats_told };
}

int set_forget_told(const struct set *set)
{
	struct bpf_map_info info;
	_cleanup_free_ __u32 *places = NULL;
	_cleanup_free_ __u64 *nobody = NULL;
	int r = map_info(set->maps[SET_TOLD], &info);

	if (r)
		return r;
	places = calloc(info.max_entries, sizeof(*places));
	nobody = calloc(info.max_entries, sizeof(*nobody));
	if (!places || !nobody)
		return -ENOMEM;
	for (__u32 i = 0; i < info.max_entries; i++)
		places[i] = i;
	return bpf_map_update_batch(set->maps[SET_TOLD], places, nobody, &info.max_entries, NULL) ? -errno : 0;
}

/* ---- Hits and repeats. ---- */

int set_hits(const struct set *set)
{
	return set->hits.fds[set->hits.place];
}

int set_gather_hits(struct set *set, struct ticks *ticks, int *ret_fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct timespec now;
	int r = bpf_prog_test_run_opts(set->tools[SET_GATHER], &run);

	if (r)
		return r;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	ticks_take(ticks, set->bss->hits_gathered_at, (__u64)now.tv_sec * 1000000000ULL + (__u64)now.tv_nsec);
	*ret_fd = set_hits(set);
	return *ret_fd < 0 ? -ENOENT : 0;
}

long set_take_repeats(struct set *set, unsigned int place, __u32 version)
{
	long count = repeats_take(set->repeats, place, version);

	if (count > 0)
		set->bss->repeats_told += (__u64)count;
	return count;
}

__u32 set_repeat_version(const struct set *set, unsigned int place)
{
	return PC_REPEAT_VERSION(__atomic_load_n(&set->repeats[place].word, __ATOMIC_ACQUIRE));
}

/* ---- Records and facts. ---- */

int set_record_fd(const struct set *set)
{
	return set->rings.epoll;
}

int set_consume(struct set *set)
{
	return rings_consume(&set->rings);
}

static struct canary canary_of(struct set *set)
{
	return (struct canary){
		.tgid = &set->bss->canary_tgid,
		.seen = set->bss->canary_seen,
		.programs = set_programs(set),
	};
}

size_t set_untried(struct set *set, const char **ret_names)
{
	const struct canary canary = canary_of(set);

	return canary_untried(&canary, ret_names);
}

int set_canary(struct set *set, char *why, size_t why_size)
{
	struct portcullis_bpf__bss *bss = set->bss;
	const struct canary canary = canary_of(set);
	bool is_on;
	int tries = 0, r;

	for (int i = 0; i < PC_HOOKS; i++)
		bss->canary_seen[i] = 0;
	do
		r = canary_run(&canary, why, why_size);
	while (r == -ENOTCONN && ++tries < CANARY_TRIES);
	/* What the cache lives by may have stood still, too: it begins anew once all run. */
	is_on = !r && has_cache(set);
	if (is_on != (bss->is_cache_on != 0))
		cache_switch(set, is_on);
	return r;
}

int set_check(const struct set *set, char *why, size_t why_size)
{
	bool is_ours = set->image_id != 0 && set_inner_id(set->maps[SET_IMAGES], 0) == set->image_id;

	if (is_ours && set->bss->is_live)
		return 0;
	kernel_explain(why, why_size, is_ours ? "the programs stand by: nothing is decided; restart portcullisd" :
						"the policy in the kernel is not the one that was loaded: somebody changed it; restart portcullisd");
	return -ENOTRECOVERABLE;
}

void set_cache(const struct set *set, struct kernel_cache *ret_cache)
{
	struct bpf_map_info info;

	(void)map_info(set->maps[SET_CACHE], &info);
	*ret_cache = (struct kernel_cache){
		.is_on = set->bss->is_cache_on,
		.bytes = (size_t)info.max_entries * info.value_size,
		.slots = (size_t)info.max_entries * PC_CACHE_WAYS,
	};
}

size_t set_ring_size(const struct set *set)
{
	struct bpf_map_info info;

	(void)map_info(set->maps[SET_DENIALS], &info);
	return info.max_entries;
}

const char *const *set_programs(const struct set *set)
{
	return (const char *const *)set->hooks.names;
}
