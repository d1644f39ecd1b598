/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cache.c - opens files again and again while their names change, and knows of each open what the name allowed; and makes
 * connections while the policy changes.
 *
 * usage: subject-cache FOLDER DECISIONS SCENE[=ARGUMENT]…
 *
 * In each scene one process changes something and others open, all scenes at once. What changes is told by a counter,
 * odd meanwhile: an open between two looks at the same even number must end as that state says; others prove nothing
 * and aren't counted. What begins with `not`, or has a folder `no` in its name, must not be read.
 * Goes on until each scene has made its share of DECISIONS, and some changes. Prints a line for each: SCENE DECISIONS WRONG
 * CHANGES.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control.h"

#define READERS 2
#define SCENES_MAX 20
#define CROWD 48
/* Decisions in one state before it is changed again, if there are so many within PATIENCE. */
#define EACH 24
#define PATIENCE_MS 200
#define CHANGES_MIN 6
#define PATH_SIZE 160
/* Wrong answers that are told one by one. */
#define TOLD_MAX 3

struct board {
	atomic_ulong state; /* odd: changing */
	atomic_ulong decisions, wrong, changes;
	atomic_ulong looks; /* decisions since the last change */
};

struct scene;

struct kind {
	const char *name;
	void (*prepare)(struct scene *scene);
	void (*change)(struct scene *scene, unsigned long state); /* into that state; 0 is what prepare() leaves */
	/* One open in that state: whether it ended as it must. */
	bool (*open)(struct scene *scene, unsigned long state, unsigned int turn);
	bool is_steady; /* the answer is the same before, during and after a change */
};

struct scene {
	const struct kind *kind;
	const char *argument;
	char folder[64];
	struct board *board;
	int fd; /* O_PATH of a file whose name changes */
	int other;
	int control;
};

static void die(const char *what)
{
	(void)fprintf(stderr, "subject-cache: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- Files. ---- */

static const char *path_of(const struct scene *scene, const char *name)
{
	static char path[4][PATH_SIZE];
	static int next;

	next = (next + 1) % 4;
	(void)snprintf(path[next], PATH_SIZE, "%s/%s", scene->folder, name);
	return path[next];
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		die(path);
}

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, "x", 1) != 1)
		die(path);
	(void)close(fd);
}

static int hold(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* 0, or the errno. */
static int try_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

/* Opens what a descriptor holds, by whatever name it has now. */
static int try_held(int fd, int flags)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return try_path(path, flags);
}

/* What the last open that was looked at ended with, and had to. */
static int ended, wanted;

static bool is_as(int error, bool is_denied)
{
	ended = error;
	wanted = is_denied ? EPERM : 0;
	return ended == wanted;
}

static void rename_in(const struct scene *scene, const char *from, const char *to, unsigned int flags)
{
	if (renameat2(AT_FDCWD, path_of(scene, from), AT_FDCWD, path_of(scene, to), flags))
		die("rename");
}

/* ---- A file is renamed; it changes places with another. ---- */

static void file_prepare(struct scene *scene)
{
	make_file(path_of(scene, "yes"));
	scene->fd = hold(path_of(scene, "yes"));
}

static void file_change(struct scene *scene, unsigned long state)
{
	rename_in(scene, state % 2 ? "yes" : "not", state % 2 ? "not" : "yes", 0);
}

static bool held_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	(void)turn;
	return is_as(try_held(scene->fd, O_RDONLY), state % 2);
}

static void swap_prepare(struct scene *scene)
{
	file_prepare(scene);
	make_file(path_of(scene, "not"));
	scene->other = hold(path_of(scene, "not"));
}

static void swap_change(struct scene *scene, unsigned long state)
{
	(void)state;
	rename_in(scene, "yes", "not", RENAME_EXCHANGE);
}

static bool swap_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	return is_as(try_held(turn % 2 ? scene->other : scene->fd, O_RDONLY), (state + turn) % 2);
}

/* ---- A file goes from one denied name to another; its one folder with its other name would be allowed. ---- */

static void cross_prepare(struct scene *scene)
{
	make_folder(path_of(scene, "yes"));
	make_folder(path_of(scene, "no"));
	make_file(path_of(scene, "yes/not"));
	scene->fd = hold(path_of(scene, "yes/not"));
}

static void cross_change(struct scene *scene, unsigned long state)
{
	rename_in(scene, state % 2 ? "yes/not" : "no/f", state % 2 ? "no/f" : "yes/not", 0);
}

static bool denied_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	(void)state;
	(void)turn;
	return is_as(try_held(scene->fd, O_RDONLY), true);
}

/* ---- A folder two above it is renamed, or changes places. ---- */

static void folder_prepare(struct scene *scene)
{
	make_folder(path_of(scene, "yes"));
	make_folder(path_of(scene, "yes/in"));
	make_file(path_of(scene, "yes/in/f"));
	scene->fd = hold(path_of(scene, "yes/in/f"));
}

static void folder_change(struct scene *scene, unsigned long state)
{
	rename_in(scene, state % 2 ? "yes" : "no", state % 2 ? "no" : "yes", 0);
}

static void folders_prepare(struct scene *scene)
{
	folder_prepare(scene);
	make_folder(path_of(scene, "no"));
	make_folder(path_of(scene, "no/in"));
	make_file(path_of(scene, "no/in/f"));
	scene->other = hold(path_of(scene, "no/in/f"));
}

static void folders_change(struct scene *scene, unsigned long state)
{
	(void)state;
	rename_in(scene, "yes", "no", RENAME_EXCHANGE);
}

/* ---- Files are removed and made anew under the other name: dentries and inode numbers come again. ---- */

static const char *crowd_name(unsigned long state, unsigned int i)
{
	static char name[16];

	(void)snprintf(name, sizeof(name), "%s%u", state % 2 ? "not" : "yes", i);
	return name;
}

static void crowd_prepare(struct scene *scene)
{
	for (unsigned int i = 0; i < CROWD; i++)
		make_file(path_of(scene, crowd_name(0, i)));
}

static void crowd_change(struct scene *scene, unsigned long state)
{
	for (unsigned int i = 0; i < CROWD; i++)
		if (unlink(path_of(scene, crowd_name(state + 1, i))))
			die("unlink");
	/* Their memory comes free once nobody can be looking at it. */
	(void)usleep(20000);
	for (unsigned int i = 0; i < CROWD; i++)
		make_file(path_of(scene, crowd_name(state, i)));
}

static bool crowd_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	return is_as(try_path(path_of(scene, crowd_name(state, turn % CROWD)), O_RDONLY), state % 2);
}

/* ---- One file has two names; the other one comes and goes. ---- */

static void link_prepare(struct scene *scene)
{
	make_file(path_of(scene, "yes"));
	if (link(path_of(scene, "yes"), path_of(scene, "not")))
		die("link");
}

static void link_change(struct scene *scene, unsigned long state)
{
	const char *gone = state % 2 ? "not" : "yes", *left = state % 2 ? "yes" : "not";

	if (unlink(path_of(scene, gone)) || link(path_of(scene, left), path_of(scene, gone)))
		die("link");
}

static bool link_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	(void)state;
	return is_as(try_path(path_of(scene, turn % 2 ? "not" : "yes"), O_RDONLY), turn % 2);
}

/* ---- A file system is moved from one mount point to another; a folder is bound where its name is shorter. ---- */

static void mount_prepare(struct scene *scene)
{
	make_folder(path_of(scene, "yes"));
	make_folder(path_of(scene, "no"));
	if (mount("cache", path_of(scene, "yes"), "tmpfs", 0, NULL))
		die("mount");
	make_file(path_of(scene, "yes/f"));
	scene->fd = hold(path_of(scene, "yes/f"));
}

static void mount_change(struct scene *scene, unsigned long state)
{
	if (mount(path_of(scene, state % 2 ? "yes" : "no"), path_of(scene, state % 2 ? "no" : "yes"), NULL, MS_MOVE, NULL))
		die("mount --move");
}

static void bind_prepare(struct scene *scene)
{
	/* On a file system whose own mount point is farther from / than where the folder is bound. */
	if (mount("cache", scene->folder, "tmpfs", 0, NULL))
		die("mount");
	make_folder(path_of(scene, "deep"));
	make_folder(path_of(scene, "deep/in"));
	make_file(path_of(scene, "deep/in/f"));
	make_folder(scene->argument);
	make_file(path_of(scene, "near"));
	scene->fd = hold(path_of(scene, "deep/in/f"));
	scene->other = hold(path_of(scene, "near"));
}

static void bind_change(struct scene *scene, unsigned long state)
{
	if (state % 2 ? mount(path_of(scene, "deep"), scene->argument, NULL, MS_BIND, NULL) : umount2(scene->argument, MNT_DETACH))
		die("bind");
}

/* What is told of a file beside the folder, which is not bound, says nothing of what is in it. */
static bool bind_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	(void)try_held(scene->other, O_RDONLY);
	return held_open(scene, state, turn);
}

/* ---- The directory of a mount point is denied by its own name; files in it are not. ---- */

static void root_prepare(struct scene *scene)
{
	make_folder(path_of(scene, "not"));
	if (mount("cache", path_of(scene, "not"), "tmpfs", 0, NULL))
		die("mount");
	make_file(path_of(scene, "not/f"));
}

static bool root_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	(void)state;
	return is_as(try_path(path_of(scene, turn % 2 ? "not/f" : "not"), O_RDONLY), turn % 2 == 0);
}

/* ---- Copies of one image, or a snapshot: the same numbers under another name; what the kernel keeps is dropped. ---- */

static void drop_change(struct scene *scene, unsigned long state)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	(void)scene;
	(void)state;
	if (fd < 0 || write(fd, "2", 1) != 1)
		die("drop_caches");
	(void)close(fd);
}

static void nothing_prepare(struct scene *scene)
{
	(void)scene;
}

/* ARGUMENT is the folder that holds yes/ and no/, each with f0 … f7. */
static bool twins_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	char path[PATH_SIZE];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/%s/f%u", scene->argument, turn & 8 ? "no" : "yes", turn & 7);
	return is_as(try_path(path, O_RDONLY), turn & 8);
}

/* ---- Files of an overlay: each is copied up once, and removed again. ARGUMENT is where it is mounted. ---- */

static void overlay_prepare(struct scene *scene)
{
	char path[PATH_SIZE];

	for (unsigned int i = 0; i < 8; i++) {
		(void)snprintf(path, sizeof(path), "%s/yes%u", scene->argument, i);
		make_file(path);
	}
}

static void overlay_change(struct scene *scene, unsigned long state)
{
	char path[PATH_SIZE];

	for (unsigned int i = 0; i < 8; i++) {
		(void)snprintf(path, sizeof(path), "%s/yes%u", scene->argument, i);
		if (state % 2 ? try_path(path, O_WRONLY | O_CREAT) : unlink(path))
			die(path);
	}
	if (!(state % 2))
		for (unsigned int i = 0; i < 8; i++) {
			(void)snprintf(path, sizeof(path), "%s/yes%u", scene->argument, i);
			make_file(path);
		}
}

static bool overlay_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	char path[PATH_SIZE];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/%s%u", scene->argument, turn & 8 ? "not" : "yes", turn & 7);
	return is_as(try_path(path, O_RDONLY), turn & 8);
}

/* ---- One file, opened in other ways; many files, each in some way. ---- */

static void ways_prepare(struct scene *scene)
{
	make_folder(path_of(scene, "no"));
	make_folder(path_of(scene, "yes"));
	for (unsigned int i = 0; i < 16; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "no/f%u", i);
		make_file(path_of(scene, name));
		(void)snprintf(name, sizeof(name), "yes/f%u", i);
		make_file(path_of(scene, name));
	}
}

static void nothing_change(struct scene *scene, unsigned long state)
{
	(void)scene;
	(void)state;
	(void)usleep(1000);
}

static bool ways_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	static const int flags[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_RDONLY, 3 };
	static unsigned int any = 12345;
	char name[16];
	bool is_no;
	int way;

	(void)state;
	any = any * 1103515245 + 12345 + turn;
	is_no = any >> 16 & 1;
	way = (any >> 17) % 6;
	(void)snprintf(name, sizeof(name), "%s/f%u", is_no ? "no" : "yes", any >> 20 & 15);
	return is_as(try_path(path_of(scene, name), flags[way]), is_no && flags[way] != O_WRONLY);
}

/* ---- The policy is swapped. ARGUMENT: SOCKET,POLICY,OTHER; POLICY allows a and denies b, OTHER the other way round. ---- */

static char *part(const char *argument, int which)
{
	static char parts[3][PATH_SIZE];

	if (sscanf(argument, "%159[^,],%159[^,],%159s", parts[0], parts[1], parts[2]) != 3)
		die("policies");
	return parts[which];
}

static void control_prepare(struct scene *scene)
{
	scene->control = connect_daemon(part(scene->argument, 0));
	if (scene->control < 0)
		die("connect");
}

static void policy_prepare(struct scene *scene)
{
	make_file(path_of(scene, "a"));
	make_file(path_of(scene, "b"));
	control_prepare(scene);
}

static void policy_change(struct scene *scene, unsigned long state)
{
	(void)state;
	if (renameat2(AT_FDCWD, part(scene->argument, 1), AT_FDCWD, part(scene->argument, 2), RENAME_EXCHANGE) ||
	    reload(scene->control))
		die("reload");
}

static bool policy_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	return is_as(try_path(path_of(scene, turn % 2 ? "a" : "b"), O_RDONLY), (state + turn + 1) % 2);
}

/* ---- The same of addresses: 127.7.0.1 and fd00:7::1 for a, …2 for b; but port 7 of 127.7.0.3 is never allowed. ---- */

static const struct target {
	const char *address;
	unsigned short port;
	bool is_b, is_denied, is_allowed;
} targets[] = {
	{ "127.7.0.1", 9, .is_b = false },
	{ "127.7.0.2", 9, .is_b = true },
	{ "127.7.0.3", 9, .is_allowed = true },
	{ "127.7.0.3", 7, .is_denied = true },
	{ "fd00:7::1", 9, .is_b = false },
	{ "fd00:7::2", 9, .is_b = true },
	{ "::ffff:127.7.0.1", 9, .is_b = false },
	{ "::ffff:127.7.0.2", 9, .is_b = true },
};

#define DENIED_TARGET 3

/* EPERM, or 0: where there is no way to is known behind the hook. */
static int try_target(const struct target *target)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(target->port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(target->port) };
	bool is_six = inet_pton(AF_INET6, target->address, &six.sin6_addr) == 1;
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0 || (!is_six && inet_pton(AF_INET, target->address, &four.sin_addr) != 1))
		die(target->address);
	if (is_six ? connect(fd, (struct sockaddr *)&six, sizeof(six)) : connect(fd, (struct sockaddr *)&four, sizeof(four)))
		error = errno;
	(void)close(fd);
	return error == EPERM ? EPERM : 0;
}

static bool target_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	const struct target *target = &targets[turn % (sizeof(targets) / sizeof(targets[0]))];

	(void)scene;
	return is_as(try_target(target), target->is_denied || (!target->is_allowed && (state + target->is_b + 1) % 2 == 0));
}

/* Both policies deny that one. */
static bool denied_target_open(struct scene *scene, unsigned long state, unsigned int turn)
{
	(void)scene;
	(void)state;
	(void)turn;
	return is_as(try_target(&targets[DENIED_TARGET]), true);
}

/* Both deny c, by other rules and other states. */
static void both_prepare(struct scene *scene)
{
	policy_prepare(scene);
	make_file(path_of(scene, "c"));
	scene->fd = hold(path_of(scene, "c"));
}

/* ---- The scenes. ---- */

static const struct kind kinds[] = {
	{ "file", file_prepare, file_change, held_open },
	{ "swap", swap_prepare, swap_change, swap_open },
	{ "folder", folder_prepare, folder_change, held_open },
	{ "folders", folders_prepare, folders_change, swap_open },
	{ "crowd", crowd_prepare, crowd_change, crowd_open },
	{ "link", link_prepare, link_change, link_open },
	{ "mount", mount_prepare, mount_change, held_open },
	{ "bind", bind_prepare, bind_change, bind_open },
	{ "twins", nothing_prepare, drop_change, twins_open },
	{ "overlay", overlay_prepare, overlay_change, overlay_open },
	{ "ways", ways_prepare, nothing_change, ways_open },
	{ "policy", policy_prepare, policy_change, policy_open },
	{ "target", control_prepare, policy_change, target_open },
	{ "port", control_prepare, policy_change, denied_target_open, .is_steady = true },
	{ "root", root_prepare, nothing_change, root_open },
	{ "cross", cross_prepare, cross_change, denied_open, .is_steady = true },
	{ "both", both_prepare, policy_change, denied_open, .is_steady = true },
};

static void die_with_parent(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1);
}

static void read_for_ever(struct scene *scene, unsigned int turn)
{
	struct board *board = scene->board;

	die_with_parent();
	for (;; turn++) {
		unsigned long before = atomic_load(&board->state);
		bool is_right;

		if (before % 2) {
			(void)sched_yield();
			continue;
		}
		is_right = scene->kind->open(scene, before / 2, turn);
		if (atomic_load(&board->state) != before)
			continue;
		atomic_fetch_add(&board->decisions, 1);
		atomic_fetch_add(&board->looks, 1);
		if (!is_right && atomic_fetch_add(&board->wrong, 1) < TOLD_MAX)
			(void)fprintf(stderr, "subject-cache: %s, state %lu, turn %u: errno %d, not %d\n", scene->kind->name,
				      before / 2, turn, ended, wanted);
	}
}

static unsigned long now_ms(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (unsigned long)time.tv_sec * 1000 + (unsigned long)time.tv_nsec / 1000000;
}

static void change_for_ever(struct scene *scene)
{
	struct board *board = scene->board;

	die_with_parent();
	for (unsigned long state = 1;; state++) {
		unsigned long start = now_ms();

		while (atomic_load(&board->looks) < EACH && now_ms() - start < PATIENCE_MS)
			(void)sched_yield();
		if (!scene->kind->is_steady)
			atomic_fetch_add(&board->state, 1);
		scene->kind->change(scene, state);
		atomic_store(&board->looks, 0);
		atomic_fetch_add(&board->changes, 1);
		if (!scene->kind->is_steady)
			atomic_fetch_add(&board->state, 1);
	}
}

static void scene_set(struct scene *scene, const char *folder, char *text, struct board *board)
{
	char *argument = strchr(text, '=');

	if (argument)
		*argument++ = 0;
	*scene = (struct scene){ .argument = argument, .board = board };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, text) == 0)
			scene->kind = &kinds[i];
	if (!scene->kind)
		die(text);
	(void)snprintf(scene->folder, sizeof(scene->folder), "%s/%s", folder, text);
	make_folder(scene->folder);
	scene->kind->prepare(scene);
}

static pid_t start(struct scene *scene, int reader)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (reader < READERS)
		read_for_ever(scene, (unsigned int)reader * 7919);
	else
		change_for_ever(scene);
	_exit(0);
}

static bool is_going_on(const struct scene *scene, unsigned long share)
{
	return atomic_load(&scene->board->decisions) < share || atomic_load(&scene->board->changes) < CHANGES_MIN;
}

int main(int argc, char **argv)
{
	static struct scene scenes[SCENES_MAX];
	static pid_t pids[SCENES_MAX][READERS + 1];
	struct board *boards = mmap(NULL, SCENES_MAX * sizeof(*boards), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int count = argc - 3, status = 0;
	unsigned long share;
	bool goes_on = true;

	if (count < 1 || count > SCENES_MAX || boards == MAP_FAILED)
		return 2;
	share = strtoul(argv[2], NULL, 10) / (unsigned long)count;
	make_folder(argv[1]);
	for (int i = 0; i < count; i++)
		scene_set(&scenes[i], argv[1], argv[i + 3], &boards[i]);
	for (int i = 0; i < count; i++)
		for (int k = 0; k <= READERS; k++)
			pids[i][k] = start(&scenes[i], k);
	while (goes_on) {
		goes_on = false;
		(void)usleep(50000);
		/* One that ended by itself has said why. */
		if (waitpid(-1, &status, WNOHANG) > 0)
			return 2;
		for (int i = 0; i < count; i++) {
			bool goes_on_here = is_going_on(&scenes[i], share);

			goes_on |= goes_on_here;
			for (int k = 0; !goes_on_here && k <= READERS; k++) {
				if (pids[i][k])
					(void)kill(pids[i][k], SIGKILL);
				if (pids[i][k])
					(void)waitpid(pids[i][k], NULL, 0);
				pids[i][k] = 0;
			}
		}
	}
	for (int i = 0; i < count; i++)
		printf("%s %lu %lu %lu\n", scenes[i].kind->name, atomic_load(&boards[i].decisions),
		       atomic_load(&boards[i].wrong), atomic_load(&boards[i].changes));
	return 0;
}
