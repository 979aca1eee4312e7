// Segments whose states are computed in several pieces.
// RUN: mixer-opt %s --mixer-decompose-chunked --canonicalize --cse | FileCheck %s

// In three pieces the states of a segment are computed apart, of which that of the last segment is not needed.
mixer.spec @pieces(%x: [B,T,H,P] io, %A: [B,T,H], %B: [B,T,N] io, %C: [B,T,N] io) -> (%y: [B,T,H,P] io)
    attributes {sizes = {H = 4, P = 64, N = 64}, io = bf16,
                plans = [#mixer.algorithm<chunked, chunk = 64, pblock = 64, operand = bf16, stages = 3, warps = 8, family = sm_90a, parts = 2, pieces = 3, persistent = 16>]} {
  %y, %S = mixer.semiseparable x = %x, b = %B, c = %C, decay = %A
  mixer.return %y
}

// CHECK-LABEL: tile.program @pieces_chunked of @pieces
// The first place of each segment becomes its start.
// CHECK-SAME: buffers [#tile.buffer<[-1, -3, 12, 64, 64]>, #tile.buffer<[-1, -3, 12]>, #tile.buffer<[-1, -3, 4]>]
// CHECK: tile.kernel @states(%[[BLOCK:.*]]: index, %{{.*}}: index, %[[T:.*]]: index, %[[SPLITS:.*]]: index, %[[SPAN:[^:]*]]: index
// CHECK-SAME: grid = #tile.grid<blocks = 6, batch = true, splits = true>
// CHECK: %[[PART:.*]] = tile.part of 2
// CHECK: %[[PIECE:.*]] = arith.remui %{{.*}}, %c3
// CHECK: %[[BEGIN:.*]] = arith.muli %{{.*}}, %[[SPAN]]
// CHECK: %[[THIRD:.*]] = arith.ceildivui %[[SPAN]], %c192
// CHECK: %[[LENGTH:.*]] = arith.muli %[[THIRD]], %c64
// CHECK: %[[OFFSET:.*]] = arith.muli %[[PIECE]], %[[LENGTH]]
// CHECK: %[[FIRST:.*]] = arith.addi %[[BEGIN]], %[[OFFSET]]
// CHECK: %[[IS_LAST:.*]] = arith.cmpi eq
// CHECK: scf.for %{{.*}} = %[[FIRST]] to
// CHECK: scf.if %[[IS_LAST]] {
// CHECK-NEXT: } else {
// CHECK: tile.store
// CHECK: tile.kernel @combine
// CHECK: scf.for
// CHECK-COUNT-3: tile.load %{{.*}} dims [2, 3, 4]
// CHECK: tile.store
// CHECK-NEXT: scf.yield
