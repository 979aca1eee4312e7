// A correction and decays of entries from the right: a block has all columns of the state.
mixer.spec @other_side(%q: [B,T,H,P] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H,N], %r: [B,T,H,N] io) -> (%y: [B,T,H,N] io) {
  %l = mixer.map(%r) { (r) -> -0.1 * r }
  %d = mixer.map(%g) { (g) -> -softplus(g) }
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %d, l = %l, r = %r
  mixer.return %y
}
