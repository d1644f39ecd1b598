# SPDX-License-Identifier: GPL-2.0-only
# page.py - what a report holds, for the shell: fails if it could load, run or send anything.
# usage: page.py FILE   (prints a line for each heading, sum and row of a table)
import re
import sys
from html.parser import HTMLParser

TAGS = set("html head meta title style body header main h1 h2 p code strong small dl div dt dd ul li table thead "
           "tbody tr th td svg g rect line text".split())
ATTRIBUTES = set("lang charset http-equiv content name nonce class viewbox preserveaspectratio role aria-label "
                 "aria-hidden x y x1 x2 y1 y2 width height text-anchor".split())
VOID = {"meta"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.lines, self.cell, self.row = [], [], None, []
        self.meta = []

    def handle_starttag(self, tag, attributes):
        assert tag in TAGS, tag
        for name, value in attributes:
            assert name in ATTRIBUTES, (tag, name)
        if tag == "meta":
            self.meta.append(dict(attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h2", "dt", "dd", "td", "p"):
            self.cell = ""
        if tag == "tr":
            self.row = []

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()
        text = " ".join((self.cell or "").split())
        if tag in ("h2", "p"):
            self.lines.append(tag + " " + text)
        if tag in ("dt", "dd", "td"):
            self.row.append(text)
        if tag == "dd" or (tag == "tr" and self.row):
            self.lines.append(" | ".join(cell for cell in self.row if cell))
            self.row = []

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        if "title" not in self.open and self.cell is not None:
            self.cell += (" " if "small" in self.open else "") + data

    def handle_comment(self, data):
        raise AssertionError(("comment", data))


text = open(sys.argv[1], "rb").read().decode("utf-8")
page = Page()
page.feed(text)
page.close()
assert not page.open, page.open
policy = next(m["content"] for m in page.meta if m.get("http-equiv") == "Content-Security-Policy")
assert re.fullmatch(r"default-src 'none'; style-src 'nonce-[0-9a-f]{32}'; base-uri 'none'; form-action 'none'", policy)
assert "<style nonce=\"" + re.search("nonce-([0-9a-f]+)", policy)[1] + '"' in text
style = re.search("<style[^>]*>(.*?)</style>", text, re.S)[1]
assert not re.search(r"url\(|@import|expression|//", style), "the style loads something"
assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text), "a control character"
print("\n".join(page.lines))
