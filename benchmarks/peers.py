#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the forward passes of mamba_ssm, flash-linear-attention and PyTorch's attention on the shapes of bench_cuda.

    peers.py [--only roof,mamba2,linear,attention] [--chunks 64,128,256] [--limit SECONDS] [--json FILE]

Each is timed launched from Python with the L2 cache flushed between runs (ms), and from a CUDA graph without flushing
(graph ms); medians. Needs PyTorch, Triton, and the packages that fetch_peers.py lays down on PYTHONPATH.
"""
import argparse
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
import triton

BF16 = torch.bfloat16

# B, T, H, P, N, G
MAMBA2_SHAPES = [
    (8, 4096, 80, 64, 128, 1), (8, 4096, 24, 64, 128, 1), (64, 512, 80, 64, 128, 1), (1, 16384, 80, 64, 128, 1),
    (1, 131072, 24, 64, 128, 1), (1, 8192, 128, 64, 128, 8), (1, 2048, 80, 64, 128, 1), (1, 512, 24, 64, 128, 1),
    (1, 128, 80, 64, 128, 1), (4, 8192, 32, 64, 256, 1), (8, 4096, 64, 64, 64, 1)]
LINEAR_SHAPES = [(8, 4096, 16, 128, 128, 16)]
ATTENTION_SHAPES = [(8, 4096, 16, 128), (1, 2048, 16, 128), (1, 16384, 16, 128)]


def plain_ms(run):
    return triton.testing.do_bench(run, warmup=20, rep=100, return_mode="median")


def graph_ms(run):
    """Median over replays of a graph that holds enough calls to take about 2 ms."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            run()
        stream.synchronize()
        start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(3):
            run()
        stop.record()
        stop.synchronize()
        calls = max(1, min(50, int(2 / (start.elapsed_time(stop) / 3))))
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            for _ in range(calls):
                run()
        times = []
        for i in range(25):
            start.record()
            graph.replay()
            stop.record()
            stop.synchronize()
            if i >= 5:
                times.append(start.elapsed_time(stop) / calls)
    return statistics.median(times)


class Report:
    def __init__(self, limit, path):
        self.rows, self.path = [], path
        self.start, self.limit = time.time(), limit

    def late(self):
        return time.time() - self.start > self.limit

    def add(self, **row):
        if "shape" in row:
            row["dtype"] = "bf16"
        self.rows.append(row)
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()),
              f" [{time.time() - self.start:.0f} s]", flush=True)
        if self.path:
            with open(self.path, "w") as out:
                json.dump({"device": torch.cuda.get_device_name(), "torch": torch.__version__,
                           "triton": triton.__version__, "rows": self.rows}, out, indent=1)

    def measure(self, run, captured=None, **row):
        """Times one peer; a failure becomes a row, so that one broken kernel does not end the others. `captured` takes the
        place of a call that a graph cannot hold."""
        if self.late():
            return self.add(**row, skipped="time limit")
        try:
            run()
            torch.cuda.synchronize()
            self.add(**row, ms=plain_ms(run), graph_ms=graph_ms(captured or run))
        except Exception as error:  # whatever a peer raises
            self.add(**row, failed=repr(error)[:200])
            torch.cuda.synchronize()
        torch.cuda.empty_cache()


def roof(report, options):
    source = torch.randn(1 << 29, device="cuda").to(BF16)
    target = torch.empty_like(source)
    ms = plain_ms(lambda: target.copy_(source))
    report.add(peer="roof", kernel="copy", bytes_per_second=4.0 * source.numel() / ms * 1e3)
    size = 8192
    a, b = (torch.randn(size, size, device="cuda", dtype=BF16) for _ in range(2))
    ms = plain_ms(lambda: a @ b)
    report.add(peer="roof", kernel="matmul bf16", flops_per_second=2.0 * size**3 / ms * 1e3)


def mamba2(report, options):
    from mamba_ssm.ops.triton.ssd_combined import mamba_chunk_scan_combined
    for shape in MAMBA2_SHAPES:
        batch, length, heads, head_dim, state, groups = shape
        x = torch.randn(batch, length, heads, head_dim, device="cuda", dtype=BF16)
        dt = torch.randn(batch, length, heads, device="cuda", dtype=BF16)
        a = -torch.exp(torch.rand(heads, device="cuda") * 2.7)
        b, c = (torch.randn(batch, length, groups, state, device="cuda", dtype=BF16) for _ in range(2))
        d, bias = torch.randn(heads, device="cuda"), torch.rand(heads, device="cuda") - 4
        for chunk in options.chunks:
            report.measure(lambda: mamba_chunk_scan_combined(x, dt, a, b, c, chunk, D=d, dt_bias=bias, dt_softplus=True),
                           peer="mamba_ssm", kernel="mamba2", shape=shape, chunk=chunk)


def linear(report, options):
    from fla.ops.linear_attn import chunk_linear_attn
    from fla.ops.retention import chunk_retention
    from fla.ops.simple_gla import chunk_simple_gla
    for shape in LINEAR_SHAPES:
        batch, length, heads, head_dim, state, _ = shape
        q, k = (torch.randn(batch, length, heads, state, device="cuda", dtype=BF16) for _ in range(2))
        v = torch.randn(batch, length, heads, head_dim, device="cuda", dtype=BF16)
        g = F.logsigmoid(torch.randn(batch, length, heads, device="cuda"))
        # chunk_retention makes its decays on the CPU and copies them at each call, which a graph cannot hold; then it calls this.
        gamma = torch.log1p(-torch.exp2(-5.0 - torch.arange(heads, device="cuda", dtype=torch.float32)))
        for kernel, run, captured in (
                ("linear_attn", lambda: chunk_linear_attn(q, k, v, normalize=False), None),
                ("simple_gla", lambda: chunk_simple_gla(q, k, v, g=g), None),
                ("retention", lambda: chunk_retention(q, k, v), lambda: chunk_simple_gla(q, k, v, g_gamma=gamma))):
            report.measure(run, captured, peer="fla", kernel=kernel, shape=shape)


def attention(report, options):
    from torch.nn.attention import SDPBackend, sdpa_kernel
    for shape in ATTENTION_SHAPES:
        batch, length, heads, dim = shape
        q, k, v = (torch.randn(batch, heads, length, dim, device="cuda", dtype=BF16) for _ in range(3))
        for backend in (SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION):
            def run():
                with sdpa_kernel(backend):
                    return F.scaled_dot_product_attention(q, k, v, is_causal=True)
            report.measure(run, peer="torch", kernel=backend.name.lower(), shape=shape)


def main():
    parts = {"roof": roof, "mamba2": mamba2, "linear": linear, "attention": attention}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(parts), help="parts to run")
    parser.add_argument("--chunks", default="64,128,256", type=lambda s: [int(c) for c in s.split(",")])
    parser.add_argument("--limit", type=float, default=500, help="seconds after which the rest is skipped")
    parser.add_argument("--json", help="file to write, complete after every row")
    options = parser.parse_args()
    unknown = [name for name in options.only.split(",") if name not in parts]
    if unknown:
        parser.error(f"--only: expected some of {', '.join(parts)}, got {unknown[0]}")
    report = Report(options.limit, options.json)
    torch.manual_seed(0)
    with torch.no_grad():
        for name in options.only.split(","):
            try:
                parts[name](report, options)
            except ImportError as error:
                report.add(peer=name, failed=repr(error)[:200])
    sys.exit(any("failed" in row for row in report.rows))


main()
