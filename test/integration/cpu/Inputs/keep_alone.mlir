// No decay; all heads keep alike.
mixer.spec @keep_alone(%x: [B,T,H] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %k: [B,T], %h0: [B,H,N] optional)
    -> (%y: [B,T,H] io, %hT: [B,H,N] optional) {
  %f = mixer.map(%k) { (k) -> cos(2 * k) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, keep = %f, init = %h0
  mixer.return %y, %S
}
