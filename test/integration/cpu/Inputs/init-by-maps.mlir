// An initial state that a map makes of an argument, with a scale that x has too.
mixer.spec @init_by_maps(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %q: [B,T,H,N] io, %g: [B,T,H], %s: [B,H], %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional) {
  %i = mixer.map(%h0, %s) { (h, s) -> h * s }
  %xs = mixer.map(%x, %s) { (x, s) -> x * s }
  %y, %S = mixer.semiseparable x = %xs, b = %k, c = %q, decay = %g, init = %i
  mixer.return %y, %S
}
