// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DeltaNet, arXiv 2406.06484: each token erases what its key read.
// RUN: mixer-opt %s | FileCheck %s
// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// CHECK: mixer.semiseparable x = %v, b = %{{.*}}, c = %{{.*}}, l = %{{.*}}, r = %k, init = %h0
mixer.spec @delta_rule(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %beta: [B,T,H] io,
                       %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, l = %l, r = %k, init = %h0
  mixer.return %o, %S
}
