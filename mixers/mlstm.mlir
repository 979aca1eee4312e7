// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mLSTM with exponential gates, arXiv 2405.04517; i and f come before their gates. m keeps every exponent at most 0.
//   m_t = max(log sigmoid(f_t) + m_{t-1}, i_t),  f'_t = exp(log sigmoid(f_t) + m_{t-1} - m_t),  i'_t = exp(i_t - m_t)
//   C_t = f'_t C_{t-1} + i'_t k_t v_t^T,  n_t = f'_t n_{t-1} + i'_t k_t,  h_t = C_t^T q_t / max(|n_t^T q_t|, exp(-m_t))
mixer.spec @mlstm(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %i: [B,T,H], %f: [B,T,H],
                  %C0: [B,H,N,P] optional, %n0: [B,H,N] optional, %m0: [B,H] optional)
    -> (%h: [B,T,H,P] io, %CT: [B,H,N,P] optional, %nT: [B,H,N] optional, %mT: [B,H] optional) {
  %a   = mixer.map(%f)         { (f) -> -softplus(-f) }
  %m, %m1, %mT = mixer.running max of %i, decay = %a, init = %m0
  %g   = mixer.map(%a, %m1, %m) { (a, before, m) -> let d = a + before in where(d == -inf, d, d - m) }
  %x   = mixer.map(%i, %m)     { (i, m) -> where(i == -inf, 0, exp(i - m)) }
  %xv  = mixer.map(%x, %v)     { (x, v) -> x * v }
  %qs  = mixer.map(%q)         { (q) -> q * rsqrt(N) }
  %num, %CT = mixer.semiseparable x = %xv, b = %k, c = %qs, decay = %g, init = %C0
  %den, %nT = mixer.semiseparable x = %x,  b = %k, c = %qs, decay = %g, init = %n0
  %h   = mixer.map(%num, %den, %m) { (n, d, m) -> n / max(abs(d), exp(-m)) }
  mixer.return %h, %CT, %nT, %mT
}
