/* SPDX-License-Identifier: GPL-2.0-only */
/* escape.c - strings random steps together and asks after each: did the chain read, write, run or reach what the policy
 * of cases/escape.ini refuses?
 *
 * usage: subject-escape SEED [SECONDS [seen]]   chains from that seed on, one a number; without SECONDS that one
 *                                        chain, told step by step: with the same policy it does the same again;
 *                                        seen: no longer than until each sort of escape was seen
 *        subject-escape make             the files, while no policy refuses it
 *        subject-escape broker           a process that has them open, before a policy is loaded; see escape/broker.c
 * To be run as root; a chain is an ordinary user's. Exit code 1: there was an escape. Kinds of steps that stand in
 * ESCAPE_WITHOUT, between commas, are left out: to look past what is known. */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "escape/chain.h"
#include "escape/world.h"

#define STUCK_AFTER_MS 60000
/* Told in full, of each sort. */
#define TOLD_MAX 3

struct tally {
	unsigned long chains, steps, stuck;
	unsigned long escapes[ESCAPES];
	unsigned long tried[KINDS_MAX], succeeded[KINDS_MAX];
	bool tells_all;
};

static const char *const escape_names[ESCAPES] = { "read", "write", "run", "reach" };

/* ---- A chain's process. ---- */

static void become_user(uint64_t seed)
{
	char own[64];

	(void)snprintf(own, sizeof(own), ROOM "/c%llu/own", (unsigned long long)seed);
	(void)setsid();
	(void)umask(022);
	if (setgroups(0, NULL) || setgid(USER_ID) || setuid(USER_ID) || chdir(own))
		_exit(3);
	(void)prctl(PR_SET_DUMPABLE, 1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
}

__attribute__((noreturn)) static void chain_start(const struct world *world, struct chain *chain)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < HANDLES_MAX; i++)
		chain->handles[i] = -1;
	become_user(chain->seed);
	(void)dup2(null_fd, 0);
	(void)dup2(world->run_end_fd, 1);
	(void)dup2(null_fd, 2);
	chain_run(chain);
}

/* ---- The oracle's side. ---- */

static void tell_steps(const struct chain *chain)
{
	const struct progress *progress = chain->progress;

	for (unsigned int i = 0; i < progress->taken; i++)
		printf("#   %2u %s%s: %s\n", i + 1, step_kind(progress->kinds[i])->name, progress->said[i],
		       progress->errors[i] ? strerrorname_np(progress->errors[i]) : "OK");
}

static void note_escape(struct tally *tally, const struct chain *chain, enum escape escape, const char *what)
{
	if (tally->escapes[escape]++ >= TOLD_MAX && !tally->tells_all)
		return;
	printf("# escape: %s: seed %llu, step %u: %s\n", escape_names[escape],
	       (unsigned long long)chain->seed, chain->progress->taken, what);
	if (!tally->tells_all)
		tell_steps(chain);
}

/* Of each sort a chain counts once. */
static void ask(struct tally *tally, struct world *world, const struct chain *chain, bool seen[ESCAPES])
{
	const char *what = "";

	if (chain->progress->found[0] && !seen[ESCAPE_READ]) {
		seen[ESCAPE_READ] = true;
		note_escape(tally, chain, ESCAPE_READ, chain->progress->found);
	}
	for (int escape = ESCAPE_WRITE; escape < ESCAPES; escape++)
		if (world_was_escaped(world, (enum escape)escape, &what) && !seen[escape]) {
			seen[escape] = true;
			note_escape(tally, chain, (enum escape)escape, what);
		}
}

/* Follows the chain to its end; false if it got stuck. */
static bool watch(struct tally *tally, struct world *world, const struct chain *chain, int tell_fd,
		  int wait_fd)
{
	struct pollfd told = { .fd = tell_fd, .events = POLLIN };
	bool seen[ESCAPES] = {};
	char byte;
	int ready;

	while ((ready = poll(&told, 1, STUCK_AFTER_MS)) > 0 && read(tell_fd, &byte, 1) == 1) {
		ask(tally, world, chain, seen);
		if (write(wait_fd, "", 1) != 1)
			break;
	}
	ask(tally, world, chain, seen);
	if (seen[ESCAPE_WRITE] && world_mend(world))
		printf("# what was written stays: the files can't be made as they were\n");
	return ready > 0;
}

static void count(struct tally *tally, const struct progress *progress)
{
	tally->chains++;
	tally->steps += progress->taken;
	for (unsigned int i = 0; i < progress->taken; i++) {
		tally->tried[progress->kinds[i]]++;
		tally->succeeded[progress->kinds[i]] += progress->errors[i] == 0;
	}
}

static int run_chain(struct tally *tally, struct world *world, struct progress *progress, uint64_t seed)
{
	struct chain chain = { .seed = seed, .random = seed, .broker = world->broker, .progress = progress };
	int told[2], answered[2];
	pid_t pid;

	chain.left_out = getenv("ESCAPE_WITHOUT");
	memset(progress, 0, sizeof(*progress));
	if (world_make_room(world, seed) || pipe2(told, O_CLOEXEC) || pipe2(answered, O_CLOEXEC))
		return -1;
	chain.tell_fd = told[1];
	chain.wait_fd = answered[0];
	pid = fork();
	if (pid == 0)
		chain_start(world, &chain);
	(void)close(told[1]);
	(void)close(answered[0]);
	if (!watch(tally, world, &chain, told[0], answered[1])) {
		tally->stuck++;
		printf("# stuck: seed %llu, step %u\n", (unsigned long long)seed, progress->taken);
		tell_steps(&chain);
	}
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(told[0]);
	(void)close(answered[1]);
	count(tally, progress);
	if (tally->tells_all)
		tell_steps(&chain);
	world_remove_room(world, seed);
	return 0;
}

static int close_tally(const struct tally *tally)
{
	unsigned long escapes = 0;

	printf("# steps that succeeded, of those tried:");
	for (unsigned int i = 0; step_kind(i); i++)
		printf(" %s %lu/%lu", step_kind(i)->name, tally->succeeded[i], tally->tried[i]);
	printf("\n# escapes:");
	for (int i = 0; i < ESCAPES; i++) {
		printf(" %s %lu", escape_names[i], tally->escapes[i]);
		escapes += tally->escapes[i];
	}
	printf("\n# stuck: %lu\n%lu chains, %lu steps, %lu escapes\n", tally->stuck, tally->chains,
	       tally->steps, escapes);
	return escapes > 0;
}

static bool is_all_seen(const struct tally *tally)
{
	for (int i = 0; i < ESCAPES; i++)
		if (!tally->escapes[i])
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct progress *progress =
		mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	time_t end = time(NULL);
	struct tally tally = {};
	struct world world;
	uint64_t seed;

	if (argc == 2 && strcmp(argv[1], "make") == 0)
		return world_make() ? 2 : 0;
	if (argc == 2 && strcmp(argv[1], "broker") == 0)
		return broker_run() ? 2 : 0;
	if (argc < 2 || argc > 4 || progress == MAP_FAILED || world_open(&world)) {
		fprintf(stderr, "usage: subject-escape SEED [SECONDS [seen]] | make | broker\n");
		return 2;
	}
	seed = strtoull(argv[1], NULL, 0);
	tally.tells_all = argc == 2;
	end += argc > 2 ? atol(argv[2]) : 0;
	do
		if (run_chain(&tally, &world, progress, seed++)) {
			perror("escape: a chain can't be begun");
			return 2;
		}
	while (time(NULL) < end && !(argc == 4 && is_all_seen(&tally)));
	return close_tally(&tally);
}
