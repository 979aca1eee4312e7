// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comba, arXiv 2506.02475: the gated delta rule with an erasing key p of its own.
//   S_t = (I - beta_t k_t p_t^T) exp(g_t) S_{t-1} + beta_t k_t v_t^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @comba(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %p: [B,T,H,N] io, %g: [B,T,H],
                  %beta: [B,T,H] io, %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%g, %p)    { (g, p) -> exp(g) * p }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}
