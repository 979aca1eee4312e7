// RUN: mixer-opt %s --split-input-file --mixer-decompose-scan --mixer-decompose-chunked --canonicalize --cse | FileCheck %s

// States of 16 bits go to the number above or below by the call's seed, if it has one; an element's place is its number in the tensor, the
// batch the slowest. Results of tokens are rounded to nearest.
mixer.spec @states(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %h0: [B,H,P,N]) -> (%o: [B,T,H,P] io, %hT: [B,H,P,N])
    attributes {sizes = {H = 2, P = 20, N = 6}, io = bf16, states = f16, plans = [#mixer.algorithm<scan, chunk = 1, pblock = 20>], stochastic_rounding} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, init = %h0
  mixer.return %o, %S
}
// CHECK-LABEL: tile.program @states_scan
// CHECK: tile.load {{.*}} : memref<?x2x20x6xf16
// CHECK: tile.store {{.*}} -> memref<?x?x2x20xbf16
// CHECK: %[[GIVEN:.*]], %[[SEED:.*]] = tile.seed
// CHECK: linalg.generic
// CHECK: ^bb0(%[[STATE:.*]]: f32, %{{.*}}: f16):
// CHECK: %[[ROUNDED:.*]] = tile.stochastic_round %[[STATE]] at %{{.*}} seed %[[SEED]] : f16
// CHECK: %[[NEAREST:.*]] = arith.truncf %[[STATE]] : f32 to f16
// CHECK: arith.select %[[GIVEN]], %[[ROUNDED]], %[[NEAREST]] : f16
// CHECK: tile.store {{.*}} : tensor<{{.*}}xf16> -> memref<?x2x20x6xf16

// -----

// States of f32 are left as they are.
mixer.spec @wide(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %h0: [B,H,P,N]) -> (%o: [B,T,H,P] io, %hT: [B,H,P,N])
    attributes {sizes = {H = 2, P = 16, N = 16}, io = bf16, plans = [#mixer.algorithm<chunked, chunk = 16>], stochastic_rounding} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, init = %h0
  mixer.return %o, %S
}
// CHECK-LABEL: tile.program @wide_chunked
// CHECK-NOT: tile.seed

// -----

// A running sum is a state too.
mixer.spec @running(%x: [B,T,H] io, %z0: [B,H] io) -> (%y: [B,T,H] io, %zT: [B,H] io)
    attributes {sizes = {H = 2}, io = bf16, plans = [#mixer.algorithm<scan, chunk = 16>], stochastic_rounding} {
  %z, %before, %last = mixer.running sum of %x, init = %z0
  %y, %S = mixer.semiseparable x = %z, b = %x, c = %x
  mixer.return %y, %last
}
// CHECK-LABEL: tile.program @running_scan
// CHECK: tile.kernel @running
// CHECK: tile.stochastic_round
