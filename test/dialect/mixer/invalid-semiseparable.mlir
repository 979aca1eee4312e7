// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s -split-input-file -verify-diagnostics

// C1
mixer.spec @c1_missing(%x: [B,H,P], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected x to have the dimension T, got [B,H,P]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return
}

// -----

// C1
mixer.spec @c1_foreign(%x: [B,T,H,N], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected x over B, T, H, G, Q, K, V, R, P, got [B,T,H,N]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return
}

// -----

// C2
mixer.spec @c2_foreign(%x: [B,T,H,P], %k: [B,T,H,N], %p: [B,T,R,H,N]) -> () {
  // expected-error@+1 {{expected c over B, T, H, G, Q, K, V, N, P, got [B,T,R,H,N]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %p
  mixer.return
}

// -----

// C2
mixer.spec @c2_both_sides(%x: [B,T,H,P], %k: [B,T,H,N], %p: [B,T,H,N,P]) -> () {
  // expected-error@+1 {{expected c over N, or over P alone where b has N and x has P, got [B,T,H,N,P]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %p
  mixer.return
}

// -----

// C2
mixer.spec @c2_no_rows(%x: [B,T,H,P], %k: [B,T,H], %p: [B,T,H,P]) -> () {
  // expected-error@+1 {{expected c over N, or over P alone where b has N and x has P, got [B,T,H,P]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %p
  mixer.return
}

// -----

// C2
mixer.spec @c2_half(%x: [B,T,H,P], %k: [B,T,H,N], %q: [B,T,H]) -> () {
  // expected-error@+1 {{expected b and c both with N or both without, got b [B,T,H,N] and c [B,T,H]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %q
  mixer.return
}

// -----

// C3
mixer.spec @c3_foreign(%x: [B,T,H,P], %k: [B,T,H,N], %g: [B,T,P]) -> () {
  // expected-error@+1 {{expected decay over B, T, H, G, Q, K, V, N, got [B,T,P]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g
  mixer.return
}

// -----

// C3
mixer.spec @c3_no_n(%x: [B,T,H,P], %k: [B,T,H], %g: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected decay over B, T, H, G, Q, K, V, got [B,T,H,N]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g
  mixer.return
}

// -----

// C4
mixer.spec @c4(%x: [B,T,H,P], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected l and r together, got r alone}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, r = %k
  mixer.return
}

// -----

// C5
mixer.spec @c5_foreign(%x: [B,T,H,P], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected l over B, T, H, G, Q, K, V, R, N, got [B,T,H,P]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, l = %x, r = %k
  mixer.return
}

// -----

// C5
mixer.spec @c5_n(%x: [B,T,H,P], %k: [B,T,H,N], %s: [B,T,H]) -> () {
  // expected-error@+1 {{expected r with N as b has it, got [B,T,H]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, l = %k, r = %s
  mixer.return
}

// -----

// C6
mixer.spec @c6(%x: [B,T,H,P], %k: [B,T,H,N], %h0: [B,H,N]) -> () {
  // expected-error@+1 {{expected init over [B,H,N,P] in any order, got [B,H,N]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, init = %h0
  mixer.return
}

// -----

// C10
mixer.spec @c10_positive(%x: [B,T,H,P], %k: [B,T,H,N], %g: [B,T,H]) -> () {
  // expected-error@+1 {{expected a decay >= a number of at most 0, got 0.5}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g >= 0.5
  mixer.return
}

// -----

// C10
mixer.spec @c10_infinite(%x: [B,T,H,P], %k: [B,T,H,N], %g: [B,T,H]) -> () {
  // expected-error@+1 {{expected a decay >= a number of at most 0, got -inf}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, decay = %g >= -inf
  mixer.return
}

// -----

// C8
mixer.spec @c8_read(%x: [B,T,R,H,P], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected read = post with operands over R; pass c and the results from their second token on}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, read = pre
  mixer.return
}

// -----

// C8
mixer.spec @c8_both(%x: [B,T,H,P], %k: [B,T,H,N], %l: [B,T,R,H,N]) -> () {
  // expected-error@+1 {{expected one direction with operands over R, got both; write two recurrences, one of them with direction = anticausal}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, l = %l, r = %k, direction = both
  mixer.return
}

// -----

// C2
mixer.spec @c2_updates(%x: [B,T,H,P], %k: [B,T,R,H,N]) -> () {
  // expected-error@+1 {{expected c over B, T, H, G, Q, K, V, N, P, got [B,T,R,H,N]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return
}

// -----

// C7
mixer.spec @c7_init(%x: [B,T,H,P], %k: [B,T,H,N], %h0: [B,H,N,P]) -> () {
  // expected-error@+1 {{expected no init with direction = both}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, init = %h0, direction = both
  mixer.return
}

// -----

// C7
mixer.spec @c7_state(%x: [B,T,H,P], %k: [B,T,H,N]) -> (%S: [B,H,N,P]) {
  // expected-error@+1 {{expected no use of the final state with direction = both}}
  %o, %R = mixer.semiseparable x = %x, b = %k, c = %k, direction = both
  mixer.return %R
}

// -----

mixer.spec @wrong_type(%x: [B,T,H,P], %k: [B,T,H,N]) -> () {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s)}}
  %0:2 = "mixer.semiseparable"(%x, %k, %k) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0>}> : (!mixer.tensor<[B,T,H,P]>, !mixer.tensor<[B,T,H,N]>, !mixer.tensor<[B,T,H,N]>) -> (!mixer.tensor<[B,T,H,P] io>, !mixer.tensor<[B,H,N,P]>)
  mixer.return
}

// -----

mixer.spec @c9_entries(%x: [B,T,H,P], %b: [B,T,H,N], %k: [B,T,H,N]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected keep over B, T, H, G, Q, K, V, got [B,T,H,N]}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, keep = %k
  mixer.return %y
}

// -----

// C1, where x has no heads either.
mixer.spec @c1_neither(%x: [B,P], %k: [B,T,H,N]) -> () {
  // expected-error@+1 {{expected x to have the dimension T, got [B,P]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %k
  mixer.return
}

// -----

mixer.spec @c11_no_distance(%x: [B,T,H,P], %b: [B,T,H,N], %m: [B,H]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected mask over T, the distance of two tokens, got [B,H]}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, mask = %m
  mixer.return %y
}

// -----

mixer.spec @c11_entries(%x: [B,T,H,P], %b: [B,T,H,N], %m: [T,N]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected mask over B, T, H, G, Q, K, V, got [T,N]}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, mask = %m
  mixer.return %y
}

// -----

mixer.spec @c12_other_side(%x: [B,T,H,P], %k: [B,T,H,N], %c: [B,T,H,P], %m: [T,H]) -> () {
  // expected-error@+1 {{expected c without P with mask, got [B,T,H,P]}}
  %o, %S = mixer.semiseparable x = %x, b = %k, c = %c, mask = %m
  mixer.return
}

// -----

mixer.spec @c12_init(%x: [B,T,H,P], %b: [B,T,H,N], %m: [T], %h: [B,H,N,P]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected no init with mask, which leaves no state}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, init = %h, mask = %m
  mixer.return %y
}

// -----

mixer.spec @c12_correction(%x: [B,T,H,P], %b: [B,T,H,N], %m: [T]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected no l and r with mask, which leaves no state}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, l = %b, r = %b, mask = %m
  mixer.return %y
}

// -----

mixer.spec @c12_state(%x: [B,T,H,P], %b: [B,T,H,N], %m: [T]) -> (%y: [B,T,H,P], %s: [B,H,N,P]) {
  // expected-error@+1 {{expected no use of the final state with mask, which leaves none}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, mask = %m
  mixer.return %y, %S
}

// -----

mixer.spec @c12_updates(%x: [B,T,R,H,P], %b: [B,T,H,N], %m: [T]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected no operands over R with mask; write a recurrence for each update and add them}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, mask = %m
  mixer.return %y
}

// -----

mixer.spec @c12_entries(%x: [B,T,H,P], %b: [B,T,H,N], %g: [B,T,H,N], %m: [T]) -> (%y: [B,T,H,P]) {
  // expected-error@+1 {{expected decay without N with mask, got [B,T,H,N]}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g, mask = %m
  mixer.return %y
}
