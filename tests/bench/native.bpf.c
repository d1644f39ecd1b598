/* SPDX-License-Identifier: GPL-2.0-only */
/* native.bpf.c - the hooks' own decision about each of many names, behind a system call: on a machine's own processor. */
#include "judge.h"
#include "native.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* set at load */
	__type(key, __u32);
	__type(value, struct native_object);
} objects SEC(".maps");

struct turn {
	struct request *req;
	struct native_context *ctx;
};

static long decide_one(__u32 index, struct turn *turn)
{
	struct native_object *object = bpf_map_lookup_elem(&objects, &index);
	struct request *req = turn->req;

	if (!object || object->length > NATIVE_TEXT)
		return 1;
	bpf_probe_read_kernel(req->scratch->text, sizeof(object->text), object->text);
	req->scratch->length = object->length;
	if (turn->ctx->is_walking)
		turn->ctx->ret_denied += request_ask(req).verdict == PC_DENY;
	return 0;
}

SEC("syscall")
int decide_all(struct native_context *ctx)
{
	__u32 zero = 0;
	struct request req = { .section = PC_OPEN, .kind = PC_KIND_PATH, .access = PC_ACCESS_READ };
	struct turn turn = { .req = &req, .ctx = ctx };
	__u64 start;

	req.image = image_get();
	req.scratch = bpf_map_lookup_elem(&scratches, &zero);
	if (!req.image || !req.scratch)
		return -1;
	ctx->ret_denied = 0;
	start = bpf_ktime_get_ns();
	bpf_loop(ctx->count, decide_one, &turn, 0);
	ctx->ret_ns = bpf_ktime_get_ns() - start;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
