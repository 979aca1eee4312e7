// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s | FileCheck %s
// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s -mlir-print-op-generic | mixer-opt | FileCheck %s --check-prefix=GENERIC

// CHECK-LABEL: mixer.spec @every_clause(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %g: [B,T,H,N], %h0: [B,H,P,N] optional)
// CHECK-SAME: -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional)
// CHECK-SAME: attributes {io = bf16
// CHECK-SAME: plans = [#mixer.algorithm<chunked, chunk = 64, heads = 2, pblock = 32, operand = bf16, stages = 2, warps = 8>, #mixer.algorithm<scan, associative = true>, #mixer.algorithm<quadratic>, #mixer.algorithm<quadratic, chunk = 32, precision = tf32, stages = 2>]
// CHECK-SAME: sizes = {H = 2 : i64, N = 8 : i64, P = 4 : i64}
// CHECK-SAME: target = #mixer.target<"h100", gpu, {multiprocessors = 132 : i64}>
mixer.spec @every_clause(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %g: [B,T,H,N], %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional)
    attributes {io = bf16, sizes = {H = 2 : i64, N = 8 : i64, P = 4 : i64},
                target = #mixer.target<"h100", gpu, {multiprocessors = 132 : i64}>,
                plans = [#mixer.algorithm<chunked, chunk = 64, heads = 2, pblock = 32, operand = bf16, stages = 2, warps = 8>,
                         #mixer.algorithm<scan, associative = true>, #mixer.algorithm<quadratic, precision = f32>,
                         #mixer.algorithm<quadratic, precision = tf32, chunk = 32, stages = 2>]} {
  // CHECK-NEXT: %y, %hT = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g, init = %h0, read = pre, direction = anticausal
  // GENERIC: %y, %hT = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g, init = %h0, read = pre, direction = anticausal
  %y, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g, init = %h0, read = pre, direction = anticausal
  // CHECK-NEXT: mixer.return %y, %hT
  mixer.return %y, %S
}

// CHECK-LABEL: mixer.spec @rank_one
mixer.spec @rank_one(%q: [B,T,H,N], %k: [B,T,H,N], %v: [B,T,H,P], %m: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  // CHECK-NEXT: %o, %state = mixer.semiseparable x = %v, b = %k, c = %q, l = %m, r = %k
  // GENERIC: %o, %state = mixer.semiseparable x = %v, b = %k, c = %q, l = %m, r = %k
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, l = %m, r = %k
  mixer.return %o
}

// CHECK-LABEL: mixer.spec @bounded
mixer.spec @bounded(%x: [B,T,H,P], %k: [B,T,H,N], %g: [B,T,H,N]) -> (%y: [B,T,H,P], %z: [B,T,H,P]) {
  // CHECK-NEXT: %y, %state = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g >= -5, read = pre
  // GENERIC: %y, %state = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g >= -5, read = pre
  %y, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g >= -5, read = pre
  // CHECK-NEXT: %z, %{{.*}} = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g >= -0.60653067
  %z, %R = mixer.semiseparable x = %x, b = %k, decay = %g >= -0.60653066, c = %k
  mixer.return %y, %z
}

// CHECK-LABEL: mixer.spec @kept
mixer.spec @kept(%x: [B,T,H], %b: [B,T,H], %g: [B,T], %k: [B,T,H]) -> (%y: [B,T,H], %z: [B,T,H]) {
  // CHECK-NEXT: %y, %state = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g, keep = %k
  // GENERIC: %y, %state = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g, keep = %k
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, keep = %k, decay = %g
  // CHECK-NEXT: %z, %{{.*}} = mixer.semiseparable x = %x, b = %b, c = %b, keep = %k{{$}}
  %z, %R = mixer.semiseparable x = %x, b = %b, c = %b, keep = %k
  mixer.return %y, %z
}

// CHECK-LABEL: mixer.spec @masked
mixer.spec @masked(%x: [B,T,H], %b: [B,T,H], %g: [B,T], %m: [B,G,T]) -> (%y: [B,T,H]) {
  // CHECK-NEXT: %y, %state = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g, mask = %m, read = pre, direction = both
  // GENERIC: %y, %state = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g, mask = %m, read = pre, direction = both
  %y, %S = mixer.semiseparable mask = %m, x = %x, b = %b, c = %b, read = pre, direction = both, decay = %g
  mixer.return %y
}

// Defaults are not printed; both directions leave the state unused.
// CHECK-LABEL: mixer.spec @both
mixer.spec @both(%k: [B,T,H], %v: [B,T,H]) -> (%o: [B,T,H]) {
  // CHECK-NEXT: %o, %state = mixer.semiseparable x = %v, b = %k, c = %k, direction = both{{$}}
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %k, read = post, direction = both
  mixer.return %o
}

// CHECK-LABEL: mixer.spec @small_ops
mixer.spec @small_ops(%q: [B,T,H,N], %u: [H,N]) -> (%o: [B,T,H], %h: [H], %c: [B,T]) {
  // CHECK-NEXT: %[[QU:.*]] = mixer.map(%q, %u) { (q, u) -> q * u }
  %qu = mixer.map(%q, %u) { (q, u) -> q * u }
  // CHECK-NEXT: %o = mixer.sum %[[QU]] over N
  // GENERIC: %o = mixer.sum %{{.*}} over N
  %o = mixer.sum %qu over N
  // CHECK-NEXT: %h = mixer.index H
  // GENERIC: %h = mixer.index H
  %h = mixer.index H
  // CHECK-NEXT: %c = mixer.constant -1.5 : [B,T]
  // GENERIC: %c = mixer.constant -1.5 : [B,T]
  %c = mixer.constant -1.5 : [B,T]
  // CHECK-NEXT: mixer.constant inf : []
  %i = mixer.constant inf : []
  mixer.return %o, %h, %c
}

// Sums over heads: over all of them, over those of each group, and over groups. The groups stand where the heads were.
// CHECK-LABEL: mixer.spec @sums_over_heads
// GENERIC-LABEL: mixer.spec @sums_over_heads
mixer.spec @sums_over_heads(%x: [B,H,T,N] io) -> (%a: [B,T,N], %g: [B,G,T,N], %k: [B,K,T,N], %t: [B,T,N]) {
  // CHECK-NEXT: %a = mixer.sum %x over H{{$}}
  // GENERIC: %a = mixer.sum %{{.*}} over H{{$}}
  %a = mixer.sum %x over H
  // CHECK-NEXT: %g = mixer.sum %x over H in G
  // GENERIC: %g = mixer.sum %{{.*}} over H in G
  %g = mixer.sum %x over H in G
  // CHECK-NEXT: %k = mixer.sum %g over G in K
  %k = mixer.sum %g over G in K
  // CHECK-NEXT: %t = mixer.sum %k over K
  %t = mixer.sum %k over K
  mixer.return %a, %g, %k, %t
}

// The result's dimensions: those of the highest rank first, then what the others add; never io.
// CHECK-LABEL: mixer.spec @broadcast
// GENERIC-LABEL: mixer.spec @broadcast
mixer.spec @broadcast(%a: [H], %b: [B,P,T] io, %c: [N,H]) -> (%o: [B,T,H,N,P]) {
  %m = mixer.map(%a, %b, %c) { (a, b, c) -> a + b + c }
  mixer.return %m
}

// Outside of a spec operands carry their types.
// CHECK-LABEL: func.func @outside
func.func @outside(%a: !mixer.tensor<[B,T] io>) -> !mixer.tensor<[B,T]> {
  // CHECK-NEXT: %[[M:.*]] = mixer.map(%{{.*}}: [B,T] io) { (a) -> -a }
  %m = mixer.map(%a: [B,T] io) { (a) -> -a }
  // CHECK-NEXT: return %[[M]] : !mixer.tensor<[B,T]>
  return %m : !mixer.tensor<[B,T]>
}

// io and optional stand in either order.
// CHECK-LABEL: mixer.spec @either_order(%x: [B,T] io optional) -> (%y: [B,T] io optional)
mixer.spec @either_order(%x: [B,T] optional io) -> (%y: [B,T] optional io) {
  mixer.return %x
}
