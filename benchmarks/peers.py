#!/usr/bin/env python3
# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the forward passes of mamba_ssm, flash-linear-attention and PyTorch's attention, and mixc's beside them.

    peers.py [--only roof,mamba2,..] [--mixc DIR] [--json FILE] [--mixc-json FILE]

Each is timed launched from Python with the L2 cache flushed between runs (ms), and from a CUDA graph without flushing
(graph ms); medians. Needs PyTorch, Triton, nvcc for Mamba-1, and the packages that fetch_peers.py lays down on PYTHONPATH.
A peer with several forms has a row for each. --mixc DIR calls what pack_peers.py compiled, on the same tensors and timed the
same way; its error is the difference from the first peer's result, or from a float32 recurrence where the line says so.

Before anything is timed, a process for each part runs its peers once, so that Triton compiles on all cores (peer_compile.py);
every configuration of the peers' autotuning takes part unless --configs says how many of a list.
"""
import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import torch
import torch.nn.functional as F
import triton

from peer_compile import SelectiveScan, tune_quickly
from peer_mixc import Compiled
from peer_rows import SHAPES, row_name

BF16 = torch.bfloat16
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


class LateError(Exception):
    """A row took longer than it may."""


def out_of_time(*_):
    raise LateError("time limit of the row")


def difference(got, expected):
    got, expected = got.float(), expected.float()
    return ((got - expected).norm() / expected.norm()).item()


class Report:
    def __init__(self, options):
        self.options, self.rows, self.ours = options, [], []
        self.start, self.bandwidth = time.time(), None
        signal.signal(signal.SIGALRM, out_of_time)

    def late(self):
        return time.time() - self.start > self.options.limit

    def write(self):
        for path, rows in ((self.options.json, self.rows), (self.options.mixc_json, self.ours)):
            if path and not self.options.prepare:
                with open(path, "w") as out:
                    json.dump({"device": torch.cuda.get_device_name(), "torch": torch.__version__,
                               "triton": triton.__version__, "rows": rows}, out, indent=1)

    def add(self, rows, **row):
        if "shape" in row:
            row["dtype"] = "bf16"
        rows.append(row)
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()),
              f" [{time.time() - self.start:.0f} s]", flush=True)
        self.write()

    def times(self, run, captured=None):
        return {} if self.options.prepare else {"ms": plain_ms(run), "graph_ms": graph_ms(captured or run)}

    def guarded(self, rows, body, row):
        """Adds what `body` measures. A failure becomes a row, so that one broken kernel does not end the others."""
        if self.late():
            return self.add(rows, **row, skipped="time limit")
        try:
            signal.alarm(self.options.row_limit)
            row = {**row, **body()}
        except Exception as error:  # whatever a peer raises
            row["failed"] = repr(error)[:300]
        finally:
            signal.alarm(0)
        self.add(rows, **row)
        try:
            torch.cuda.synchronize()
        except Exception as error:  # a fault that the context does not survive
            sys.exit(f"expected a context that works after {row}, got {error!r}")
        torch.cuda.empty_cache()

    def measure(self, run, captured=None, expected=None, **row):
        """Times one peer and returns its result, None if it failed. `captured` takes the place of a call that a graph cannot hold;
        `expected` is another form's result."""
        result = []

        def body():
            value = run()
            result.append(value[0] if isinstance(value, tuple) else value)
            torch.cuda.synchronize()
            return {**self.times(run, captured), **({"difference": difference(result[0], expected)} if expected is not None else {})}

        self.guarded(self.rows, body, row)
        return result[0] if result else None

    def compare(self, kernel, shape, tensors, expected):
        """Times mixc on the tensors, by the names that the spec gives them. `expected` may be a function, which is called once."""
        if not self.options.mixc or self.options.prepare:
            return

        def body():
            compiled = Compiled(self.options.mixc, row_name(kernel, shape), tensors)
            got = compiled.run()
            torch.cuda.synchronize()
            times = self.times(compiled.run)
            wanted = expected() if callable(expected) else expected
            return {"variant": compiled.variant, "splits": compiled.plan.splits, **times,
                    "floor_ms": compiled.bytes() / self.copies() * 1e3,
                    "error": difference(got, wanted) if wanted is not None else None}

        self.guarded(self.ours, body, {"kernel": kernel, "shape": shape})

    def copies(self):
        """Bytes per second of a copy, read and written."""
        if not self.bandwidth:
            source = torch.randn(1 << 29, device="cuda").to(BF16)
            target = torch.empty_like(source)
            self.bandwidth = 4.0 * source.numel() / plain_ms(lambda: target.copy_(source)) * 1e3
        return self.bandwidth


def normal(*sizes):
    return torch.randn(*sizes, device="cuda", dtype=BF16)


def unit(*sizes):
    """Rows of length 1, as the layers of delta rules normalise q and k."""
    return F.normalize(torch.randn(*sizes, device="cuda"), dim=-1).to(BF16)


def log_decay(*sizes):
    """-A softplus(x + bias) with A and bias as Mamba-2's layer, Gated DeltaNet's and KDA's make them; not below -5, so that KDA's form
    for safe gates computes it, too."""
    rate = 1 + 15 * torch.rand(sizes[2:], device="cuda")
    step = torch.exp(torch.rand(sizes[2:], device="cuda") * 4.6 - 6.9)
    bias = step + torch.log(-torch.expm1(-step))
    return (-rate * F.softplus(torch.randn(*sizes, device="cuda") + bias)).clamp(min=-5)


def roof(report, options):
    if options.prepare:
        return
    report.add(report.rows, peer="roof", kernel="copy", bytes_per_second=report.copies())
    size = 8192
    a, b = normal(size, size), normal(size, size)
    ms = plain_ms(lambda: a @ b)
    report.add(report.rows, peer="roof", kernel="matmul bf16", flops_per_second=2.0 * size**3 / ms * 1e3)


def mamba2_inputs(shape):
    batch, length, heads, head_dim, state, groups = shape
    return {"x": normal(batch, length, heads, head_dim), "dt": normal(batch, length, heads),
            "dt_bias": torch.rand(heads, device="cuda") - 4, "A": -torch.exp(torch.rand(heads, device="cuda") * 2.7),
            "B": normal(batch, length, groups, state), "C": normal(batch, length, groups, state), "D": torch.randn(heads, device="cuda")}


def mamba2(report, options):
    from mamba_ssm.ops.triton.ssd_combined import mamba_chunk_scan_combined
    for shape in SHAPES["mamba2"]:
        t = mamba2_inputs(shape)
        expected = None
        for chunk in options.chunks:
            result = report.measure(
                lambda: mamba_chunk_scan_combined(t["x"], t["dt"], t["A"], t["B"], t["C"], chunk, D=t["D"], dt_bias=t["dt_bias"],
                                                  dt_softplus=True),
                expected=expected, peer="mamba_ssm", kernel="mamba2", shape=shape, form=f"chunk {chunk}")
            expected = expected if result is None else result
        report.compare("mamba2", shape, t, expected)


def hydra_recurrence(t):
    """Token by token in float32: y of mixers/hydra.mlir with one group."""
    d = F.softplus(t["dt"].float() + t["dt_bias"])
    decay, x = torch.exp(d * t["A"]), d[..., None] * t["x"].float()
    b, c = t["B"].float()[:, :, 0], t["C"].float()[:, :, 0]
    y = t["D"][:, None] * t["x"].float()
    for tokens in (range(x.shape[1]), range(x.shape[1] - 1, -1, -1)):
        state = torch.zeros(x.shape[0], x.shape[2], x.shape[3], b.shape[2], device="cuda")
        for i in tokens:
            y[:, i] += torch.einsum("bhpn,bn->bhp", state, c[:, i])
            state = decay[:, i, :, None, None] * state + x[:, i, :, :, None] * b[:, i, None, None, :]
    return y


def hydra(report, options):
    """Hydra's own way: both directions as one batch of Mamba-2, results moved by a token, then added. That C_t is read a token later than
    in mixc's form changes values, not work; so the error is against a float32 recurrence."""
    from mamba_ssm.ops.triton.ssd_combined import mamba_chunk_scan_combined
    for shape in SHAPES["hydra"]:
        t = mamba2_inputs(shape)

        def run():
            x, dt, b, c = (torch.cat((t[name], t[name].flip(1))) for name in ("x", "dt", "B", "C"))
            y = mamba_chunk_scan_combined(x, dt, t["A"], b, c, chunk, dt_bias=t["dt_bias"], dt_softplus=True)
            y = torch.roll(y, 1, 1)
            y[:, 0] = 0
            forward, backward = y.chunk(2)
            return forward + backward.flip(1) + t["D"].to(BF16)[:, None] * t["x"]

        for chunk in options.chunks:
            report.measure(run, peer="mamba_ssm", kernel="hydra", shape=shape, form=f"chunk {chunk}")
        report.compare("hydra", shape, t, lambda: hydra_recurrence(t))


def mamba1(report, options):
    for shape in SHAPES["mamba1_selective_scan"]:
        batch, length, heads, _, state, _ = shape
        t = {"u": normal(batch, heads, length), "delta": normal(batch, heads, length), "delta_bias": torch.rand(heads, device="cuda") - 4,
             "A": -torch.arange(1.0, state + 1, device="cuda").repeat(heads, 1), "B": normal(batch, state, length),
             "C": normal(batch, state, length), "D": torch.randn(heads, device="cuda"), "z": normal(batch, heads, length)}
        scan = []

        def run():
            if not scan:
                scan.append(SelectiveScan(options.work))
            return scan[0](**t)

        expected = report.measure(run, peer="mamba_ssm", kernel="mamba1_selective_scan", shape=shape, form="CUDA")
        report.compare("mamba1_selective_scan", shape, t, expected)


def forms(report, kernel, make, *calls):
    """A mixer of flash-linear-attention: `make` gives the tensors, by the spec's names, for the sizes of q and v; a call is a form's
    name, the call, and what a graph holds in its place if that is another."""
    for shape in SHAPES[kernel]:
        batch, length, heads, head_dim, state, _ = shape
        t = make((batch, length, heads, state), (batch, length, heads, head_dim))
        expected = None
        for form, call, *captured in calls:
            result = report.measure(lambda: call(t), (lambda: captured[0](t)) if captured else None, expected, peer="fla",
                                    kernel=kernel, shape=shape, form=form)
            expected = result if expected is None else expected
        report.compare(kernel, shape, t, expected)


def linear(report, options):
    from fla.ops.linear_attn import chunk_linear_attn
    from fla.ops.retention import chunk_retention
    from fla.ops.simple_gla import chunk_simple_gla

    def plain(qk, v):
        return {"q": normal(*qk), "k": normal(*qk), "v": normal(*v)}

    def gated(qk, v):
        return {**plain(qk, v), "g": F.logsigmoid(torch.randn(qk[:3], device="cuda"))}

    heads = SHAPES["retention"][0][2]
    # chunk_retention makes its decays on the CPU and copies them at each call, which a graph cannot hold; then it calls this.
    gamma = torch.log1p(-torch.exp2(-5.0 - torch.arange(heads, device="cuda", dtype=torch.float32)))
    forms(report, "linear_attn", plain, ("chunk", lambda t: chunk_linear_attn(**t, normalize=False)))
    forms(report, "simple_gla", gated, ("chunk", lambda t: chunk_simple_gla(**t)))
    forms(report, "retention", plain, ("chunk", lambda t: chunk_retention(**t), lambda t: chunk_simple_gla(**t, g_gamma=gamma)))


def gla(report, options):
    from fla.ops.gla import chunk_gla

    def make(qk, v):  # the layer divides the gate's logarithm by 16
        return {"q": normal(*qk), "k": normal(*qk), "v": normal(*v), "gk": F.logsigmoid(torch.randn(qk, device="cuda")) / 16}

    forms(report, "gla", make, ("chunk", lambda t: chunk_gla(t["q"], t["k"], t["v"], t["gk"])))


def delta_inputs(qk, v):
    return {"q": unit(*qk), "k": unit(*qk), "v": normal(*v), "beta": torch.sigmoid(normal(*qk[:3]))}


def delta_rule(report, options):
    from fla.ops.delta_rule import chunk_delta_rule
    forms(report, "delta_rule", delta_inputs, ("chunk", lambda t: chunk_delta_rule(**t)))


def gated_delta_rule(report, options):
    from fla.ops.gated_delta_rule import chunk_gated_delta_rule
    forms(report, "gated_delta_rule", lambda qk, v: {**delta_inputs(qk, v), "g": log_decay(*qk[:3])},
          ("chunk", lambda t: chunk_gated_delta_rule(**t)))


def kda(report, options):
    from fla.ops.kda import chunk_kda

    def call(t, **flags):
        return chunk_kda(t["q"], t["k"], t["v"], t["gk"], t["beta"], **flags)

    def make(qk, v):
        return {**delta_inputs(qk, v), "gk": log_decay(*qk)}

    forms(report, "kda", make, ("chunk, safe_gate", lambda t: call(t, safe_gate=True)), ("chunk", call))
    forms(report, "kda_bounded", make, ("chunk, safe_gate", lambda t: call(t, safe_gate=True)))


def rwkv7(report, options):
    from fla.ops.rwkv7 import chunk_rwkv7, fused_mul_recurrent_rwkv7

    rates = []

    def make(qk, v):  # w, kk and a as the layer has them; the spec's a and b are -kk and kk a
        kk, rate = unit(*qk), torch.sigmoid(normal(*qk))
        rates[:] = [rate]
        return {"q": normal(*qk), "k": normal(*qk), "v": normal(*v), "a": -kk, "b": kk * rate,
                "gk": -0.6065306597126334 * torch.sigmoid(torch.randn(qk, device="cuda"))}

    def call(t, **flags):
        return chunk_rwkv7(t["q"], t["gk"], t["k"], t["v"], t["a"], t["b"], scale=t["q"].shape[-1] ** -0.5, **flags)

    def fused(t):
        return fused_mul_recurrent_rwkv7(t["q"], t["gk"], t["k"], t["v"], -t["a"], rates[0], scale=t["q"].shape[-1] ** -0.5,
                                         output_final_state=False)

    calls = (("chunk 64, safe_gate", lambda t: call(t, safe_gate=True, chunk_size=64)),
             ("chunk 16, safe_gate", lambda t: call(t, safe_gate=True)), ("fused recurrent", fused))
    forms(report, "rwkv7_dplr", make, *calls)
    forms(report, "rwkv7_bounded", make, calls[0])


def attention(report, options):
    from torch.nn.attention import SDPBackend, sdpa_kernel
    if options.prepare:
        return
    for shape in ATTENTION_SHAPES:
        batch, length, heads, dim = shape
        q, k, v = (normal(batch, heads, length, dim) for _ in range(3))
        for backend in (SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION):
            def run():
                with sdpa_kernel(backend):
                    return F.scaled_dot_product_attention(q, k, v, is_causal=True)
            report.measure(run, peer="torch", kernel=backend.name.lower(), shape=shape)


PARTS = {"roof": roof, "gla": gla, "delta_rule": delta_rule, "gated_delta_rule": gated_delta_rule, "kda": kda, "rwkv7": rwkv7,
         "mamba1": mamba1, "hydra": hydra, "linear": linear, "mamba2": mamba2, "attention": attention}


def prepare(options):
    """A process for each part runs its peers once; those that take too long are ended, and what they compiled stays."""
    start = time.time()
    processes = {}
    for name in options.only:
        if name not in ("roof", "attention"):
            log = open(pathlib.Path(options.work) / f"prepare_{name}.log", "w")
            processes[name] = subprocess.Popen(
                [sys.executable, str(pathlib.Path(__file__).resolve()), "--prepare", "--only", name, "--work", options.work, "--configs",
                 str(options.configs), "--chunks", ",".join(map(str, options.chunks)), "--row-limit", str(options.prepare_limit)],
                stdout=log, stderr=log)
    for name, process in processes.items():
        try:
            process.wait(max(1, start + options.prepare_limit - time.time()))
            print(f"prepared {name}, status {process.returncode} [{time.time() - start:.0f} s]", flush=True)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            print(f"prepared {name} in part: ended after {options.prepare_limit} s", flush=True)


def table(options):
    """What compare.py makes of the two files."""
    subprocess.run([sys.executable, str(pathlib.Path(__file__).resolve().with_name("compare.py")), options.mixc_json, options.json])


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), type=lambda text: text.split(","), help="parts to run")
    parser.add_argument("--chunks", default="64,128,256", type=lambda s: [int(c) for c in s.split(",")], help="of mamba_ssm's Mamba-2")
    parser.add_argument("--limit", type=float, default=500, help="seconds after which the rest is skipped")
    parser.add_argument("--row-limit", type=int, default=60, help="seconds of a row")
    parser.add_argument("--prepare-limit", type=int, default=180, help="seconds of compiling before the first row; 0: none")
    parser.add_argument("--configs", type=int, default=0, help="configurations of a list that Triton's autotuner tries; 0: all")
    parser.add_argument("--prepare", action="store_true", help="compile and run once, time nothing")
    parser.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "mixc-peers"), help="folder for what is compiled")
    parser.add_argument("--mixc", metavar="DIR", help="what pack_peers.py made, to be timed beside the peers")
    parser.add_argument("--json", help="file to write, complete after every row")
    parser.add_argument("--mixc-json", help="the same for mixc's rows, as compare.py takes it")
    options = parser.parse_args()
    unknown = [name for name in options.only if name not in PARTS]
    if unknown:
        parser.error(f"--only: expected some of {', '.join(PARTS)}, got {unknown[0]}")
    os.makedirs(options.work, exist_ok=True)
    if options.mixc:
        options.json = options.json or os.path.join(options.work, "peers.json")
        options.mixc_json = options.mixc_json or os.path.join(options.work, "mixc.json")
    return options


def main():
    options = parse()
    os.environ.setdefault("TRITON_CACHE_DIR", os.path.join(options.work, "triton"))
    if options.prepare_limit and not options.prepare:
        prepare(options)
    tune_quickly(options.configs, measured=not options.prepare)
    report = Report(options)
    torch.manual_seed(0)
    try:
        with torch.no_grad():
            for name in options.only:
                try:
                    PARTS[name](report, options)
                except Exception as error:  # no package, or no room for the inputs
                    report.add(report.rows, peer=name, failed=repr(error)[:300])
    finally:
        if options.mixc and not options.prepare:
            table(options)
    return any("failed" in row for row in report.rows + report.ours)


sys.exit(main())
