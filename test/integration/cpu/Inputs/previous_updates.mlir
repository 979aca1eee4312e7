// Tokens before beside several updates of one, none of which has a token of its own before it.
mixer.spec @previous_updates(%x: [B,T,H,P] io, %b: [B,T,R,H,N] io, %c: [B,T,H,N] io, %a: [B,T,H], %x0: [B,L,H,P] io optional,
                             %h0: [B,H,N,P] optional)
    -> (%y: [B,T,H,P] io, %xT: [B,L,H,P] io optional, %hT: [B,H,N,P] optional) {
  %x1 = mixer.previous %x by 1 after %x0
  %x3 = mixer.previous %x by 3 after %x0
  %g  = mixer.map(%a)           { (a) -> log(sigmoid(a)) }
  %s  = mixer.index R
  %v  = mixer.map(%x, %x1, %s)  { (x, e, s) -> x * s + e }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %g, init = %h0
  %y  = mixer.map(%o, %x3)      { (o, e) -> o - e }
  %xT = mixer.last %x after %x0
  mixer.return %y, %xT, %S
}
