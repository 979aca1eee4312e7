// RUN: mixer-opt %s --mixer-decompose-chunked --canonicalize --cse | FileCheck %s

// A scalar decay, one scale of x per token, two heads a block that share b and c; P cut in two.
mixer.spec @scalar(%x: [B,T,H,P] io, %d: [B,T,H] io, %A: [H], %B: [B,T,G,N] io, %C: [B,T,G,N] io, %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {sizes = {H = 4, P = 64, N = 20, G = 2}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 32, heads = 2, pblock = 32, operand = bf16>]} {
  %g  = mixer.map(%d, %A) { (d, a) -> d * a }
  %dx = mixer.map(%d, %x) { (d, x) -> d * x }
  %y, %S = mixer.semiseparable x = %dx, b = %B, c = %C, decay = %g, init = %h0
  mixer.return %y, %S
}

// The states at the segments' starts are two kernels that run only where T is split.
// CHECK-LABEL: tile.program @scalar_chunked of @scalar
// CHECK-SAME: buffers [#tile.buffer<[-1, -3, 4, 64, 20]>, #tile.buffer<[-1, -3, 4]>]
// CHECK: tile.kernel @states
// CHECK-SAME: grid = #tile.grid<blocks = 4, batch = true, splits = true>, when = #tile.when<split>
// CHECK: tile.kernel @combine
// Eight columns a block: a block of few elements loads what its next segment adds ahead.
// CHECK-SAME: grid = #tile.grid<blocks = 16, batch = true>, when = #tile.when<split>
// CHECK: tile.sequence %{{[a-z0-9]+}}{{$}}
// CHECK: %[[HAS:.*]] = arith.cmpi sge, %source, %c0 : index
// CHECK: %[[START:.*]] = scf.if %[[HAS]] -> (tensor<2x8x32xf32>)
// CHECK: tile.load %{{.*}} limits [2, 8, 20] optional
// CHECK: %[[LAST:.*]] = scf.for %[[I:.*]] = %{{.*}} iter_args(%[[STATE:.*]] = %[[START]]) -> (tensor<2x8x32xf32>)
// CHECK: %[[AT:.*]] = arith.addi %place, %[[I]] : index
// CHECK: %[[OWN:.*]] = tile.load %[[STATES:.*]] [%buffer, %[[AT]], %{{.*}}] dims [2, 3, 4] limits [2, 8, 20]
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[STATE]], %[[OWN]]
// CHECK: tile.store %[[STATE]], %[[STATES]] [%buffer, %[[AT]], %{{.*}}]
// CHECK: scf.yield %[[SUM]]
// CHECK: tile.store %[[LAST]], %[[STATES]]

// CHECK: tile.kernel @main
// CHECK-SAME: grid = #tile.grid<blocks = 4, batch = true, splits = true>, when = #tile.when<always>
// The state comes from the workspace with splits, from the caller without; N is padded to 32.
// CHECK: scf.if %{{.*}} -> (tensor<2x32x32xf32>)
// CHECK: tile.load %{{.*}} dims [2, 3, 4] limits [2, 32, 20] : memref<?x?x4x64x20xf32
// CHECK: tile.load %{{.*}} dims [1, 2, 3] limits [2, 32, 20] optional
// CHECK: scf.for {{.*}} iter_args(%[[S:.*]] = %{{.*}}) -> (tensor<2x32x32xf32>)
// CHECK: tile.cumsum %{{.*}} : tensor<2x32xf32>
// Operands that are arguments are used as loaded.
// CHECK: %[[C:.*]] = tile.load %{{.*}} dims [1, 3] limits [%{{.*}}, 20] : {{.*}} -> tensor<32x32xbf16>
// CHECK: %[[B:.*]] = tile.load %{{.*}} dims [1, 3] limits [%{{.*}}, 20] : {{.*}} -> tensor<32x32xbf16>
// CHECK: linalg.contract {{.*}} ins(%[[C]], %[[B]] : tensor<32x32xbf16>, tensor<32x32xbf16>) {{.*}} -> tensor<32x32xf32>
// The decay is formed as a difference before exp2, masked above the diagonal.
// CHECK: arith.cmpi ule
// CHECK: arith.subf
// CHECK: math.exp2
// CHECK: tensor<2x32x32xbf16>
// CHECK: arith.truncf %[[S]] : tensor<2x32x32xf32> to tensor<2x32x32xbf16>
// The scale of x joins the f32 factors: x itself is the operand.
// CHECK: %[[X:.*]] = tile.load %{{.*}} dims [1, 2, 3] limits [%{{.*}}, 2, 32] : {{.*}} -> tensor<32x2x32xbf16>
// What is not finite is marked in the sums.
// CHECK: %[[FINITE:.*]], %[[SUMS:.*]] = tile.guard %[[X]] into %{{.*}} since %{{.*}} : tensor<2x32xf32>
// CHECK: linalg.contract {{.*}} ins(%[[FINITE]], %{{.*}} : tensor<32x2x32xbf16>, tensor<2x32x32xbf16>) outs(%[[SUMS]]
// CHECK: tile.store %{{.*}} dims [2, 3, 1] limits [2, 32, %{{.*}}] : tensor<2x32x32xbf16>
// CHECK: scf.yield
// Only the last segment writes the final state.
// CHECK: scf.if
// CHECK: tile.store %{{.*}} optional : tensor<2x32x32xf32>

// Without a decay there is no exponential; a normaliser is a second column of the same scores.
mixer.spec @normalised(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 4, P = 16, N = 16}, io = f16, plans = [#mixer.algorithm<chunked, chunk = 16, operand = f16>]} {
  %one = mixer.constant 1.0 : [B,T,H]
  %n, %S = mixer.semiseparable x = %v, b = %k, c = %q
  %d, %z = mixer.semiseparable x = %one, b = %k, c = %q
  %o = mixer.map(%n, %d) { (n, d) -> n / d }
  mixer.return %o
}

// CHECK-LABEL: tile.program @normalised_chunked of @normalised
// CHECK-SAME: buffers [#tile.buffer<[-1, -3, 4, 16, 16]>, #tile.buffer<[-1, -3, 4, 1, 16]>, #tile.buffer<[-1, -3, 4]>]
// CHECK: tile.kernel @main
// CHECK-NOT: math.exp2
// CHECK: linalg.contract {{.*}} -> tensor<16x16xf32>
// CHECK: linalg.contract {{.*}} -> tensor<1x16x16xf32>
// CHECK: arith.divf
// CHECK: tile.store
// CHECK-NOT: math.exp2
// CHECK: tile.return

// Two plans make two programs; a per-head index and a computed operand, masked where padding would add.
mixer.spec @indexed(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 2, P = 16, N = 24}, io = f32, plans = [#mixer.algorithm<chunked, chunk = 16>, #mixer.algorithm<chunked, chunk = 32>]} {
  %h = mixer.index H
  %g = mixer.map(%h) { (h) -> log1p(-exp2(-5 - h)) }
  %f = mixer.map(%k) { (k) -> elu(k) + 1 }
  %o, %S = mixer.semiseparable x = %v, b = %f, c = %q, decay = %g
  mixer.return %o
}

// CHECK-LABEL: tile.program @indexed_chunked of @indexed
// CHECK: tile.kernel @main
// The per-head decay does not depend on the token and is made before the loop.
// CHECK: math.log1p
// CHECK: scf.for
// CHECK-NOT: math.log1p
// CHECK: arith.addf
// CHECK: linalg.index 0
// CHECK: %[[N:.*]] = linalg.index 1
// CHECK-NEXT: arith.cmpi slt, %[[N]], %c24
// CHECK-LABEL: tile.program @indexed_chunked1 of @indexed
