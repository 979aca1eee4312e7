// Two running values that go on from one argument, and one of them twice among the results.
mixer.spec @running_twice(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %e: [B,T,H], %m: [B,T,H], %m0: [B,H])
    -> (%y: [B,T,H,P] io, %mT: [B,H], %m2: [B,H], %m3: [B,H]) {
  %z, %zb, %zT = mixer.running sum of %e, init = %m0
  %x, %xb, %xT = mixer.running max of %m, init = %m0
  %c = mixer.map(%q, %z, %x) { (q, z, x) -> q * cos(z) + cos(x) }
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %c
  mixer.return %y, %zT, %xT, %zT
}
