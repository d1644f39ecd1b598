/* SPDX-License-Identifier: GPL-2.0-only */
/* ring.c - looks into the daemon's rings, as they lie in memory, while it is stopped: does each record end where it says, and
 * has none bytes of PATTERN but where its own text says so?
 *
 * usage: subject-ring PATTERN; prints: WRONG RECORDS */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <portcullis/abi.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FLAGS (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)

static unsigned long wrong, records;

static bool has(const void *bytes, size_t length, const char *pattern)
{
	return memmem(bytes, length, pattern, strlen(pattern)) != NULL;
}

/* Its head never has the pattern; a decision's text does if it is long. */
static void look_at(const void *record, size_t length, const char *pattern)
{
	const struct pc_process *process = record;
	const struct pc_event *event = record;
	size_t carried;
	bool is_right;

	records++;
	if (event->type == PC_RECORD_PROCESS) {
		is_right = length == PC_PROCESS_HEAD_SIZE + process->exe_length + process->cgroup_length &&
			   !has(record, length, pattern);
	} else {
		carried = event->object_len < PC_EVENT_OBJECT_MAX ? event->object_len : PC_EVENT_OBJECT_MAX;
		is_right = event->type == PC_RECORD_DECISION &&
			   length == PC_EVENT_HEAD_SIZE + carried + event->args_length &&
			   !has(record, PC_EVENT_HEAD_SIZE, pattern) &&
			   (carried + event->args_length > 100 || !has(record, length, pattern));
	}
	if (!is_right) {
		fprintf(stderr, "subject-ring: record of type %u, %zu bytes\n", event->type, length);
		wrong++;
	}
}

static int look_into(int fd, unsigned int size, const char *pattern)
{
	long page = sysconf(_SC_PAGESIZE);
	/* The data is mapped twice, so that what wraps around lies in one piece. */
	const char *consumer = mmap(NULL, (size_t)page, PROT_READ, MAP_SHARED, fd, 0);
	const char *producer = mmap(NULL, (size_t)page + 2UL * size, PROT_READ, MAP_SHARED, fd, page);
	unsigned long at, end;

	if (consumer == MAP_FAILED || producer == MAP_FAILED)
		return 1;
	at = *(const volatile unsigned long *)consumer;
	end = *(const volatile unsigned long *)producer;
	while (at < end) {
		const char *head = producer + page + (at & (size - 1));
		unsigned int length = *(const volatile unsigned int *)head;

		if (!(length & FLAGS))
			look_at(head + BPF_RINGBUF_HDR_SZ, length, pattern);
		length &= ~FLAGS;
		at += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7U;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int id = 0, rings = 0;

	if (argc != 2)
		return 2;
	while (bpf_map_get_next_id(id, &id) == 0) {
		struct bpf_map_info info = {};
		unsigned int size = sizeof(info);
		int fd = bpf_map_get_fd_by_id(id);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		if (info.type == BPF_MAP_TYPE_RINGBUF && (!strcmp(info.name, "denials") || !strcmp(info.name, "passes"))) {
			rings++;
			if (look_into(fd, info.max_entries, argv[1]))
				return 1;
		}
		(void)close(fd);
	}
	if (rings != 2)
		fprintf(stderr, "subject-ring: %u rings\n", rings);
	printf("%lu %lu\n", wrong + (rings != 2), records);
	return 0;
}
