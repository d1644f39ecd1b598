/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * http.h - one text over HTTP: GET /metrics, by libmicrohttpd inside the event loop.
 *
 * The library is loaded when it is first needed: with what it needs itself it would be a quarter of the daemon's memory.
 * It comes after all else that the loop has to do, and takes a few connections at a time, of a few seconds each.
 */
#pragma once

#include <stdio.h>
#include <systemd/sd-event.h>

#include "listener.h"

struct http;

/* Writes the text; −errno: it can't be told now. */
typedef int http_text_fn(void *userdata, FILE *out);

/* Listens where listener_parse() says. What fails has been logged. */
int http_open(sd_event *event, const char *address, http_text_fn *fn, void *userdata, struct http **ret_http);
/* Accepts NULL; returns NULL. */
struct http *http_free(struct http *http);
