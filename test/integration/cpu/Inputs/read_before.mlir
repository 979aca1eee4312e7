// y reads the state before the token: a reset at a token is seen by the next one.
mixer.spec @read_before(%v: [B,T,H,P] io, %k: [B,T,H,N] io, %q: [B,T,H,N] io, %g: [B,T,H], %h0: [B,H,N,P] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g, read = pre, init = %h0
  mixer.return %o, %S
}
