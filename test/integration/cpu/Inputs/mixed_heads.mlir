// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Results added up over all heads, with P and without, and over the heads of different groups: kernels of their own.
mixer.spec @mixed_heads(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,K,N] io, %g: [B,T,H])
    -> (%y: [B,T,P] io, %s: [B,T,H,P], %u: [B,T,G], %v: [B,T,H]) {
  %a = mixer.map(%g) { (g) -> -softplus(g) }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %a, direction = both
  %y = mixer.sum %o over H
  %p = mixer.sum %o over P
  %u = mixer.sum %p over H in G
  %k = mixer.sum %p over H in K
  %w = mixer.sum %u over G
  %s = mixer.map(%o, %u, %k, %w) { (o, u, k, w) -> o + 0.1 * u - 0.2 * k + 0.1 * w }
  %v = mixer.map(%p, %g) { (p, g) -> p + g }
  mixer.return %y, %s, %u, %v
}
