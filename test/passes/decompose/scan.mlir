// RUN: mixer-opt %s --mixer-decompose-scan --canonicalize --cse | FileCheck %s

mixer.spec @gated(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %h0: [B,H,N,P] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional)
    attributes {sizes = {H = 2, P = 20, N = 6}, io = bf16, plans = [#mixer.algorithm<scan, chunk = 8>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, init = %h0
  mixer.return %o, %S
}

// N needs no padding; P is padded to whole vectors.
// CHECK-LABEL: tile.program @gated_scan of @gated
// CHECK-SAME: buffers []
// CHECK: tile.kernel @main
// CHECK-SAME: grid = #tile.grid<blocks = 2, batch = true>
// CHECK: %[[INIT:.*]] = scf.if
// CHECK: tile.load %{{.*}} dims [1, 2, 3] limits [1, 6, 20] optional : {{.*}} -> tensor<1x6x32xf32>
// CHECK: scf.for {{.*}} iter_args(%[[S:.*]] = %[[INIT]], %[[BEFORE:.*]] = %{{.*}}, %[[LOW:.*]] = %{{.*}})
// Past the last token the decay is 0 and x is 0, so that the state stays.
// CHECK: arith.select
// What the factors, powers of two, leave of the exponent scales x and y.
// CHECK: %[[LAG:.*]], %[[REST:.*]], %{{.*}}, %[[FACTOR:.*]], %{{.*}}, %{{.*}} = tile.lag %{{.*}} after %[[BEFORE]], %[[LOW]] : tensor<1x8xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[LAG]]
// CHECK: math.exp2
// CHECK: tile.scan x = %{{.*}}, b = %{{.*}}, c = %{{.*}}, decay = %[[FACTOR]] : tensor<1x8xf32>, init = %[[S]] : tensor<8x1x32xf32>, tensor<8x6xf32>, tensor<8x6xf32>, tensor<1x6x32xf32> -> tensor<8x1x32xf32>, tensor<1x6x32xf32>
// CHECK: tile.store %{{.*}} dims [1, 2, 3] limits [%{{.*}}, 1, 20] : tensor<8x1x32xbf16>
// CHECK: scf.yield %{{.*}}, %[[LAG]], %[[REST]]
// CHECK: math.exp2
// CHECK: tile.store %{{.*}} optional : tensor<1x6x32xf32>

// N = P = 1 without padding, in log steps.
mixer.spec @sum(%x: [B,T,H], %g: [B,T,H]) -> (%y: [B,T,H])
    attributes {sizes = {H = 2}, plans = [#mixer.algorithm<scan, chunk = 64, associative = true>]} {
  %one = mixer.constant 1.0 : [B,T]
  %y, %S = mixer.semiseparable x = %x, b = %one, c = %one, decay = %g
  mixer.return %y
}

// CHECK-LABEL: tile.program @sum_scan of @sum
// CHECK: tile.scan {{.*}} associative : tensor<64x1x1xf32>, tensor<64x1xf32>, tensor<64x1xf32>, tensor<1x1x1xf32> -> tensor<64x1x1xf32>, tensor<1x1x1xf32>
