/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set.c - loads and attaches the BPF programs, fills images, takes records, sums counters. */
#include "kernel_set.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "kernel_canary.h"
#include "kernel_census.h"
#include "kernel_explain.h"
#include "kernel_preemption.h"
#include "kernel_programs.h"
#include "kernel_shared.h"
#include "portcullis.skel.h"

#define RING_SIZE_DEFAULT (1U << 19)
/* Scratch buffers of a CPU where preemption can't be switched off: more than that many openers at once are counted. */
#define SLOTS_WITHOUT_SWITCH 4
#define PROGRAMS_MAX 64
/* Of the cache of answers, in bytes: 128 k of them. A power of two. */
#define CACHE_SIZE (4U << 20)

struct set {
	struct portcullis_bpf *skel;
	struct shared shared;
	struct bpf_link *links[PROGRAMS_MAX];
	const char *names[PROGRAMS_MAX + 1];
	size_t link_count;
	size_t image_class; /* bytes */
	struct ring_buffer *rings[2]; /* denials, passes */
	struct bpf_link *census;      /* iterators over tasks */
	struct bpf_link *roster;
	struct pc_repeat *repeats;    /* mapped */
	int hits[PC_HITS];	      /* maps; −1: none */
	unsigned int hits_place;      /* of the live policy's */
	int epoll;
};

void set_detach(struct set *set)
{
	while (set->link_count > 0)
		(void)bpf_link__destroy(set->links[--set->link_count]);
}

struct set *set_free(struct set *set)
{
	if (!set)
		return NULL;
	set_detach(set);
	shared_detach(&set->shared);
	(void)bpf_link__destroy(set->census);
	(void)bpf_link__destroy(set->roster);
	ring_buffer__free(set->rings[0]);
	ring_buffer__free(set->rings[1]);
	for (int i = 0; i < PC_HITS; i++)
		if (set->hits[i] >= 0)
			(void)close(set->hits[i]);
	if (set->repeats)
		(void)munmap(set->repeats, PC_REPEATS * sizeof(*set->repeats));
	portcullis_bpf__destroy(set->skel);
	if (set->epoll >= 0)
		(void)close(set->epoll);
	free(set);
	return NULL;
}

static void set_freep(struct set **set)
{
	*set = set_free(*set);
}

static size_t class_for(size_t size)
{
	size_t class = PC_IMAGE_CLASS_MIN;

	while (class < 2 * size && class < PC_IMAGE_CLASS_MAX)
		class *= 4;
	return class;
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
	/* Tasks stay in their profiles when another set takes over, and run what they ran; places where repeats are counted last. */
	if (!r && options->before)
		r = bpf_map__reuse_fd(skel->maps.repeats, bpf_map__fd(options->before->skel->maps.repeats));
	if (!r && options->before)
		r = bpf_map__reuse_fd(skel->maps.subjects, bpf_map__fd(options->before->skel->maps.subjects));
	if (!r && options->before)
		r = bpf_map__reuse_fd(skel->maps.programs, bpf_map__fd(options->before->skel->maps.programs));
	return r;
}

static int set_learn_host(struct set *set)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	return bpf_prog_test_run_opts(bpf_program__fd(set->skel->progs.learn_host), &run);
}

static int set_map_repeats(struct set *set)
{
	void *table = mmap(NULL, PC_REPEATS * sizeof(*set->repeats), PROT_READ | PROT_WRITE, MAP_SHARED,
			   bpf_map__fd(set->skel->maps.repeats), 0);

	if (table == MAP_FAILED)
		return -errno;
	set->repeats = table;
	return 0;
}

static int set_open_rings(struct set *set, const struct set_options *options)
{
	struct bpf_map *maps[2] = { set->skel->maps.denials, set->skel->maps.passes };

	set->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (set->epoll < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		set->rings[i] = ring_buffer__new(bpf_map__fd(maps[i]), options->record, options->context, NULL);
		if (!set->rings[i])
			return -errno;
		if (epoll_ctl(set->epoll, EPOLL_CTL_ADD, ring_buffer__epoll_fd(set->rings[i]), &event) < 0)
			return -errno;
	}
	return 0;
}

static int set_open_census(struct set *set, const struct set *before)
{
	set->census = bpf_program__attach_iter(set->skel->progs.census, NULL);
	set->roster = set->census ? bpf_program__attach_iter(set->skel->progs.roster, NULL) : NULL;
	if (!set->roster)
		return -errno;
	if (before) {
		set->skel->bss->subjects_epoch = before->skel->bss->subjects_epoch;
		set->skel->bss->has_profiles = before->skel->bss->has_profiles;
	}
	return 0;
}

static int load_programs(struct set *set, const struct set_options *options, char *why, size_t why_size)
{
	int r;

	set->skel = portcullis_bpf__open();
	if (!set->skel) {
		kernel_explain(why, why_size, "the BPF object in this program cannot be opened: %s", strerror(errno));
		return -errno;
	}
	set->shared.object = set->skel->obj;
	r = set_configure(set, options);
	if (!r)
		r = portcullis_bpf__load(set->skel);
	if (r)
		kernel_explain(why, why_size, "the kernel refused the BPF programs: %s", strerror(-r));
	return r;
}

int set_load(const struct set_options *options, struct set **ret_set, char *why, size_t why_size)
{
	__attribute__((cleanup(set_freep))) struct set *set = calloc(1, sizeof(*set));
	int r;

	if (!set)
		return -ENOMEM;
	set->epoll = -1;
	for (int i = 0; i < PC_HITS; i++)
		set->hits[i] = -1;
	set->image_class = class_for(options->image_size);
	r = shared_begin(&set->shared);
	if (r)
		return r;
	r = load_programs(set, options, why, why_size);
	shared_end(&set->shared);
	if (r)
		return r;
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

/* Where all that it lives by is attached. */
static bool has_cache(const struct set *set)
{
	return bpf_program__autoload(set->skel->progs.on_d_move_begin) && bpf_program__autoload(set->skel->progs.on_d_move_end);
}

/* What was remembered before is forgotten. */
static void cache_empty(struct set *set)
{
	set->skel->bss->policies += 2;
}

static void cache_switch(struct set *set, bool is_on)
{
	set->skel->bss->is_cache_on = is_on;
	cache_empty(set);
}

/* Others are run by the daemon, or by hooks. */
static bool is_hook(const struct set *set, const struct bpf_program *program)
{
	enum bpf_prog_type type = bpf_program__type(program);

	return type != BPF_PROG_TYPE_SYSCALL && type != BPF_PROG_TYPE_EXT && program != set->skel->progs.census &&
	       program != set->skel->progs.roster;
}

int set_attach(struct set *set, char *why, size_t why_size)
{
	struct bpf_program *program;
	int r = shared_attach(&set->shared, why, why_size);

	if (r)
		return r;
	bpf_object__for_each_program(program, set->skel->obj) {
		if (!is_hook(set, program) || !bpf_program__autoload(program))
			continue;
		set->links[set->link_count] = bpf_program__attach(program);
		if (!set->links[set->link_count]) {
			kernel_explain(why, why_size, "program %s cannot be attached: %s", bpf_program__name(program),
				strerror(errno));
			return -errno;
		}
		set->names[set->link_count++] = bpf_program__name(program);
	}
	cache_switch(set, has_cache(set));
	return 0;
}

/* ---- An image. ---- */

static int image_map_create(const struct set *set)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG | BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pc_image", sizeof(__u32), set->image_class, 1, &options);

	return fd < 0 ? -errno : fd;
}

static int image_map_write(int fd, size_t element_size, const void *image, size_t size)
{
	char *element = calloc(1, element_size);
	__u32 zero = 0;
	int r;

	if (!element)
		return -ENOMEM;
	memcpy(element, image, size);
	r = bpf_map_update_elem(fd, &zero, element, BPF_ANY) ? -errno : 0;
	free(element);
	return r;
}

/* The element is far larger than most images: it is compared in place. */
static int image_map_verify(int fd, const void *image, size_t size)
{
	void *element = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	int r;

	if (element == MAP_FAILED)
		return -errno;
	r = memcmp(element, image, size) ? -EIO : 0;
	(void)munmap(element, size);
	return r;
}

/* Fills the map with the image and zeros behind it, freezes it and reads it back. */
static int image_map_fill(int fd, const struct set *set, const void *image, size_t size)
{
	int r = image_map_write(fd, set->image_class, image, size);

	if (!r && bpf_map_freeze(fd))
		r = -errno;
	return r ? r : image_map_verify(fd, image, size);
}

bool set_has_room(const struct set *set, size_t image_size)
{
	return image_size <= set->image_class;
}

static int image_fill(const struct set *set, const void *words, size_t size, struct set_image *image)
{
	const struct pc_image_header *header = words;

	image->hits = hits_map_create(header->rules.count);
	if (image->hits < 0)
		return image->hits;
	image->fd = image_map_create(set);
	return image->fd < 0 ? image->fd : image_map_fill(image->fd, set, words, size);
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
		.hits_place = (set->hits_place + 1) % PC_HITS,
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

/* From here on the place before it is the last policy's. The kernel waits until nobody uses what was there. */
static void take_hits(struct set *set, struct set_image *image)
{
	int *hits = &set->hits[image->hits_place];

	if (*hits >= 0)
		(void)close(*hits);
	*hits = image->hits;
	image->hits = -1;
	set->hits_place = image->hits_place;
}

static int swap(struct set *set, struct set_image *image, char *why, size_t why_size)
{
	__u32 zero = 0, place = image->hits_place;
	int r;

	r = bpf_map_update_elem(bpf_map__fd(set->skel->maps.hits), &place, &image->hits, BPF_ANY) ? -errno : 0;
	/* Between these two nothing is remembered or known: see cache.h. */
	set->skel->bss->policies++;
	linger();
	if (!r)
		r = bpf_map_update_elem(bpf_map__fd(set->skel->maps.images), &zero, &image->fd, BPF_ANY) ? -errno : 0;
	set->skel->bss->policies++;
	if (!r)
		take_hits(set, image);
	if (r) {
		kernel_explain(why, why_size, "the policy's image cannot be made live: %s", strerror(-r));
		return r;
	}
	set->skel->bss->is_live = 1;
	return 0;
}

/* ---- Profiles: see bpf/lsm/subject.h. ---- */

static int set_census(struct set *set)
{
	struct portcullis_bpf__bss *bss = set->skel->bss;
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
	struct portcullis_bpf__bss *bss = set->skel->bss;

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
	bool is_first = !set->skel->bss->is_live;
	int r;

	if (image->has_profiles) {
		r = swap_with_profiles(set, image, why, why_size);
		/* What was on its way into the world, or into another program, when tasks began to be followed. */
		return r ? r : set_census(set);
	}
	r = swap(set, image, why, why_size);
	if (r)
		return r;
	set->skel->bss->has_profiles = 0;
	/* Else records say nothing of the programs that run already. */
	return is_first ? set_census(set) : 0;
}

int set_follow(struct set *set)
{
	return set->skel->bss->has_profiles ? set_census(set) : 0;
}

int set_join(struct set *set, const struct kernel_join *join, __u64 *ret_family)
{
	struct portcullis_bpf__bss *bss = set->skel->bss;
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
	set->skel->bss->is_live = 0;
	cache_empty(set);
}

void set_force_audit(struct set *set, bool is_forced)
{
	set->skel->bss->is_audit_forced = is_forced;
	/* What is refused is remembered, too. */
	cache_empty(set);
}

/* ---- Counters. ---- */

static void counters_add(struct pc_counters *sum, const struct pc_counters *more)
{
	__u64 *to = (__u64 *)sum;
	const __u64 *from = (const __u64 *)more;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
		to[i] += from[i];
}

/* Plain allows are counted once there. */
static void counters_spread(struct pc_counters *counters)
{
	for (int i = 0; i < PC_SECTIONS; i++) {
		__u64 plain = counters->plain[i] + counters->remembered[i];

		counters->fate[i][PC_ALLOW][PC_DECIDED] += plain;
		counters->fate[i][PC_ALLOW][PC_UNLOGGED] += plain;
	}
}

int set_add_counters(const struct set *set, struct pc_counters *sum)
{
	int cpus = libbpf_num_possible_cpus();
	struct pc_cpu *each;
	__u32 zero = 0;
	int r = 0;

	if (cpus < 0)
		return cpus;
	each = calloc(cpus, sizeof(*each));
	if (!each)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(set->skel->maps.counters), &zero, each))
		r = -errno;
	for (int i = 0; !r && i < cpus; i++) {
		counters_spread(&each[i].counters);
		counters_add(sum, &each[i].counters);
	}
	free(each);
	return r;
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
	ticks_take(ticks, set->skel->bss->hits_gathered_at, (__u64)now.tv_sec * 1000000000ULL + (__u64)now.tv_nsec);
	*ret_fd = set->hits[set->hits_place];
	return *ret_fd < 0 ? -ENOENT : 0;
}

struct pc_repeat *set_repeats(const struct set *set)
{
	return set->repeats;
}

/* ---- Records and facts. ---- */

int set_record_fd(const struct set *set)
{
	return set->epoll;
}

/* Denials first; what goes beyond the budget stays in the rings and keeps the descriptor readable. */
int set_consume(struct set *set)
{
	for (int i = 0; i < 2; i++) {
		int r = ring_buffer__consume(set->rings[i]);

		if (r < 0)
			return r == -EAGAIN ? 0 : r;
	}
	return 0;
}

int set_canary(struct set *set, char *why, size_t why_size)
{
	struct portcullis_bpf__bss *bss = set->skel->bss;
	const struct canary canary = {
		.tgid = &bss->canary_tgid,
		.seen = bss->canary_seen,
		.programs = set->names,
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
		.is_on = set->skel->bss->is_cache_on,
		.bytes = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map),
		.slots = (size_t)bpf_map__max_entries(map) * PC_CACHE_WAYS,
	};
}

const char *const *set_programs(const struct set *set)
{
	return set->names;
}
