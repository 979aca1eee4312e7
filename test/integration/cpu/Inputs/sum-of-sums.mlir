// A sum over P of a sum over heads: what remains of the two when they are fused is no sum along rows.
mixer.spec @sum_of_sums(%x: [B,T,H,P] io, %rate: [B,T,Q,N] io, %b: [T,H,B,N], %bp: [B,T], %c: [T,N,B,G] io, %ci: [B,T,G] io, %h0: [B,H,N,P])
    -> (%y: [B,T,H,P] io, %o: [B,T,H,P] io, %hT: [H,B,P,N] optional) {
  %v0 = mixer.map(%x) { (a) -> silu(a) }
  %v1 = mixer.map(%rate) { (a) -> -softplus(200 * a) }
  %v2 = mixer.map(%b, %bp) { (a, b) -> a * cos(3 * b) }
  %v3 = mixer.map(%c, %ci) { (a, b) -> a * sigmoid(b) }
  %v4, %v5 = mixer.semiseparable x = %v0, b = %v2, c = %v3, decay = %v1, init = %h0, direction = anticausal
  %v6 = mixer.sum %v4 over H
  %v7 = mixer.sum %v6 over P
  %v8 = mixer.map(%v4, %v7) { (a, b) -> a + b / H }
  mixer.return %v8, %v4, %v5
}
