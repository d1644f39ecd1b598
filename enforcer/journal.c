/* SPDX-License-Identifier: GPL-2.0-only */
/* journal.c - records as entries of the journal. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

/* Where in this file an entry was sent helps nobody. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "journal.h"
#include "message.h"
#include "ownership.h"

#define SOCKET_PATH "/run/systemd/journal/socket"
#define PREFIX "PORTCULLIS_"
/* Besides the pairs: message, priority, facility. */
#define OWN_FIELDS 3

struct journal {
	struct pairs pairs;
	char message[sizeof("MESSAGE=") + MESSAGE_MAX];
	char priority[sizeof("PRIORITY=N")];
	char *text; /* "KEY=value" of all pairs behind one another */
	size_t room;
	struct iovec fields[OWN_FIELDS + PAIRS_MAX];
};

static struct iovec field(char *text, size_t length)
{
	return (struct iovec){ .iov_base = text, .iov_len = length };
}

static void add_own_fields(struct journal *journal)
{
	static char facility[] = "SYSLOG_FACILITY=10";
	size_t length = strlen(strcpy(journal->message, "MESSAGE="));
	int n = snprintf(journal->priority, sizeof(journal->priority), "PRIORITY=%d",
			 message_level(&journal->pairs));

	static_assert(LOG_FAC(LOG_AUTHPRIV) == 10, "the facility is that of syslog_output.c");
	length += message_write(&journal->pairs, journal->message + length);
	journal->fields[0] = field(journal->message, length);
	journal->fields[1] = field(journal->priority, (size_t)n);
	journal->fields[2] = field(facility, sizeof(facility) - 1);
}

/* Writes the field to `out`, which has room. */
static struct iovec add_pair(const struct pair *pair, char *out)
{
	char *at = mempcpy(out, PREFIX, sizeof(PREFIX) - 1);

	for (size_t i = 0; i < pair->key_length; i++)
		*at++ = (char)toupper(pair->key[i]);
	*at++ = '=';
	at = mempcpy(at, pair->value, pair->length);
	return field(out, (size_t)(at - out));
}

/* sd_journal_sendv() says nothing of a journal that isn't there. */
static int send_record(void *state, char *line, size_t length)
{
	struct journal *journal = state;
	size_t used = 0;
	int r = pairs_split(line, length, &journal->pairs);

	if (r < 0)
		return r;
	/* No pair is longer than it was in the line, but for the prefix. */
	if (array_reserve(&journal->text, &journal->room, length + PAIRS_MAX * sizeof(PREFIX), 1) < 0)
		return -ENOMEM;
	if (access(SOCKET_PATH, F_OK) < 0)
		return -errno;
	add_own_fields(journal);
	for (size_t i = 0; i < journal->pairs.count; i++) {
		journal->fields[OWN_FIELDS + i] = add_pair(&journal->pairs.list[i], journal->text + used);
		used += journal->fields[OWN_FIELDS + i].iov_len;
	}
	return sd_journal_sendv(journal->fields, (int)(OWN_FIELDS + journal->pairs.count));
}

static void free_state(void *state)
{
	struct journal *journal = state;

	free(journal->text);
	free(journal);
}

struct sender *journal_new(void)
{
	struct sender_output output = { .name = "the journal",
					.send = send_record,
					.free = free_state,
					.state = calloc(1, sizeof(struct journal)) };

	return output.state ? sender_new(&output) : NULL;
}
