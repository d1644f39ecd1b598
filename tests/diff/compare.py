#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""compare.py - sets the reference's answers against the engine's: 'compare.py DIR', 1 if any differs."""
import re
import sys
from pathlib import Path

SHOWN = 5
CELL = ("read", "never.read", "write", "never.write")
KINDS = ("path", "foreign", "anon", "userns", "unresolved", "jit", "unix", "abstract", "ip4", "ip6", "family", "system")
SECTIONS = ("exec", "open", "connect", "system")


def describe(case):
    *words, name = case.split()
    text = "" if name == "-" else repr(bytes.fromhex(name))[1:]
    if words[0] == "start":
        return f"user {words[1]} of groups {words[2]} starts {text}"
    section, kind, access, its_class, port, ask, profile = words
    return (f"{SECTIONS[int(section)]} {KINDS[int(kind)]} access {access} class {its_class} port {port} ask {ask} "
            f"as {profile}: {text}")


def quote_lines(policy, *answers):
    """The rules that the answers name."""
    lines = policy.read_bytes().decode("latin-1").split("\n")
    numbers = sorted({int(number) for answer in answers for number in re.findall(r":(\d+):", answer)} - {0})
    return "".join(f"    line {number}: {lines[number - 1]}\n" for number in numbers if number <= len(lines))


def main():
    folder = Path(sys.argv[1])
    objects = policies = disagreements = 0
    for cases in sorted(folder.glob("*.cases")):
        policies += 1
        texts = [path.read_text().splitlines() for path in (cases, cases.with_suffix(".ref"), cases.with_suffix(".out"))]
        if len({len(text) for text in texts}) != 1:
            print(f"{cases}: {len(texts[0])} objects, {len(texts[1])} answers by the reference, {len(texts[2])} by the engine")
            disagreements += len(texts[0])
            continue
        for number, (case, expected, got) in enumerate(zip(*texts), 1):
            objects += 1
            if expected == got:
                continue
            disagreements += 1
            if disagreements <= SHOWN:
                print(f"{cases}:{number}: {describe(case)}\n  reference: {expected}\n  engine:    {got}")
                print(quote_lines(cases.with_suffix(".ini"), expected, got), end="")
    if disagreements:
        print("an answer: what happens, the rule that is named, then", ", ".join(CELL),
              "as verdict:line:recorded, of the host and the profile; the mode; or the profile that a program is given")
    print(f"diff: {objects} objects in {policies} policies, {disagreements} disagreements")
    return 1 if disagreements or not objects else 0


if __name__ == "__main__":
    sys.exit(main())
