// Angles that add up from the first token on, whichever way the recurrence runs.
mixer.spec @running_backwards(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %w: [B,T,H], %u: [B,T], %g: [B,T,H])
    -> (%y: [B,T,H,P] io, %wT: [B,H]) {
  %z, %z1, %wT = mixer.running sum of %w
  %m, %m1, %mT = mixer.running max of %u
  %b = mixer.map(%k, %z, %m) { (k, z, m) -> k * cos(z + m) }
  %c = mixer.map(%k, %z)     { (k, z) -> k * sin(z) }
  %a = mixer.map(%g)         { (g) -> -softplus(g) }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %a, direction = both
  mixer.return %y, %wT
}
