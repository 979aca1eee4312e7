# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""adds-up.py FILE: checks the times of `mixc explain --json` against the formula of its help, and what it says of them."""
import json
import re
import sys

TERMS = ["memory", "matrix", "shared", "special", "scalar", "work", "quantisation", "launch"]
WORK = ["matrix", "shared", "special", "scalar"]

for machine in json.load(open(sys.argv[1])):
    plans = [plan for plan in machine["candidates"] if not plan["rejected"]]
    assert plans
    for plan in plans:
        time = {name: plan[f"{name}_seconds"] for name in TERMS}
        assert abs(plan["seconds"] - (time["launch"] + max(time["memory"], time["work"]) + time["quantisation"])) < 1e-12, plan
        if machine["arch"] == "x86-64":
            assert abs(time["work"] - sum(time[name] for name in WORK)) < 1e-12, plan
        named = re.fullmatch(r"mostly (.*): ([0-9.]+) of ([0-9.]+) us", plan["why"])
        part, chiefly = (named.group(1).split(", chiefly ") + [None])[:2]
        summands = {"memory": time["memory"], "work": time["work"], "launches": time["launch"],
                    "an unfilled machine and serial steps": time["quantisation"]}
        assert summands[part] == max(summands.values()), plan
        assert abs(float(named.group(2)) - summands[part] * 1e6) < 0.051 and abs(float(named.group(3)) - plan["seconds"] * 1e6) < 0.051, plan
        if chiefly:
            parts = {"matrix products": time["matrix"] + time["shared"], "exponentials": time["special"], "elementwise work": time["scalar"]}
            assert parts[chiefly] == max(parts.values()), plan
