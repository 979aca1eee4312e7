#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fetches from PyPI what peers.py measures and lays the Python sources down in a folder.

    fetch_peers.py [DIR]          # default: .peers in the current directory; then PYTHONPATH=DIR peers.py

For a GPU machine that has PyTorch and Triton but no network. mamba_ssm is fetched as source; its Triton kernels are kept, with
empty __init__ files, so that its CUDA extensions need not be built, and of those the headers of the forward selective scan.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

MAMBA = "mamba_ssm==2.3.2.post1"
WHEELS = ["fla-core==0.5.2", "einops==0.8.2"]
SCAN_HEADERS = ["selective_scan.h", "selective_scan_common.h", "selective_scan_fwd_kernel.cuh", "static_switch.h"]

# mamba_ssm's setup script asks these of PyTorch before pip may save the file.
STUB = {
    "torch/__init__.py": "__version__ = '2.11.0'\nclass version:\n    cuda = hip = None\n"
                         "class cuda:\n    is_available = staticmethod(lambda: False)\n",
    "torch/utils/__init__.py": "",
    "torch/utils/cpp_extension.py": "CUDA_HOME = HIP_HOME = ROCM_HOME = None\nclass BuildExtension: pass\n"
                                    "CUDAExtension = None\n",
}


def pip(*arguments, **options):
    subprocess.run([sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *arguments], check=True, **options)


def fetch_mamba(work, out):
    stub = work / "stub"
    for name, text in STUB.items():
        (stub / name).parent.mkdir(parents=True, exist_ok=True)
        (stub / name).write_text(text)
    pip("install", "--target", str(stub), "setuptools", "wheel", "packaging", "ninja")
    environment = {"PYTHONPATH": str(stub), "MAMBA_SKIP_CUDA_BUILD": "TRUE", "PATH": os.environ["PATH"]}
    pip("download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "-d", str(work), MAMBA, env=environment)
    with tarfile.open(next(work.glob("mamba_ssm-*.tar.gz"))) as archive:
        archive.extractall(work)
    source = next(work.glob("mamba_ssm-*/mamba_ssm"))
    for part in ("ops/triton", "utils"):
        shutil.copytree(source / part, out / "mamba_ssm" / part, ignore=lambda d, names: [
            n for n in names if not n.endswith(".py") and not (pathlib.Path(d) / n).is_dir()])
    scan = out / "mamba_ssm" / "csrc" / "selective_scan"
    scan.mkdir(parents=True)
    for name in SCAN_HEADERS:
        shutil.copy(source.parent / "csrc" / "selective_scan" / name, scan)
    for part in ("", "ops", "ops/triton", "utils"):
        (out / "mamba_ssm" / part / "__init__.py").write_text("")


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".peers").resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        fetch_mamba(work, out)
        pip("download", "--no-deps", "--only-binary=:all:", "-d", str(work), *WHEELS)
        for wheel in work.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(out)
    size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"{out}: {size / 2**20:.1f} MiB, {MAMBA} {' '.join(WHEELS)}")


main()
