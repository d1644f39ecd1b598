/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compile.c - compiles a policy in a child process: the memory that it takes, many times what the daemon has, goes back
 * as a whole, and a name on a file system that doesn't answer hangs nobody else.
 */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include "apart.h"
#include "compile.h"
#include "config.h"
#include "image.h"
#include "last_good.h"
#include "lifeline.h"
#include "link_list.h"
#include "ownership.h"

/* Whoever writes to it switches off what hooks hang on, until Linux 7.3. */
#define FTRACE_SWITCH "/proc/sys/kernel/ftrace_enabled"
/* That, the settings, the state, the daemon's program, and the end of the list. */
#define PROTECTED_MAX 5

struct errand {
	const struct candidate_source *source;
	int inotify;
	FILE *out; /* of the child: what it has to say */
};

/* What the child sends first; behind it the links (two strings each), the text, the image. */
struct parcel {
	int r;
	bool is_moved;
	struct policy_marks marks;
	size_t link_count;
	size_t text_length;
	size_t image_size; /* 0: none */
};

bool compile_compared(int r)
{
	return r == -EALREADY || r == -ESTALE;
}

/* ---- In the child. ---- */

/* −EALREADY or −ESTALE: see candidate_load(). */
static int compare_marks(const struct policy_marks *known, const struct policy_marks *marks)
{
	if (!known)
		return 0;
	if (known->names == marks->names)
		return -EALREADY;
	return known->text == marks->text ? 0 : -ESTALE;
}

static int check_lifeline(const struct candidate_source *source, const struct image *image, struct diags *d)
{
	const struct lifeline_options options = {
		.level = source->is_forced ? DIAG_WARNING : DIAG_ERROR,
		.socket = source->socket,
	};
	int r = policy_check_lifeline(image, &options, d);

	if (r != -EINVAL || source->is_forced)
		return r == -EINVAL ? 0 : r;
	diag_add(d, &(struct loc){ .file = source->path }, DIAG_ERROR,
		 "it refuses what this host needs to boot, to let you log in and to be repaired: allow that, or load it all the same by 'policyctl reload --force', and at the start by portcullisd --force");
	return r;
}

/* The settings as they are now: a reload takes both them and the policy. Whoever starts it reports what is wrong with them. */
static const char *const *protected_files(const struct candidate_source *source, const char *files[PROTECTED_MAX])
{
	_cleanup_(config_done) struct config config = {};
	size_t count = 0;

	if (config_load(source->config, NULL, &config) >= 0 && !config.protect.files)
		return NULL;
	files[count++] = FTRACE_SWITCH;
	files[count++] = source->config ?: CONFIG_PATH;
	if (source->state)
		files[count++] = source->state;
	/* It alone goes on with what is sealed. */
	if (config.protect.is_sealed)
		files[count++] = "/proc/self/exe";
	files[count] = NULL;
	return files;
}

static int compile(const struct errand *errand, struct diags *d, struct candidate *candidate)
{
	const char *files[PROTECTED_MAX];
	const struct policy_options options = { .must_be_trusted = true, .protected_files = protected_files(errand->source, files) };
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int r;

	r = policy_load(errand->source->path, &options, d, &policy);
	if (r < 0)
		return r;
	watched_open(&policy->links, errand->inotify, &candidate->watched);
	candidate->marks = policy->marks;
	r = compare_marks(errand->source->known, &policy->marks);
	if (r < 0)
		return r;
	r = image_compile(policy, d, &candidate->image);
	if (r < 0)
		return r;
	r = policy_check_expectations(policy, candidate->image, d);
	if (r >= 0)
		r = check_lifeline(errand->source, candidate->image, d);
	if (r >= 0 && errand->source->state)
		last_good_write(errand->source->state, policy, errand->out);
	return r;
}

/* A bad policy has told it all line by line; anything else is told here, where the errno is known. */
static void tell(const struct errand *errand, int r, struct diags *d, FILE *out)
{
	if (compile_compared(r))
		return;
	diags_sort(d);
	diags_print(d, out);
	if (r < 0 && d->errors == 0)
		fprintf(out, "%s: error: cannot load: %s\n", errand->source->path, strerror(-r));
}

static void send_parcel(struct parcel *parcel, const struct candidate *candidate, const char *text, FILE *out)
{
	const struct policy_links *links = &candidate->watched.links;

	parcel->is_moved = candidate->watched.is_moved;
	parcel->marks = candidate->marks;
	parcel->link_count = links->count;
	parcel->image_size = parcel->r < 0 ? 0 : candidate->image->size;
	(void)fwrite(parcel, sizeof(*parcel), 1, out);
	for (size_t i = 0; i < links->count; i++) {
		(void)fwrite(links->list[i].name, strlen(links->list[i].name) + 1, 1, out);
		(void)fwrite(links->list[i].target, strlen(links->list[i].target) + 1, 1, out);
	}
	(void)fwrite(text, 1, parcel->text_length, out);
	if (parcel->image_size)
		(void)fwrite(candidate->image->words, 1, parcel->image_size, out);
}

/* What was written in part is noticed by who reads it. All that is held here ends with the process. */
static void do_errand(FILE *out, void *userdata)
{
	struct errand *errand = userdata;
	struct candidate candidate = {};
	struct parcel parcel = {};
	struct diags d = {};
	char *text = NULL;
	FILE *memory = open_memstream(&text, &parcel.text_length);

	if (!memory)
		return;
	errand->out = memory;
	parcel.r = compile(errand, &d, &candidate);
	tell(errand, parcel.r, &d, memory);
	if (fclose(memory) == 0)
		send_parcel(&parcel, &candidate, text, out);
}

/* ---- In the daemon. ---- */

static int read_links(FILE *in, size_t count, struct policy_links *links)
{
	_cleanup_free_ char *name = NULL, *target = NULL;
	size_t name_size = 0, target_size = 0;
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		if (getdelim(&name, &name_size, '\0', in) < 1 || getdelim(&target, &target_size, '\0', in) < 1)
			return -EIO;
		r = policy_links_add(links, name, target);
	}
	return r;
}

static int read_text(FILE *in, size_t length, FILE *out)
{
	char part[4096];

	while (length > 0) {
		size_t count = fread(part, 1, length < sizeof(part) ? length : sizeof(part), in);

		if (count == 0 || fwrite(part, 1, count, out) != count)
			return -EIO;
		length -= count;
	}
	return 0;
}

static int read_image(FILE *in, size_t size, struct image **ret_image)
{
	_cleanup_(image_freep) struct image *image = NULL;
	int r = image_allocate(size, &image);

	if (r < 0)
		return r;
	if (fread(image->words, 1, size, in) != size)
		return -EIO;
	*ret_image = take_ptr(image);
	return 0;
}

/* 0 if it is whole, whatever came of the policy. */
static int read_parcel(FILE *in, FILE *out, struct candidate *candidate, int *ret_compiled)
{
	struct parcel parcel;
	int r;

	if (fread(&parcel, sizeof(parcel), 1, in) != 1)
		return -EIO;
	candidate->marks = parcel.marks;
	candidate->watched.is_moved = parcel.is_moved;
	r = read_links(in, parcel.link_count, &candidate->watched.links);
	if (r == 0)
		r = read_text(in, parcel.text_length, out);
	if (r == 0 && parcel.image_size > 0)
		r = read_image(in, parcel.image_size, &candidate->image);
	*ret_compiled = parcel.r;
	return r;
}

/* What went wrong with the child itself. */
static int tell_failure(const char *path, int error, FILE *out)
{
	if (error == -ETIME)
		fprintf(out, "%s: error: compiling does not come to an end: a name in it may lie on a file system that does not answer\n",
			path);
	else if (error == -EIO)
		fprintf(out, "%s: error: the process that compiles it ended before it was done: is there memory enough?\n", path);
	else
		fprintf(out, "%s: error: cannot compile: %s\n", path, strerror(-error));
	return error;
}

int compile_apart(const struct candidate_source *source, FILE *out, struct candidate *candidate)
{
	struct errand errand = { .source = source, .inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
	const char *path = source->path;
	struct apart apart;
	int compiled = 0;
	int r;

	if (errand.inotify < 0)
		return tell_failure(path, -errno, out);
	r = apart_begin(do_errand, &errand, errand.inotify, &apart);
	if (r == 0) {
		r = read_parcel(apart.in, out, candidate, &compiled);
		apart_end(&apart);
	}
	candidate->watched.fd = errand.inotify;
	if (candidate->watched.links.count == 0) {
		(void)close(errand.inotify);
		candidate->watched.fd = -1;
	}
	return r < 0 ? tell_failure(path, r, out) : compiled;
}
