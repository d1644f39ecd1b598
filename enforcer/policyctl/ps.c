/* SPDX-License-Identifier: GPL-2.0-only */
/* ps.c - `policyctl ps`: the processes that are in a profile, as a tree. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "connection.h"
#include "output.h"
#include "ownership.h"
#include "tree.h"
#include "verbs.h"

struct task {
	long pid;
	long tid;
	long ppid;
	long uid;
	char *profile; /* owned */
	char *comm;    /* owned */
	bool is_stricter;
};

struct tasks {
	struct task *list; /* by parent, then pid */
	size_t count;
};

static void tasks_done(struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++) {
		free(tasks->list[i].profile);
		free(tasks->list[i].comm);
	}
	free(tasks->list);
}

static int add_task(struct tasks *tasks, yajl_val line)
{
	struct task *grown = array_grow(tasks->list, tasks->count, sizeof(*grown));
	struct task *task;

	if (!grown)
		return -ENOMEM;
	tasks->list = grown;
	task = &grown[tasks->count++];
	*task = (struct task){
		.pid = atol(tree_number(line, "pid")),
		.tid = atol(tree_number(line, "tid")),
		.ppid = atol(tree_number(line, "ppid")),
		.uid = atol(tree_number(line, "uid")),
		.profile = strdup(tree_string(line, "profile")),
		.comm = strdup(tree_string(line, "comm")),
		.is_stricter = tree_is_true(line, "stricter"),
	};
	/* A thread in a profile of its own hangs below its process. */
	if (task->tid != task->pid)
		task->ppid = task->pid;
	return task->profile && task->comm ? 0 : -ENOMEM;
}

static int parse(char *text, struct tasks *tasks)
{
	char error[128], *rest = NULL;
	int r = 0;

	for (char *line = strtok_r(text, "\n", &rest); r == 0 && line; line = strtok_r(NULL, "\n", &rest)) {
		yajl_val value = yajl_tree_parse(line, error, sizeof(error));

		if (!value)
			return -EPROTO;
		if (tree_find(value, "more"))
			fprintf(stderr, "policyctl: and %s more\n", tree_number(value, "more"));
		else
			r = add_task(tasks, value);
		yajl_tree_free(value);
	}
	return r;
}

static int compare(const void *x, const void *y)
{
	const struct task *a = x, *b = y;

	if (a->ppid != b->ppid)
		return a->ppid < b->ppid ? -1 : 1;
	return (a->tid > b->tid) - (a->tid < b->tid);
}

/* The first that has this parent, or a later one. */
static size_t find_children(const struct tasks *tasks, long parent)
{
	size_t low = 0, high = tasks->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (tasks->list[middle].ppid < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_parent(const struct tasks *tasks, const struct task *task)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].tid == task->ppid)
			return true;
	return false;
}

/* The user's name as the files know it, else the number. */
static const char *user_name(long uid, char *buffer, size_t size)
{
	const struct passwd *user = getpwuid((uid_t)uid);

	if (user)
		return user->pw_name;
	(void)snprintf(buffer, size, "%ld", uid);
	return buffer;
}

/* What stands before the names of a task's children. */
struct margin {
	char text[256];
};

static void show_task(const struct task *task, const char *margin, const char *branch)
{
	char number[24], profile[64];

	(void)snprintf(profile, sizeof(profile), "%s%s", task->profile, task->is_stricter ? "*" : "");
	printf("%-16s %8ld %-10s %s%s", profile, task->tid, user_name(task->uid, number, sizeof(number)), margin, branch);
	output_safe(stdout, task->comm, strlen(task->comm));
	printf(task->tid != task->pid ? " (thread)\n" : "\n");
}

static void show_children(const struct tasks *tasks, const struct task *parent, const char *margin)
{
	size_t i = parent->tid == parent->pid ? find_children(tasks, parent->pid) : tasks->count;
	struct margin below;

	for (; i < tasks->count && tasks->list[i].ppid == parent->pid; i++) {
		bool is_last = i + 1 == tasks->count || tasks->list[i + 1].ppid != parent->pid;

		show_task(&tasks->list[i], margin, is_last ? "└─ " : "├─ ");
		/* Deeper ones stay where they are. */
		if (strlen(margin) + sizeof("│  ") > sizeof(below.text))
			(void)snprintf(below.text, sizeof(below.text), "%s", margin);
		else
			(void)snprintf(below.text, sizeof(below.text), "%s%s", margin, is_last ? "   " : "│  ");
		show_children(tasks, &tasks->list[i], below.text);
	}
}

static void show(const struct tasks *tasks)
{
	if (tasks->count == 0) {
		printf("no process is in a profile\n");
		return;
	}
	printf("%-16s %8s %-10s %s\n", "PROFILE", "PID", "USER", "COMMAND");
	for (size_t i = 0; i < tasks->count; i++) {
		if (has_parent(tasks, &tasks->list[i]))
			continue;
		show_task(&tasks->list[i], "", "");
		show_children(tasks, &tasks->list[i], "");
	}
}

static int show_text(char *text)
{
	_cleanup_(tasks_done) struct tasks tasks = {};

	if (parse(text, &tasks) < 0) {
		fprintf(stderr, "policyctl: the daemon's list of tasks is no JSON\n");
		return EXIT_UNREACHABLE;
	}
	if (tasks.count > 0)
		qsort(tasks.list, tasks.count, sizeof(*tasks.list), compare);
	show(&tasks);
	return EXIT_FINE;
}

int ps_run(const struct args *args)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r = connection_ask_text(args->socket, PC_CTL_TASKS, NULL, 0, &text, &size);

	if (r == EXIT_FINE && !(args->given & ARGS_JSON))
		return show_text(text);
	if (size > 0)
		(void)fwrite(text, 1, size, r == EXIT_FINE ? stdout : stderr);
	return r;
}
