/* SPDX-License-Identifier: GPL-2.0-only */
/* connection.c - policyctl's end of the control socket. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "args.h"
#include "connection.h"
#include "ownership.h"
#include "pins.h"

int connection_tell(const char *path, int error)
{
	const char *remedy = "is portcullisd running?";

	if (error == EACCES)
		remedy = "ask root, or join the group " PC_CTL_GROUP;
	else if (pins_are_live(PINS_PATH))
		remedy = "is portcullisd running? The kernel goes on by its last policy, which is pinned in " PINS_PATH;
	fprintf(stderr, "policyctl: cannot reach the daemon at %s: %s; %s\n", path, strerror(error), remedy);
	return EXIT_UNREACHABLE;
}

int connection_open(const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

int connection_send(int fd, enum pc_ctl_type type, const void *body, size_t length)
{
	struct pc_ctl_header header = {
		.magic = PC_CTL_MAGIC, .version = PC_CTL_VERSION, .type = type, .length = (__u32)length
	};
	struct iovec parts[] = { { &header, sizeof(header) }, { (void *)body, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int connection_receive(int fd, struct connection_frame *ret_frame)
{
	ssize_t n;

	do
		n = recv(fd, ret_frame, sizeof(*ret_frame) - 1, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ECONNRESET;
	if ((size_t)n < sizeof(ret_frame->header) || ret_frame->header.magic != PC_CTL_MAGIC ||
	    ret_frame->header.version != PC_CTL_VERSION || ret_frame->header.length > PC_CTL_BODY_MAX ||
	    (size_t)n != sizeof(ret_frame->header) + ret_frame->header.length)
		return -EPROTO;
	ret_frame->body[ret_frame->header.length] = '\0';
	return 0;
}

static int result_of(const struct connection_frame *frame)
{
	struct pc_ctl_done done = { .result = PC_CTL_FAILED };

	if (frame->header.length == sizeof(done))
		memcpy(&done, frame->body, sizeof(done));
	return done.result == PC_CTL_FINE ? EXIT_FINE : done.result == PC_CTL_REFUSED ? EXIT_REFUSED : EXIT_UNREACHABLE;
}

int connection_ask(const char *path, enum pc_ctl_type type, const void *body, size_t length, connection_frame_fn *fn,
		   void *userdata)
{
	_cleanup_close_ int fd = -1;
	static struct connection_frame frame;
	int r;

	r = connection_open(path, &fd);
	if (r < 0)
		return connection_tell(path, -r);
	r = connection_send(fd, type, body, length);
	while (r >= 0) {
		r = connection_receive(fd, &frame);
		if (r < 0)
			break;
		if (frame.header.type == PC_CTL_DONE)
			return result_of(&frame);
		if (fn(frame.header.type, frame.body, frame.header.length, userdata) < 0)
			return EXIT_FINE;
	}
	if (r == -ECONNRESET || r == -EPIPE) {
		fprintf(stderr, "policyctl: the daemon at %s closed the connection: it ended, has too many clients, or is not to be asked by you\n",
			path);
		return EXIT_UNREACHABLE;
	}
	return connection_tell(path, -r);
}

static int take_text(enum pc_ctl_type type, const char *body, size_t length, void *userdata)
{
	if (type == PC_CTL_TEXT)
		(void)fwrite(body, 1, length, userdata);
	return 0;
}

int connection_ask_text(const char *path, enum pc_ctl_type type, const void *body, size_t length, char **ret_text,
			size_t *ret_size)
{
	FILE *memory = open_memstream(ret_text, ret_size);
	int r;

	if (!memory)
		return EXIT_UNREACHABLE;
	r = connection_ask(path, type, body, length, take_text, memory);
	return fclose(memory) == 0 ? r : EXIT_UNREACHABLE;
}
