// A corrected state of one row beside one of N.
mixer.spec @corrected_rows(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H], %m0: [H,P])
    -> (%y: [B,T,H,P] io, %S: [B,H,N,P], %m: [B,H,P]) {
  %g   = mixer.map(%w) { (w) -> log(sigmoid(w)) }
  %l   = mixer.map(%w) { (w) -> -0.5 * sigmoid(w) }
  %one = mixer.constant 1 : [B,T,H]
  %i   = mixer.constant 1 : [B]
  %m   = mixer.map(%m0, %i) { (m, i) -> m * i }
  %a, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  %b, %R = mixer.semiseparable x = %v, b = %w, c = %one, decay = %g, l = %l, r = %w, init = %m
  %y = mixer.map(%a, %b) { (a, b) -> a + b }
  mixer.return %y, %S, %R
}
