/* SPDX-License-Identifier: GPL-2.0-only */
/* peers.c - bench-peers PREFIX COMMAND…: runs the command while the programs whose names begin so are attached. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peers.skel.h"

int main(int argc, char **argv)
{
	struct peers_bpf *peers = peers_bpf__open();
	struct bpf_program *program;
	int status = 0;
	pid_t pid;

	if (argc < 3 || !peers)
		return 2;
	bpf_object__for_each_program(program, peers->obj)
		(void)bpf_program__set_autoload(program, strncmp(bpf_program__name(program), argv[1], strlen(argv[1])) == 0);
	if (peers_bpf__load(peers))
		return 2;
	bpf_object__for_each_program(program, peers->obj)
		if (bpf_program__autoload(program) && !bpf_program__attach(program))
			return 2;
	pid = fork();
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	peers_bpf__destroy(peers);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
