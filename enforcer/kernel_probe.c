/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_probe.c - what is looked at before the programs are loaded, each with its remedy. */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel_preemption.h"

/* Reads a small file of /proc or /sys as one line; the result is never longer than `size`. */
static int read_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, line, size - 1);
	(void)close(fd);
	if (n < 0)
		return -EIO;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

static void __attribute__((format(printf, 2, 3))) set_remedy(struct kernel_probe *probe, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(probe->remedy, sizeof(probe->remedy), format, arguments);
	va_end(arguments);
}

static void probe_release(struct kernel_probe *probe)
{
	struct utsname name;
	int major = 0, minor = 0;

	(void)uname(&name);
	(void)sscanf(name.release, "%d.%d", &major, &minor);
	(void)snprintf(probe->found, sizeof(probe->found), "%.100s", name.release);
	probe->is_fine = major > 6 || (major == 6 && minor >= 1);
	if (!probe->is_fine)
		set_remedy(probe, "boot Linux 6.1 or later");
}

static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ',') && (at[length] == ',' || !at[length]))
			return true;
	return false;
}

static void probe_lsm(struct kernel_probe *probe)
{
	if (read_line("/sys/kernel/security/lsm", probe->found, sizeof(probe->found)) < 0) {
		(void)snprintf(probe->found, sizeof(probe->found), "/sys/kernel/security/lsm cannot be read");
		set_remedy(probe, "mount securityfs (mount -t securityfs securityfs /sys/kernel/security); if that fails, the "
				  "kernel needs CONFIG_BPF_LSM=y and CONFIG_SECURITYFS=y");
		return;
	}
	probe->is_fine = list_has(probe->found, "bpf");
	if (!probe->is_fine)
		set_remedy(probe,
			   "add lsm=%.180s,bpf to the kernel command line (Debian: GRUB_CMDLINE_LINUX in "
			   "/etc/default/grub, then update-grub and reboot); the kernel needs CONFIG_BPF_LSM=y",
			   probe->found);
}

static void probe_btf(struct kernel_probe *probe)
{
	probe->is_fine = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
	(void)snprintf(probe->found, sizeof(probe->found), "%s", probe->is_fine ? "present" : strerror(errno));
	if (!probe->is_fine)
		set_remedy(probe, "boot a kernel with CONFIG_DEBUG_INFO_BTF=y");
}

/*
 * CAP_SYS_ADMIN: libbpf looks through the modules' BTF for the functions that 6.1 does not have. CAP_SYS_PTRACE: to see
 * the mount namespace of PID 1, which mostly has more capabilities than we.
 */
static void probe_capabilities(struct kernel_probe *probe)
{
	static const struct {
		cap_value_t value;
		const char *name;
	} needed[] = { { CAP_BPF, "CAP_BPF" }, { CAP_PERFMON, "CAP_PERFMON" }, { CAP_NET_ADMIN, "CAP_NET_ADMIN" },
		       { CAP_SYS_ADMIN, "CAP_SYS_ADMIN" }, { CAP_SYS_PTRACE, "CAP_SYS_PTRACE" } };
	cap_t caps = cap_get_proc();
	const char *missing = NULL;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		cap_flag_value_t flag = CAP_CLEAR;

		if (!caps || cap_get_flag(caps, needed[i].value, CAP_EFFECTIVE, &flag) < 0 || flag != CAP_SET)
			missing = needed[i].name;
	}
	(void)cap_free(caps);
	probe->is_fine = !missing;
	(void)snprintf(probe->found, sizeof(probe->found), "%s%s", missing ? "no " : "all there", missing ? missing : "");
	if (missing)
		set_remedy(probe, "start portcullisd as root, outside containers, with %s", missing);
}

/* The host's names are those of PID 1: in another mount namespace every name would be another. */
static void probe_namespace(struct kernel_probe *probe)
{
	struct stat own, init;

	probe->is_fine = !stat("/proc/self/ns/mnt", &own) && !stat("/proc/1/ns/mnt", &init) && own.st_ino == init.st_ino;
	(void)snprintf(probe->found, sizeof(probe->found), "%s", probe->is_fine ? "the host's" : "not that of PID 1");
	if (!probe->is_fine)
		set_remedy(probe, "start portcullisd in the mount namespace of PID 1: not in a container, and in its unit "
				  "without PrivateMounts=, PrivateTmp=, ProtectSystem= and their like");
}

static void probe_ftrace(struct kernel_probe *probe)
{
	/* No such file: the switch that could turn the programs off isn't there. */
	if (read_line("/proc/sys/kernel/ftrace_enabled", probe->found, sizeof(probe->found)) < 0)
		(void)snprintf(probe->found, sizeof(probe->found), "1");
	probe->is_fine = strcmp(probe->found, "0") != 0;
	if (!probe->is_fine)
		set_remedy(probe, "sysctl kernel.ftrace_enabled=1: while it is 0 no BPF LSM program runs");
}

/*
 * Where a program can't switch preemption off and the kernel preempts programs, two of them would share buffers that
 * are too few, and a user could force the strictest answer on others.
 */
static void probe_preemption(struct kernel_probe *probe)
{
	probe->is_for_enforcing = true;
	probe->is_fine = preemption_is_sound(probe->found, sizeof(probe->found));
	if (!probe->is_fine)
		set_remedy(probe, "boot with preempt=voluntary, or boot Linux 6.12 or later, or set mode = audit: with full "
				  "preemption enforce mode would not be safe from the host's own users here");
}

static const struct {
	const char *what;
	void (*look)(struct kernel_probe *probe);
} probes_table[] = {
	{ "kernel release", probe_release },
	{ "BPF LSM", probe_lsm },
	{ "kernel type information (BTF)", probe_btf },
	{ "capabilities", probe_capabilities },
	{ "mount namespace", probe_namespace },
	{ "kernel.ftrace_enabled", probe_ftrace },
	{ "preemption", probe_preemption },
};

int kernel_probe(struct kernel_probe probes[KERNEL_PROBES_MAX], size_t *ret_count)
{
	size_t count = sizeof(probes_table) / sizeof(probes_table[0]);

	for (size_t i = 0; i < count; i++) {
		memset(&probes[i], 0, sizeof(probes[i]));
		(void)snprintf(probes[i].what, sizeof(probes[i].what), "%s", probes_table[i].what);
		probes_table[i].look(&probes[i]);
	}
	*ret_count = count;
	return 0;
}
