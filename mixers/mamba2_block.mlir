// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All of a Mamba-2 block between its two projections, arXiv 2405.21060: convolutions of W tokens over x, B and C, the recurrence, the
// gate and an RMS norm over all channels of a group's heads. L tokens of x, B and C go from one call to the next, W - 1 of which are read.
mixer.spec @mamba2_block(%x: [B,T,H,P] io, %z: [B,T,H,P] io, %B: [B,T,G,N] io, %C: [B,T,G,N] io, %dt: [B,T,H] io, %dt_bias: [H], %A: [H],
                         %D: [H], %wx: [H,P,W], %bx: [H,P], %wB: [G,N,W], %bB: [G,N], %wC: [G,N,W], %bC: [G,N], %norm: [H,P],
                         %x0: [B,L,H,P] io optional, %B0: [B,L,G,N] io optional, %C0: [B,L,G,N] io optional, %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %xT: [B,L,H,P] io optional, %BT: [B,L,G,N] io optional, %CT: [B,L,G,N] io optional, %hT: [B,H,P,N] optional) {
  %cx = mixer.conv %x by %wx after %x0
  %cB = mixer.conv %B by %wB after %B0
  %cC = mixer.conv %C by %wC after %C0
  %u  = mixer.map(%cx, %bx)          { (x, b) -> silu(x + b) }
  %b  = mixer.map(%cB, %bB)          { (x, b) -> silu(x + b) }
  %c  = mixer.map(%cC, %bC)          { (x, b) -> silu(x + b) }
  %d  = mixer.map(%dt, %dt_bias)     { (t, b) -> softplus(t + b) }
  %g  = mixer.map(%d, %A)            { (d, a) -> d * a }
  %du = mixer.map(%d, %u)            { (d, x) -> d * x }
  %o, %S = mixer.semiseparable x = %du, b = %b, c = %c, decay = %g, init = %h0
  %v  = mixer.map(%o, %D, %u, %z)    { (o, s, x, z) -> (o + s * x) * silu(z) }
  %q  = mixer.map(%v)                { (v) -> v * v }
  %p  = mixer.sum %q over P
  %n  = mixer.sum %p over H in G
  %y  = mixer.map(%v, %n, %norm)     { (v, n, w) -> v * rsqrt(n * G / (H * P) + 1e-5) * w }
  %xT = mixer.last %x after %x0
  %BT = mixer.last %B after %B0
  %CT = mixer.last %C after %C0
  mixer.return %y, %xT, %BT, %CT, %S
}
