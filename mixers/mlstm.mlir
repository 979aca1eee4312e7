// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mLSTM with exponential gates, arXiv 2405.04517; i and f are what the gates are computed from. m keeps exponents at most 0.
//   m_t = max(a_t + m_{t-1}, i_t) with a = log sigmoid(f),  f'_t = exp(a_t + m_{t-1} - m_t),  i'_t = exp(i_t - m_t)
//   C_t = f'_t C_{t-1} + i'_t k_t v_t^T,  n_t = f'_t n_{t-1} + i'_t k_t,  h_t = C_t^T q_t / max(|n_t^T q_t|, exp(-m_t))
mixer.spec @mlstm(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %i: [B,T,H], %f: [B,T,H],
                  %C0: [B,H,N,P] optional, %n0: [B,H,N] optional, %m0: [B,H] optional)
    -> (%h: [B,T,H,P] io, %CT: [B,H,N,P] optional, %nT: [B,H,N] optional, %mT: [B,H] optional) {
  %a  = mixer.map(%f)             { (f) -> -softplus(-f) }
  %m, %m1, %mT = mixer.running max of %i, decay = %a, init = %m0
  // The difference of the maxima is nearly exact, however large they are; where they are -inf, there is nothing yet.
  %g  = mixer.map(%a, %m1, %m)    { (a, m1, m) -> where(a == -inf, a, where(m == -inf, m, a - (m - m1))) }
  %x  = mixer.map(%i, %m)         { (i, m) -> where(i == -inf, 0, exp(i - m)) }
  %xv = mixer.map(%x, %v)         { (x, v) -> x * v }
  %qs = mixer.map(%q)             { (q) -> q * rsqrt(N) }
  %y, %CT = mixer.semiseparable x = %xv, b = %k, c = %qs, decay = %g, init = %C0
  %d, %nT = mixer.semiseparable x = %x,  b = %k, c = %qs, decay = %g, init = %n0
  %h  = mixer.map(%y, %d, %m)     { (y, d, m) -> y / max(abs(d), exp(-m)) }
  mixer.return %h, %CT, %nT, %mT
}
