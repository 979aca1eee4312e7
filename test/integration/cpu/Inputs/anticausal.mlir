// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the last token to the first, with a state that comes in and one that must be written.
mixer.spec @anticausal(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %a: [B,T,H], %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N]) {
  %g = mixer.map(%a) { (a) -> -softplus(a) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, init = %h0, direction = anticausal
  mixer.return %y, %S
}
