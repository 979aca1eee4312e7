// A final state that is returned twice, as it is and by an equal recurrence, in two types.
mixer.spec @states_twice(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %g: [B,T,H], %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional, %h2: [B,H,N,P] io optional, %h3: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g, init = %h0
  %z, %S2 = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g, init = %h0
  %sum = mixer.map(%y, %z) { (a, b) -> a + b }
  mixer.return %sum, %S, %S, %S2
}

// No result but a state: the quadratic form has nothing to do for the tokens.
mixer.spec @state_alone(%x: [B,T,H,P] io, %k: [B,T,H,N] io, %g: [B,T,H], %h0: [B,H,P,N] optional) -> (%hT: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g, init = %h0
  mixer.return %S
}
