// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear attention with its normaliser, arXiv 2006.16236; q and k come with their feature map applied.
//   S_t = S_{t-1} + k_t v_t^T,  z_t = z_{t-1} + k_t,  o_t = S_t^T q_t / (z_t^T q_t)
mixer.spec @linear_attn_normalized(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io) {
  %qs  = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %one = mixer.constant 1 : [B,T,H]
  %num, %S = mixer.semiseparable x = %v, b = %k, c = %qs
  %den, %z = mixer.semiseparable x = %one, b = %k, c = %qs
  %o   = mixer.map(%num, %den) { (n, d) -> n / (d + 1e-10) }
  mixer.return %o
}
