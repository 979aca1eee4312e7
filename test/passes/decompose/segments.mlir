// RUN: mixer-opt %s --mixer-decompose-chunked --canonicalize --cse | FileCheck %s

// A delta rule with decays: what a segment makes of a state is a matrix.
mixer.spec @delta(%v: [B,T,H,P] io, %q: [B,T,H,N] io, %k: [B,T,H,N] io, %beta: [B,T,H] io, %g: [B,T,H], %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {sizes = {H = 4, P = 40, N = 128}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 32, pblock = 32, operand = bf16>]} {
  %b = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l = mixer.map(%b) { (b) -> -b }
  %r = mixer.map(%g, %k) { (g, k) -> exp(g) * k }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %q, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %y, %S
}

// CHECK-LABEL: tile.program @delta_chunked of @delta
// States, and the matrices in the place of decays.
// CHECK-SAME: buffers [#tile.buffer<[-1, -3, 4, 40, 128]>, #tile.buffer<[-1, -3, 4, 128, 128]>]
// The first segment starts from the initial state, the others from zero.
// CHECK: tile.kernel @states
// CHECK-SAME: grid = #tile.grid<blocks = 8, batch = true, splits = true>, when = #tile.when<split>
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0
// CHECK: %[[START:.*]] = scf.if %[[FIRST]] -> (tensor<1x32x128xf32>)
// CHECK: tile.load %{{.*}} optional
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[START]])
// CHECK: tile.solve
// A matrix is the state that the tokens make of the identity: two blocks of 64 columns, and no x.
// CHECK: tile.kernel @transitions
// CHECK-SAME: grid = #tile.grid<blocks = 8, batch = true, splits = true>, when = #tile.when<between>
// CHECK: %[[UNIT:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x64x128xf32>)
// CHECK: linalg.index 1
// CHECK: arith.cmpi eq
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[UNIT]])
// CHECK-NOT: tile.load {{.*}} -> tensor<32x1x32xbf16>
// CHECK: tile.solve
// CHECK: scf.yield
// CHECK: tile.store {{.*}} dims [2, 3, 4] limits [1, %{{.*}}, 128] : tensor<1x64x128xf32>
// The state in two slices of 64 rows; a step multiplies one of them, and both slices of the next state come after two.
// CHECK: tile.kernel @join
// CHECK-SAME: grid = #tile.grid<blocks = 12, batch = true>, when = #tile.when<split>
// CHECK-COUNT-2: tile.load {{.*}} -> tensor<16x64xf32>
// CHECK: scf.for %[[STEP:.*]] = %c2 to %{{.*}} step %c1 iter_args(%[[S0:[^ ]*]] = %{{[^ ]*}}, %{{[^ ]*}} = %{{[^ ]*}}, %[[SUM0:[^ ]*]] = %{{[^ ]*}}, %[[SUM1:[^ ]*]] = %{{[^ ]*}})
// CHECK: %[[LIMIT:.*]] = arith.select
// CHECK: %[[OWN:.*]] = tile.load {{.*}} limits [%{{.*}}, 64] unstored : {{.*}} -> tensor<16x64xf32>
// CHECK: %[[A:.*]] = tile.load {{.*}} limits [64, 64] : {{.*}} -> tensor<64x64xf32>
// CHECK: linalg.contract {{.*}} ins(%[[S0]], %[[A]] : tensor<16x64xf32>, tensor<64x64xf32>) outs(%[[SUM0]]
// CHECK: linalg.contract {{.*}} ins(%[[S0]], %{{.*}}) outs(%[[SUM1]]
// CHECK-COUNT-2: tile.store
// CHECK: scf.yield
// The states before the last segment and, copied, before the first one: the last segment may write the final state in its place.
// CHECK-COUNT-4: tile.store
// CHECK: tile.kernel @main
// CHECK-SAME: grid = #tile.grid<blocks = 8, batch = true, splits = true>, when = #tile.when<always>
// CHECK: %[[CUT:.*]] = arith.cmpi ugt, %{{.*}}, %c1
// CHECK: scf.if %[[CUT]]

// Blocks of parts fill up their columns; pieces want matrices of the first segment as well.
mixer.spec @parts(%v: [B,T,H,P] io, %q: [B,T,H,N] io, %k: [B,T,H,N] io, %g: [B,T,H,N]) -> (%y: [B,T,H,P] io)
    attributes {sizes = {H = 3, P = 128, N = 64}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 64, operand = bf16, stages = 2, warps = 8, family = sm_90a, parts = 2, pieces = 3, teams = 1>]} {
  %l = mixer.map(%k) { (k) -> -k }
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, l = %l, r = %k
  mixer.return %y
}

// CHECK-LABEL: tile.program @parts_chunked of @parts
// CHECK-SAME: buffers [#tile.buffer<[-1, -3, 9, 128, 64]>, #tile.buffer<[-1, -3, 9, 64, 64]>, #tile.buffer<[-1, -3, 6]>]
// CHECK: tile.kernel @transitions
// CHECK-SAME: grid = #tile.grid<blocks = 9, batch = true, splits = true>, when = #tile.when<split>
// CHECK: tile.part of 2
// CHECK: arith.maxsi
// CHECK: tile.kernel @join
// CHECK: tile.kernel @clear
// CHECK: tile.kernel @main
// CHECK-SAME: halves = true

// A recurrence that mixes entries and one that does not: each is combined in its own way.
mixer.spec @both(%v: [B,T,H,P] io, %q: [B,T,H,N] io, %k: [B,T,H,N] io, %g: [B,T,H,N]) -> (%y: [B,T,H,P] io)
    attributes {sizes = {H = 2, P = 16, N = 16}, io = f32, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %l = mixer.map(%k) { (k) -> -k }
  %u, %S = mixer.semiseparable x = %v, b = %k, c = %q, l = %l, r = %k
  %w, %R = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  %y = mixer.map(%u, %w) { (u, w) -> u + w }
  mixer.return %y
}

// CHECK-LABEL: tile.program @both_chunked of @both
// CHECK-SAME: buffers [#tile.buffer<[-1, -3, 2, 16, 16]>, #tile.buffer<[-1, -3, 2, 16, 16]>, #tile.buffer<[-1, -3, 2, 16, 16]>, #tile.buffer<[-1, -3, 2, 16]>]
// CHECK: tile.kernel @states
// CHECK: tile.kernel @combine
// CHECK-NOT: linalg.contract
// CHECK: tile.kernel @transitions
// CHECK: tile.kernel @join
// CHECK: linalg.contract
// CHECK: tile.kernel @main
