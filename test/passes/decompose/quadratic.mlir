// RUN: mixer-opt %s --mixer-decompose-quadratic --canonicalize --cse | FileCheck %s

// How weights read masks, below.
// CHECK-DAG: #[[OFHEAD:.*]] = affine_map<(d0, d1, d2) -> (d0, d1 - d2 + 32)>
// CHECK-DAG: #[[SHARED:.*]] = affine_map<(d0, d1, d2) -> (d1 - d2 + 32)>

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
// CHECK: tile.sequence %{{.*}} rows 32
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

// A read before the step: the decays of the rows are those of the tokens before, a chunk's own tokens are read by later ones.
mixer.spec @before(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H]) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 2, P = 32, N = 16}, io = bf16, plans = [#mixer.algorithm<quadratic, chunk = 32, operand = bf16>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, read = pre
  mixer.return %o
}

// CHECK-LABEL: tile.program @before_quadratic of @before
// CHECK: tile.kernel @main
// CHECK: tile.earlier
// CHECK: scf.for {{.*}} -> (tensor<1x32x32xf32>, tensor<1xf32>)
// CHECK: scf.yield
// CHECK: arith.cmpi ult
// CHECK: tile.guard {{.*}} pre
// CHECK: tile.store

// In both directions: the anticausal kernel leaves its results to the causal one.
mixer.spec @both(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 2, P = 32, N = 16}, io = f32, plans = [#mixer.algorithm<quadratic, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, direction = both
  mixer.return %o
}

// CHECK-LABEL: tile.program @both_quadratic of @both
// CHECK: tile.kernel @anticausal_main
// CHECK: arith.cmpi ult
// CHECK: tile.kernel @main
// CHECK: arith.cmpi ule

// A decay for each entry of the state: rows have the decays from their chunk's start, columns those to their chunk's end and of the chunks
// between, which the loop carries with the tokens that all entries forget.
mixer.spec @entries(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H,N], %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 2, P = 32, N = 16}, io = bf16, plans = [#mixer.algorithm<quadratic, chunk = 32, operand = bf16>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, init = %h0
  mixer.return %o
}

// CHECK-LABEL: tile.program @entries_quadratic of @entries
// CHECK: tile.kernel @main
// CHECK-SAME: grid = #tile.grid<blocks = 2, batch = true, rows = 32>
// CHECK: tile.spans {{.*}} anchors [0]
// CHECK: %[[ROWS:.*]] = linalg.generic {{.*}} outs({{.*}} : tensor<32x16xbf16>)
// CHECK: scf.for {{.*}} -> (tensor<1x32x32xf32>, tensor<1x16xf32>, tensor<1xf32>)
// CHECK: linalg.contract {{.*}} ins(%[[ROWS]], %{{.*}}) {{.*}} tensor<32x32xf32>
// CHECK: scf.yield
// CHECK: tile.load {{.*}} optional
// CHECK: linalg.contract {{.*}} ins(%{{.*}}, %[[ROWS]] : {{.*}})
// CHECK: tile.guard
// CHECK: tile.store

// A mask: numbers for the distances within two chunks of a pair of them, with zeros below 0, which weights read at t - s. They are not
// reversed where tokens are, and heads of a block that have none of their own share them.
mixer.spec @masked(%q: [B,T,G,N] io, %k: [B,T,G,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %m: [H,T], %e: [T]) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 4, G = 2, P = 32, N = 16}, io = bf16, plans = [#mixer.algorithm<quadratic, chunk = 32, heads = 2, operand = bf16>]} {
  %a, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, mask = %m, direction = anticausal
  %b, %R = mixer.semiseparable x = %v, b = %k, c = %q, mask = %e, direction = anticausal
  %o = mixer.map(%a, %b) { (a, b) -> a + b }
  mixer.return %o
}

// CHECK-LABEL: tile.program @masked_quadratic of @masked
// CHECK: tile.kernel @main({{.*}} %[[M:[^ :]*]]: memref<4x?xf32, {{[^%]*}}%[[E:[^ :]*]]: memref<?xf32,
// CHECK-DAG: %[[OFHEADS:.*]] = tile.earlier %[[M]] dim 1 by 32
// CHECK-DAG: %[[OFALL:.*]] = tile.earlier %[[E]] dim 0 by 32
// CHECK: %[[ROWS:.*]] = arith.muli %{{.*}}, %c32 : index
// CHECK: scf.for
// CHECK: %[[COLUMNS:.*]] = arith.muli %{{.*}}, %c32 : index
// CHECK: %[[DISTANCE:.*]] = arith.subi %[[ROWS]], %[[COLUMNS]] : index
// CHECK: %[[END:.*]] = arith.addi %length, %c32 : index
// CHECK: %[[LIMIT:.*]] = arith.subi %[[END]], %[[DISTANCE]] : index
// CHECK: %[[FAR:.*]] = tile.load %[[OFHEADS]] [%{{.*}}, %[[DISTANCE]]] dims [0, 1] limits [2, %[[LIMIT]]] : {{.*}} -> tensor<2x64xf32>
// CHECK: linalg.generic {indexing_maps = [{{.*}}#[[OFHEAD]]{{.*}}} ins({{.*}}%[[FAR]]
// CHECK: tile.load %[[OFALL]] [%[[DISTANCE]]] dims [0] limits [%[[LIMIT]]] : {{.*}} -> tensor<64xf32>
// CHECK: linalg.generic {indexing_maps = [{{.*}}#[[SHARED]]
// CHECK: scf.yield
// CHECK: tile.load %[[OFHEADS]] [%{{.*}}, %c0] dims [0, 1] limits [2, %{{.*}}] : {{.*}} -> tensor<2x64xf32>
// CHECK: linalg.generic {indexing_maps = [{{.*}}#[[OFHEAD]]
// CHECK: tile.store
// CHECK-NOT: tile.kernel
