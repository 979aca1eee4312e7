# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command, sends it a signal once DIR holds more files, and checks that it ends so and leaves none of them:
interrupt-writing.py SIGNAL DIR COMMAND.."""
import os
import signal
import subprocess
import sys
import time

number = signal.Signals["SIG" + sys.argv[1]]
directory, command = sys.argv[2], sys.argv[3:]
before = sorted(os.listdir(directory))
process = subprocess.Popen(command)
end = time.time() + 60
while len(os.listdir(directory)) == len(before):
    assert time.time() < end and process.poll() is None, "waited for a temporary file"
    time.sleep(0.01)
process.send_signal(number)
code = process.wait(60)
assert code == -number, f"expected an end by {number}, got {code}"
after = sorted(os.listdir(directory))
assert after == before, f"expected {before}, got {after}"
