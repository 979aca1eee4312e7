// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kimi Delta Attention, arXiv 2510.26692: the gated delta rule with a decay for each entry of the state.
//   S_t = (I - beta_t k_t k_t^T) Diag(exp(gk_t)) S_{t-1} + beta_t k_t v_t^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @kda(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %beta: [B,T,H] io,
                %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%gk, %k)   { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %gk, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}
