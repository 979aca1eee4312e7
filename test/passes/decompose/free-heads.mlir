// RUN: mixer-opt %s --mixer-bind-shape="shape=H=?,G=H/4,P=64,N=64 dtype=bf16" | FileCheck %s --check-prefix=BOUND
// RUN: mixer-opt %s --mixer-bind-shape="shape=H=?,G=H/4,P=64,N=64 dtype=bf16" --mixer-decompose-chunked --canonicalize --cse | FileCheck %s

// Heads in bands of 4, one group each: sizes are those of a band, and 32 heads are expected.
// BOUND: mixer.spec @free
// BOUND-SAME: bands = 8
// BOUND-SAME: free = "HG"
// BOUND-SAME: sizes = {G = 1 : i64, H = 4 : i64, N = 64 : i64, P = 64 : i64}
// The number of heads in a map is not known yet; that of rows is.
// BOUND: (x) -> x / H * 64
mixer.spec @free(%x: [B,T,H,P] io, %b: [B,T,G,N] io, %g: [B,T,H], %h0: [B,H,P,N] optional) -> (%y: [B,T,H,P] io, %hT: [B,H,P,N] optional)
    attributes {plans = [#mixer.algorithm<chunked, chunk = 64, pblock = 32, operand = bf16, stages = 3, warps = 8, family = sm_90a, parts = 2, pieces = 3>]} {
  %u = mixer.map(%x) { (x) -> x / H * N }
  %y, %S = mixer.semiseparable x = %u, b = %b, c = %b, decay = %g, init = %h0
  mixer.return %y, %S
}

// CHECK: tile.program @free_chunked of @free
// CHECK-SAME: buffers [#tile.buffer<[-1, -3, 12, 64, 64] bands 2>, #tile.buffer<[-1, -3, 12] bands 2>, #tile.buffer<[-1, -3, 8] bands 2>] attributes {bands}

// Tensors and buffers have the heads of all bands, whose number strides along splits depend on.
// CHECK: tile.kernel @states
// CHECK-SAME: %arg5: memref<?x?x?x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x?x64xbf16
// CHECK-SAME: memref<?x?x?x64x64xf32, strided<[?, ?, 4096, 64, 1], offset: ?>>
// CHECK-SAME: grid = #tile.grid<blocks = 12, batch = true, splits = true, bands = true>
// CHECK: %[[BANDS:.*]] = tile.bands
// CHECK: %[[REST:.*]] = arith.divui %{{.*}}, %c4
// CHECK: %[[BAND:.*]] = arith.remui %[[REST]], %[[BANDS]]
// CHECK: %[[SEQUENCES:.*]] = arith.divui %[[REST]], %[[BANDS]]
// CHECK: arith.remui %[[SEQUENCES]], %c3
// CHECK: arith.sitofp
// Entries of the first piece's heads come before those of the next.
// CHECK: %[[ALL:.*]] = arith.muli %[[BANDS]], %c4
// CHECK: arith.muli %{{.*}}, %[[ALL]]

// A block clears the flags of a band.
// CHECK: tile.kernel @clear
// CHECK-SAME: grid = #tile.grid<blocks = 1, batch = true, bands = true>, when = #tile.when<halved>
// CHECK: %[[BANDS:.*]] = tile.bands
// CHECK: %[[BAND:.*]] = arith.remui %arg0, %[[BANDS]]
// CHECK: %[[BATCH:.*]] = arith.divui %arg0, %[[BANDS]]
// CHECK: tile.sequence %[[BATCH]]
// CHECK: arith.muli %[[BAND]], %c8

// Whole blocks are those of all bands.
// CHECK: tile.kernel @main
// CHECK-SAME: halves = true, bands = true
