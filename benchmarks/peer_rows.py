# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What peers.py times and pack_peers.py compiles: the shapes B, T, H, P, N, G of each mixer, by the name of its spec."""

DELTA_SHAPES = [(8, 4096, 16, 128, 128, 16)]

SHAPES = {
    "mamba2": [
        (8, 4096, 80, 64, 128, 1), (8, 4096, 24, 64, 128, 1), (64, 512, 80, 64, 128, 1), (1, 16384, 80, 64, 128, 1),
        (1, 131072, 24, 64, 128, 1), (1, 8192, 128, 64, 128, 8), (1, 2048, 80, 64, 128, 1), (1, 512, 24, 64, 128, 1),
        (1, 128, 80, 64, 128, 1), (4, 8192, 32, 64, 256, 1), (8, 4096, 64, 64, 64, 1)],
    "linear_attn": DELTA_SHAPES,
    "simple_gla": DELTA_SHAPES,
    "retention": DELTA_SHAPES,
    "gla": DELTA_SHAPES,
    "delta_rule": DELTA_SHAPES,
    "gated_delta_rule": DELTA_SHAPES,
    "kda": DELTA_SHAPES,
    "rwkv7_dplr": DELTA_SHAPES + [(8, 4096, 32, 64, 64, 32)],
    "mamba1_selective_scan": [(8, 4096, 4096, 1, 16, 1)],
    "hydra": [(8, 4096, 24, 64, 128, 1)],
}

# Specs that say more of their decays: which spec, and the bound.
BOUNDED = {"kda_bounded": ("kda", -5), "rwkv7_bounded": ("rwkv7_dplr", -0.60653067)}
SHAPES.update((name, SHAPES[spec]) for name, (spec, _) in BOUNDED.items())


def row_name(kernel, shape):
    """What the compiled row is called, in files and in C."""
    return f"{kernel}_{'x'.join(map(str, shape))}"


def sizes(kernel, shape):
    """The sizes that the spec has, as --shape takes them."""
    letters = {"mamba1_selective_scan": "BTHN", "mamba2": "BTHPNG", "hydra": "BTHPNG"}.get(kernel, "BTHPN")
    return ",".join(f"{letter}={size}" for letter, size in zip("BTHPNG", shape) if letter in letters)
