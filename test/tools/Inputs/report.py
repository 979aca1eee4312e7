# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""report.py PAGE JSON: checks a page of `mixc explain --report` for its structure, and its numbers against the JSON of the same call.

The page must be well formed, need nothing from elsewhere, have one section a machine, and beside each picture a title, a description and a
table.
"""
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.references, self.numbers, self.tables, self.texts = [], set(), [], [], [], []
        self.sections, self.pictures, self.value = 0, 0, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        assert not {"src", "srcset", "data", "xlink:href", "action"} & set(attributes), (tag, attributes)
        assert tag not in ("script", "link", "img", "iframe", "object"), tag
        for name in ("href", "aria-labelledby"):
            self.references += [word.lstrip("#") for word in attributes.get(name, "").split()]
        if "id" in attributes:
            assert attributes["id"] not in self.ids, attributes["id"]
            self.ids.add(attributes["id"])
        self.sections += tag == "section"
        if tag == "svg":
            self.pictures += 1
            assert attributes["role"] == "img" and len(attributes["aria-labelledby"].split()) == 2
        if tag == "table":
            self.tables.append([])
        if tag == "tr" and self.tables:
            self.tables[-1].append([])
        if tag in ("th", "td"):
            self.tables[-1][-1].append("")
        if tag == "data":
            self.numbers.append(float(attributes["value"]))
            self.value = attributes["value"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"{tag} closes what is not open: {self.open[-3:]}"

    def handle_data(self, text):
        self.texts.append(text)
        if self.tables and self.open and ("td" in self.open or "th" in self.open):
            self.tables[-1][-1][-1] += text


source = open(sys.argv[1], encoding="utf-8").read()
machines = json.load(open(sys.argv[2]))
page = Page()
page.feed(source)
page.close()
assert not page.open, page.open
assert set(page.references) <= page.ids, set(page.references) - page.ids
assert "url(http" not in source and "@import" not in source and "://" not in source
assert "prefers-color-scheme: dark" in source
assert page.sections == len(machines), page.sections
assert not re.search(r"\bnan\b|\binf\b", source)
text = " ".join(page.texts)
for machine in machines:
    plans = [plan for plan in machine["candidates"] if not plan["rejected"]]
    chosen = [plan for plan in plans if plan["chosen"]]
    assert machine["machine"] in text and machine["spec"] in text
    for plan in machine["candidates"]:
        assert plan["name"] in text and plan["why"] in text, plan["name"]
    for plan in plans:
        for key in ("seconds", "memory_seconds", "work_seconds", "quantisation_seconds", "launch_seconds"):
            assert plan[key] in page.numbers, (plan["name"], key, plan[key])
    for plan in chosen:
        for key in ("matrix_seconds", "shared_seconds", "special_seconds", "scalar_seconds", "flops", "bytes"):
            assert plan[key] in page.numbers, (plan["name"], key, plan[key])
    if chosen:
        # The best plan of each algorithm is in the table over T at this call's T, if that is a power of two.
        length = machine["sizes"]["T"]
        for algorithm in {plan["algorithm"] for plan in plans}:
            best = min(plan["seconds"] for plan in plans if plan["algorithm"] == algorithm)
            assert length & (length - 1) or page.numbers.count(best) >= 3, (algorithm, best)
shown = sum(1 for machine in machines if any(plan["chosen"] for plan in machine["candidates"]))
assert page.pictures == 3 * shown, page.pictures
titles = [table[0] for table in page.tables]
assert titles.count(["term", "time", "share", "what"]) == shown
assert sum(title[0] == "T" for title in titles) == shown
print(f"{shown} machines, {len(page.tables)} tables, {len(page.numbers)} numbers")
