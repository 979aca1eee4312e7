# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command, sends it a signal once its child runs, and checks that both end and nothing is left: interrupt.py SIGNAL DIR COMMAND..
Of several signals, TERM+HUP, each one follows some milliseconds after the one before."""
import os
import signal
import subprocess
import sys
import time

numbers = [signal.Signals["SIG" + name] for name in sys.argv[1].split("+")]
directory, command = sys.argv[2], sys.argv[3:]
running, temporary = os.path.join(directory, "running"), os.path.join(directory, "tmp")


def wait(condition, what):
    end = time.time() + 60
    while not condition():
        assert time.time() < end, f"waited for {what}"
        time.sleep(0.05)


def lives(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


if os.path.exists(running):
    os.remove(running)
process = subprocess.Popen(command, env=dict(os.environ, TMPDIR=temporary))
wait(lambda: os.path.exists(running) and os.path.getsize(running) > 0, "the child")
assert os.listdir(temporary), "expected temporary files while the child runs"
child = int(open(running).read())
for number in numbers:
    process.send_signal(number)
    time.sleep(0.008 if len(numbers) > 1 else 0)
assert -process.wait(60) in numbers, f"expected an end by {numbers}, got {process.returncode}"
wait(lambda: not lives(child), "the end of the child")
assert not os.listdir(temporary), f"left {os.listdir(temporary)}"
