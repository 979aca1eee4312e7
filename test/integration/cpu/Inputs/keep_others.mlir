// Beside a correction, and beside a decay of each entry that is read before the token.
mixer.spec @keep_others(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %w: [B,T,H,N], %dt: [B,T,H], %k: [B,T,H],
                        %h0: [B,H,N,P] optional) -> (%y: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %g = mixer.map(%dt)    { (t) -> -softplus(t) }
  %e = mixer.map(%w)     { (w) -> -0.2 * softplus(w) }
  %f = mixer.map(%k)     { (k) -> tanh(3 * k) }
  %l = mixer.map(%b)     { (b) -> -b / N }
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, keep = %f, l = %l, r = %b, init = %h0
  %p, %R = mixer.semiseparable x = %x, b = %b, c = %c, decay = %e, keep = %f, read = pre
  %y = mixer.map(%o, %p) { (o, p) -> o + p }
  mixer.return %y, %S
}
