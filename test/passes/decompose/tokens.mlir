// RUN: mixer-opt %s --mixer-decompose-chunked --mixer-decompose-scan --mixer-decompose-quadratic --canonicalize --cse | FileCheck %s

// The tokens before are loaded from the argument moved up, and for the first tokens from those that are handed in; each load is zero
// where the other one is not. The last tokens are stored with the final states.
mixer.spec @previous(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %w: [P,W], %x0: [B,H,L,P] io optional)
    -> (%y: [B,T,H,P] io, %xT: [B,L,H,P] io optional)
    attributes {sizes = {H = 2, L = 3, N = 16, P = 16, W = 4}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 16, operand = bf16>, #mixer.algorithm<scan, chunk = 4>,
                         #mixer.algorithm<quadratic, chunk = 16, operand = bf16>]} {
  %e = mixer.previous %x by 2 after %x0
  %t = mixer.tap %w at 3
  %v = mixer.map(%e, %t) { (e, t) -> e * t }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %b
  %xT = mixer.last %x after %x0
  mixer.return %y, %xT
}

// CHECK-LABEL: tile.program @previous_chunked
// CHECK: tile.kernel @main
// CHECK-DAG: %[[BY2:.*]] = tile.earlier %arg5 dim 1 by 2 :
// CHECK-DAG: %[[LAST:.*]] = tile.earlier %arg5 dim 1 by 3 :
// The weights stand before the loop.
// CHECK: tile.load %arg7 [0, 3] dims [0] limits [16] : {{.*}} -> tensor<16xf32>
// CHECK: scf.for %[[AT:arg[0-9]+]] =
// CHECK: %[[LEFT:.*]] = arith.subi %{{length.*}}, %[[AT]]
// CHECK: %[[FROM:.*]] = arith.addi %[[AT]], %c1
// CHECK: %[[INSIDE:.*]] = arith.subi %c2, %[[AT]]
// CHECK: %[[OWN:.*]] = tile.load %[[BY2]] [{{.*}}, %[[AT]], {{.*}}, 0] dims [1, 2, 3] limits [%[[LEFT]], 1, 16] : {{.*}} -> tensor<16x1x16xf32>
// None are handed where a sequence begins anew.
// CHECK: %[[HAS:.*]] = arith.cmpi sge, %source, %c0 : index
// CHECK: %[[GIVEN:.*]] = arith.select %[[HAS]], %[[INSIDE]], %c0 : index
// CHECK: %[[HANDED:.*]] = tile.load %arg8 [{{.*}}, {{.*}}, %[[FROM]], 0] dims [2, 1, 3] limits [%[[GIVEN]], 1, 16] optional : {{.*}} -> tensor<16x1x16xf32>
// CHECK: linalg.generic {{.*}} ins(%[[OWN]], %[[HANDED]] :
// CHECK: arith.addf
// CHECK: scf.yield
// CHECK: scf.if
// CHECK: %[[BEFORE:.*]] = arith.subi %c3, %{{length.*}}
// CHECK: tile.load %[[LAST]] [{{.*}}, %{{length.*}}, {{.*}}, 0] {{.*}} -> tensor<3x1x16xf32>
// CHECK: tile.load %arg8 [{{.*}}, {{.*}}, %{{[a-z0-9_]+}}, 0] dims [2, 1, 3] limits [%{{.*}}, 1, 16] optional
// CHECK: tile.store %{{.*}}, %arg10 [{{.*}}, %c0, {{.*}}, 0] dims [1, 2, 3] {{.*}} optional

// CHECK-LABEL: tile.program @previous_scan
// CHECK: scf.for
// CHECK: tile.scan
// CHECK: tile.store %{{.*}}, %arg10 [{{.*}}] dims [1, 2, 3] {{.*}} optional

// The quadratic form has a kernel for them, as for final states.
// CHECK-LABEL: tile.program @previous_quadratic
// CHECK: tile.kernel @main
// CHECK-NOT: tensor<3x1x16
// CHECK: tile.kernel @final{{.*}} when = #tile.when<state>
// CHECK-NOT: scf.for
// CHECK: tile.store %{{.*}}, %arg10 [{{.*}}] dims [1, 2, 3] {{.*}} optional
