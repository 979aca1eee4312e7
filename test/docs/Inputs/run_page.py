#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""run_page.py PAGE DIRECTORY: does what a page of the documentation says, in DIRECTORY, and fails where it is not so.

A page's blocks, by what stands behind their three backquotes:
  mlir NAME.mlir            a file with one spec; it is compiled for a CPU and run on random arrays against float64
  c NAME.c                  a part of that file: those of one name are put together
  mlir NAME.mlir refused    a spec without an algorithm: mixc ends with 3, and prints every line of the `text` block behind it
  sh                        commands for bash, run after the files above them are there
  text                      behind sh: what the commands print, line by line in order; `...` stands for anything
Other blocks (c without a name, lua, json, ...) are not run here.
"""
import os
import re
import subprocess
import sys

SIZES = "B=2,T=40,H=4,P=16,N=16,G=2,K=2,R=2,W=4,L=3"


def blocks(page):
    """(line, info, text) of each fenced block."""
    inside = None
    for number, line in enumerate(open(page, encoding="utf-8"), 1):
        if line.startswith("```"):
            if inside is None:
                inside = (number, line[3:].strip(), [])
            else:
                yield inside[0], inside[1], "".join(inside[2])
                inside = None
        elif inside is not None:
            inside[2].append(line)
    if inside is not None:
        sys.exit(f"{page}:{inside[0]}: expected the end of this block, got that of the file")


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return done.returncode, done.stdout


def expect_lines(where, expected, output):
    """Each expected line is in the output, behind the one before it."""
    lines = output.splitlines()
    for wanted in expected.splitlines():
        pattern = ".*".join(re.escape(part) for part in wanted.strip().split("..."))
        while lines and not re.search(pattern, lines[0]):
            lines.pop(0)
        if not lines:
            sys.exit(f"{where}: expected the line '{wanted}', got\n{output}")
        lines.pop(0)


def run_spec(where, name, is_refused):
    command = ["mixc", "run", name, f"--shape={SIZES}", "--check"]
    code, output = run(command)
    if code != (3 if is_refused else 0):
        sys.exit(f"{where}: {' '.join(command)} ended with {code}\n{output}")
    return output


def main(page, directory):
    os.makedirs(directory, exist_ok=True)
    pending = None  # what the last block printed
    count = 0
    path = os.path.abspath(page)
    os.chdir(directory)
    for line, info, text in blocks(path):
        where, words = f"{path}:{line}", info.split()
        kind = words[0] if words else ""
        if kind == "mlir" and len(words) > 1:
            with open(words[1], "w", encoding="utf-8") as file:
                file.write(text)
            pending = run_spec(where, words[1], "refused" in words)
            count += 1
        elif kind == "c" and len(words) > 1:
            with open(words[1], "a", encoding="utf-8") as file:
                file.write(text)
        elif kind == "sh":
            code, pending = run(["bash", "-euc", text])
            if code != 0:
                sys.exit(f"{where}: the commands ended with {code}\n{pending}")
            count += 1
        elif kind == "text" and pending is not None:
            expect_lines(where, text, pending)
            pending = None
        else:
            pending = None
    if count == 0:
        sys.exit(f"{page}: expected blocks that can be run, got none")
    print(f"{page}: {count} blocks are as they say")


main(*sys.argv[1:])
