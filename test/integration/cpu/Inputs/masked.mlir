// A number for each distance and head beside decays, and a normaliser.
mixer.spec @masked(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %g: [B,T,H], %m: [T,H]) -> (%y: [B,T,H,P] io) {
  %one = mixer.constant 1 : [B,T,H]
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, mask = %m
  %d, %z = mixer.semiseparable x = %one, b = %b, c = %c, decay = %g, mask = %m
  %y   = mixer.map(%o, %d) { (o, d) -> o / (16 + abs(d)) }
  mixer.return %y
}
