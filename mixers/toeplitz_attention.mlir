// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attention with a Toeplitz mask, one of the structured masks of arXiv 2405.21060: each head has a number for each distance of two tokens.
//   o_t = sum over s <= t of m_{t-s} (q_t . k_s) v_s / sqrt(N)
mixer.spec @toeplitz_attention(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %m: [H,T]) -> (%o: [B,T,H,P] io) {
  %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs, mask = %m
  mixer.return %o
}
