// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RWKV-7's time mixing, arXiv 2503.14456, from what its projections give: w and a before their sigmoids, kk before its norm. No decay is
// less than -exp(-1/2), which the compiler sees.
//   S_t = (Diag(exp(-exp(-1/2) sigmoid(w_t))) - (a_t kk_t) kk_t^T) S_{t-1} + k_t v_t^T,  o_t = S_t^T r_t
mixer.spec @rwkv7(%r: [B,T,H,N] io, %w: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %kk: [B,T,H,N] io, %a: [B,T,H,N] io,
                  %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %g  = mixer.map(%w)         { (w) -> -0.60653066 * sigmoid(w) }
  %q  = mixer.map(%kk)        { (k) -> k * k }
  %n  = mixer.sum %q over N
  %u  = mixer.map(%kk, %n)    { (k, n) -> k * rsqrt(max(n, 1e-24)) }
  %ra = mixer.map(%u)         { (u) -> -u }
  %l  = mixer.map(%u, %a)     { (u, a) -> u * sigmoid(a) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %r, decay = %g, l = %l, r = %ra, init = %h0
  mixer.return %o, %S
}
