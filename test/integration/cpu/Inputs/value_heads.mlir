// A gated delta rule whose values have more heads than its keys, which are normalised: b is over K and H, l and r over both too.
mixer.spec @value_heads(%q: [B,T,K,N] io, %k: [B,T,K,N] io, %v: [B,T,H,P] io, %gate: [B,T,H], %beta: [B,T,H], %shift: [H,N])
    -> (%y: [B,T,H,P] io, %S: [B,H,N,P]) {
  %g  = mixer.map(%gate)      { (g) -> log(sigmoid(g)) }
  %s  = mixer.map(%k)         { (k) -> k * k }
  %n  = mixer.sum %s over N
  %u  = mixer.map(%k, %n)     { (k, n) -> k * rsqrt(n + 1e-6) }
  %w  = mixer.map(%beta)      { (beta) -> sigmoid(beta) }
  %b  = mixer.map(%u, %w)     { (k, beta) -> beta * k }
  %l  = mixer.map(%b)         { (b) -> -b }
  %r  = mixer.map(%u, %g)     { (k, g) -> exp(g) * k }
  %i  = mixer.index H
  %c  = mixer.map(%q, %shift, %i) { (q, s, i) -> q + s * (1 + i) }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %g, l = %l, r = %r
  mixer.return %y, %S
}
