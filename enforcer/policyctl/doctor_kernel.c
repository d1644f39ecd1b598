/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor_kernel.c - what the kernel has to have. */
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "doctor.h"
#include "kernel.h"
#include "ownership.h"

/* Before that no clock of a running host can be: this was written later. */
#define CLOCK_MIN 1790000000


/* The first line; "" where it can't be read. */
static void read_line(const char *path, char *line, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, size - 1);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* What the daemon looks at before it starts. What only root can see is unknown to others. */
static void look_at_probes(struct findings *findings)
{
	struct kernel_probe probes[KERNEL_PROBES_MAX];
	size_t count = 0;

	(void)kernel_probe(probes, &count);
	for (size_t i = 0; i < count; i++) {
		const struct kernel_probe *probe = &probes[i];
		enum finding_mark mark = probe->is_fine ? FINDING_FINE : geteuid() == 0 ? FINDING_WRONG : FINDING_UNKNOWN;
		struct finding *finding = findings_add(findings, mark, probe->what);

		finding_say(finding, "%s", probe->found);
		if (mark == FINDING_WRONG)
			finding_advise(finding, "%s%s", probe->is_for_enforcing ? "(for enforce mode) " : "", probe->remedy);
	}
}

static void look_at_jit(struct findings *findings)
{
	char line[64];
	struct finding *finding;

	read_line("/proc/sys/net/core/bpf_jit_enable", line, sizeof(line));
	finding = findings_add(findings, strcmp(line, "0") == 0 ? FINDING_WRONG : *line ? FINDING_FINE : FINDING_UNKNOWN, "BPF JIT");
	finding_say(finding, "%s", strcmp(line, "0") == 0 ? "off" : *line ? "on" : "/proc/sys/net/core/bpf_jit_enable cannot be read");
	if (strcmp(line, "0") == 0)
		finding_advise(finding, "sysctl net.core.bpf_jit_enable=1: without it no program can be attached to the hooks");
}

static void look_at_lockdown(struct findings *findings)
{
	bool is_closed;
	char line[128];
	struct finding *finding;

	read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	is_closed = strstr(line, "[confidentiality]");
	finding = findings_add(findings, is_closed ? FINDING_WRONG : FINDING_FINE, "lockdown");
	finding_say(finding, "%s", *line ? line : "not there");
	if (is_closed)
		finding_advise(finding, "boot with lockdown=integrity: confidentiality keeps BPF programs from reading the names of files");
}

static void look_at_file_systems(struct findings *findings)
{
	struct statfs fs = {};
	bool is_bpf = statfs("/sys/fs/bpf", &fs) == 0 && fs.f_type == BPF_FS_MAGIC, is_cgroup;
	struct finding *finding = findings_add(findings, is_bpf ? FINDING_FINE : FINDING_WRONG, "BPF file system");

	finding_say(finding, "/sys/fs/bpf %s", is_bpf ? "is one" : "is none");
	if (!is_bpf)
		finding_advise(finding, "mount -t bpf bpf /sys/fs/bpf: without it the policy ends with the daemon");
	is_cgroup = statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
	finding = findings_add(findings, is_cgroup ? FINDING_FINE : FINDING_UNKNOWN, "cgroup v2");
	finding_say(finding, "/sys/fs/cgroup %s", is_cgroup ? "is of version 2" : "is not of version 2");
	if (!is_cgroup)
		finding_advise(finding, "boot with systemd.unified_cgroup_hierarchy=1, if profiles ask for cgroup or unit: records tell neither now");
}

static void look_at_clock(struct findings *findings)
{
	struct timex state = {};
	int synchronised = adjtimex(&state);
	bool is_old = time(NULL) < CLOCK_MIN;
	struct finding *finding = findings_add(findings, is_old ? FINDING_WRONG : synchronised == TIME_ERROR ? FINDING_UNKNOWN : FINDING_FINE, "clock");

	finding_say(finding, is_old ? "set to a time long ago" : synchronised == TIME_ERROR ? "not synchronised" : "synchronised");
	if (is_old || synchronised == TIME_ERROR)
		finding_advise(finding, "run an NTP client: records are told by this clock, though nothing is decided by it");
}

void doctor_look_at_kernel(struct findings *findings)
{
	look_at_probes(findings);
	look_at_jit(findings);
	look_at_lockdown(findings);
	look_at_file_systems(findings);
	look_at_clock(findings);
}
