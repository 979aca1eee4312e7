// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hydra, arXiv 2407.09941: Mamba-2 as a quasiseparable matrix, the tokens before, those after, and a diagonal. (The paper's layer
// also has dt, B and C of its own for each direction: two recurrences with read = pre, one of them with direction = anticausal.)
//   F_t = exp(g_t) F_{t-1} + B_t (dt_t x_t)^T,  R_t = exp(g_t) R_{t+1} + B_t (dt_t x_t)^T,  g_t = dt_t A
//   y_t = (F_{t-1} + R_{t+1})^T C_t + D x_t,  dt_t = softplus(dt_t + dt_bias)
mixer.spec @hydra(%x: [B,T,H,P] io, %dt: [B,T,H] io, %dt_bias: [H], %A: [H], %B: [B,T,G,N] io, %C: [B,T,G,N] io,
                  %D: [H]) -> (%y: [B,T,H,P] io) {
  %d  = mixer.map(%dt, %dt_bias) { (t, b) -> softplus(t + b) }
  %g  = mixer.map(%d, %A)        { (d, a) -> d * a }
  %dx = mixer.map(%d, %x)        { (d, x) -> d * x }
  %o, %S = mixer.semiseparable x = %dx, b = %B, c = %C, decay = %g, read = pre, direction = both
  %y  = mixer.map(%o, %D, %x)    { (o, s, x) -> o + s * x }
  mixer.return %y
}
