# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""abort.py FIFO: aborts mixc while it waits for its spec, with and without memory left, and prints how it ended."""
import os
import resource
import signal
import subprocess
import sys

path = sys.argv[1]
os.mkfifo(path)
for what, limit in (("with memory", None), ("without memory", 1)):
    mixc = subprocess.Popen(["mixc", "compile", path, "--emit=mixer", "-o", path + ".out"], stderr=subprocess.PIPE, text=True)
    with open(path, "w"):  # when mixc has opened it, too
        if limit:
            resource.prlimit(mixc.pid, resource.RLIMIT_AS, (limit, limit))
        mixc.send_signal(signal.SIGABRT)
        code = mixc.wait()
    print(f"{what}: ended with {code}: {mixc.stderr.readline().strip()}")
