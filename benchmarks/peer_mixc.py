# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls what pack_peers.py compiled, on PyTorch's tensors. The structures are those of mixc/runtime/descriptor.h."""
import ctypes
import json
import pathlib

import torch

MAX_RANK, MAX_TENSORS = 5, 24
DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
DEVICES = {"cpu": 0, "cuda": 1}


class Status(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("message", ctypes.c_char_p)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("strides", ctypes.c_int64 * MAX_RANK)]


class Args(ctypes.Structure):
    _fields_ = [("B", ctypes.c_int64), ("T", ctypes.c_int64), ("sequences", ctypes.c_void_p), ("threads", ctypes.c_void_p),
                ("tensors", Tensor * MAX_TENSORS)]


class Plan(ctypes.Structure):
    _fields_ = [("variant", ctypes.c_int32), ("reserved", ctypes.c_int32), ("splits", ctypes.c_int64), ("span", ctypes.c_int64),
                ("halved", ctypes.c_int64), ("seconds", ctypes.c_double), ("workspace_bytes", ctypes.c_uint64)]


def check(status):
    if status.code:
        raise RuntimeError(status.message.decode())


class Compiled:
    """A compiled row: `run` enqueues the call on PyTorch's current stream (on a CPU, computes it) and returns y."""

    def __init__(self, folder, name, tensors):
        prefix = pathlib.Path(folder).resolve() / name
        self.manifest = json.loads(prefix.with_name(name + ".json").read_text())
        self.library = ctypes.CDLL(str(prefix) + ".so")
        self.library.row_descriptor.restype = ctypes.c_void_p
        self.desc = ctypes.c_void_p(self.library.row_descriptor())
        for function in ("mixc_spec_plan", "mixc_spec_run_cpu_with", "mixc_spec_run_cuda_with"):
            getattr(self.library, function).restype = Status
        self.device = next(iter(tensors.values())).device
        self.tensors = dict(tensors)
        self.args, self.plan = Args(), Plan(variant=-1)
        self.bind()
        check(self.library.mixc_spec_plan(self.desc, DEVICES[self.device.type], ctypes.byref(self.args), ctypes.byref(self.plan)))
        self.workspace = torch.empty(max(1, self.plan.workspace_bytes), dtype=torch.uint8, device=self.device)
        self.variant = self.manifest["variants"][self.plan.variant]["name"]

    def bind(self):
        entries = self.manifest["arguments"] + self.manifest["results"]
        wanted = {entry["name"] for entry in self.manifest["arguments"]}
        if not set(self.tensors) <= wanted:
            raise ValueError(f"expected tensors of {sorted(wanted)}, got {sorted(self.tensors)}")
        lengths = {}
        for i, entry in enumerate(entries):
            is_result = i >= len(self.manifest["arguments"])
            if entry["name"] not in self.tensors and entry["optional"]:
                continue
            if is_result:
                shape = [lengths.get(size, size) for size in entry["shape"]]
                self.tensors[entry["name"]] = torch.empty(shape, dtype=DTYPES[entry["dtype"]], device=self.device)
            tensor = self.tensors[entry["name"]]
            for size, letter in zip(tensor.shape, entry["shape"]):
                if letter in ("B", "T"):
                    lengths[letter] = size
            shape = [lengths.get(size, size) for size in entry["shape"]]
            if tensor.dtype != DTYPES[entry["dtype"]] or list(tensor.shape) != shape:
                raise ValueError(f"{entry['name']}: expected {entry['dtype']} {shape}, got {tensor.dtype} {list(tensor.shape)}")
            self.args.tensors[i].data = tensor.data_ptr()
            self.args.tensors[i].strides[:tensor.dim()] = tensor.stride()
        self.args.B, self.args.T = lengths["B"], lengths["T"]
        self.result = self.tensors[self.manifest["results"][0]["name"]]

    def bytes(self):
        """Of every tensor once."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values())

    def run(self):
        call = [self.desc, ctypes.byref(self.plan), ctypes.byref(self.args), ctypes.c_void_p(self.workspace.data_ptr()),
                ctypes.c_size_t(self.plan.workspace_bytes)]
        if self.device.type == "cpu":
            check(self.library.mixc_spec_run_cpu_with(*call))
        else:
            check(self.library.mixc_spec_run_cuda_with(*call, ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)))
        return self.result
