/* SPDX-License-Identifier: GPL-2.0-only */
/* message.c - a record in words. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "message.h"
#include "text/utf8.h"

/* Bytes of one value: of the longest that are shown, object and rule, both find room. */
#define VALUE_MAX 1024

struct verdict_row {
	const char *verdict;
	const char *word;
	int level;
};

static const struct verdict_row verdicts[] = {
	{ "deny", "denied", LOG_WARNING },
	{ "audit", "would deny", LOG_NOTICE },
	{ "allow", "allowed", LOG_INFO },
};

struct message {
	char *out;
	size_t used;
};

static const struct verdict_row *find_verdict(const struct pairs *pairs)
{
	const struct pair *pair = pairs_find(pairs, "verdict");

	for (size_t i = 0; pair && i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strlen(verdicts[i].verdict) == pair->length &&
		    memcmp(verdicts[i].verdict, pair->value, pair->length) == 0)
			return &verdicts[i];
	return &verdicts[0];
}

static void add_text(struct message *message, const char *text)
{
	size_t length = strlen(text);

	memcpy(message->out + message->used, text, length);
	message->used += length;
}

/* Names that anybody may have chosen: what could start a line of its own or talk to a terminal is shown as \xHH. */
static void add_safe(struct message *message, const struct pair *pair)
{
	size_t end = message->used + VALUE_MAX, n;

	for (size_t i = 0; i < pair->length; i += n ? n : 1) {
		const char *at = pair->value + i;

		n = utf8_printable(at, pair->length - i);
		if (message->used + 4 > end) {
			add_text(message, "…");
			return;
		}
		if (n == 1)
			message->out[message->used] = *at;
		else if (n > 1)
			memcpy(message->out + message->used, at, n);
		else
			(void)snprintf(message->out + message->used, 5, "\\x%02x", (unsigned char)*at);
		message->used += n > 0 ? n : 4;
	}
}

/* The value between two texts; nothing if there is none. */
static void add(struct message *message, const struct pairs *pairs, const char *before, const char *key,
		const char *after)
{
	const struct pair *pair = pairs_find(pairs, key);

	if (!pair)
		return;
	add_text(message, before);
	add_safe(message, pair);
	add_text(message, after);
}

static void add_reason(struct message *message, const struct pairs *pairs)
{
	const struct pair *rule = pairs_find(pairs, "rule");
	bool is_place = rule && memchr(rule->value, ':', rule->length);

	add(message, pairs, ": ", "verb", is_place ? " at " : " by ");
	add(message, pairs, "", "rule", "");
}

size_t message_write(const struct pairs *pairs, char out[MESSAGE_MAX])
{
	struct message message = { .out = out };

	add_text(&message, find_verdict(pairs)->word);
	add(&message, pairs, " ", "hook", "");
	add(&message, pairs, " ", "access", "");
	add(&message, pairs, " ", "operation", "");
	add(&message, pairs, " ", "object", "");
	add(&message, pairs, " to ", "comm", "");
	add(&message, pairs, "[", "pid", "]");
	add(&message, pairs, ", uid ", "uid", "");
	add(&message, pairs, ", profile ", "profile", "");
	add_reason(&message, pairs);
	add(&message, pairs, ", ", "repeats", " times");
	out[message.used] = '\0';
	return message.used;
}

int message_level(const struct pairs *pairs)
{
	return find_verdict(pairs)->level;
}
