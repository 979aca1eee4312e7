# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""quotes.py TEXT.md START FILE: the indented or fenced block of TEXT.md that begins with START must stand in FILE."""
import re
import sys
import textwrap

text, start, source = sys.argv[1:]
content = open(text).read()
blocks = [block for block in content.split("\n\n") if block.startswith("    ")] + re.findall(r"^```[^\n]*\n(.*?)^```", content, re.M | re.S)
quoted = [textwrap.dedent(block).strip() for block in blocks]
quoted = [block for block in quoted if block.startswith(start)]
if not quoted:
    sys.exit(f"{text}: expected a block that begins with '{start}', got none")
lines = [line.strip() for line in open(source)]
for block in quoted:
    wanted = [line.strip() for line in block.splitlines()]
    if not any(lines[at:at + len(wanted)] == wanted for at in range(len(lines))):
        sys.exit(f"{text}: this block does not stand in {source}:\n{block}")
