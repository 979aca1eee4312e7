mixer.spec @bounded(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %g: [B,T,H]) -> (%y: [B,T,H,P] io) {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g >= -0.5, direction = anticausal
  mixer.return %y
}
