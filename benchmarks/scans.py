#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Recurrences on the CPU, f32, two threads: mixc against plain C loops by gcc and clang (-O3 -march=native -ffast-math).

    ninja -C build/release scans_cpu && benchmarks/scans.py [--bin build/release/bin] [--rounds 15] [--processes 3] [--json FILE]

A program runs the loops and mixc in turns, so that what else the machine does meets all of them; times are medians over its rounds, and
the row of a recurrence is the process whose share is the median one. The share is mixc's time over that of the faster loops; `work` is the
same of the processor time that both threads take, which what else the machine does moves less. Ends with status 1 where a share is above
its bar.
"""
import argparse
import json
import pathlib
import subprocess
import sys

BARS = {"cumprodsum": 1.0, "mamba1": 0.6, "gla": 0.7, "gated_delta_rule": 0.7, "kda": 0.7, "rwkv7": 0.7}


def run(program, name, rounds):
    result = subprocess.run([program, name, str(rounds)], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{program} {name}: expected status 0, got {result.returncode}: {result.stderr.strip()}")
    row = json.loads(result.stdout)
    row["share"] = row["mixc"] / min(row["gcc"], row["clang"])
    row["work"] = row["mixc_cpu"] / min(row["gcc_cpu"], row["clang_cpu"])
    row["bar"] = BARS[name]
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BARS)}; all of them without one")
    parser.add_argument("--bin", default="build/release/bin", type=pathlib.Path, help="where the program is")
    parser.add_argument("--rounds", default=15, type=int)
    parser.add_argument("--processes", default=3, type=int)
    parser.add_argument("--json", type=pathlib.Path, help="file to write")
    options = parser.parse_args()
    program = options.bin.resolve() / "scans_cpu"
    if not program.exists():
        parser.error(f"--bin: expected scans_cpu, got none in '{options.bin}': ninja -C build/release scans_cpu")
    rows = []
    print(f"{'recurrence':18}{'shape':26}{'gcc ms':>9}{'clang ms':>10}{'mixc ms':>9}{'share':>7}{'work':>6}{'bar':>6}{'difference':>12}")
    for name in options.names or BARS:
        if name not in BARS:
            parser.error(f"expected one of {', '.join(BARS)}, got '{name}'")
        runs = sorted((run(program, name, options.rounds) for _ in range(options.processes)), key=lambda row: row["share"])
        row = runs[len(runs) // 2]
        rows.append(row)
        print(f"{row['name']:18}{row['shape']:26}{1e3 * row['gcc']:9.3f}{1e3 * row['clang']:10.3f}{1e3 * row['mixc']:9.3f}"
              f"{row['share']:7.2f}{row['work']:6.2f}{row['bar']:6.2f}{row['error']:12.1e}{'' if row['share'] <= row['bar'] else '  above'}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return any(row["share"] > row["bar"] for row in rows)


sys.exit(main())
