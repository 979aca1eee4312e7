// Where P is 1, heads stand as the columns of a scan: those of a block together, the last block with what is left.
// RUN: mixer-opt %s --mixer-decompose-scan --canonicalize --cse --split-input-file | FileCheck %s

// Arrays that end in T, b and c of all heads, decays of each entry whose factor of the head and row is made once.
mixer.spec @entries(%u: [B,H,T], %dt: [B,H,T], %A: [H,N], %b: [B,N,T], %c: [B,T,N]) -> (%y: [B,H,T], %hT: [B,H,N])
    attributes {sizes = {H = 10, N = 3}, plans = [#mixer.algorithm<scan, chunk = 16, heads = 8>]} {
  %g = mixer.map(%dt, %A) { (d, a) -> d * a }
  %y, %S = mixer.semiseparable x = %u, b = %b, c = %c, decay = %g
  mixer.return %y, %S
}

// CHECK-LABEL: tile.program @entries_scan of @entries
// CHECK: grid = #tile.grid<blocks = 2, batch = true>
// CHECK: %[[BLOCK:.*]] = arith.remui %{{.*}}, %c2
// CHECK: %[[HEAD:.*]] = arith.muli %[[BLOCK]], %c8
// CHECK: %[[LEFT:.*]] = arith.subi %c10, %[[HEAD]]
// A in base 2, finite; before the loop.
// CHECK: tile.load {{.*}} dims [0, 1] limits [%[[LEFT]], 3] {{.*}} -> tensor<8x3xf32>
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<3x8xf32>)
// CHECK: %[[SCALE:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<3x8xf32>)
// CHECK: arith.mulf
// CHECK-COUNT-2: arith.select
// CHECK: scf.for
// CHECK: tile.load {{.*}} dims [1, 2] limits [%[[LEFT]], %[[VALID:.*]]] {{.*}} -> tensor<8x16xf32>
// 2^k, and what is missing to 2^(dt A).
// CHECK: %[[FACTOR:.*]] = linalg.generic {{.*}} ins(%[[DT:.*]], %[[SCALE]] : tensor<{{.*}}>, tensor<3x8xf32>) outs(%{{.*}} : tensor<16x1x3x8xf32>)
// CHECK: %[[SHIFTED:.*]] = math.fma
// CHECK: %[[K:.*]] = arith.subf %[[SHIFTED]]
// CHECK: arith.shli
// CHECK: %[[RESET:.*]] = arith.cmpf ole, %[[K]]
// CHECK: arith.select %[[RESET]], %c0_i32
// CHECK: arith.bitcast
// CHECK: %[[EXCESS:.*]] = linalg.generic {{.*}} ins(%[[DT]], %[[SCALE]] : tensor<{{.*}}>, tensor<3x8xf32>) outs(%{{.*}} : tensor<16x1x3x8xf32>)
// CHECK-COUNT-6: math.fma
// CHECK: arith.shli
// CHECK: tile.scan x = %{{.*}}, b = %{{.*}}, c = %{{.*}}, decay = %[[FACTOR]] : tensor<16x1x3x8xf32>, excess = %[[EXCESS]] : tensor<16x1x3x8xf32>, init = %{{.*}} : tensor<16x1x8xf32>, tensor<16x3xf32>, tensor<16x3xf32>, tensor<1x3x8xf32> -> tensor<16x1x8xf32>, tensor<1x3x8xf32>
// y as it lies in memory.
// CHECK: tile.store %{{.*}} dims [1, 2] limits [%[[LEFT]], %[[VALID]]] : tensor<8x16xf32>
// CHECK: tile.store %{{.*}} dims [2, 1] limits [3, %[[LEFT]]] : tensor<3x8xf32>

// -----

// A decay that is given as a factor is multiplied as it is; one number for all entries of a head. b and c of each head.
mixer.spec @factors(%x: [B,T,H,P], %a: [B,T,H], %b: [B,T,H,N], %c: [B,T,H,N], %h0: [B,H,N,P] optional) -> (%y: [B,T,H,P])
    attributes {sizes = {H = 8, N = 2, P = 1}, plans = [#mixer.algorithm<scan, chunk = 8, heads = 8>]} {
  %g = mixer.map(%a) { (a) -> log(a) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, init = %h0
  mixer.return %y
}

// CHECK-LABEL: tile.program @factors_scan of @factors
// CHECK: %[[INIT:.*]] = tile.load {{.*}} dims [2, 1] limits [2, 8] optional {{.*}} -> tensor<2x8xf32>
// CHECK: scf.for
// CHECK-NOT: math.
// CHECK: %[[FACTOR:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<8x1x1x8xf32>)
// A negative factor has no logarithm; past the last token nothing decays.
// CHECK: %[[NEGATIVE:.*]] = arith.cmpf olt, %[[A:.*]], %{{.*}}
// CHECK: %[[KEPT:.*]] = arith.select %[[NEGATIVE]], %{{.*}}, %[[A]]
// CHECK: arith.select %{{.*}}, %[[KEPT]], %{{.*}}
// CHECK-NOT: math.
// CHECK: tile.scan x = %{{.*}}, b = %{{.*}}, c = %{{.*}}, decay = %[[FACTOR]] : tensor<8x1x1x8xf32>, init = %{{.*}} : tensor<8x1x8xf32>, tensor<8x1x2x8xf32>, tensor<8x1x2x8xf32>, tensor<1x2x8xf32>
// CHECK: tile.store %{{.*}} : tensor<8x8x1xf32>

// -----

// Beside 16-bit tensors the factor is one number; a delta rule's l = -b is left out.
mixer.spec @delta(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %beta: [B,T,H] io) -> (%o: [B,T,H,P] io)
    attributes {sizes = {H = 5, N = 4, P = 1}, io = bf16, plans = [#mixer.algorithm<scan, chunk = 16, heads = 4>]} {
  %b = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l = mixer.map(%b) { (b) -> -b }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %q, decay = %g, l = %l, r = %k
  mixer.return %o
}

// CHECK-LABEL: tile.program @delta_scan of @delta
// CHECK: %[[DECAY:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<16x1x1x4xf32>)
// CHECK: %[[G:.*]] = arith.mulf
// CHECK: %[[LEAST:.*]] = arith.maximumf %[[G]]
// CHECK: %[[POWER:.*]] = math.exp2 %[[LEAST]]
// CHECK: %[[RESET:.*]] = arith.cmpf olt, %[[G]]
// CHECK: arith.select %[[RESET]], %{{.*}}, %[[POWER]]
// CHECK: tile.scan {{.*}} decay = %[[DECAY]] : tensor<16x1x1x4xf32>, r = %{{.*}} : tensor<16x1x4x4xf32>, init =

// -----

// Groups of heads that share b and c divide into blocks; of one group the last block may have fewer.
mixer.spec @groups(%x: [B,T,H], %b: [B,T,G,N], %c: [B,T,G,N]) -> (%y: [B,T,H])
    attributes {sizes = {H = 12, G = 3, N = 2}, plans = [#mixer.algorithm<scan, chunk = 16, heads = 4>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c
  mixer.return %y
}

// CHECK-LABEL: tile.program @groups_scan of @groups
// CHECK: grid = #tile.grid<blocks = 3, batch = true>
// CHECK: tile.scan x = %{{.*}}, b = %{{.*}}, c = %{{.*}}, init = %{{.*}} : tensor<16x1x4xf32>, tensor<16x2xf32>
