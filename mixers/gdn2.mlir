// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The gated delta rule with a gate b on what is erased and a gate w on what is written.
//   S_t = (I - k_t (b_t k_t)^T) Diag(exp(g_t)) S_{t-1} + k_t (w_t v_t)^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @gdn2(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H,N], %b: [B,T,H,N] io,
                 %w: [B,T,H,P] io, %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q)         { (q) -> q * rsqrt(N) }
  %x  = mixer.map(%w, %v)     { (w, v) -> w * v }
  %l  = mixer.map(%k)         { (k) -> -k }
  %r  = mixer.map(%g, %b, %k) { (g, b, k) -> exp(g) * b * k }
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %qs, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}
