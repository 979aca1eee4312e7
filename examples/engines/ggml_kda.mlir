// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ggml_gdn.mlir with a decay for each entry of the state: Kimi Delta Attention.
mixer.spec @ggml_kda(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H,N], %beta: [B,T,H] io, %s: [B,H,P,N])
    -> (%o: [B,T,H,P] io, %sT: [B,H,P,N]) {
  %c  = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%g, %k)    { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %g, l = %l, r = %r, init = %s
  mixer.return %o, %S
}
