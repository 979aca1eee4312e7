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
