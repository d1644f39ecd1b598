/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel.c - loads and attaches the BPF programs, applies images, takes records, sums counters. */
#include "kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
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
#include "portcullis.skel.h"

#define RING_SIZE_DEFAULT (1U << 19)
/* Scratch buffers of a CPU where preemption can't be switched off: more than that many openers at once are counted. */
#define SLOTS_WITHOUT_SWITCH 4
#define PROGRAMS_MAX 16
/* Records handed over in one go: who makes records without end must not keep the daemon from everything else. */
#define CONSUME_BUDGET 1024

/* One loaded set of programs with its maps. Another is made when an image outgrows the size that a set is made for. */
struct set {
	struct portcullis_bpf *skel;
	struct bpf_link *links[PROGRAMS_MAX];
	const char *names[PROGRAMS_MAX + 1];
	size_t link_count;
	size_t image_class; /* bytes */
	struct ring_buffer *rings[2]; /* denials, passes */
	int epoll;
};

struct kernel {
	struct kernel_options options;
	struct set *live;
	struct set *retired; /* its rings may still hold records; NULL most of the time */
	struct pc_counters carried; /* of sets that are gone */
	kernel_record_fn *fn;
	void *userdata;
	int budget; /* records that may still be handed over by this kernel_consume() */
};

static void explain(char *why, size_t size, const char *format, ...)
{
	va_list arguments;

	if (!why || !size)
		return;
	va_start(arguments, format);
	(void)vsnprintf(why, size, format, arguments);
	va_end(arguments);
}

/* ---- A set. ---- */

static struct set *set_free(struct set *set)
{
	if (!set)
		return NULL;
	for (size_t i = 0; i < set->link_count; i++)
		(void)bpf_link__destroy(set->links[i]);
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

static int set_configure(struct set *set, const struct kernel_options *options)
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

static int record_callback(void *context, void *data, size_t size)
{
	struct kernel *kernel = context;

	if (kernel->fn)
		kernel->fn(data, size, kernel->userdata);
	/* A negative value ends the round; the record counts as consumed. */
	return --kernel->budget > 0 ? 0 : -EAGAIN;
}

static int set_open_rings(struct set *set, struct kernel *kernel)
{
	struct bpf_map *maps[2] = { set->skel->maps.denials, set->skel->maps.passes };

	set->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (set->epoll < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		set->rings[i] = ring_buffer__new(bpf_map__fd(maps[i]), record_callback, kernel, NULL);
		if (!set->rings[i])
			return -errno;
		if (epoll_ctl(set->epoll, EPOLL_CTL_ADD, ring_buffer__epoll_fd(set->rings[i]), &event) < 0)
			return -errno;
	}
	return 0;
}

static int set_load(struct kernel *kernel, size_t image_class, struct set **ret_set, char *why, size_t why_size)
{
	__attribute__((cleanup(set_freep))) struct set *set = calloc(1, sizeof(*set));
	int r;

	if (!set)
		return -ENOMEM;
	set->epoll = -1;
	set->image_class = image_class;
	set->skel = portcullis_bpf__open();
	if (!set->skel) {
		explain(why, why_size, "the BPF object in this program cannot be opened: %s", strerror(errno));
		return -errno;
	}
	r = set_configure(set, &kernel->options);
	if (!r)
		r = portcullis_bpf__load(set->skel);
	if (r) {
		explain(why, why_size, "the kernel refused the BPF programs: %s", strerror(-r));
		return r;
	}
	r = set_learn_host(set);
	if (!r)
		r = set_open_rings(set, kernel);
	if (r) {
		explain(why, why_size, "the BPF programs cannot be set up: %s", strerror(-r));
		return r;
	}
	*ret_set = set;
	set = NULL;
	return 0;
}

static int set_attach(struct set *set, char *why, size_t why_size)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, set->skel->obj) {
		if (bpf_program__type(program) != BPF_PROG_TYPE_LSM)
			continue;
		set->links[set->link_count] = bpf_program__attach_lsm(program);
		if (!set->links[set->link_count]) {
			explain(why, why_size, "program %s cannot be attached: %s", bpf_program__name(program),
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

static int set_apply(struct set *set, const void *image, size_t size, char *why, size_t why_size)
{
	int fd = image_map_create(set);
	__u32 zero = 0;
	int r = fd;

	if (fd >= 0)
		r = image_map_fill(fd, set, image, size);
	if (!r && bpf_map_update_elem(bpf_map__fd(set->skel->maps.images), &zero, &fd, BPF_ANY))
		r = -errno;
	if (fd >= 0)
		(void)close(fd);
	if (r) {
		explain(why, why_size, "the policy's image cannot be put into the kernel: %s", strerror(-r));
		return r;
	}
	set->skel->bss->is_live = 1;
	return 0;
}

/* ---- Counters. ---- */

static void counters_add(struct pc_counters *sum, const struct pc_counters *more)
{
	__u64 *to = (__u64 *)sum;
	const __u64 *from = (const __u64 *)more;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
		to[i] += from[i];
}

static int set_add_counters(const struct set *set, struct pc_counters *sum)
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

int kernel_counters(const struct kernel *kernel, struct pc_counters *ret_counters)
{
	struct pc_counters sum = kernel->carried;
	int r = set_add_counters(kernel->live, &sum);

	if (!r && kernel->retired)
		r = set_add_counters(kernel->retired, &sum);
	if (!r)
		*ret_counters = sum;
	return r;
}

/* ---- The whole. ---- */

static int quiet_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level != LIBBPF_WARN)
		return 0;
	return vfprintf(stderr, format, arguments);
}

int kernel_open(const struct kernel_options *options, struct kernel **ret_kernel, char *why, size_t why_size)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int r;

	if (!kernel)
		return -ENOMEM;
	libbpf_set_print(quiet_print);
	kernel->options = *options;
	r = set_load(kernel, class_for(options->image_size), &kernel->live, why, why_size);
	if (!r)
		r = set_attach(kernel->live, why, why_size);
	if (r) {
		(void)kernel_close(kernel);
		return r;
	}
	*ret_kernel = kernel;
	return 0;
}

struct kernel *kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return NULL;
	(void)set_free(kernel->retired);
	(void)set_free(kernel->live);
	free(kernel);
	return NULL;
}

/* The image needs more room than the live set's element has: another set takes over, and both decide for a moment. */
static int kernel_outgrow(struct kernel *kernel, const void *image, size_t size, char *why, size_t why_size)
{
	__attribute__((cleanup(set_freep))) struct set *set = NULL;
	int r;

	r = set_load(kernel, class_for(size), &set, why, why_size);
	if (r)
		return r;
	set->skel->bss->is_audit_forced = kernel->live->skel->bss->is_audit_forced;
	r = set_attach(set, why, why_size);
	if (!r)
		r = set_apply(set, image, size, why, why_size);
	if (r)
		return r;
	kernel->live->skel->bss->is_live = 0;
	if (kernel->retired) {
		(void)set_add_counters(kernel->retired, &kernel->carried);
		(void)set_free(kernel->retired);
	}
	kernel->retired = kernel->live;
	kernel->live = set;
	set = NULL;
	return 0;
}

int kernel_apply(struct kernel *kernel, const void *image, size_t size, char *why, size_t why_size)
{
	if (size > PC_IMAGE_CLASS_MAX) {
		explain(why, why_size, "the policy's image has %zu bytes; the most is %u", size, PC_IMAGE_CLASS_MAX);
		return -EFBIG;
	}
	if (size > kernel->live->image_class)
		return kernel_outgrow(kernel, image, size, why, why_size);
	return set_apply(kernel->live, image, size, why, why_size);
}

int kernel_record_fd(const struct kernel *kernel)
{
	return kernel->live->epoll;
}

/* Denials first; what goes beyond the budget stays in the rings and keeps the descriptor readable. */
static int set_consume(struct set *set)
{
	for (int i = 0; i < 2; i++) {
		int r = ring_buffer__consume(set->rings[i]);

		if (r < 0)
			return r == -EAGAIN ? 0 : r;
	}
	return 0;
}

int kernel_consume(struct kernel *kernel, kernel_record_fn *fn, void *userdata)
{
	int r;

	kernel->fn = fn;
	kernel->userdata = userdata;
	kernel->budget = CONSUME_BUDGET;
	if (kernel->retired) {
		r = set_consume(kernel->retired);
		if (r < 0 || kernel->budget <= 0)
			return r < 0 ? r : CONSUME_BUDGET;
		(void)set_add_counters(kernel->retired, &kernel->carried);
		kernel->retired = set_free(kernel->retired);
	}
	r = set_consume(kernel->live);
	return r < 0 ? r : CONSUME_BUDGET - kernel->budget;
}

int kernel_force_audit(struct kernel *kernel, bool is_forced)
{
	kernel->live->skel->bss->is_audit_forced = is_forced;
	return 0;
}

const char *const *kernel_programs(const struct kernel *kernel)
{
	return kernel->live->names;
}

int kernel_canary(struct kernel *kernel, char *why, size_t why_size)
{
	struct portcullis_bpf__bss *bss = kernel->live->skel->bss;

	for (int i = 0; i < PC_SECTIONS; i++)
		bss->canary_seen[i] = 0;
	return canary_run(&bss->canary_tgid, bss->canary_seen, why, why_size);
}
