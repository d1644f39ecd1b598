/* SPDX-License-Identifier: GPL-2.0-only */
/* report_chart.c - decisions over time, drawn. */
#include <math.h>

#include "html.h"
#include "moment.h"
#include "report_page.h"

/* In units of the picture, which is as wide as the page. */
#define WIDTH 960.0
#define HEIGHT 220.0
#define LEFT 64.0
#define RIGHT 8.0
#define TOP 14.0
#define BOTTOM 28.0
#define PLOT_WIDTH (WIDTH - LEFT - RIGHT)
#define PLOT_HEIGHT (HEIGHT - TOP - BOTTOM)
/* Few records are still bars, not a wall. */
#define SLOTS_LEAST 24
#define LABELS 4

static double sum_of(const struct timeline *timeline, size_t slot)
{
	return timeline->slots[slot][PC_DENY] + timeline->slots[slot][PC_AUDIT] +
	       timeline->slots[slot][PC_ALLOW];
}

/* A round number, not below the highest bar. */
static double find_top(const struct timeline *timeline)
{
	static const double steps[] = { 1, 2, 3, 4, 5, 6, 8, 10 };
	double most = 1, unit;
	size_t i = 0;

	for (size_t slot = 0; slot < timeline->used; slot++)
		most = fmax(most, sum_of(timeline, slot));
	unit = pow(10, floor(log10(most)));
	while (i + 1 < sizeof(steps) / sizeof(steps[0]) && steps[i] * unit < most)
		i++;
	return steps[i] * unit;
}

static void write_grid(FILE *out, double top)
{
	for (int i = 0; i <= 2; i++) {
		double y = TOP + PLOT_HEIGHT * (1 - i / 2.0);

		/* Half a decision is none. */
		if (i == 1 && fmod(top, 2) != 0)
			continue;
		fprintf(out,
			"<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">",
			LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4);
		html_number(out, top * i / 2);
		fprintf(out, "</text>\n");
	}
}

static void write_bar(FILE *out, const struct timeline *timeline, size_t slot, double step, double top)
{
	static const char *const names[PC_NO_VERDICT] = { "denied", "would be denied", "allowed" };
	double y = TOP + PLOT_HEIGHT, gap = step > 3 ? 1 : 0;
	char when[MOMENT_TEXT_MAX];

	if (sum_of(timeline, slot) == 0)
		return;
	moment_format(timeline_start(timeline, slot), "%F %T", when);
	fprintf(out, "<g><title>%s", when);
	for (unsigned int i = 0; i < PC_NO_VERDICT; i++)
		if (timeline->slots[slot][i] > 0) {
			fprintf(out, ", %s ", names[i]);
			html_number(out, timeline->slots[slot][i]);
		}
	fprintf(out, "</title>");
	for (unsigned int i = 0; i < PC_NO_VERDICT; i++) {
		/* One among very many is still to be seen. */
		double height = timeline->slots[slot][i] > 0
					? fmax(timeline->slots[slot][i] / top * PLOT_HEIGHT, 1)
					: 0;

		if (height == 0)
			continue;
		y = fmax(y - height, 0);
		fprintf(out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
			record_verdict_name(i), LEFT + (double)slot * step, y, step - gap, height);
	}
	fprintf(out, "</g>\n");
}

static void write_labels(FILE *out, const struct timeline *timeline, size_t slots)
{
	__u64 span = slots * timeline->width;
	const char *format = span > 10 * 86400 ? "%F"
			     : span > 86400    ? "%b %e %H:%M"
			     : span > 600      ? "%H:%M"
					       : "%H:%M:%S";
	char when[MOMENT_TEXT_MAX];

	for (int i = 0; i <= LABELS; i++) {
		size_t slot = slots * (size_t)i / LABELS;

		moment_format(timeline_start(timeline, slot), format, when);
		fprintf(out, "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"%s\">%s</text>\n",
			LEFT + PLOT_WIDTH * (double)slot / (double)slots, HEIGHT - 6,
			i == 0        ? "start"
			: i == LABELS ? "end"
				      : "middle",
			when);
	}
}

void report_chart_write(FILE *out, const struct timeline *timeline)
{
	size_t slots = timeline->used < SLOTS_LEAST ? SLOTS_LEAST : timeline->used;
	double top = find_top(timeline), step = PLOT_WIDTH / (double)slots;

	fprintf(out,
		"<svg class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"decisions over time, by verdict\">\n",
		WIDTH, HEIGHT);
	write_grid(out, top);
	for (size_t i = 0; i < timeline->used; i++)
		write_bar(out, timeline, i, step, top);
	write_labels(out, timeline, slots);
	fprintf(out, "</svg>\n");
}
