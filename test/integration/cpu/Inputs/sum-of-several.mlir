// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A sum over the columns of a sum over heads of what is made of several operands: fusion gives the terms many inputs.
mixer.spec @sum_of_several(%x: [B,T,H,P] io, %step: [B,T,H], %k: [B,T,V,N] io, %c: [B,T,G,N] io, %g: [B,T,H], %z: [B,T,H,P])
    -> (%n: [B,T,V] optional, %y: [B,T,H,P] io) {
  %v = mixer.map(%step, %x) { (a, b) -> a * b }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %c, decay = %g, read = pre
  %p = mixer.map(%o, %z) { (a, b) -> a * silu(b) }
  %q = mixer.map(%p) { (a) -> a * a }
  %h = mixer.sum %q over H in V
  %s = mixer.sum %h over P
  %w = mixer.map(%p, %s) { (a, b) -> a * rsqrt(b / H + 1e-2) }
  mixer.return %s, %w
}
