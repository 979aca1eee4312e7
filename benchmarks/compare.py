#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Puts the results of bench_cuda and peers.py side by side: mixc's time over the best peer's, on the same shapes.

    compare.py mixc.json peers.json [--markdown] [--plot FILE.svg]

Both files come from the same machine, best from the same run of commands; mixc's may be that of peers.py --mixc. A peer's time is
its best over chunk sizes and forms.
"""
import argparse
import html
import json
import sys


def best(rows, time):
    """The fastest row that has the time, or None."""
    timed = [row for row in rows if row.get(time)]
    return min(timed, key=lambda row: row[time]) if timed else None


def cell(value, form):
    return format(value, form) if value is not None else "-"


def compare(mixc, peers):
    def key(row):
        return row.get("kernel"), tuple(row.get("shape", ())), row.get("dtype")

    timed = [row for row in mixc["rows"] if row.get("graph_ms")]
    for kernel, shape, dtype in dict.fromkeys(map(key, timed)):
        ours = [row for row in timed if key(row) == (kernel, shape, dtype)]
        theirs = [row for row in peers["rows"] if key(row) == (kernel, shape, dtype)]
        row = {"kernel": kernel, "shape": ", ".join(map(str, shape)), "dtype": dtype, "variant": best(ours, "graph_ms")["variant"],
               "error": best(ours, "graph_ms")["error"], "floor_ms": ours[0]["floor_ms"]}
        for time in ("ms", "graph_ms"):
            our, their = best(ours, time), best(theirs, time)
            row[time] = our[time]
            row[f"peer_{time}"] = their[time] if their else None
            row[f"{time}_share"] = our[time] / their[time] if their else None
        fastest = best(theirs, "graph_ms") or {}
        row["peer"] = ", ".join(fastest[name] for name in ("peer", "form") if name in fastest) or "-"
        yield row


COLUMNS = [("kernel", "s", "kernel"), ("shape", "s", "B, T, H, P, N, G"), ("dtype", "s", "dtype"), ("variant", "s", "variant"),
           ("graph_ms", ".4f", "graph ms"), ("floor_ms", ".4f", "floor ms"), ("peer", "s", "peer"),
           ("peer_graph_ms", ".4f", "graph ms"), ("graph_ms_share", ".2f", "share"), ("ms", ".4f", "plain ms"),
           ("peer_ms", ".4f", "peer"), ("ms_share", ".2f", "share"), ("error", ".1e", "error")]


def plot(rows):
    """Bars of mixc's share of the best peer's time under CUDA graphs, a tick where the floor is; rows without a peer are left out."""
    rows = [row for row in rows if row["graph_ms_share"]]
    left, width, height, top = 330, 480, 26, 40
    x = lambda share: left + width * min(share, 1)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 70}" height="{top + height * len(rows) + 20}" '
             'font-family="sans-serif" font-size="13">',
             f'<text x="{left}" y="16">time over the best peer\'s, CUDA graphs; the tick is the memory floor</text>']
    for number, row in enumerate(rows):
        y, share = top + height * number, row["graph_ms_share"]
        label = html.escape(f"{row['kernel']} {row['shape']} ({row['peer']})")
        lines += [f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{label}</text>',
                  f'<rect x="{left}" y="{y}" width="{width}" height="{height - 8}" fill="#dddddd"/>',
                  f'<rect x="{left}" y="{y}" width="{x(share) - left:.1f}" height="{height - 8}" fill="#3070b0"/>',
                  f'<rect x="{x(row["floor_ms"] / row["peer_graph_ms"]):.1f}" y="{y}" width="2" height="{height - 8}" fill="#d04020"/>',
                  f'<text x="{left + width + 8}" y="{y + 14}">{share:.2f}</text>']
    return "\n".join(lines + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mixc")
    parser.add_argument("peers")
    parser.add_argument("--markdown", action="store_true", help="a table for a README")
    parser.add_argument("--plot", metavar="FILE", help="an SVG picture to write")
    options = parser.parse_args()
    results = []
    for path in (options.mixc, options.peers):
        with open(path) as file:
            results.append(json.load(file))
    if results[0]["device"] != results[1]["device"]:
        sys.exit(f"expected results of one machine, got {results[0]['device']} and {results[1]['device']}")
    rows = list(compare(*results))
    if options.plot:
        with open(options.plot, "w") as file:
            file.write(plot(rows))
    table = [[title for _, _, title in COLUMNS]]
    table += [[cell(row[key], form) for key, form, _ in COLUMNS] for row in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(COLUMNS))]
    for number, line in enumerate(table):
        cells = [text.ljust(width) for text, width in zip(line, widths)]
        print("| " + " | ".join(cells) + " |" if options.markdown else "  ".join(cells))
        if options.markdown and number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


main()
