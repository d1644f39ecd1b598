/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_programs.c - which of the object's programs the running kernel has hooks for. */
#include "kernel_programs.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The hook's type, NULL if the kernel has no such hook. */
static const struct btf_type *find_hook(const struct btf *btf, const char *name, int length)
{
	const struct btf_type *function;
	char symbol[64];
	int id;

	(void)snprintf(symbol, sizeof(symbol), "bpf_lsm_%.*s", length, name);
	id = btf__find_by_name_kind(btf, symbol, BTF_KIND_FUNC);
	function = id > 0 ? btf__type_by_id(btf, id) : NULL;
	return function ? btf__type_by_id(btf, function->type) : NULL;
}

static bool fits(const struct btf *btf, const char *program)
{
	const char *hook = program + strlen("on_"), *count = strstr(hook, "__");
	const struct btf_type *type = find_hook(btf, hook, count ? (int)(count - hook) : (int)strlen(hook));

	return type && (!count || btf_vlen(type) == atoi(count + 2));
}

/* A program for a function of the kernel's that is no hook: those of one function are loaded all or not at all. */
static bool is_traceable(const struct btf *btf, const char *section)
{
	const char *function = strchr(section, '/');

	return function && btf__find_by_name_kind(btf, function + 1, BTF_KIND_FUNC) > 0;
}

static bool is_wanted(const struct btf *btf, const struct bpf_program *program)
{
	if (bpf_program__type(program) == BPF_PROG_TYPE_TRACING)
		return is_traceable(btf, bpf_program__section_name(program));
	return fits(btf, bpf_program__name(program));
}

int programs_choose(struct bpf_object *object)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *program;

	if (!btf)
		return -errno;
	bpf_object__for_each_program(program, object) {
		if (!bpf_program__autoload(program))
			(void)bpf_program__set_autoload(program, is_wanted(btf, program));
	}
	btf__free(btf);
	return 0;
}
