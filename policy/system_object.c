/* SPDX-License-Identifier: GPL-2.0-only */
/* system_object.c - the words of [system]: what a policy can refuse besides programs, files and connections. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <portcullis/abi.h>

#include "suggest.h"
#include "system_object.h"

static const struct {
	const char *word;
	__u8 number; /* enum pc_system_object */
} objects[] = {
	{ "userns", PC_SYSTEM_USERNS }, { "mount", PC_SYSTEM_MOUNT },   { "bpf", PC_SYSTEM_BPF },
	{ "module", PC_SYSTEM_MODULE }, { "ptrace", PC_SYSTEM_PTRACE }, { "kexec", PC_SYSTEM_KEXEC },
};
#define OBJECT_COUNT (sizeof(objects) / sizeof(objects[0]))
/* Number 0 is no object. */
static_assert(OBJECT_COUNT == PC_SYSTEM_OBJECTS - 1, "an object of [system] has no word");

int system_object_parse(const char *word, struct diags *d, const struct loc *loc, __u8 *ret_object)
{
	const char *words[OBJECT_COUNT + 1] = {};

	for (size_t i = 0; i < OBJECT_COUNT; i++) {
		words[i] = objects[i].word;
		if (strcmp(objects[i].word, word))
			continue;
		*ret_object = objects[i].number;
		return 0;
	}
	diag_add(d, loc, DIAG_ERROR, "'%s' is no object of [system]%s", word, suggest(word, words).text);
	return -EINVAL;
}

const char *system_object_name(unsigned int object)
{
	for (size_t i = 0; i < OBJECT_COUNT; i++)
		if (objects[i].number == object)
			return objects[i].word;
	return NULL;
}
