// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gated DeltaProduct, arXiv 2502.10297: R delta rules a token, one after another, with the decay before the first of them.
//   S <- (I - beta_ts k_ts k_ts^T) exp(g_t if s = 0 else 0) S + beta_ts k_ts v_ts^T  for s = 0 .. R - 1,  o_t = S^T q_t
mixer.spec @gated_delta_product(%q: [B,T,H,N] io, %k: [B,T,R,H,N] io, %v: [B,T,R,H,P] io, %g: [B,T,H], %beta: [B,T,R,H] io,
                                %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %s  = mixer.index R
  %b  = mixer.map(%beta, %k)     { (beta, k) -> beta * k }
  %l  = mixer.map(%b)            { (b) -> -b }
  %r  = mixer.map(%g, %k, %s)    { (g, k, s) -> where(s == 0, exp(g), 1) * k }   // r reads the state before its decay
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %q, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}
