// RUN: mixer-opt %s --split-input-file --verify-diagnostics --mixer-decompose-chunked --mixer-decompose-quadratic

// expected-error @below {{expected plans; run --mixer-select or write them}}
mixer.spec @no_plans(%x: [B,T,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 2, P = 16, N = 16}} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected a size for dimension N of b; bind it with --shape N=...}}
mixer.spec @no_size(%x: [B,T,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 2, P = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected the io type to be bound; pass --dtype=f32, bf16 or f16}}
mixer.spec @no_io(%x: [B,T,H,P] io, %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 2, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected heads per block that divide H / G = 2, got 4}}
mixer.spec @heads(%x: [B,T,H,P], %b: [B,T,G,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, G = 2, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, heads = 4>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected a chunk with R = 65536 updates a token of at most 65536 steps, got 1048576}}
mixer.spec @most_steps(%x: [B,T,R,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 2, R = 65536, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected a chunk with R = 3 updates a token that is a multiple of 16, got 24}}
mixer.spec @steps(%x: [B,T,R,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 2, R = 3, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 8>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected heads per block that divide H / V = 1, got 2}}
mixer.spec @heads_of_values(%x: [B,T,V,P], %b: [B,T,G,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, G = 2, V = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, heads = 2>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected a size for dimension H of a recurrence; bind it with --shape H=...}}
mixer.spec @no_heads(%x: [B,T,V,P], %b: [B,T,N], %z: [B,T,P]) -> (%y: [B,T,P]) attributes {sizes = {V = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %z
}

// -----

// expected-error @below {{expected heads = 1 per block because b or c has its own heads, got 2}}
mixer.spec @own_heads(%x: [B,T,H,P], %b: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, heads = 2>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected a chunk that is a multiple of 16, got 24}}
mixer.spec @chunk(%x: [B,T,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 24>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected heads = 1 per block because of a decay for each entry, a correction or read = pre, got 2}}
mixer.spec @entries_of_two_heads(%x: [B,T,H,P], %b: [B,T,N], %g: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, heads = 2>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g
  mixer.return %y
}

// -----

// expected-error @below {{expected a chunk that is a power of two because of a decay for each entry, a correction or read = pre, got 48}}
mixer.spec @entries_of_48_tokens(%x: [B,T,H,P], %b: [B,T,N], %g: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 48>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g
  mixer.return %y
}

// -----

// expected-error @below {{expected pblock = 0, all columns in a block, because of a sum over P of operands, got 16}}
mixer.spec @columns_of_a_sum(%x: [B,T,H,P], %b: [B,T,N]) -> (%z: [B,T,H,P]) attributes {sizes = {H = 4, P = 32, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16>]} {
  %s = mixer.sum %x over P
  %v = mixer.map(%x, %s) { (x, s) -> x * s }
  %z, %S = mixer.semiseparable x = %v, b = %b, c = %b
  mixer.return %z
}

// -----

mixer.spec @correction(%x: [B,T,H,P], %b: [B,T,H,N], %r: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<quadratic, chunk = 16>]} {
  // expected-error @below {{expected a transition without l and r, got a rank-1 correction (a delta rule), which quadratic does not compute yet; chunked does}}
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, l = %b, r = %r
  mixer.return %y
}

// -----

// expected-error @below {{expected a chunk that is a power of two because of a decay for each entry, a correction or read = pre, got 48}}
mixer.spec @pairs_of_48_tokens(%x: [B,T,H,P], %b: [B,T,N], %g: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<quadratic, chunk = 48>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g
  mixer.return %y
}

// -----

// expected-error @below {{expected heads = 1 per block because of a decay for each entry, a correction or read = pre, got 2}}
mixer.spec @pairs_of_two_heads(%x: [B,T,H,P], %b: [B,T,N], %g: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<quadratic, chunk = 16, heads = 2>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g
  mixer.return %y
}

// -----

mixer.spec @result(%x: [B,T,H,P], %b: [B,T,N], %a: [H]) -> (%y: [B,T,H,P], %e: [H]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  %e = mixer.map(%a) { (a) -> a + 1 }
  // expected-error @below {{expected result e to be a final state or to have T, got [H]: no algorithm yet; compute it after the call}}
  mixer.return %y, %e
}

// -----

mixer.spec @sum(%x: [B,T,H,P], %b: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %r = mixer.index R
  // expected-error @below {{expected a sum over heads, N or P, got one over R: no algorithm yet; compute it before the call and make it an argument}}
  %n = mixer.sum %r over R
  %u = mixer.map(%b, %n) { (b, n) -> b * n }
  %y, %S = mixer.semiseparable x = %x, b = %u, c = %b
  mixer.return %y
}

// -----

mixer.spec @sum_of_updates(%x: [B,T,H,P], %b: [B,T,R,H,N], %c: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16, R = 2}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  // expected-error @below {{expected a sum over heads of a value without R, got [B,T,R,H,N]: no algorithm yet; compute it before the call and make it an argument}}
  %n = mixer.sum %b over H
  %u = mixer.map(%b, %n) { (b, n) -> b * n }
  %y, %S = mixer.semiseparable x = %x, b = %u, c = %c
  mixer.return %y
}

// -----

mixer.spec @sum_of_states(%x: [B,T,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P], %s: [B,N,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected a sum over heads of arguments and results over T, got one that depends on a final state: no algorithm yet; compute it after the call}}
  %s = mixer.sum %S over H
  mixer.return %y, %s
}

// -----

mixer.spec @sum_of_matrices(%x: [B,T,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected a value without N where a sum over heads follows, got [B,T,H,P,N]: no algorithm yet; add it up over N first}}
  %m = mixer.map(%o, %b) { (o, b) -> exp(o * b) }
  %h = mixer.sum %m over H
  %s = mixer.sum %h over N
  %y = mixer.map(%x, %s) { (x, s) -> x * s }
  mixer.return %y
}

// -----

mixer.spec @sum_of_columns(%x: [B,T,H,P], %b: [B,T,H,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 32, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16, pblock = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected a value without N where a sum over P in another kernel follows, got [B,T,H,P,N]; add it up over N first, or choose a plan with pblock = 0}}
  %m = mixer.map(%o, %b) { (o, b) -> exp(o * b) }
  %h = mixer.sum %m over P
  %s = mixer.sum %h over N
  %y = mixer.map(%x, %s) { (x, s) -> x * s }
  mixer.return %y
}

// -----

mixer.spec @stacked(%x: [B,T,H,P], %b: [B,T,N]) -> (%y: [B,T,H,P]) attributes {sizes = {H = 4, P = 16, N = 16}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  %u = mixer.map(%o, %x) { (o, x) -> o * x }
  // expected-error @below {{expected x from arguments of the spec, got one that depends on another mixer.semiseparable: no algorithm yet; split the spec in two}}
  %y, %R = mixer.semiseparable x = %u, b = %b, c = %b
  mixer.return %y
}

// -----

mixer.spec @of_state(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  %y = mixer.map(%o, %S) { (o, s) -> o / s }
  // expected-error @below {{expected result y to be a final state or to depend on none: no algorithm yet; compute it after the call}}
  mixer.return %y
}

// -----

mixer.spec @previous_of_map(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4, L = 3, W = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %u = mixer.map(%x) { (x) -> silu(x) }
  // expected-error @below {{expected mixer.previous and mixer.conv of arguments of the spec, got a computed value: no algorithm yet; take those of the arguments that it is computed from}}
  %v = mixer.previous %u by 1
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %b
  mixer.return %y
}

// -----

mixer.spec @previous_of_result(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4, L = 3, W = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected mixer.previous and mixer.conv of arguments of the spec, got a computed value: no algorithm yet}}
  %y = mixer.previous %o by 1
  mixer.return %y
}

// -----

mixer.spec @tap_of_map(%x: [B,T,H], %b: [B,T], %w: [H,W]) -> (%y: [B,T,H]) attributes {sizes = {H = 4, L = 3, W = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  // expected-error @below {{expected W in arguments and mixer.last alone, got a computed value over [H,W]: no algorithm yet; compute it before the call and make it an argument}}
  %e = mixer.map(%w) { (w) -> exp(w) }
  %t = mixer.tap %e at 0
  %v = mixer.map(%x, %t) { (x, t) -> x * t }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %b
  mixer.return %y
}

// -----

mixer.spec @map_of_last(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H], %e: [B,L,H]) attributes {sizes = {H = 4, L = 3, W = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected mixer.last to be a result of the spec alone, got another use: no algorithm yet; return it as it is}}
  %l = mixer.last %x
  %e = mixer.map(%l) { (l) -> l * l }
  mixer.return %y, %e
}

// -----

mixer.spec @result_over_taps(%x: [B,T,H], %b: [B,T], %u: [B,T,W]) -> (%y: [B,T,H], %e: [B,T,W]) attributes {sizes = {H = 4, L = 3, W = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected result e to be a final state or to be without W, got [B,T,W]: no algorithm yet; the caller has it}}
  mixer.return %y, %u
}

// -----

mixer.spec @previous_backwards(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4, L = 3, W = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %v = mixer.previous %x by 1
  // expected-error @below {{expected direction = causal beside mixer.previous, mixer.conv and mixer.last, got anticausal: no algorithm yet; pass the tensors from their last token on, with negative strides}}
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %b, direction = anticausal
  mixer.return %y
}

// -----

mixer.spec @keep_of_result(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected keep from arguments of the spec, got one that depends on another mixer.semiseparable: no algorithm yet; split the spec in two}}
  %y, %R = mixer.semiseparable x = %x, b = %b, c = %b, keep = %o
  mixer.return %y
}

// -----

mixer.spec @running_of_result(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  // expected-error @below {{expected a value from arguments of the spec, got one that depends on a mixer.semiseparable: no algorithm yet; split the spec in two}}
  %y, %e, %l = mixer.running sum of %o
  mixer.return %y
}

// -----

mixer.spec @use_of_last(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  // expected-error @below {{expected the running value after the last token to be a result of the spec alone, got another use: no algorithm yet; return it as it is}}
  %m, %e, %l = mixer.running max of %x
  %v = mixer.map(%x, %l) { (x, l) -> x - l }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected a size for dimension G of a running value; bind it with --shape G=...}}
mixer.spec @running_unbound(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %one = mixer.constant 1 : [B,T,G]
  %m, %e, %l = mixer.running sum of %one
  %v = mixer.map(%x, %m) { (x, m) -> x * m }
  %y, %S = mixer.semiseparable x = %v, b = %b, c = %b
  mixer.return %y
}

// -----

// expected-error @below {{expected at most 8 kernels, one of them for each mixer.running and those of sums over heads among them, got 11; split the spec in two}}
mixer.spec @many_running(%x: [B,T,H], %b: [B,T]) -> (%y: [B,T,H]) attributes {sizes = {H = 4}, plans = [#mixer.algorithm<chunked, chunk = 16>]} {
  %a, %a1, %aT = mixer.running sum of %x
  %b1, %b2, %bT = mixer.running sum of %a
  %c, %c1, %cT = mixer.running sum of %b1
  %d, %d1, %dT = mixer.running sum of %c
  %e, %e1, %eT = mixer.running sum of %d
  %f, %f1, %fT = mixer.running sum of %e
  %g, %g1, %gT = mixer.running sum of %f
  %h, %h1, %hT = mixer.running sum of %g
  %y, %S = mixer.semiseparable x = %h, b = %b, c = %b
  mixer.return %y
}
