#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""generate.py - random policies whose rules overlap heavily, and objects that lie on and beside their borders.

'generate.py DIR POLICIES OBJECTS SEED [WILDEST]' writes DIR/N.ini and DIR/N.cases; WILDEST, up to 1, is the share of
wildcards in the wildest policies (0.4: their images fit the smallest map). A line of the latter is one object:
section, kind, access bits, protocol class, port, ask bits (all decimal, as in portcullis/abi.h), the profile that asks
or -, the bytes in hex or -. Or a program that is started: `start`, user, groups with commas, its name in hex or -.
"""
import random
import sys
from pathlib import Path

import glob_reference as globs
import object_reference as objects
import reference

LETTERS = "aabbc."
NAMES = ("a", "b", "ab", "ba", "abc", "aab", ".a", "a.b", "c", "bc", "etc", "lib")
ODD_BYTES = (0x01, 0x1f, 0x20, 0x2a, 0x3b, 0x5c, 0x7f, 0x80, 0xc3, 0xff)
FAMILIES = {"netlink": 16, "packet": 17, "can": 29, "bluetooth": 31, "alg": 38,
            "vsock": 40, "xdp": 44}
VERBS = ("allow", "allow", "audit", "deny", "deny", "never")
CLASSES = (1, 6, 17, 58, 115, 132, 255, 257, 262, 511)
WITH_PORTS = (6, 17, 132)
SECTION_NUMBERS = {"exec": 0, "open": 1, "connect": 2, "system": 3}
USERS = (0, 1, 2, 1000, 65534, 4294967294)
PROFILE_NAMES = ("web", "db", "a", "Z", "a.b", "a-b", "ab", "0", "x_y", "p" * 32)
SYSTEM_BYTES = (*objects.SYSTEM_WORDS.values(), *objects.SYSTEM_WORDS.values(), 0, 7, 255)


class PolicyWriter:
    """Random policy text."""

    def __init__(self, rng, wildest):
        self.rng = rng
        # Some policies are mostly literal, some mostly wild: automata of the latter grow fast.
        self.wildness = rng.choice([share for share in (0.1, 0.25, 0.4, 0.7, 1.0) if share <= wildest])
        self.lines = []
        self.exes = []
        self.seen = {}

    def chance(self, probability):
        return self.rng.random() < probability

    # ---- Globs ----

    def letters(self, low, high):
        return "".join(self.rng.choice(LETTERS) for _ in range(self.rng.randint(low, high)))

    def character_class(self):
        inside = self.rng.choice(("a-c", "ab", "b", "a-bd-f", "a\\]", "a-z.", "\\x61-\\x62", "b-b", "+-a", "0-9"))
        return "[" + ("!" if self.chance(0.3) else "") + inside + "]"

    def odd(self):
        byte = self.rng.choice(ODD_BYTES)
        if byte in b"*;\\" and self.chance(0.7):
            return "\\" + chr(byte)
        return f"\\x{byte:02x}"

    def braces(self, depth):
        choices = []
        for _ in range(self.rng.randint(2, 3)):
            if depth and self.chance(0.2):
                choices.append(self.letters(0, 1) + self.braces(depth - 1))
            elif self.chance(0.15):
                choices.append(self.letters(1, 2) + "/" + self.letters(1, 2))
            else:
                choices.append(self.letters(1, 3))
        if self.chance(0.1):
            choices[-1] = ""
        return "{" + ",".join(choices) + "}"

    def name(self):
        if not self.chance(self.wildness):
            return self.rng.choice(NAMES) + (self.odd() if self.chance(0.04) else "")
        parts = [self.letters(1, 2)]
        for _ in range(self.rng.randint(1, 2)):
            roll = self.rng.random()
            if roll < 0.35:
                parts.append("*" if parts[-1] != "*" else "a")
            elif roll < 0.55:
                parts.append("?")
            elif roll < 0.75:
                parts.append(self.character_class())
            elif roll < 0.9:
                parts.append(self.braces(1))
            else:
                parts.append(self.letters(1, 2))
        self.rng.shuffle(parts)
        return "".join(parts).replace("**", "*")

    def glob(self, is_path=True):
        """With a slash first if it is a path's."""
        roll = self.rng.random()
        if roll < 0.02 and is_path:
            return "/"
        names = []
        for _ in range(self.rng.randint(1, 4)):
            roll = self.rng.random()
            if roll < 0.3 * self.wildness:
                names.append("**")
            elif roll < 0.6 * self.wildness:
                names.append("*")
            else:
                names.append(self.name())
        if self.chance(0.3):
            names.append("**")
        text = ("/" if is_path else "") + "/".join(names)
        return text + ("/" if is_path and self.chance(0.1) else "")

    # ---- Connect objects ----

    def ports(self):
        parts = []
        for _ in range(self.rng.randint(1, 3)):
            low = self.rng.choice((1, 22, 23, 80, 443, 8000, 8080, 65535, self.rng.randint(1, 65535)))
            high = min(65535, low + self.rng.choice((1, 2, 10, 100, 65535)))
            parts.append(f"{low}-{high}" if self.chance(0.5) else str(low))
        return ",".join(parts)

    def address(self):
        roll = self.rng.random()
        if roll < 0.1:
            return "any"
        if roll < 0.65:
            raw = bytes([10, self.rng.choice((0, 1, 2, 3, 128)), self.rng.choice((0, 1, 255)), self.rng.choice((0, 1, 3))])
            length = self.rng.choice((32, 32, 31, 30, 24, 17, 16, 15, 12, 9, 8, 7, 1, 0))
            raw = cut_address(raw, length)
            text = ".".join(map(str, raw))
            if self.chance(0.1):
                return f"::ffff:{text}/{96 + length}"
        else:
            raw = bytes.fromhex("20010db8") + bytes([0, self.rng.choice((0, 1, 0x80))]) + bytes(9)
            raw += bytes([self.rng.choice((0, 1, 2, 255))])
            length = self.rng.choice((128, 128, 127, 125, 124, 64, 48, 47, 45, 44, 33, 32, 31, 4, 3, 0))
            raw = cut_address(raw, length)
            text = ":".join(raw[i:i + 2].hex() for i in range(0, 16, 2))
        is_host = length == 8 * len(raw)
        return text if is_host and self.chance(0.7) else f"{text}/{length}"

    def connect_object(self):
        roll = self.rng.random()
        if roll < 0.12:
            return "unix:" + self.glob()
        if roll < 0.24:
            return "unix:@" + self.glob(False)
        if roll < 0.32:
            return "family:" + self.rng.choice(list(FAMILIES))
        return self.address() + self.endpoint()

    def endpoint(self):
        text = ""
        if self.chance(0.4):
            return text + " port " + self.ports() + self.rng.choice(("", " tcp", " udp", " sctp"))
        if self.chance(0.35):
            text += " " + self.rng.choice(("tcp", "udp", "sctp", "icmp", "raw", "6", "17", "58", "115", "255"))
        return text

    # ---- Lines ----

    def object(self, section):
        if section == "connect":
            return self.connect_object()
        if section == "system":
            return self.rng.choice(list(objects.SYSTEM_WORDS))
        roll = self.rng.random()
        if roll < 0.05:
            return self.rng.choice(("anon:", "userns:", "unresolved:") + (("jit:",) if section == "exec" else ()))
        if roll < 0.12:
            return "foreign:" + self.glob()
        return self.glob()

    def add_rule(self, section, lists, profile=""):
        verb = self.rng.choice(VERBS)
        access = self.rng.choice(("", "", "", ".read", ".write", ".read", ".write", ".read.write")) if section == "open" else ""
        log = self.rng.choice(("", "", "", ".quiet", ".log"))
        key = verb + (access + log if self.chance(0.5) else log + access)
        value = self.object(section)
        items = [value]
        named = self.rng.choice(sorted(lists)) if lists and self.chance(0.15) else None
        if named:
            rest = self.behind_list(section)
            value = f"${named}{rest}"
            items = [item + rest for item in lists[named]]
        line = self.rng.choice((f"{key} = {value}", f"{key}={value}", f"{key}\t=  {value}  ", f"{key} = {value} ; said so"))
        if len(line) <= reference.LINE_MAX and self.is_new(section, profile, verb, access, items):
            self.lines.append(line)

    def behind_list(self, section):
        if section == "connect":
            return self.endpoint()
        return "" if section == "system" else self.rng.choice(("", "/**", "/a", "/*b"))

    def is_new(self, section, profile, verb, access, items):
        """Whether the rule is one, and no other verb has the same object and access: both are errors."""
        keys = []
        for item in items:
            try:
                parsed = objects.parse_object(section, item)
            except objects.ObjectError:
                return False
            keys += [(section, profile, half, kind, identity) for kind, identity, _, _ in parsed
                     for half in access.split(".")[1:] or [""]]
        if any(self.seen.get(key, verb) != verb for key in keys):
            return False
        self.seen.update({key: verb for key in keys})
        return True

    def lists(self):
        paths = {f"p{i}": ["/" + self.name() for _ in range(self.rng.randint(1, 4))] for i in range(self.rng.randint(0, 2))}
        nets = {f"n{i}": [self.address() for _ in range(self.rng.randint(1, 5))] for i in range(self.rng.randint(0, 2))}
        words = {f"w{i}": [self.object("system") for _ in range(self.rng.randint(1, 3))] for i in range(self.rng.randint(0, 1))}
        return {"exec": paths, "open": paths, "connect": nets, "system": words}

    def write_section(self, section, count, lists, profile=""):
        rng = self.rng
        self.lines = [f"[{section} {profile}]" if profile else f"[{section}]"]
        if self.chance(0.3 if profile else 0.7):
            self.lines.append("default = " + rng.choice(("allow", "audit", "deny")))
        if self.chance(0.5):
            self.lines.append("log = " + rng.choice(("deny", "all", "none")))
        if self.chance(0.3):
            self.lines.append("mode = " + rng.choice(("audit", "enforce")))
        for _ in range(count):
            self.add_rule(section, lists[section], profile)
        return self.lines

    def exe(self):
        """The same program in several profiles, or one that covers many: then what else is asked, or the name, decides."""
        if self.exes and self.chance(0.3):
            return self.rng.choice(self.exes)
        return self.rng.choice(("/**", "/*", "/*/*", "/a/**")) if self.chance(0.4) else self.glob()

    def write_profile(self, name):
        rng = self.rng
        lines = [f"[profile {name}]"]
        if self.chance(0.3):
            lines.append("mode = " + rng.choice(("audit", "enforce")))
        if self.chance(0.3):
            lines.append("scope = " + rng.choice(("family", "process")))
        for key, share, value in (("exe", 0.7, self.exe), ("user", 0.4, lambda: rng.choice(USERS)),
                                  ("group", 0.4, lambda: rng.choice(USERS))):
            for _ in range(rng.randint(1, 3) if self.chance(share) else 0):
                line = f"{key} = {value()}"
                try:
                    reference.parse_profile_key(reference.Profile(name), 0, key, line.split(" = ")[1])
                except reference.PolicyError:
                    continue
                if len(line) > reference.LINE_MAX:
                    continue
                lines.append(line)
                if key == "exe":
                    self.exes.append(line.split(" = ")[1])
        return lines

    def write(self):
        rng = self.rng
        lists = self.lists()
        blocks = [[f"[list {name}]", *(f"item = {item}" for item in items)]
                  for section in ("exec", "connect", "system") for name, items in lists[section].items()]
        count = rng.randint(24, 80)
        shares = (("exec", 0.25), ("open", 0.4), ("connect", 0.35), ("system", 0.1))
        for section, share in shares:
            blocks.append(self.write_section(section, int(share * count) + 1, lists))
        for profile in rng.sample(PROFILE_NAMES, rng.choice((0, 1, 2, 3, 4))):
            blocks.append(self.write_profile(profile))
            for section, share in shares:
                if self.chance(0.7):
                    blocks.append(self.write_section(section, int(share * count / 3) + 1, lists, profile))
        rng.shuffle(blocks)
        head = ["[policy]", "version = 1", f"name = {rng.choice(('web', 'a.b-c_d'))}"]
        if self.chance(0.8):
            head.append("mode = " + rng.choice(("audit", "enforce")))
        return "".join("\n".join(block) + "\n\n" for block in [head, *blocks])


def cut_address(raw, length):
    """`raw` with the bits behind its prefix cleared."""
    bits = 8 * len(raw)
    number = int.from_bytes(raw, "big") >> (bits - length) << (bits - length)
    return number.to_bytes(len(raw), "big")


class CaseWriter:
    """Random objects for one policy."""

    def __init__(self, rng, policy):
        self.rng = rng
        self.rules = {name: [rule for header, section in policy.sections.items() if header.split()[0] == name
                             for rule in section.rules] for name in reference.SECTIONS}
        self.profiles = list(policy.profiles)
        self.exes = [items for profile in policy.profiles.values() for items in profile.exe_items]
        self.ports = sorted({port + step for rule in self.rules["connect"] for port in border_ports(rule)
                             for step in (-1, 0, 1) if 0 <= port + step <= 65535}) or [0, 1, 22]

    def instantiate(self, items):
        """A name that the items match."""
        name = b""
        for item in items:
            if isinstance(item, int):
                name += bytes([item])
            elif isinstance(item, frozenset):
                likely = sorted(item & frozenset(b"abc.etlib")) or sorted(item)
                name += bytes([self.rng.choice(likely if self.rng.random() < 0.8 else sorted(item))])
            elif item == globs.STAR:
                name += self.some_bytes(0, 3)
            elif item == globs.DIRS:
                name += b"".join(self.some_bytes(1, 3) + b"/" for _ in range(self.rng.randint(0, 2)))
            else:
                name += b"/".join(self.some_bytes(1, 3) for _ in range(self.rng.randint(1, 2)))
        return name

    def some_bytes(self, low, high):
        choices = LETTERS.encode() if self.rng.random() < 0.95 else bytes(ODD_BYTES)
        return bytes(self.rng.choice(choices) for _ in range(self.rng.randint(low, high)))

    def mutate(self, name):
        """Changes, drops or adds a byte, cuts, extends, or leaves the name alone."""
        at = self.rng.randint(0, len(name))
        change = self.rng.randrange(7)
        if change == 0:
            return name[:at] + self.some_bytes(1, 1) + name[at + 1:]
        if change == 1:
            return name[:at] + name[at + 1:]
        if change == 2:
            return name[:at] + self.rng.choice((b"/", self.some_bytes(1, 1))) + name[at:]
        if change == 3:
            return name[:at]
        if change == 4:
            return name + self.rng.choice((b"", b"/")) + self.some_bytes(1, 3)
        return name

    def random_name(self):
        names = [self.rng.choice(NAMES).encode() if self.rng.random() < 0.6 else self.some_bytes(1, 4)
                 for _ in range(self.rng.randint(1, 5))]
        return b"/" + b"/".join(names)

    def named(self, section, kind):
        """The bytes of a name, half of them near a rule's."""
        patterns = [rule.identity for rule in self.rules[section] if rule.kind == kind]
        if patterns and self.rng.random() < 0.6:
            name = self.mutate(self.instantiate(self.rng.choice(patterns)))
        else:
            name = self.random_name()
            name = name[kind == objects.UNIX_ABSTRACT:]
        if kind != objects.UNIX_ABSTRACT:
            return canonical(name)
        return name.replace(b"a", b"\0") if self.rng.random() < 0.05 else name

    def address(self, kind):
        size = 4 if kind == objects.IP4 else 16
        known = [rule.identity for rule in self.rules["connect"] if rule.kind == kind]
        if not known or self.rng.random() < 0.15:
            return unmapped(self.rng.randbytes(size))
        bits, prefix = self.rng.choice(known)[:2]
        prefix = max(prefix, 0)
        first = int(bits, 2)
        last = first | (1 << 8 * size - prefix) - 1
        number = self.rng.choice((first, last, first - 1, last + 1, self.rng.randint(first, last)))
        return unmapped((number % (1 << 8 * size)).to_bytes(size, "big"))

    def start(self):
        """A program that is started, as a line."""
        roll = self.rng.random()
        if self.exes and roll < 0.6:
            name = canonical(self.mutate(self.instantiate(self.rng.choice(self.exes)))).hex()
        else:
            name = self.random_name().hex() if roll < 0.95 else "-"
        groups = sorted({str(self.rng.choice(USERS)) for _ in range(self.rng.randint(1, 4))})
        return f"start {self.rng.choice(USERS)} {','.join(groups)} {name}\n"

    def case(self):
        """One line of a case file."""
        if self.profiles and self.rng.random() < 0.1:
            return self.start()
        profile = self.rng.choice(["-", *self.profiles])
        section = self.rng.choices(reference.SECTIONS, (24, 39, 34, 3))[0]
        access = self.rng.randint(1, 3) if section == "open" else 1
        its_class = port = ask = 0
        name = b""
        if section == "connect":
            kind = self.rng.choices((objects.IP4, objects.IP6, objects.UNIX_PATH, objects.UNIX_ABSTRACT, objects.FAMILY,
                                     objects.UNRESOLVED), (40, 25, 13, 13, 6, 3))[0]
        elif section == "system":
            kind = self.rng.choices((objects.SYSTEM, objects.UNRESOLVED), (9, 1))[0]
        else:
            kind = self.rng.choices((objects.PATH, objects.FOREIGN, objects.ANON, objects.USERNS, objects.UNRESOLVED,
                                     objects.JIT), (80, 12, 2, 2, 2, 2 * (section == "exec")))[0]
        if kind in (objects.IP4, objects.IP6):
            name = self.address(kind)
            its_class = self.rng.choice(WITH_PORTS) if self.rng.random() < 0.7 else self.rng.choice(CLASSES)
            if its_class in WITH_PORTS:
                port = self.rng.choice(self.ports) if self.rng.random() < 0.9 else self.rng.randint(0, 65535)
        elif kind == objects.FAMILY:
            name = bytes([self.rng.choice((*FAMILIES.values(), 0, 3, 45))])
        elif kind == objects.SYSTEM:
            name = bytes([self.rng.choice(SYSTEM_BYTES)])
        elif kind in (objects.PATH, objects.FOREIGN, objects.UNIX_PATH, objects.UNIX_ABSTRACT):
            name = self.named(section, kind)
        if profile != "-" and self.rng.random() < 0.15:
            ask = reference.BOTH
        if kind == objects.JIT or (kind == objects.PATH and section == "open" and self.rng.random() < 0.1):
            ask |= reference.RULES_ONLY
        return f"{SECTION_NUMBERS[section]} {kind} {access} {its_class} {port} {ask} {profile} {name.hex() or '-'}\n"


def border_ports(rule):
    if rule.kind not in (objects.IP4, objects.IP6) or not rule.identity[2]:
        return ()
    ports = rule.identity[2]
    return [port for port in ports if port - 1 not in ports or port + 1 not in ports]


def unmapped(raw):
    """A mapped address never reaches a policy as IPv6."""
    return raw if raw[:12] != bytes(10) + b"\xff\xff" else bytes(15) + b"\1"


def canonical(name):
    """What the kernel may be asked for: absolute, no empty, '.' or '..' component, no NUL."""
    names = [part for part in name.replace(b"\0", b"a").split(b"/") if part not in (b"", b".", b"..")]
    return b"/" + b"/".join(names)


def main():
    folder, policies, cases, seed = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    wildest = float(sys.argv[5]) if len(sys.argv) > 5 else 0.4
    for i in range(policies):
        rng = random.Random(f"{seed}.{i}")
        text = PolicyWriter(rng, wildest).write().encode("latin-1")
        writer = CaseWriter(rng, reference.parse(text))
        (folder / f"{i:05}.ini").write_bytes(text)
        (folder / f"{i:05}.cases").write_text("".join(writer.case() for _ in range(cases)))


if __name__ == "__main__":
    main()
