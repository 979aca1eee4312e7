// RUN: mixer-opt %s --mixer-decompose-scan --canonicalize --cse | FileCheck %s

// A scan of chunk = 1: passes over the state as it lies in memory, here along N, and a sum.
mixer.spec @decode(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %h0: [B,H,P,N] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {sizes = {H = 2, P = 20, N = 6}, io = bf16, plans = [#mixer.algorithm<scan, chunk = 1, heads = 2>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, init = %h0
  mixer.return %o, %S
}

// CHECK-LABEL: tile.program @decode_scan of @decode
// CHECK: tile.kernel @main
// CHECK: tile.load %{{.*}} dims [1, 2, 3] limits [2, 20, 6] optional : {{.*}} -> tensor<2x20x6xf32>
// CHECK: scf.for {{.*}} step %c1 iter_args(%[[S:.*]] = %{{.*}}) -> (tensor<2x20x6xf32>)
// CHECK-NOT: tile.lag
// CHECK-NOT: tile.scan
// CHECK: %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[S]]
// CHECK: math.fma
// CHECK: %[[PRODUCT:.*]] = linalg.generic {{.*}} ins(%[[NEXT]]
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[PRODUCT]]
// CHECK: scf.yield %[[NEXT]]

// In f32 a decay of a head is one product: what is added to the state beside a factor of 1, and what the state is multiplied by beside others.
mixer.spec @decode_f32(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %h0: [B,H,P,N] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {sizes = {H = 2, P = 20, N = 6}, io = f32, plans = [#mixer.algorithm<scan, chunk = 1>]} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, init = %h0
  mixer.return %o, %S
}

// CHECK-LABEL: tile.program @decode_f32_scan of @decode_f32
// CHECK: scf.for {{.*}} iter_args(%[[S:.*]] = %{{.*}}) -> (tensor<1x20x6xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[S]]
// CHECK-NEXT: ^bb0(%[[STATE:.*]]: f32, %[[B:.*]]: f32, %[[X:.*]]: f32, %[[FACTOR:.*]]: f32, %[[EXCESS:.*]]: f32,
// CHECK-DAG: %[[ADDED:.*]] = arith.mulf %[[B]], %[[X]]
// CHECK-DAG: %[[KEEPS:.*]] = arith.cmpf une, %[[FACTOR]], %{{.*}} : f32
// CHECK-DAG: %[[BEFORE:.*]] = arith.select %[[KEEPS]], %[[STATE]], %{{.*}} : f32
// CHECK-DAG: %[[SMALL:.*]] = arith.select %[[KEEPS]], %[[EXCESS]], %{{.*}} : f32
// CHECK-DAG: %[[ONE:.*]] = arith.cmpf oeq, %[[FACTOR]], %{{.*}} : f32
// CHECK-DAG: %[[BOTH:.*]] = arith.addf %[[FACTOR]], %[[SMALL]]
// CHECK: %[[TIMES:.*]] = arith.select %[[ONE]], %[[SMALL]], %[[BOTH]]
// CHECK: %[[CHANGE:.*]] = math.fma %[[BEFORE]], %[[TIMES]], %[[ADDED]]
// CHECK: %[[WHOLE:.*]] = arith.addf %[[BEFORE]], %[[CHANGE]]
// CHECK: arith.select %[[ONE]], %[[WHOLE]], %[[CHANGE]]
