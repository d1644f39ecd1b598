/* SPDX-License-Identifier: GPL-2.0-only */
/* connection.h - policyctl's end of the control socket. */
#pragma once

#include <portcullis/ctl.h>
#include <stddef.h>

struct connection_frame {
	struct pc_ctl_header header;
	char body[PC_CTL_BODY_MAX + 1]; /* NUL-terminated */
};

/* These say nothing: 0 or −errno. */
int connection_open(const char *path, int *ret_fd);
int connection_send(int fd, enum pc_ctl_type type, const void *body, size_t length);
/* −ECONNRESET: the daemon has closed it. −EPROTO: it is no daemon of ours. */
int connection_receive(int fd, struct connection_frame *ret_frame);
/* Tells an error of connection_open() on stderr, with its remedy; returns EXIT_UNREACHABLE. */
int connection_tell(const char *path, int error);

/* Called for each frame of the answer but the last; `body` is NUL-terminated. < 0 ends the conversation. */
typedef int connection_frame_fn(enum pc_ctl_type type, const char *body, size_t length, void *userdata);

/*
 * Asks one question and hands over the answer. Returns an enum exit_code: the daemon's own result, or 2 and a line on
 * stderr if it can't be reached.
 */
int connection_ask(const char *path, enum pc_ctl_type type, const void *body, size_t length, connection_frame_fn *fn,
		   void *userdata);
/* The same for an answer that is one text, NUL-terminated and owned by the caller. */
int connection_ask_text(const char *path, enum pc_ctl_type type, const void *body, size_t length, char **ret_text,
			size_t *ret_size);
