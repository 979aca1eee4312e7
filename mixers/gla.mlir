// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gated linear attention, arXiv 2312.06635: a decay for each entry of the state; gk is its natural logarithm. HGRN-2 is this with
// k = 1 - exp(gk).
//   S_t = Diag(exp(gk_t)) S_{t-1} + k_t v_t^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @gla(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %h0: [B,H,N,P] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs, decay = %gk, init = %h0
  mixer.return %o, %S
}
