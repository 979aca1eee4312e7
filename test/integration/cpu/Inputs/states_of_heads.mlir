// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums over heads without tokens: of weights, of those of each group, and of initial states.
mixer.spec @states_of_heads(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %c: [B,T,G,N] io, %w: [H,P], %d: [H], %h0: [B,H,N,P])
    -> (%y: [B,T,H,P] io, %hT: [B,H,N,P]) {
  %ws = mixer.sum %w over H
  %ds = mixer.sum %d over H in G
  %hs = mixer.sum %h0 over H
  %v  = mixer.map(%x, %ws) { (x, w) -> x * sigmoid(w) }
  %a  = mixer.map(%d, %ds) { (d, s) -> -softplus(d + 0.2 * s) }
  %h  = mixer.map(%h0, %hs) { (h, s) -> h - 0.5 * s }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %c, decay = %a, init = %h
  mixer.return %y, %S
}
