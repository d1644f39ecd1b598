/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_shared.c - decisions that several of the object's programs come to: loaded once, put in the place of stubs.
 *
 * libbpf would have the stubs' programs loaded by an object of their own, and would ask the kernel for their types,
 * which takes CAP_SYS_ADMIN. Their numbers are those of the object's own types; the programs come before in it.
 */
#include "kernel_shared.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel_explain.h"
#include "kernel_pins.h"
#include "pins.h"

#define SECTION "freplace/"
/* The most that the kernel takes. */
#define FUNCTIONS_MAX 256
/*
 * The descriptors of a process that is killed are closed in their order: those of the programs that have the stubs come
 * before these, or they would refuse everybody until their own turn came.
 */
#define LINK_MIN 512

/* What libbpf asks about. */
static const struct shared *loading;

/* The type of the stub that the program replaces, or −errno. */
static int stub_of(const struct shared *shared, const struct bpf_program *program)
{
	const char *name = bpf_program__section_name(program) + strlen(SECTION);

	return btf__find_by_name_kind(bpf_object__btf(shared->object), name, BTF_KIND_FUNC);
}

static bool has_function(const struct bpf_program *program, int type)
{
	struct bpf_func_info functions[FUNCTIONS_MAX] = {};
	struct bpf_prog_info info = {
		.nr_func_info = FUNCTIONS_MAX,
		.func_info_rec_size = sizeof(functions[0]),
		.func_info = (uintptr_t)functions,
	};
	__u32 size = sizeof(info);
	int fd = bpf_program__fd(program);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		return false;
	for (__u32 i = 0; i < info.nr_func_info && i < FUNCTIONS_MAX; i++)
		if (functions[i].type_id == (__u32)type)
			return true;
	return false;
}

/* The next loaded program that has the stub. */
static struct bpf_program *next_target(const struct shared *shared, struct bpf_program *program, int stub)
{
	do {
		program = bpf_object__next_program(shared->object, program);
	} while (program && !has_function(program, stub));
	return program;
}

/* It is verified as a part of the first program that has the stub. */
static int prepare(struct bpf_program *program, struct bpf_prog_load_opts *options, long cookie)
{
	int stub = loading ? stub_of(loading, program) : -ENOENT;
	const struct bpf_program *target = stub < 0 ? NULL : next_target(loading, NULL, stub);

	(void)cookie;
	if (!target)
		return -ENOENT;
	options->attach_btf_id = (__u32)stub;
	options->attach_prog_fd = (__u32)bpf_program__fd(target);
	return 0;
}

/* Once for all: libbpf before 1.3 frees its list of handlers along with the last one, and goes on to use it. */
static int register_handler(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = prepare);
	static bool is_registered;
	int r = is_registered ? 0 : libbpf_register_prog_handler(SECTION, BPF_PROG_TYPE_EXT, 0, &options);

	is_registered = is_registered || r >= 0;
	return r < 0 ? r : 0;
}

int shared_begin(struct shared *shared)
{
	loading = shared;
	return register_handler();
}

void shared_end(void)
{
	loading = NULL;
}

/* Takes the link. */
static int keep(struct shared *shared, int fd)
{
	int link = fd_copy(fd, LINK_MIN);

	(void)close(fd);
	if (link < 0)
		return link;
	shared->links[shared->link_count++] = link;
	return 0;
}

static int attach(struct shared *shared, const struct bpf_program *program, const struct bpf_program *target,
		  int stub)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .target_btf_id = (__u32)stub);
	int fd;

	if (shared->link_count == SHARED_LINKS_MAX)
		return -E2BIG;
	fd = bpf_link_create(bpf_program__fd(program), bpf_program__fd(target), 0, &options);
	if (fd < 0)
		return -errno;
	return keep(shared, fd);
}

static int attach_to_all(struct shared *shared, const struct bpf_program *program, char *why, size_t why_size)
{
	int stub = stub_of(shared, program);

	for (struct bpf_program *target = NULL; (target = next_target(shared, target, stub));) {
		int r = attach(shared, program, target, stub);

		if (r) {
			kernel_explain(why, why_size, "program %s cannot be put into %s: %s",
				       bpf_program__name(program), bpf_program__name(target), strerror(-r));
			return r;
		}
	}
	return 0;
}

int shared_attach(struct shared *shared, char *why, size_t why_size)
{
	struct bpf_program *program;
	int r = 0;

	bpf_object__for_each_program(program, shared->object)
	{
		if (!r && bpf_program__type(program) == BPF_PROG_TYPE_EXT && bpf_program__autoload(program))
			r = attach_to_all(shared, program, why, why_size);
	}
	return r;
}

static void pin_name(char *name, size_t size, size_t index)
{
	(void)snprintf(name, size, PINS_STUB "%zu", index);
}

int shared_pin(const struct shared *shared, const char *dir)
{
	char name[32];
	int r = 0;

	for (size_t i = 0; !r && i < shared->link_count; i++) {
		pin_name(name, sizeof(name), i);
		r = pin_make(shared->links[i], dir, name);
	}
	return r;
}

int shared_adopt(struct shared *shared, const char *dir, size_t count)
{
	char name[32];

	while (shared->link_count < count && count <= SHARED_LINKS_MAX) {
		int fd;

		pin_name(name, sizeof(name), shared->link_count);
		fd = pin_open(dir, name);
		if (fd >= 0)
			fd = keep(shared, fd);
		if (fd < 0)
			return fd == -ENOENT ? -ESTALE : fd;
	}
	return shared->link_count == count ? 0 : -ESTALE;
}

void shared_detach(struct shared *shared)
{
	while (shared->link_count > 0)
		(void)close(shared->links[--shared->link_count]);
}
