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

/* What is known of one file. */
struct elf_file {
	char *path; /* canonical */
	const char *loader; /* or NULL */
	size_t *needed; /* places in elf_files.list */
	size_t needed_count;
	bool is_read;
	size_t asked; /* number of the last question that came to it */
};

/* Where a path leads, or a library's name, asked by who has no RUNPATH. */
struct known_name {
	char *name;
	char *path; /* canonical; NULL: nowhere */
};

struct elf_files {
	struct elf_file *list;
	size_t count;
	struct known_name *names;
	size_t name_count;
	char **folders; /* that ld.so looks in, in order, canonical, those that are there */
	size_t folder_count;
	size_t questions;
};

/* ---- Where libraries are. ---- */

static int add_folder(struct elf_files *files, const char *folder)
{
	_cleanup_free_ char *path = realpath(folder, NULL);
	char **grown;

	for (size_t i = 0; path && i < files->folder_count; i++)
		if (strcmp(files->folders[i], path) == 0)
			return 0;
	if (!path)
		return errno == ENOMEM ? -ENOMEM : 0;
	grown = array_grow(files->folders, files->folder_count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	files->folders = grown;
	grown[files->folder_count++] = take_ptr(path);
	return 0;
}

/* A folder a line, as ld.so.conf(5) has them. */
static int add_folders_of(struct elf_files *files, const char *path)
{
	_cleanup_free_ char *line = NULL;
	FILE *file = fopen(path, "re");
	size_t room = 0;
	int r = 0;

	while (file && r == 0 && getline(&line, &room, file) > 0) {
		line[strcspn(line, " \t\n#")] = '\0';
		if (*line == '/')
			r = add_folder(files, line);
	}
	if (file)
		(void)fclose(file);
	return r;
}

static int add_folders(struct elf_files *files)
{
	static const char *const always[] = { "/lib64", "/usr/lib64", "/lib", "/usr/lib" };
	int r = add_folders_of(files, "/etc/ld.so.conf");
	glob_t more = {};

	if (r == 0 && glob("/etc/ld.so.conf.d/*.conf", 0, NULL, &more) == 0)
		for (size_t i = 0; r == 0 && i < more.gl_pathc; i++)
			r = add_folders_of(files, more.gl_pathv[i]);
	globfree(&more);
	for (size_t i = 0; r == 0 && i < sizeof(always) / sizeof(always[0]); i++)
		r = add_folder(files, always[i]);
	return r;
}

/* The canonical name of FOLDER/NAME, to be freed; NULL: it isn't there, as in most folders that are looked in. */
static char *find_in(const char *folder, size_t length, const char *name)
{
	char path[PATH_MAX], target;

	if ((size_t)snprintf(path, sizeof(path), "%.*s/%s", (int)length, folder, name) >= sizeof(path) || access(path, F_OK) < 0)
		return NULL;
	/* Most are no links, in a folder that is canonical: then so are they. */
	if (readlink(path, &target, 1) >= 0 || strchr(name, '/'))
		return realpath(path, NULL);
	return strdup(path);
}

static char *find_in_runpath(const char *folders, const char *name)
{
	char *found = NULL;

	while (!found && folders && *folders) {
		size_t length = strcspn(folders, ":");
		_cleanup_free_ char *folder = strndup(folders, length), *path = folder ? realpath(folder, NULL) : NULL;

		found = path ? find_in(path, strlen(path), name) : NULL;
		folders += length + (folders[length] == ':');
	}
	return found;
}

static char *find_in_folders(const struct elf_files *files, const char *name)
{
	char *found = NULL;

	for (size_t i = 0; !found && i < files->folder_count; i++)
		found = find_in(files->folders[i], strlen(files->folders[i]), name);
	return found;
}

int elf_files_resolve(struct elf_files *files, const char *name, const char **ret_path)
{
	struct known_name *grown, known = {};

	for (size_t i = 0; i < files->name_count; i++) {
		if (strcmp(files->names[i].name, name) == 0) {
			*ret_path = files->names[i].path;
			return 0;
		}
	}
	grown = array_grow(files->names, files->name_count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	files->names = grown;
	known.name = strdup(name);
	if (!known.name)
		return -ENOMEM;
	known.path = strchr(name, '/') ? realpath(name, NULL) : find_in_folders(files, name);
	grown[files->name_count++] = known;
	*ret_path = known.path;
	return 0;
}

/* ---- Files, each read once. ---- */

/* Where it is in the list, in which it is from now on. */
static int place_of(struct elf_files *files, const char *path, size_t *ret_place)
{
	struct elf_file *grown;

	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->list[i].path, path) == 0) {
			*ret_place = i;
			return 0;
		}
	}
	grown = array_grow(files->list, files->count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	files->list = grown;
	grown[files->count] = (struct elf_file){ .path = strdup(path) };
	if (!grown[files->count].path)
		return -ENOMEM;
	*ret_place = files->count++;
	return 0;
}

static int add_needed(struct elf_files *files, size_t of, const char *path)
{
	size_t *grown, place;
	int r = place_of(files, path, &place);

	if (r < 0)
		return r;
	grown = array_grow(files->list[of].needed, files->list[of].needed_count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	files->list[of].needed = grown;
	grown[files->list[of].needed_count++] = place;
	return 0;
}

static int add_library(struct elf_files *files, size_t of, const struct dynamic *dynamic, const char *name)
{
	_cleanup_free_ char *own = strchr(name, '/') ? NULL : find_in_runpath(dynamic->runpath, name);
	const char *found = own;
	int r = found ? 0 : elf_files_resolve(files, name, &found);

	return r == 0 && found ? add_needed(files, of, found) : r;
}

static int read_file(struct elf_files *files, size_t place)
{
	_cleanup_(view_done) struct view view = {};
	struct dynamic dynamic;
	int r = 0;

	files->list[place].is_read = true;
	if (!view_open(files->list[place].path, &view) || !read_dynamic(&view, &dynamic))
		return 0;
	if (dynamic.interpreter)
		r = elf_files_resolve(files, dynamic.interpreter, &files->list[place].loader);
	for (size_t i = 0; r == 0 && i < dynamic.count && dynamic.entries[i].d_tag != DT_NULL; i++) {
		const char *name = NULL;

		if (dynamic.entries[i].d_tag == DT_NEEDED && dynamic.text)
			name = string_at(dynamic.text, dynamic.text_size, dynamic.entries[i].d_un.d_val);
		if (name)
			r = add_library(files, place, &dynamic, name);
	}
	return r;
}

/* ---- What one needs. ---- */

/* Adds what that file names, and was not come to before. */
static int follow(struct elf_files *files, size_t place, size_t *queue, size_t *count)
{
	int r = files->list[place].is_read ? 0 : read_file(files, place);

	for (size_t i = 0; r == 0 && i < files->list[place].needed_count; i++) {
		size_t needed = files->list[place].needed[i];

		if (files->list[needed].asked == files->questions)
			continue;
		files->list[needed].asked = files->questions;
		if (*count == ELF_NEEDS_MAX)
			return -E2BIG;
		queue[(*count)++] = needed;
	}
	return r;
}

int elf_needs_find(struct elf_files *files, const char *program, struct elf_needs *ret_needs)
{
	size_t queue[ELF_NEEDS_MAX], count = 0, place;
	int r = place_of(files, program, &place);

	if (r < 0)
		return r;
	files->questions++;
	files->list[place].asked = files->questions;
	r = follow(files, place, queue, &count);
	/* Those of libraries are added behind them. */
	for (size_t i = 0; r == 0 && i < count; i++)
		r = follow(files, queue[i], queue, &count);
	if (r < 0)
		return r;
	ret_needs->loader = files->list[place].loader;
	ret_needs->count = count;
	for (size_t i = 0; i < count; i++)
		ret_needs->libraries[i] = files->list[queue[i]].path;
	return 0;
}

struct elf_files *elf_files_free(struct elf_files *files)
{
	if (!files)
		return NULL;
	for (size_t i = 0; i < files->count; i++) {
		free(files->list[i].path);
		free(files->list[i].needed);
	}
	for (size_t i = 0; i < files->name_count; i++) {
		free(files->names[i].name);
		free(files->names[i].path);
	}
	for (size_t i = 0; i < files->folder_count; i++)
		free(files->folders[i]);
	free(files->list);
	free(files->names);
	free(files->folders);
	free(files);
	return NULL;
}

int elf_files_new(struct elf_files **ret_files)
{
	struct elf_files *files = calloc(1, sizeof(*files));
	int r = files ? add_folders(files) : -ENOMEM;

	if (r < 0)
		files = elf_files_free(files);
	*ret_files = files;
	return r;
}
