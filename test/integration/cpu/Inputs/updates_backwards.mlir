// Several updates a token of a state whose entries have decays of their own, from the last token to the first; the updates of a token
// keep their order.
mixer.spec @updates_backwards(%x: [B,T,H,P] io, %b: [B,T,R,N] io, %c: [B,T,H,N] io, %gate: [B,T,H,N], %l: [B,T,R,H,N], %r: [B,T,R,H,N])
    -> (%y: [B,T,H,P] io, %S: [B,H,N,P]) {
  %g = mixer.map(%gate) { (g) -> log(sigmoid(g)) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, l = %l, r = %r, direction = anticausal
  mixer.return %y, %S
}
