# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""verdict.py TEXT JSON: checks the verdicts of `mixc explain` against its JSON for the same call."""
import json
import re
import sys

text = open(sys.argv[1]).read()
UNITS = {"us": 1e6, "ms": 1e3, "s": 1}


def same(printed, unit, seconds):
    digits = len(printed.split(".")[1])
    return abs(float(printed) - seconds * UNITS[unit]) <= 0.51 * 10 ** -digits


machines = json.load(open(sys.argv[2]))
call, verdicts = text.split("\n", 1)
assert re.fullmatch(machines[0]["spec"] + r" B=\d+,T=\d+.*, " + machines[0]["dtype"] +
                    "; on x86-64, as mixc run is without --device, and on an h100: --target chooses others", call), call
for machine, part in zip(machines, verdicts.split("\n\n")):
    first, second, third = part.splitlines()[:3]
    plans = [plan for plan in machine["candidates"] if not plan["rejected"]]
    chosen = [plan for plan in plans if plan["chosen"]][0]
    total = re.search(r": ([0-9.]+) (us|ms|s)$", first)
    assert first.startswith(f"{machine['machine']} ({machine['arch']}), ") and f": {chosen['name']} is taken, " in first, first
    assert same(total[1], total[2], chosen["seconds"]), first
    others = [plan for plan in plans if plan["algorithm"] != chosen["algorithm"]]
    best = min(others, key=lambda plan: plan["seconds"])
    assert machine["best_other"] == {"name": best["name"], "seconds": best["seconds"]}, machine["best_other"]
    ahead = re.match(r"([0-9.]+) times as fast as the best plan of another algorithm, (.*): ([0-9.]+) (us|ms|s)$", second)
    assert ahead[2] == best["name"] and same(ahead[3], ahead[4], best["seconds"]), second
    assert abs(float(ahead[1]) - best["seconds"] / chosen["seconds"]) <= 0.0051, second
    floor = re.match(r"the floor is ([0-9.]+) (us|ms|s), (\d+) % of that time: ", third)
    assert same(floor[1], floor[2], machine["floor_seconds"]), third
    assert abs(int(floor[3]) / 100 - machine["floor_share"]) <= 0.0051, third
    assert all(machine["floor_seconds"] <= plan["seconds"] for plan in plans)
assert text.count("is taken") == len(machines) == 2
