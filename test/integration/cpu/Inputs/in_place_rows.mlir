// Corrections of states without N, with and without P.
mixer.spec @in_place_rows(%x: [B,T,H,P] io, %u: [B,T,H], %b: [B,T,H], %c: [B,T,H], %h0: [B,P,H], %z0: [B,H])
    -> (%y: [B,T,H,P] io, %z: [B,T,H], %hT: [B,P,H], %zT: [B,H]) {
  %r = mixer.map(%b) { (b) -> tanh(b) }
  %l = mixer.map(%r) { (r) -> -r }
  %y, %S = mixer.semiseparable x = %x, b = %r, c = %c, l = %l, r = %r, init = %h0
  %z, %Z = mixer.semiseparable x = %u, b = %r, c = %c, l = %l, r = %r, init = %z0
  mixer.return %y, %z, %S, %Z
}
