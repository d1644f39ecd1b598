/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * asking.c - ways to another task, and what tasks of a profile are asked while policies come and go.
 *
 * usage: subject-asking daemon|orphan|subreaper|vfork|thread PROGRAM ARG…  runs it so; what it prints is the answer
 *        subject-asking cgroup FOLDER PROGRAM ARG…   runs it in that cgroup from its birth on (CLONE_INTO_CGROUP)
 *        subject-asking seize|attach|read|write PID  takes what is another task's, and prints OK or the error's name
 *        subject-asking traceme                      lets its parent have what is its own
 *        subject-asking wait                         says READY, and waits to be asked
 *        subject-asking threads PATH                 says READY, waits for a line, and opens PATH by old threads and new
 *        subject-asking storm CHAINS GO PATH         forks without a pause; once GO is there, counts what opens PATH
 *        subject-asking hammer END DENIED ALLOWED    opens both until END is there, and prints how often, and how often
 *                                                    the answer was wrong
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errno_word.h"

#define THREADS 8
#define STORM_FORKS 400

static _Noreturn void become(char **argv)
{
	execv(argv[0], argv);
	_exit(tell(-1));
}

/* ---- Ways to another task. ---- */

static int run_daemon(char **argv)
{
	need(daemon(1, 1), "daemon");
	become(argv);
}

/* The child of a task that has ended: `reaper` says whose it is then. */
static int run_left(char **argv, int is_reaper)
{
	pid_t parent;

	if (is_reaper)
		need(prctl(PR_SET_CHILD_SUBREAPER, 1), "subreaper");
	if (need(fork(), "fork") > 0) {
		while (wait(NULL) > 0)
			;
		return 0;
	}
	parent = getpid();
	if (need(fork(), "fork") > 0)
		_exit(0);
	while (getppid() == parent)
		(void)usleep(1000);
	become(argv);
}

static int run_orphan(char **argv)
{
	return run_left(argv, 0);
}

static int run_reaped(char **argv)
{
	return run_left(argv, 1);
}

static int run_vfork(char **argv)
{
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork) */
	pid_t child = vfork();

	if (child == 0)
		become(argv);
	(void)waitpid(child, NULL, 0);
	return 0;
}

static void *thread_become(void *argv)
{
	become(argv);
}

/* By another thread than the first. */
static int run_thread(char **argv)
{
	pthread_t thread;

	need(-pthread_create(&thread, NULL, thread_become, argv), "thread");
	(void)pause();
	return 1;
}

static int run_cgroup(char **argv)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	long child;

	args.cgroup = (__u64)need(open(argv[0], O_PATH | O_CLOEXEC), "cgroup");
	child = need(syscall(SYS_clone3, &args, sizeof(args)), "clone3");
	if (child == 0)
		become(argv + 1);
	(void)waitpid((pid_t)child, NULL, 0);
	return 0;
}

/* ---- What is another task's. ---- */

static int take_seize(char **argv)
{
	return tell(ptrace(PTRACE_SEIZE, atoi(argv[0]), NULL, NULL));
}

static int take_attach(char **argv)
{
	return tell(ptrace(PTRACE_ATTACH, atoi(argv[0]), NULL, NULL));
}

/* Where both are the same program, not relocated, the address is mapped there, too. */
static char shared = 'x';

static struct iovec local = { .iov_base = &(char){ 0 }, .iov_len = 1 }, remote = { .iov_base = &shared, .iov_len = 1 };

static int take_read(char **argv)
{
	return tell(process_vm_readv(atoi(argv[0]), &local, 1, &remote, 1, 0));
}

static int take_write(char **argv)
{
	return tell(process_vm_writev(atoi(argv[0]), &local, 1, &remote, 1, 0));
}

static int give_traceme(char **argv)
{
	(void)argv;
	return tell(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int be_there(char **argv)
{
	(void)argv;
	puts("READY");
	(void)fflush(stdout);
	(void)pause();
	return 0;
}

/* ---- While policies come and go. ---- */

static const char *asked;

/* 1: refused; 0: it passed. */
static int is_refused(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)close(fd);
		return 0;
	}
	return errno == EPERM;
}

static pthread_barrier_t begin;

static void *thread_ask(void *unused)
{
	(void)unused;
	(void)pthread_barrier_wait(&begin);
	return (void *)(intptr_t)is_refused(asked);
}

static void *thread_ask_now(void *unused)
{
	(void)unused;
	return (void *)(intptr_t)is_refused(asked);
}

static int ask_threads(char **argv)
{
	pthread_t old[THREADS], new;
	char line[8];
	void *refused;
	int count = 0, status = 0;

	asked = argv[0];
	(void)pthread_barrier_init(&begin, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		need(-pthread_create(&old[i], NULL, thread_ask, NULL), "thread");
	puts("READY");
	(void)fflush(stdout);
	need(read(0, line, sizeof(line)), "read");
	(void)pthread_barrier_wait(&begin);
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(old[i], &refused);
		count += refused != NULL;
	}
	need(-pthread_create(&new, NULL, thread_ask_now, NULL), "thread");
	(void)pthread_join(new, &refused);
	if (fork() == 0)
		_exit(is_refused(asked));
	(void)wait(&status);
	printf("refused: %d of %d old threads, %d new, %d child, %d itself\n", count, THREADS, refused != NULL,
	       WEXITSTATUS(status), is_refused(asked));
	return 0;
}

struct tally {
	unsigned int forks, asked, passed, running;
};

/* Each task of a chain makes the next one and ends. */
static _Noreturn void chain(struct tally *tally, const char *go, const char *path)
{
	unsigned int asked_here = 0;

	while (asked_here < STORM_FORKS) {
		pid_t child = fork();

		if (child > 0)
			_exit(0);
		if (child < 0)
			continue;
		(void)__atomic_add_fetch(&tally->forks, 1, __ATOMIC_RELAXED);
		/* Before the open: what is asked then is asked by the new policy. */
		if (access(go, F_OK))
			continue;
		asked_here++;
		(void)__atomic_add_fetch(&tally->asked, 1, __ATOMIC_RELAXED);
		if (!is_refused(path))
			(void)__atomic_add_fetch(&tally->passed, 1, __ATOMIC_RELAXED);
	}
	(void)__atomic_sub_fetch(&tally->running, 1, __ATOMIC_RELAXED);
	_exit(0);
}

static int ask_storm(char **argv)
{
	unsigned int chains = (unsigned int)atoi(argv[0]);
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	tally->running = chains;
	(void)signal(SIGCHLD, SIG_IGN);
	for (unsigned int i = 0; i < chains; i++) {
		if (fork() == 0)
			chain(tally, argv[1], argv[2]);
	}
	puts("READY");
	(void)fflush(stdout);
	while (__atomic_load_n(&tally->running, __ATOMIC_RELAXED))
		(void)usleep(10000);
	printf("of %u tasks %u asked, %u passed\n", tally->forks, tally->asked, tally->passed);
	return 0;
}

static int ask_hammer(char **argv)
{
	unsigned int asked_both = 0, wrong = 0;

	while (access(argv[0], F_OK)) {
		for (int i = 0; i < 100; i++, asked_both++)
			wrong += !is_refused(argv[1]) + is_refused(argv[2]);
	}
	printf("%u %u\n", asked_both, wrong);
	return 0;
}

static const struct {
	const char *name;
	int (*act)(char **argv);
	int needs;
} ways[] = {
	{ "daemon", run_daemon, 1 },	  { "orphan", run_orphan, 1 },	  { "subreaper", run_reaped, 1 },
	{ "vfork", run_vfork, 1 },	  { "thread", run_thread, 1 },	  { "cgroup", run_cgroup, 2 },
	{ "seize", take_seize, 1 },	  { "attach", take_attach, 1 },	  { "read", take_read, 1 },
	{ "write", take_write, 1 },	  { "traceme", give_traceme, 0 }, { "wait", be_there, 0 },
	{ "threads", ask_threads, 1 },	  { "storm", ask_storm, 3 },	  { "hammer", ask_hammer, 3 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, argv[1]) == 0 && argc >= 2 + ways[i].needs)
			return ways[i].act(argv + 2);
	return 2;
}
