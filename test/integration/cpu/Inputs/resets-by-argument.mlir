// dt is clamped as dt_limit does it; first is 1 at the first token of each sequence and 0 elsewhere.
mixer.spec @resets_by_argument(%x: [B,T,H,P] io, %dt: [B,T,H] io, %dt_bias: [H], %A_log: [H], %B: [B,T,G,N] io, %C: [B,T,G,N] io, %D: [H],
                          %first: [B,T]) -> (%y: [B,T,H,P] io) {
  %d  = mixer.map(%dt, %dt_bias) { (t, b) -> min(max(softplus(t + b), 0.001), 0.1) }
  %g  = mixer.map(%d, %A_log, %first) { (d, a, f) -> where(f > 0.5, -inf, -d * exp(a)) }
  %dx = mixer.map(%d, %x) { (d, x) -> d * x }
  %o, %S = mixer.semiseparable x = %dx, b = %B, c = %C, decay = %g
  %y  = mixer.map(%o, %D, %x) { (o, s, x) -> o + s * x }
  mixer.return %y
}
