/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hooks.c - the programs that the kernel runs at its hooks: attached, all or none. */
#include "kernel_hooks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel_explain.h"
#include "kernel_pins.h"

/* Others are run by the daemon, or stand in for a part of these. */
static bool is_hook(const struct bpf_program *program)
{
	enum bpf_prog_type type = bpf_program__type(program);

	if (!bpf_program__autoload(program))
		return false;
	return type == BPF_PROG_TYPE_LSM || (type == BPF_PROG_TYPE_TRACING &&
					     bpf_program__expected_attach_type(program) != BPF_TRACE_ITER);
}

/* Takes the link, or −errno of what should have made it. */
static int take(struct hooks *hooks, int link, const char *name)
{
	if (link < 0)
		return link;
	if (hooks->count < HOOKS_MAX)
		hooks->names[hooks->count] = strdup(name);
	if (hooks->count == HOOKS_MAX || !hooks->names[hooks->count]) {
		(void)close(link);
		return -ENOMEM;
	}
	hooks->links[hooks->count++] = link;
	return 0;
}

int hooks_attach(struct hooks *hooks, const struct bpf_object *object, char *why, size_t why_size)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		const char *name = bpf_program__name(program);
		int r = is_hook(program) ? take(hooks, link_take(bpf_program__attach(program)), name) : 0;

		if (r) {
			kernel_explain(why, why_size, "program %s cannot be attached: %s", name, strerror(-r));
			return r;
		}
	}
	return 0;
}

int hooks_pin(const struct hooks *hooks, const char *dir)
{
	int r = 0;

	for (size_t i = 0; !r && i < hooks->count; i++)
		r = pin_make(hooks->links[i], dir, hooks->names[i]);
	return r;
}

/* Whether it is a link of that program, whose name the kernel knows by its beginning. */
static bool is_link_of(int link, const char *name)
{
	struct bpf_link_info info = {};
	struct bpf_prog_info program = {};
	__u32 size = sizeof(info);
	int fd, r;

	if (bpf_obj_get_info_by_fd(link, &info, &size))
		return false;
	fd = bpf_prog_get_fd_by_id(info.prog_id);
	if (fd < 0)
		return false;
	size = sizeof(program);
	r = bpf_obj_get_info_by_fd(fd, &program, &size);
	(void)close(fd);
	return r == 0 && strncmp(program.name, name, sizeof(program.name) - 1) == 0;
}

int hooks_adopt(struct hooks *hooks, const struct bpf_object *object, const char *dir)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		const char *name = bpf_program__name(program);
		int r = is_hook(program) ? take(hooks, pin_open(dir, name), name) : 0;

		if (r)
			return r == -ENOENT ? -ESTALE : r;
		if (is_hook(program) && !is_link_of(hooks->links[hooks->count - 1], name))
			return -ESTALE;
	}
	return 0;
}

void hooks_detach(struct hooks *hooks)
{
	while (hooks->count > 0) {
		(void)close(hooks->links[--hooks->count]);
		free(hooks->names[hooks->count]);
		hooks->names[hooks->count] = NULL;
	}
}
