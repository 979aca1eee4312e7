// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear attention whose pairs of q and k are rotated by angles that add up over the tokens, as Mamba-3 rotates B and C (arXiv
// 2603.15569); with one turn for all tokens it is RoPE, arXiv 2104.09864. Of a pair, q and k have the first number and q2 and k2 the second.
//   z_t = z_{t-1} + turn_t,  S_t = exp(g_t) S_{t-1} + R(z_t) (k, k2)_t v_t^T,  y_t = S_t^T R(z_t) (q, q2)_t
mixer.spec @rotary(%q: [B,T,H,N] io, %q2: [B,T,H,N] io, %k: [B,T,H,N] io, %k2: [B,T,H,N] io, %v: [B,T,H,P] io, %turn: [B,T,H,N],
                   %g: [B,T,H], %z0: [B,H,N] optional, %h0: [B,H,N,P] optional, %h20: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %zT: [B,H,N] optional, %hT: [B,H,N,P] optional, %h2T: [B,H,N,P] optional) {
  %z, %before, %zT = mixer.running sum of %turn, init = %z0
  %b  = mixer.map(%k, %k2, %z) { (k, k2, z) -> k * cos(z) - k2 * sin(z) }
  %b2 = mixer.map(%k, %k2, %z) { (k, k2, z) -> k * sin(z) + k2 * cos(z) }
  %c  = mixer.map(%q, %q2, %z) { (q, q2, z) -> q * cos(z) - q2 * sin(z) }
  %c2 = mixer.map(%q, %q2, %z) { (q, q2, z) -> q * sin(z) + q2 * cos(z) }
  %y1, %hT  = mixer.semiseparable x = %v, b = %b,  c = %c,  decay = %g, init = %h0
  %y2, %h2T = mixer.semiseparable x = %v, b = %b2, c = %c2, decay = %g, init = %h20
  %y  = mixer.map(%y1, %y2)    { (a, b) -> a + b }
  mixer.return %y, %zT, %hT, %h2T
}
