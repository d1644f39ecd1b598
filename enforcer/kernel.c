/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel.c - the live set of programs, the one before it, and what the daemon asks of them. */
#include "kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "kernel_canary.h"
#include "kernel_explain.h"
#include "kernel_pins.h"
#include "kernel_set.h"
#include "pins.h"

/* Records handed over in one go: who makes records without end must not keep the daemon from everything else. */
#define CONSUME_BUDGET 1024

struct kernel_image {
	struct set_image filled;
	struct set *set; /* programs that have room for it; NULL: the live ones do */
};

struct kernel {
	struct kernel_options options;
	int epoll; /* of the rings */
	struct set *live;
	struct set *earlier; /* of the daemon before, which decides until this one is settled; NULL: there is none */
	enum kernel_origin origin;
	bool is_pinned;
	int hits_before; /* map of the policy before the live one; −1: there was none */
	struct ticks ticks;
	kernel_record_fn *fn;
	void *userdata;
	int budget; /* records that may still be handed over by this kernel_consume() */
};

static int record_callback(void *context, void *data, size_t size)
{
	struct kernel *kernel = context;

	if (kernel->fn)
		kernel->fn(data, size, kernel->userdata);
	/* A negative value ends the round; the record counts as consumed. */
	return --kernel->budget > 0 ? 0 : -EAGAIN;
}

static struct set_options options_of(struct kernel *kernel, size_t image_size)
{
	return (struct set_options){
		.image_size = image_size,
		.before = kernel->live ? kernel->live : kernel->earlier,
		.pins = kernel->options.pins,
		.record = record_callback,
		.context = kernel,
	};
}

/* What a closed set had in it leaves by itself. */
static int watch_rings(struct kernel *kernel, const struct set *set)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(kernel->epoll, EPOLL_CTL_ADD, set_record_fd(set), &event) < 0 ? -errno : 0;
}

static int quiet_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level != LIBBPF_WARN)
		return 0;
	return vfprintf(stderr, format, arguments);
}

static int refuse_sealed(const char *dir, char *why, size_t why_size)
{
	if (!pins_have(dir, PINS_SEALED))
		return 0;
	kernel_explain(why, why_size,
		       "the policy is sealed: until the host is booted again only the portcullisd that sealed it can go on with it, and with no larger one");
	return -EPERM;
}

/* What another build left goes on deciding until this one is settled, too; but nothing more is known of it. */
static int adopt(struct kernel *kernel, char *why, size_t why_size)
{
	const struct set_options options = options_of(kernel, kernel->options.image_size);
	const char *dir = kernel->options.pins;
	struct set *set = NULL;
	bool is_whole = false;
	int r = pins_prepare(dir);

	if (r == -EACCES)
		kernel_explain(why, why_size, "%s is not root's alone: remove it, once you know who made it", dir);
	else if (r)
		kernel_explain(why, why_size, "%s cannot be a folder of a BPF file system: %s (mount -t bpf bpf /sys/fs/bpf)", dir, strerror(-r));
	if (r)
		return r;
	r = set_adopt(dir, &options, &set, &is_whole);
	if (r == -ENOENT)
		return 0;
	kernel->origin = r == -ESTALE ? KERNEL_OTHER_BUILD : KERNEL_FOLLOWED;
	if (r == -ESTALE)
		return refuse_sealed(dir, why, why_size);
	if (r)
		kernel_explain(why, why_size, "what is pinned in %s cannot be taken over: %s", dir, strerror(-r));
	*(is_whole ? &kernel->live : &kernel->earlier) = set;
	return r ? r : is_whole ? 0 : refuse_sealed(dir, why, why_size);
}

static int load(struct kernel *kernel, char *why, size_t why_size)
{
	const struct set_options options = options_of(kernel, kernel->options.image_size);
	int r = set_load(&options, &kernel->live, why, why_size);

	return r ? r : set_attach(kernel->live, kernel->earlier, why, why_size);
}

void kernel_announce(const char *pins)
{
	set_announce(pins);
}

int kernel_open(const struct kernel_options *options, struct kernel **ret_kernel, char *why, size_t why_size)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int r;

	if (!kernel)
		return -ENOMEM;
	libbpf_set_print(quiet_print);
	kernel->options = *options;
	kernel->hits_before = -1;
	kernel->epoll = epoll_create1(EPOLL_CLOEXEC);
	r = kernel->epoll < 0 ? -errno : 0;
	if (!r && options->pins)
		r = adopt(kernel, why, why_size);
	if (!r && !kernel->live)
		r = load(kernel, why, why_size);
	if (!r)
		r = watch_rings(kernel, kernel->live);
	if (r) {
		(void)kernel_close(kernel);
		return r;
	}
	set_coalesce(kernel->live, options->is_coalescing);
	*ret_kernel = kernel;
	return 0;
}

struct kernel *kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return NULL;
	if (kernel->live && kernel_outlives(kernel))
		(void)set_forget_told(kernel->live);
	(void)set_free(kernel->earlier);
	(void)set_free(kernel->live);
	if (kernel->hits_before >= 0)
		(void)close(kernel->hits_before);
	if (kernel->epoll >= 0)
		(void)close(kernel->epoll);
	free(kernel);
	return NULL;
}

struct kernel_image *kernel_image_free(struct kernel_image *image)
{
	if (!image)
		return NULL;
	(void)set_free(image->set);
	set_image_done(&image->filled);
	free(image);
	return NULL;
}

static int prepare(struct kernel *kernel, void *words, size_t size, struct kernel_image *image, char *why,
		   size_t why_size)
{
	const struct set_options options = options_of(kernel, size);
	int r;

	if (set_has_room(kernel->live, size))
		return set_fill(kernel->live, words, size, &image->filled, why, why_size);
	r = set_load(&options, &image->set, why, why_size);
	/* 6.1 wants CAP_SYS_ADMIN for that, which is long given up. */
	if (r)
		kernel_explain(why, why_size,
			    "its image of %zu bytes outgrew the room that the first policy was given, and programs with more can't be loaded: %s; restart portcullisd",
			    size, strerror(-r));
	return r ? r : set_fill(image->set, words, size, &image->filled, why, why_size);
}

int kernel_prepare(struct kernel *kernel, void *image, size_t size, struct kernel_image **ret_image, char *why,
		   size_t why_size)
{
	struct kernel_image *made;
	int r;

	if (size > PC_IMAGE_CLASS_MAX) {
		kernel_explain(why, why_size, "the policy's image has %zu bytes; the most is %u", size, PC_IMAGE_CLASS_MAX);
		return -EFBIG;
	}
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->filled = (struct set_image){ .fd = -1, .hits = -1 };
	r = prepare(kernel, image, size, made, why, why_size);
	if (r) {
		(void)kernel_image_free(made);
		return r;
	}
	*ret_image = made;
	return 0;
}

enum kernel_origin kernel_origin(const struct kernel *kernel)
{
	return kernel->origin;
}

/* What `set` is to be known by, in place of what is pinned now; that goes on until pins_drop_next(). */
static int pin(const struct kernel *kernel, const struct set *set, char *why, size_t why_size)
{
	int r = set_pin(set, kernel->options.pins);

	if (!r)
		r = pins_swap(kernel->options.pins);
	if (!r)
		return 0;
	kernel_explain(why, why_size, "the programs cannot be pinned in %s: %s", kernel->options.pins, strerror(-r));
	(void)pins_drop_next(kernel->options.pins);
	return r;
}

int kernel_settle(struct kernel *kernel, char *why, size_t why_size)
{
	bool is_taken_over = kernel->origin == KERNEL_FOLLOWED && !kernel->earlier;
	int r;

	if (!kernel->options.pins)
		return 0;
	r = is_taken_over ? 0 : pin(kernel, kernel->live, why, why_size);
	if (r)
		return r;
	kernel->is_pinned = true;
	if (kernel->earlier)
		set_stand_by(kernel->earlier);
	kernel->earlier = set_free(kernel->earlier);
	r = pins_drop_next(kernel->options.pins);
	if (r)
		kernel_explain(why, why_size, "what an earlier daemon left cannot be ended: %s", strerror(-r));
	return r;
}

/* The image outgrew the live set: the one that was loaded for it changes places with it, and for a moment both decide. */
static int take_over(struct kernel *kernel, struct kernel_image *image, char *why, size_t why_size)
{
	struct set *before = kernel->live;
	int r = watch_rings(kernel, image->set);

	if (!r)
		r = set_attach(image->set, before, why, why_size);
	if (r)
		return r;
	set_coalesce(image->set, kernel->options.is_coalescing);
	r = set_swap(image->set, &image->filled, why, why_size);
	/* Tasks may have been given other profiles: that is known to both. */
	set_forget(before);
	if (!r && kernel->options.pins)
		r = pin(kernel, image->set, why, why_size);
	if (r)
		return r;
	set_stand_by(before);
	set_detach(before);
	if (kernel->options.pins)
		(void)pins_drop_next(kernel->options.pins);
	kernel->live = image->set;
	image->set = before;
	return 0;
}

/* The map of the policy that is to be replaced, to be read when nobody decides by it any more. */
static int hold_hits(struct kernel *kernel)
{
	int fd;

	if (set_gather_hits(kernel->live, &kernel->ticks, &fd) < 0)
		return -1;
	return fd_copy(fd, 0);
}

int kernel_apply(struct kernel *kernel, struct kernel_image *image, char *why, size_t why_size)
{
	struct set *before = kernel->live;
	int hits = hold_hits(kernel), fd, r;

	r = image->set ? take_over(kernel, image, why, why_size) :
			 set_swap(kernel->live, &image->filled, why, why_size);
	if (r) {
		if (hits >= 0)
			(void)close(hits);
		return r;
	}
	/* What was decided by it until now goes home, of the set that decided. */
	(void)set_gather_hits(before, &kernel->ticks, &fd);
	if (kernel->hits_before >= 0)
		(void)close(kernel->hits_before);
	kernel->hits_before = hits;
	(void)kernel_image_free(image);
	return 0;
}

int kernel_live_image(const struct kernel *kernel, struct pc_image_header **ret_image, __u64 *ret_loaded)
{
	struct pc_image_header *copy;
	struct image_view view;
	int r = set_live_image(kernel->live, &view, ret_loaded);

	if (r)
		return r;
	copy = malloc(view.header->size);
	if (copy)
		*ret_image = memcpy(copy, view.header, view.header->size);
	image_view_done(&view);
	return copy ? 0 : -ENOMEM;
}

/* ---- Hits and repeats. ---- */

int kernel_counters(const struct kernel *kernel, struct pc_counters *ret_counters)
{
	return set_counters(kernel->live, ret_counters);
}

void kernel_told(const struct kernel *kernel, struct kernel_told *ret_told)
{
	set_told(kernel->live, ret_told);
}

int kernel_hits(struct kernel *kernel, struct pc_hit *ret_hits, size_t count)
{
	struct pc_hit *view;
	int fd, r = set_gather_hits(kernel->live, &kernel->ticks, &fd);

	if (!r)
		r = hits_map_view(fd, count, &view);
	if (r)
		return r;
	memcpy(ret_hits, view, count * sizeof(*ret_hits));
	hits_map_close(view, count);
	ticks_convert(&kernel->ticks, clock_boottime(), ret_hits, count);
	return 0;
}

int kernel_hits_view(struct kernel *kernel, size_t before_count, size_t live_count, struct kernel_hits_view *ret_view)
{
	struct kernel_hits_view view = { .before_count = before_count, .live_count = live_count };
	int r = kernel->hits_before < 0 ? -ENOENT : hits_map_view(kernel->hits_before, before_count, &view.before);

	if (!r)
		r = hits_map_view(set_hits(kernel->live), live_count, &view.live);
	if (r)
		kernel_hits_close(&view);
	else
		*ret_view = view;
	return r;
}

void kernel_hits_close(struct kernel_hits_view *view)
{
	hits_map_close(view->before, view->before_count);
	hits_map_close(view->live, view->live_count);
	*view = (struct kernel_hits_view){};
}

long kernel_take_repeats(struct kernel *kernel, unsigned int place, __u32 version)
{
	return set_take_repeats(kernel->live, place, version);
}

__u64 kernel_take_strangers(struct kernel *kernel, unsigned int place)
{
	__u32 version = set_repeat_version(kernel->live, place);
	__u64 sum = 0;
	long count;

	/* An odd one is about to be another, and its record on the way. */
	while (version % 2 == 0 && (count = set_take_repeats(kernel->live, place, version)) > 0)
		sum += (__u64)count;
	return sum;
}

bool kernel_outlives(const struct kernel *kernel)
{
	return kernel->options.pins;
}

void kernel_stop(struct kernel *kernel)
{
	if (kernel_outlives(kernel))
		return;
	set_stand_by(kernel->live);
	set_detach(kernel->live);
}

int kernel_record_fd(const struct kernel *kernel)
{
	return kernel->epoll;
}

int kernel_consume(struct kernel *kernel, kernel_record_fn *fn, void *userdata)
{
	int r;

	kernel->fn = fn;
	kernel->userdata = userdata;
	kernel->budget = CONSUME_BUDGET;
	r = set_consume(kernel->live);
	return r < 0 ? r : CONSUME_BUDGET - kernel->budget;
}

int kernel_force_audit(struct kernel *kernel, bool is_forced, __u64 until)
{
	set_force_audit(kernel->live, is_forced, until);
	return 0;
}

int kernel_keep_canary(void)
{
	return canary_keep();
}

int kernel_seal(struct kernel *kernel)
{
	return set_seal(kernel->live, kernel->options.pins);
}

bool kernel_is_sealed(const struct kernel *kernel)
{
	return set_is_sealed(kernel->live);
}

void kernel_protect(struct kernel *kernel, __u32 parts)
{
	set_protect(kernel->live, parts);
}

bool kernel_is_audit_forced(const struct kernel *kernel, __u64 *ret_until)
{
	return set_is_audit_forced(kernel->live, ret_until);
}

void kernel_cache(const struct kernel *kernel, struct kernel_cache *ret_cache)
{
	set_cache(kernel->live, ret_cache);
}

size_t kernel_ring_size(const struct kernel *kernel)
{
	return set_ring_size(kernel->live);
}

const char *const *kernel_programs(const struct kernel *kernel)
{
	return set_programs(kernel->live);
}

size_t kernel_untried(const struct kernel *kernel, const char **ret_names)
{
	return set_untried(kernel->live, ret_names);
}

/* A pin that is gone does no harm until the daemon is. */
static int check_pins(const struct kernel *kernel, char *why, size_t why_size)
{
	const char *const *names = set_programs(kernel->live);

	for (; kernel->is_pinned && *names; names++) {
		if (pins_have(kernel->options.pins, *names))
			continue;
		kernel_explain(why, why_size, "%s is no longer pinned in %s: it would end with the daemon; restart portcullisd",
			       *names, kernel->options.pins);
		return -ENOTRECOVERABLE;
	}
	return 0;
}

int kernel_prove(struct kernel *kernel, char *why, size_t why_size)
{
	int r = set_canary(kernel->live, why, why_size);

	if (!r)
		r = set_check(kernel->live, why, why_size);
	return r ? r : check_pins(kernel, why, why_size);
}

int kernel_join(struct kernel *kernel, const struct kernel_join *join, __u64 *ret_family)
{
	return set_join(kernel->live, join, ret_family);
}

int kernel_tasks(struct kernel *kernel, kernel_task_fn *fn, void *userdata)
{
	return set_tasks(kernel->live, fn, userdata);
}

int kernel_follow(struct kernel *kernel)
{
	return set_follow(kernel->live);
}
