// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys of length 1, results divided by their norm; two recurrences with transitions of their own.
mixer.spec @sums(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %a: [B,T,H], %e: [B,T,H,N], %beta: [B,T,H])
    -> (%o: [B,T,H,P] io, %hT: [B,H,P,N] optional) {
  %s = mixer.map(%k)        { (k) -> k * k }
  %n = mixer.sum %s over N
  %u = mixer.map(%k, %n)    { (k, n) -> k * rsqrt(n + 1e-6) }
  %b = mixer.map(%u, %beta) { (k, beta) -> sigmoid(beta) * k }
  %l = mixer.map(%b)        { (b) -> -b }
  %r = mixer.map(%u, %e)    { (k, e) -> exp(-softplus(e)) * k }
  %g = mixer.map(%e)        { (e) -> -softplus(e) }
  %w = mixer.map(%a)        { (a) -> -softplus(a) }
  %x, %S = mixer.semiseparable x = %v, b = %b, c = %q, decay = %g, l = %l, r = %r, read = pre
  %y, %R = mixer.semiseparable x = %v, b = %k, c = %q, decay = %w
  %z = mixer.map(%x, %y)    { (x, y) -> x + y }
  %p = mixer.map(%z)        { (z) -> z * z }
  %m = mixer.sum %p over P
  %o = mixer.map(%z, %m)    { (z, m) -> z * rsqrt(m / P + 1e-6) }
  mixer.return %o, %S
}
