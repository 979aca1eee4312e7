// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mamba-1 as ggml_ssm_scan has it: a head for each channel, a decay for each entry of the state, no bias and no D.
//   d_t = softplus(dt_t),  s_t = exp(d_t A) s_{t-1} + B_t d_t x_t,  y_t = s_t^T C_t
mixer.spec @ssm_scan1(%x: [B,T,H] io, %dt: [B,T,H] io, %A: [H,N], %B: [B,T,N] io, %C: [B,T,N] io, %s: [B,H,N])
    -> (%y: [B,T,H] io, %sT: [B,H,N]) {
  %d  = mixer.map(%dt)     { (t) -> softplus(t) }
  %g  = mixer.map(%d, %A)  { (d, a) -> d * a }
  %dx = mixer.map(%d, %x)  { (d, x) -> d * x }
  %y, %S = mixer.semiseparable x = %dx, b = %B, c = %C, decay = %g, init = %s
  mixer.return %y, %S
}
