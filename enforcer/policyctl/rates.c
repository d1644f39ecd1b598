/* SPDX-License-Identifier: GPL-2.0-only */
/* rates.c - the daemon's exact counters, as decisions a second. */
#include <string.h>

#include "moment.h"
#include "rates.h"

static void step(struct rates *rates, const float fresh[PC_SECTIONS][PC_NO_VERDICT])
{
	rates->second++;
	for (unsigned int hook = 0; hook < PC_SECTIONS; hook++)
		for (unsigned int verdict = 0; verdict < PC_NO_VERDICT; verdict++)
			rates->seconds[hook][verdict][rates->second % RATES_SECONDS] = fresh[hook][verdict];
}

void rates_sample(struct rates *rates, __u64 now, const __u64 counts[PC_SECTIONS][PC_NO_VERDICT])
{
	float fresh[PC_SECTIONS][PC_NO_VERDICT] = {};
	double elapsed = (double)(now - rates->time) / MOMENT_SECOND;
	__u64 steps = elapsed < 1.5 ? 1 : (__u64)(elapsed + 0.5);

	for (unsigned int hook = 0; hook < PC_SECTIONS; hook++)
		for (unsigned int verdict = 0; verdict < PC_NO_VERDICT; verdict++)
			/* Fewer than before: another daemon's. */
			if (!rates->is_broken && elapsed > 0 &&
			    counts[hook][verdict] >= rates->counts[hook][verdict])
				fresh[hook][verdict] = (float)((double)(counts[hook][verdict] -
									rates->counts[hook][verdict]) /
							       elapsed);
	if (rates->time == 0)
		steps = 0;
	for (__u64 i = 0; i < steps && i < RATES_SECONDS; i++)
		step(rates, fresh);
	memcpy(rates->counts, counts, sizeof(rates->counts));
	rates->time = now;
	rates->is_broken = false;
}

void rates_break(struct rates *rates)
{
	rates->is_broken = true;
}

double rates_at(const struct rates *rates, unsigned int hook, unsigned int verdict, unsigned int ago)
{
	return (double)rates->seconds[hook][verdict][(rates->second + RATES_SECONDS - ago) % RATES_SECONDS];
}
