# SPDX-License-Identifier: GPL-2.0-only
"""object_reference.py - the reference's objects: text of a rule's object to what it matches and how it ranks."""
import socket

import glob_reference as globs
from glob_reference import BUG

(PATH, FOREIGN, ANON, USERNS, UNRESOLVED, JIT, UNIX_PATH, UNIX_ABSTRACT, IP4, IP6, FAMILY, SYSTEM) = range(12)
SPECIAL = {"anon:": ANON, "userns:": USERNS, "unresolved:": UNRESOLVED, "jit:": JIT}
PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1}
SYSTEM_WORDS = {"userns": 1, "mount": 2, "bpf": 3, "module": 4, "ptrace": 5, "kexec": 6}
RAW = 256
ANY_PREFIX = -1  # shorter than /0


class ObjectError(Exception):
    """The text is no object of the section."""


def parse_object(section, text):
    """Lists (kind, identity, rank, matches) of all the patterns that one object text stands for."""
    try:
        if section == "connect":
            return parse_connect_object(text)
        if section == "system":
            return [system_object(text)]
        if text in SPECIAL and not (text == "jit:" and section == "open"):
            return [simple_object(SPECIAL[text], text)]
        if text.startswith("foreign:"):
            return glob_objects(FOREIGN, text[len("foreign:"):], False)
        return glob_objects(PATH, text, False)
    except (globs.GlobError, ValueError, OSError, AttributeError) as error:
        raise ObjectError(f"{text}: {error}") from error


def simple_object(kind, identity):
    return kind, identity, (), lambda name, protocol, port: True


def system_object(word):
    if word not in SYSTEM_WORDS:
        raise ValueError("no word of [system]")
    number = SYSTEM_WORDS[word if BUG != "word" or word != "mount" else "bpf"]
    return SYSTEM, number, (), lambda name, protocol, port: name == bytes([number])


def glob_objects(kind, text, is_abstract):
    objects = []
    for items in globs.parse(text.encode("latin-1"), is_abstract):
        def matches(name, _class, _port, items=items):
            return globs.matches(items, name, is_abstract)
        objects.append((kind, items, glob_rank(items, is_abstract), matches))
    return objects


def glob_rank(items, is_abstract):
    beginning, shortest, fixed, choices, wildcards = globs.rank(items, is_abstract)
    if BUG == "rank":
        return (-shortest, -beginning, -fixed, choices, wildcards)
    return (-beginning, -shortest, -fixed, choices, wildcards)


def parse_connect_object(text):
    if text == "unresolved:":
        return [simple_object(UNRESOLVED, text)]
    if text.startswith("unix:@"):
        return glob_objects(UNIX_ABSTRACT, text[len("unix:@"):], True)
    if text.startswith("unix:"):
        return glob_objects(UNIX_PATH, text[len("unix:"):], False)
    if text.startswith("family:"):
        number = bytes([getattr(socket, "AF_" + text[len("family:"):].upper())])
        return [(FAMILY, number, (), lambda name, protocol, port: name == number)]
    return address_objects(text.split())


def address_objects(words):
    address, rest = words[0], words[1:]
    ports = None
    if rest[:1] == ["port"]:
        ports = parse_ports(rest[1])
        rest = rest[2:]
    if len(rest) > 1:
        raise ValueError("more than a protocol")
    objects = []
    for kind, network, prefix in parse_networks(address):
        classes = parse_protocol(rest[0], kind) if rest else None
        length = 33 if BUG == "any" and prefix == ANY_PREFIX else prefix
        rank = (-length, (65537 if ports is None else len(ports)) * (-1 if BUG == "ports" else 1),
                classes is None)
        identity = (network, prefix, ports, classes)
        objects.append((kind, identity, rank, address_matcher(network[:max(prefix, 0)], ports, classes)))
    return objects


def parse_protocol(text, kind):
    """The classes of sockets that a protocol covers; a number covers raw sockets of that protocol too."""
    if text == "raw":
        return frozenset(range(RAW, 2 * RAW))
    if text == "icmp" and kind == IP6:
        return frozenset([58])
    if text in PROTOCOLS:
        return frozenset([PROTOCOLS[text]])
    if not 0 <= int(text) < RAW:
        raise ValueError("bad protocol")
    return frozenset([int(text), RAW + int(text)])


def parse_ports(text):
    ports = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        low, high = int(first), int(last if dash else first)
        if not 1 <= low <= high <= 65535:
            raise ValueError("bad range of ports")
        ports.update(range(low, high + 1))
    return frozenset(ports)


def parse_networks(text):
    """(kind, address as a string of bits, prefix length) once, or for `any` twice."""
    if text == "any":
        return [(IP4, "0" * 32, ANY_PREFIX), (IP6, "0" * 128, ANY_PREFIX)]
    address, slash, length = text.partition("/")
    is_ip6 = ":" in address
    raw = socket.inet_pton(socket.AF_INET6 if is_ip6 else socket.AF_INET, address)
    bits = "".join(f"{byte:08b}" for byte in raw)
    prefix = int(length) if slash else len(bits)
    if prefix > len(bits) or "1" in bits[prefix:]:
        raise ValueError("bad prefix")
    if is_ip6 and prefix >= 96 and bits[:96] == "0" * 80 + "1" * 16:
        return [(IP4, bits[96:], prefix - 96)]
    return [(IP6 if is_ip6 else IP4, bits, prefix)]


def address_matcher(beginning, ports, classes):
    def matches(name, its_class, port):
        bits = "".join(f"{byte:08b}" for byte in name)
        return (bits.startswith(beginning) and (classes is None or its_class in classes)
                and (ports is None or port in ports))
    return matches
