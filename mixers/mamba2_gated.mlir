// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mamba-2 (SSD) with its gate, arXiv 2405.21060: mamba2, its output times silu(z).
//   dt_t = softplus(dt_t + dt_bias),  S_t = exp(dt_t A) S_{t-1} + B_t (dt_t x_t)^T,  y_t = (S_t^T C_t + D x_t) silu(z_t)
mixer.spec @mamba2_gated(%x: [B,T,H,P] io, %dt: [B,T,H] io, %dt_bias: [H], %A: [H], %B: [B,T,G,N] io,
                         %C: [B,T,G,N] io, %D: [H], %z: [B,T,H,P] io, %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional) {
  %d  = mixer.map(%dt, %dt_bias)  { (t, b) -> softplus(t + b) }
  %g  = mixer.map(%d, %A)         { (d, a) -> d * a }
  %dx = mixer.map(%d, %x)         { (d, x) -> d * x }
  %o, %S = mixer.semiseparable x = %dx, b = %B, c = %C, decay = %g, init = %h0
  %y  = mixer.map(%o, %D, %x, %z) { (o, s, x, z) -> (o + s * x) * silu(z) }
  mixer.return %y, %S
}
