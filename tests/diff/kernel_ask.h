/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_ask.h - asks the decision code as it runs in the kernel: the other side of the comparison. */
#pragma once

#include "image.h"

/* Loads the programs that answer. −ENOSYS: built without them; others: as libbpf gave them. */
int kernel_open(void);
/* Hands the image over; all questions until the next call are answered from it. */
int kernel_use_image(const struct image *image);
/* The kernel's answer: as image_ask(), from the bytes that kernel_use_image() was given. */
int kernel_ask(const struct question *question, struct pc_answer *ret_answer);
void kernel_close(void);
