#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""reference.py - a slow, obvious judge of policies, written from the language's description alone.

It shares nothing with policy/: a parser of its own, a matcher that backtracks, a winner picked by comparing ranks.
'reference.py DIR' answers every DIR/N.cases by DIR/N.ini into DIR/N.ref, one line an object: the answer, then the
four references of the cell (read, never_read, write, never_write) once defaults are taken in, of the host-wide section
and, for a task in a profile, of the profile's; then the mode that the answer was judged in. To who starts a program the
answer is the profile that it is given.
"""
import math
import multiprocessing
import sys
from pathlib import Path

from object_reference import BUG, JIT, PATH, UNRESOLVED, USERNS, ObjectError, parse_object

SECTIONS = ("exec", "open", "connect", "system")
READ, WRITE = 1, 2
RULES_ONLY, BOTH = 1, 2
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
    def __init__(self, is_profiles=False):
        self.is_profiles = is_profiles
        self.default = None if is_profiles else "allow"
        self.log = "deny"
        self.mode = None
        self.rules = []
        self.cache = {}


class Profile:
    def __init__(self, name):
        self.name = name
        self.mode = None
        self.exes = []  # (rank, matches) of each pattern
        self.exe_items = []  # and what it consists of
        self.users = set()
        self.groups = set()


class Policy:
    def __init__(self):
        self.mode = "audit"
        self.sections = {name: Section() for name in SECTIONS}  # also "exec NAME" of a profile
        self.profiles = {}
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
    collect_profiles(policy, lines)
    header = ""
    seen = set()
    for number, name, key, value in lines:
        if name is not None:
            if name in seen:
                raise PolicyError(f"{number}: section [{name}] twice")
            if name != "policy" and name not in policy.sections and not name.startswith(("list ", "profile ")):
                raise PolicyError(f"{number}: unknown section [{name}]")
            seen.add(name)
            header = name
        elif header == "policy":
            parse_policy_key(policy, number, key, value)
        elif header in policy.sections:
            parse_section_key(policy, header, number, key, value)
        elif header.startswith("profile "):
            parse_profile_key(policy.profiles[header[8:]], number, key, value)
        elif not header:
            raise PolicyError(f"{number}: before any section")
    for section in policy.sections.values():
        refuse_two_verbs(section.rules)
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


def collect_profiles(policy, lines):
    """And their sections: a section may stand before its profile."""
    for _, name, _, _ in lines:
        if name is not None and name.startswith("profile "):
            policy.profiles[name[8:]] = Profile(name[8:])
            policy.sections.update({f"{section} {name[8:]}": Section(True) for section in SECTIONS})


def parse_profile_key(profile, number, key, value):
    if key == "exe":
        try:
            patterns = [pattern for pattern in parse_object("open", value) if pattern[0] == PATH]
            profile.exes += [(rank, matches) for _, _, rank, matches in patterns]
            profile.exe_items += [items for _, items, _, _ in patterns]
        except ObjectError as error:
            raise PolicyError(f"{number}: {error}") from error
    elif key in ("user", "group"):
        getattr(profile, key + "s").add(int(value))
    elif key == "mode" and value in ("audit", "enforce"):
        profile.mode = value
    elif key != "scope" or value not in ("family", "process"):
        raise PolicyError(f"{number}: bad {key}")


def parse_policy_key(policy, number, key, value):
    if key == "mode" and value in ("audit", "enforce"):
        policy.mode = value
    elif not (key == "version" and value == "1") and key != "name":
        raise PolicyError(f"{number}: bad {key}")


def parse_section_key(policy, header, number, key, value):
    section = policy.sections[header]
    name = header.split()[0]
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
    def __init__(self, section, kind, access, its_class, port, ask, name, profile="-"):
        self.section = section  # its name
        self.kind = kind
        self.access = access
        self.its_class = its_class
        self.port = port
        self.ask = ask
        self.name = name
        self.profile = profile  # its name; "-": none


def strictest(section, access, default):
    """Of all the rules and the default: of equally strict ones a recorded, then the earlier line, the default last."""
    refs = [refer(section, rule) for rule in section.rules if rule.access & access] + ([default] if default else [])
    return min(refs, key=lambda ref: (STRICTNESS[ref.verdict], not ref.record, ref.line or math.inf), default=None)


class Half:
    """What a section says of reading, or of writing."""

    def __init__(self, rule=None, never=None, default=None):
        self.rule = rule
        self.never = never
        self.default = default  # where no rule matches

    def ordinary(self):
        return self.rule or self.default


def judge_half(section, case, access):
    kind = case.kind
    default = section.default and Ref(section, section.default, 0)
    is_userns = kind == USERNS and case.section == "exec" and not is_named(section, USERNS, access)
    if is_userns:
        kind = UNRESOLVED
    if kind == UNRESOLVED and not is_named(section, UNRESOLVED, access):
        half = Half(strictest(section, access, default))
    else:
        asked = Case(case.section, kind, case.access, case.its_class, case.port, case.ask, case.name)
        half = Half(refer(section, first_match(section, asked, access, False)))
        half.never = refer(section, first_match(section, asked, access, True)) if BUG != "never" else None
        if not case.ask & RULES_ONLY and kind != JIT:
            half.default = default
    # Of what a profile says of `unresolved:` only denials count for `userns:`, besides what the host says.
    if is_userns and section.is_profiles:
        denial = half.never or half.rule
        half = Half(None, denial if denial and denial.verdict == "deny" else None, default)
    return half


class Answer:
    """The strictest of what was taken, after mode; of equally strict ones the first."""

    def __init__(self, mode):
        self.verdict = "allow"
        self.mode = mode
        self.ref = None

    def take(self, ref, mode):
        happens = ref and ("audit" if ref.verdict == "deny" and mode == "audit" else ref.verdict)
        if ref and (not self.ref or STRICTNESS[happens] < STRICTNESS[self.verdict]):
            self.verdict, self.mode, self.ref = happens, mode, ref


def judge(policy, case):
    """(the answer, by layer and access its half)."""
    accesses = [access for access in (READ, WRITE) if case.access & access]
    profile = policy.profiles.get(case.profile)
    layers = [(policy.sections[case.section], policy.mode)]
    if profile:
        layers.insert(0, (policy.sections[f"{case.section} {profile.name}"], profile.mode or policy.mode))
    halves = [{access: judge_half(section, case, access) for access in accesses} for section, _ in layers]
    modes = [section.mode or mode for section, mode in layers]
    answer = Answer(modes[-1])
    is_both = case.ask & BOTH or case.kind == UNRESOLVED
    for i, mode in enumerate(modes):
        for access in accesses:
            half = halves[i][access]
            answer.take(half.never, mode)
            # The host-wide section, where a rule of the profile's has answered.
            if i == 0 or not halves[0][access].rule or is_both or BUG == "layer":
                answer.take(half.ordinary(), mode)
    return answer, halves[::-1]


def answer_line(policy, case):
    answer, layers = judge(policy, case)
    halves = [layer.get(access, Half()) for layer in layers for access in (READ, WRITE)]
    refs = [answer.ref, *(ref for half in halves for ref in (half.ordinary(), half.never))]
    return " ".join([answer.verdict, *(str(ref or "-") for ref in refs), answer.mode])


# ---- Which profile a program is given ----


class Start:
    """A program is started."""

    def __init__(self, name, user, groups):
        self.name = name  # None: it has none
        self.user = user
        self.groups = groups


def fitness(profile, start):
    """The smaller is taken; None: the profile doesn't fit."""
    ranks = [rank for rank, matches in profile.exes if start.name is not None and matches(start.name, 0, 0)]
    if not profile.exes and not profile.users and not profile.groups:
        return None
    if profile.exes and not ranks or profile.users and start.user not in profile.users:
        return None
    if profile.groups and not profile.groups & start.groups:
        return None
    rank = () if BUG == "choice" else min(ranks, default=())
    return not profile.exes, rank, not profile.users, not profile.groups, profile.name


def choose(policy, start):
    fitting = [(fitness(profile, start), profile.name) for profile in policy.profiles.values()]
    return min((pair for pair in fitting if pair[0]), default=(None, "-"))[1]


# ---- Files of cases ----


def parse_bytes(text):
    return b"" if text == "-" else bytes.fromhex(text)


def parse_case(line):
    if line.startswith("start "):
        _, user, groups, name = line.split()
        return Start(None if name == "-" else bytes.fromhex(name), int(user), frozenset(map(int, groups.split(","))))
    section, kind, access, its_class, port, ask, profile, name = line.split()
    return Case(SECTIONS[int(section)], int(kind), int(access), int(its_class), int(port), int(ask), parse_bytes(name), profile)


def answer_case(policy, case):
    return choose(policy, case) if isinstance(case, Start) else answer_line(policy, case)


def answer_file(path):
    policy = parse(path.with_suffix(".ini").read_bytes())
    cases = [parse_case(line) for line in path.read_text().splitlines()]
    path.with_suffix(".ref").write_text("".join(answer_case(policy, case) + "\n" for case in cases))


def main():
    paths = sorted(Path(sys.argv[1]).glob("*.cases"))
    with multiprocessing.Pool(2) as pool:
        pool.map(answer_file, paths, chunksize=4)


if __name__ == "__main__":
    main()
