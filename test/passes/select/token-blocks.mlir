// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks that take tokens one by one: on CPUs of whole heads on a few cores, of some columns of a head where there are more cores than that.
// RUN: split-file %s %t
// RUN: mixer-opt %t/spec.mlir --mixer-select="target=x86-64 batch=1 length=1 algorithm=scan chunk=1" | FileCheck %s --check-prefix=FEW
// RUN: mixer-opt %t/spec.mlir --mixer-select="target=%t/many.json batch=1 length=1 algorithm=scan chunk=1" | FileCheck %s --check-prefix=MANY
// On a GPU, of what a warp holds of the state, in bytes; of more columns where these lie side by side in memory.
// RUN: mixer-opt %t/spec.mlir --mixer-select="target=h100 batch=64 length=1 algorithm=scan chunk=1" | FileCheck %s --check-prefix=ROWS
// RUN: sed 's/\[B,H,P,N\]/[B,H,N,P]/g' %t/spec.mlir | mixer-opt --mixer-select="target=h100 batch=64 length=1 algorithm=scan chunk=1" | FileCheck %s --check-prefix=COLUMNS
// RUN: sed 's/\[B,H,P,N\]/[B,H,N,P]/g; s/sizes = /io = bf16, states = bf16, sizes = /' %t/spec.mlir | mixer-opt --mixer-select="target=h100 batch=64 length=1 algorithm=scan chunk=1" | FileCheck %s --check-prefix=NARROW
// ROWS: plans = [#mixer.algorithm<scan, chunk = 1, pblock = 8, warps = 1>]
// COLUMNS: plans = [#mixer.algorithm<scan, chunk = 1, pblock = 32>]
// NARROW: plans = [#mixer.algorithm<scan, chunk = 1, pblock = 32, warps = 2>]
// FEW: plans = [#mixer.algorithm<scan, chunk = 1, heads = 2, pblock = 64, warps = 1>]
// MANY: plans = [#mixer.algorithm<scan, chunk = 1, pblock = 16, warps = 1>]

//--- many.json
{"name": "many", "arch": "x86-64", "kind": "cpu", "units": 96, "copy_bandwidth": 3e11, "unit_bandwidth": 1e10,
 "matrix_rate_f32": 5e12, "matrix_rate_tf32": 5e12, "matrix_rate_half": 5e12, "shared_bandwidth": 2e13, "scalar_rate": 3e12, "special_rate": 2e11,
 "launch_latency": 5e-6, "memory_latency": 1e-7, "shared_bytes": 1048576, "cache_bytes": 268435456}
//--- spec.mlir
mixer.spec @m(%x: [B,T,H,P], %g: [B,T,H], %b: [B,T,G,N], %c: [B,T,G,N], %h0: [B,H,P,N]) -> (%y: [B,T,H,P], %hT: [B,H,P,N])
    attributes {sizes = {G = 1 : i64, H = 24 : i64, N = 128 : i64, P = 64 : i64}} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, init = %h0
  mixer.return %o, %S
}
