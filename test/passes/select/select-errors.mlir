// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: split-file %s %t
// RUN: not mixer-opt %t/good.mlir --mixer-select="algorithm=fast" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not mixer-opt %t/good.mlir --mixer-select="chunk=24" 2>&1 | FileCheck %s --check-prefix=CHUNK
// RUN: not mixer-opt %t/good.mlir --mixer-select="chunk=-16" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not mixer-opt %t/good.mlir --mixer-select="chunk=4611686018427387904" 2>&1 | FileCheck %s --check-prefix=HUGE
// HUGE: chunk: expected 0 to 65536, got 4611686018427387904
// RUN: not mixer-opt %t/good.mlir --mixer-select="heads=5" 2>&1 | FileCheck %s --check-prefix=HEADS
// RUN: not mixer-opt %t/good.mlir --mixer-select="length=-1" 2>&1 | FileCheck %s --check-prefix=LENGTH
// RUN: not mixer-opt %t/good.mlir --mixer-select="target=h200x" 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not mixer-opt %t/good.mlir --mixer-select="target=%t/bad.json" 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not mixer-opt %t/good.mlir --mixer-select="target=%t/none.json" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not mixer-opt %t/good.mlir --mixer-select="target=h100 algorithm=chunked chunk=4096" 2>&1 | FileCheck %s --check-prefix=FIT
// RUN: not mixer-opt %t/good.mlir --mixer-select="target=h100 precision=f16" 2>&1 | FileCheck %s --check-prefix=PRECISION
// RUN: not mixer-opt %t/good.mlir --mixer-select="target=h100 precision=f32" 2>&1 | FileCheck %s --check-prefix=EXACT
// RUN: not mixer-opt %t/good.mlir --mixer-select="target=x86-64 precision=tf32" 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not mixer-opt %t/given.mlir --mixer-select="target=h100 precision=f32" 2>&1 | FileCheck %s --check-prefix=GIVEN
// RUN: mixer-opt %t/given.mlir --mixer-select="target=h100 precision=tf32"
// RUN: not mixer-opt %t/given.mlir --mixer-select="target=h100 heads=1" 2>&1 | FileCheck %s --check-prefix=GIVEN-HEADS
// RUN: not mixer-opt %t/unbound.mlir --mixer-select 2>&1 | FileCheck %s --check-prefix=UNBOUND
// RUN: mixer-opt %t/diagonal.mlir --mixer-select="algorithm=quadratic" | FileCheck %s --check-prefix=DIAGONAL
// RUN: not mixer-opt %t/rank1.mlir --mixer-select="algorithm=quadratic" 2>&1 | FileCheck %s --check-prefix=RANK1
// RUN: mixer-opt %t/pre.mlir --mixer-select="algorithm=quadratic" | FileCheck %s --check-prefix=PRE
// RUN: mixer-opt %t/keep.mlir --mixer-select="algorithm=quadratic" | FileCheck %s --check-prefix=KEEP
// RUN: mixer-opt %t/mask.mlir --mixer-select | FileCheck %s --check-prefix=MASK --implicit-check-not='algorithm<chunked' --implicit-check-not='algorithm<scan'
// RUN: not mixer-opt %t/mask.mlir --mixer-select="algorithm=chunked" 2>&1 | FileCheck %s --check-prefix=MASK-CHUNKED
// RUN: not mixer-opt %t/mask-sum.mlir --mixer-select 2>&1 | FileCheck %s --check-prefix=MASK-SUM
// RUN: not mixer-opt %t/mask-before.mlir --mixer-select 2>&1 | FileCheck %s --check-prefix=MASK-BEFORE

// NAME: algorithm: expected auto, quadratic, scan, chunked or all, got fast
// CHUNK: chunk: expected a multiple of 16, got 24
// NEGATIVE: chunk: expected 0 to 65536, got -16
// HEADS: heads: expected a divisor of the 24 heads that share b and c, got 5
// LENGTH: length: expected 0 to 4611686018427387904, got -1
// TARGET: target: expected a machine (a100, epyc-avx2, epyc-avx512, h100, h200, x86-64), an architecture (sm_80, sm_86, {{.*}}) or the path of a machine's description (.json), got 'h200x'; did you mean 'h200'?
// FILE: bad.json: key 'units': expected a whole number above 0, got "many"
// NONE: none.json: expected a readable machine description
// FIT: chunk: expected one of which a plan fits h100, got 4096; take a smaller one, or leave it out
// FIT: note: {{.*}}chunk = 4096{{.*}} expected at most {{[0-9]+}} bytes of shared memory on sm_90, got {{[0-9]+}}
// PRECISION: precision: expected tf32 or f32, got f16
// EXACT: precision: expected io tensors of f32 (--dtype=f32), got a 16-bit type, whose products are exact
// CPU: precision: expected f32 without a GPU among the targets, got tf32: a CPU multiplies in f32
// GIVEN: precision: expected tf32 as in the spec's #mixer.algorithm<chunked, chunk = 32, precision = tf32>, got f32; leave it out, or change the plan
// GIVEN-HEADS: heads: expected none beside the plans of 'm', which say it; leave it out, or change the plans
// UNBOUND: expected a size for dimension {{.}}, got none: bind it with --mixer-bind-shape
// Decays of entries and what is read before the step have the quadratic form, corrections and signs beside a read before the step not.
// DIAGONAL: #mixer.algorithm<quadratic
// RANK1: expected a transition without l and r, got a rank-1 correction (a delta rule), which quadratic does not compute yet; chunked does
// PRE: #mixer.algorithm<quadratic
// KEEP: #mixer.algorithm<quadratic

// A form that one algorithm has alone is computed by it, whatever B and T are.
// MASK: plans = [#mixer.algorithm<quadratic
// MASK-CHUNKED: expected no mask, which leaves no state, got [T,H], which chunked does not compute yet; quadratic does
// MASK-SUM: expected mask from arguments of the spec by maps alone, got one that depends on mixer.sum: no algorithm yet; compute it before the call and make it an argument
// MASK-BEFORE: expected no mask beside read = pre or direction = both with keep, mixer.previous or mixer.conv, got [T]: no algorithm yet; compute those before the call

//--- good.mlir
mixer.spec @m(%x: [B,T,H,P] io, %g: [B,T,H], %b: [B,T,G,N] io, %c: [B,T,G,N] io) -> (%y: [B,T,H,P] io)
    attributes {sizes = {G = 1 : i64, H = 24 : i64, N = 128 : i64, P = 64 : i64}, io = bf16} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  mixer.return %o
}
//--- given.mlir
mixer.spec @m(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io) -> (%y: [B,T,H,P] io)
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}, io = f32, plans = [#mixer.algorithm<chunked, chunk = 32, precision = tf32>, #mixer.algorithm<scan>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c
  mixer.return %o
}
//--- unbound.mlir
mixer.spec @m(%x: [B,T,H,P], %b: [B,T,H,N], %c: [B,T,H,N]) -> (%y: [B,T,H,P]) {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c
  mixer.return %o
}
//--- diagonal.mlir
mixer.spec @gla(%x: [B,T,H,P], %g: [B,T,H,N], %b: [B,T,H,N], %c: [B,T,H,N]) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  mixer.return %o
}
//--- rank1.mlir
mixer.spec @delta(%x: [B,T,H,P], %l: [B,T,H,N], %r: [B,T,H,N], %b: [B,T,H,N], %c: [B,T,H,N]) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, l = %l, r = %r
  mixer.return %o
}
//--- pre.mlir
mixer.spec @pre(%x: [B,T,H,P], %b: [B,T,H,N], %c: [B,T,H,N]) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, read = pre
  mixer.return %o
}
//--- keep.mlir
mixer.spec @keep(%x: [B,T,H,P], %b: [B,T,H,N], %k: [B,T,H]) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, keep = %k, direction = both
  mixer.return %y
}
//--- mask.mlir
mixer.spec @mask(%x: [B,T,H,P], %b: [B,T,H,N], %m: [T,H]) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, mask = %m
  mixer.return %y
}
//--- mask-sum.mlir
mixer.spec @mask_sum(%x: [B,T,H,P], %b: [B,T,H,N], %m: [T,N]) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}} {
  %s = mixer.sum %m over N
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, mask = %s
  mixer.return %y
}
//--- mask-before.mlir
mixer.spec @mask_before(%x: [B,T,H,P], %b: [B,T,H,N], %k: [B,T], %m: [T]) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 4 : i64, N = 64 : i64, P = 64 : i64}} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, keep = %k, mask = %m, read = pre
  mixer.return %y
}
//--- bad.json
{"name": "bad", "arch": "x86-64", "kind": "cpu", "units": "many"}
