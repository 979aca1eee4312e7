// Queries, keys, values and gates, each of a number of heads of its own; the heads of a group of keys have one factor.
mixer.spec @heads(%q: [B,T,Q,N] io, %k: [B,T,K,N] io, %v: [B,T,V,P] io, %gate: [B,T,G], %beta: [B,T,H], %z: [B,T,V,P] io,
                  %h0: [B,H,N,P] optional) -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %g    = mixer.map(%gate) { (g) -> log(sigmoid(g)) }
  %i    = mixer.index K
  %b    = mixer.map(%k, %i) { (k, i) -> k * (1 + i) }
  %x    = mixer.map(%v, %beta) { (v, beta) -> v * beta }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %q, decay = %g, init = %h0
  %p, %R = mixer.semiseparable x = %v, b = %k, c = %q
  %j    = mixer.index H
  %y    = mixer.map(%o, %p, %z, %j) { (o, p, z, j) -> o + p / (1 + j) + z }
  mixer.return %y, %S
}
