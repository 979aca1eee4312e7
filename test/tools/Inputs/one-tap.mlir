mixer.spec @one_tap(%x: [B,T,H,P], %before: [B,L,H,P] optional, %w: [H,W], %b: [B,T,H,N], %c: [B,T,H,N]) -> (%y: [B,T,H,P]) {
  %v = mixer.conv %x by %w after %before
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %c
  mixer.return %y
}
