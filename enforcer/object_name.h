/* SPDX-License-Identifier: GPL-2.0-only */
/* object_name.h - the object of a record, written as a policy would write it. */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>

/* Room for any record's object: a prefix and PC_EVENT_OBJECT_MAX bytes. */
#define OBJECT_NAME_MAX (PC_EVENT_OBJECT_MAX + 32)

/*
 * Writes "/etc/shadow", "10.1.2.3 port 22 tcp", "unix:@name", "anon:" … to `out`, raw bytes without a NUL; returns
 * how many. `length` is what the record carries of the object.
 */
size_t object_name(const struct pc_event *event, size_t length, char out[OBJECT_NAME_MAX]);
/* The same of a name by itself: `kind` as enum pc_kind, of up to PC_EVENT_OBJECT_MAX bytes. */
size_t object_name_of(unsigned int kind, const char *bytes, size_t length, char out[OBJECT_NAME_MAX]);
