// Running values of everything that may have one: of no heads, of groups with N, of heads; of tokens before, of sums, of each other.
mixer.spec @running(%x: [B,T,H,P] io, %k: [B,T,G,N] io, %q: [B,T,G,N] io, %u: [B,T], %w: [B,N,T,G] io, %i: [B,T,H] io, %f: [B,T,H],
                    %u0: [B,L] optional, %s0: [B] optional, %z0: [N,G,B] optional, %m0: [B,H] optional, %h0: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %m1: [B,T,H], %uT: [B,L] optional, %sT: [B] optional, %zT: [G,N,B] optional, %mT: [H,B] optional,
        %hT: [B,H,N,P] optional) {
  %u1 = mixer.previous %u by 1 after %u0
  %uT = mixer.last %u after %u0
  %e  = mixer.map(%u, %u1)     { (u, u1) -> 0.1 * (u - 0.5 * u1) }
  %s, %s1, %sT = mixer.running sum of %e, init = %s0
  %r  = mixer.map(%w, %s)      { (w, s) -> 0.1 * w * cos(s) }
  %z, %z1, %zT = mixer.running sum of %r, init = %z0
  %xx = mixer.map(%x)          { (x) -> x * x }
  %n  = mixer.sum %xx over P
  %g  = mixer.index G
  %j  = mixer.map(%i, %n, %g)  { (i, n, g) -> i - log1p(n) - g }
  %a  = mixer.map(%f)          { (f) -> -softplus(f) }
  %m, %m1, %mT = mixer.running max of %j, decay = %a, init = %m0
  %d  = mixer.map(%a, %m1, %m) { (a, m1, m) -> a - (m - m1) }
  %v  = mixer.map(%x, %j, %m)  { (x, j, m) -> x * exp(j - m) }
  %b  = mixer.map(%k, %z)      { (k, z) -> k * cos(z) }
  %c  = mixer.map(%q, %z1)     { (q, z) -> q * sin(z) + q }
  %o, %hT = mixer.semiseparable x = %v, b = %b, c = %c, decay = %d, init = %h0
  %y  = mixer.map(%o, %s1)     { (o, s) -> o / (1 + s * s) }
  mixer.return %y, %m1, %uT, %sT, %zT, %mT, %hT
}
