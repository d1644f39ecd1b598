/* SPDX-License-Identifier: GPL-2.0-only */
/* message.h - a record in words, as the journal and syslog show it. */
#pragma once

#include "pairs.h"

/* Any message fits, with its NUL: long values are cut in it. */
#define MESSAGE_MAX 16384

/*
 * "denied open read /etc/shadow to cat[4711], uid 1000: deny at /etc/portcullis/policy.ini:17". One line, whatever names
 * are in it. Returns its length.
 */
size_t message_write(const struct pairs *pairs, char out[MESSAGE_MAX]);
/* syslog's level: a denial is a warning, a would-be denial a notice. */
int message_level(const struct pairs *pairs);
