/* SPDX-License-Identifier: GPL-2.0-only */
/* atomic_file.c - a file that is there as a whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atomic_file.h"

int atomic_file_open(const char *path, struct atomic_file *ret_file)
{
	struct atomic_file file = { .path = path };
	struct stat status;
	int fd, r;

	/* A device must not be replaced by a file. */
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return -EEXIST;
	if (asprintf(&file.temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(file.temporary, O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		free(file.temporary);
		return r;
	}
	file.out = fdopen(fd, "w");
	if (!file.out) {
		(void)close(fd);
		atomic_file_done(&file);
		return -ENOMEM;
	}
	*ret_file = file;
	return 0;
}

int atomic_file_commit(struct atomic_file *file)
{
	FILE *out = file->out;
	bool is_written = fflush(out) == 0 && !ferror(out) && fsync(fileno(out)) == 0;
	int error = is_written ? 0 : errno ? errno : EIO;

	file->out = NULL;
	if (fclose(out) != 0 && is_written)
		error = errno;
	if (error == 0 && rename(file->temporary, file->path) < 0)
		error = errno;
	if (error)
		return -error;
	free(file->temporary);
	file->temporary = NULL;
	return 0;
}

void atomic_file_done(struct atomic_file *file)
{
	if (file->out)
		(void)fclose(file->out);
	if (file->temporary)
		(void)unlink(file->temporary);
	free(file->temporary);
	*file = (struct atomic_file){};
}
