# SPDX-License-Identifier: GPL-2.0-only
"""glob_reference.py - the reference's globs: text to items, rank, and a matcher that backtracks."""
import os

# A seeded bug, so that the tests can prove that they would notice one.
BUG = os.environ.get("PORTCULLIS_REFERENCE_BUG", "")

BRACE_MAX = 64
# What `?` matches: of a path any byte but the slash and NUL, of an abstract name any but the slash.
PATH_BYTES = frozenset(range(1, 256)) - {ord("/")}
ABSTRACT_BYTES = PATH_BYTES | {0}
STAR, DIRS, TAIL = "*", "**/", "**"  # the other items are bytes (int) and sets of bytes (frozenset)


class GlobError(Exception):
    pass


def units(text):
    """Cuts `text` into single bytes and quotes (a backslash with what it quotes)."""
    found = []
    i = 0
    while i < len(text):
        length = 1
        if text[i:i + 1] == b"\\":
            length = 4 if text[i + 1:i + 2] == b"x" else 2
            if i + length > len(text):
                raise GlobError("a backslash that quotes nothing")
        if text[i:i + length] == b"\\/":
            raise GlobError("a quoted slash")
        found.append(text[i:i + length])
        i += length
    return found


def unit_byte(unit):
    """The byte that a unit stands for."""
    if len(unit) == 4:
        return int(unit[2:], 16)
    return unit[-1]


# ---- Braces ----


def expand(text):
    """All the results of expanding braces, as lists of units."""
    results = expand_units(units(text))
    if len(results) > BRACE_MAX:
        raise GlobError(f"more than {BRACE_MAX} results")
    return results


def expand_units(text):
    if b"{" not in text:
        if b"}" in text:
            raise GlobError("a brace that was never opened")
        return [text]
    start = text.index(b"{")
    choices, end = split_brace(text, start)
    if b"}" in text[:start]:
        raise GlobError("a brace that was never opened")
    tails = expand_units(text[end + 1:])
    return [text[:start] + head + tail for choice in choices for head in expand_units(choice) for tail in tails]


def split_brace(text, start):
    """The choices of the brace at `start`, and where it closes."""
    choices = [[]]
    depth = 0
    for i in range(start, len(text)):
        unit = text[i]
        depth += (unit == b"{") - (unit == b"}")
        if depth == 0:
            return choices, i
        if unit == b"," and depth == 1:
            choices.append([])
        elif i > start:
            choices[-1].append(unit)
    raise GlobError("a brace that is never closed")


# ---- Names between slashes ----


def parse(text, is_abstract):
    """All the patterns that a glob stands for, each a tuple of items."""
    patterns = []
    for result in expand(text):
        if not result or not (is_abstract or result[0] == b"/"):
            raise GlobError("empty or not absolute")
        if is_abstract:
            if result == [b"*", b"*"]:
                patterns.append(())  # the empty name
            patterns.append(join(merge([parse_name(name, ABSTRACT_BYTES) for name in split_names(result)])))
            continue
        if result[-1] == b"/":
            patterns.append(parse_path(result + [b"*", b"*"]))
            result = result[:-1]
        patterns.append(parse_path(result) if result else (ord("/"),))
    return patterns


def split_names(text):
    names = [[]]
    for unit in text:
        if unit == b"/":
            names.append([])
        else:
            names[-1].append(unit)
    return names


def parse_path(text):
    names = [narrow(parse_name(name, PATH_BYTES)) for name in split_names(text[1:])]
    if any(name in ([], [ord(".")], [ord("."), ord(".")]) for name in names):
        raise GlobError("an empty, '.' or '..' component")
    return join([[], *merge_any(merge(names))])


def join(names):
    """The items of all names; each has a slash behind it but the last, and DIRS has its own."""
    items = []
    for name in names[:-1]:
        items += name if name == [DIRS] else [*name, ord("/")]
    last = names[-1]
    return tuple(items + ([TAIL] if last == [DIRS] else last))


def parse_name(name, any_byte):
    """The items of one name; `**` is DIRS, also where it closes the glob."""
    if name == [b"*", b"*"]:
        return [DIRS]
    if name == [b"*"]:
        return [any_byte, STAR]
    items = []
    i = 0
    while i < len(name):
        if name[i:i + 2] == [b"*", b"*"]:
            raise GlobError("'**' is not a whole component")
        if name[i] == b"[":
            item, i = parse_class(name, i, any_byte)
        else:
            item = {b"*": STAR, b"?": any_byte}.get(name[i], unit_byte(name[i]))
            i += 1
        if item in (PATH_BYTES, ABSTRACT_BYTES) and items[-1:] == [STAR]:
            items.insert(-1, item)
        elif item != STAR or not star_covers(items):
            items.append(item)
    return items


def parse_class(name, start, any_byte):
    """The bytes of the class that opens at `start`, and the index behind it."""
    is_negated = name[start + 1:start + 2] == [b"!"]
    first = start + 1 + is_negated
    if b"]" not in name[first + 1:]:
        raise GlobError("a class that is never closed")
    end = name.index(b"]", first + 1)  # as the first member it is itself
    inside = name[first:end]
    members = set()
    i = 0
    while i < len(inside):
        first = last = unit_byte(inside[i])
        if inside[i + 1:i + 2] == [b"-"] and i + 2 < len(inside):
            last = unit_byte(inside[i + 2])
            i += 2
        if last < first:
            raise GlobError("a range that runs backwards")
        members.update(range(first, last + 1))
        i += 1
    if not members:
        raise GlobError("an empty class")
    members = any_byte - members if is_negated else any_byte & members
    return (min(members) if len(members) == 1 else members), end + 1


# The rest writes one set of names in one way: a class of one byte is that byte, of several `*` with only `?` between
# one is enough and stands last, and so on. Without it a pattern that covers less could rank below one that covers more.


def star_covers(items):
    """Whether only `?` stand between the end and an earlier `*`."""
    for item in reversed(items):
        if item not in (PATH_BYTES, ABSTRACT_BYTES):
            return item == STAR
    return False


def narrow(name):
    """No name is '.' or '..': what only these would match of the pattern of a name is taken out of it."""
    sets = [i for i, item in enumerate(name) if isinstance(item, frozenset)]
    rest = [item for item in name if not isinstance(item, frozenset)]
    if len(sets) == 1 and rest in ([], [ord(".")]) and name[sets[0]] != PATH_BYTES:
        members = name[sets[0]] - {ord(".")}
        if members | {ord(".")} == PATH_BYTES:
            members = PATH_BYTES
        name = list(name)
        name[sets[0]] = min(members) if len(members) == 1 else members
    if name.count(STAR) == 1 and is_short_of_a_byte(name):
        at = name.index(STAR)
        name = [*name[:at], PATH_BYTES, *name[at:]]
    return name


def is_short_of_a_byte(name):
    """Whether the stars of a name must take a byte, as what is fixed is '.' or '..'. (`*.*` can't be written so.)"""
    rest = [item for item in name if item != STAR]
    return STAR in name and rest in ([ord(".")], [ord(".")] * 2)


def merge(names):
    """Several `**` in a row are one."""
    return [name for i, name in enumerate(names) if name != [DIRS] or names[i + 1:i + 2] != [[DIRS]]]


def merge_any(names):
    """Among `**` and `*` in a row one `**` is enough; it may stand anywhere, so it stands last, where it closes too."""
    merged = []
    for name in names:
        if name == [PATH_BYTES, STAR] and merged[-1:] == [[DIRS]]:
            merged.insert(-1, name)
        elif name != [DIRS] or merged[-1:] != [[DIRS]]:
            merged.append(name)
    if names[-1] == [PATH_BYTES, STAR] and merged[-1] == [DIRS]:
        merged.pop(-2)
    return merged


# ---- Rank and match ----


def rank(items, is_abstract=False):
    """(fixed beginning, shortest match, fixed bytes, choices, wildcards)"""
    beginning = 0
    while beginning < len(items) and isinstance(items[beginning], int):
        beginning += 1
    fixed = sum(isinstance(item, int) for item in items)
    tails = items.count(TAIL)
    names = [[]]
    for item in items:
        if item == ord("/"):
            names.append([])
        elif item not in (DIRS, TAIL):
            names[-1].append(item)
    any_bytes = tails + (0 if is_abstract else sum(map(is_short_of_a_byte, names)))
    sizes = [len(item) for item in items if isinstance(item, frozenset)]
    sizes += any_bytes * [len(ABSTRACT_BYTES if is_abstract else PATH_BYTES)]
    wildcards = items.count(STAR) + items.count(DIRS) + 2 * tails
    return beginning, fixed + len(sizes), fixed, sum(sizes), wildcards


def matches(items, name, is_abstract=False):
    beginning = rank_beginning(items)
    if name[:len(beginning)] != beginning:
        return False
    return match_from(items, len(beginning), name, len(beginning), is_abstract)


def rank_beginning(items):
    fixed = []
    for item in items:
        if not isinstance(item, int):
            break
        fixed.append(item)
    return bytes(fixed)


def match_from(items, i, name, at, is_abstract):
    """Whether the items from `i` on match the name from `at` on."""
    if i == len(items):
        return at == len(name)
    item = items[i]
    if item == TAIL:
        return at < len(name) - (BUG == "tail")
    if item == STAR:
        ends = star_ends(name, at)
    elif item == DIRS:
        ends = dirs_ends(name, at, is_abstract)
    elif at < len(name) and (item == name[at] if isinstance(item, int) else name[at] in item):
        ends = (at + 1,)
    else:
        ends = ()
    return any(match_from(items, i + 1, name, end, is_abstract) for end in ends)


def star_ends(name, at):
    """Where `*` may stop: it takes no slash."""
    yield at
    while at < len(name) and name[at] != ord("/"):
        at += 1
        yield at


def dirs_ends(name, at, is_abstract):
    """Where an inner `**` may stop: behind any number of names, each with its slash."""
    yield at
    while True:
        slash = name.find(b"/", at)
        if slash < 0 or (slash == at and not is_abstract):
            return
        at = slash + 1
        yield at
