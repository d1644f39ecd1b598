/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_rings.h - the two rings that records come in: denials, and all others. */
#pragma once

#include <bpf/libbpf.h>

struct rings {
	struct ring_buffer *rings[2];
	int epoll; /* readable with records; -1: none yet */
};

/* `maps`: fds of the denials' and of the other ring. 0 or −errno; what is open by then is for rings_close() to close. */
int rings_open(struct rings *rings, const int maps[2], ring_buffer_sample_fn record, void *context);
void rings_close(struct rings *rings);
/* Denials first; what goes beyond the callback's budget stays there and keeps the descriptor readable. */
int rings_consume(struct rings *rings);
