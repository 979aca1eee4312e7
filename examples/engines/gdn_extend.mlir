// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gated DeltaNet with norms of q and k, heads of keys that heads of values share, and the state as engines keep it: [slot, HV, V, K].
//   S_t = (I - beta_t k_t k_t^T) exp(g_t) S_{t-1} + beta_t k_t v_t^T,  o_t = S_t^T q_t / sqrt(N);  q, k over their lengths
mixer.spec @gdn_extend(%q: [B,T,K,N] io, %k: [B,T,K,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %beta: [B,T,H] io, %h0: [B,H,P,N])
    -> (%o: [B,T,H,P] io, %hT: [B,H,P,N]) {
  %q2 = mixer.map(%q)          { (q) -> q * q }
  %qn = mixer.sum %q2 over N
  %k2 = mixer.map(%k)          { (k) -> k * k }
  %kn = mixer.sum %k2 over N
  %c  = mixer.map(%q, %qn)     { (q, n) -> q * rsqrt(n + 1e-6) * rsqrt(N) }
  %u  = mixer.map(%k, %kn)     { (k, n) -> k * rsqrt(n + 1e-6) }
  %b  = mixer.map(%u, %beta)   { (k, beta) -> k * beta }
  %l  = mixer.map(%b)          { (b) -> -b }
  %r  = mixer.map(%u, %g)      { (k, g) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}
