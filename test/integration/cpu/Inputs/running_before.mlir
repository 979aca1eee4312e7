// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads before the step, whose decays follow from running values and from tokens before.
mixer.spec @running_before(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %q: [B,T,H,N] io, %i: [B,T,H], %f: [B,T,H], %r: [B,T,H], %m0: [B,H] optional,
                           %r0: [B,L,H] optional, %h0: [B,H,N,P] optional, %h20: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %mT: [B,H] optional, %rT: [B,L,H] optional, %hT: [B,H,N,P] optional,
        %h2T: [B,H,N,P] optional) {
  %a = mixer.map(%f)            { (f) -> -softplus(f) }
  %m, %m1, %mT = mixer.running max of %i, decay = %a, init = %m0
  %g = mixer.map(%a, %m1, %m)   { (a, m1, m) -> min(a - (m - m1), 0) }
  %r1 = mixer.previous %r by 1 after %r0
  %g2 = mixer.map(%r, %r1)      { (r, r1) -> -softplus(r + r1) }
  %y1, %S = mixer.semiseparable x = %x, b = %k, c = %q, decay = %g, read = pre, init = %h0
  %y2, %R = mixer.semiseparable x = %x, b = %k, c = %q, decay = %g2, read = pre, init = %h20
  %y = mixer.map(%y1, %y2)      { (a, b) -> a + b }
  %rT = mixer.last %r after %r0
  mixer.return %y, %mT, %rT, %S, %R
}
