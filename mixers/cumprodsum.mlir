// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bare scalar recurrence (a 1-semiseparable matrix times x, arXiv 2405.21060 section 3): N = P = 1, a_t >= 0.
//   y_t = a_t y_{t-1} + x_t
mixer.spec @cumprodsum(%x: [B,T,H] io, %a: [B,T,H], %h0: [B,H] optional)
    -> (%y: [B,T,H] io, %hT: [B,H] optional) {
  %g   = mixer.map(%a) { (a) -> log(a) }
  %one = mixer.constant 1 : [B,T,H]
  %y, %S = mixer.semiseparable x = %x, b = %one, c = %one, decay = %g, init = %h0
  mixer.return %y, %S
}
