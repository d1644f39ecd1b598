/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rules.c - policies and objects to measure with, always the same for the same TREE: a file of paths, one a line.
 *
 * usage: bench-rules policy COUNT KIND LOG TREE [PROFILES]  a policy of COUNT rules: log = LOG (none, deny or all)
 *        bench-rules objects COUNT RULES TREE              COUNT paths to ask a policy of RULES rules for
 *
 * KIND: mixed (of ten rules seven are literal paths, one is an anchored glob, two are CIDRs with ports; a floating glob
 * besides for each five hundred, 20 at most), paths, globs, networks. Of the objects a third are literal rules, a third
 * differ from one in the last byte, a third are other files of the tree. Each of the PROFILES has as many rules, of its
 * own, for the programs in /mnt/bench-in/N, from 1 on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tree {
	char **paths;
	size_t count;
};

static void read_tree(const char *file, struct tree *ret_tree)
{
	FILE *in = fopen(file, "re");
	size_t room = 0, size = 0;
	char *line = NULL;
	ssize_t length;

	if (!in) {
		perror(file);
		exit(2);
	}
	while ((length = getline(&line, &size, in)) > 1) {
		if (ret_tree->count == room) {
			room = room ? 2 * room : 4096;
			ret_tree->paths = realloc(ret_tree->paths, room * sizeof(char *));
			if (!ret_tree->paths)
				exit(2);
		}
		line[length - 1] = 0;
		/* What a policy would have to quote, or has no room for. */
		if (length < 150 && !strpbrk(line, "*?[]{}\\; $"))
			ret_tree->paths[ret_tree->count++] = strdup(line);
	}
	free(line);
	(void)fclose(in);
	if (ret_tree->count < 1000) {
		(void)fprintf(stderr, "bench-rules: %s has fewer than 1,000 paths\n", file);
		exit(2);
	}
}

/* Every other file is a rule, the rest are strangers; where there are too few, they come again under another name. */
static void write_path(FILE *out, const struct tree *tree, size_t i)
{
	size_t half = tree->count / 2;

	fputs(tree->paths[i % half * 2], out);
	if (i >= half)
		fprintf(out, ".%zu", i / half);
}

static void write_stranger(FILE *out, const struct tree *tree, size_t i)
{
	fputs(tree->paths[i % (tree->count / 2) * 2 + 1], out);
}

static void write_glob(FILE *out, size_t i)
{
	static const char *const forms[] = { "/srv/web%zu/u%zu/*.conf", "/home/u%zu/.cache%zu/**", "/opt/app%zu/v%zu.*/bin/**" };

	/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral) */
	fprintf(out, forms[i % 3], i % 37, i);
}

static void write_network(FILE *out, size_t i)
{
	unsigned int length = 20 + i % 13, address = (unsigned int)i * 2654435761U & ~0U << (32 - length);

	/* Not what is measured itself. */
	if (address >> 24 == 127)
		address ^= 64U << 24;
	fprintf(out, "deny = %u.%u.%u.%u/%u port %zu%s tcp\n", address >> 24, address >> 16 & 255, address >> 8 & 255,
		address & 255, length, 1 + i % 4000, i % 5 ? "" : ",8000-8100");
}

/* The sections of a profile, from 1 on, or with 0 the host-wide ones. No two have the same rules. */
static void write_sections(size_t count, const char *kind, const char *log, const struct tree *tree, size_t profile)
{
	char name[32] = "";
	int is_mixed = strcmp(kind, "mixed") == 0;
	size_t networks = strcmp(kind, "networks") == 0 ? count : is_mixed ? count / 5 : 0;
	size_t globs = strcmp(kind, "globs") == 0 ? count : is_mixed ? count / 10 : 0;
	size_t floating = !is_mixed ? 0 : count / 500 < 20 ? count / 500 : 20;
	size_t literals = count - networks - globs - floating;

	if (profile)
		(void)snprintf(name, sizeof(name), " p%zu", profile);
	printf("[open%s]\nlog = %s\ndeny = /mnt/bn/d001/sub1/fdeny\n", name, log);
	for (size_t i = 0; i < literals; i++) {
		printf("deny = ");
		write_path(stdout, tree, profile * literals + i);
		putchar('\n');
	}
	for (size_t i = 0; i < globs; i++) {
		printf("deny = ");
		write_glob(stdout, profile * globs + i);
		putchar('\n');
	}
	for (size_t i = 0; i < floating; i++)
		printf("deny = /**/secret%zu\n", profile * floating + i);
	printf("[connect%s]\nlog = %s\n", name, log);
	for (size_t i = 0; i < networks; i++)
		write_network(stdout, profile * networks + i);
	printf("[exec%s]\nlog = %s\ndeny = /tmp/nobody/**\n", name, log);
}

static void write_policy(size_t count, const char *kind, const char *log, const struct tree *tree, size_t profiles)
{
	printf("[policy]\nversion = 1\nmode = enforce\n");
	for (size_t i = 0; i <= profiles; i++) {
		if (i)
			printf("[profile p%zu]\nexe = /mnt/bench-in/%zu\n", i, i);
		write_sections(count, kind, log, tree, i);
	}
}

/* Differs from the rule in the last byte alone. */
static void write_near_miss(FILE *out, const struct tree *tree, size_t i)
{
	char path[256];
	FILE *text = fmemopen(path, sizeof(path), "w");

	if (!text)
		exit(2);
	write_path(text, tree, i);
	(void)fclose(text);
	path[strlen(path) - 1] ^= 1;
	fputs(path, out);
}

static void write_objects(size_t count, size_t rules, const struct tree *tree)
{
	size_t literals = rules - rules / 5 - rules / 10 - (rules / 500 < 20 ? rules / 500 : 20);
	/* Not in the order of the rules: what was looked at just before is in the processor's caches. */
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		at = (at + 7919) % literals;
		if (i % 3 == 0)
			write_path(stdout, tree, at);
		else if (i % 3 == 1)
			write_near_miss(stdout, tree, at);
		else
			write_stranger(stdout, tree, at);
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	struct tree tree = {};
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	if ((argc == 6 || argc == 7) && strcmp(argv[1], "policy") == 0 && count >= 10) {
		read_tree(argv[5], &tree);
		write_policy(count, argv[3], argv[4], &tree, argc == 7 ? strtoul(argv[6], NULL, 10) : 0);
		return 0;
	}
	if (argc == 5 && strcmp(argv[1], "objects") == 0 && strtoul(argv[3], NULL, 10) >= 10) {
		read_tree(argv[4], &tree);
		write_objects(count, strtoul(argv[3], NULL, 10), &tree);
		return 0;
	}
	(void)fprintf(stderr, "usage: bench-rules policy COUNT mixed|paths|globs|networks LOG TREE [PROFILES]\n"
			      "       bench-rules objects COUNT RULES TREE\n");
	return 2;
}
