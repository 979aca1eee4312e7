// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mamba (S6), arXiv 2312.00752: every channel is a head of one column; B and C are shared by all; arrays end in T.
//   h_t = exp(dt_t A) h_{t-1} + dt_t B_t u_t,  y_t = (C_t^T h_t + D u_t) silu(z_t),  dt = softplus(delta + bias)
mixer.spec @mamba1_selective_scan(%u: [B,H,T] io, %delta: [B,H,T] io, %delta_bias: [H], %A: [H,N], %B: [B,N,T] io,
                                  %C: [B,N,T] io, %D: [H], %z: [B,H,T] io) -> (%y: [B,H,T] io, %hT: [B,H,N] optional) {
  %d  = mixer.map(%delta, %delta_bias) { (t, b) -> softplus(t + b) }
  %g  = mixer.map(%d, %A)              { (d, a) -> d * a }
  %x  = mixer.map(%d, %u)              { (d, u) -> d * u }
  %o, %S = mixer.semiseparable x = %x, b = %B, c = %C, decay = %g
  %y  = mixer.map(%o, %D, %u, %z)      { (o, s, u, z) -> (o + s * u) * silu(z) }
  mixer.return %y, %S
}
