// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decays of entries that reach no further than 16-bit operands do: scores are one product, of rows with their decays from the chunk's start
// and of columns with the inverse of theirs. The bound is declared, or follows from how the decay is computed.
// RUN: mixer-opt %s --mixer-decompose-chunked --split-input-file | FileCheck %s

// CHECK-LABEL: tile.program @declared
// CHECK-NOT: blocks [2]
// CHECK-NOT: tile.cumsum
mixer.spec @declared(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %g: [B,T,H,N]) -> (%y: [B,T,H,P] io)
    attributes {io = bf16, sizes = {H = 1, N = 16, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16, operand = bf16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g >= -5
  mixer.return %y
}

// -----

// CHECK-LABEL: tile.program @computed
// CHECK: tile.spans {{.*}} blocks [64] anchors [0]
// CHECK-NOT: blocks [2]
mixer.spec @computed(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %w: [B,T,H,N], %s: [H]) -> (%y: [B,T,H,P] io)
    attributes {io = bf16, sizes = {H = 1, N = 16, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 64, pblock = 16, operand = bf16>]} {
  %f = mixer.map(%w, %s) { (w, s) -> sigmoid(w) * min(abs(s), 2) }
  %g = mixer.map(%f)     { (f) -> -0.6 * f }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  mixer.return %y
}

// -----

// CHECK-LABEL: tile.program @clamped
// CHECK-NOT: blocks [2]
// CHECK-NOT: tile.cumsum
mixer.spec @clamped(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %w: [B,T,H,N]) -> (%y: [B,T,H,P] io)
    attributes {io = bf16, sizes = {H = 1, N = 16, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16, operand = bf16>]} {
  %g = mixer.map(%w) { (w) -> clamp(w, -0.4, 0) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  mixer.return %y
}

// -----

// f16, which has no such range; out of that of a chunk of 32; not known: halves of blocks of 2, 4, 8, .. tokens.
// CHECK-LABEL: tile.program @narrow
// CHECK: tile.spans {{.*}} blocks [2] anchors [1]
mixer.spec @narrow(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %g: [B,T,H,N]) -> (%y: [B,T,H,P] io)
    attributes {io = f16, sizes = {H = 1, N = 16, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16, operand = f16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g >= -0.1
  mixer.return %y
}

// -----

// CHECK-LABEL: tile.program @long
// CHECK: tile.spans {{.*}} blocks [2] anchors [1]
mixer.spec @long(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %g: [B,T,H,N]) -> (%y: [B,T,H,P] io)
    attributes {io = bf16, sizes = {H = 1, N = 16, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 32, pblock = 16, operand = bf16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g >= -5
  mixer.return %y
}

// -----

// CHECK-LABEL: tile.program @reset
// CHECK: tile.spans {{.*}} blocks [2] anchors [1]
mixer.spec @reset(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %w: [B,T,H,N], %first: [B,T]) -> (%y: [B,T,H,P] io)
    attributes {io = bf16, sizes = {H = 1, N = 16, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16, operand = bf16>]} {
  %g = mixer.map(%w, %first) { (w, f) -> where(f > 0.5, -inf, -sigmoid(w)) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  mixer.return %y
}

// -----

// Padding of N has no decay: log(0) would keep no bound.
// CHECK-LABEL: tile.program @padded
// CHECK: tile.kernel @main
// CHECK: math.log
// CHECK: %[[N:.*]] = arith.cmpi {{.*}}, %c10
// CHECK: arith.select %{{.*}}
// CHECK: tile.spans
mixer.spec @padded(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %a: [B,T,H,N]) -> (%y: [B,T,H,P] io)
    attributes {io = bf16, sizes = {H = 1, N = 10, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16, operand = bf16>]} {
  %g = mixer.map(%a) { (a) -> log(a) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g >= -0.7
  mixer.return %y
}
