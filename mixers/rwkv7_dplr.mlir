// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RWKV-7, arXiv 2503.14456: a diagonal plus rank-1 transition with free vectors a and b.
//   S_t = (Diag(exp(gk_t)) + b_t a_t^T) S_{t-1} + k_t v_t^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @rwkv7_dplr(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %a: [B,T,H,N] io, %b: [B,T,H,N] io,
                       %gk: [B,T,H,N], %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs, decay = %gk, l = %b, r = %a, init = %h0
  mixer.return %o, %S
}
