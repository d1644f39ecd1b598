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
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const hook_names[PC_HOOKS] = {
	[PC_HOOK_EXEC] = "bprm_check_security",
	[PC_HOOK_OPEN] = "file_open",
	[PC_HOOK_CONNECT] = "socket_connect",
	[PC_HOOK_UNIX_CONNECT] = "unix_stream_connect",
	[PC_HOOK_UNIX_SEND] = "unix_may_send",
};

static void canary_connect(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)connect(fd, (struct sockaddr *)&address, sizeof(address));
}

/* To a socket of its own, by the abstract name that the kernel gives it. */
static void canary_connect_unix(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address.sun_family);
	int peer = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (bind(peer, (struct sockaddr *)&address, length) < 0)
		return;
	length = sizeof(address);
	if (getsockname(peer, (struct sockaddr *)&address, &length) < 0)
		return;
	(void)listen(peer, 1);
	(void)connect(fd, (struct sockaddr *)&address, length);
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
	canary_connect_unix(SOCK_STREAM);
	canary_connect_unix(SOCK_DGRAM);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	(void)execve("/proc/self/exe", arguments, environment);
	_exit(1);
}

static int canary_judge(const volatile __u32 *seen, char *why, size_t why_size)
{
	for (int i = 0; i < PC_HOOKS; i++) {
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
	siginfo_t end;
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
	/* Its number is its own until it is waited for: by then the programs have forgotten it. */
	while (waitid(P_PID, child, &end, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	*tgid = 0;
	(void)waitpid(child, NULL, 0);
	return canary_judge(seen, why, why_size);
}
