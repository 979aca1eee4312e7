// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A gated RMS norm over the channels of each group's heads; also how large it was.
mixer.spec @group_norm(%x: [B,H,T,P] io, %z: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %g: [B,T,H], %w: [H,P],
                       %h0: [B,H,N,P] optional) -> (%y: [B,T,P,H] io, %n: [T,B,G], %hT: [B,H,N,P] optional) {
  %a = mixer.map(%g) { (g) -> -softplus(g) }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %a, init = %h0
  %v = mixer.map(%o, %z) { (o, z) -> o * silu(z) }
  %q = mixer.map(%v) { (v) -> v * v }
  %p = mixer.sum %q over P
  %s = mixer.sum %p over H in G
  %y = mixer.map(%v, %s, %w) { (v, s, w) -> v * rsqrt(s * G / (H * P) + 1e-2) * w }
  mixer.return %y, %s, %S
}
