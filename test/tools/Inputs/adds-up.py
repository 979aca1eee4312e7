# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""adds-up.py FILE: checks the times of `mixc explain --json` against the formula of its help."""
import json
import re
import sys

TERMS = {"matrix products": "matrix", "operands from shared memory": "shared", "exponentials": "special", "elementwise work": "scalar",
         "memory": "memory", "an unfilled machine and serial steps": "quantisation", "launches": "launch"}
WORK = ["matrix", "shared", "special", "scalar"]

for machine in json.load(open(sys.argv[1])):
    plans = [plan for plan in machine["candidates"] if not plan["rejected"]]
    assert plans
    for plan in plans:
        time = {name: plan[f"{name}_seconds"] for name in [*TERMS.values(), "work"]}
        sides = max(time["memory"], time["work"])
        assert abs(plan["seconds"] - (time["launch"] + sides + time["quantisation"])) < 1e-12, plan
        if machine["arch"] == "x86-64":
            assert abs(time["work"] - sum(time[name] for name in WORK)) < 1e-12, plan
        name = TERMS[re.fullmatch(r"mostly (.*): [0-9.]+ of [0-9.]+ us", plan["why"]).group(1)]
        if name in WORK:
            assert time["work"] + time["quantisation"] >= time["memory"], plan
        if name == "memory":
            assert time["memory"] + time["quantisation"] >= time["work"], plan
