// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear attention, arXiv 2006.16236, without a normaliser; q and k come with their feature map applied.
//   S_t = S_{t-1} + k_t v_t^T,  o_t = S_t^T q_t / sqrt(N)
mixer.spec @linear_attn(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %h0: [B,H,N,P] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs, init = %h0
  mixer.return %o, %S
}
