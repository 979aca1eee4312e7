// Corrections and decays from the right, and a c over P.
mixer.spec @across_tokens(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %g: [B,T,H], %gn: [B,T,H,N], %l: [B,T,H,N] io, %r: [B,T,H,N] io) -> (%y: [B,T,H,N] io) {
  %q = mixer.map(%x, %g) { (x, g) -> x * exp(g) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %q, decay = %gn, l = %l, r = %r
  mixer.return %y
}
