/* SPDX-License-Identifier: GPL-2.0-only */
/* lifeline.c - asks a policy for what this host needs to boot, to let somebody log in, and to be repaired. */
#include "lifeline.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_needs.h"
#include "image.h"
#include "ownership.h"
#include "system_object.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAMES_MAX 12
/* Files of PAM that include each other. */
#define PAM_DEPTH_MAX 4

/* Of distributions that differ, and of services that are not everywhere: what is not there is not asked for. */
struct need {
	const char *what;
	const char *cgroup; /* in which it runs, for profiles that ask for that */
	const char *programs[NAMES_MAX];
	const char *files[NAMES_MAX]; /* that it opens; '+': for writing, too */
	const char *pam; /* its file of /etc/pam.d, whose modules it loads; or NULL */
	bool is_client;	 /* of the daemon */
	bool asks_bpf;	 /* takes over what is pinned, or ends it */
};

#define USERS "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"
#define GETTY "/system.slice/system-getty.slice/getty@tty1.service"

static const struct need needs[] = {
	{ "init", "/init.scope",
	  { "/sbin/init", "/lib/systemd/systemd-executor", "/lib/systemd/systemd-journald", "/lib/systemd/systemd-logind",
	    "/bin/udevadm", "/bin/mount" },
	  { "/etc/fstab", USERS, "+/dev/console", "+/dev/null" } },
	{ "a console", GETTY, { "/sbin/agetty", "/sbin/getty" }, { "+/dev/tty1", "/etc/issue", "/etc/passwd" } },
	{ "login", GETTY, { "/bin/login" }, { USERS, "/etc/shadow", "/etc/login.defs", "+/dev/tty1" }, "login" },
	{ "sshd", "/system.slice/ssh.service",
	  { "/usr/sbin/sshd", "/usr/lib/openssh/sshd-session", "/usr/lib/openssh/sshd-auth" },
	  { USERS, "/etc/shadow", "/etc/ssh/sshd_config", "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key",
	    "/etc/ssh/ssh_host_ecdsa_key", "+/dev/null", "+/dev/ptmx" }, "sshd" },
	{ "a shell", "/user.slice/user-0.slice/session-1.scope", { "/bin/sh", "/bin/bash" },
	  { USERS, "/etc/profile", "+/dev/null", "+/dev/tty" } },
	{ "su", "/user.slice/user-0.slice/session-1.scope", { "/bin/su" }, { USERS, "/etc/shadow" }, "su" },
	{ "sudo", "/user.slice/user-0.slice/session-1.scope", { "/usr/bin/sudo" }, { USERS, "/etc/shadow", "/etc/sudoers" },
	  "sudo" },
	{ "repair", "/user.slice/user-0.slice/session-1.scope",
	  { "/bin/systemctl", "/bin/journalctl", "/bin/mount", "/bin/umount", "/bin/ls", "/bin/cat", "/bin/cp", "/bin/mv",
	    "/bin/rm", "/bin/sed", "/usr/bin/editor" },
	  { "/etc/portcullis/policy.ini" } },
	{ "the package manager", "/user.slice/user-0.slice/session-1.scope",
	  { "/usr/bin/dpkg", "/usr/bin/dpkg-deb", "/usr/bin/apt-get", "/usr/bin/apt", "/usr/bin/rpm", "/usr/bin/dnf",
	    "/usr/bin/yum", "/usr/bin/zypper", "/sbin/apk", "/usr/bin/pacman" },
	  { "+/var/lib/dpkg/status", "+/var/lib/dpkg/lock", "+/var/lib/rpm/rpmdb.sqlite", "+/dev/null" } },
	{ "the daemon", "/system.slice/portcullisd.service", { "/usr/sbin/portcullisd" }, {}, NULL,
	  false, true },
	{ "policyctl", "/user.slice/user-0.slice/session-1.scope", { "/usr/bin/policyctl" }, {}, NULL,
	  true, true },
};

struct lifeline {
	const struct image *image;
	const struct lifeline_options *options;
	struct diags *d;
	struct elf_files *files;
	glob_t modules; /* folders that have those of PAM */
	const struct need *need;
	const char *program; /* canonical name */
	size_t starter;	     /* profile of who starts it */
	size_t profile;	     /* its own */
	size_t refused;
};

static void tell(struct lifeline *lifeline, const struct question *question, const char *text, __u32 ref)
{
	static const char *const verbs[] = { [PC_EXEC] = "exec ", [PC_OPEN] = "open ", [PC_CONNECT] = "connect ", [PC_SYSTEM] = "use " };
	const struct pc_rule *rule = NULL;
	struct loc loc = {};

	lifeline->refused++;
	if ((ref & PC_REF_RULE_MASK) != PC_RULE_DEFAULT)
		rule = image_rule(lifeline->image, ref);
	if (rule)
		loc = (struct loc){ image_text(lifeline->image, rule->file), rule->line };
	diag_add(lifeline->d, &loc, lifeline->options->level, "%s (%s) needs to %s%s%s, which %s refuses", lifeline->need->what,
		 lifeline->program, verbs[question->section], text,
		 question->access & PC_ACCESS_WRITE ? " for writing" : "",
		 rule ? "this rule" : "the section's default");
}

static void ask(struct lifeline *lifeline, enum pc_section_id section, size_t profile, const char *name, unsigned int access)
{
	const struct question question = {
		.section = section,
		.kind = section == PC_CONNECT ? PC_KIND_UNIX_PATH : PC_KIND_PATH,
		.access = access,
		.bytes = name,
		.length = strlen(name),
		.profile = profile,
	};
	struct pc_answer answer = image_ask(lifeline->image, &question);

	if (answer.verdict == PC_DENY)
		tell(lifeline, &question, name, answer.ref);
}

static void ask_system(struct lifeline *lifeline, __u8 object)
{
	const struct question question = {
		.section = PC_SYSTEM,
		.kind = PC_KIND_SYSTEM,
		.access = PC_ACCESS_READ,
		.bytes = &object,
		.length = sizeof(object),
		.profile = lifeline->profile,
	};
	struct pc_answer answer = image_ask(lifeline->image, &question);

	if (answer.verdict == PC_DENY)
		tell(lifeline, &question, system_object_name(object), answer.ref);
}

/* To be read, and to be mapped as code. */
static void ask_library(struct lifeline *lifeline, const char *name)
{
	ask(lifeline, PC_OPEN, lifeline->profile, name, PC_ACCESS_READ);
	ask(lifeline, PC_EXEC, lifeline->profile, name, PC_ACCESS_READ);
}

static int ask_elf(struct lifeline *lifeline, const char *path)
{
	struct elf_needs elf;
	int r = elf_needs_find(lifeline->files, path, &elf);

	if (r < 0)
		return r;
	if (elf.loader)
		ask(lifeline, PC_EXEC, lifeline->starter, elf.loader, PC_ACCESS_READ);
	for (size_t i = 0; i < elf.count; i++)
		ask_library(lifeline, elf.libraries[i]);
	return 0;
}

static int ask_file(struct lifeline *lifeline, const char *file)
{
	unsigned int access = *file == '+' ? PC_ACCESS_READ | PC_ACCESS_WRITE : PC_ACCESS_READ;
	const char *name = NULL;
	int r = elf_files_resolve(lifeline->files, file + (*file == '+'), &name);

	if (r == 0 && name)
		ask(lifeline, PC_OPEN, lifeline->profile, name, access);
	return r;
}

/* ---- Modules of PAM, which are libraries by another name. ---- */

/* Where distributions have them. */
static int find_modules(glob_t *ret_folders)
{
	static const char *const folders[] = { "/lib/*/security", "/lib/security", "/lib64/security" };
	int r = 0;

	for (size_t i = 0; i < COUNT(folders) && r != GLOB_NOSPACE; i++)
		r = glob(folders[i], i > 0 ? GLOB_APPEND : 0, NULL, ret_folders);
	return r == GLOB_NOSPACE ? -ENOMEM : 0;
}

static int ask_module(struct lifeline *lifeline, const char *name, size_t length)
{
	const char *module = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && !module && i < lifeline->modules.gl_pathc; i++) {
		char path[PATH_MAX];

		(void)snprintf(path, sizeof(path), "%s/%.*s", lifeline->modules.gl_pathv[i], (int)length, name);
		r = elf_files_resolve(lifeline->files, path, &module);
	}
	if (r < 0 || !module)
		return r;
	ask_library(lifeline, module);
	return ask_elf(lifeline, module);
}

static int ask_pam(struct lifeline *lifeline, const char *service, unsigned int depth);

/* Its words: modules, and another file that is included. */
static int ask_pam_line(struct lifeline *lifeline, char *line, unsigned int depth)
{
	char *state = NULL, *word = strtok_r(line, " \t\n", &state);
	int r = 0;

	if (word && strcmp(word, "@include") == 0) {
		word = strtok_r(NULL, " \t\n", &state);
		return word && depth < PAM_DEPTH_MAX ? ask_pam(lifeline, word, depth + 1) : 0;
	}
	for (; r == 0 && word && *word != '#'; word = strtok_r(NULL, " \t\n", &state)) {
		size_t length = strlen(word);

		if (*word != '/' && length > 3 && strcmp(word + length - 3, ".so") == 0)
			r = ask_module(lifeline, word, length);
	}
	return r;
}

static int ask_pam(struct lifeline *lifeline, const char *service, unsigned int depth)
{
	_cleanup_free_ char *line = NULL;
	char path[PATH_MAX];
	size_t room = 0;
	FILE *file;
	int r = 0;

	(void)snprintf(path, sizeof(path), "/etc/pam.d/%s", service);
	file = fopen(path, "re");
	if (!file)
		return 0;
	r = ask_file(lifeline, path);
	while (r == 0 && getline(&line, &room, file) > 0)
		r = ask_pam_line(lifeline, line, depth);
	(void)fclose(file);
	return r;
}

/* ---- All of them. ---- */

static size_t choose(const struct image *image, const char *program, const char *cgroup)
{
	const struct image_task task = { .cgroup = cgroup };

	return image_choose(image, program, &task);
}

static int ask_program(struct lifeline *lifeline, const char *path)
{
	const struct need *need = lifeline->need;
	_cleanup_free_ char *name = realpath(path, NULL);
	int r;

	if (!name)
		return 0;
	lifeline->program = name;
	lifeline->profile = choose(lifeline->image, name, need->cgroup);
	ask(lifeline, PC_EXEC, lifeline->starter, name, PC_ACCESS_READ);
	r = ask_elf(lifeline, name);
	for (size_t i = 0; r == 0 && i < NAMES_MAX && need->files[i]; i++)
		r = ask_file(lifeline, need->files[i]);
	if (need->is_client && lifeline->options->socket)
		ask(lifeline, PC_CONNECT, lifeline->profile, lifeline->options->socket, PC_ACCESS_READ);
	if (need->asks_bpf)
		ask_system(lifeline, PC_SYSTEM_BPF);
	if (r == 0 && need->pam)
		r = ask_pam(lifeline, need->pam, 0);
	return r;
}

static bool is_enforcing(const struct pc_section *sections)
{
	bool is_enforcing = false;

	for (size_t i = 0; i < PC_SECTIONS; i++)
		is_enforcing |= sections[i].mode == PC_MODE_ENFORCE;
	return is_enforcing;
}

/* Else nothing is refused to anybody. */
static bool may_refuse(const struct image *image)
{
	const struct pc_image_header *header = image_header(image);
	const struct pc_profile *profiles = (const struct pc_profile *)(image->words + header->profiles.word);
	bool may = is_enforcing(header->host);

	for (size_t i = 0; i < header->profiles.count; i++)
		may |= is_enforcing(profiles[i].sections);
	return may;
}

int policy_check_lifeline(const struct image *image, const struct lifeline_options *options, struct diags *d)
{
	_cleanup_free_ char *init = realpath("/sbin/init", NULL);
	struct lifeline lifeline = { .image = image, .options = options, .d = d };
	int r = 0;

	if (!may_refuse(image))
		return 0;
	r = elf_files_new(&lifeline.files);
	if (r == 0)
		r = find_modules(&lifeline.modules);
	lifeline.starter = choose(image, init, "/init.scope");
	for (size_t i = 0; r == 0 && i < COUNT(needs); i++) {
		lifeline.need = &needs[i];
		for (size_t k = 0; r == 0 && k < NAMES_MAX && needs[i].programs[k]; k++)
			r = ask_program(&lifeline, needs[i].programs[k]);
	}
	lifeline.files = elf_files_free(lifeline.files);
	globfree(&lifeline.modules);
	if (r < 0)
		return r;
	return lifeline.refused > 0 ? -EINVAL : 0;
}
