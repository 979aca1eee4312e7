// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: mixer.spec @zero_decay
mixer.spec @zero_decay(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  %g = mixer.constant 0 : [B,T,H]
  // CHECK-NEXT: mixer.semiseparable x = %x, b = %k, c = %k{{$}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g
  mixer.return %o
}

// CHECK-LABEL: mixer.spec @unit_keep
mixer.spec @unit_keep(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  %f = mixer.constant 1 : [H]
  // CHECK-NEXT: mixer.semiseparable x = %x, b = %k, c = %k{{$}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, keep = %f
  mixer.return %o
}

// A mask of ones leaves a state.
// CHECK-LABEL: mixer.spec @unit_mask
mixer.spec @unit_mask(%x: [B,T,H,P], %k: [B,T,H,N], %e: [B,T]) -> (%o: [B,T,H,P]) {
  %m = mixer.constant 1 : [T]
  // CHECK-NEXT: mixer.semiseparable x = %x, b = %k, c = %k, keep = %e{{$}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, keep = %e, mask = %m
  mixer.return %o
}

// CHECK-LABEL: mixer.spec @other_mask
mixer.spec @other_mask(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  %m = mixer.constant 0.5 : [T]
  // CHECK: mixer.semiseparable {{.*}}mask = %
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, mask = %m
  mixer.return %o
}

// CHECK-LABEL: mixer.spec @other_keep
mixer.spec @other_keep(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  %f = mixer.constant -1 : [H]
  // CHECK: mixer.semiseparable {{.*}}keep = %
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, keep = %f
  mixer.return %o
}

// CHECK-LABEL: mixer.spec @other_decay
mixer.spec @other_decay(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%o: [B,T,H,P]) {
  %g = mixer.constant -1 : [B,T,H]
  // CHECK: mixer.semiseparable {{.*}}decay = %
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g
  mixer.return %o
}

// CHECK-LABEL: mixer.spec @identity
mixer.spec @identity(%x: [B,T] io, %h: [H]) -> (%a: [B,T], %b: [B,T,H]) {
  %0 = mixer.map(%x) { (x) -> x }
  // Broadcast, so not an identity.
  // CHECK-NEXT: %b = mixer.map(%x, %h) { (x, h) -> x }
  %1 = mixer.map(%x, %h) { (x, h) -> x }
  // CHECK-NEXT: mixer.return %x, %b
  mixer.return %0, %1
}

// CHECK-LABEL: mixer.spec @operands
mixer.spec @operands(%x: [B,T], %y: [B,T]) -> (%a: [B,T], %b: [B,T]) {
  // CHECK-NEXT: %a = mixer.map(%x) { (x) -> let u = exp(x) in u + u * 2 }
  %0 = mixer.map(%x, %y) { (x, y) -> exp(x) }
  %two = mixer.constant 2 : [T]
  %1 = mixer.map(%0, %0, %two) { (x, y, z) -> x + y * z }
  // CHECK-NEXT: %b = mixer.constant 3 : [B,T]
  %2 = mixer.map(%x) { (x) -> 1 + 2 }
  // CHECK-NEXT: mixer.return
  mixer.return %1, %2
}

// A map is computed inside its user, unless that would compute it again for every element of a new dimension or for
// every user.
// CHECK-LABEL: mixer.spec @compose
mixer.spec @compose(%t: [B,T,H], %x: [B,T,H,P]) -> (%a: [B,T,H], %b: [B,T,H,P], %c: [B,T,H], %d: [B,T,H]) {
  // CHECK-NEXT: %a = mixer.map(%t) { (t) -> log(exp(t) + 1) }
  %0 = mixer.map(%t) { (t) -> exp(t) + 1 }
  %a = mixer.map(%0) { (t) -> log(t) }
  // CHECK-NEXT: %[[E:.*]] = mixer.map(%t) { (t) -> exp(t) }
  %1 = mixer.map(%t) { (t) -> exp(t) }
  // CHECK-NEXT: %b = mixer.map(%[[E]], %x) { (t, x) -> t * x }
  %b = mixer.map(%1, %x) { (t, x) -> t * x }
  // CHECK-NEXT: %[[F:.*]] = mixer.map(%t) { (t) -> tanh(t) }
  %2 = mixer.map(%t) { (t) -> tanh(t) }
  // CHECK-NEXT: %c = mixer.map(%[[F]]) { (t) -> t + 1 }
  %c = mixer.map(%2) { (t) -> t + 1 }
  // CHECK-NEXT: %d = mixer.map(%[[F]]) { (t) -> t + 2 }
  %d = mixer.map(%2) { (t) -> t + 2 }
  mixer.return %a, %b, %c, %d
}

// CHECK-LABEL: mixer.spec @dead
mixer.spec @dead(%x: [B,T,H,P], %k: [B,T,H,N]) -> () {
  %0 = mixer.map(%x) { (x) -> exp(x) }
  %i = mixer.index H
  %s = mixer.sum %x over P
  %o, %S = mixer.semiseparable x = %0, b = %k, c = %k
  // CHECK-NEXT: mixer.return{{$}}
  mixer.return
}
