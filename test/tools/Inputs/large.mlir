mixer.spec @large(%x: [B,T,H,P], %b: [B,T,H,N], %c: [B,T,H,N]) -> (%y: [B,T,H,P] io) {
  %v = mixer.map(%x) { (a) -> 1e5 * a }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %c
  mixer.return %y
}
