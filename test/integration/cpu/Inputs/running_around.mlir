// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Both directions, the anticausal one read before the step, with decays that follow from running values.
mixer.spec @running_around(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %q: [B,T,H,N] io, %i: [B,T,H], %f: [B,T,H])
    -> (%y: [B,T,H,P] io, %mT: [B,H]) {
  %a = mixer.map(%f)          { (f) -> -softplus(f) }
  %m, %m1, %mT = mixer.running max of %i, decay = %a
  %g = mixer.map(%a, %m1, %m) { (a, m1, m) -> min(a - (m - m1), 0) }
  %y, %S = mixer.semiseparable x = %x, b = %k, c = %q, decay = %g, direction = both
  mixer.return %y, %mT
}
