/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_ask.c - asks the decision code as it runs in the kernel: the other side of the comparison. */
#include <errno.h>

#include "kernel_ask.h"

int kernel_open(void)
{
	return -ENOSYS;
}

int kernel_use_image(const struct image *image)
{
	(void)image;
	return -ENOSYS;
}

int kernel_ask(const struct question *question, struct pc_answer *ret_answer)
{
	(void)question;
	(void)ret_answer;
	return -ENOSYS;
}

void kernel_close(void)
{
}
