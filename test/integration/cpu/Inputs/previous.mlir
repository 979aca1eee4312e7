// Two taps of x and b, as Mamba-3 has them, and a decay of two tokens; tokens handed on in other orders and types than they come in.
mixer.spec @previous(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %a: [B,T,H], %w: [H], %x0: [B,H,P,L] optional,
                     %b0: [B,L,G,N] io optional, %a0: [B,H,L] optional, %h0: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %xT: [B,H,P,L] optional, %bT: [B,L,G,N] io optional, %aT: [B,H,L] optional, %hT: [B,H,N,P] optional) {
  %x2 = mixer.previous %x by 2 after %x0
  %b1 = mixer.previous %b by 1 after %b0
  %b3 = mixer.previous %b by 3 after %b0
  %a1 = mixer.previous %a by 1 after %a0
  %g  = mixer.map(%a, %a1)       { (a, e) -> -softplus(a) - 0.1 * abs(e) }
  %v  = mixer.map(%x, %x2, %w)   { (x, e, w) -> x + w * e }
  %k  = mixer.map(%b, %b1)       { (b, e) -> b - 0.5 * e }
  %q  = mixer.map(%c, %b1)       { (c, e) -> c + e }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, init = %h0
  %m  = mixer.map(%b3)           { (b) -> b * b }
  %s  = mixer.sum %m over N
  %y  = mixer.map(%o, %x2, %s)   { (o, e, s) -> o + e * tanh(s) }
  %xT = mixer.last %x after %x0
  %bT = mixer.last %b after %b0
  %aT = mixer.last %a after %a0
  mixer.return %y, %xT, %bT, %aT, %S
}
