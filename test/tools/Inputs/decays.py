"""Inputs of bounded.mlir, of which one decay of the second sequence breaks the bound."""
import array
import math
import sys
import zipfile

B, T, H, N, P = 2, 300, 2, 4, 4


def npy(values, shape):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + array.array("f", values).tobytes()


decays = [-0.25] * (B * T * H)
decays[(1 * T + 280) * H + 1] = -0.75
decays[3 * H] = math.nan
with zipfile.ZipFile(sys.argv[1], "w") as file:
    file.writestr("g.npy", npy(decays, (B, T, H)))
    for name, last in (("x", P), ("b", N), ("c", N)):
        file.writestr(name + ".npy", npy([1.0] * (B * T * H * last), (B, T, H, last)))
