/* SPDX-License-Identifier: GPL-2.0-only */
/* compile_bench.c - what compiling costs: milliseconds, states and bytes for generated rules of each kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "image.h"

/* Always the same numbers (xorshift64*). */
static __u64 seed = 88172645463325252ULL;

static unsigned int any(unsigned int below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * 2685821657736338717ULL >> 33) % below;
}

static const char *const words[] = {
	"share",   "doc",     "lib",   "python3", "site",   "modules", "kernel", "drivers",
	"net",     "include", "linux", "local",   "zone",   "man",     "x86_64", "icons",
	"hicolor", "apps",    "help",  "data",    "common", "perl",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static void write_path(FILE *out, unsigned int i)
{
	static char shared[8][64];
	unsigned int depth = 2 + any(5);

	/* Files come by directories: about eight in each. */
	if (i % 8 == 0 || !shared[0][0]) {
		for (unsigned int n = 0; n < 8; n++)
			(void)snprintf(shared[n], sizeof(shared[n]), n < 3 ? "%s" : "%s%u", words[any(WORDS)],
				       any(100));
	}
	fputs("deny = /usr", out);
	for (unsigned int n = 0; n < depth; n++)
		fprintf(out, "/%s", shared[n]);
	fprintf(out, "/%s-%s_%u.%x\n", words[any(WORDS)], words[any(WORDS)], i, any(1 << 20));
}

static void write_tree(FILE *out, unsigned int i)
{
	fprintf(out, "%s = /srv/%s%u/%s/u%u/**\n", i % 3 ? "deny" : "allow", words[any(WORDS)], any(50),
		words[any(WORDS)], i);
}

static void write_network(FILE *out, unsigned int i)
{
	unsigned int address = i * 2654435761U, length = 20 + any(13);

	address &= ~0U << (32 - length);
	fprintf(out, "deny = %u.%u.%u.%u/%u port %u tcp\n", address >> 24, address >> 16 & 255,
		address >> 8 & 255, address & 255, length, 1 + any(4000));
}

static void write_network6(FILE *out, unsigned int i)
{
	fprintf(out, "deny = 2001:%x:%x:%x::/64\n", any(64), i * 40503 & 0xffff, i >> 4 & 0xffff);
}

static void write_mixed(FILE *out, unsigned int i)
{
	if (i % 50 == 0 && i < 1000)
		fprintf(out, "deny = /**/*.%s%u\n", words[i / 50], i);
	else
		write_path(out, i);
}

static void write_name(FILE *out, unsigned int i)
{
	fprintf(out, "deny = /**/%s%u/**\n", words[any(WORDS)], i);
}

static void write_secret(FILE *out, unsigned int i)
{
	static const char *const secrets[] = {
		"/**/.ssh/**",
		"/**/*.pem",
		"/**/*secret*",
		"/**/id_rsa*",
		"/**/.gnupg/**",
		"/**/*.key",
		"/**/.aws/**",
		"/**/*password*",
		"/**/.netrc",
		"/**/*.kdbx",
		"/**/.docker/config.json",
		"/**/*token*",
		"/**/.kube/**",
		"/**/*.p12",
		"/**/*.pfx",
		"/**/.env",
		"/**/.env.*",
		"/**/credentials*",
		"/**/*.ppk",
		"/**/.pgpass",
		"/**/.htpasswd",
		"/**/wallet.dat",
		"/**/.npmrc",
		"/**/.pypirc",
		"/**/shadow*",
		"/**/*.keystore",
		"/**/*.jks",
		"/**/.vault-token",
		"/**/.git-credentials",
	};

	if (i < sizeof(secrets) / sizeof(secrets[0]))
		fprintf(out, "never = %s\n", secrets[i]);
}

static void write_multiplying(FILE *out, unsigned int i)
{
	fprintf(out, "deny = /d/*x_%u*\n", i);
}

struct load {
	const char *name;
	const char *section;
	unsigned int count;
	void (*write)(FILE *out, unsigned int i);
};

static const struct load loads[] = {
	{ "paths", "open", 1000, write_path },
	{ "paths", "open", 10000, write_path },
	{ "paths", "open", 100000, write_path },
	{ "trees", "open", 1000, write_tree },
	{ "trees", "open", 10000, write_tree },
	{ "trees", "open", 100000, write_tree },
	{ "paths and 20 floating", "open", 1000, write_mixed },
	{ "paths and 20 floating", "open", 10000, write_mixed },
	{ "paths and 20 floating", "open", 100000, write_mixed },
	{ "networks with ports", "connect", 1000, write_network },
	{ "networks with ports", "connect", 10000, write_network },
	{ "networks with ports", "connect", 100000, write_network },
	{ "IPv6 networks", "connect", 1000, write_network6 },
	{ "IPv6 networks", "connect", 10000, write_network6 },
	{ "IPv6 networks", "connect", 100000, write_network6 },
	{ "secrets", "open", 29, write_secret },
	{ "/**/NAME/**", "open", 100, write_name },
	{ "/d/*x_i* (multiply)", "open", 300, write_multiplying },
};

static double now_ms(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static unsigned int count_states(const struct image *image)
{
	const struct pc_area *table = &image_header(image)->table;
	unsigned int count = 0;

	for (__u32 i = 0; i < table->count; i++)
		count += (image->words[table->word + i] & PC_HEAD) != 0;
	return count;
}

static void run(const struct load *load)
{
	const struct policy_options options = { .is_offline = true };
	struct policy *policy = NULL;
	struct image *image = NULL;
	struct diags d = {};
	double start, parsed, compiled;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	fprintf(out, "[policy]\nversion = 1\n[%s]\n", load->section);
	for (unsigned int i = 0; i < load->count; i++)
		load->write(out, i);
	(void)fclose(out);
	start = now_ms();
	if (policy_parse("bench", text, length, &options, &d, &policy) < 0) {
		diags_print(&d, stdout);
		exit(1);
	}
	parsed = now_ms();
	(void)image_compile(policy, &d, &image);
	compiled = now_ms();
	printf("%-22s %7u rules: parse %7.1f ms, compile %7.1f ms", load->name, load->count, parsed - start,
	       compiled - parsed);
	if (image)
		printf(", %8u states, %9zu bytes, %u cells, %u intervals\n", count_states(image), image->size,
		       image_header(image)->cells.count, image_header(image)->intervals.count);
	else
		printf("; refused: %s\n", d.count ? d.entries[d.count - 1].text : "?");
	(void)fflush(stdout);
	image_free(image);
	policy_free(policy);
	diags_done(&d);
	free(text);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (argc < 2 || strstr(loads[i].name, argv[1]))
			run(&loads[i]);
	}
	return 0;
}
