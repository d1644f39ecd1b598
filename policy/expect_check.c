/* SPDX-License-Identifier: GPL-2.0-only */
/* expect_check.c - whether an image gives the verdicts that [expect] asks for. */
#include <arpa/inet.h>
#include <string.h>

#include "address.h"
#include "image.h"
#include "ownership.h"
#include "pattern.h"

/*
 * Ports and protocols at which answers can change. An expectation without them asks for all; between two
 * neighbours of these lists no rule begins or ends, so asking at each of them asks everywhere.
 */
struct edges {
	bool ports[65536];
	bool classes[PC_CLASSES];
	__u16 port_list[65536]; /* those ports, in order: every expectation runs through them */
	size_t port_count;
};

/* One expectation being checked. */
struct check {
	const struct expectation *expectation;
	const struct image *image;
	const struct edges *edges;
	struct diags *d;
	struct question question;
};

static void edges_collect(struct edges *edges, const struct policy *policy)
{
	memset(edges, 0, sizeof(*edges));
	edges->ports[1] = true;
	edges->classes[IPPROTO_TCP] = true;
	edges->classes[IPPROTO_UDP] = true;
	/* Protocols and raw sockets that no rule is likely to name: RFC 3692's number for experiments. */
	edges->classes[253] = true;
	edges->classes[PC_CLASS_RAW + 253] = true;
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct object *object = &policy->rules[i].object;

		for (size_t k = 0; k < object->port_count; k++) {
			edges->ports[object->ports[k].first] = true;
			if (object->ports[k].last < UINT16_MAX)
				edges->ports[object->ports[k].last + 1] = true;
		}
		if (object->protocol < 0 || (object->kind != PC_KIND_IP4 && object->kind != PC_KIND_IP6))
			continue;
		edges->classes[object->protocol] = true;
		if (object->is_protocol_number)
			edges->classes[PC_CLASS_RAW + object->protocol] = true;
	}
	for (unsigned int port = 1; port <= UINT16_MAX; port++)
		if (edges->ports[port])
			edges->port_list[edges->port_count++] = port;
}

static const char *verdict_name(unsigned int verdict)
{
	static const char *const names[] = { "deny", "audit", "allow" };

	return verdict < PC_NO_VERDICT ? names[verdict] : "allow";
}

/* " for reading", " for port 22, protocol 6": which of the questions failed. */
static void describe_question(const struct check *check, char *buf, size_t size)
{
	const struct question *question = &check->question;

	*buf = '\0';
	if (check->expectation->section == PC_OPEN)
		(void)snprintf(buf, size, " for %s",
			       question->access == PC_ACCESS_READ ? "reading" : "writing");
	if (question->kind != PC_KIND_IP4 && question->kind != PC_KIND_IP6)
		return;
	if (question->port)
		(void)snprintf(buf, size, " for port %u, protocol %u", question->port, question->class);
	else
		(void)snprintf(buf, size, " for protocol %u%s", question->class % PC_CLASS_RAW,
			       question->class >= PC_CLASS_RAW ? " (raw)" : "");
}

static void report(const struct check *check, __u32 ref)
{
	const struct expectation *expectation = check->expectation;
	const struct pc_rule *rule = NULL;
	unsigned int number = ref & PC_REF_RULE_MASK;
	char which[64];

	describe_question(check, which, sizeof(which));
	if (pc_ref_verdict(ref) != PC_NO_VERDICT && number != PC_RULE_DEFAULT)
		rule = image_rule(check->image, ref);
	if (rule)
		diag_add(check->d, &expectation->loc, DIAG_ERROR, "'%s' does not hold%s: %s by %s:%u '%s'",
			 expectation->text, which, verdict_name(pc_ref_verdict(ref)),
			 image_text(check->image, rule->file), rule->line,
			 image_text(check->image, rule->text));
	else
		diag_add(check->d, &expectation->loc, DIAG_ERROR, "'%s' does not hold%s: %s by default",
			 expectation->text, which, verdict_name(pc_ref_verdict(ref)));
}

/* Asks once; whether the answer is the expected one. */
static bool ask(const struct check *check)
{
	struct pc_answer answer = image_ask(check->image, &check->question);
	unsigned int verdict = pc_ref_verdict(answer.ref);

	if ((verdict == PC_NO_VERDICT ? PC_ALLOW : verdict) == check->expectation->verdict)
		return true;
	report(check, answer.ref);
	return false;
}

/* One protocol: at the port that is given, else at all edges. */
static bool ask_ports(struct check *check)
{
	const struct object *object = &check->expectation->object;
	int protocol = (int)check->question.class;

	check->question.port = 0;
	if (!protocol_has_ports(protocol))
		return object->port_count > 0 || ask(check);
	if (object->port_count > 0) {
		check->question.port = object->ports[0].first;
		return ask(check);
	}
	for (size_t i = 0; i < check->edges->port_count; i++) {
		check->question.port = check->edges->port_list[i];
		if (!ask(check))
			return false;
	}
	return true;
}

/* Whether the expectation's protocol covers the class, as a rule's would. */
static bool covers_class(const struct check *check, unsigned int class)
{
	const struct object *object = &check->expectation->object;

	if (object->protocol < 0)
		return check->edges->classes[class];
	if (object->protocol == PC_CLASS_RAW)
		return class >= PC_CLASS_RAW && check->edges->classes[class];
	return class == (unsigned int)object->protocol ||
	       (object->is_protocol_number && class == PC_CLASS_RAW + (unsigned int)object->protocol);
}

static bool ask_address(struct check *check)
{
	const struct object *object = &check->expectation->object;

	check->question.bytes = object->address;
	check->question.length = object->kind == PC_KIND_IP4 ? 4 : 16;
	for (unsigned int class = 0; class < PC_CLASSES; class ++) {
		check->question.class = class;
		if (covers_class(check, class) && !ask_ports(check))
			return false;
	}
	return true;
}

/* Sets the bytes that the question is about; *ret_literal keeps them. */
static int set_name(struct check *check, char **ret_literal)
{
	const struct object *object = &check->expectation->object;
	enum pattern_flavour flavour =
		object->kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
	int r = 0;

	if (kind_is_byte(object->kind)) {
		check->question.bytes = &object->byte;
		check->question.length = 1;
	} else if (object->glob) {
		r = pattern_literal(object->glob, flavour, ret_literal, &check->question.length);
		check->question.bytes = *ret_literal;
	}
	return r < 0 ? r : 0;
}

static int check_one(struct check *check)
{
	const struct expectation *expectation = check->expectation;
	_cleanup_free_ char *literal = NULL;
	int r;

	check->question = (struct question){
		.section = expectation->section,
		.kind = expectation->object.kind,
		.ask = expectation->object.kind == PC_KIND_JIT ? PC_ASK_RULES_ONLY : 0,
		.profile = expectation->profile_name ? expectation->profile + 1 : 0,
	};
	r = set_name(check, &literal);
	if (r < 0)
		return r;
	for (unsigned int access = PC_ACCESS_READ; access <= PC_ACCESS_WRITE; access <<= 1) {
		check->question.access = access;
		if (!(expectation->access & access))
			continue;
		if (expectation->object.kind == PC_KIND_IP4 || expectation->object.kind == PC_KIND_IP6)
			(void)ask_address(check);
		else
			(void)ask(check);
	}
	return 0;
}

int policy_check_expectations(const struct policy *policy, const struct image *image, struct diags *d)
{
	_cleanup_free_ struct edges *edges = calloc(1, sizeof(*edges));
	size_t errors = d->errors;

	if (!edges)
		return -ENOMEM;
	edges_collect(edges, policy);
	for (size_t i = 0; i < policy->expectation_count; i++) {
		struct check check = {
			.expectation = &policy->expectations[i],
			.image = image,
			.edges = edges,
			.d = d,
		};
		int r = check_one(&check);

		if (r < 0)
			return r;
	}
	return d->errors > errors ? -EINVAL : 0;
}
