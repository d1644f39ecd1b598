/* SPDX-License-Identifier: GPL-2.0-only */
/* syslog_output.h - records as messages in words to /dev/log. */
#pragma once

#include "sender.h"

/* NULL: out of memory. */
struct sender *syslog_output_new(void);
