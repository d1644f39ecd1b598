#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""reference.py - a slow, obvious judge of policies, written from the language's description alone.

It shares nothing with policy/: a parser of its own, a matcher that backtracks, a winner picked by comparing ranks.
'reference.py DIR' answers every DIR/N.cases by DIR/N.ini into DIR/N.ref, one line an object: the answer, then the
four references of the cell (read, never_read, write, never_write) once defaults are taken in.
"""
import math
import multiprocessing
import sys
from pathlib import Path

from object_reference import BUG, JIT, UNRESOLVED, USERNS, ObjectError, parse_object

SECTIONS = ("exec", "open", "connect", "system")
READ, WRITE = 1, 2
RULES_ONLY = 1
STRICTNESS = {"never": 0, "deny": 0, "audit": 1, "allow": 2}
LINE_MAX = 190


class PolicyError(Exception):
    """The text is no policy; the message starts with the line."""


class Rule:
    """One rule for one object: a list, `any` and a trailing slash give several with the same line."""

    def __init__(self, line, verb, log):
        self.line = line
        self.verb = verb
        self.access = 0  # READ | WRITE
        self.access_given = False  # a suffix said so
        self.log = log  # "quiet", "log" or ""
        self.kind = None
        self.identity = None  # equal for the same object
        self.rank = ()  # the smaller outranks
        self.matches = None  # function of (bytes, class, port)


class Section:
    def __init__(self):
        self.default = "allow"
        self.log = "deny"
        self.mode = None
        self.rules = []
        self.cache = {}


class Policy:
    def __init__(self):
        self.mode = "audit"
        self.sections = {name: Section() for name in SECTIONS}
        self.lists = {}


# ---- Lines ----


def strip_comment(text):
    """A blank and a semicolon start a comment; a semicolon at the start of a line does too."""
    for i, char in enumerate(text):
        if char == ";" and (i == 0 or text[i - 1] in " \t"):
            return text[:i]
    return text


def read_lines(text):
    """Yields (line number, section header or None, key, value)."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LINE_MAX:
            raise PolicyError(f"{number}: longer than {LINE_MAX} bytes")
        line = strip_comment(line)
        if line[:1] in (" ", "\t") and line.strip(" \t"):
            raise PolicyError(f"{number}: indented")
        line = line.strip(" \t")
        if not line:
            continue
        if line.startswith("["):
            if not line.endswith("]"):
                raise PolicyError(f"{number}: text after the section")
            yield number, line[1:-1], None, None
            continue
        key, equals, value = line.partition("=")
        if not equals or not value.strip(" \t"):
            raise PolicyError(f"{number}: not key = value")
        yield number, None, key.strip(" \t"), value.strip(" \t")


def parse(data):
    """The policy in `data` (bytes)."""
    lines = list(read_lines(data.decode("latin-1")))
    policy = Policy()
    collect_lists(policy, lines)
    header = ""
    seen = set()
    for number, name, key, value in lines:
        if name is not None:
            if name in seen:
                raise PolicyError(f"{number}: section [{name}] twice")
            if name != "policy" and name not in SECTIONS and not name.startswith("list "):
                raise PolicyError(f"{number}: unknown section [{name}]")
            seen.add(name)
            header = name
        elif header == "policy":
            parse_policy_key(policy, number, key, value)
        elif header in SECTIONS:
            parse_section_key(policy, header, number, key, value)
        elif not header:
            raise PolicyError(f"{number}: before any section")
    for section in SECTIONS:
        refuse_two_verbs(policy.sections[section].rules)
    return policy


def collect_lists(policy, lines):
    """Lists may stand after the rules that use them."""
    header = ""
    for number, name, key, value in lines:
        if name is not None:
            header = name
            if header.startswith("list "):
                policy.lists[header[5:]] = []
        elif header.startswith("list "):
            if key != "item":
                raise PolicyError(f"{number}: unknown key {key}")
            policy.lists[header[5:]].append(value)


def parse_policy_key(policy, number, key, value):
    if key == "mode" and value in ("audit", "enforce"):
        policy.mode = value
    elif not (key == "version" and value == "1") and key != "name":
        raise PolicyError(f"{number}: bad {key}")


def parse_section_key(policy, name, number, key, value):
    section = policy.sections[name]
    scalars = {"default": ("allow", "audit", "deny"), "mode": ("audit", "enforce"), "log": ("deny", "all", "none")}
    if key in scalars:
        if value not in scalars[key]:
            raise PolicyError(f"{number}: bad {key}")
        setattr(section, key, value)
        return
    verb, *suffixes = key.split(".")
    if verb not in STRICTNESS:
        raise PolicyError(f"{number}: unknown key {key}")
    access = set()
    log = ""
    for suffix in suffixes:
        if suffix in ("read", "write") and name == "open" and suffix not in access:
            access.add(suffix)
        elif suffix in ("quiet", "log") and not log:
            log = suffix
        else:
            raise PolicyError(f"{number}: bad suffix {suffix}")
    for text in resolve_list(policy, number, value):
        try:
            objects = parse_object(name, text)
        except ObjectError as error:
            raise PolicyError(f"{number}: {error}") from error
        for kind, identity, rank, matches in objects:
            rule = Rule(number, verb, log)
            rule.access_given = bool(access)
            rule.access = access_bits(name, access)
            rule.kind, rule.identity, rule.rank, rule.matches = kind, identity, rank, matches
            section.rules.append(rule)


def access_bits(section, suffixes):
    if section != "open":
        return READ
    return sum({"read": READ, "write": WRITE}[suffix] for suffix in suffixes) or READ | WRITE


def resolve_list(policy, number, text):
    if not text.startswith("$"):
        return [text]
    end = 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_.-"):
        end += 1
    if text[1:end] not in policy.lists:
        raise PolicyError(f"{number}: no list {text[1:end]}")
    return [item + text[end:] for item in policy.lists[text[1:end]]]


def refuse_two_verbs(rules):
    """`.read.write` is `.read` and `.write`, and both are another access than no suffix."""
    verbs = {}
    for rule in rules:
        for access in (READ, WRITE):
            if not rule.access & access:
                continue
            first = verbs.setdefault((rule.kind, rule.identity, access, rule.access_given), rule)
            if first.verb != rule.verb:
                raise PolicyError(f"{rule.line}: the object of line {first.line} with another verb")


# ---- Answers ----


def beats_key(rule):
    """Sorts the rules that match: the first wins. Equal verdicts of equal rank are named by the earlier line."""
    specific = 0 if BUG == "suffix" else not rule.access_given
    return rule.rank, specific, STRICTNESS[rule.verb], rule.line


def candidates(section, kind, access, is_never):
    """The rules of one kind, best first."""
    key = (kind, access, is_never)
    if key not in section.cache:
        rules = [r for r in section.rules if r.access & access and (r.verb == "never") == is_never]
        if kind is not None:
            rules = [r for r in rules if r.kind == kind]
        section.cache[key] = sorted(rules, key=beats_key)
    return section.cache[key]


def first_match(section, case, access, is_never):
    for rule in candidates(section, case.kind, access, is_never):
        if rule.matches(case.name, case.its_class, case.port):
            return rule
    return None


def is_named(section, kind, access):
    return bool(candidates(section, kind, access, False) or candidates(section, kind, access, True))


def is_recorded(section, verb, log):
    if log:
        return log == "log"
    if BUG == "log":
        return section.log != "none"
    return section.log == "all" or (section.log == "deny" and verb != "allow")


class Ref:
    """A verdict and whose it is: line 0 is the section's default."""

    def __init__(self, section, verb, line, log=""):
        self.verdict = "deny" if verb == "never" else verb
        self.line = line
        self.record = is_recorded(section, verb, log)

    def __str__(self):
        return f"{self.verdict}:{self.line}:{int(self.record)}"


def refer(section, rule):
    return rule and Ref(section, rule.verb, rule.line, rule.log)


class Case:
    def __init__(self, section, kind, access, its_class, port, ask, name):
        self.section = section  # its name
        self.kind = kind
        self.access = access
        self.its_class = its_class
        self.port = port
        self.ask = ask
        self.name = name


def strictest(section, access, default):
    """Of all the rules and the default: of equally strict ones a recorded, then the earlier line, the default last."""
    refs = [refer(section, rule) for rule in section.rules if rule.access & access]
    return min([*refs, default], key=lambda ref: (STRICTNESS[ref.verdict], not ref.record, ref.line or math.inf))


def judge_half(section, case, access):
    """(ordinary, never) for reading or for writing, the default taken in."""
    kind = case.kind
    default = Ref(section, section.default, 0)
    if kind == USERNS and case.section == "exec" and not is_named(section, USERNS, access):
        kind = UNRESOLVED
    if kind == UNRESOLVED and not is_named(section, UNRESOLVED, access):
        return strictest(section, access, default), None
    asked = Case(case.section, kind, case.access, case.its_class, case.port, case.ask, case.name)
    ordinary = refer(section, first_match(section, asked, access, False))
    never = refer(section, first_match(section, asked, access, True)) if BUG != "never" else None
    if not ordinary and not case.ask & RULES_ONLY and kind != JIT:
        ordinary = default
    return ordinary, never


def judge(policy, case):
    """(what happens, the reference that is named or None, the halves' references)."""
    section = policy.sections[case.section]
    mode = section.mode or policy.mode
    halves = [None] * 4
    if case.access & READ:
        halves[0], halves[1] = judge_half(section, case, READ)
    if case.access & WRITE:
        halves[2], halves[3] = judge_half(section, case, WRITE)
    verdict, named = "allow", None
    for ref in (halves[1], halves[0], halves[3], halves[2]):
        if not ref:
            continue
        happens = "audit" if ref.verdict == "deny" and mode == "audit" else ref.verdict
        if not named or STRICTNESS[happens] < STRICTNESS[verdict]:
            verdict, named = happens, ref
    return verdict, named, halves


def answer_line(policy, case):
    verdict, named, halves = judge(policy, case)
    return " ".join([verdict, str(named or "-"), *(str(ref or "-") for ref in halves)])


def parse_case(line):
    section, kind, access, its_class, port, ask, name = line.split()
    return Case(SECTIONS[int(section)], int(kind), int(access), int(its_class), int(port), int(ask),
                b"" if name == "-" else bytes.fromhex(name))


def answer_file(path):
    policy = parse(path.with_suffix(".ini").read_bytes())
    cases = [parse_case(line) for line in path.read_text().splitlines()]
    path.with_suffix(".ref").write_text("".join(answer_line(policy, case) + "\n" for case in cases))


def main():
    paths = sorted(Path(sys.argv[1]).glob("*.cases"))
    with multiprocessing.Pool(2) as pool:
        pool.map(answer_file, paths, chunksize=4)


if __name__ == "__main__":
    main()
