mixer.spec @s(%x: [B,T,K,P] io, %b: [B,T,N] io, %c: [N,B,T] io) -> (%y: [H,P,B,T] io) {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, direction = both, read = pre
  mixer.return %o
}
