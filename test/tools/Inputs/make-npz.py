# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""make-npz.py FILE NAME=SHAPE ...: an archive of f32 arrays of ones, without numpy: x=1,2,3. NAME=SHAPE*BYTES has as many zeros behind its
elements, in NAME=SHAPE@VALUE the last element is VALUE (nan, -inf, 2), a NAME with a dot is a text, and a FILE that ends in .sh has a script before the archive."""
import struct
import sys
import zipfile


def npy(shape, more, last):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({''.join(f'{size}, ' for size in shape)}), }}\n"
    count = 1
    for size in shape:
        count *= size
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + (struct.pack("<f", 1) * (count - 1) + struct.pack("<f", last) if count else b"") + bytes(more)


with open(sys.argv[1], "wb") as file:
    if sys.argv[1].endswith(".sh"):
        file.write(b"#!/bin/sh\nexec unpack\n")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for argument in sys.argv[2:]:
            name, _, sizes = argument.partition("=")
            if "." in name:
                archive.writestr(name, "words")
                continue
            sizes, _, last = sizes.partition("@")
            sizes, _, more = sizes.partition("*")
            archive.writestr(name + ".npy", npy([int(size) for size in sizes.split(",") if size], int(more or 0), float(last or 1)))
