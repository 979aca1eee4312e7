// All heads share values, keys and decays; queries have heads. y is over H all the same.
mixer.spec @shared_values(%q: [B,T,H,N] io, %k: [B,T,N] io, %v: [B,T,P] io, %g: [B,T]) -> (%y: [B,T,H,P] io, %S: [B,H,P,N]) {
  %d = mixer.map(%g) { (g) -> log(sigmoid(g)) }
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %d
  mixer.return %y, %S
}
