/* SPDX-License-Identifier: GPL-2.0-only */
/* elf_needs.h - the files that a program can't start without: its loader, and its libraries with theirs. */
#pragma once

#include <stddef.h>

#define ELF_NEEDS_MAX 512

/* Strings are those of the files. */
struct elf_needs {
	const char *loader; /* canonical name; NULL: there is none, as in a static program or a script */
	const char *libraries[ELF_NEEDS_MAX]; /* likewise, each once */
	size_t count;
};

/* What was found out of the host's files: programs share most of their libraries, and each is read once. */
struct elf_files;
/* 0 or −ENOMEM; owned by the caller. */
int elf_files_new(struct elf_files **ret_files);
struct elf_files *elf_files_free(struct elf_files *files);
/* The canonical name of a path, or of a library by its bare name, looked up once; NULL: it isn't there. 0 or −ENOMEM. */
int elf_files_resolve(struct elf_files *files, const char *name, const char **ret_path);

/*
 * As ld.so(8) looks for them, but for LD_LIBRARY_PATH, which services have not: the program's RUNPATH, the folders of
 * /etc/ld.so.conf, the default ones. What can't be found or read is left out. 64-bit programs of this machine's byte order
 * only; of others nothing is told. `program` is a canonical name. 0, −ENOMEM, or −E2BIG: they are more than there is room for.
 */
int elf_needs_find(struct elf_files *files, const char *program, struct elf_needs *ret_needs);
