/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_canary.c - proves that each hook really runs. */
#include "kernel_canary.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <portcullis/abi.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const hook_names[PC_SECTIONS] = { "bprm_check_security", "file_open", "socket_connect" };

static void canary_connect(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)connect(fd, (struct sockaddr *)&address, sizeof(address));
}

/* Waits to be told that its number is known, then does each thing once. What comes of it doesn't matter. */
static void canary_child(int go)
{
	char name[] = "portcullisd", option[] = "--version";
	char *const arguments[] = { name, option, NULL };
	char *const environment[] = { NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	(void)open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	canary_connect();
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	(void)execve("/proc/self/exe", arguments, environment);
	_exit(1);
}

static int canary_judge(const volatile __u32 *seen, char *why, size_t why_size)
{
	for (int i = 0; i < PC_SECTIONS; i++) {
		if (seen[i])
			continue;
		(void)snprintf(why, why_size,
			       "hook %s is attached but does not run: see that bpf is in /sys/kernel/security/lsm and "
			       "that kernel.ftrace_enabled is 1",
			       hook_names[i]);
		return -ENOTCONN;
	}
	return 0;
}

int canary_run(volatile __u32 *tgid, const volatile __u32 *seen, char *why, size_t why_size)
{
	int go[2];
	int status;
	pid_t child;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0)
		canary_child(go[0]);
	(void)close(go[0]);
	if (child < 0) {
		(void)close(go[1]);
		return -errno;
	}
	*tgid = child;
	(void)!write(go[1], "", 1);
	(void)close(go[1]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	*tgid = 0;
	return canary_judge(seen, why, why_size);
}
