/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel.c - the live set of programs, the one before it, and what the daemon asks of them. */
#include "kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel_set.h"

/* Records handed over in one go: who makes records without end must not keep the daemon from everything else. */
#define CONSUME_BUDGET 1024

struct kernel {
	struct kernel_options options;
	struct set *live;
	struct set *retired; /* its rings may still hold records; NULL most of the time */
	struct pc_counters carried; /* of sets that are gone */
	bool is_audit_forced;
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

static int load_set(struct kernel *kernel, size_t image_size, struct set **ret_set, char *why, size_t why_size)
{
	struct set_options options = {
		.image_size = image_size,
		.ring_size = kernel->options.ring_size,
		.record = record_callback,
		.context = kernel,
	};

	return set_load(&options, ret_set, why, why_size);
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
	r = load_set(kernel, options->image_size, &kernel->live, why, why_size);
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

static int fill_and_swap(struct set *set, const void *image, size_t size, char *why, size_t why_size)
{
	int fd = -1;
	int r = set_fill(set, image, size, &fd, why, why_size);

	if (r)
		return r;
	r = set_swap(set, fd, why, why_size);
	(void)close(fd);
	return r;
}

/* The image needs more room than the live set's element has: another set takes over, and both decide for a moment. */
static int kernel_outgrow(struct kernel *kernel, const void *image, size_t size, char *why, size_t why_size)
{
	struct set *set = NULL;
	int r;

	r = load_set(kernel, size, &set, why, why_size);
	if (r)
		return r;
	set_force_audit(set, kernel->is_audit_forced);
	r = set_attach(set, why, why_size);
	if (!r)
		r = fill_and_swap(set, image, size, why, why_size);
	if (r) {
		(void)set_free(set);
		return r;
	}
	set_stand_by(kernel->live);
	if (kernel->retired) {
		(void)set_add_counters(kernel->retired, &kernel->carried);
		(void)set_free(kernel->retired);
	}
	kernel->retired = kernel->live;
	kernel->live = set;
	return 0;
}

int kernel_apply(struct kernel *kernel, const void *image, size_t size, char *why, size_t why_size)
{
	if (size > PC_IMAGE_CLASS_MAX) {
		set_explain(why, why_size, "the policy's image has %zu bytes; the most is %u", size, PC_IMAGE_CLASS_MAX);
		return -EFBIG;
	}
	if (!set_has_room(kernel->live, size))
		return kernel_outgrow(kernel, image, size, why, why_size);
	return fill_and_swap(kernel->live, image, size, why, why_size);
}

int kernel_record_fd(const struct kernel *kernel)
{
	return set_record_fd(kernel->live);
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
	kernel->is_audit_forced = is_forced;
	set_force_audit(kernel->live, is_forced);
	return 0;
}

const char *const *kernel_programs(const struct kernel *kernel)
{
	return set_programs(kernel->live);
}

int kernel_canary(struct kernel *kernel, char *why, size_t why_size)
{
	return set_canary(kernel->live, why, why_size);
}
