// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// N = P = 1, a recurrence for each channel: the norm over all channels.
mixer.spec @channels_of_heads(%x: [B,T,H] io, %g: [B,T,H], %w: [H]) -> (%y: [B,T,H] io) {
  %one = mixer.constant 1 : [B,T,H]
  %a = mixer.map(%g) { (g) -> -softplus(g) }
  %o, %S = mixer.semiseparable x = %x, b = %one, c = %one, decay = %a
  %q = mixer.map(%o) { (o) -> o * o }
  %n = mixer.sum %q over H
  %y = mixer.map(%o, %n, %w) { (o, n, w) -> o * rsqrt(n / H + 1e-2) * w }
  mixer.return %y
}
