// Both sides read, in both directions, by heads of groups; the norm of what is over N.
mixer.spec @along_both(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,P] io, %w: [B,T,H,N], %k: [B,T,H])
    -> (%y: [B,T,H,N] io, %z: [B,T,H,P] io) {
  %e = mixer.map(%w) { (w) -> -0.2 * softplus(w) }
  %f = mixer.map(%k) { (k) -> tanh(3 * k) }
  %v = mixer.map(%x) { (x) -> exp(x) }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %e, keep = %f, direction = both
  %z, %R = mixer.semiseparable x = %x, b = %b, c = %b, decay = %e
  %s = mixer.map(%o) { (o) -> o * o }
  %n = mixer.sum %s over N
  %y = mixer.map(%o, %n) { (o, n) -> o * rsqrt(n / N + 1e-5) }
  mixer.return %y, %z
}
