/* SPDX-License-Identifier: GPL-2.0-only */
/* tasks.c - which tasks are in which profile, as far as the daemon has to do with it: run, attach, ps, reloads. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "ownership.h"
#include "profile.h"
#include "suggest.h"
#include "tasks.h"
#include "text/json.h"
#include "text/utf8.h"

/* Of a kernel that is newer than our headers. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define FOLLOW_DELAY_US 1000000U
/* Lines of one answer: more processes than that in profiles are told by their number. */
#define TASKS_MAX 65536U

/* ---- Profiles by their ids. ---- */

/* Its place plus 1, as records have it; 0: the policy has none of that id. */
static __u32 place_of(const struct generation *g, __u64 id)
{
	for (__u32 i = 0; i < g->profile_count; i++)
		if (profile_id(generation_profile(g, i + 1)) == PC_PROFILE_ID(id))
			return i + 1;
	return 0;
}

static const char *name_of(const struct generation *g, __u64 id)
{
	const char *name = g ? generation_profile(g, place_of(g, id)) : NULL;

	return name ? name : "unknown";
}

static void report_no_profile(const struct generation *live, const char *name, FILE *out)
{
	_cleanup_free_ const char **known = calloc(live->profile_count + 1, sizeof(*known));

	for (__u32 i = 0; known && i < live->profile_count; i++)
		known[i] = generation_profile(live, i + 1);
	fprintf(out, "error: the policy has no profile '%s'%s\n", name, known ? suggest(name, known).text : "");
}

/* ---- Tasks that were about to be made. ---- */

static int on_follow(sd_event_source *source, uint64_t now, void *userdata)
{
	struct daemon *daemon = userdata;
	int r = kernel_follow(daemon->kernel);

	(void)source;
	(void)now;
	if (r < 0)
		log_error_errno(r, "cannot look for tasks without a profile");
	return 0;
}

void tasks_follow(struct daemon *daemon)
{
	int r;

	daemon->follow = sd_event_source_disable_unref(daemon->follow);
	r = sd_event_add_time_relative(daemon->event, &daemon->follow, CLOCK_MONOTONIC, FOLLOW_DELAY_US, 0, on_follow, daemon);
	if (r < 0)
		log_error_errno(r, "cannot look for tasks without a profile");
}

/* ---- A profile that a reload takes away. ---- */

struct loss {
	const struct generation *live;
	const struct generation *next;
	__u32 *counts; /* by place in the live policy, plus 1 */
};

static void count_lost(const struct pc_task *task, void *userdata)
{
	struct loss *loss = userdata;

	if (place_of(loss->next, task->profile) == 0)
		loss->counts[place_of(loss->live, task->profile)]++;
}

void tasks_tell_lost(struct daemon *daemon, const struct generation *next)
{
	const struct generation *live = generations_live(daemon->generations);
	_cleanup_free_ __u32 *counts = NULL;
	struct loss loss = { .live = live, .next = next };

	if (!live || live->profile_count == 0)
		return;
	counts = loss.counts = calloc(live->profile_count + 1, sizeof(*counts));
	if (!counts || kernel_tasks(daemon->kernel, count_lost, &loss) < 0)
		return;
	for (__u32 i = 1; i <= live->profile_count; i++)
		if (counts[i] > 0)
			log_warning("the policy has no [profile %s] any more: the host-wide rules hold for %u processes that were in it",
				    generation_profile(live, i), counts[i]);
}

/* ---- policyctl run and attach. ---- */

bool request_may_run(void *userdata, const struct control_peer *peer)
{
	const struct daemon *daemon = userdata;

	return config_may_run(&daemon->config, NULL, peer->uid, peer->groups, peer->group_count);
}

/* Whether the profile is a family that the peer (pid 0) may join, or have that process join; else told. */
static bool may_join(const struct daemon *daemon, const struct control_peer *peer, const char *name, __u32 pid,
		     FILE *out)
{
	const struct generation *live = generations_live(daemon->generations);
	__u32 place = live ? place_of(live, profile_id(name)) : 0;

	if (peer->uid != 0 && pid != 0)
		fprintf(out, "error: only root may put a running process into a profile\n");
	else if (peer->uid != 0 && !config_may_run(&daemon->config, name, peer->uid, peer->groups, peer->group_count))
		fprintf(out, "error: user %u may not run commands in profile '%s'; root names who may in [run %s] of portcullisd.conf\n",
			(unsigned int)peer->uid, name, name);
	else if (pid == 1)
		fprintf(out, "error: process 1 has started everything, this daemon included; that is what the host-wide rules are for\n");
	else if (live && place == 0)
		report_no_profile(live, name, out);
	else if (live && live->profile_flags[place - 1] & PC_PROFILE_PROCESS)
		fprintf(out, "error: profile '%s' has scope = process, which ends with the next program; only a family can be joined\n",
			name);
	else
		return live != NULL;
	return false;
}

/* Whether the process that a descriptor stands for is there still. */
static bool is_alive(int pidfd)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 0;
}

/* The peer itself, and not one that got its number after it: by a descriptor, or, before Linux 6.5, by when it came. */
static int find_peer(const struct control_peer *peer, struct kernel_join *join)
{
	_cleanup_close_ int pidfd = -1;
	socklen_t length = sizeof(pidfd);

	join->pid = (__u32)peer->pid;
	join->uid = peer->uid;
	join->before = clock_boottime();
	if (getsockopt(peer->fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) == 0)
		return is_alive(pidfd) ? 0 : -ESRCH;
	pidfd = -1;
	join->before = peer->connected;
	return 0;
}

static int find_process(__u32 pid, struct kernel_join *join)
{
	_cleanup_close_ int pidfd = -1;

	join->pid = pid;
	join->uid = ~0U;
	join->before = clock_boottime();
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
	return is_alive(pidfd) ? 0 : -ESRCH;
}

static enum pc_ctl_result tell_join(const struct daemon *daemon, const struct kernel_join *join, const char *name, int r,
				    __u64 family, bool is_itself, FILE *out)
{
	const struct generation *live = generations_live(daemon->generations);
	char who[64] = "policyctl";

	if (!is_itself)
		(void)snprintf(who, sizeof(who), "process %u", join->pid);
	if (r == -EALREADY && !is_itself) {
		fprintf(out, "%s is in profile %s already\n", who, name);
		return PC_CTL_FINE;
	}
	if (r == -EALREADY || r == -EBUSY)
		fprintf(out, "error: %s is in the family of profile '%s'; a family is not left\n", who,
			r == -EBUSY ? name_of(live, family) : name);
	else if (r == -ESRCH)
		fprintf(out, "error: there is no process %u, or it is a thread or the kernel's own\n", join->pid);
	else if (r < 0)
		fprintf(out, "error: the kernel did not put %s into profile '%s': %s\n", who, name, strerror(-r));
	else if (!is_itself)
		fprintf(out, "process %u and what it has started are in profile %s\n", join->pid, name);
	return r == 0 ? PC_CTL_FINE : r == -EBUSY || r == -EALREADY || r == -ESRCH ? PC_CTL_REFUSED : PC_CTL_FAILED;
}

enum pc_ctl_result request_join(void *userdata, const struct control_peer *peer, const struct pc_ctl_join *asked, FILE *out)
{
	struct daemon *daemon = userdata;
	struct kernel_join join = {};
	char name[sizeof(asked->profile) + 1] = "";
	__u64 family = 0;
	int r;

	memcpy(name, asked->profile, sizeof(asked->profile));
	if (!may_join(daemon, peer, name, asked->pid, out))
		return PC_CTL_REFUSED;
	join.profile = profile_id(name);
	r = asked->pid ? find_process(asked->pid, &join) : find_peer(peer, &join);
	if (r == 0)
		r = kernel_join(daemon->kernel, &join, &family);
	tasks_follow(daemon);
	if (r == 0)
		log_info("process %u was put into profile %s, as user %u asked", join.pid, name, (unsigned int)peer->uid);
	return tell_join(daemon, &join, name, r, family, asked->pid == 0, out);
}

/* ---- policyctl ps. ---- */

struct listing {
	const struct generation *live;
	FILE *out;
	__u32 count;
};

static void write_task(const struct pc_task *task, void *userdata)
{
	struct listing *listing = userdata;
	char comm[UTF8_CLEAN_MAX(sizeof(task->comm))];
	const unsigned char *text;
	yajl_gen gen;
	size_t length;
	bool is_exact;

	if (listing->count++ >= TASKS_MAX)
		return;
	gen = yajl_gen_alloc(NULL);
	if (!gen)
		return;
	(void)yajl_gen_map_open(gen);
	json_key_number(gen, "pid", task->pid);
	json_key_number(gen, "tid", task->tid);
	json_key_number(gen, "ppid", task->ppid);
	json_key_number(gen, "uid", task->uid);
	length = utf8_clean(task->comm, strnlen(task->comm, sizeof(task->comm)), comm, &is_exact);
	json_key_bytes(gen, "comm", comm, length);
	json_key_string(gen, "profile", name_of(listing->live, task->profile));
	json_key_bool(gen, "stricter", task->profile != PC_PROFILE_UNKNOWN && task->profile & PC_PROFILE_STRICTER);
	(void)yajl_gen_map_close(gen);
	if (yajl_gen_get_buf(gen, &text, &length) == yajl_gen_status_ok)
		fprintf(listing->out, "%.*s\n", (int)length, text);
	yajl_gen_free(gen);
}

enum pc_ctl_result request_tasks(void *userdata, FILE *out)
{
	struct daemon *daemon = userdata;
	struct listing listing = { .live = generations_live(daemon->generations), .out = out };
	int r = kernel_tasks(daemon->kernel, write_task, &listing);

	if (r < 0)
		fprintf(out, "error: the kernel does not tell who is in a profile: %s\n", strerror(-r));
	else if (listing.count > TASKS_MAX)
		fprintf(out, "{\"more\":%u}\n", listing.count - TASKS_MAX);
	return r < 0 ? PC_CTL_FAILED : PC_CTL_FINE;
}
