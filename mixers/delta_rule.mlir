// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DeltaNet, arXiv 2406.06484: each token erases what its key read; keys come normalised, beta in (0, 2).
//   S_t = (I - beta_t k_t k_t^T) S_{t-1} + beta_t k_t v_t^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @delta_rule(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %beta: [B,T,H] io,
                       %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, l = %l, r = %k, init = %h0
  mixer.return %o, %S
}
