/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set.c - loads and attaches the BPF programs with their maps, and makes images live. */
#include "kernel_set.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "kernel_canary.h"
#include "kernel_census.h"
#include "kernel_counters.h"
#include "kernel_explain.h"
#include "kernel_hooks.h"
#include "kernel_image.h"
#include "kernel_preemption.h"
#include "kernel_programs.h"
#include "kernel_rings.h"
#include "kernel_shared.h"
#include "pins.h"
#include "portcullis.skel.h"

#define RING_SIZE_DEFAULT (1U << 19)
/* Scratch buffers of a CPU where preemption can't be switched off: more than that many openers at once are counted. */
#define SLOTS_WITHOUT_SWITCH 4
/* Of the cache of answers, in bytes: 128 k of them. A power of two. */
#define CACHE_SIZE (4U << 20)

/* What who comes next goes on with; pinned by these names, and the last by one that tells the build besides. */
enum set_map {
	SET_DENIALS,
	SET_PASSES,
	SET_COUNTERS,
	SET_SUBJECTS,
	SET_PROGRAMS,
	SET_REPEATS,
	SET_STATE,
	SET_MAPS,
};

static const char *const map_names[SET_MAPS] = { "denials", "passes", "counters", "subjects", "programs", "repeats", "state" };

struct set {
	struct portcullis_bpf *skel; /* NULL: of an earlier daemon, which is known by its pins */
	struct portcullis_bpf__bss *bss;
	int maps[SET_MAPS]; /* without a skeleton owned */
	struct shared shared;
	struct hooks hooks;
	struct rings rings;
	size_t image_class;	 /* bytes */
	struct bpf_link *census; /* iterators over tasks */
	struct bpf_link *roster;
	struct pc_repeat *repeats; /* mapped */
	struct hits_maps hits;
};

void set_detach(struct set *set)
{
	hooks_detach(&set->hooks);
}

static void adopted_done(struct set *set)
{
	if (set->bss)
		(void)munmap(set->bss, sizeof(*set->bss));
	for (int i = 0; i < SET_MAPS; i++)
		if (set->maps[i] >= 0)
			(void)close(set->maps[i]);
}

struct set *set_free(struct set *set)
{
	if (!set)
		return NULL;
	set_detach(set);
	shared_detach(&set->shared);
	(void)bpf_link__destroy(set->census);
	(void)bpf_link__destroy(set->roster);
	rings_close(&set->rings);
	hits_maps_done(&set->hits);
	if (set->repeats)
		(void)munmap(set->repeats, PC_REPEATS * sizeof(*set->repeats));
	if (!set->skel)
		adopted_done(set);
	portcullis_bpf__destroy(set->skel);
	free(set);
	return NULL;
}

static void set_freep(struct set **set)
{
	*set = set_free(*set);
}

#ifdef PC_CACHE_MUTANTS
static unsigned int asked(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : otherwise;
}

/* Of portcullisd-mutants, which tests alone run (cache.h): opens are all that it decides, so that it is soon loaded. */
static void mutate(struct portcullis_bpf *skel)
{
	struct bpf_program *program;

	skel->rodata->cache_mutant = asked("MUTANT", 0);
	skel->rodata->cache_linger_turns = asked("MUTANT_TURNS", 0);
	skel->rodata->cache_mask = asked("MUTANT_SETS", skel->rodata->cache_mask + 1) - 1;
	bpf_object__for_each_program(program, skel->obj) {
		if (!strstr("on_file_open on_d_instantiate on_d_move_begin on_d_move_end on_sb_delete learn_host hits_gather census roster",
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

static int set_configure(struct set *set, const struct set_options *options)
{
	struct portcullis_bpf *skel = set->skel;
	unsigned int slots = preemption_is_switchable() ? 1 : SLOTS_WITHOUT_SWITCH;
	unsigned int ring = options->ring_size ? options->ring_size : RING_SIZE_DEFAULT;
	unsigned int cache_sets = CACHE_SIZE / bpf_map__value_size(skel->maps.cache);
	int cpus = libbpf_num_possible_cpus();
	int r;

	if (cpus < 0)
		return cpus;
	skel->rodata->image_mask = set->image_class - sizeof(__u64);
	skel->rodata->slots_per_cpu = slots;
	skel->rodata->ring_size = ring;
	skel->bss->hits_cpus = cpus;
	skel->bss->is_coalescing = options->is_coalescing;
	if (getrandom((void *)&skel->rodata->processes_seed, sizeof(skel->rodata->processes_seed), 0) < 0)
		return -errno;
	skel->rodata->cache_mask = cache_sets - 1;
	r = programs_choose(skel->obj);
	if (r)
		return r;
	mutate(skel);
	r = bpf_map__set_value_size(bpf_map__inner_map(skel->maps.images), set->image_class);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.scratches, cpus * slots);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.cache, cache_sets);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.denials, ring);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.passes, ring);
	/*
	 * Tasks stay in their profiles when another set takes over, and run what they ran; places where repeats are counted last,
	 * but of an earlier daemon's nobody here knows what they repeat.
	 */
	if (!r && options->before && options->before->skel)
		r = bpf_map__reuse_fd(skel->maps.repeats, options->before->maps[SET_REPEATS]);
	if (!r && options->before)
		r = bpf_map__reuse_fd(skel->maps.subjects, options->before->maps[SET_SUBJECTS]);
	if (!r && options->before)
		r = bpf_map__reuse_fd(skel->maps.programs, options->before->maps[SET_PROGRAMS]);
	return r;
}

static int set_learn_host(struct set *set)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	return bpf_prog_test_run_opts(bpf_program__fd(set->skel->progs.learn_host), &run);
}

static int set_map_repeats(struct set *set)
{
	void *table = mmap(NULL, PC_REPEATS * sizeof(*set->repeats), PROT_READ | PROT_WRITE, MAP_SHARED, set->maps[SET_REPEATS], 0);

	if (table == MAP_FAILED)
		return -errno;
	set->repeats = table;
	return 0;
}

static int set_open_census(struct set *set, const struct set *before)
{
	set->census = bpf_program__attach_iter(set->skel->progs.census, NULL);
	set->roster = set->census ? bpf_program__attach_iter(set->skel->progs.roster, NULL) : NULL;
	if (!set->roster)
		return -errno;
	if (before) {
		set->bss->subjects_epoch = before->bss->subjects_epoch;
		set->bss->has_profiles = before->bss->has_profiles;
	}
	return 0;
}

static int open_and_load(struct set *set, const struct set_options *options)
{
	int r;

	set->skel = portcullis_bpf__open();
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

static void set_take_maps(struct set *set)
{
	const struct bpf_map *maps[SET_MAPS] = {
		[SET_DENIALS] = set->skel->maps.denials,
		[SET_PASSES] = set->skel->maps.passes,
		[SET_COUNTERS] = set->skel->maps.counters,
		[SET_SUBJECTS] = set->skel->maps.subjects,
		[SET_PROGRAMS] = set->skel->maps.programs,
		[SET_REPEATS] = set->skel->maps.repeats,
		[SET_STATE] = set->skel->maps.bss,
	};

	for (int i = 0; i < SET_MAPS; i++)
		set->maps[i] = bpf_map__fd(maps[i]);
	set->bss = set->skel->bss;
}

static int set_open_rings(struct set *set, const struct set_options *options)
{
	const int maps[2] = { set->maps[SET_DENIALS], set->maps[SET_PASSES] };

	return rings_open(&set->rings, maps, options->record, options->context);
}

static struct set *set_new(void)
{
	struct set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->rings.epoll = -1;
	set->hits = HITS_MAPS_NONE;
	for (int i = 0; i < SET_MAPS; i++)
		set->maps[i] = -1;
	return set;
}

int set_load(const struct set_options *options, struct set **ret_set, char *why, size_t why_size)
{
	__attribute__((cleanup(set_freep))) struct set *set = set_new();
	int r;

	if (!set)
		return -ENOMEM;
	set->image_class = image_class(options->image_size);
	r = set_load_programs(set, options, why, why_size);
	if (r)
		return r;
	set_take_maps(set);
	r = set_learn_host(set);
	if (!r)
		r = set_map_repeats(set);
	if (!r)
		r = set_open_rings(set, options);
	if (!r)
		r = set_open_census(set, options->before);
	if (r) {
		kernel_explain(why, why_size, "the BPF programs cannot be set up: %s", strerror(-r));
		return r;
	}
	*ret_set = set;
	set = NULL;
	return 0;
}

/* ---- Pins. ---- */

/* Of what is laid out by one build, no other can make anything (FNV-1a). */
static unsigned long long build_sum(void)
{
	unsigned long long sum = 0xcbf29ce484222325ULL;
	size_t size;
	const unsigned char *bytes = portcullis_bpf__elf_bytes(&size);

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3ULL;
	return sum;
}

static void map_name(char *name, size_t size, int map)
{
	if (map == SET_STATE)
		(void)snprintf(name, size, "%s-%016llx", map_names[map], build_sum());
	else
		(void)snprintf(name, size, "%s", map_names[map]);
}

static int pin(int fd, const char *dir, const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" PINS_NEXT "/%s", dir, name);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

int set_pin(const struct set *set, const char *dir)
{
	char name[NAME_MAX];
	int r = pins_begin(dir);

	for (int i = 0; !r && i < SET_MAPS; i++) {
		map_name(name, sizeof(name), i);
		r = pin(set->maps[i], dir, name);
	}
	for (size_t i = 0; !r && i < set->hooks.count; i++)
		r = pin(bpf_link__fd(set->hooks.links[i]), dir, set->hooks.names[i]);
	for (size_t i = 0; !r && i < set->shared.link_count; i++) {
		(void)snprintf(name, sizeof(name), PINS_STUB "%zu", i);
		r = pin(set->shared.links[i], dir, name);
	}
	return r;
}

static int adopt_maps(struct set *set, const char *dir)
{
	char path[PATH_MAX], name[NAME_MAX];
	void *state;

	for (int i = 0; i < SET_MAPS; i++) {
		map_name(name, sizeof(name), i);
		(void)snprintf(path, sizeof(path), "%s/" PINS_LIVE "/%s", dir, name);
		set->maps[i] = bpf_obj_get(path);
		if (set->maps[i] < 0)
			return errno == ENOENT && i > 0 ? -ESTALE : -errno;
	}
	state = mmap(NULL, sizeof(*set->bss), PROT_READ | PROT_WRITE, MAP_SHARED, set->maps[SET_STATE], 0);
	if (state == MAP_FAILED)
		return -errno;
	set->bss = state;
	return 0;
}

int set_adopt(const char *dir, ring_buffer_sample_fn record, void *context, struct set **ret_set)
{
	__attribute__((cleanup(set_freep))) struct set *set = set_new();
	const struct set_options options = { .record = record, .context = context };
	int r = set ? adopt_maps(set, dir) : -ENOMEM;

	if (!r)
		r = set_map_repeats(set);
	if (!r)
		r = set_open_rings(set, &options);
	if (r)
		return r;
	*ret_set = set;
	set = NULL;
	return 0;
}

bool set_is_adopted(const struct set *set)
{
	return !set->skel;
}

/* Where all that it lives by is attached. */
static bool has_cache(const struct set *set)
{
	return bpf_program__autoload(set->skel->progs.on_d_move_begin) && bpf_program__autoload(set->skel->progs.on_d_move_end);
}

/* What was remembered before is forgotten. */
static void cache_empty(struct set *set)
{
	set->bss->policies += 2;
}

static void cache_switch(struct set *set, bool is_on)
{
	set->bss->is_cache_on = is_on;
	cache_empty(set);
}

int set_attach(struct set *set, char *why, size_t why_size)
{
	int r = shared_attach(&set->shared, why, why_size);

	if (!r)
		r = hooks_attach(&set->hooks, set->skel->obj, why, why_size);
	if (!r)
		cache_switch(set, has_cache(set));
	return r;
}

/* ---- An image. ---- */

bool set_has_room(const struct set *set, size_t image_size)
{
	return image_size <= set->image_class;
}

static int image_fill(const struct set *set, const void *words, size_t size, struct set_image *image)
{
	const struct pc_image_header *header = words;

	image->hits = hits_map_create(header->rules.count);
	return image->hits < 0 ? image->hits : image_map_fill(set->image_class, words, size, &image->fd);
}

void set_image_done(struct set_image *image)
{
	if (image->fd >= 0)
		(void)close(image->fd);
	if (image->hits >= 0)
		(void)close(image->hits);
	image->fd = -1;
	image->hits = -1;
}

int set_fill(const struct set *set, void *image, size_t size, struct set_image *ret_image, char *why, size_t why_size)
{
	struct pc_image_header *header = image;
	struct set_image made = {
		.fd = -1,
		.hits = -1,
		.hits_place = (set->hits.place + 1) % PC_HITS,
		.has_profiles = header->profiles.count > 0,
	};
	int r;

	header->hits = made.hits_place;
	r = image_fill(set, image, size, &made);
	if (!r) {
		*ret_image = made;
		return 0;
	}
	set_image_done(&made);
	kernel_explain(why, why_size, "the policy's image cannot be put into the kernel: %s", strerror(-r));
	return r;
}

static int swap(struct set *set, struct set_image *image, char *why, size_t why_size)
{
	__u32 zero = 0, place = image->hits_place;
	int r;

	r = bpf_map_update_elem(bpf_map__fd(set->skel->maps.hits), &place, &image->hits, BPF_ANY) ? -errno : 0;
	/* Between these two nothing is remembered or known: see cache.h. */
	set->bss->policies++;
	linger();
	if (!r)
		r = bpf_map_update_elem(bpf_map__fd(set->skel->maps.images), &zero, &image->fd, BPF_ANY) ? -errno : 0;
	set->bss->policies++;
	if (!r)
		hits_maps_take(&set->hits, image->hits_place, &image->hits);
	if (r) {
		kernel_explain(why, why_size, "the policy's image cannot be made live: %s", strerror(-r));
		return r;
	}
	set->bss->is_live = 1;
	return 0;
}

/* ---- Profiles: see bpf/lsm/subject.h. ---- */

static int set_census(struct set *set)
{
	struct portcullis_bpf__bss *bss = set->bss;
	const struct census census = {
		.link = set->census,
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
}

/* Tasks are given their profiles by the image that will be live next, before anything is decided by it. */
static int swap_with_profiles(struct set *set, struct set_image *image, char *why, size_t why_size)
{
	int images = bpf_map__fd(set->skel->maps.images), r;
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
	return roster_read(set->roster, fn, userdata);
}

void set_stand_by(struct set *set)
{
	set->bss->is_live = 0;
	cache_empty(set);
}

void set_force_audit(struct set *set, bool is_forced)
{
	set->bss->is_audit_forced = is_forced;
	/* What is refused is remembered, too. */
	cache_empty(set);
}

int set_add_counters(const struct set *set, struct pc_counters *sum)
{
	return counters_add(set->maps[SET_COUNTERS], sum);
}

/* ---- Hits and repeats. ---- */

int set_gather_hits(struct set *set, struct ticks *ticks, int *ret_fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct timespec now;
	int r = bpf_prog_test_run_opts(bpf_program__fd(set->skel->progs.hits_gather), &run);

	if (r)
		return r;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	ticks_take(ticks, set->bss->hits_gathered_at, (__u64)now.tv_sec * 1000000000ULL + (__u64)now.tv_nsec);
	*ret_fd = set->hits.fds[set->hits.place];
	return *ret_fd < 0 ? -ENOENT : 0;
}

struct pc_repeat *set_repeats(const struct set *set)
{
	return set->repeats;
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

int set_canary(struct set *set, char *why, size_t why_size)
{
	struct portcullis_bpf__bss *bss = set->bss;
	const struct canary canary = {
		.tgid = &bss->canary_tgid,
		.seen = bss->canary_seen,
		.programs = set->hooks.names,
	};
	bool is_on;
	int r;

	for (int i = 0; i < PC_HOOKS; i++)
		bss->canary_seen[i] = 0;
	r = canary_run(&canary, why, why_size);
	/* What the cache lives by may have stood still, too: it begins anew once all run. */
	is_on = !r && has_cache(set);
	if (is_on != (bss->is_cache_on != 0))
		cache_switch(set, is_on);
	return r;
}

void set_cache(const struct set *set, struct kernel_cache *ret_cache)
{
	const struct bpf_map *map = set->skel->maps.cache;

	*ret_cache = (struct kernel_cache){
		.is_on = set->bss->is_cache_on,
		.bytes = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map),
		.slots = (size_t)bpf_map__max_entries(map) * PC_CACHE_WAYS,
	};
}

const char *const *set_programs(const struct set *set)
{
	return set->hooks.names;
}
