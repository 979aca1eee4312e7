// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values that are one number for a block: of the sequence, of the group, of all.
mixer.spec @one_element(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %s: [B], %u: [G] io, %k: [N], %q: [B,N])
    -> (%y: [B,T,H,P] io) {
  %e = mixer.map(%u)     { (u) -> exp(u) }
  %n = mixer.sum %k over N
  %m = mixer.sum %q over N
  %f = mixer.map(%b, %e) { (b, e) -> b * e + 1 }
  %r = mixer.map(%c, %s, %n, %m) { (c, s, n, m) -> elu(c * s) + n * m }
  %y, %S = mixer.semiseparable x = %x, b = %f, c = %r
  mixer.return %y
}
