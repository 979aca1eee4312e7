// Functions of maps: angles beyond a turn, powers of both signs, and what stands for several ops.
mixer.spec @functions(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [H]) -> (%y: [B,T,H,P]) {
  %c = mixer.map(%q, %w) { (q, w) -> cos(q * 40 + w) }
  %b = mixer.map(%k, %w) { (k, w) -> sin(k * 1000 - w) }
  %x = mixer.map(%v)     { (v) -> gelu(v) + clamp(v, -0.5, 1) }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c
  %y = mixer.map(%o, %v) { (o, v) -> o + sign(v) * pow(abs(v), 1.5) + pow(v, 3) + pow(v, -2) * pow(v, 2) + pow(v, 0) }
  mixer.return %y
}
