/* SPDX-License-Identifier: GPL-2.0-only */
/* metrics.h - what status tells, as text for Prometheus (exposition format 0.0.4). */
#pragma once

#include <stdio.h>

#include "status.h"

/* Every name begins with portcullis_, but for the start time, which has the name that every process gives it. */
void metrics_write(const struct status_facts *facts, FILE *out);
