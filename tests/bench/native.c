/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * native.c - bench-native POLICY OBJECTS: prints the nanoseconds of a decision, and how many of the objects (a path a
 * line) are denied. What the loop over the objects costs without a decision is taken off. The least of several rounds.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "native.h"
#include "native.skel.h"

#define ROUNDS 15

static void die(const char *what)
{
	(void)fprintf(stderr, "bench-native: %s: %s\n", what, strerror(errno));
	exit(2);
}

static char *read_whole(const char *path, size_t *ret_length)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		die(path);
	if (getdelim(&text, &room, '\0', file) < 0)
		die(path);
	(void)fclose(file);
	*ret_length = strlen(text);
	return text;
}

static struct image *compile(const char *path)
{
	const struct policy_options options = { .is_offline = true };
	struct policy *policy = NULL;
	struct image *image = NULL;
	struct diags diags = {};
	size_t length;
	char *text = read_whole(path, &length);

	if (policy_parse(path, text, length, &options, &diags, &policy) || image_compile(policy, &diags, &image)) {
		diags_print(&diags, stderr);
		exit(2);
	}
	diags_done(&diags);
	policy_free(policy);
	free(text);
	return image;
}

static __u32 count_lines(const char *text)
{
	__u32 count = 0;

	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

static void put_objects(int map, char *text)
{
	struct native_object object;
	__u32 index = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), index++) {
		object = (struct native_object){ .length = (__u32)strlen(line) };
		if (object.length > sizeof(object.text))
			object.length = sizeof(object.text);
		memcpy(object.text, line, object.length);
		if (bpf_map_update_elem(map, &index, &object, BPF_ANY))
			die("objects");
	}
}

static void put_image(const struct native_bpf *native, const struct image *image, size_t size)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG | BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "image", sizeof(__u32), (__u32)size, 1, &options);
	char *bytes = calloc(1, size);
	__u32 zero = 0;

	if (fd < 0 || !bytes)
		die("image");
	memcpy(bytes, image->words, image->size);
	if (bpf_map_update_elem(fd, &zero, bytes, BPF_ANY) || bpf_map_freeze(fd) ||
	    bpf_map_update_elem(bpf_map__fd(native->maps.images), &zero, &fd, BPF_ANY))
		die("image");
	free(bytes);
}

/* A power of two, as the programs mask with it. */
static size_t image_room(size_t size)
{
	size_t room = PC_IMAGE_CLASS_MIN;

	while (room < size)
		room *= 2;
	return room;
}

static __u64 run(const struct native_bpf *native, struct native_context *context)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(*context));
	__u64 least = -1ULL;

	for (int i = 0; i < ROUNDS; i++) {
		if (bpf_prog_test_run_opts(bpf_program__fd(native->progs.decide_all), &options) || options.retval)
			die("decide_all");
		if (context->ret_ns < least)
			least = context->ret_ns;
	}
	return least;
}

int main(int argc, char **argv)
{
	struct native_context context = {};
	struct native_bpf *native = native_bpf__open();
	struct image *image;
	__u64 loop, all;
	char *objects;
	size_t length;

	if (argc != 3 || !native) {
		(void)fprintf(stderr, "usage: bench-native POLICY OBJECTS\n");
		return 2;
	}
	image = compile(argv[1]);
	objects = read_whole(argv[2], &length);
	context.count = count_lines(objects);
	native->rodata->image_mask = (__u32)(image_room(image->size) - sizeof(__u64));
	if (bpf_map__set_value_size(bpf_map__inner_map(native->maps.images), (__u32)image_room(image->size)) ||
	    bpf_map__set_max_entries(native->maps.objects, context.count) || native_bpf__load(native))
		die("load");
	put_objects(bpf_map__fd(native->maps.objects), objects);
	put_image(native, image, image_room(image->size));
	loop = run(native, &context);
	context.is_walking = 1;
	all = run(native, &context);
	printf("%llu %u\n", (all - loop) / context.count, context.ret_denied);
	native_bpf__destroy(native);
	image_free(image);
	free(objects);
	return 0;
}
