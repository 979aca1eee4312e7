#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mamba-2 on the CPU, f32, 1 x 4096 x 24 heads, P 64, N 128: mixc against plain C loops.

    ninja -C build/release benchmarks && benchmarks/cpu.py [--bin build/release/bin] [--rounds 5] [--json FILE]

Every program runs once a round, in turn; times are medians over the rounds of each run's median. Useful work is counted as
4NP + 64 (N/H + P) flops per token and head, whatever is computed, and compared with the multiply-add peak of the same cores, measured
after every call for 10 ms: where others share the machine, a core gives half of its best at times. The share of the best peak of all
rounds is printed beside it.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

TOKENS, HEADS, HEAD_DIM, STATE = 4096, 24, 64, 128
FLOPS = TOKENS * HEADS * (4 * STATE * HEAD_DIM + 64 * (STATE / HEADS + HEAD_DIM))
PROGRAMS = ["gcc", "clang-22", "mixc_auto", "mixc_chunked", "mixc_scan", "mixc_quadratic"]
SLOW = {"mixc_quadratic"}


def run(program, slow):
    arguments = [str(TOKENS), str(HEADS), "2" if slow else "7"]
    result = subprocess.run([program, *arguments], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{program}: expected status 0, got {result.returncode}: {result.stderr.strip()}")
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin", type=pathlib.Path, help="where the programs are")
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--json", type=pathlib.Path, help="file to write")
    options = parser.parse_args()
    programs = {name: options.bin.resolve() / f"mamba2_cpu_{name}" for name in PROGRAMS}
    programs = {name: path for name, path in programs.items() if path.exists()}
    if not any(name.startswith("mixc") for name in programs):
        parser.error(f"--bin: expected built benchmarks, got none in '{options.bin}': ninja -C build/release benchmarks")
    runs = {name: [] for name in programs}
    for turn in range(options.rounds):
        for name, path in programs.items():
            if name not in SLOW or turn == 0:
                runs[name].append(run(path, name in SLOW))
        print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
    peaks = [r["peak"] for results in runs.values() for r in results]
    top = max(peaks)
    seconds = {name: statistics.median(r["seconds"] for r in results) for name, results in runs.items()}
    baseline = min(seconds[name] for name in seconds if not name.startswith("mixc"))
    rows = [{"program": name, "ms": 1e3 * seconds[name], "least_ms": 1e3 * min(r["least"] for r in results),
             "of_baseline": seconds[name] / baseline,
             "of_peak": FLOPS / statistics.median(r["peak_flops"] for r in results),
             "of_best_peak": FLOPS / seconds[name] / top,
             "error": max(r["error"] for r in results)} for name, results in runs.items()]
    print(f"peak {statistics.median(peaks) * 1e-9:.1f} GFLOP/s, at best {top * 1e-9:.1f}; useful work {FLOPS * 1e-9:.2f} GFLOP")
    print(f"{'program':16}{'ms':>9}{'least ms':>10}{'of baseline':>13}{'of peak':>9}{'of best':>9}{'error':>11}")
    for row in rows:
        print(f"{row['program']:16}{row['ms']:9.2f}{row['least_ms']:10.2f}{row['of_baseline']:13.2f}"
              f"{row['of_peak']:9.1%}{row['of_best_peak']:9.1%}{row['error']:11.1e}")
    if options.json:
        options.json.write_text(json.dumps({"peak": top, "flops": FLOPS, "rows": rows}, indent=1) + "\n")


main()
