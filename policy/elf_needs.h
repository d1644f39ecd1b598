/* SPDX-License-Identifier: GPL-2.0-only */
/* elf_needs.h - the files that a program can't start without: its loader, and its libraries with theirs. */
#pragma once

#include <stddef.h>

struct elf_needs {
	char *loader; /* canonical name; NULL: there is none, as in a static program or a script */
	char **libraries; /* likewise, each once */
	size_t count;
};

/*
 * As ld.so(8) looks for them, but for LD_LIBRARY_PATH, which services have not: the program's RUNPATH, the folders of
 * /etc/ld.so.conf, the default ones. What can't be found or read is left out. 64-bit programs of this machine's byte order
 * only; of others nothing is told. 0 or −ENOMEM.
 */
int elf_needs_find(const char *program, struct elf_needs *ret_needs);
void elf_needs_done(struct elf_needs *needs);
