// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RWKV-6, arXiv 2404.05892: reads before the write; the token itself enters through the bonus u. w is the decay's natural logarithm.
//   o_t = (S_{t-1} + Diag(u) k_t v_t^T)^T q_t / sqrt(N),  S_t = Diag(exp(w_t)) S_{t-1} + k_t v_t^T
mixer.spec @rwkv6(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H,N], %u: [H,N],
                  %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q)          { (q) -> q * rsqrt(N) }
  %e  = mixer.map(%qs, %u, %k) { (q, u, k) -> q * u * k }
  %s  = mixer.sum %e over N
  %r, %S = mixer.semiseparable x = %v, b = %k, c = %qs, decay = %w, init = %h0, read = pre
  %o  = mixer.map(%r, %s, %v)  { (r, s, v) -> r + s * v }
  mixer.return %o, %S
}
