// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// gdn_extend.mlir with its gates from the projections: g = -exp(A_log) softplus(a + dt_bias), beta = sigmoid(b).
mixer.spec @gdn_decode(%q: [B,T,K,N] io, %k: [B,T,K,N] io, %v: [B,T,H,P] io, %a: [B,T,H] io, %b: [B,T,H] io, %A_log: [H],
                       %dt_bias: [H], %h0: [B,H,P,N]) -> (%o: [B,T,H,P] io, %hT: [B,H,P,N]) {
  %g    = mixer.map(%a, %A_log, %dt_bias) { (a, l, bias) -> -exp(l) * softplus(a + bias) }
  %beta = mixer.map(%b)        { (b) -> sigmoid(b) }
  %q2 = mixer.map(%q)          { (q) -> q * q }
  %qn = mixer.sum %q2 over N
  %k2 = mixer.map(%k)          { (k) -> k * k }
  %kn = mixer.sum %k2 over N
  %c  = mixer.map(%q, %qn)     { (q, n) -> q * rsqrt(n + 1e-6) * rsqrt(N) }
  %u  = mixer.map(%k, %kn)     { (k, n) -> k * rsqrt(n + 1e-6) }
  %bu = mixer.map(%u, %beta)   { (k, beta) -> k * beta }
  %l  = mixer.map(%bu)         { (b) -> -b }
  %r  = mixer.map(%u, %g)      { (k, g) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %bu, c = %c, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}
