/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_preemption.c - reads how the kernel preempts itself.
 *
 * Debugfs tells the model that was chosen at boot or since; it need not be mounted for that. Where it is closed, as
 * under lockdown, nobody can have changed the model through it: the command line, else the way the kernel was built,
 * decides.
 */
#include "kernel_preemption.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ownership.h"

#define TEXT_MAX 4096

static bool read_text(int dir, const char *path, char text[TEXT_MAX])
{
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, TEXT_MAX - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* An instance of its own, that is part of no tree: only asked for where there is none, whose options it would reset. */
static bool read_unmounted(char text[TEXT_MAX])
{
	_cleanup_close_ int fs = fsopen("debugfs", FSOPEN_CLOEXEC);
	_cleanup_close_ int root = -1;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return false;
	root = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return root >= 0 && read_text(root, "sched/preempt", text);
}

/* "none voluntary (full)": the model in parentheses. */
static bool model_from_debugfs(char *found, size_t size)
{
	char text[TEXT_MAX], *open;

	if (!read_text(AT_FDCWD, "/sys/kernel/debug/sched/preempt", text) && !read_unmounted(text))
		return false;
	open = strchr(text, '(');
	if (!open)
		return false;
	(void)snprintf(found, size, "%.*s", (int)strcspn(open + 1, ")"), open + 1);
	return true;
}

/* The last of several counts. */
static bool model_from_command_line(char *found, size_t size)
{
	static const char key[] = "preempt=";
	bool is_found = false;
	char text[TEXT_MAX];

	if (!read_text(AT_FDCWD, "/proc/cmdline", text))
		return false;
	for (const char *at = strstr(text, key); at; at = strstr(at + 1, key)) {
		if (at != text && at[-1] != ' ')
			continue;
		at += sizeof(key) - 1;
		(void)snprintf(found, size, "%.*s", (int)strcspn(at, " \n"), at);
		is_found = true;
	}
	return is_found;
}

static void model_from_build(char *found, size_t size)
{
	struct utsname name;

	(void)uname(&name);
	if (strstr(name.version, "PREEMPT_DYNAMIC"))
		(void)snprintf(found, size, "unknown: %s", "/sys/kernel/debug/sched/preempt cannot be read");
	else
		(void)snprintf(found, size, "%s", strstr(name.version, "PREEMPT") ? "full" : "voluntary");
}

/* Whether the kernel's type information names that function; policyctl, which asks too, has no libbpf. */
bool preemption_is_switchable(void)
{
	static const char name[] = "\0bpf_preempt_disable";
	_cleanup_close_ int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *types = NULL;
	struct stat st;
	size_t length = 0;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !(types = malloc((size_t)st.st_size)))
		return false;
	while (length < (size_t)st.st_size && (n = read(fd, types + length, (size_t)st.st_size - length)) > 0)
		length += (size_t)n;
	return memmem(types, length, name, sizeof(name));
}

bool preemption_is_sound(char *found, size_t size)
{
	if (!model_from_debugfs(found, size) && !model_from_command_line(found, size))
		model_from_build(found, size);
	return strcmp(found, "none") == 0 || strcmp(found, "voluntary") == 0 || preemption_is_switchable();
}
