/* SPDX-License-Identifier: GPL-2.0-only */
/* handles.c - steps that come by a descriptor, by a path or without one, and by another process. */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"

/* Without waiting, whatever the path is of. */
#define ALWAYS (O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int pick_flags(struct chain *chain)
{
	static const int flags[] = {
		O_RDONLY,
		O_RDONLY,
		O_RDONLY,
		O_WRONLY,
		O_RDWR,
		O_ACCMODE,
		O_RDONLY | O_TRUNC,
		O_RDWR | O_CREAT,
		O_RDONLY | O_DIRECTORY,
		O_PATH,
		O_PATH,
		O_PATH | O_DIRECTORY,
		O_PATH | O_NOFOLLOW,
	};
	int picked = flags[chain_pick(chain, sizeof(flags) / sizeof(flags[0]))];

	chain_say(chain, " %o", (unsigned int)picked);
	return picked | ALWAYS;
}

static int take_open(struct chain *chain)
{
	char path[PATH_ROOM];
	int flags = pick_flags(chain);

	return chain_hold(chain, open(chain_path(chain, path), flags, 0644));
}

/* Of the folders that everything else goes through. */
static int take_hold_folder(struct chain *chain)
{
	static const char *const folders[] = { ROOM, ROOM "/secret", ROOM "/fixed", ROOM "/bin", "/",
					       ".",  "..",           "/proc/self" };
	const char *folder = folders[chain_pick(chain, sizeof(folders) / sizeof(folders[0]))];

	chain_say(chain, " %s", folder);
	return chain_hold(chain,
			  open(folder, (chain_pick(chain, 3) ? O_PATH : O_RDONLY) | O_DIRECTORY | O_CLOEXEC));
}

static int take_openat(struct chain *chain)
{
	int folder = chain_handle(chain), flags = pick_flags(chain);
	const char *tail = chain_tail_in(chain, folder);

	chain_say(chain, " %s", tail);
	return chain_hold(chain, openat(folder, tail, flags, 0644));
}

static int take_openat2(struct chain *chain)
{
	static const __u64 resolves[] = { RESOLVE_IN_ROOT, RESOLVE_BENEATH, RESOLVE_NO_XDEV,
					  RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS };
	struct open_how how = { .flags = (__u64)(pick_flags(chain) & ~O_CREAT) };
	char path[PATH_ROOM];
	int folder = chain_handle(chain);

	how.resolve = resolves[chain_pick(chain, sizeof(resolves) / sizeof(resolves[0]))];
	chain_say(chain, " resolve %llx", how.resolve);
	chain_path(chain, path);
	return chain_hold(chain,
			  (int)syscall(SYS_openat2, folder < 0 ? AT_FDCWD : folder, path, &how, sizeof(how)));
}

static int take_reopen(struct chain *chain)
{
	char link[64];
	int fd = chain_handle(chain), flags = pick_flags(chain);

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return chain_hold(chain, open(link, flags & ~O_NOFOLLOW, 0644));
}

static int take_memfd(struct chain *chain)
{
	char path[PATH_ROOM];
	int from = open(chain_path(chain, path), O_RDONLY | ALWAYS), to;

	if (from < 0)
		return -1;
	to = memfd_create("escape", MFD_CLOEXEC);
	if (copy_all(from, to)) {
		(void)close(from);
		(void)close(to);
		return -1;
	}
	(void)close(from);
	return chain_hold(chain, to);
}

/* Taking a file's handle is anybody's right; opening it is one of a file system's owner, on new kernels. */
static int take_file_handle(struct chain *chain)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} taken = { .handle.handle_bytes = MAX_HANDLE_SZ };
	char path[PATH_ROOM];
	int mount, id, fd = -1;

	if (name_to_handle_at(AT_FDCWD, chain_path(chain, path), &taken.handle, &id, 0))
		return -1;
	mount = open(chain_folder(chain, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount >= 0) {
		fd = open_by_handle_at(mount, &taken.handle, O_RDONLY | ALWAYS);
		(void)close(mount);
	}
	return chain_hold(chain, fd);
}

/* ---- io_uring. ---- */

static int ring_do(struct chain *chain, void (*prepare)(struct chain *chain, struct io_uring_sqe *sqe))
{
	struct io_uring_params params = { .flags = chain_pick(chain, 8) == 0 ? IORING_SETUP_SQPOLL : 0 };
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	struct io_uring ring;
	int result;

	errno = -io_uring_queue_init_params(2, &ring, &params);
	if (errno)
		return -1;
	sqe = io_uring_get_sqe(&ring);
	prepare(chain, sqe);
	if (chain_pick(chain, 2))
		sqe->flags |= IOSQE_ASYNC;
	result = io_uring_submit(&ring);
	if (result > 0)
		result = io_uring_wait_cqe(&ring, &cqe);
	if (result == 0)
		result = cqe->res;
	io_uring_queue_exit(&ring);
	errno = result < 0 ? -result : 0;
	return result < 0 ? -1 : result;
}

static void prepare_open(struct chain *chain, struct io_uring_sqe *sqe)
{
	static char path[PATH_ROOM];
	static struct open_how how;

	how = (struct open_how){ .flags = (__u64)pick_flags(chain), .mode = 0 };
	how.mode = how.flags & O_CREAT ? 0644 : 0;
	chain_path(chain, path);
	if (chain_pick(chain, 2))
		io_uring_prep_openat(sqe, AT_FDCWD, path, (int)how.flags, 0644);
	else
		io_uring_prep_openat2(sqe, AT_FDCWD, path, &how);
}

static int take_ring_open(struct chain *chain)
{
	return chain_hold(chain, ring_do(chain, prepare_open));
}

static void prepare_change(struct chain *chain, struct io_uring_sqe *sqe)
{
	static char from[PATH_ROOM], to[PATH_ROOM];

	chain_path(chain, from);
	chain_place(chain, to);
	switch (chain_pick(chain, 4)) {
	case 0:
		io_uring_prep_renameat(sqe, AT_FDCWD, from, AT_FDCWD, to, 0);
		break;
	case 1:
		io_uring_prep_linkat(sqe, AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
		break;
	case 2:
		io_uring_prep_unlinkat(sqe, AT_FDCWD, from, 0);
		break;
	default:
		io_uring_prep_symlinkat(sqe, from, AT_FDCWD, to);
	}
}

static int take_ring_change(struct chain *chain)
{
	return ring_do(chain, prepare_change);
}

/* ---- By another process. ---- */

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	const struct cmsghdr *header;
	int fds[4];
	size_t count;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_len <= CMSG_LEN(0)) {
		errno = EPERM;
		return -1;
	}
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	for (size_t i = 1; i < count; i++)
		(void)close(fds[i]);
	return fds[0];
}

/* From the process that had opened what the policy refuses before there was a policy; the word says which. */
static int take_receive(struct chain *chain)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "\0" BROKER_NAME };
	int socket_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), fd;
	char word = (char)chain_pick(chain, 4);

	if (connect(socket_fd, (void *)&to, sizeof(sa_family_t) + sizeof(BROKER_NAME)) ||
	    write(socket_fd, &word, 1) != 1)
		fd = -1;
	else
		fd = receive_fd(socket_fd);
	(void)close(socket_fd);
	return chain_hold(chain, fd);
}

static int take_getfd(struct chain *chain)
{
	int pidfd = pidfd_open(chain->broker, 0), fd;

	if (pidfd < 0)
		return -1;
	fd = pidfd_getfd(pidfd, 3 + (int)chain_pick(chain, 4), 0);
	(void)close(pidfd);
	return chain_hold(chain, fd);
}

static void send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	(void)sendmsg(socket, &message, 0);
}

/* A child in namespaces of its own opens something and hands it back: the way out of a chroot, among others. */
static int take_pass(struct chain *chain)
{
	int ends[2], flags = pick_flags(chain), fd;
	char path[PATH_ROOM];
	pid_t child;

	chain_path(chain, path);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	child = fork();
	if (child == 0) {
		(void)unshare(CLONE_NEWUSER | CLONE_NEWNS);
		fd = open(path, flags, 0644);
		if (fd >= 0)
			send_fd(ends[1], fd);
		_exit(0);
	}
	(void)close(ends[1]);
	(void)waitpid(child, NULL, 0);
	fd = receive_fd(ends[0]);
	(void)close(ends[0]);
	return chain_hold(chain, fd);
}

/* ---- What is done with what is held. ---- */

static int take_write(struct chain *chain)
{
	return pwrite(chain_handle(chain), "x", 1, 100000) == 1 ? 0 : -1;
}

static int take_map_write(struct chain *chain)
{
	char *map = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, chain_handle(chain), 0);

	if (map == MAP_FAILED)
		return -1;
	return munmap(map, 1);
}

static int take_punch(struct chain *chain)
{
	return fallocate(chain_handle(chain), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096);
}

const struct step handle_steps[] = {
	{ "open", 3, take_open },
	{ "hold-folder", 4, take_hold_folder },
	{ "openat", 2, take_openat },
	{ "openat2", 2, take_openat2 },
	{ "reopen", 2, take_reopen },
	{ "memfd", 1, take_memfd },
	{ "handle", 1, take_file_handle },
	{ "ring-open", 2, take_ring_open },
	{ "ring-change", 1, take_ring_change },
	{ "receive", 1, take_receive },
	{ "getfd", 1, take_getfd },
	{ "pass", 1, take_pass },
	{ "write", 1, take_write },
	{ "map-write", 1, take_map_write },
	{ "punch", 1, take_punch },
	{},
};
