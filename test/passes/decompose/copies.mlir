// RUN: mixer-opt %s --split-input-file --mixer-decompose-scan --mixer-decompose-chunked --canonicalize --cse | FileCheck %s

// Last tokens in place: a kernel copies them to the results' addresses, at the sequences' own indices; the kernels after it read at those.
// Blocks of four heads have all columns; the first one of a group copies what its heads share.
mixer.spec @conv(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %u: [B,T,N], %x0: [B,L,H,P] io optional, %b0: [B,L,G,N] io optional,
                 %u0: [B,N,L])
    -> (%y: [B,T,H,P] io, %uT: [B,N,L], %xT: [B,L,H,P] io optional, %bT: [B,L,G,N] io optional)
    attributes {sizes = {H = 16, G = 2, L = 3, P = 64, N = 32}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 16, operand = bf16>]} {
  %x1 = mixer.previous %x by 1 after %x0
  %b1 = mixer.previous %b by 1 after %b0
  %u1 = mixer.previous %u by 1 after %u0
  %k  = mixer.map(%b1, %u1) { (b, u) -> b * u }
  %y, %S = mixer.semiseparable x = %x1, b = %k, c = %c
  %xT = mixer.last %x after %x0
  %bT = mixer.last %b after %b0
  %uT = mixer.last %u after %u0
  mixer.return %y, %uT, %xT, %bT
}
// CHECK-LABEL: tile.program @conv_chunked
// CHECK-NEXT: tile.kernel @copy{{.*}}grid = #tile.grid<blocks = 4, batch = true>, when = #tile.when<copied>
// CHECK: %batch, {{.*}}, %source, {{.*}} = tile.sequence
// CHECK: scf.if {{.*}} {
// CHECK: %[[FROM:.*]] = arith.maxsi %source, %c0
// CHECK: tile.load %arg11 [%[[FROM]], 0, %c0] dims [1, 2] {{.*}} optional : {{.*}} -> tensor<32x3xf32>
// CHECK: tile.store {{.*}}, %arg13 [%batch, 0, %c0] dims [1, 2] limits [32, %c3] optional : tensor<32x3xf32>
// CHECK: %[[FROM:.*]] = arith.maxsi %source, %c0
// CHECK: tile.load %arg9 [%[[FROM]], %c0, %{{.*}}, 0] dims [1, 2, 3] limits [{{.*}}, 4, 64] optional : {{.*}} -> tensor<3x4x64xf32>
// CHECK: tile.store {{.*}}, %arg14 [%batch, %c0, %{{.*}}, 0] dims [1, 2, 3] limits [%c3, 4, 64] optional : tensor<3x4x64xbf16>
// CHECK: arith.remui {{.*}}, %c8
// CHECK: scf.if
// CHECK: tile.load %arg10 {{.*}} dims [1, 3] {{.*}} -> tensor<3x32xf32>
// CHECK: tile.store {{.*}}, %arg15 [%batch, %c0, %{{.*}}, 0] dims [1, 3] limits [%c3, 32] optional : tensor<3x32xbf16>
// CHECK: tile.kernel @main
// CHECK: %[[COPIED:.*]] = tile.copied
// CHECK: %[[SOME:.*]] = arith.cmpi sge, %source, %c0
// CHECK: %[[BOTH:.*]] = arith.andi %[[COPIED]], %[[SOME]]
// CHECK: %[[OWN:.*]] = arith.select %[[BOTH]], %batch, %source
// CHECK: scf.for
// CHECK: %[[AT:.*]] = arith.maxsi %[[OWN]], %c0
// CHECK: tile.load %arg9 [%[[AT]],

// -----

// Running values, too. What lies otherwise than what it goes on from, or is of another type, is not in place, and recurrent states are not
// copied.
mixer.spec @running(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %i: [B,T,H], %w: [B,T,N], %m0: [B,H] optional, %w0: [B,N] optional,
                    %b0: [B,L,H,N] optional, %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %mT: [B,H] optional, %wT: [N,B] optional, %bT: [B,L,H,N] io optional, %hT: [B,H,P,N] optional)
    attributes {sizes = {H = 2, L = 1, P = 16, N = 16}, io = bf16, plans = [#mixer.algorithm<scan, chunk = 16>]} {
  %m, %m1, %mT = mixer.running max of %i, init = %m0
  %s, %s1, %wT = mixer.running sum of %w, init = %w0
  %b1 = mixer.previous %b by 1 after %b0
  %k = mixer.map(%b1, %s) { (b, s) -> b * s }
  %v = mixer.map(%x, %m)  { (x, m) -> x * m }
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %k, init = %h0
  %bT = mixer.last %b after %b0
  mixer.return %y, %mT, %wT, %bT, %S
}
// CHECK-LABEL: tile.program @running_scan
// CHECK: tile.kernel @copy{{.*}}when = #tile.when<copied>
// CHECK: tile.load %arg9
// CHECK: tile.store {{.*}}, %arg14 [%batch, %{{.*}}] dims [1] limits [2] optional
// CHECK-NOT: tile.load
// CHECK-NOT: tile.store
// CHECK: tile.kernel @running(
// CHECK: tile.copied
// CHECK: tile.kernel @running1(
// CHECK-NOT: tile.copied
// CHECK: tile.return
// CHECK: tile.kernel @main
// CHECK-NOT: tile.copied
// CHECK: tile.return

// -----

// Without any of them there is nothing to copy.
mixer.spec @none(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %h0: [B,H,P,N]) -> (%y: [B,T,H,P] io, %hT: [B,H,P,N], %xT: [B,L,H,P] io)
    attributes {sizes = {H = 2, L = 1, P = 16, N = 16}, io = f32, plans = [#mixer.algorithm<scan, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, init = %h0
  %xT = mixer.last %x
  mixer.return %y, %S, %xT
}
// CHECK-LABEL: tile.program @none_scan
// CHECK-NOT: copied
