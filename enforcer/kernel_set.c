/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set.c - loads and attaches the BPF programs, fills images, takes records, sums counters. */
#include "kernel_set.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel_canary.h"
#include "kernel_preemption.h"
#include "kernel_programs.h"
#include "portcullis.skel.h"

#define RING_SIZE_DEFAULT (1U << 19)
/* Scratch buffers of a CPU where preemption can't be switched off: more than that many openers at once are counted. */
#define SLOTS_WITHOUT_SWITCH 4
#define PROGRAMS_MAX 64

struct set {
	struct portcullis_bpf *skel;
	struct bpf_link *links[PROGRAMS_MAX];
	const char *names[PROGRAMS_MAX + 1];
	size_t link_count;
	size_t image_class; /* bytes */
	struct ring_buffer *rings[2]; /* denials, passes */
	int epoll;
};

void set_explain(char *why, size_t size, const char *format, ...)
{
	va_list arguments;

	if (!why || !size)
		return;
	va_start(arguments, format);
	(void)vsnprintf(why, size, format, arguments);
	va_end(arguments);
}

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
	ring_buffer__free(set->rings[0]);
	ring_buffer__free(set->rings[1]);
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

static int set_configure(struct set *set, const struct set_options *options)
{
	struct portcullis_bpf *skel = set->skel;
	unsigned int slots = preemption_is_switchable() ? 1 : SLOTS_WITHOUT_SWITCH;
	unsigned int ring = options->ring_size ? options->ring_size : RING_SIZE_DEFAULT;
	int cpus = libbpf_num_possible_cpus();
	int r;

	if (cpus < 0)
		return cpus;
	skel->rodata->image_mask = set->image_class / sizeof(__u64) - 1;
	skel->rodata->slots_per_cpu = slots;
	r = programs_choose(skel->obj);
	if (r)
		return r;
	r = bpf_map__set_value_size(bpf_map__inner_map(skel->maps.images), set->image_class);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.scratches, cpus * slots);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.denials, ring);
	if (!r)
		r = bpf_map__set_max_entries(skel->maps.passes, ring);
	return r;
}

static int set_learn_host(struct set *set)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	return bpf_prog_test_run_opts(bpf_program__fd(set->skel->progs.learn_host), &run);
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

int set_load(const struct set_options *options, struct set **ret_set, char *why, size_t why_size)
{
	__attribute__((cleanup(set_freep))) struct set *set = calloc(1, sizeof(*set));
	int r;

	if (!set)
		return -ENOMEM;
	set->epoll = -1;
	set->image_class = class_for(options->image_size);
	set->skel = portcullis_bpf__open();
	if (!set->skel) {
		set_explain(why, why_size, "the BPF object in this program cannot be opened: %s", strerror(errno));
		return -errno;
	}
	r = set_configure(set, options);
	if (!r)
		r = portcullis_bpf__load(set->skel);
	if (r) {
		set_explain(why, why_size, "the kernel refused the BPF programs: %s", strerror(-r));
		return r;
	}
	r = set_learn_host(set);
	if (!r)
		r = set_open_rings(set, options);
	if (r) {
		set_explain(why, why_size, "the BPF programs cannot be set up: %s", strerror(-r));
		return r;
	}
	*ret_set = set;
	set = NULL;
	return 0;
}

int set_attach(struct set *set, char *why, size_t why_size)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, set->skel->obj) {
		if (bpf_program__type(program) != BPF_PROG_TYPE_LSM || !bpf_program__autoload(program))
			continue;
		set->links[set->link_count] = bpf_program__attach_lsm(program);
		if (!set->links[set->link_count]) {
			set_explain(why, why_size, "program %s cannot be attached: %s", bpf_program__name(program),
				strerror(errno));
			return -errno;
		}
		set->names[set->link_count++] = bpf_program__name(program);
	}
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

int set_fill(const struct set *set, const void *image, size_t size, int *ret_fd, char *why, size_t why_size)
{
	int fd = image_map_create(set);
	int r = fd < 0 ? fd : image_map_fill(fd, set, image, size);

	if (!r) {
		*ret_fd = fd;
		return 0;
	}
	if (fd >= 0)
		(void)close(fd);
	set_explain(why, why_size, "the policy's image cannot be put into the kernel: %s", strerror(-r));
	return r;
}

int set_swap(struct set *set, int fd, char *why, size_t why_size)
{
	__u32 zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(set->skel->maps.images), &zero, &fd, BPF_ANY)) {
		set_explain(why, why_size, "the policy's image cannot be made live: %s", strerror(errno));
		return -errno;
	}
	set->skel->bss->is_live = 1;
	return 0;
}

void set_stand_by(struct set *set)
{
	set->skel->bss->is_live = 0;
}

void set_force_audit(struct set *set, bool is_forced)
{
	set->skel->bss->is_audit_forced = is_forced;
}

/* ---- Counters. ---- */

static void counters_add(struct pc_counters *sum, const struct pc_counters *more)
{
	__u64 *to = (__u64 *)sum;
	const __u64 *from = (const __u64 *)more;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
		to[i] += from[i];
}

int set_add_counters(const struct set *set, struct pc_counters *sum)
{
	int cpus = libbpf_num_possible_cpus();
	struct pc_counters *each;
	__u32 zero = 0;
	int r = 0;

	if (cpus < 0)
		return cpus;
	each = calloc(cpus, sizeof(*each));
	if (!each)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(set->skel->maps.counters), &zero, each))
		r = -errno;
	for (int i = 0; !r && i < cpus; i++)
		counters_add(sum, &each[i]);
	free(each);
	return r;
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

	for (int i = 0; i < PC_HOOKS; i++)
		bss->canary_seen[i] = 0;
	return canary_run(&canary, why, why_size);
}

const char *const *set_programs(const struct set *set)
{
	return set->names;
}
