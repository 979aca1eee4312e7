// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s -mlir-print-op-generic | FileCheck %s

// What each op infers, as its type in the generic form.
mixer.spec @types(%x: [B,T,H,P] io, %one: [B,T,H] io, %k: [T,B,N,H] io, %w: [B,T,H], %h0: [B,P,H,N])
    -> (%y: [B,T,P,H] io) {
  // CHECK: "mixer.index"() {{.*}} : () -> !mixer.tensor<[H]>
  %h = mixer.index H
  // CHECK: "mixer.map"(%{{.*}}, %{{.*}}, %{{.*}})
  // CHECK: (!mixer.tensor<[B,T,H]>, !mixer.tensor<[B,T,H,P] io>, !mixer.tensor<[H]>) -> !mixer.tensor<[B,T,H,P]>
  %m = mixer.map(%w, %x, %h) { (w, x, h) -> w * x + h }
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,T,H,P]>, !mixer.tensor<[B,H,N,P]>)
  %a:2 = mixer.semiseparable x = %x, b = %k, c = %k
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,T,H]>, !mixer.tensor<[B,H,N]>)
  %b:2 = mixer.semiseparable x = %one, b = %k, c = %k
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,T,H]>, !mixer.tensor<[B,H]>)
  %c:2 = mixer.semiseparable x = %one, b = %w, c = %w
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,T,H,P]>, !mixer.tensor<[B,P,H,N]>)
  %d:2 = mixer.semiseparable x = %x, b = %k, c = %k, init = %h0
  // CHECK: "mixer.sum"{{.*}} -> !mixer.tensor<[B,P,N]>
  %s = mixer.sum %d#1 over H
  mixer.return %a#0
}

// Groups of heads: alone they stay, of several kinds or with H they make H; y is over H.
mixer.spec @groups(%q: [B,T,Q,N], %k: [B,K,T,N], %v: [B,V,T,P], %x: [B,T,P], %w: [T,H]) -> () {
  // CHECK: sym_name = "groups"
  // CHECK: (!mixer.tensor<[B,K,T,N]>) -> !mixer.tensor<[B,K,T,N]>
  %0 = mixer.map(%k) { (k) -> k * k }
  // CHECK: "mixer.sum"{{.*}} -> !mixer.tensor<[B,K,T]>
  %1 = mixer.sum %0 over N
  // CHECK: (!mixer.tensor<[B,T,Q,N]>, !mixer.tensor<[B,K,T]>) -> !mixer.tensor<[B,T,H,N]>
  %2 = mixer.map(%q, %1) { (q, k) -> q * k }
  // CHECK: (!mixer.tensor<[T,H]>, !mixer.tensor<[B,K,T]>) -> !mixer.tensor<[B,H,T]>
  %3 = mixer.map(%w, %1) { (w, k) -> w * k }
  // CHECK: "mixer.index"() {{.*}} -> !mixer.tensor<[V]>
  %4 = mixer.index V
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,H,T,P]>, !mixer.tensor<[B,H,N,P]>)
  %a:2 = mixer.semiseparable x = %v, b = %k, c = %q, decay = %1
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,T,H,P]>, !mixer.tensor<[B,H,N,P]>)
  %b:2 = mixer.semiseparable x = %x, b = %k, c = %q, l = %k, r = %q
  mixer.return
}

// y has no R, and the state neither.
mixer.spec @updates(%x: [B,R,T,V,P], %one: [B,T,H], %k: [R,B,T,H,N], %q: [B,T,H,N]) -> () {
  // CHECK: sym_name = "updates"
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,T,H,P]>, !mixer.tensor<[B,H,N,P]>)
  %a:2 = mixer.semiseparable x = %x, b = %q, c = %q
  // CHECK: "mixer.semiseparable"{{.*}} -> (!mixer.tensor<[B,T,H]>, !mixer.tensor<[B,H,N]>)
  %b:2 = mixer.semiseparable x = %one, b = %k, c = %q
  mixer.return
}
