/* SPDX-License-Identifier: GPL-2.0-only */
/* findings.c - what `policyctl doctor` found, for people and for programs. */
#include "findings.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "output.h"
#include "text/json.h"
#include "text/utf8.h"

static const struct {
	const char *sign;
	const char *name;
	enum colour colour;
} marks[] = {
	[FINDING_FINE] = { "[+]", "fine", COLOUR_GOOD },
	[FINDING_WRONG] = { "[-]", "wrong", COLOUR_BAD },
	[FINDING_UNKNOWN] = { "[?]", "unknown", COLOUR_WARN },
};

struct finding *findings_add(struct findings *findings, enum finding_mark mark, const char *what)
{
	struct finding *finding = &findings->list[findings->count++];

	assert(findings->count <= FINDINGS_MAX);
	*finding = (struct finding){ .mark = mark };
	(void)snprintf(finding->what, sizeof(finding->what), "%s", what);
	return finding;
}

void finding_say(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(finding->found, sizeof(finding->found), format, arguments);
	va_end(arguments);
}

void finding_advise(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(finding->remedy, sizeof(finding->remedy), format, arguments);
	va_end(arguments);
}

size_t findings_wrong(const struct findings *findings)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->list[i].mark == FINDING_WRONG;
	return count;
}

void findings_print(const struct findings *findings, FILE *out)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		fprintf(out, "%s%s%s %s: ", colour_start(marks[finding->mark].colour), marks[finding->mark].sign, colour_end(),
			finding->what);
		(void)output_safe(out, finding->found, strlen(finding->found));
		(void)fputc('\n', out);
		if (!finding->remedy[0])
			continue;
		fprintf(out, "    remedy: ");
		(void)output_safe(out, finding->remedy, strlen(finding->remedy));
		(void)fputc('\n', out);
	}
}

static void key_clean(yajl_gen gen, const char *key, const char *text)
{
	char clean[UTF8_CLEAN_MAX(sizeof(((struct finding *)0)->remedy))];
	bool is_exact;

	json_key_bytes(gen, key, clean, utf8_clean(text, strlen(text), clean, &is_exact));
}

int findings_write(const struct findings *findings, FILE *out)
{
	yajl_gen gen = json_open();

	if (!gen)
		return -ENOMEM;
	json_key_bool(gen, "fine", findings_wrong(findings) == 0);
	json_key_array(gen, "findings");
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		(void)yajl_gen_map_open(gen);
		json_key_string(gen, "mark", marks[finding->mark].name);
		key_clean(gen, "what", finding->what);
		key_clean(gen, "found", finding->found);
		if (finding->remedy[0])
			key_clean(gen, "remedy", finding->remedy);
		(void)yajl_gen_map_close(gen);
	}
	(void)yajl_gen_array_close(gen);
	return json_close(gen, out);
}
