/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hooks.c - the programs that the kernel runs at its hooks: attached, all or none. */
#include "kernel_hooks.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "kernel_explain.h"

/* Others are run by the daemon, or stand in for a part of these. */
static bool is_hook(const struct bpf_program *program)
{
	enum bpf_prog_type type = bpf_program__type(program);

	return type == BPF_PROG_TYPE_LSM || (type == BPF_PROG_TYPE_TRACING &&
					     bpf_program__expected_attach_type(program) != BPF_TRACE_ITER);
}

static int attach(struct hooks *hooks, const struct bpf_program *program)
{
	struct bpf_link *link;

	if (hooks->count == HOOKS_MAX)
		return -E2BIG;
	link = bpf_program__attach(program);
	if (!link)
		return -errno;
	hooks->links[hooks->count] = link;
	hooks->names[hooks->count++] = bpf_program__name(program);
	return 0;
}

int hooks_attach(struct hooks *hooks, const struct bpf_object *object, char *why, size_t why_size)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		int r = is_hook(program) && bpf_program__autoload(program) ? attach(hooks, program) : 0;

		if (r) {
			kernel_explain(why, why_size, "program %s cannot be attached: %s",
				       bpf_program__name(program), strerror(-r));
			return r;
		}
	}
	return 0;
}

void hooks_detach(struct hooks *hooks)
{
	while (hooks->count > 0)
		(void)bpf_link__destroy(hooks->links[--hooks->count]);
}
