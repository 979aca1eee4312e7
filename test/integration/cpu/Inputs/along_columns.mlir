// c over the state's columns: decays of heads and of entries, and a correction, act on what y is over.
mixer.spec @along_columns(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,P] io, %dt: [B,T,H], %w: [B,T,H,N], %h0: [B,H,N,P] optional)
    -> (%y: [B,T,H,N] io, %hT: [B,H,N,P] optional) {
  %g = mixer.map(%dt) { (t) -> -softplus(t) }
  %e = mixer.map(%w)  { (w) -> -0.2 * softplus(w) }
  %q = mixer.map(%b)  { (b) -> b * b }
  %n = mixer.sum %q over N
  %u = mixer.map(%b, %n) { (b, n) -> b * rsqrt(n + 1e-6) }
  %l = mixer.map(%u)     { (u) -> -u }
  %r = mixer.map(%u, %g) { (u, g) -> exp(g) * u }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, init = %h0
  %p, %R = mixer.semiseparable x = %x, b = %b, c = %c, decay = %e, read = pre
  %d, %D = mixer.semiseparable x = %x, b = %u, c = %c, decay = %g, l = %l, r = %r
  %y = mixer.map(%o, %p, %d, %dt) { (o, p, d, t) -> o + p - d * sigmoid(t) }
  mixer.return %y, %S
}
