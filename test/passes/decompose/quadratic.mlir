// RUN: mixer-opt %s --mixer-decompose-quadratic --canonicalize --cse | FileCheck %s

mixer.spec @gated(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %h0: [B,H,N,P] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional)
    attributes {sizes = {H = 2, P = 32, N = 16}, io = bf16, plans = [#mixer.algorithm<quadratic, chunk = 32, operand = bf16>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, init = %h0
  mixer.return %o, %S
}

// CHECK-LABEL: tile.program @gated_quadratic of @gated
// A block for every row chunk.
// CHECK: tile.kernel @main
// CHECK-SAME: grid = #tile.grid<blocks = 2, batch = true, rows = 32>, when = #tile.when<always>
// CHECK: arith.ceildivui
// The row chunk's c is read once, before the loop over column chunks; the loop carries the sum and the decay passed.
// CHECK: %[[C:.*]] = tile.load {{.*}} -> tensor<32x16xbf16>
// CHECK: scf.for {{.*}} -> (tensor<1x32x32xf32>, tensor<1xf32>)
// CHECK: linalg.contract {{.*}} ins(%[[C]], %{{.*}})
// CHECK: scf.yield
// Then the initial state and the chunk itself.
// CHECK: tile.load {{.*}} optional
// CHECK: arith.cmpi ule
// CHECK: tile.store
// CHECK: tile.return
// The final state has a kernel of its own, run where the caller asks for it.
// CHECK: tile.kernel @final
// CHECK-SAME: when = #tile.when<state>
// CHECK: tile.store {{.*}} optional

// Without a state among the results there is one kernel.
mixer.spec @plain(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 2, P = 32, N = 16}, io = f32, plans = [#mixer.algorithm<quadratic, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q
  mixer.return %o
}

// CHECK-LABEL: tile.program @plain_quadratic of @plain
// CHECK: tile.kernel @main
// CHECK: scf.for {{.*}} -> (tensor<1x32x16xf32>)
// CHECK-NOT: tile.kernel @final
