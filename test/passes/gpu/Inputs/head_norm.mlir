// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A gated norm over the channels of each group's heads.
mixer.spec @head_norm(%x: [B,T,H,P] io, %z: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %g: [B,T,H], %w: [H,P])
    -> (%y: [B,T,H,P] io) {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
  %v = mixer.map(%o, %z) { (o, z) -> o * silu(z) }
  %q = mixer.map(%v) { (v) -> v * v }
  %p = mixer.sum %q over P
  %n = mixer.sum %p over H in G
  %y = mixer.map(%v, %n, %w) { (v, n, w) -> v * rsqrt(n * G / (H * P) + 1e-5) * w }
  mixer.return %y
}
