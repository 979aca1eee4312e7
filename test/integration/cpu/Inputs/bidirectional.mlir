// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Both directions with a normaliser, and beside them a recurrence of its own that goes backwards.
mixer.spec @bidirectional(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %a: [B,T,H], %D: [H])
    -> (%y: [B,T,H,P] io, %hT: [B,H,N,P]) {
  %g = mixer.map(%a) { (a) -> -softplus(a) }
  %one = mixer.constant 1 : [B,T,H]
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, direction = both
  %n, %R = mixer.semiseparable x = %one, b = %b, c = %c, decay = %g, direction = both
  %u, %U = mixer.semiseparable x = %x, b = %c, c = %b, decay = %g, direction = anticausal
  %y = mixer.map(%o, %n, %u, %D, %x) { (o, n, u, d, x) -> o / (1 + abs(n)) + u + d * x }
  mixer.return %y, %U
}
