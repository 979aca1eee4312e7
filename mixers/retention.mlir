// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RetNet, arXiv 2307.08621: a constant decay per head, 1 - 2^(-5 - h).
//   S_t = (1 - 2^(-5-h)) S_{t-1} + k_t v_t^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @retention(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %h0: [B,H,N,P] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %h  = mixer.index H
  %g  = mixer.map(%h) { (h) -> log1p(-exp2(-5 - h)) }
  %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs, decay = %g, init = %h0
  mixer.return %o, %S
}
