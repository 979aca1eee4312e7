// A decay for each entry, and nothing mapped.
mixer.spec @entries(%x: [B,T,H,P] io, %c: [B,T,H,N] io, %k: [B,T,H,N] io, %g: [B,T,H,N]) -> (%y: [B,T,H,P] io) {
  %y, %S = mixer.semiseparable x = %x, c = %c, b = %k, decay = %g
  mixer.return %y
}
