// A correction and no decay: eigenvalues of either sign.
mixer.spec @keep_delta(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %k: [B,T,H], %h0: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %f = mixer.map(%k) { (k) -> cos(2 * k) }
  %s = mixer.map(%b) { (b) -> b * b }
  %n = mixer.sum %s over N
  %u = mixer.map(%b, %n) { (b, n) -> b * rsqrt(n + 1e-6) }
  %l = mixer.map(%u) { (u) -> -1.5 * u }
  %r = mixer.map(%u, %f) { (u, f) -> f * u }
  %y, %S = mixer.semiseparable x = %x, b = %u, c = %c, keep = %f, l = %l, r = %r, init = %h0
  mixer.return %y, %S
}
