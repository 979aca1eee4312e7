# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that each command of mixc knows which other ones have a flag that it lacks."""
import re
import subprocess
import sys

COMMANDS = ["compile", "run", "bench", "explain"]


def flags_of(command):
    text = subprocess.run(["mixc", command, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  (--?[a-z-]+)", text[text.index("\nflags\n"):], re.M))


flags = {command: flags_of(command) for command in COMMANDS}
for flag in sorted(set.union(*flags.values())):
    owners = [command for command in COMMANDS if flag in flags[command]]
    for command in set(COMMANDS) - set(owners):
        error = subprocess.run(["mixc", command, "mamba2", flag], capture_output=True, text=True).stderr
        wanted = f"mixc {command}: error: unknown flag '{flag}', which is one of mixc {' and '.join(owners)}\n"
        if error != wanted:
            sys.exit(f"expected {wanted!r}, got {error!r}")
