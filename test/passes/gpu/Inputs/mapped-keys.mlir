// A delta rule whose keys are computed: what a segment makes of a state reads no tile as it lies in memory, which parts would share.
mixer.spec @mapped_keys(%v: [B,T,H,P] io, %q: [B,T,H,N] io, %k: [B,T,H,N] io, %beta: [B,T,H], %g: [B,T,H,N], %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 64, operand = bf16, stages = 2, warps = 8, family = sm_90a, parts = 2, pieces = 3, teams = 1>]} {
  %kn = mixer.map(%k) { (k) -> k * 0.125 }
  %b = mixer.map(%beta, %kn) { (beta, k) -> beta * k }
  %l = mixer.map(%b) { (b) -> -b }
  %r = mixer.map(%g, %kn) { (g, k) -> exp(g) * k }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %q, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %y, %S
}
