# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""help-examples.py DIRECTORY NPZ SPEC: runs the examples of mixc's help in DIRECTORY, with small sizes, with NPZ in place of tensors.npz
and SPEC in place of my_mixer.mlir; what needs a GPU must end with 0 or, without one, with 4."""
import os
import re
import shutil
import subprocess
import sys

directory, arrays, spec = sys.argv[1:]
shutil.copy(arrays, os.path.join(directory, "tensors.npz"))
shutil.copy(spec, os.path.join(directory, "my_mixer.mlir"))
count = 0
for command in [[], ["compile"], ["run"], ["bench"], ["explain"]]:
    text = subprocess.run(["mixc", *command, "--help"], capture_output=True, text=True, check=True).stdout
    for example in re.findall(r"^  (mixc (?:compile|run|bench|explain) .*[=].*)$", text, re.M):
        short = re.sub(r"\b([BTHPN])=\d+", lambda size: size[1] + "=" + {"B": "1", "T": "64", "H": "2"}.get(size[1], "16"), example)
        done = subprocess.run(short.split(), cwd=directory, capture_output=True, text=True)
        if done.returncode not in ([0, 4] if "cuda" in short else [0]):
            sys.exit(f"{short}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
        count += 1
assert count > 10, count
