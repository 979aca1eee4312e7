// RUN: mixer-opt %s --mixer-decompose-chunked --mixer-decompose-scan --mixer-decompose-quadratic --canonicalize --cse | FileCheck %s

// A kernel before all others walks the tokens for each head and leaves the values in the workspace, tokens side by side; the others read
// them there. What nothing reads has no buffer.
mixer.spec @stabilised(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %i: [B,T,H], %f: [B,T,H], %m0: [B,H] optional)
    -> (%y: [B,T,H,P] io, %mT: [B,H] optional)
    attributes {sizes = {G = 1, H = 2, N = 16, P = 16}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 16, heads = 2, operand = bf16>, #mixer.algorithm<scan, chunk = 4>,
                         #mixer.algorithm<quadratic, chunk = 16, operand = bf16>]} {
  %m, %m1, %mT = mixer.running max of %i, decay = %f, init = %m0
  %g = mixer.map(%f, %m, %m1) { (f, m, m1) -> f + m1 - m }
  %v = mixer.map(%x, %i, %m) { (x, i, m) -> x * exp(i - m) }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %b, decay = %g
  mixer.return %y, %mT
}

// CHECK-LABEL: tile.program @stabilised_chunked
// CHECK-SAME: buffers [#tile.buffer<[-1, 2, -2]>, #tile.buffer<[-1, 2, -2]>,
// CHECK: tile.kernel @running(%arg0: index, %arg1: index, %arg2: index,
// CHECK-SAME: %arg12: memref<?x2x?xf32, strided<[?, ?, 1], offset: ?>>, %arg13: memref<?x2x?xf32, strided<[?, ?, 1], offset: ?>>
// CHECK-SAME: grid = #tile.grid<blocks = 2, batch = true>
// CHECK: %[[M0:.*]] = scf.if
// CHECK: tile.load %arg9 [{{.*}}] dims [1] limits [1] optional : memref<?x2xf32, {{.*}}> -> tensor<1xf32>
// CHECK: %[[START:.*]] = linalg.generic {{.*}} ins(%[[M0]] : tensor<1xf32>)
// CHECK: %[[LAST:.*]] = scf.for %[[AT:arg[0-9]+]] = %c0 to %length{{[_0-9]*}} step %c256 iter_args(%[[BEFORE:.*]] = %[[START]])
// What a token past the last one reads leaves the value as it is.
// CHECK: %[[X:.*]] = linalg.generic
// CHECK: arith.select %{{.*}}, %{{.*}}, %[[NONE:cst.*]] : f32
// CHECK: %[[F:.*]] = linalg.generic
// CHECK: arith.select %{{.*}}, %{{.*}}, %[[ZERO:cst.*]] : f32
// CHECK: %[[M:.*]], %[[M1:.*]] = tile.running_max %[[X]] decay %[[F]] after %[[BEFORE]] : tensor<256xf32>
// CHECK: tile.store %[[M]], %arg12 [{{.*}}, %[[AT]]] dims [2]
// CHECK: tile.store %[[M1]], %arg13 [{{.*}}, %[[AT]]] dims [2]
// CHECK: scf.yield %[[M]]
// CHECK: linalg.generic {{.*}} ins(%[[LAST]] : tensor<256xf32>)
// CHECK: tile.store %{{.*}}, %arg11 {{.*}} optional
// The other kernels read it by the chunk, states of segments too.
// CHECK: tile.kernel @states
// CHECK-DAG: tile.load %arg12 [{{.*}}] dims [1, 2] {{.*}} -> tensor<2x16xf32>
// CHECK-DAG: tile.load %arg13 [{{.*}}] dims [1, 2] {{.*}} -> tensor<2x16xf32>
// CHECK: tile.kernel @main
// CHECK: tile.load %arg12 [{{.*}}] dims [1, 2] {{.*}} -> tensor<2x16xf32>

// A sum carries what rounding has left of it. With N a tile has a row for each entry, and the buffer lies as b and c do. One running
// value may be computed from another; nothing is read back that nobody needs.
mixer.spec @turned(%x: [B,T,H,P], %b: [B,T,G,N], %w: [B,T,G,N], %u: [B,T]) -> (%y: [B,T,H,P], %uT: [B])
    attributes {sizes = {G = 2, H = 4, N = 16, P = 16}, io = f32, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %s, %s1, %uT = mixer.running sum of %u
  %v = mixer.map(%w, %s) { (w, s) -> w * s }
  %z, %z1, %zT = mixer.running sum of %v
  %c = mixer.map(%b, %z) { (b, z) -> b * cos(z) }
  %y, %S = mixer.semiseparable x = %x, b = %c, c = %c, direction = anticausal
  mixer.return %y, %uT
}

// CHECK-LABEL: tile.program @turned_chunked
// CHECK-SAME: buffers [#tile.buffer<[-1, -2]>, #tile.buffer<[-1, -2, 2, 16]>,
// CHECK: tile.kernel @running({{.*}}grid = #tile.grid<blocks = 1, batch = true>
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[ZEROS:cst.*]], %{{.*}} = %[[ZEROS]])
// CHECK: %[[SUMS:.*]], %[[LOW:.*]], %{{.*}} = tile.running_sum %{{.*}} after %{{.*}}, %{{.*}} : tensor<256xf32>
// CHECK: tile.store %[[SUMS]], %[[S:arg[0-9]+]] [{{.*}}] dims [1]
// CHECK: scf.yield %[[SUMS]], %[[LOW]]
// CHECK: tile.kernel @running1({{.*}}grid = #tile.grid<blocks = 2, batch = true>
// CHECK: tile.load %[[S]] [{{.*}}] dims [1] {{.*}} -> tensor<32xf32>
// CHECK: tile.running_sum %{{.*}} after %{{.*}}, %{{.*}} : tensor<16x32xf32>
// CHECK: tile.kernel @states
// The tokens of the others run backwards, those of the running values as ever.
// CHECK: tile.reverse %{{.*}} dim 1 of %length{{[_0-9]*}} : memref<?x?x2x16xf32

// CHECK-LABEL: tile.program @stabilised_scan
// CHECK: tile.kernel @running
// CHECK: tile.kernel @main
// CHECK-LABEL: tile.program @stabilised_quadratic
// CHECK: tile.kernel @running
// CHECK: tile.kernel @main
// CHECK-NOT: tile.kernel
