// In both directions, beside a decay of each entry.
mixer.spec @keep_both(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %w: [B,T,H,N], %k: [B,T,H]) -> (%y: [B,T,H,P] io) {
  %e = mixer.map(%w) { (w) -> -0.2 * softplus(w) }
  %f = mixer.map(%k) { (k) -> where(abs(k) < 0.1, 0, tanh(3 * k)) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %e, keep = %f, read = pre, direction = both
  mixer.return %y
}
