/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - portcullisd: options, start, run, exit code. */
#include <errno.h>

#include "daemon.h"
#include "log.h"

/* As policyctl's: 1 refused by policy or usage, 2 the kernel or the machine did not do it. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_REFUSED = 1,
	EXIT_FAILED = 2,
};

int main(int argc, char **argv)
{
	struct daemon *daemon = NULL;
	struct options options;
	int r;

	log_open();
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_SHOWN:
		return EXIT_FINE;
	case OPTIONS_WRONG:
		return EXIT_REFUSED;
	case OPTIONS_RUN:
		break;
	}
	r = daemon_start(&options, &daemon);
	if (r < 0)
		return r == -ENOTSUP ? EXIT_FAILED : EXIT_REFUSED;
	r = daemon_run(daemon);
	daemon = daemon_free(daemon);
	return r < 0 ? EXIT_FAILED : EXIT_FINE;
}
