#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Says that it runs, and goes on for long, with so much memory that its end takes a while.
import os
import time

memory = bytearray(400 << 20)
memory[::4096] = bytes(len(memory[::4096]))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "running"), "w") as file:
    file.write(str(os.getpid()))
time.sleep(60)
