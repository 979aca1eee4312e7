// Mamba-1 with its convolution: heads of one column, whose tokens are contiguous.
mixer.spec @conv_columns(%x: [B,H,T] io, %w: [H,W], %dt: [B,H,T] io, %A: [H,N], %B: [B,N,T] io, %C: [B,N,T] io, %x0: [B,H,L] io optional,
                         %h0: [B,H,N] optional) -> (%y: [B,H,T] io, %xT: [B,H,L] io optional, %hT: [B,H,N] optional) {
  %u  = mixer.conv %x by %w after %x0
  %v  = mixer.map(%u)      { (u) -> silu(u) }
  %d  = mixer.map(%dt)     { (t) -> softplus(t) }
  %g  = mixer.map(%d, %A)  { (d, a) -> -d * exp(a) }
  %dv = mixer.map(%d, %v)  { (d, v) -> d * v }
  %y, %S = mixer.semiseparable x = %dv, b = %B, c = %C, decay = %g, init = %h0
  %xT = mixer.last %x after %x0
  mixer.return %y, %xT, %S
}
