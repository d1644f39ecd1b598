/* SPDX-License-Identifier: GPL-2.0-only */
/* logfile.c - the decision log: appends whole lines, counts what it could not write. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "log.h"
#include "logfile.h"
#include "ownership.h"

/* Lines that wait for a disk or a reader: some seconds of a busy host. */
#define BUFFER_MAX (1U << 20)
#define BUFFER_MIN (1U << 16)
/* A burst is written in pieces of this size while it is still coming. */
#define FLUSH_AT (1U << 18)
/* How long the end of the daemon waits for a slow reader. */
#define LAST_FLUSH_MS 1000

struct logfile {
	char *path;
	int fd;
	bool is_regular;
	bool is_failing;  /* the error was reported */
	bool is_mid_line; /* of the first waiting line a part has been written to a pipe */
	char *bytes;
	size_t start;
	size_t end;
	size_t size;
	__u64 written;
	__u64 unwritten;
};

/* A line that a crash or a full disk left without its end would swallow our first one. */
static void end_last_line(const char *path, int fd, off_t size)
{
	_cleanup_close_ int reader = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char last;

	if (reader >= 0 && pread(reader, &last, 1, size - 1) == 1 && last != '\n')
		(void)!write(fd, "\n", 1);
}

static int open_path(const char *path, int *ret_fd, bool *ret_is_regular)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	*ret_is_regular = S_ISREG(st.st_mode);
	if (*ret_is_regular && st.st_size > 0 && strcmp(path, "-") != 0)
		end_last_line(path, fd, st.st_size);
	*ret_fd = take_fd(&fd);
	return 0;
}

static void freelogp(struct logfile **log)
{
	(void)logfile_free(*log);
}

int logfile_open(const char *path, struct logfile **ret_log)
{
	_cleanup_(freelogp) struct logfile *log = calloc(1, sizeof(*log));
	int r;

	if (!log)
		return -ENOMEM;
	log->fd = -1;
	log->path = strdup(path);
	log->bytes = malloc(BUFFER_MIN);
	if (!log->path || !log->bytes)
		return -ENOMEM;
	log->size = BUFFER_MIN;
	r = open_path(path, &log->fd, &log->is_regular);
	if (r < 0)
		return r;
	*ret_log = take_ptr(log);
	return 0;
}

static void wait_for_reader(struct logfile *log)
{
	struct timespec start, now;
	long passed;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	while (log->fd >= 0 && !log->is_regular && logfile_is_waiting(log)) {
		struct pollfd pfd = { .fd = log->fd, .events = POLLOUT };

		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		passed = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
		if (passed >= LAST_FLUSH_MS || poll(&pfd, 1, (int)(LAST_FLUSH_MS - passed)) <= 0)
			return;
		logfile_flush(log);
		if (log->is_failing)
			return;
	}
}

void logfile_end(struct logfile *log)
{
	const char *p, *end;

	logfile_flush(log);
	wait_for_reader(log);
	end = log->bytes + log->end;
	for (p = log->bytes + log->start; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		log->unwritten++;
	log->start = log->end = 0;
}

struct logfile *logfile_free(struct logfile *log)
{
	if (!log)
		return NULL;
	if (log->fd >= 0)
		(void)close(log->fd);
	free(log->bytes);
	free(log->path);
	free(log);
	return NULL;
}

int logfile_reopen(struct logfile *log)
{
	_cleanup_close_ int fd = -1;
	bool is_regular;
	int r;

	logfile_flush(log);
	r = open_path(log->path, &fd, &is_regular);
	if (r < 0)
		return r;
	(void)close(log->fd);
	log->fd = take_fd(&fd);
	log->is_regular = is_regular;
	log->is_failing = false;
	return 0;
}

/* Makes room for `need` more bytes behind `end`, within BUFFER_MAX. */
static int make_room(struct logfile *log, size_t need)
{
	size_t used = log->end - log->start, size = log->size;
	char *bytes;

	if (log->size - log->end >= need)
		return 0;
	if (log->start > 0) {
		memmove(log->bytes, log->bytes + log->start, used);
		log->start = 0;
		log->end = used;
	}
	while (size - used < need && size < BUFFER_MAX)
		size *= 2;
	if (size - used < need)
		return -ENOBUFS;
	if (size == log->size)
		return 0;
	bytes = realloc(log->bytes, size);
	if (!bytes)
		return -ENOMEM;
	log->bytes = bytes;
	log->size = size;
	return 0;
}

void logfile_add(struct logfile *log, const char *line, size_t length)
{
	if (make_room(log, length + 1) < 0) {
		log->unwritten++;
		return;
	}
	memcpy(log->bytes + log->end, line, length);
	log->bytes[log->end + length] = '\n';
	log->end += length + 1;
	if (log->end - log->start >= FLUSH_AT && !log->is_failing)
		logfile_flush(log);
}

/* Takes `n` written bytes off the front and counts the lines that ended in them. */
static void take_off(struct logfile *log, size_t n)
{
	const char *from = log->bytes + log->start;

	for (const char *p = from; (p = memchr(p, '\n', (size_t)(from + n - p))); p++)
		log->written++;
	if (n > 0)
		log->is_mid_line = from[n - 1] != '\n';
	log->start += n;
	if (log->start == log->end)
		log->start = log->end = 0;
}

/* Gives the part of a line back that went to the disk before it was full. */
static void cut_partial_line(struct logfile *log, size_t n)
{
	const char *from = log->bytes + log->start;
	const char *newline = n > 0 ? memrchr(from, '\n', n) : NULL;
	size_t whole = newline ? (size_t)(newline + 1 - from) : 0;
	struct stat st;

	if (n > whole && fstat(log->fd, &st) == 0 && st.st_size >= (off_t)(n - whole) &&
	    ftruncate(log->fd, st.st_size - (off_t)(n - whole)) == 0)
		n = whole;
	take_off(log, n);
}

/* The reader of a pipe is gone: what it holds of the current line is lost, the next reader starts with a whole one. */
static void drop_current_line(struct logfile *log)
{
	const char *from = log->bytes + log->start;
	const char *newline;

	if (!log->is_mid_line)
		return;
	newline = memchr(from, '\n', log->end - log->start);
	log->start = newline ? (size_t)(newline + 1 - log->bytes) : log->end;
	log->is_mid_line = false;
	log->unwritten++;
}

static void report(struct logfile *log, int error)
{
	if (error && !log->is_failing)
		log_error_errno(error, "cannot write the decision log %s; records are counted as unwritten from %u KiB on",
				log->path, BUFFER_MAX >> 10);
	if (!error && log->is_failing)
		log_info("the decision log %s can be written again; %llu records were not written", log->path,
			 (unsigned long long)log->unwritten);
	log->is_failing = error != 0;
}

static int flush_file(struct logfile *log)
{
	size_t done = 0, length = log->end - log->start;
	int error = 0;

	while (done < length) {
		ssize_t n = write(log->fd, log->bytes + log->start + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			error = n < 0 ? errno : ENOSPC;
			break;
		}
		done += (size_t)n;
	}
	if (error)
		cut_partial_line(log, done);
	else
		take_off(log, done);
	return error;
}

/* A pipe that polls as writable takes PIPE_BUF bytes without blocking, whatever its flags. */
static int flush_stream(struct logfile *log)
{
	while (log->start < log->end) {
		struct pollfd pfd = { .fd = log->fd, .events = POLLOUT };
		size_t length = log->end - log->start;
		ssize_t n;

		if (poll(&pfd, 1, 0) <= 0)
			return 0;
		n = write(log->fd, log->bytes + log->start, length < PIPE_BUF ? length : PIPE_BUF);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0) {
			int error = errno;

			drop_current_line(log);
			return error;
		}
		take_off(log, (size_t)n);
	}
	return 0;
}

void logfile_flush(struct logfile *log)
{
	if (log->start == log->end)
		return;
	report(log, log->is_regular ? flush_file(log) : flush_stream(log));
}

const char *logfile_path(const struct logfile *log)
{
	return log->path;
}

int logfile_fd(const struct logfile *log)
{
	return log->is_regular ? -EBADF : log->fd;
}

bool logfile_is_waiting(const struct logfile *log)
{
	return log->start < log->end && !log->is_failing;
}

__u64 logfile_written(const struct logfile *log)
{
	return log->written;
}

__u64 logfile_unwritten(const struct logfile *log)
{
	return log->unwritten;
}
