/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ask.bpf.c - the hooks' own decision code behind a system call, for tests: whatever user space asks is answered from
 * the image in `images`, on machines without BPF LSM too.
 */
#include "ask_context.h"
#include "judge.h"

#define QUESTION_MAX PC_EVENT_OBJECT_MAX

struct question_bytes {
	char bytes[QUESTION_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct question_bytes);
} question SEC(".maps");

SEC("syscall")
int ask(struct ask_context *ctx)
{
	__u32 zero = 0;
	struct question_bytes *bytes = bpf_map_lookup_elem(&question, &zero);
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &zero);
	struct request req = { .section = ctx->section, .kind = ctx->kind, .access = ctx->access };
	struct pc_answer answer;

	req.image = image_get();
	req.scratch = scratch;
	if (!bytes || !scratch || !req.image || ctx->length > QUESTION_MAX)
		return -1;
	req.class = ctx->class;
	req.port = ctx->port;
	req.is_internal = ctx->is_rules_only;
	req.profile = (ctx->profile & PROFILE_PLACE) | (ctx->is_stricter ? PROFILE_STRICTER : 0);
	bpf_probe_read_kernel(scratch->text, sizeof(bytes->bytes), bytes->bytes);
	scratch->length = ctx->length;
	answer = req.kind == PC_KIND_IP4 || req.kind == PC_KIND_IP6 ? request_ask_address(&req) : request_ask(&req);
	ctx->ret_ref = answer.ref;
	ctx->ret_verdict = answer.verdict;
	ctx->ret_mode = answer.mode;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
