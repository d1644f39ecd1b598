/* SPDX-License-Identifier: GPL-2.0-only */
/* peers.bpf.c - what any engine of this kind pays: a program that does nothing, and one that asks bpf_d_path(). */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct path;

struct file {
	struct path {
	} f_path;
};

#pragma clang attribute pop

struct buffer {
	char bytes[4096];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct buffer);
} buffers SEC(".maps");

SEC("?lsm/file_open")
int BPF_PROG(empty_open, struct file *file, int ret)
{
	return ret;
}

SEC("?lsm/socket_connect")
int BPF_PROG(empty_connect, void *sock, void *address, int length, int ret)
{
	return ret;
}

SEC("?lsm/file_open")
int BPF_PROG(path_open, struct file *file, int ret)
{
	__u32 zero = 0;
	struct buffer *buffer = bpf_map_lookup_elem(&buffers, &zero);

	if (buffer)
		bpf_d_path(&file->f_path, buffer->bytes, sizeof(buffer->bytes));
	return ret;
}

char LICENSE[] SEC("license") = "GPL";
