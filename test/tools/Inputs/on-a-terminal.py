# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""on-a-terminal.py COMMAND...: runs it with a terminal for standard error; prints what came there, escapes spelled out, and its status."""
import os
import pty
import subprocess
import sys

master, slave = pty.openpty()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave,
                           env={**os.environ, "TERM": "xterm"})
os.close(slave)
text = b""
while True:
    try:
        part = os.read(master, 4096)
    except OSError:  # the other end is closed
        break
    if not part:
        break
    text += part
print(text.decode().replace("\r\x1b[K", "\n<erase>").replace("\x1b", "<esc>"))
print("status", process.wait())
