// Of several updates a token the first one alone keeps a part.
mixer.spec @keep_updates(%x: [B,T,R,H,P] io, %b: [B,T,R,H,N] io, %c: [B,T,H,N] io, %k: [B,T,H], %h0: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %f = mixer.map(%k) { (k) -> clamp(2 * k, -1, 1) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, keep = %f, init = %h0
  mixer.return %y, %S
}
