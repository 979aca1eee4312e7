// Beside factors of any sign, for heads of one column.
mixer.spec @masked_signs(%x: [B,T,H], %b: [B,T,H,N] io, %c: [B,T,H,N] io, %k: [B,T], %m: [T]) -> (%y: [B,T,H]) {
  %f = mixer.map(%k) { (k) -> where(abs(k) < 0.05, 0, clamp(2 * k, -1, 1)) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, keep = %f, mask = %m
  mixer.return %y
}
