# SPDX-License-Identifier: GPL-2.0-only
# fields.py - records (JSON Lines) or status as lines of words, for comparison in the shell.
import json
import os
import sys


def word(value):
    text = str(value)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


if sys.argv[1] == "--counters":
    for hook, verdicts in json.load(sys.stdin)["counters"].items():
        if not isinstance(verdicts, dict):
            continue
        for verdict, fates in verdicts.items():
            assert fates.pop("balanced"), (hook, verdict)
            if fates["decided"]:
                print(hook, verdict, *fates.values())
else:
    for line in sys.stdin:
        record = json.loads(line)
        record["rule"] = os.path.basename(record["rule"])
        print(*(word(record.get(key, "-")) for key in sys.argv[1:]))
