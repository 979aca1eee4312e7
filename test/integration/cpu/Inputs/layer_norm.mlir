// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of sums: a mean over all heads, then what is left of the values without it. The first result may be left out.
mixer.spec @layer_norm(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %g: [B,T,H], %w: [H,P])
    -> (%y: [B,T,H,P] io optional, %m: [B,T], %e: [B,T,H,P] io) {
  %a = mixer.map(%g) { (g) -> -softplus(g) }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %a
  %p = mixer.sum %o over P
  %s = mixer.sum %p over H
  %d = mixer.map(%o, %s) { (o, s) -> o - s / (H * P) }
  %q = mixer.map(%d) { (d) -> d * d }
  %r = mixer.sum %q over H
  %t = mixer.sum %r over P
  %y = mixer.map(%d, %t, %w) { (d, t, w) -> d * rsqrt(t / (H * P) + 1e-2) * w }
  %m = mixer.map(%s, %t) { (s, t) -> s + t }
  mixer.return %y, %m, %d
}
