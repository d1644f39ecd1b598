/* SPDX-License-Identifier: GPL-2.0-only */
/* chain.c - takes random steps one by one, and waits after each until the oracle has looked. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain.h"

static const char *const targets[] = {
	"secret",           "secret/key", "secret/key", "fixed",    "fixed/conf", "fixed/conf.d",
	"fixed/conf.d/one", "bin",        "bin/tool",   "bin/code", "plain",
};
static const char *const own_targets[] = {
	"home", "home/.ssh", "home/.ssh/id", "home/.ssh/id", "sock", "sock/stream", "sock/datagram",
};
static const char *const tails[] = {
	"key",          "id",     ".ssh/id",  "conf",       "conf.d/one", "one",          "tool",
	"code",         "stream", "datagram", "secret/key", "fixed/conf", "e/secret/key", "tmp/e/secret/key",
	"home/.ssh/id", "new",
};
static const char *const places[] = { "a", "b", "c", "f", "x", "y", "z", "a/x", "b/x" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(chain, array) ((array)[chain_pick(chain, COUNT(array))])

/* SplitMix64: each seed begins a sequence of its own. */
unsigned int chain_pick(struct chain *chain, unsigned int below)
{
	uint64_t z = chain->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned int)((z ^ z >> 31) >> 16) % below;
}

void chain_say(struct chain *chain, const char *format, ...)
{
	char *said = chain->progress->said[chain->progress->taken - 1];
	size_t length = strlen(said);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said + length, SAID_MAX - length, format, args);
	va_end(args);
}

/* ---- What a step is about. ---- */

int chain_hold(struct chain *chain, int fd)
{
	int *slot = &chain->handles[chain->next_handle];

	if (fd < 0)
		return -1;
	if (*slot >= 0)
		(void)close(*slot);
	*slot = fd;
	chain_say(chain, " = %u", chain->next_handle);
	chain->next_handle = (chain->next_handle + 1) % HANDLES_MAX;
	return 0;
}

int chain_handle(struct chain *chain)
{
	unsigned int first = chain_pick(chain, HANDLES_MAX);

	for (unsigned int i = 0; i < HANDLES_MAX; i++) {
		unsigned int slot = (first + i) % HANDLES_MAX;

		if (chain->handles[slot] >= 0) {
			chain_say(chain, " [%u]", slot);
			return chain->handles[slot];
		}
	}
	chain_say(chain, " [none]");
	return -1;
}

const char *chain_tail(struct chain *chain)
{
	return PICK(chain, tails);
}

const char *chain_tail_in(struct chain *chain, int folder)
{
	unsigned int first = chain_pick(chain, COUNT(tails));
	struct stat st;

	for (unsigned int i = 0; i < COUNT(tails); i++)
		if (fstatat(folder, tails[(first + i) % COUNT(tails)], &st, 0) == 0)
			return tails[(first + i) % COUNT(tails)];
	return tails[first];
}

static void path_target(struct chain *chain, char path[PATH_ROOM], const char *before)
{
	if (chain_pick(chain, 3))
		(void)snprintf(path, PATH_ROOM, "%s" ROOM "/%s", before, PICK(chain, targets));
	else
		(void)snprintf(path, PATH_ROOM, "%s" ROOM "/c%llu/%s", before,
			       (unsigned long long)chain->seed, PICK(chain, own_targets));
}

static void path_own(struct chain *chain, char path[PATH_ROOM])
{
	const char *place = PICK(chain, places);

	if (chain_pick(chain, 2))
		(void)snprintf(path, PATH_ROOM, "%s", place);
	else
		(void)snprintf(path, PATH_ROOM, ROOM "/c%llu/own/%s", (unsigned long long)chain->seed, place);
}

/* By a descriptor that the chain holds, or one of the process that may hold what the chain may not. */
static void path_magic(struct chain *chain, char path[PATH_ROOM])
{
	int fd = chain_handle(chain);

	switch (chain_pick(chain, 5)) {
	case 0:
		(void)snprintf(path, PATH_ROOM, "/proc/%d/fd/%u", chain->broker, 3 + chain_pick(chain, 4));
		break;
	case 1:
		(void)snprintf(path, PATH_ROOM, "/proc/%d/cwd/%s", chain->broker, chain_tail(chain));
		break;
	case 2:
		(void)snprintf(path, PATH_ROOM, "/proc/self/fd/%d/%s", fd, chain_tail(chain));
		break;
	case 3:
		(void)snprintf(path, PATH_ROOM, "/proc/thread-self/cwd/%s", chain_tail(chain));
		break;
	default:
		(void)snprintf(path, PATH_ROOM, "/proc/self/fd/%d", fd);
	}
}

const char *chain_path(struct chain *chain, char path[PATH_ROOM])
{
	static const char *const befores[] = { "/proc/self/root", "/proc/1/root", "//./", "/tmp/../proc/../",
					       "../../../.." };
	const char *before;
	size_t length;

	switch (chain_pick(chain, 10)) {
	case 0 ... 2:
		path_target(chain, path, "");
		break;
	case 3:
		path_target(chain, path, PICK(chain, befores));
		break;
	case 4:
		path_own(chain, path);
		break;
	case 5 ... 6:
		path_own(chain, path);
		length = strlen(path);
		(void)snprintf(path + length, PATH_ROOM - length, "/%s", chain_tail(chain));
		break;
	case 7:
		before = chain_pick(chain, 2) ? "" : "../";
		(void)snprintf(path, PATH_ROOM, "%s%s", before, chain_tail(chain));
		break;
	default:
		path_magic(chain, path);
	}
	chain_say(chain, " %s", path);
	return path;
}

/* Mostly of its own, since those are where a mount may come to lie. */
const char *chain_folder(struct chain *chain, char path[PATH_ROOM])
{
	static const char *const folders[] = {
		"a", "b", "c", ".", "../home", ROOM "/secret", ROOM "/fixed", ROOM "/bin", ROOM, "/"
	};

	if (chain_pick(chain, 5) == 0)
		return chain_path(chain, path);
	(void)snprintf(path, PATH_ROOM, "%s",
		       chain_pick(chain, 2) ? PICK(chain, folders) : folders[chain_pick(chain, 3)]);
	chain_say(chain, " %s", path);
	return path;
}

const char *chain_place(struct chain *chain, char path[PATH_ROOM])
{
	if (chain_pick(chain, 4) == 0)
		return chain_path(chain, path);
	path_own(chain, path);
	chain_say(chain, " %s", path);
	return path;
}

int copy_all(int from, int to)
{
	char part[4096];
	ssize_t got = 0;
	int parts = 0;

	while (parts++ < 64 &&
	       (got = pread(from, part, sizeof(part), (off_t)(parts - 1) * (off_t)sizeof(part))) > 0)
		if (write(to, part, (size_t)got) != got)
			return -1;
	return got < 0 ? -1 : 0;
}

/* ---- The chain. ---- */

static const struct step *const lists[] = { name_steps,    handle_steps, space_steps,
					    program_steps, code_steps,   network_steps };

const struct step *step_kind(unsigned int index)
{
	for (size_t i = 0; i < COUNT(lists); i++)
		for (const struct step *step = lists[i]; step->name; step++)
			if (index-- == 0)
				return step;
	return NULL;
}

static unsigned int weight_of(const struct chain *chain, const struct step *step)
{
	size_t length = strlen(step->name);

	for (const char *at = chain->left_out; at && (at = strstr(at, step->name)); at += length)
		if ((at == chain->left_out || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return 0;
	return step->weight;
}

/* Half of all begin in a user namespace of their own, where most other steps first become possible. */
static unsigned int pick_kind(struct chain *chain)
{
	const struct step *step;
	unsigned int sum = 0, at, kind;

	if (chain->progress->taken == 1 && chain_pick(chain, 2)) {
		for (kind = 0; strcmp(step_kind(kind)->name, "userns") != 0; kind++)
			;
		return kind;
	}
	for (kind = 0; (step = step_kind(kind)); kind++)
		sum += weight_of(chain, step);
	at = chain_pick(chain, sum);
	for (kind = 0; (step = step_kind(kind)) && at >= weight_of(chain, step); kind++)
		at -= weight_of(chain, step);
	return kind;
}

static bool take_step(struct chain *chain)
{
	struct progress *progress = chain->progress;
	unsigned int at = progress->taken++;
	int result;

	progress->kinds[at] = pick_kind(chain);
	errno = 0;
	result = step_kind(progress->kinds[at])->take(chain);
	progress->errors[at] = result < 0 ? (errno ? errno : EINVAL) : 0;
	return result >= 0;
}

/* A step that failed leaves the chain where it was, as a rule: what isn't asked then is asked at the end. */
void chain_run(struct chain *chain)
{
	char answer;

	while (chain->progress->taken < STEPS_MAX) {
		if (take_step(chain) || chain->progress->taken == STEPS_MAX)
			chain_probe(chain);
		if (write(chain->tell_fd, "", 1) != 1 || read(chain->wait_fd, &answer, 1) != 1)
			break;
	}
	_exit(0);
}
