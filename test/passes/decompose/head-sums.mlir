// RUN: mixer-opt %s --mixer-decompose-chunked --mixer-decompose-scan --mixer-decompose-quadratic --canonicalize --cse | FileCheck %s

// A norm over the heads of each group. The recurrence's kernels leave the values before the norm where the result is going to be; what is
// before them is not stored, squares neither. A kernel after them has blocks of a few tokens of each group.
mixer.spec @group_norm(%x: [B,T,H,P] io, %z: [B,T,H,P] io, %b: [B,T,G,N] io, %w: [H,P]) -> (%y: [B,T,H,P] io)
    attributes {sizes = {G = 2, H = 8, N = 16, P = 32}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16, operand = bf16>, #mixer.algorithm<scan, chunk = 4>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  %v = mixer.map(%o, %z) { (o, z) -> o * z }
  %q = mixer.map(%v) { (v) -> v * v }
  %p = mixer.sum %q over P
  %s = mixer.sum %p over H in G
  %y = mixer.map(%v, %s, %w) { (v, s, w) -> v * s * w }
  mixer.return %y
}

// CHECK-LABEL: tile.program @group_norm_chunked
// CHECK: tile.kernel @main
// CHECK: tile.load %arg6 {{.*}} -> tensor<16x1x16xbf16>
// CHECK: arith.mulf
// CHECK-NEXT: arith.truncf
// CHECK: tile.store %{{.*}}, %arg9 [{{.*}}] dims [2, 3, 1]
// CHECK: tile.kernel @finish
// CHECK-SAME: grid = #tile.grid<blocks = 2, batch = true, rows = 16>
// CHECK-NOT: scf.for
// CHECK: %[[GROUP:.*]] = arith.remui %arg0, %c2
// CHECK: %[[HEAD:.*]] = arith.muli %[[GROUP]], %c4
// CHECK: %[[FIRST:.*]] = arith.muli %{{.*}}, %c16
// CHECK: %[[LEFT:.*]] = arith.subi %length{{[_0-9]*}}, %[[FIRST]]
// CHECK: %[[V:.*]] = tile.load %arg9 [%{{.*}}, %[[FIRST]], %[[HEAD]], 0] dims [1, 2, 3] limits [%[[LEFT]], 4, 32] {{.*}} -> tensor<16x4x32xbf16>
// CHECK: %[[SQUARES:.*]] = linalg.generic {{.*}} ins(%[[V]] : tensor<16x4x32xbf16>) outs(%{{.*}} : tensor<16x4x32xf32>)
// CHECK: %[[OF_HEADS:.*]] = linalg.generic {{.*}} ["parallel", "parallel", "reduction"]} ins(%[[SQUARES]] : {{.*}}) outs(%{{.*}} : tensor<16x4xf32>)
// CHECK: %[[SUMS:.*]] = linalg.generic {{.*}} ["parallel", "reduction"]} ins(%[[OF_HEADS]] : {{.*}}) outs(%{{.*}} : tensor<16xf32>)
// CHECK: %[[W:.*]] = tile.load %arg8 [%[[HEAD]], 0]
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} ins(%[[V]], %[[SUMS]], %[[W]] :
// CHECK: tile.store %[[Y]], %arg9 [%{{.*}}, %[[FIRST]], %[[HEAD]], 0] dims [1, 2, 3] limits [%[[LEFT]], 4, 32]

// CHECK-LABEL: tile.program @group_norm_scan
// CHECK: tile.kernel @main
// CHECK: tile.store {{.*}}, %arg9
// CHECK: tile.kernel @finish

// Sums of operands are kernels before all others, which read them in the workspace; one without tokens is, too. A head's entry of what
// heads share counts once.
mixer.spec @operands(%x: [B,T,H,P], %k: [B,T,K,N], %d: [H]) -> (%y: [B,T,H,P])
    attributes {sizes = {G = 2, H = 8, K = 4, N = 16, P = 16}, io = f32, plans = [#mixer.algorithm<scan, chunk = 4>]} {
  %s = mixer.sum %k over K in G
  %e = mixer.sum %d over H
  %b = mixer.map(%k, %s) { (k, s) -> k - s }
  %a = mixer.map(%d, %e) { (d, e) -> d - abs(e) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %k, decay = %a
  mixer.return %y
}

// CHECK-LABEL: tile.program @operands_scan
// CHECK-SAME: buffers [#tile.buffer<[-1, -2, 2, 16]>, #tile.buffer<[-1]>]
// CHECK: tile.kernel @head_sum(
// CHECK-SAME: grid = #tile.grid<blocks = 2, batch = true, rows = 16>
// CHECK: scf.for %[[H:.*]] = %c0 to %c4 step %c2 iter_args
// CHECK: %[[HEAD:.*]] = arith.addi %{{.*}}, %[[H]]
// CHECK: %[[ENTRY:.*]] = arith.divui %[[HEAD]], %c2
// CHECK: %[[PLACE:.*]] = arith.remui %[[HEAD]], %c2
// CHECK: %[[ONCE:.*]] = arith.cmpi eq, %[[PLACE]], %c0
// CHECK: tile.load %arg6 [{{.*}}, %[[ENTRY]], 0]
// CHECK: arith.select %[[ONCE]]
// CHECK: tile.store {{.*}}, %arg9
// CHECK: tile.kernel @head_sum1(
// CHECK-SAME: grid = #tile.grid<blocks = 1, batch = true>
// CHECK: tile.load %arg7 [%{{.*}}] dims [0] limits [8]
// CHECK: tile.store {{.*}}, %arg10
// CHECK: tile.kernel @main
// CHECK-DAG: tile.load %arg9
// CHECK-DAG: tile.load %arg10

// Over different heads: each sum is a kernel, the results are the last one.
mixer.spec @different(%x: [B,T,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P])
    attributes {sizes = {G = 2, H = 8, N = 16, P = 16}, io = f32, plans = [#mixer.algorithm<scan, chunk = 4>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  %s = mixer.sum %o over H in G
  %t = mixer.sum %s over G
  %y = mixer.map(%o, %s, %t) { (o, s, t) -> o + s * t }
  mixer.return %y
}

// CHECK-LABEL: tile.program @different_scan
// CHECK-SAME: buffers [#tile.buffer<[-1, -2, 2, 16]>, #tile.buffer<[-1, -2, 16]>]
// CHECK: tile.kernel @main
// CHECK: tile.kernel @head_sum(
// CHECK: tile.load %arg7
// CHECK: tile.store {{.*}}, %arg8
// CHECK: tile.kernel @head_sum1(
// CHECK: tile.load %arg8
// CHECK: tile.store {{.*}}, %arg9
// CHECK: tile.kernel @finish(
// CHECK-DAG: tile.load %arg7
// CHECK-DAG: tile.load %arg8
// CHECK-DAG: tile.load %arg9
// CHECK: tile.store {{.*}}, %arg7

// Of f16, whose numbers may be too large before the norm, they are left in the workspace; so are those of a result that may be left out
// beside another one. With many heads a block walks over them, for each sum and for the results.
mixer.spec @many_heads(%x: [B,T,H,P] io, %b: [B,T,N] io) -> (%y: [B,T,H,P] io, %n: [B,T])
    attributes {sizes = {H = 256, N = 16, P = 64}, io = f16, plans = [#mixer.algorithm<quadratic, chunk = 16, operand = f16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  %p = mixer.sum %o over P
  %s = mixer.sum %p over H
  %y = mixer.map(%o, %s) { (o, s) -> o - s / (H * P) }
  mixer.return %y, %s
}

// CHECK-LABEL: tile.program @many_heads_quadratic
// CHECK-SAME: buffers [#tile.buffer<[-1, -2, 256, 64]>]
// CHECK: tile.kernel @main
// CHECK-NOT: tile.store {{.*}}, %arg7
// CHECK: tile.store {{.*}}, %arg9 {{.*}} : tensor<1x64x16xf32>
// CHECK-NOT: tile.store
// CHECK: tile.kernel @finish
// CHECK-SAME: grid = #tile.grid<blocks = 1, batch = true, rows = 4>
// CHECK: %[[TERMS:.*]] = scf.for %[[H:.*]] = %c0 to %c256 step %c16 iter_args(%[[BEFORE:.*]] = %{{.*}}) -> (tensor<4x16x64xf32>)
// CHECK: %[[OWN:.*]] = tile.load %arg9 [{{.*}}, %[[H]], 0] {{.*}} -> tensor<4x16x64xf32>
// CHECK: linalg.generic {{.*}} ins(%[[BEFORE]], %{{.*}} :
// CHECK: scf.yield
// CHECK: linalg.generic {{.*}} "reduction"]} ins(%[[TERMS]] : tensor<4x16x64xf32>)
// CHECK: %[[S:.*]] = linalg.generic {{.*}} "reduction"]} {{.*}} outs(%{{.*}} : tensor<4xf32>)
// CHECK: scf.for %[[H:.*]] = %c0 to %c256 step %c16 {
// CHECK: tile.load %arg9 [{{.*}}, %[[H]], 0]
// CHECK: tile.store %{{.*}}, %arg7 [{{.*}}, %[[H]], 0]
// CHECK: }
// CHECK: tile.store %[[S]], %arg8
