// A factor of the state of any sign beside the decay, some of them 0, and a normaliser.
mixer.spec @keep(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %dt: [B,T,H], %k: [B,T,H], %h0: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %g   = mixer.map(%dt)     { (t) -> -0.3 * softplus(t) }
  %f   = mixer.map(%k)      { (k) -> where(abs(k) < 0.05, 0, clamp(2 * k, -1, 1)) }
  %one = mixer.constant 1 : [B,T,H]
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, keep = %f, init = %h0
  %d, %z = mixer.semiseparable x = %one, b = %b, c = %c, decay = %g, keep = %f
  %y   = mixer.map(%o, %d)  { (o, d) -> o / (1 + abs(d)) }
  mixer.return %y, %S
}
