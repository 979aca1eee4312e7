// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A machine description of one's own, by path and by name in $MIXC_TARGETS. On a machine whose matrix products are slow, the scan wins.
// RUN: split-file %s %t
// RUN: mixer-opt %t/spec.mlir --mixer-select="target=%t/slow.json batch=1 length=4096" | FileCheck %s
// RUN: env MIXC_TARGETS=%t mixer-opt %t/spec.mlir --mixer-select="target=slow batch=1 length=4096" | FileCheck %s
// RUN: mixer-opt %t/spec.mlir --mixer-select="target=x86-64 batch=1 length=4096" | FileCheck %s --check-prefix=SHIPPED
// CHECK: plans = [#mixer.algorithm<scan,
// CHECK-SAME: target = #mixer.target<"slow", cpu, {
// CHECK-SAME: matrix_rate_f32 = 1.000000e+09 : f64
// CHECK-SAME: units = 3 : i64
// SHIPPED: plans = [#mixer.algorithm<chunked,

//--- slow.json
{"name": "slow", "arch": "x86-64", "kind": "cpu", "units": 3, "copy_bandwidth": 1e10, "unit_bandwidth": 5e9,
 "matrix_rate_f32": 1e9, "matrix_rate_tf32": 1e9, "matrix_rate_half": 1e9, "shared_bandwidth": 1e11, "scalar_rate": 3e10, "special_rate": 1e9,
 "launch_latency": 5e-6, "memory_latency": 1e-7, "shared_bytes": 1048576, "cache_bytes": 8388608}
//--- spec.mlir
mixer.spec @m(%x: [B,T,H,P], %g: [B,T,H], %b: [B,T,G,N], %c: [B,T,G,N]) -> (%y: [B,T,H,P])
    attributes {sizes = {G = 1 : i64, H = 24 : i64, N = 128 : i64, P = 64 : i64}} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  mixer.return %o
}
