/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_ask.c - asks the decision code as it runs in the kernel: the other side of the comparison. */
#include "kernel_ask.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.skel.h"
#include "ask_context.h"

/* Room for an image: a power of two, as the programs mask with it. */
#define IMAGE_ROOM (8U * PC_IMAGE_CLASS_MIN)

static struct ask_bpf *skel;

int kernel_open(void)
{
	int r;

	skel = ask_bpf__open();
	if (!skel)
		return -errno;
	skel->rodata->image_mask = IMAGE_ROOM - sizeof(__u64);
	r = bpf_map__set_value_size(bpf_map__inner_map(skel->maps.images), IMAGE_ROOM);
	return r ? r : ask_bpf__load(skel);
}

int kernel_use_image(const struct image *image)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG | BPF_F_MMAPABLE);
	char *bytes = calloc(1, IMAGE_ROOM);
	__u32 zero = 0;
	int r = 0;
	int fd;

	if (image->size > IMAGE_ROOM) {
		free(bytes);
		return -EFBIG;
	}
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pc_image", sizeof(__u32), IMAGE_ROOM, 1, &options);
	if (!bytes || fd < 0) {
		free(bytes);
		return fd < 0 ? fd : -ENOMEM;
	}
	memcpy(bytes, image->words, image->size);
	if (bpf_map_update_elem(fd, &zero, bytes, BPF_ANY) || bpf_map_freeze(fd) ||
	    bpf_map_update_elem(bpf_map__fd(skel->maps.images), &zero, &fd, BPF_ANY))
		r = -errno;
	(void)close(fd);
	free(bytes);
	return r;
}

/* The bytes as the automaton takes them: addresses in nibbles. */
static size_t feed(const struct question *question, char *ret_bytes)
{
	const __u8 *bytes = question->bytes;

	if (question->kind != PC_KIND_IP4 && question->kind != PC_KIND_IP6) {
		if (question->length)
			memcpy(ret_bytes, question->bytes, question->length);
		return question->length;
	}
	for (size_t i = 0; i < question->length; i++) {
		ret_bytes[2 * i] = bytes[i] >> 4;
		ret_bytes[2 * i + 1] = bytes[i] & 15;
	}
	return 2 * question->length;
}

int kernel_ask(const struct question *question, struct pc_answer *ret_answer)
{
	static char bytes[PC_EVENT_OBJECT_MAX];
	struct ask_context context = {
		.section = question->section,
		.kind = question->kind,
		.access = question->access,
		.class = question->class,
		.port = question->port,
		.is_rules_only = (question->ask & PC_ASK_RULES_ONLY) != 0,
		.is_stricter = (question->ask & PC_ASK_BOTH) != 0,
		.profile = (__u32)question->profile,
	};
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &context, .ctx_size_in = sizeof(context));
	__u32 zero = 0;

	if (question->length > sizeof(bytes))
		return -EINVAL;
	context.length = feed(question, bytes);
	if (bpf_map_update_elem(bpf_map__fd(skel->maps.question), &zero, bytes, BPF_ANY))
		return -errno;
	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.ask), &run))
		return -errno;
	if (run.retval)
		return -EIO;
	memset(ret_answer, 0, sizeof(*ret_answer));
	ret_answer->ref = context.ret_ref;
	ret_answer->verdict = context.ret_verdict;
	ret_answer->mode = context.ret_mode;
	return 0;
}

void kernel_close(void)
{
	ask_bpf__destroy(skel);
	skel = NULL;
}
