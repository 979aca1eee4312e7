// RUN: mixer-opt %s --mixer-decompose-scan --canonicalize --cse | FileCheck %s

// Three updates a token. Tiles have a row for each; what has no R repeats, and of the result the last step is stored.
mixer.spec @product(%q: [B,T,H,N] io, %k: [B,T,R,H,N] io, %v: [B,T,R,H,P] io, %g: [B,T,H]) -> (%o: [B,T,H,P] io, %S: [B,H,N,P])
    attributes {sizes = {H = 2, R = 3, P = 16, N = 8}, io = bf16, plans = [#mixer.algorithm<scan, chunk = 4>]} {
  %s = mixer.index R
  %r = mixer.map(%k, %g, %s) { (k, g, s) -> where(s == 0, exp(g), 1) * k }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, l = %k, r = %r
  mixer.return %o, %S
}

// CHECK-LABEL: tile.kernel @main
// CHECK-DAG: %[[O:.*]] = tile.steps %arg9 dim 1 of 3 :
// CHECK-DAG: %[[V:.*]] = tile.steps %arg7 dim 1 of 3 through 2 :
// CHECK-DAG: %[[Q:.*]] = tile.steps %arg5 dim 1 of 3 :
// CHECK-DAG: %[[K:.*]] = tile.steps %arg6 dim 1 of 3 through 2 :
// CHECK-DAG: %[[G:.*]] = tile.steps %arg8 dim 1 of 3 :
// CHECK: %[[STEPS:.*]] = arith.muli %length{{[_0-9]*}}, %c3
// CHECK: scf.for %[[AT:.*]] = %c0 to %[[STEPS]] step %c12
// CHECK: %[[LEFT:.*]] = arith.subi %[[STEPS]], %[[AT]]
// CHECK: tile.load %[[G]] {{.*}} dims [2, 1] limits [1, %[[LEFT]]] : {{.*}} -> tensor<1x12xf32>
// The decay is that of the first update.
// CHECK: %[[STEP:.*]] = linalg.index 1
// CHECK: %[[UPDATE:.*]] = arith.remui %[[STEP]], %c3
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[UPDATE]], %c0
// CHECK: arith.select %[[FIRST]], %{{.*}}, %cst
// CHECK: tile.load %[[K]] [%{{.*}}, %[[AT]], 0, %{{.*}}, 0] dims [1, 4] limits [%[[LEFT]], 8] : {{.*}} -> tensor<12x8xf32>
// CHECK: tile.load %[[Q]] [%{{.*}}, %[[AT]], %{{.*}}, 0] dims [1, 3] limits [%[[LEFT]], 8] : {{.*}} -> tensor<12x8xf32>
// CHECK: tile.load %[[V]] {{.*}} -> tensor<12x1x16xf32>
// CHECK: tile.scan
// CHECK: tile.store %{{.*}}, %[[O]] {{.*}} : tensor<12x1x16xbf16>
