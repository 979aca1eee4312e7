// Every operand over groups of heads, each kind of a number of its own.
mixer.spec @grouped(%q: [B,T,Q,N] io, %k: [B,T,K,N] io, %v: [B,T,V,P] io, %g: [B,T,G]) -> (%y: [B,T,H,P] io, %S: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  mixer.return %y, %S
}
