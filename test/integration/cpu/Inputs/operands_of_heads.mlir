// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands added up over heads: keys normalised over all of a group's, gates over all heads, and a running sum of those.
mixer.spec @operands_of_heads(%x: [B,T,H,P] io, %b: [B,T,K,N] io, %c: [B,T,H,N] io, %g: [B,T,H] io) -> (%y: [B,T,H,P] io) {
  %bb = mixer.map(%b) { (b) -> b * b }
  %bn = mixer.sum %bb over N
  %bs = mixer.sum %bn over K in G
  %k  = mixer.map(%b, %bs) { (b, s) -> b * rsqrt(s + 1e-2) }
  %cs = mixer.sum %c over H
  %q  = mixer.map(%c, %cs) { (c, s) -> c + 0.3 * s }
  %gs = mixer.sum %g over H
  %rs, %before, %last = mixer.running sum of %gs
  %v  = mixer.map(%x, %rs) { (x, r) -> x * cos(0.3 * r) }
  %a  = mixer.map(%g, %gs) { (g, s) -> -softplus(g + 0.2 * s) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %a
  %y  = mixer.map(%o, %gs) { (o, s) -> o * sigmoid(s) }
  mixer.return %y
}
