// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s --mixer-bind-shape="shape=B=1,T=128,H=24,G=1,P=64,N=16 dtype=bf16" | FileCheck %s
// RUN: mixer-opt %s --mixer-bind-shape="shape=H=24,G=4,P=64,N=16 spec=groups" | FileCheck %s --check-prefix=ONE

// Sizes in maps become constants; B and T stay run-time values; P is not used by this spec.
// CHECK-LABEL: mixer.spec @sizes
// CHECK-SAME: attributes {io = bf16, sizes = {H = 24 : i64, N = 16 : i64}}
// ONE-LABEL: mixer.spec @sizes
// ONE-NOT: attributes
mixer.spec @sizes(%q: [B,T,H,N] io) -> (%o: [B,T,H,N] io) {
  // CHECK-NEXT: mixer.map(%q) { (q) -> q * rsqrt(16) }
  // ONE: rsqrt(N)
  %o = mixer.map(%q) { (q) -> q * rsqrt(N) }
  mixer.return %o
}

// G binds like the others.
// CHECK-LABEL: mixer.spec @groups
// CHECK-SAME: attributes {io = bf16, sizes = {G = 1 : i64, H = 24 : i64, N = 16 : i64, P = 64 : i64}}
// ONE-LABEL: mixer.spec @groups
// ONE-SAME: attributes {io = f32, sizes = {G = 4 : i64, H = 24 : i64, N = 16 : i64, P = 64 : i64}}
mixer.spec @groups(%x: [B,T,H,P] io, %k: [B,T,G,N] io) -> (%o: [B,T,H,P] io) {
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return %o
}

// What is bound before stays.
// CHECK-LABEL: mixer.spec @bound
// CHECK-SAME: attributes {io = bf16, sizes = {N = 16 : i64}}
mixer.spec @bound(%x: [B,T,N] io) -> () attributes {io = bf16, sizes = {N = 16 : i64}} {
  mixer.return
}
