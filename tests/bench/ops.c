/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ops.c - what one operation costs, in instructions: for a VM whose clock advances a nanosecond for each (QEMU -icount).
 *
 * usage: bench-ops prepare               make the files below FOLDER that the others open
 *        bench-ops OP…                  print "OP INSTRUCTIONS" for each, in the order asked
 *        bench-ops --rounds N OP…       the same by fewer rounds: less is recorded, where somebody records
 *        bench-ops --load RATE PROCESSES OP  so many at once do the operation so often a second together, in bursts,
 *                                        for two seconds: prints how often it was done in one
 *        bench-ops --landlock N COMMAND…  run the command under that many rules of Landlock
 *
 * The least of several rounds counts; of spawns the least of the rounds' middle ones, for during a round of them the timer
 * ticks; of what can be done once only the middle one of many batches. What is printed is the whole operation, system
 * calls and all.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* 5 names and 23 bytes: /mnt/bn/d001/sub1/f0001. What is opened is below FOLDER, in folders of 63 files. */
#define FOLDER "/mnt/bn"
#define DENIED FOLDER "/d001/sub1/fdeny"
#define FOLDERS 64
#define FILES_EACH 63
#define BATCH 63
#define BATCHES (FOLDERS * FILES_EACH / BATCH)
#define LONE_FOLDERS 1000
#define LONE_BATCH 50
#define SET_FOLDERS 16
#define TIMES 100
#define ROUNDS_MAX 15

static int rounds = ROUNDS_MAX;

static unsigned long now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (unsigned long)time.tv_sec * 1000000000UL + (unsigned long)time.tv_nsec;
}

static void die(const char *what)
{
	(void)fprintf(stderr, "bench-ops: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- Files. ---- */

static void file_name(char *ret_path, size_t size, unsigned int i)
{
	(void)snprintf(ret_path, size, FOLDER "/d%03u/sub1/f%04u", i / FILES_EACH, i % FILES_EACH);
}

/* The same with 16 bytes more in the file's own name. */
static void long_name(char *ret_path, size_t size, unsigned int i)
{
	(void)snprintf(ret_path, size, FOLDER "/d%03u/sub1/f%04u-and-sixteen-more", i / FILES_EACH, i % FILES_EACH);
}

/* The same with 5 names more, of folders. */
static void deep_name(char *ret_path, size_t size, unsigned int i)
{
	(void)snprintf(ret_path, size, FOLDER "/e%03u/one1/two2/tri3/for4/fiv5/sub1/f%04u", i / FILES_EACH, i % FILES_EACH);
}

/* One file in a folder of its own, at the same depth and length. */
static void lone_name(char *ret_path, size_t size, unsigned int i)
{
	(void)snprintf(ret_path, size, FOLDER "/l%03u/sub1/f0000", i);
}

static void make(const char *path)
{
	char folder[64];
	int fd;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	for (char *slash = folder + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		(void)mkdir(folder, 0755);
		*slash = '/';
	}
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) < 0)
		die(path);
}

static void prepare(void)
{
	char path[64];

	for (unsigned int i = 0; i < FOLDERS * FILES_EACH; i++) {
		file_name(path, sizeof(path), i);
		make(path);
	}
	for (unsigned int i = 0; i < LONE_FOLDERS; i++) {
		lone_name(path, sizeof(path), i);
		make(path);
	}
	for (unsigned int i = 0; i < SET_FOLDERS * FILES_EACH; i++) {
		long_name(path, sizeof(path), i);
		make(path);
		deep_name(path, sizeof(path), i);
		make(path);
	}
	make(DENIED);
}

static void open_and_close(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
}

/* ---- Rounds. ---- */

static int compare(const void *a, const void *b)
{
	const unsigned long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static unsigned long least_of_rounds(void (*once)(void))
{
	unsigned long least = -1UL;

	once();
	for (int round = 0; round < rounds; round++) {
		unsigned long start = now(), took;

		for (int i = 0; i < TIMES; i++)
			once();
		took = now() - start;
		if (took < least)
			least = took;
	}
	return least / TIMES;
}

/* The least of the rounds' middle ones: of what takes so long that the timer ticks in every round. */
static unsigned long least_of_middles(void (*once)(void))
{
	unsigned long took[TIMES], least = -1UL;

	once();
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < TIMES; i++) {
			unsigned long start = now();

			once();
			took[i] = now() - start;
		}
		qsort(took, TIMES, sizeof(took[0]), compare);
		if (took[TIMES / 2] < least)
			least = took[TIMES / 2];
	}
	return least;
}

static unsigned long middle_of_batches(void (*name)(char *, size_t, unsigned int), unsigned int count, unsigned int batch)
{
	static unsigned long took[FOLDERS * FILES_EACH];
	static char paths[FOLDERS * FILES_EACH][64];
	unsigned int batches = count / batch;

	for (unsigned int i = 0; i < count; i++)
		name(paths[i], sizeof(paths[i]), i);
	for (unsigned int b = 0; b < batches; b++) {
		unsigned long start = now();

		for (unsigned int i = 0; i < batch; i++)
			open_and_close(paths[b * batch + i]);
		took[b] = (now() - start) / batch;
	}
	qsort(took, batches, sizeof(took[0]), compare);
	return took[batches / 2];
}

/* ---- The operations. ---- */

static void once_open(void)
{
	open_and_close(FOLDER "/d000/sub1/f0000");
}

static unsigned long open_warm(void)
{
	return least_of_rounds(once_open);
}

static unsigned long open_each(void)
{
	return middle_of_batches(file_name, FOLDERS * FILES_EACH, BATCH);
}

static unsigned long open_long(void)
{
	return middle_of_batches(long_name, SET_FOLDERS * FILES_EACH, BATCH);
}

static unsigned long open_deep(void)
{
	return middle_of_batches(deep_name, SET_FOLDERS * FILES_EACH, BATCH);
}

static unsigned long open_lone(void)
{
	return middle_of_batches(lone_name, LONE_FOLDERS, LONE_BATCH);
}

static void once_denied(void)
{
	open_and_close(DENIED);
}

static unsigned long open_denied(void)
{
	return least_of_rounds(once_denied);
}

static int udp;
static struct sockaddr_in peer;

static void once_connect(void)
{
	(void)connect(udp, (struct sockaddr *)&peer, sizeof(peer));
}

static void once_send(void)
{
	(void)sendto(udp, "x", 1, 0, (struct sockaddr *)&peer, sizeof(peer));
}

static void make_udp(void)
{
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	peer = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(9) };
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static unsigned long by_udp(void (*once)(void))
{
	unsigned long cost;

	make_udp();
	cost = least_of_rounds(once);
	(void)close(udp);
	return cost;
}

static unsigned long connect_udp(void)
{
	return by_udp(once_connect);
}

/* To another address each time. */
static void once_connect_new(void)
{
	peer.sin_addr.s_addr = htonl(ntohl(peer.sin_addr.s_addr) + 1);
	once_connect();
}

static unsigned long connect_new(void)
{
	return by_udp(once_connect_new);
}

static int udp6;

static void once_connect_ip6(void)
{
	const struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	(void)connect(udp6, (const struct sockaddr *)&to, sizeof(to));
}

static unsigned long connect_ip6(void)
{
	unsigned long cost;

	udp6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (udp6 < 0)
		die("socket for IPv6");
	cost = least_of_rounds(once_connect_ip6);
	(void)close(udp6);
	return cost;
}

static unsigned long send_udp(void)
{
	int sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(peer);
	unsigned long cost;

	make_udp();
	peer.sin_port = 0;
	if (bind(sink, (struct sockaddr *)&peer, length) || getsockname(sink, (struct sockaddr *)&peer, &length))
		die("bind");
	cost = least_of_rounds(once_send);
	(void)close(udp);
	(void)close(sink);
	return cost;
}

static int listener;

static void once_tcp(void)
{
	const struct linger linger = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), other;

	(void)connect(fd, (struct sockaddr *)&peer, sizeof(peer));
	other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	(void)close(fd);
	(void)close(other);
}

static void make_tcp(void)
{
	socklen_t length = sizeof(peer);

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	peer = (struct sockaddr_in){ .sin_family = AF_INET };
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&peer, length) || listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)&peer, &length))
		die("listen");
}

static unsigned long connect_tcp(void)
{
	unsigned long cost;

	make_tcp();
	cost = least_of_rounds(once_tcp);
	(void)close(listener);
	return cost;
}

static int mapped;

static void once_map(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, mapped, 0);

	if (at != MAP_FAILED)
		(void)munmap(at, 4096);
}

static unsigned long map_code(void)
{
	unsigned long cost;

	mapped = open(FOLDER "/d000/sub1/f0000", O_RDONLY | O_CLOEXEC);
	if (mapped < 0)
		die("open");
	cost = least_of_rounds(once_map);
	(void)close(mapped);
	return cost;
}

static void once_spawn(void)
{
	char name[] = "bench-ops", *arguments[] = { name, NULL }, *environment[] = { NULL };
	pid_t pid;

	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environment))
		die("posix_spawn");
	(void)waitpid(pid, NULL, 0);
}

static unsigned long spawn(void)
{
	return least_of_middles(once_spawn);
}

static const struct {
	const char *name;
	unsigned long (*measure)(void);
} ops[] = {
	{ "open-first", open_each },	{ "open-again", open_each },	{ "open-long", open_long },
	{ "open-deep", open_deep },	{ "open-lone", open_lone },	{ "open-warm", open_warm },
	{ "open-denied", open_denied }, { "connect-udp", connect_udp }, { "connect-tcp", connect_tcp },
	{ "connect-new", connect_new }, { "connect-ip6", connect_ip6 }, { "sendto", send_udp },
	{ "mmap-exec", map_code },	{ "spawn", spawn },
};

static void measure(const char *name)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(name, ops[i].name) != 0)
			continue;
		printf("%s %lu\n", name, ops[i].measure());
		(void)fflush(stdout);
		return;
	}
	(void)fprintf(stderr, "bench-ops: no operation '%s'\n", name);
	exit(2);
}

/* ---- A load: by several processes at once, in bursts. ---- */

#define LOAD_SECONDS 2
#define BURSTS 10 /* a second */

static unsigned int next_file;

static void once_file(void)
{
	char path[64];

	file_name(path, sizeof(path), next_file++ % (FOLDERS * FILES_EACH));
	open_and_close(path);
}

static const struct load {
	const char *name;
	void (*once)(void);
	void (*make)(void);
} loads[] = {
	{ "open", once_file, NULL },
	{ "connect-tcp", once_tcp, make_tcp },
	{ "spawn", once_spawn, NULL },
};

/* Each burst begins at its time, or as soon as the one before it has ended. */
static void load_at(unsigned long start, unsigned long rate, void (*once)(void))
{
	unsigned long next = start, done = 0;

	for (unsigned long burst = 1; burst <= LOAD_SECONDS * BURSTS; burst++) {
		struct timespec until = { .tv_sec = (time_t)(next / 1000000000UL), .tv_nsec = (long)(next % 1000000000UL) };

		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		for (; done < rate * burst / BURSTS; done++)
			once();
		next += 1000000000UL / BURSTS;
	}
}

static void load(unsigned long rate, unsigned int processes, const struct load *what)
{
	unsigned long start = now() + 1000000000UL / BURSTS, took;

	for (unsigned int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid > 0)
			continue;
		next_file = FOLDERS * FILES_EACH / processes * i;
		if (what->make)
			what->make();
		load_at(start, rate / processes, what->once);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	took = now() - start;
	/* The last burst's time counts too. */
	printf("%lu\n", rate * LOAD_SECONDS * 1000000000UL / (took > LOAD_SECONDS * 1000000000UL ? took : LOAD_SECONDS * 1000000000UL));
}

static const struct load *load_find(const char *name)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (strcmp(name, loads[i].name) == 0)
			return &loads[i];
	(void)fprintf(stderr, "bench-ops: no load '%s'\n", name);
	exit(2);
}

/* ---- Landlock, as a peer: so many folders that the process may do all in. ---- */

static void landlock(unsigned int count)
{
	const struct landlock_ruleset_attr attributes = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				     LANDLOCK_ACCESS_FS_READ_DIR,
	};
	int set = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);

	if (set < 0)
		die("landlock_create_ruleset");
	for (unsigned int i = 0; i < count; i++) {
		struct landlock_path_beneath_attr rule = { .allowed_access = attributes.handled_access_fs };
		char path[64];

		if (i == 0)
			(void)snprintf(path, sizeof(path), "/");
		else
			(void)snprintf(path, sizeof(path), FOLDER "/l%03u", i);
		rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
		if (rule.parent_fd < 0 || syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
			die(path);
		(void)close(rule.parent_fd);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, set, 0))
		die("landlock_restrict_self");
	(void)close(set);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 0;
	if (strcmp(argv[1], "prepare") == 0) {
		prepare();
		return 0;
	}
	if (strcmp(argv[1], "--landlock") == 0 && argc > 3) {
		landlock((unsigned int)atoi(argv[2]));
		(void)execv(argv[3], argv + 3);
		die(argv[3]);
	}
	if (strcmp(argv[1], "--load") == 0 && argc == 5) {
		load(strtoul(argv[2], NULL, 10), (unsigned int)atoi(argv[3]), load_find(argv[4]));
		return 0;
	}
	if (strcmp(argv[1], "--rounds") == 0 && argc > 3) {
		rounds = atoi(argv[2]);
		if (rounds < 1 || rounds > ROUNDS_MAX) {
			(void)fprintf(stderr, "bench-ops: not %s rounds but 1 to %d\n", argv[2], ROUNDS_MAX);
			return 2;
		}
		argv += 2;
		argc -= 2;
	}
	for (int i = 1; i < argc; i++)
		measure(argv[i]);
	return 0;
}
