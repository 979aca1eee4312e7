// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: split-file %s %t
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,N=4,P=4,Z=2" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,N=0" 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,N=many" 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,H=8" 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,N=4" 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,N=4,P=4,G=3" 2>&1 | FileCheck %s --check-prefix=GROUPS
// RUN: not mixer-opt %t/values.mlir --mixer-bind-shape="shape=H=8,V=3,N=4,P=4" 2>&1 | FileCheck %s --check-prefix=VALUES
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,G=1,N=4,P=4 dtype=f64" 2>&1 | FileCheck %s --check-prefix=DTYPE
// RUN: not mixer-opt %t/spec.mlir --mixer-bind-shape="shape=H=8,G=1,N=4,P=4 spec=other" 2>&1 | FileCheck %s --check-prefix=SPEC
// RUN: not mixer-opt %t/bound.mlir --mixer-bind-shape="shape=N=8" 2>&1 | FileCheck %s --check-prefix=BOUND
// RUN: not mixer-opt %t/bound.mlir --mixer-bind-shape="shape=N=4 dtype=f16" 2>&1 | FileCheck %s --check-prefix=IO

// UNKNOWN: error: shape: expected sizes of B, T, H, G, Q, K, V, R, W, L, N, P as in H=24,P=64, got 'Z=2'
// ZERO: error: shape: expected a size from 1 to 1048576 for N, got '0'
// NUMBER: error: shape: expected a size from 1 to 1048576 for N, got 'many'
// TWICE: error: shape: expected one size for H, got two
// MISSING: spec.mlir:1:1: error: 'mixer.spec' op shape: expected a size for G, P, as in G=..,P=..
// GROUPS: spec.mlir:1:1: error: 'mixer.spec' op shape: expected G to divide H, got G = 3 and H = 8
// VALUES: values.mlir:1:1: error: 'mixer.spec' op shape: expected V to divide H, got V = 3 and H = 8
// DTYPE: error: dtype: expected f32, bf16 or f16, got 'f64'
// SPEC: error: spec: expected the name of a spec of this module, got 'other'
// BOUND: error: 'mixer.spec' op shape: expected N = 4 as the spec binds it, got 8
// IO: error: 'mixer.spec' op dtype: expected bf16 as the spec binds it, got f16

//--- spec.mlir
mixer.spec @s(%x: [B,T,H,P] io, %k: [B,T,G,N] io) -> (%o: [B,T,H,P] io) {
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return %o
}
//--- values.mlir
mixer.spec @s(%x: [B,T,V,P] io, %k: [B,T,H,N] io) -> (%o: [B,T,H,P] io) {
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return %o
}
//--- bound.mlir
mixer.spec @s(%x: [B,T,N] io) -> () attributes {io = bf16, sizes = {N = 4 : i64}} {
  mixer.return
}
