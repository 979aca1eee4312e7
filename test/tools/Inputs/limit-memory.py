# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""limit-memory.py DIR COMMAND..: runs a command that writes into DIR with less and less memory, and checks how it ends: with 0 while the
memory is enough; then with 2, a message and no files. (Far below that the loader fails with 127, or the kernel cannot grow the stack.)"""
import os
import resource
import signal
import subprocess
import sys

directory, command = sys.argv[1], sys.argv[2:]
refused = 0
for megabytes in range(700, 20, -40):
    limit = megabytes << 20
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    files = os.listdir(directory)
    for name in files:
        os.remove(os.path.join(directory, name))
    if done.returncode in (0, 127, -signal.SIGSEGV):
        continue
    assert done.returncode == 2, f"{megabytes} MB: ended with {done.returncode}\n{done.stderr}"
    assert "error: expected more memory" in done.stderr or "error: expected another thread" in done.stderr, done.stderr
    assert not files, f"{megabytes} MB: left {files}"
    refused += 1
assert refused, "expected limits that are too low"
print(f"{refused} limits were too low")
