/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_kernel.c - a FAKE of enforcer/kernel.h, for tests of the daemon where no BPF LSM can be loaded: nothing is
 * enforced, nothing reaches the kernel. portcullisd-fake is linked with it; portcullisd never is.
 *
 * $PORTCULLIS_FAKE names a folder. Its FIFO "requests" takes lines "HOOK read|write|both OBJECT" and "N times HOOK …"
 * as if programs had asked: the live image decides, records and counters follow. A file "probe", "preemption", "open",
 * "apply" or "canary" in it makes that step fail; what it holds is the reason. A FIFO "hold" makes kernel_prepare() wait.
 * While there is a file "own" it is the daemon itself that asks.
 * A file "hits" in it makes both functions of that name fail; each decision of a request is a hit.
 * A file "tasks" holds those that are in profiles, a line each: "PID PPID UID PROFILE COMM".
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "image.h"
#include "kernel.h"
#include "object.h"
#include "ownership.h"
#include "pattern.h"
#include "profile.h"
#include "words.h"

#define BUFFER_SIZE 65536

struct kernel {
	int fd;
	struct image *image; /* NULL: none was applied */
	struct pc_hit *hits; /* by rule of the image */
	struct pc_hit *hits_before; /* of the image before; NULL: there was none */
	struct pc_counters counters;
	__u64 told; /* records */
	bool is_audit_forced;
	__u32 pid; /* of who asks */
	char buffer[BUFFER_SIZE];
	size_t used;
	kernel_record_fn *fn;
	void *userdata;
};

/* Whether the step is to fail; its reason. */
static bool is_failing(const char *step, char *why, size_t why_size)
{
	const char *folder = getenv("PORTCULLIS_FAKE");
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	ssize_t n;

	if (!folder)
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, step);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, why, why_size - 1);
	why[n > 0 ? n : 0] = '\0';
	why[strcspn(why, "\n")] = '\0';
	return true;
}

int kernel_probe(struct kernel_probe probes[KERNEL_PROBES_MAX], size_t *ret_count)
{
	char why[256] = "";

	probes[0] = (struct kernel_probe){ .is_fine = true, .what = "fake kernel" };
	probes[1] = (struct kernel_probe){ .is_fine = true, .what = "LSM list" };
	if (is_failing("probe", why, sizeof(why))) {
		probes[1].is_fine = false;
		(void)snprintf(probes[1].found, sizeof(probes[1].found), "%.100s", why);
		(void)snprintf(probes[1].remedy, sizeof(probes[1].remedy), "boot with lsm=…,bpf");
	}
	probes[2] = (struct kernel_probe){ .is_fine = true, .is_for_enforcing = true, .what = "preemption" };
	if (is_failing("preemption", why, sizeof(why))) {
		probes[2].is_fine = false;
		(void)snprintf(probes[2].found, sizeof(probes[2].found), "%.100s", why);
		(void)snprintf(probes[2].remedy, sizeof(probes[2].remedy), "boot with preempt=voluntary");
	}
	*ret_count = 3;
	return 0;
}

int kernel_open(const struct kernel_options *options, struct kernel **ret_kernel, char *why, size_t why_size)
{
	const char *folder = getenv("PORTCULLIS_FAKE");
	struct kernel *kernel;
	char path[PATH_MAX];

	(void)options;
	if (is_failing("open", why, why_size))
		return -EPERM;
	kernel = calloc(1, sizeof(*kernel));
	if (!kernel)
		return -ENOMEM;
	(void)snprintf(path, sizeof(path), "%s/requests", folder ? folder : "");
	/* Open for writing as well: it has no end that way. */
	kernel->fd = folder ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
	if (kernel->fd < 0)
		kernel->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	*ret_kernel = kernel;
	return 0;
}

struct kernel *kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return NULL;
	(void)close(kernel->fd);
	(void)image_free(kernel->image);
	free(kernel->hits);
	free(kernel->hits_before);
	free(kernel);
	return NULL;
}

struct kernel_image {
	struct image *image;
};

struct kernel_image *kernel_image_free(struct kernel_image *image)
{
	if (!image)
		return NULL;
	(void)image_free(image->image);
	free(image);
	return NULL;
}

/* While there is a FIFO "hold" this takes until somebody has opened it for writing and closed it again. */
static void wait_while_held(void)
{
	const char *folder = getenv("PORTCULLIS_FAKE");
	char path[PATH_MAX], byte;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/hold", folder ? folder : "");
	if (access(path, F_OK) < 0)
		return;
	fprintf(stderr, "fake kernel: held\n");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, &byte, 1) > 0)
		;
	(void)close(fd);
}

int kernel_prepare(struct kernel *kernel, void *image, size_t size, struct kernel_image **ret_image, char *why,
		   size_t why_size)
{
	struct kernel_image *made = calloc(1, sizeof(*made));
	const char *reason = "";
	int r;

	(void)kernel;
	if (!made)
		return -ENOMEM;
	wait_while_held();
	r = image_load(image, size, &made->image, &reason);
	if (r < 0) {
		(void)snprintf(why, why_size, "%s", reason);
		free(made);
		return r;
	}
	*ret_image = made;
	return 0;
}

int kernel_apply(struct kernel *kernel, struct kernel_image *image, char *why, size_t why_size)
{
	struct pc_hit *hits = calloc(image_header(image->image)->rules.count, sizeof(*hits));

	if (!hits || is_failing("apply", why, why_size)) {
		free(hits);
		return -E2BIG;
	}
	free(kernel->hits_before);
	kernel->hits_before = kernel->hits;
	kernel->hits = hits;
	(void)image_free(kernel->image);
	kernel->image = image->image;
	free(image);
	return 0;
}

void kernel_stop(struct kernel *kernel)
{
	(void)kernel;
}

/* There are no pins here: enforcement, of which there is none, ends with the daemon. */
int kernel_settle(struct kernel *kernel, char *why, size_t why_size)
{
	(void)kernel;
	(void)why;
	(void)why_size;
	return 0;
}

bool kernel_outlives(const struct kernel *kernel)
{
	(void)kernel;
	return false;
}

enum kernel_origin kernel_origin(const struct kernel *kernel)
{
	(void)kernel;
	return KERNEL_FRESH;
}

int kernel_live_image(const struct kernel *kernel, struct pc_image_header **ret_image, __u64 *ret_loaded)
{
	*ret_loaded = 0;
	if (!kernel->image)
		return -ENOENT;
	*ret_image = malloc(kernel->image->size);
	if (!*ret_image)
		return -ENOMEM;
	memcpy(*ret_image, kernel->image->words, kernel->image->size);
	return 0;
}

/* All that is decided here is recorded, and each record handed over at once. */
void kernel_told(const struct kernel *kernel, struct kernel_told *ret_told)
{
	*ret_told = (struct kernel_told){ .records = kernel->told };
}

int kernel_prove(struct kernel *kernel, char *why, size_t why_size)
{
	(void)kernel;
	return is_failing("canary", why, why_size) ? -ENOTCONN : 0;
}

int kernel_record_fd(const struct kernel *kernel)
{
	return kernel->fd;
}

static const struct pc_process fake_process = {
	.type = PC_RECORD_PROCESS, .pid = 4711, .id = 1, .exe_length = 13, .cgroup_length = 26, .unit_at = 14,
	.unit_length = 12, .exe_kind = PC_KIND_PATH, .ancestor_count = 2,
	.ancestors = { { 4700, "bash" }, { 1, "init" } }, .text = "/usr/bin/fake/system.slice/fake.service",
};

/* What one program of a fixed identity asks, decided as a hook would. */
static void decide(struct kernel *kernel, const struct question *question, size_t length)
{
	struct pc_answer answer = image_ask(kernel->image, question);
	__u64 *fates;
	struct pc_event event = {
		.type = PC_RECORD_DECISION, .process = fake_process.id,
		.image = image_header(kernel->image)->id, .cgroup = 77, .ino = question->kind == PC_KIND_PATH ? 42 : 0,
		.dev = 8 << 20 | 1, .mnt_ns = 4026531840U, .rule = answer.ref & PC_REF_RULE_MASK, .pid = kernel->pid,
		.tid = 4712, .ppid = 4700, .uid = 1000, .gid = 1001, .object_len = (__u32)length,
		.port = (__u16)question->port, .class = (__u16)question->class, .hook = (__u8)question->section,
		.verdict = answer.verdict, .access = (__u8)question->access, .kind = (__u8)question->kind,
		.mode = answer.mode, .comm = "fake",
	};
	struct timespec now;

	if (kernel->is_audit_forced && event.verdict == PC_DENY)
		event.verdict = PC_AUDIT;
	if (kernel->is_audit_forced)
		event.mode = PC_MODE_AUDIT;
	event.verb = pc_ref_verdict(answer.ref) == PC_NO_VERDICT ? PC_ALLOW : pc_ref_verdict(answer.ref);
	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	event.time = (__u64)now.tv_sec * 1000000000U + (__u64)now.tv_nsec;
	memcpy(event.object, question->bytes, length < PC_EVENT_OBJECT_MAX ? length : PC_EVENT_OBJECT_MAX);
	if (length > PC_EVENT_OBJECT_MAX)
		event.flags |= PC_EVENT_CUT;
	fates = kernel->counters.fate[question->section][event.verdict];
	kernel->hits[event.rule].count++;
	kernel->hits[event.rule].last = event.time;
	fates[PC_DECIDED]++;
	fates[answer.ref & PC_REF_RECORD ? PC_LOGGED : PC_UNLOGGED]++;
	if (answer.ref & PC_REF_RECORD) {
		kernel->fn(&fake_process, PC_PROCESS_HEAD_SIZE + fake_process.exe_length + fake_process.cgroup_length,
			   kernel->userdata);
		kernel->told++;
		kernel->fn(&event, PC_EVENT_HEAD_SIZE + (length < PC_EVENT_OBJECT_MAX ? length : PC_EVENT_OBJECT_MAX),
			   kernel->userdata);
	}
}

static void ask_object(struct kernel *kernel, const struct object *object, enum pc_section_id section,
		       unsigned int access)
{
	enum pattern_flavour flavour = object->kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
	struct question question = { .section = section, .kind = object->kind, .access = access, .bytes = "" };
	_cleanup_free_ char *literal = NULL;
	size_t length = 0;

	if (object->glob && pattern_literal(object->glob, flavour, &literal, &length) >= 0 && literal)
		question.bytes = literal;
	if (object->kind == PC_KIND_IP4 || object->kind == PC_KIND_IP6) {
		question.bytes = object->address;
		length = object->kind == PC_KIND_IP4 ? 4 : 16;
		question.class = object->protocol >= 0 ? (unsigned int)object->protocol : 6;
		question.port = object->port_count ? object->ports[0].first : 0;
	}
	if (kind_is_byte(object->kind)) {
		question.bytes = &object->byte;
		length = 1;
	}
	question.length = length;
	decide(kernel, &question, length);
}

static void take_request(struct kernel *kernel, const char *line)
{
	static const struct loc loc = { .file = "requests" };
	char section[16], access[16], text[8192];
	unsigned long times = 1;
	struct objects objects = {};
	struct diags d = {};
	int skipped = 0;

	(void)sscanf(line, "%lu times %n", &times, &skipped);
	if (sscanf(line + skipped, "%15s %15s %8191[^\n]", section, access, text) != 3 || !kernel->image)
		return;
	for (unsigned int i = 0; i < PC_SECTIONS; i++) {
		unsigned int bits = strcmp(access, "both") == 0	 ? PC_ACCESS_READ | PC_ACCESS_WRITE :
				    strcmp(access, "write") == 0 ? PC_ACCESS_WRITE :
								   PC_ACCESS_READ;

		if (strcmp(section, section_name(i)) != 0 || object_parse(text, i, &d, &loc, &objects) < 0)
			continue;
		for (unsigned long k = 0; k < times; k++)
			ask_object(kernel, &objects.list[0], i, bits);
		objects_done(&objects);
	}
	diags_print(&d, stderr);
	diags_done(&d);
}

int kernel_consume(struct kernel *kernel, kernel_record_fn *fn, void *userdata)
{
	ssize_t n = read(kernel->fd, kernel->buffer + kernel->used, sizeof(kernel->buffer) - kernel->used - 1);
	char *line = kernel->buffer, *newline, nothing[16];
	int count = 0;

	if (n <= 0)
		return n < 0 && errno != EAGAIN ? -errno : 0;
	kernel->used += (size_t)n;
	kernel->pid = is_failing("own", nothing, sizeof(nothing)) ? (__u32)getpid() : 4711;
	kernel->fn = fn;
	kernel->userdata = userdata;
	kernel->buffer[kernel->used] = '\0';
	for (; (newline = strchr(line, '\n')); line = newline + 1, count++) {
		*newline = '\0';
		take_request(kernel, line);
	}
	kernel->used = strlen(line);
	memmove(kernel->buffer, line, kernel->used);
	return count;
}

int kernel_counters(const struct kernel *kernel, struct pc_counters *ret_counters)
{
	*ret_counters = kernel->counters;
	return 0;
}

int kernel_hits(struct kernel *kernel, struct pc_hit *ret_hits, size_t count)
{
	char why[16];

	if (is_failing("hits", why, sizeof(why)))
		return -EIO;
	memcpy(ret_hits, kernel->hits, count * sizeof(*ret_hits));
	return 0;
}

int kernel_hits_view(struct kernel *kernel, size_t before_count, size_t live_count, struct kernel_hits_view *ret_view)
{
	char why[16];

	if (is_failing("hits", why, sizeof(why)))
		return -EIO;
	*ret_view = (struct kernel_hits_view){ kernel->hits_before, kernel->hits, before_count, live_count };
	return 0;
}

void kernel_hits_close(struct kernel_hits_view *view)
{
	(void)view;
}

/* No decision of ours repeats another. */
long kernel_take_repeats(struct kernel *kernel, unsigned int place, __u32 version)
{
	(void)kernel;
	(void)place;
	(void)version;
	return -ESTALE;
}

__u64 kernel_take_strangers(struct kernel *kernel, unsigned int place)
{
	(void)kernel;
	(void)place;
	return 0;
}

int kernel_force_audit(struct kernel *kernel, bool is_forced, __u64 until)
{
	(void)until;
	kernel->is_audit_forced = is_forced;
	return 0;
}

int kernel_keep_canary(void)
{
	return 0;
}

int kernel_seal(struct kernel *kernel)
{
	(void)kernel;
	return -EOPNOTSUPP;
}

bool kernel_is_sealed(const struct kernel *kernel)
{
	(void)kernel;
	return false;
}

void kernel_announce(const char *pins)
{
	(void)pins;
}

void kernel_protect(struct kernel *kernel, __u32 parts)
{
	(void)kernel;
	(void)parts;
}

bool kernel_is_audit_forced(const struct kernel *kernel, __u64 *ret_until)
{
	*ret_until = 0;
	return kernel->is_audit_forced;
}

static void read_tasks(kernel_task_fn *fn, void *userdata)
{
	const char *folder = getenv("PORTCULLIS_FAKE");
	struct pc_task task = {};
	char path[PATH_MAX], profile[PC_NAME_MAX + 1];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/tasks", folder ? folder : "");
	file = fopen(path, "re");
	if (!file)
		return;
	while (fscanf(file, "%u %u %u %32s %15s", &task.pid, &task.ppid, &task.uid, profile, task.comm) == 5) {
		task.tid = task.pid;
		task.profile = profile_id(profile);
		fn(&task, userdata);
	}
	(void)fclose(file);
}

int kernel_tasks(struct kernel *kernel, kernel_task_fn *fn, void *userdata)
{
	(void)kernel;
	read_tasks(fn, userdata);
	return 0;
}

struct search {
	const struct kernel_join *join;
	__u64 *family;
	int result;
};

static void find_task(const struct pc_task *task, void *userdata)
{
	struct search *search = userdata;

	if (task->pid != search->join->pid)
		return;
	*search->family = task->profile;
	search->result = task->profile == search->join->profile ? -EALREADY : -EBUSY;
}

/* Every process is there, and stays what it is. */
int kernel_join(struct kernel *kernel, const struct kernel_join *join, __u64 *ret_family)
{
	struct search search = { .join = join, .family = ret_family };

	(void)kernel;
	read_tasks(find_task, &search);
	return search.result;
}

int kernel_follow(struct kernel *kernel)
{
	(void)kernel;
	return 0;
}

void kernel_cache(const struct kernel *kernel, struct kernel_cache *ret_cache)
{
	(void)kernel;
	*ret_cache = (struct kernel_cache){};
}

size_t kernel_ring_size(const struct kernel *kernel)
{
	(void)kernel;
	return BUFFER_SIZE;
}

const char *const *kernel_programs(const struct kernel *kernel)
{
	static const char *const names[] = { "fake_exec", "fake_open", "fake_connect", NULL };

	(void)kernel;
	return names;
}

size_t kernel_untried(const struct kernel *kernel, const char **ret_names)
{
	(void)kernel;
	ret_names[0] = "fake_connect";
	return 1;
}
