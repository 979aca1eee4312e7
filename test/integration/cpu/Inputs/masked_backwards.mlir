// From the last token to the first, each without itself; sequences and groups of heads have numbers of their own, of the io type.
mixer.spec @masked_backwards(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io, %g: [B,T,H], %m: [B,G,T] io optional)
    -> (%y: [B,T,H,P] io) {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, mask = %m, read = pre, direction = anticausal
  mixer.return %y
}
