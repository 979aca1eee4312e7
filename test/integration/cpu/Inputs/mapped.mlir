// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Maps that are not 0 at 0 around every operand: what lies past the last token or row must be set to 0 after them.
//   S_t = exp(-softplus(w_t)) S_{t-1} + (elu(k_t) + 1) exp(v_t)^T,  o_t = sigmoid(z_t) S_t^T (elu(q_t) + 1) / N
mixer.spec @mapped(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H], %z: [B,T,H,P] io,
                   %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %fq = mixer.map(%q) { (q) -> (elu(q) + 1) / N }
  %fk = mixer.map(%k) { (k) -> elu(k) + 1 }
  %x  = mixer.map(%v) { (v) -> exp(v) }
  %g  = mixer.map(%w) { (w) -> -softplus(w) }
  %y, %S = mixer.semiseparable x = %x, b = %fk, c = %fq, decay = %g, init = %h0
  %o  = mixer.map(%y, %z) { (y, z) -> y * sigmoid(z) }
  mixer.return %o, %S
}
