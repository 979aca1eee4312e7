// Two tensors over tokens and P, and a sum over P, so that a block has all columns.
mixer.spec @gated_columns(%x: [B,T,H,P] io, %gate: [B,T,H,P] io, %rate: [B,T] io, %c: [B,T,H,N] io, %b: [B,T,H,N] io, %l: [B,T,H,N],
                          %r: [B,T,H,N] io) -> (%y: [B,T,H,P]) {
  %v = mixer.map(%x, %gate) { (a, b) -> a * sigmoid(b) }
  %g = mixer.map(%rate)     { (a) -> -softplus(a) }
  %f = mixer.map(%c)        { (a) -> elu(a) + 1 }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %f, decay = %g, l = %l, r = %r, read = pre
  %s = mixer.map(%o)        { (a) -> a * a }
  %n = mixer.sum %s over P
  %y = mixer.map(%o, %n)    { (a, b) -> a * rsqrt(b / P + 1e-2) }
  mixer.return %y
}
