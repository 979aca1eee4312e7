# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the peers on all cores: Triton's autotuner compiles its configurations one after the other, which takes minutes."""
import concurrent.futures
import ctypes
import os
import pathlib
import subprocess

import torch
import triton
from triton.runtime import _async_compile
from triton.runtime.autotuner import Autotuner

HERE = pathlib.Path(__file__).resolve().parent


def tune_quickly(configurations, measured):
    """Every list of configurations is compiled by threads before it is timed, for 25 ms each instead of 100. `configurations`, if
    not 0, is how many of each list are kept, spread over it. Unless `measured`, they are compiled and run once."""
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    prune = Autotuner.prune_configs

    def compiled(self, kwargs):
        configs = prune(self, kwargs)
        if configurations and len(configs) > configurations:
            configs = [configs[i * len(configs) // configurations] for i in range(configurations)]
        mode = _async_compile.AsyncCompileMode(pool, ignore_errors=True)
        try:
            with mode:
                for config in configs:
                    self.fn.run(*self.nargs.values(), **{**kwargs, **config.all_kwargs(), "warmup": True})
        finally:
            _async_compile.active_mode.set(None)  # also where a time limit ended the wait
        return configs

    def bench(call, quantiles):
        if measured:
            return triton.testing.do_bench(call, warmup=5, rep=25, quantiles=quantiles)
        call()
        return [1.0] * 3

    def no_disk_cache(self, key, configs, run):
        run()
        return False

    Autotuner.prune_configs = compiled
    Autotuner.do_bench = property(lambda self: bench)
    Autotuner.check_disk_cache = no_disk_cache


class SelectiveScan:
    """mamba_ssm's CUDA kernel of Mamba-1, forward, bf16, real, built by nvcc from the sources that fetch_peers.py laid down."""

    FLAGS = ["-O3", "-std=c++17", "--use_fast_math", "--expt-relaxed-constexpr", "--expt-extended-lambda", "-shared", "-Xcompiler", "-fPIC",
             "-gencode", "arch=compute_90,code=sm_90"]

    def __init__(self, work):
        import mamba_ssm
        library = pathlib.Path(work) / "selective_scan.so"
        if not library.exists():
            torch_dir = pathlib.Path(torch.__file__).parent
            source = pathlib.Path(next(iter(mamba_ssm.__path__))) / "csrc" / "selective_scan"
            undo = [f"-U__CUDA_NO_{name}__" for name in ("HALF_OPERATORS", "HALF_CONVERSIONS", "BFLOAT16_OPERATORS",
                                                        "BFLOAT16_CONVERSIONS", "BFLOAT162_OPERATORS", "BFLOAT162_CONVERSIONS")]
            build = library.with_suffix(f".{os.getpid()}.so")
            nvcc = pathlib.Path(os.environ.get("CUDA_HOME", "/usr/local/cuda")) / "bin" / "nvcc"
            command = [nvcc if nvcc.exists() else "nvcc", *self.FLAGS, *undo, f"-I{source}", f"-I{torch_dir / 'include'}",
                       HERE / "cuda" / "selective_scan_peer.cu", f"-L{torch_dir / 'lib'}", "-lc10", "-lc10_cuda", "-o", build]
            result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
            if result.returncode:
                raise RuntimeError("nvcc: " + result.stderr.strip()[-500:])
            build.rename(library)
        self.library = ctypes.CDLL(str(library))
        self.library.selective_scan_forward.restype = ctypes.c_int

    def __call__(self, u, delta, A, B, C, D, z, delta_bias):
        """u, delta, z [B,H,T], B and C [B,N,T], A [H,N], D and delta_bias [H], all contiguous; returns y [B,H,T]."""
        batch, heads, length = u.shape
        state = A.shape[1]
        out, gated = torch.empty_like(u), torch.empty_like(u)
        states = torch.empty(batch, heads, (length + 2047) // 2048, 2 * state, device=u.device)
        sizes = (ctypes.c_int64 * 4)(batch, heads, length, state)
        pointers = (ctypes.c_void_p * 11)(*(t.data_ptr() for t in (u, delta, A, B, C, D, z, delta_bias, out, gated, states)))
        if self.library.selective_scan_forward(sizes, pointers, ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)):
            raise RuntimeError("selective_scan_forward: expected more than 1024 tokens and a launch without error")
        return gated
