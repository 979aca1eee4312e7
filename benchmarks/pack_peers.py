#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles mixc's side of peers.py: a shared library and a manifest for every row.

    pack_peers.py [DIR] [--bin build/dev/bin] [--only gla,kda]     # default: build/pack-peers; then peers.py --mixc DIR

They hold their kernels and mixc's runtime, so that the GPU machine needs neither mixc nor a CUDA toolkit for them.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

from peer_rows import BOUNDED, SHAPES, row_name, sizes

ROOT = pathlib.Path(__file__).resolve().parent.parent


def folder(path):
    return pathlib.Path(path).resolve()


def spec_of(options, kernel, row):
    """The spec's file; with its decays' bound where it has one here, a file for each row."""
    if kernel not in BOUNDED:
        return ROOT / "mixers" / f"{kernel}.mlir"
    spec, bound = BOUNDED[kernel]
    text = (ROOT / "mixers" / f"{spec}.mlir").read_text()
    if "decay = %gk," not in text:
        raise SystemExit(f"pack_peers.py: {spec}.mlir: expected decay = %gk")
    path = options.dir / f"{row}.mlir"
    path.write_text(text.replace("decay = %gk,", f"decay = %gk >= {bound},"))
    return path


def compile_row(options, kernel, shape):
    name = row_name(kernel, shape)
    prefix = options.dir / name
    # The descriptor is hidden in a shared library, so a function returns it.
    prefix.with_name(name + ".c").write_text(f"extern const char {name}_descriptor[];\n"
                                             "const char *row_descriptor(void) { return " + name + "_descriptor; }\n")
    commands = [
        [options.bin / "mixc", "compile", spec_of(options, kernel, name), "-o", prefix, f"--name={name}", "--dtype=bf16",
         f"--target={options.target}", f"--shape={sizes(kernel, shape)}"],
        ["cc", "-shared", "-fPIC", f"{prefix}.c", f"{prefix}.o", "-Wl,--whole-archive", options.bin.parent / "lib" / "libmixc_runtime.a",
         "-Wl,--no-whole-archive", "-Wl,-Bsymbolic", "-ldl", "-lm", "-pthread", "-o", f"{prefix}.so"]]
    for command in commands:
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if result.returncode:
            return name, result.stderr.strip()
    for suffix in (".c", ".o", ".h", ".mlir"):
        prefix.with_name(name + suffix).unlink(missing_ok=True)
    return name, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", nargs="?", default=ROOT / "build" / "pack-peers", type=folder)
    parser.add_argument("--bin", default=ROOT / "build" / "dev" / "bin", type=folder, help="where mixc is")
    parser.add_argument("--only", default=",".join(SHAPES), help="specs to compile")
    parser.add_argument("--target", default="h100", help="as mixc compile takes it")
    options = parser.parse_args()
    unknown = [kernel for kernel in options.only.split(",") if kernel not in SHAPES]
    if unknown:
        parser.error(f"--only: expected some of {', '.join(SHAPES)}, got {unknown[0]}")
    shutil.rmtree(options.dir, ignore_errors=True)
    options.dir.mkdir(parents=True)
    rows = [(kernel, shape) for kernel in options.only.split(",") for shape in SHAPES[kernel]]
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, error in pool.map(lambda row: compile_row(options, *row), rows):
            print(f"{name}: {error or 'compiled'}", flush=True)
            failed = failed or error is not None
    size = sum(file.stat().st_size for file in options.dir.iterdir())
    print(f"{options.dir}: {size / 2**20:.1f} MiB")
    return failed


sys.exit(main())
