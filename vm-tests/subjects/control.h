/* SPDX-License-Identifier: GPL-2.0-only */
/* control.h - asks the daemon to load its policy again, as policyctl does. */
#pragma once

#include <portcullis/ctl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A descriptor, or -1. */
static inline int connect_daemon(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%.*s", (int)sizeof(to.sun_path) - 1, path);
	return connect(fd, (void *)&to, sizeof(to)) ? -1 : fd;
}

/* 0 if the policy was taken. */
static inline int reload(int fd)
{
	static const struct {
		struct pc_ctl_header header;
		struct pc_ctl_reload body;
	} ask = { { .magic = PC_CTL_MAGIC, .version = PC_CTL_VERSION, .type = PC_CTL_RELOAD, .length = sizeof(ask.body) } };
	struct {
		struct pc_ctl_header header;
		struct pc_ctl_done done;
		char rest[PC_CTL_BODY_MAX];
	} frame;

	if (send(fd, &ask, sizeof(ask), 0) != sizeof(ask))
		return -1;
	do
		if (recv(fd, &frame, sizeof(frame), 0) < (ssize_t)sizeof(frame.header))
			return -1;
	while (frame.header.type != PC_CTL_DONE);
	return frame.done.result == PC_CTL_FINE ? 0 : -1;
}
