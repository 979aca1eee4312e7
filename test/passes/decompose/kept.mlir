// RUN: mixer-opt %s --split-input-file --mixer-decompose-scan --mixer-decompose-chunked --canonicalize --cse | FileCheck %s

// States inside a call: behind each chunk, written where the call has a place for them, as limits say.
mixer.spec @scan(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H]) -> (%o: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {sizes = {H = 2, P = 20, N = 6}, io = f32, plans = [#mixer.algorithm<scan, chunk = 8>], keep_states} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  mixer.return %o, %S
}
// CHECK-LABEL: tile.program @scan_scan
// CHECK: tile.sequence
// CHECK: scf.for %[[T:.*]] = %c0 to %length step %c8
// CHECK: %[[NEXT:.*]] = arith.addi %[[T]], %c8
// CHECK: %[[END:.*]] = arith.minui %[[NEXT]], %length
// CHECK: %[[PLACE:.*]] = tile.kept %batch after %[[END]]
// CHECK: %[[SOME:.*]] = arith.cmpi sge, %[[PLACE]], %c0
// CHECK: %[[LIMIT:.*]] = arith.select %[[SOME]], %c1, %c0
// CHECK: tile.store {{.*}} limits [%[[LIMIT]],
// CHECK: scf.yield

// -----

mixer.spec @chunked(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H]) -> (%o: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {sizes = {H = 2, P = 16, N = 16}, io = f32, plans = [#mixer.algorithm<chunked, chunk = 16>], keep_states} {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, decay = %g
  mixer.return %o, %S
}
// Kernels that make states of segments keep none.
// CHECK-LABEL: tile.program @chunked_chunked
// CHECK: tile.kernel @states
// CHECK-NOT: tile.kept
// CHECK: tile.kernel @main
// CHECK: tile.kept
