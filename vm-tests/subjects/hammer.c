/* SPDX-License-Identifier: GPL-2.0-only */
/* hammer.c - four processes open CANARY without a pause while the policy is swapped and reloaded COUNT times.
 *
 * usage: subject-hammer CANARY COUNT FILE_A FILE_B COMMAND ARG…
 * FILE_A and FILE_B change places before each run of COMMAND. Prints: TRIES SLIPS FAILED_COMMANDS; a slip is anything
 * but EPERM. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errno_word.h"

struct score {
	atomic_ulong tries, slips;
};

static void open_for_ever(const char *canary, struct score *score)
{
	for (;;) {
		int fd = open(canary, O_RDONLY | O_CLOEXEC);

		if (fd >= 0 || errno != EPERM)
			atomic_fetch_add(&score->slips, 1);
		if (fd >= 0)
			(void)close(fd);
		atomic_fetch_add(&score->tries, 1);
	}
}

static int run(char **command)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		(void)execvp(command[0], command);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct score *score = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int failed = 0;
	pid_t pids[4];

	if (argc < 6 || score == MAP_FAILED)
		return 2;
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			open_for_ever(argv[1], score);
	}
	for (int i = atoi(argv[2]); i > 0; i--)
		if (renameat2(AT_FDCWD, argv[3], AT_FDCWD, argv[4], RENAME_EXCHANGE) || run(argv + 5))
			failed++;
	for (int i = 0; i < 4; i++)
		(void)kill(pids[i], SIGKILL);
	printf("%lu %lu %d\n", atomic_load(&score->tries), atomic_load(&score->slips), failed);
	return 0;
}
