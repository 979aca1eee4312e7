# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""plausible.py FILE.json: checks that a CPU's description has numbers that a CPU has, within wide bounds."""
import json
import os
import sys

BOUNDS = {"copy_bandwidth": (5e8, 2e12), "unit_bandwidth": (3e8, 3e11), "matrix_rate_f32": (5e8, 5e11), "shared_bandwidth": (3e9, 2e12),
          "scalar_rate": (5e8, 3e11), "special_rate": (5e7, 5e10), "launch_latency": (5e-8, 1e-2), "memory_latency": (5e-9, 1e-4),
          "shared_bytes": (65536, 2**27), "cache_bytes": (2**18, 2**33)}

machine = json.load(open(sys.argv[1]))
assert machine["name"] == os.path.splitext(os.path.basename(sys.argv[1]))[0], machine
for key, (least, most) in BOUNDS.items():
    assert least <= machine[key] <= most, (key, machine[key])
assert machine["matrix_rate_f32"] == machine["matrix_rate_tf32"] == machine["matrix_rate_half"]
assert machine["source"].startswith("mixc calibrate, ")
