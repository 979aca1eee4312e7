// Several updates a token without a correction: a decay and a rank of R, groups of heads, a normaliser, and a token's own terms around it.
mixer.spec @updates(%x: [B,T,R,G,P] io, %b: [B,R,T,H,N] io, %c: [B,T,H,N] io, %gate: [B,T,H], %w: [B,T,R] io, %z: [B,T,H,P] io,
                    %h0: [B,H,N,P] optional) -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %g   = mixer.map(%gate) { (g) -> log(sigmoid(g)) }
  %s   = mixer.index R
  %m   = mixer.map(%s) { (s) -> 1 / (1 + s) }
  %v   = mixer.map(%x, %w, %m) { (x, w, m) -> x * w * m + R }
  %one = mixer.constant 1 : [B,T,H]
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %g, init = %h0
  %d, %e = mixer.semiseparable x = %one, b = %b, c = %c, decay = %g
  %y   = mixer.map(%o, %d, %z) { (o, d, z) -> o / (1 + abs(d)) + z }
  mixer.return %y, %S
}
