// A second state of one row beside one of N: a running mean of the values.
mixer.spec @row(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H], %m0: [B,H,P] optional) -> (%y: [B,T,H,P] io, %S: [B,H,N,P], %m: [B,H,P]) {
  %g   = mixer.map(%w) { (w) -> log(sigmoid(w)) }
  %one = mixer.constant 1 : [B,T,H]
  %a, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  %b, %R = mixer.semiseparable x = %v, b = %w, c = %one, decay = %g, init = %m0
  %y = mixer.map(%a, %b) { (a, b) -> a + b }
  mixer.return %y, %S, %R
}
