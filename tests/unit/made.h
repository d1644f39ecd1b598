/* SPDX-License-Identifier: GPL-2.0-only */
/* made.h - what tests of images share: a text goes in, its image and all its diagnostics come out. */
#pragma once

#include "image.h"
#include "policy_text.h"

/* A compiled text. */
struct made {
	struct result result;
	struct image *image; /* NULL if refused */
	const char *text;    /* all diagnostics, valid until the next one is made */
};

static inline struct made make(const char *text)
{
	struct made made = { .result = check_text(text) };

	assert_int_equal(made.result.r, 0);
	made.result.r = image_compile(made.result.policy, &made.result.d, &made.image);
	made.text = diags_text(&made.result.d);
	return made;
}

static inline void made_done(struct made *made)
{
	made->image = image_free(made->image);
	result_done(&made->result);
}

static inline void assert_diagnostics(const char *text, int r, const char *expected)
{
	struct made made = make(text);

	assert_string_equal(made.text, expected);
	assert_int_equal(made.result.r, r);
	made_done(&made);
}

static const char sample[] =
	"[policy]\nversion = 1\nmode = enforce\nname = web-1\n"
	"[open]\ndefault = audit\nlog = all\ndeny = /**/*secret*\nallow.read.quiet = /[a-c]?/**\nnever.write = /etc/\n"
	"[exec]\nmode = audit\ndeny = foreign:/**\naudit.log = anon:\n"
	"[connect]\ndefault = deny\nallow = any port 53 udp\ndeny = 10.0.0.0/8\nallow = unix:@x\\;y\ndeny = unix:/run/*\n"
	"[system]\ndefault = audit\nnever = kexec\ndeny.log = mount\nallow = bpf\n"
	"[profile web]\nexe = /usr/{bin/x,sbin/*}\nuser = 33\nunit = [a-w]eb@*.service\ncgroup = /a/**\ncgroup = /b\n[open web]\nallow = /srv/**\n[connect web]\ndefault = deny\n"
	"[profile any]\nuser = 1\ngroup = 2\nscope = process\n"
	"[expect]\ndeny = connect 10.0.0.1 port 80 tcp\ndeny = connect 1.1.1.1 port 1 tcp as web\n";
