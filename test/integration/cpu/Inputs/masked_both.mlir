// Both directions, with numbers that are computed of those for all heads, and beside them a recurrence without.
mixer.spec @masked_both(%x: [B,T,H,P] io, %b: [B,T,N] io, %c: [B,T,N] io, %m: [T], %slope: [H]) -> (%y: [B,T,H,P] io) {
  %e = mixer.map(%m, %slope) { (m, s) -> m * exp(-abs(s)) }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, mask = %e, direction = both
  %p, %R = mixer.semiseparable x = %x, b = %b, c = %c
  %y = mixer.map(%o, %p) { (o, p) -> o - 0.5 * p }
  mixer.return %y
}
