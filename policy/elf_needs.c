/* SPDX-License-Identifier: GPL-2.0-only */
/* elf_needs.c - reads DT_NEEDED of a program and of what it names (System V ABI, "Dynamic Linking"). */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_needs.h"
#include "ownership.h"

/* A file in memory. */
struct view {
	const char *bytes;
	size_t size;
};

/* What is asked of one. Offsets of strings in `text`. */
struct dynamic {
	const char *text;
	size_t text_size;
	const char *runpath; /* or NULL */
	const char *interpreter; /* or NULL */
	const Elf64_Dyn *entries;
	size_t count;
};

static void view_done(struct view *view)
{
	if (view->bytes)
		(void)munmap((void *)view->bytes, view->size);
}

static bool view_open(const char *path, struct view *view)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr))
		return false;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return false;
	*view = (struct view){ bytes, (size_t)st.st_size };
	return true;
}

/* NULL where the file has not that much. */
static const void *view_at(const struct view *view, size_t offset, size_t size)
{
	return offset > view->size || size > view->size - offset ? NULL : view->bytes + offset;
}

static const Elf64_Phdr *segment(const struct view *view, size_t index)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)view->bytes;

	if (index >= header->e_phnum || header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % sizeof(Elf64_Xword))
		return NULL;
	return view_at(view, header->e_phoff + index * sizeof(Elf64_Phdr), sizeof(Elf64_Phdr));
}

/* Where in the file an address lies; SIZE_MAX: nowhere. */
static size_t offset_of(const struct view *view, Elf64_Addr address)
{
	const Elf64_Phdr *load;

	for (size_t i = 0; (load = segment(view, i)); i++)
		if (load->p_type == PT_LOAD && address >= load->p_vaddr && address - load->p_vaddr < load->p_filesz)
			return address - load->p_vaddr + load->p_offset;
	return SIZE_MAX;
}

/* A string that ends within `size`; NULL: it doesn't. */
static const char *string_at(const char *text, size_t size, size_t offset)
{
	return offset < size && memchr(text + offset, '\0', size - offset) ? text + offset : NULL;
}

static void take_strings(const struct view *view, struct dynamic *dynamic)
{
	size_t text = SIZE_MAX, size = 0;

	for (size_t i = 0; i < dynamic->count; i++) {
		if (dynamic->entries[i].d_tag == DT_STRTAB)
			text = offset_of(view, dynamic->entries[i].d_un.d_ptr);
		if (dynamic->entries[i].d_tag == DT_STRSZ)
			size = dynamic->entries[i].d_un.d_val;
	}
	if (text > view->size || size > view->size - text)
		return;
	dynamic->text = view->bytes + text;
	dynamic->text_size = size;
	for (size_t i = 0; i < dynamic->count; i++)
		if (dynamic->entries[i].d_tag == DT_RUNPATH || dynamic->entries[i].d_tag == DT_RPATH)
			dynamic->runpath = string_at(dynamic->text, size, dynamic->entries[i].d_un.d_val);
}

static bool read_dynamic(const struct view *view, struct dynamic *ret_dynamic)
{
	const unsigned char *ident = (const unsigned char *)view->bytes;
	static const unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	struct dynamic dynamic = {};
	const Elf64_Phdr *part;

	if (memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != order)
		return false;
	for (size_t i = 0; (part = segment(view, i)); i++) {
		const void *bytes = view_at(view, part->p_offset, part->p_filesz);

		if (part->p_type == PT_INTERP && bytes)
			dynamic.interpreter = string_at(bytes, part->p_filesz, 0);
		if (part->p_type == PT_DYNAMIC && bytes && part->p_offset % sizeof(Elf64_Xword) == 0) {
			dynamic.entries = bytes;
			dynamic.count = part->p_filesz / sizeof(Elf64_Dyn);
		}
	}
	take_strings(view, &dynamic);
	*ret_dynamic = dynamic;
	return true;
}

/* ---- Where libraries are. ---- */

/* The canonical name of FOLDER/NAME, to be freed; NULL: it isn't there. */
static char *find_in(const char *folder, size_t length, const char *name)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%.*s/%s", (int)length, folder, name) >= sizeof(path))
		return NULL;
	return realpath(path, NULL);
}

static char *find_in_all(const char *folders, const char *name)
{
	char *found = NULL;

	while (!found && folders && *folders) {
		size_t length = strcspn(folders, ":");

		found = find_in(folders, length, name);
		folders += length + (folders[length] == ':');
	}
	return found;
}

/* A folder a line, as ld.so.conf(5) has them. */
static char *find_in_file(const char *path, const char *name)
{
	_cleanup_free_ char *line = NULL;
	FILE *file = fopen(path, "re");
	size_t room = 0;
	char *found = NULL;

	while (file && !found && getline(&line, &room, file) > 0)
		if (*line == '/')
			found = find_in(line, strcspn(line, " \t\n#"), name);
	if (file)
		(void)fclose(file);
	return found;
}

static char *find_by_settings(const char *name)
{
	char *found = find_in_file("/etc/ld.so.conf", name);
	glob_t files = {};

	if (!found && glob("/etc/ld.so.conf.d/*.conf", 0, NULL, &files) == 0)
		for (size_t i = 0; !found && i < files.gl_pathc; i++)
			found = find_in_file(files.gl_pathv[i], name);
	globfree(&files);
	return found;
}

static char *find_library(const struct dynamic *dynamic, const char *name)
{
	char *found;

	if (strchr(name, '/'))
		return realpath(name, NULL);
	found = find_in_all(dynamic->runpath, name);
	if (!found)
		found = find_by_settings(name);
	return found ? found : find_in_all("/lib64:/usr/lib64:/lib:/usr/lib", name);
}

/* ---- All of them. ---- */

/* Takes the name, unless it is there. */
static int add_library(struct elf_needs *needs, char *name)
{
	char **grown;

	for (size_t i = 0; i < needs->count; i++) {
		if (strcmp(needs->libraries[i], name) != 0)
			continue;
		free(name);
		return 0;
	}
	grown = array_grow(needs->libraries, needs->count, sizeof(*grown));
	if (!grown) {
		free(name);
		return -ENOMEM;
	}
	needs->libraries = grown;
	grown[needs->count++] = name;
	return 0;
}

static int add_needed(const struct dynamic *dynamic, struct elf_needs *needs)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < dynamic->count && dynamic->entries[i].d_tag != DT_NULL; i++) {
		const char *name = NULL;
		char *found;

		if (dynamic->entries[i].d_tag == DT_NEEDED && dynamic->text)
			name = string_at(dynamic->text, dynamic->text_size, dynamic->entries[i].d_un.d_val);
		found = name ? find_library(dynamic, name) : NULL;
		if (found)
			r = add_library(needs, found);
	}
	return r;
}

static int add_of(const char *path, bool is_program, struct elf_needs *needs)
{
	_cleanup_(view_done) struct view view = {};
	struct dynamic dynamic;

	if (!view_open(path, &view) || !read_dynamic(&view, &dynamic))
		return 0;
	if (is_program && dynamic.interpreter)
		needs->loader = realpath(dynamic.interpreter, NULL);
	return add_needed(&dynamic, needs);
}

int elf_needs_find(const char *program, struct elf_needs *ret_needs)
{
	_cleanup_(elf_needs_done) struct elf_needs needs = {};
	int r = add_of(program, true, &needs);

	/* Those of libraries are added behind them. */
	for (size_t i = 0; r == 0 && i < needs.count; i++)
		r = add_of(needs.libraries[i], false, &needs);
	if (r < 0)
		return r;
	*ret_needs = needs;
	needs = (struct elf_needs){};
	return 0;
}

void elf_needs_done(struct elf_needs *needs)
{
	for (size_t i = 0; i < needs->count; i++)
		free(needs->libraries[i]);
	free(needs->libraries);
	free(needs->loader);
	*needs = (struct elf_needs){};
}
