// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mamba-3, arXiv 2603.15569: Mamba-2's decay, a trapezoid of two tokens, and pairs of B and C that turn by angles that add up. B, B2 and
// C, C2 are the pairs' first and second numbers, with biases; R = 2, the token itself and the one before; L = 1.
//   S_t = a_t S_{t-1} + l_t dt_t b_t x_t^T + (1 - l_t) dt_t a_t b_{t-1} x_{t-1}^T,  a = exp(dt A),  y_t = (S_t^T c_t + D x_t) silu(z_t)
mixer.spec @mamba3(%x: [B,T,H,P] io, %B: [B,T,H,N] io, %B2: [B,T,H,N] io, %C: [B,T,H,N] io, %C2: [B,T,H,N] io, %dt: [B,T,H], %A: [B,T,H],
                   %l: [B,T,H], %turn: [B,T,H,N], %D: [H], %z: [B,T,H,P] io, %x0: [B,L,H,P] io optional, %B0: [B,L,H,N] io optional,
                   %B20: [B,L,H,N] io optional, %z0: [B,H,N] optional, %h0: [B,H,N,P] optional, %h20: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %xT: [B,L,H,P] io optional, %BT: [B,L,H,N] io optional, %B2T: [B,L,H,N] io optional, %zT: [B,H,N] optional,
        %hT: [B,H,N,P] optional, %h2T: [B,H,N,P] optional) attributes {sizes = {R = 2}} {
  %s  = mixer.index R
  %x1 = mixer.previous %x by 1 after %x0
  %k1 = mixer.previous %B by 1 after %B0
  %k3 = mixer.previous %B2 by 1 after %B20
  %t, %t1, %zT = mixer.running sum of %turn, init = %z0
  %g  = mixer.map(%dt, %A)                   { (d, a) -> d * a }
  %u  = mixer.map(%s, %x, %x1, %dt, %l, %g)  { (s, x, x1, d, l, g) -> where(s == 0, (1 - l) * exp(g) * d * x1, l * d * x) }
  %b  = mixer.map(%s, %B, %B2, %t, %k1, %k3, %t1) { (s, p, q, t, p1, q1, t1) -> where(s == 0, p1 * cos(t1) - q1 * sin(t1), p * cos(t) - q * sin(t)) }
  %b2 = mixer.map(%s, %B, %B2, %t, %k1, %k3, %t1) { (s, p, q, t, p1, q1, t1) -> where(s == 0, p1 * sin(t1) + q1 * cos(t1), p * sin(t) + q * cos(t)) }
  %c  = mixer.map(%C, %C2, %t)               { (p, q, t) -> p * cos(t) - q * sin(t) }
  %c2 = mixer.map(%C, %C2, %t)               { (p, q, t) -> p * sin(t) + q * cos(t) }
  %o,  %hT  = mixer.semiseparable x = %u, b = %b,  c = %c,  decay = %g, init = %h0
  %o2, %h2T = mixer.semiseparable x = %u, b = %b2, c = %c2, decay = %g, init = %h20
  %y  = mixer.map(%o, %o2, %D, %x, %z)       { (o, o2, D, x, z) -> (o + o2 + D * x) * silu(z) }
  %xT = mixer.last %x after %x0
  %BT = mixer.last %B after %B0
  %B2T = mixer.last %B2 after %B20
  mixer.return %y, %xT, %BT, %B2T, %zT, %hT, %h2T
}
