/* SPDX-License-Identifier: GPL-2.0-only */
/* ok.c - prints OK: the program that gets executed. */
#include "errno_word.h"

int main(void)
{
	return tell(0);
}
