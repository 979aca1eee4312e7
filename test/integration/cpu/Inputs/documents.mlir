// Documents in one sequence, told apart by a number for each token: neither the state nor the convolution of one sees another one.
mixer.spec @documents(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %a: [B,T,H], %w: [H,P,W], %doc: [B,T],
                      %x0: [B,L,H,P] io optional, %doc0: [B,L] optional, %h0: [B,H,P,N] optional)
    -> (%y: [B,T,H,P] io, %xT: [B,L,H,P] io, %docT: [B,L], %hT: [B,H,P,N]) {
  %x1 = mixer.previous %x by 1 after %x0
  %x2 = mixer.previous %x by 2 after %x0
  %d1 = mixer.previous %doc by 1 after %doc0
  %d2 = mixer.previous %doc by 2 after %doc0
  %w0 = mixer.tap %w at 2
  %w1 = mixer.tap %w at 1
  %w2 = mixer.tap %w at 0
  %u = mixer.map(%x, %x1, %x2, %doc, %d1, %d2, %w0, %w1, %w2) { (x, x1, x2, d, d1, d2, w0, w1, w2) ->
       silu(w0 * x + where(d1 == d, w1 * x1 + where(d2 == d, w2 * x2, 0), 0)) }
  %g = mixer.map(%a, %doc, %d1) { (a, d, d1) -> where(d1 == d, -softplus(a), -inf) }
  %y, %S = mixer.semiseparable x = %u, b = %b, c = %c, decay = %g, init = %h0
  %xT = mixer.last %x after %x0
  %docT = mixer.last %doc after %doc0
  mixer.return %y, %xT, %docT, %S
}
