// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=quadratic" | FileCheck %s --check-prefix=QUADRATIC
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=scan" | FileCheck %s --check-prefix=SCAN
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=chunked chunk=64 heads=2" | FileCheck %s --check-prefix=CHUNKED
// RUN: mixer-opt %s --mixer-select="target=x86-64 algorithm=chunked chunk=32 heads=4" | FileCheck %s --check-prefix=CPU
// RUN: mixer-opt %s --mixer-select="target=h100 batch=8 length=4096" | FileCheck %s --check-prefix=LONG
// RUN: mixer-opt %s --mixer-select="target=x86-64 batch=1 length=8" | FileCheck %s --check-prefix=SHORT
// RUN: mixer-opt %s --mixer-select="target=h100" | FileCheck %s --check-prefix=SET
// RUN: mixer-opt %s --mixer-select="target=x86-64 algorithm=all" | FileCheck %s --check-prefix=ALL
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=chunked" | mixer-opt --mixer-select="target=h100 batch=1 length=1" | FileCheck %s --check-prefix=KEPT
// RUN: mixer-opt %s --mixer-select="target=sm_86 algorithm=scan" | FileCheck %s --check-prefix=ARCH

// QUADRATIC: plans = [#mixer.algorithm<quadratic, {{[^#]*}}]
// QUADRATIC-SAME: target = #mixer.target<"h100", gpu, {
// QUADRATIC-SAME: units = 132 : i64

// Eight warps: 16 rows of the state each, 32 registers a thread.
// SCAN: plans = [#mixer.algorithm<scan, chunk = 16, pblock = 64, warps = 8>]

// A block of two heads: 2 * 64 rows of state, 16 a warp.
// CHUNKED: plans = [#mixer.algorithm<chunked, chunk = 64, heads = 2, pblock = 64, operand = bf16, stages = 2, warps = 8>]

// CPU: plans = [#mixer.algorithm<chunked, chunk = 32, heads = 4, pblock = 64, warps = 1>]
// CPU-SAME: target = #mixer.target<"x86-64", cpu, {

// One plan for B and T that are known, and one for sm_90a where it has one.
// LONG: plans = [{{(#mixer.algorithm<chunked, [^#]*family = sm_90a[^#]*>, )?}}#mixer.algorithm<chunked, {{[^#]*}}]
// SHORT: plans = [#mixer.algorithm<quadratic, {{[^#]*}}]

// A dispatcher needs the chunked form for many tokens and the quadratic one for few.
// SET: plans = [#mixer.algorithm<chunked, {{.*}}#mixer.algorithm<scan, chunk = 1,

// ALL: plans = [#mixer.algorithm<chunked, {{[^#]*}}#mixer.algorithm<scan, {{[^#]*}}#mixer.algorithm<quadratic, {{[^#]*}}]

// Plans that are there stay.
// KEPT: plans = [#mixer.algorithm<chunked,

// ARCH: target = #mixer.target<"a100", gpu, {
mixer.spec @m(%x: [B,T,H,P] io, %g: [B,T,H], %b: [B,T,G,N] io, %c: [B,T,G,N] io) -> (%y: [B,T,H,P] io)
    attributes {sizes = {G = 1 : i64, H = 24 : i64, N = 128 : i64, P = 64 : i64}, io = bf16} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  mixer.return %o
}
