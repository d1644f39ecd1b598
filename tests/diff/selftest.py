#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""selftest.py - what the language's description says, sentence by sentence, asked of the reference.

With '--engine DIFF-POLICY' the engine is asked the same; then bugs are planted in the reference, and the comparison of
the two must notice each. '--write FOLDER' only writes the policies down, for the fuzzers.
"""
import itertools
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import glob_reference as globs
import object_reference as objects
import reference

# (glob, name, whether it matches)
GLOBS = [
    ("/d", "/d", True), ("/d", "/d/x", False), ("/d", "/dx", False),
    ("/d/**", "/d", False), ("/d/**", "/d/x", True), ("/d/**", "/d/x/y", True), ("/d/**", "/dx/y", False),
    ("/d/", "/d", True), ("/d/", "/d/x", True), ("/d/", "/d/x/y", True), ("/d/", "/dx", False),
    ("/", "/", True), ("/", "/a", True), ("/", "/a/b", True), ("/**", "/", False), ("/**", "/a", True),
    ("/*", "/a", True), ("/*", "/.a", True), ("/*", "/", False), ("/*", "/a/b", False),
    ("/a*", "/a", True), ("/a*", "/ab", True), ("/a*", "/ab/c", False), ("/*a", "/ba", True), ("/*a", "/b/a", False),
    ("/a*b", "/ab", True), ("/a*b", "/a/b", False), ("/a?", "/ab", True), ("/a?", "/a", False), ("/a?b", "/a/b", False),
    ("/a?", "/a\xff", True), ("/[a-c]", "/b", True), ("/[a-c]", "/d", False), ("/[!a-c]", "/d", True),
    ("/[!a-c]", "/b", False), ("/[!a-c]", "/\xff", True), ("/x[!a]y", "/x/y", False), ("/x[+-9]y", "/x/y", False),
    ("/**/.ssh/id_*", "/root/.ssh/id_rsa", True), ("/**/.ssh/id_*", "/.ssh/id_", True),
    ("/**/.ssh/id_*", "/a/b/.ssh/id_x", True), ("/**/.ssh/id_*", "/a/b.ssh/id_x", False),
    ("/**/.ssh/id_*", "/a/.ssh/x/id_x", False), ("/a/**/b", "/a/b", True), ("/a/**/b", "/a/x/y/b", True),
    ("/a/**/b", "/ab", False), ("/a/**/b", "/a/xb", False), ("/**/__pycache__/**", "/x/__pycache__/y", True),
    ("/**/__pycache__/**", "/x/__pycache__", False), ("/{a,b}", "/a", True), ("/{a,b}", "/b", True),
    ("/{a,b}", "/{a,b}", False), ("/{a,b{c,d/e}}x", "/ax", True), ("/{a,b{c,d/e}}x", "/bcx", True),
    ("/{a,b{c,d/e}}x", "/bd/ex", True), ("/{a,b{c,d/e}}x", "/bx", False), ("/a{,b}", "/a", True), ("/a{,b}", "/ab", True),
    ("/a\\*", "/a*", True), ("/a\\*", "/ab", False), ("/\\{a,b\\}", "/{a,b}", True), ("/\\x61", "/a", True),
    ("/a\\x20b", "/a b", True), ("/a\\;b", "/a;b", True), ("/a#b=c", "/a#b=c", True), ("/[a\\]]", "/]", True),
    ("/a,b", "/a,b", True), ("/{a,b/}", "/b/c", True), ("/{a,b/}", "/a/c", False), ("/\xc3\xa9", "/\xc3\xa9", True),
]
ABSTRACT_GLOBS = [
    ("a", "a", True), ("a*", "ab", True), ("a*", "a/b", False), ("a/**", "a/b/c", True), ("**", "/x", True),
    ("**", "", True), ("*", "", False), ("a/**", "a/", False),
    ("a\\x00b", "a\0b", True), ("a?b", "a\0b", True), ("/tmp/.X11-unix/*", "/tmp/.X11-unix/X0", True),
]
BAD_OBJECTS = [
    ("open", ""), ("open", "etc/passwd"), ("open", "/a//b"), ("open", "/a/./b"), ("open", "/a/../b"), ("open", "/.."),
    ("open", "//"), ("open", "/a**b"), ("open", "/a**"), ("open", "/**a"), ("open", "/***"), ("open", "/{a,b"),
    ("open", "/a}"), ("open", "/[a"), ("open", "/[c-a]"), ("open", "/a\\"), ("open", "/{a,.}"), ("open", "jit:"),
    ("open", "/" + "{a,b}" * 7), ("connect", "10.0.0.1/8"), ("connect", "10.0.0.0/33"), ("connect", "::1/64"),
    ("connect", "10.0.0.0/8 port 0"), ("connect", "10.0.0.0/8 port 9-8"), ("connect", "10.0.0.0/8 port 65536"),
    ("connect", "any port 22 tcp udp"), ("connect", "any 256"), ("connect", "family:nosuch"), ("connect", "1.2.3"),
    ("system", "mounts"), ("system", "Mount"), ("system", "/mnt"), ("system", "anon:"), ("system", "mount bpf"),
    ("system", "*"), ("exec", "mount"), ("connect", "mount"),
]
# (outranks, is outranked)
RANKS = [
    ("/etc/resolv.conf", "/etc/**"), ("/a/b/**", "/a/**/b/c/d/e"), ("/ab*", "/a*b"), ("/a*b", "/a*"), ("/a", "/"),
    ("/*/bb", "/*/*b"), ("/*b", "/*?"), ("/[ab]", "/[a-c]"), ("/[a-z]", "/?"), ("/?", "/*"), ("/*", "/**"),
    ("/**/a", "/**"), ("/a/*/c", "/a/**/c"), ("/d/*", "/d/**"), ("/d", "/d*"), ("/x[a]b", "/xab*"), ("/[!a]", "/?"),
    ("/*?*?*", "/**/??*"), ("/a?", "/a*"), ("/ab/*", "/a*/*"),
]
NETWORK_RANKS = [
    ("10.0.0.0/9", "10.0.0.0/8 port 22 tcp"), ("10.0.0.0/8 port 22", "10.0.0.0/8 port 22,23"),
    ("10.0.0.0/8 port 1-65535", "10.0.0.0/8 tcp"), ("10.0.0.0/8 port 22 tcp", "10.0.0.0/8 port 22"),
    ("10.0.0.0/8 tcp", "10.0.0.0/8"), ("0.0.0.0/0", "any port 22 tcp"), ("0.0.0.0/0", "any"), ("::/0", "any"),
    ("::ffff:10.0.0.0/104 tcp", "10.0.0.0/8"), ("10.0.0.0/8 port 22,22-23", "10.0.0.0/8 port 22-24"),
]
SAMPLE = """[policy]
version = 1                     ; required
mode    = enforce
[list secrets]
item = /etc/shadow
item = /**/.ssh/id_*
[list homes]
item = /home/*
[exec]
default = allow
deny    = /tmp/**
deny    = anon:
deny    = foreign:/**
[open]
default     = allow
never.read  = $secrets
deny.write  = /etc/**
allow.write = /etc/resolv.conf
deny.quiet  = /**/__pycache__/**
audit       = /var/a
audit.quiet = /var/b
allow.log   = /var/c
deny.read   = /both
audit.write = /both
deny        = $homes/.gnupg/**
allow       = /etc/shadow
[connect]
default = allow
log     = all
never   = 169.254.169.254
deny    = 10.0.0.0/8 port 22,8000-8100 tcp
allow   = 10.1.2.3 port 22
deny    = unix:/run/secret/*
deny    = unix:@x*
audit   = family:alg
deny    = 2001:db8::/32
deny    = ::ffff:192.0.2.0/120
deny    = 198.51.100.1 icmp
deny    = 198.51.100.2 raw
deny    = 198.51.100.3 50
deny    = fe80::1 icmp
allow   = 169.254.0.0/16
[list kernels]
item = kexec
item = module
[system]
default = audit
deny    = mount
never   = $kernels
allow   = bpf
allow.log = ptrace
"""
# (section, object, access, verdict, line, recorded)
ANSWERS = [
    ("exec", "/bin/sh", "", "allow", 0, False), ("exec", "/tmp/x", "", "deny", 11, True),
    ("exec", "/tmp", "", "allow", 0, False), ("exec", "anon:", "", "deny", 12, True),
    ("exec", "foreign:/bin/sh", "", "deny", 13, True), ("exec", "foreign:/tmp/x", "", "deny", 13, True),
    ("exec", "unresolved:", "", "deny", 11, True), ("exec", "userns:", "", "deny", 11, True),
    ("exec", "jit:", "", "allow", None, False),
    ("open", "/etc/shadow", "read", "deny", 16, True), ("open", "/etc/shadow", "write", "allow", 26, False),
    ("open", "/etc/shadow", "read write", "deny", 16, True), ("open", "/root/.ssh/id_rsa", "read", "deny", 16, True),
    ("open", "/root/.ssh/id_rsa", "write", "allow", 0, False), ("open", "/etc/passwd", "read", "allow", 0, False),
    ("open", "/etc/passwd", "write", "deny", 17, True), ("open", "/etc/passwd", "read write", "deny", 17, True),
    ("open", "/etc/resolv.conf", "write", "allow", 18, False), ("open", "/x/__pycache__/y", "read", "deny", 19, False),
    ("open", "/var/a", "read", "audit", 20, True), ("open", "/var/b", "read", "audit", 21, False),
    ("open", "/var/c", "write", "allow", 22, True), ("open", "/both", "read write", "deny", 23, True),
    ("open", "/both", "write", "audit", 24, True), ("open", "/home/u/.gnupg/x", "read", "deny", 25, True),
    ("open", "/home/u/v/.gnupg/x", "read", "allow", 0, False), ("open", "userns:", "read", "allow", 0, False),
    ("open", "unresolved:", "read", "deny", 16, True), ("open", "unresolved:", "write", "deny", 17, True),
    ("open", "anon:", "read", "allow", 0, False), ("open", "foreign:/etc/shadow", "read", "allow", 0, False),
    ("connect", "169.254.169.254:6:80", "", "deny", 30, True), ("connect", "169.254.1.1:6:80", "", "allow", 42, True),
    ("connect", "10.0.0.1:6:22", "", "deny", 31, True), ("connect", "10.0.0.1:17:22", "", "allow", 0, True),
    ("connect", "10.0.0.1:6:23", "", "allow", 0, True), ("connect", "10.0.0.1:6:8000", "", "deny", 31, True),
    ("connect", "10.0.0.1:6:8100", "", "deny", 31, True), ("connect", "10.0.0.1:6:8101", "", "allow", 0, True),
    ("connect", "10.0.0.1:6:7999", "", "allow", 0, True), ("connect", "10.0.0.1:1:0", "", "allow", 0, True),
    ("connect", "10.1.2.3:6:22", "", "allow", 32, True), ("connect", "10.1.2.3:6:8000", "", "deny", 31, True),
    ("connect", "unix:/run/secret/s", "", "deny", 33, True), ("connect", "unix:/run/secret/a/s", "", "allow", 0, True),
    ("connect", "unix:@xy", "", "deny", 34, True), ("connect", "unix:@y", "", "allow", 0, True),
    ("connect", "family:alg", "", "audit", 35, True), ("connect", "family:vsock", "", "allow", 0, True),
    ("connect", "2001:db8::1:6:1", "", "deny", 36, True), ("connect", "2001:db9::1:6:1", "", "allow", 0, True),
    ("connect", "192.0.2.255:17:53", "", "deny", 37, True), ("connect", "192.0.3.0:17:53", "", "allow", 0, True),
    ("connect", "198.51.100.1:1:0", "", "deny", 38, True), ("connect", "198.51.100.1:257:0", "", "allow", 0, True),
    ("connect", "198.51.100.2:257:0", "", "deny", 39, True), ("connect", "198.51.100.2:1:0", "", "allow", 0, True),
    ("connect", "198.51.100.3:306:0", "", "deny", 40, True), ("connect", "fe80::1:58:0", "", "deny", 41, True),
    ("connect", "fe80::1:1:0", "", "allow", 0, True), ("connect", "unresolved:", "", "deny", 30, True),
    ("system", "userns", "", "audit", 0, True), ("system", "mount", "", "deny", 48, True),
    ("system", "kexec", "", "deny", 49, True), ("system", "module", "", "deny", 49, True),
    ("system", "bpf", "", "allow", 50, False), ("system", "ptrace", "", "allow", 51, True),
]
# (policy, section, object, access, verdict, line, recorded): what the sample does not show
MORE = [
    ("[exec]\ndeny = /a", "exec", "/a", "", "audit", 2, True),
    ("[policy]\nversion=1\nmode=enforce\n[exec]\nmode=audit\ndeny = /a", "exec", "/a", "", "audit", 6, True),
    ("[exec]\nmode=enforce\ndeny = /a", "exec", "/a", "", "deny", 3, True),
    ("[exec]\nmode=enforce\ndefault=deny\nallow = jit:", "exec", "jit:", "", "allow", 4, False),
    ("[exec]\nmode=enforce\ndefault=deny", "exec", "jit:", "", "allow", None, False),
    ("[exec]\nmode=enforce\ndefault=deny", "exec", "anon:", "", "deny", 0, True),
    ("[exec]\nmode=enforce\ndefault=deny\nlog=none", "exec", "/a", "", "deny", 0, False),
    ("[exec]\nmode=enforce\nlog=none\ndeny=/a\ndeny.log=/b", "exec", "/a", "", "deny", 4, False),
    ("[exec]\nmode=enforce\nlog=none\ndeny=/a\ndeny.log=/b", "exec", "/b", "", "deny", 5, True),
    ("[exec]\nmode=enforce\ndeny=/a\nallow=unresolved:", "exec", "unresolved:", "", "allow", 4, False),
    ("[exec]\nmode=enforce\ndeny=/a\nallow=unresolved:", "exec", "userns:", "", "allow", 4, False),
    ("[exec]\nmode=enforce\ndeny=/a\nallow=userns:", "exec", "userns:", "", "allow", 4, False),
    ("[exec]\nmode=enforce\ndeny=/a\nallow=userns:", "exec", "unresolved:", "", "deny", 3, True),
    ("[open]\nmode=enforce\ndefault=deny\naudit=/a", "open", "unresolved:", "read", "deny", 0, True),
    ("[open]\nmode=enforce\naudit.write=/a", "open", "unresolved:", "read", "allow", 0, False),
    ("[open]\nmode=enforce\naudit.write=/a", "open", "unresolved:", "write", "audit", 3, True),
    ("[open]\nmode=enforce\ndeny=/a/*\nallow.read=/a/*", "open", "/a/b", "read", "allow", 4, False),
    ("[open]\nmode=enforce\ndeny=/a/*\nallow.read=/a/*", "open", "/a/b", "write", "deny", 3, True),
    ("[open]\nmode=enforce\ndeny.read=/a/*\nallow=/a/?", "open", "/a/b", "read", "allow", 4, False),
    ("[open]\nmode=enforce\nallow=/?/b\ndeny=/?[b]b", "open", "/a/b", "read", "allow", 3, False),
    ("[open]\nmode=enforce\nallow=/[ab]x\naudit=/[ac]x", "open", "/ax", "read", "audit", 4, True),
    ("[open]\nmode=enforce\ndeny=/[ab]x\naudit=/[ac]x", "open", "/ax", "read", "deny", 3, True),
    ("[open]\nmode=enforce\ndeny=/[ab]x\ndeny.quiet=/[ac]x", "open", "/ax", "read", "deny", 3, True),
    ("[open]\nmode=enforce\ndeny.quiet=/[ac]x\ndeny=/[ab]x", "open", "/ax", "read", "deny", 3, False),
    ("[open]\nmode=enforce\nnever=/**\nallow=/a/b/c", "open", "/a/b/c", "read", "deny", 3, True),
    ("[open]\nmode=enforce\nnever=/**\nnever=/a/*", "open", "/a/b", "read", "deny", 4, True),
    ("[open]\nmode=audit\naudit.write=/a\ndeny.read=/a", "open", "/a", "read write", "audit", 4, True),
    ("[open]\nmode=enforce\ndeny=foreign:/a/*\nallow=foreign:/a/b", "open", "foreign:/a/b", "read", "allow", 4, False),
    ("[open]\nmode=enforce\ndeny=/**", "open", "foreign:/a", "read", "allow", 0, False),
    ("[open]\nmode=enforce\ndeny=/**", "open", "anon:", "read", "allow", 0, False),
    ("[open]\nmode=enforce\ndeny=/?b\nallow.write.read=/a?", "open", "/ab", "read write", "allow", 4, False),
    ("[open]\nmode=enforce\ndeny=/a?*\nallow.write.read=/a*?", "open", "/ab", "read write", "allow", 4, False),
    ("[connect]\nmode=enforce\ndeny=any", "connect", "1.2.3.4:6:1", "", "deny", 3, True),
    ("[connect]\nmode=enforce\ndeny=any", "connect", "2001::1:6:1", "", "deny", 3, True),
    ("[connect]\nmode=enforce\ndeny=any", "connect", "unix:/a", "", "allow", 0, False),
    ("[connect]\nmode=enforce\ndeny=::/0", "connect", "1.2.3.4:6:1", "", "allow", 0, False),
    ("[connect]\nmode=enforce\ndeny=any port 1-65535", "connect", "1.2.3.4:1:0", "", "allow", 0, False),
    ("[system]\ndeny = mount", "system", "mount", "", "audit", 2, True),
    ("[system]\nmode=enforce\ndeny = mount", "system", "mount", "", "deny", 3, True),
    ("[system]\nmode=enforce\ndeny = mount", "system", "userns", "", "allow", 0, False),
    ("[system]\nmode=enforce\ndeny.quiet = mount\ndefault=deny", "system", "mount", "", "deny", 3, False),
    ("[exec]\nmode=enforce\ndefault=deny", "system", "mount", "", "allow", 0, False),
    ("[exec]\nmode=enforce\ndeny=$l/b\n[list l]\nitem=/a\nitem=/c", "exec", "/c/b", "", "deny", 3, True),
    ("[exec]\nmode=enforce\ndeny=/a b", "exec", "/a b", "", "deny", 3, True),
    ("[exec]\nmode=enforce\ndeny=/a\\; b", "exec", "/a; b", "", "deny", 3, True),
    ("[exec]\nmode=enforce\ndeny=/a;b", "exec", "/a;b", "", "deny", 3, True),
]
BAD_POLICIES = [
    "[exec]\nalow = /a", "[exec]\ndeny.read = /a", "[open]\ndeny.read.read = /a", "[open]\ndeny.quiet.log = /a",
    "[system]\ndeny.read = mount", "[system]\ndeny = mount\nallow = mount", "[system]\nnever = bpf\ndeny = bpf",
    "[system web]\ndeny = mount", "[system]\nlockdown = yes",
    "[open]\ndeny = /a\nallow = /a", "[open]\ndeny.read = /a\nnever.read = /a", "[nosuch]", "[exec]\n[exec]",
    "[exec]\n deny = /a", "[exec]\ndeny /a", "[exec]\ndeny = $nosuch", "[exec]\ndeny = /" + "a" * 190, "[exec] x",
]
MUTATIONS = ("rank", "suffix", "never", "log", "any", "tail", "ports", "word", "layer", "choice")


def make_case(section, text, access):
    """What people write, as a case."""
    bits = {"": 1, "read": 1, "write": 2, "read write": 3}[access]
    kind, name, its_class, port = None, b"", 0, 0
    if text in objects.SPECIAL:
        kind = objects.SPECIAL[text]
    elif section == "system":
        kind, name = objects.SYSTEM, bytes([objects.SYSTEM_WORDS[text]])
    elif text.startswith("family:"):
        kind, name = objects.FAMILY, bytes([getattr(socket, "AF_" + text[7:].upper())])
    elif ":" in text and section == "connect" and not text.startswith("unix:"):
        address, its_class, port = text.rsplit(":", 2)
        kind = objects.IP6 if ":" in address else objects.IP4
        name = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    else:
        for prefix, kind in (("foreign:", objects.FOREIGN), ("unix:@", objects.UNIX_ABSTRACT),
                             ("unix:", objects.UNIX_PATH), ("", objects.PATH)):
            if text.startswith(prefix):
                name = text[len(prefix):].encode("latin-1")
                break
    return reference.Case(section, kind, bits, int(its_class), int(port), 0, name)


def short_answer(line):
    """[verdict, line or None, recorded] of a line of answers."""
    verdict, ref = (line.split() + ["-", "-"])[:2]
    if ref == "-":
        return [verdict, None, False]
    _, number, recorded = ref.split(":")
    return [verdict, int(number), recorded == "1"]


class Checker:
    def __init__(self):
        self.engine = None  # diff-policy: asked the same if given
        self.checks = 0
        self.failures = 0

    def check(self, is_true, what):
        self.checks += 1
        if not is_true:
            self.failures += 1
            print(f"selftest: {what}")

    def globs(self):
        for is_abstract, table in ((False, GLOBS), (True, ABSTRACT_GLOBS)):
            for glob, name, expected in table:
                found = any(globs.matches(items, name.encode("latin-1"), is_abstract)
                            for items in globs.parse(glob.encode("latin-1"), is_abstract))
                self.check(found == expected, f"{glob!r} matches {name!r}: {found}, expected {expected}")

    def bad_texts(self):
        for text in [f"[{section}]\ndeny = {text}" for section, text in BAD_OBJECTS] + BAD_POLICIES:
            text = "[policy]\nversion = 1\n" + text
            try:
                reference.parse(text.encode())
                self.check(False, f"accepted: {text!r}")
            except reference.PolicyError:
                self.check(True, "")
            if self.engine:
                self.check(self.ask_engine(text, []) is None, f"the engine accepts {text!r}")

    def ranks(self):
        for section, table in (("open", RANKS), ("connect", NETWORK_RANKS)):
            for above, below in table:
                first, second = (min(o[2] for o in objects.parse_object(section, text)) for text in (above, below))
                self.check(first < second, f"{above} does not outrank {below}")

    def answers(self):
        for text, rows in [(SAMPLE, ANSWERS)] + [(text, [row]) for text, *row in MORE]:
            # At the end, so that no line moves.
            text += "" if "version" in text else "\n[policy]\nversion = 1\n"
            policy = reference.parse(text.encode())
            cases = [make_case(*row[:3]) for row in rows]
            found = {"reference": [reference.answer_line(policy, case) for case in cases]}
            if self.engine:
                found["engine"] = self.ask_engine(text, cases) or [""] * len(rows)
            for (who, answers), (i, row) in itertools.product(found.items(), enumerate(rows)):
                section, name, access, *expected = row
                self.check(short_answer(answers[i]) == expected,
                           f"{who}: {section} {name} {access}: {answers[i]}, expected {expected}")

    def ask_engine(self, text, cases):
        """The lines that diff-policy answers, None if it refuses the policy."""
        with tempfile.TemporaryDirectory() as folder:
            policy, file = Path(folder) / "policy.ini", Path(folder) / "cases"
            policy.write_bytes(text.encode("latin-1"))
            file.write_text("".join(
                f"{reference.SECTIONS.index(case.section)} {case.kind} {case.access} {case.its_class} {case.port} "
                f"{reference.RULES_ONLY if case.kind == objects.JIT else 0} {case.profile} {case.name.hex() or '-'}\n"
                for case in cases))
            result = subprocess.run([self.engine, policy, file], capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1):
            self.check(False, f"diff-policy ended with {result.returncode}: {result.stderr[:500]}")
        return result.stdout.splitlines() if result.returncode == 0 else None

    def covering_less_never_ranks_below(self):
        """Every two short globs of a tiny alphabet, judged by all the names up to a length."""
        short = [bytes(name) for size in (1, 2, 3) for name in itertools.product(b"ab.c", repeat=size)]
        short = [name for name in short if name not in (b".", b"..")]
        deep = [b"a", b"b", b"c", b".a", b"ab", b"a.", b"..a"]
        names = [b"/" + b"/".join(parts) for depth, choice in ((1, short), (2, short[:18] + [b"..a"]), (3, deep))
                 for parts in itertools.product(choice, repeat=depth)]
        words = ["a", "?", "*", "**", "?*", ".*", "[!.]", "??", "a*", "*a", "*?*", "b", "[ab]", ".?", ".[!.]", "*.", "*.*",
                 "[.a]", "a?", "*a*", "[b]", "[!a]*", "*?*?*", "[!a]", "[.a]*", "??*"]
        texts = ["/" + "/".join(parts) for depth, count in ((1, 26), (2, 22), (3, 8))
                 for parts in itertools.product(words[:count], repeat=depth)]
        covers = {}
        texts_of = {}
        for text in texts:
            items, = globs.parse(text.encode(), False)
            texts_of[items] = text
            covers[items] = frozenset(i for i, name in enumerate(names) if globs.matches(items, name))
        wrong = [(texts_of[a], texts_of[b]) for (a, less), (b, more) in itertools.permutations(covers.items(), 2)
                 if less and less < more and objects.glob_rank(b, False) < objects.glob_rank(a, False)]
        self.check(not wrong, f"{len(wrong)} globs cover less and rank below, such as {wrong[:5]}")

    def mutations(self):
        """A comparison that cannot fail is no test."""
        for bug in ("", *MUTATIONS):
            with tempfile.TemporaryDirectory() as folder:
                env = {**os.environ, "PORTCULLIS_REFERENCE_BUG": bug, "DIFF_KEEP": folder, "DIFF_POLICY": str(self.engine)}
                result = subprocess.run([Path(__file__).resolve().parent / "run.sh", "10", "1000", "7"], env=env,
                                        capture_output=True, text=True, check=False)
            found = "diff: 10000 objects in 10 policies" in result.stdout and result.returncode == 1
            self.check(found == bool(bug), f"the planted bug '{bug}': {result.stdout[-200:]}{result.stderr[-200:]}")


def write_policies(folder):
    for i, text in enumerate([SAMPLE, *(row[0] for row in MORE)]):
        text += "" if "version" in text else "\n[policy]\nversion = 1\n"
        (folder / f"{i}.ini").write_bytes(text.encode("latin-1"))


def main():
    if "--write" in sys.argv:
        write_policies(Path(sys.argv[-1]))
        return 0
    checker = Checker()
    if "--engine" in sys.argv:
        checker.engine = Path(sys.argv[sys.argv.index("--engine") + 1])
    checker.globs()
    checker.bad_texts()
    checker.ranks()
    checker.answers()
    checker.covering_less_never_ranks_below()
    if checker.engine:
        checker.mutations()
    print(f"selftest: {checker.checks} checks, {checker.failures} failures")
    return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main())
