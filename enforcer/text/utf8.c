/* SPDX-License-Identifier: GPL-2.0-only */
/* utf8.c - well-formed UTF-8 from any bytes. */
#include <string.h>

#include "swar.h"
#include "utf8.h"

static const char replacement[] = "\xef\xbf\xbd";

/* One row of RFC 3629's table of well-formed sequences; the bytes after the second are 80..BF. */
struct sequence {
	unsigned char first_low, first_high, second_low, second_high;
	size_t length;
};

static const struct sequence sequences[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Bytes of the character at `bytes`; 0 if none stands there. */
static size_t character_length(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		const struct sequence *s = &sequences[i];

		if (bytes[0] < s->first_low || bytes[0] > s->first_high)
			continue;
		if (length < s->length)
			return 0;
		if (s->length > 1 && (bytes[1] < s->second_low || bytes[1] > s->second_high))
			return 0;
		for (size_t k = 2; k < s->length; k++)
			if ((bytes[k] & 0xc0) != 0x80)
				return 0;
		return s->length;
	}
	return 0;
}

/* C0, DEL, and C1, which terminals obey as well. */
static bool is_control(const unsigned char *bytes)
{
	return bytes[0] < 0x20 || bytes[0] == 0x7f || (bytes[0] == 0xc2 && bytes[1] < 0xa0);
}

/* Nearly all bytes of nearly all names. */
static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

/*
 * Marks, embeddings, overrides and isolates of the bidirectional algorithm, and the separators of lines: what stands
 * behind one is shown elsewhere. They are U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069.
 */
static bool is_turning(const unsigned char *bytes)
{
	if (bytes[0] == 0xd8)
		return bytes[1] == 0x9c;
	if (bytes[0] != 0xe2)
		return false;
	if (bytes[1] == 0x80)
		return bytes[2] == 0x8e || bytes[2] == 0x8f || (bytes[2] >= 0xa8 && bytes[2] <= 0xae);
	return bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9;
}

size_t utf8_printable(const char *bytes, size_t length)
{
	size_t n;

	if (is_plain((unsigned char)*bytes))
		return 1;
	n = character_length((const unsigned char *)bytes, length);
	return n > 0 && (is_control((const unsigned char *)bytes) || is_turning((const unsigned char *)bytes)) ? 0 : n;
}

/* As far as that goes by eights. */
static size_t copy_plain(const char *bytes, size_t length, char *out)
{
	size_t done = 0;

	for (; length - done >= sizeof(uint64_t); done += sizeof(uint64_t)) {
		uint64_t word = swar_load(bytes + done);

		if (word & SWAR_EACH(0x80) || swar_has_below(word, 0x20) || swar_has(word, 0x7f))
			break;
		memcpy(out + done, &word, sizeof(word));
	}
	return done;
}

size_t utf8_clean(const char *bytes, size_t length, char *out, bool *ret_is_exact)
{
	size_t written, n;
	bool is_exact = true;
	size_t plain = copy_plain(bytes, length, out);

	written = plain;
	for (size_t i = plain; i < length; i += n) {
		const unsigned char *at = (const unsigned char *)bytes + i;

		if (is_plain(*at)) {
			out[written++] = (char)*at;
			n = 1;
			continue;
		}
		n = character_length(at, length - i);
		if (n == 0) {
			memcpy(out + written, replacement, 3);
			written += 3;
			is_exact = false;
			n = 1;
			continue;
		}
		if (is_control(at))
			is_exact = false;
		memcpy(out + written, at, n);
		written += n;
	}
	*ret_is_exact = is_exact;
	return written;
}
