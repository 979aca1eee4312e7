// Piece k of 16 bytes of row r of a swizzled tile is at piece k xor (r mod 8): of a row of 128 bytes, at byte 128 r + (16 k xor 16 (r mod 8)).
// Rows of 64 bytes have four pieces, and r / 2 counts.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --canonicalize --cse | FileCheck %s

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__rows_of_128
  // CHECK: %[[LINE:.*]] = arith.muli %[[ROW:.*]], %c128_i32
  // CHECK: %[[PIECE:.*]] = arith.muli %{{.*}}, %c16_i32
  // CHECK: %[[MOD:.*]] = arith.andi %[[ROW]], %c7_i32
  // CHECK: %[[KEY:.*]] = arith.shli %[[MOD]], %c4_i32
  // CHECK: %[[PLACE:.*]] = arith.xori %[[PIECE]], %[[KEY]]
  // CHECK: arith.addi %[[LINE]], %[[PLACE]]
  gpu_tile.kernel @rows_of_128(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16, swizzle = 0>
    gpu_tile.copy %x[0, 0, 0] dims [1, 2] limits [%T, 64] to %s : !x -> !gpu_tile.shared<64x64xbf16, swizzle = 0>
    gpu_tile.return
  }
}

// -----

!x = memref<?x?x32xbf16, strided<[?, ?, ?], offset: ?>>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  // CHECK-LABEL: llvm.func @p__rows_of_64
  // CHECK: %[[LINE:.*]] = arith.muli %[[ROW:.*]], %c64_i32
  // CHECK: %[[HALF:.*]] = arith.shrui %[[ROW]], %c1_i32
  // CHECK: arith.andi %[[HALF]], %c3_i32
  // CHECK: arith.xori
  gpu_tile.kernel @rows_of_64(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x)
      attributes {grid = #tile.grid<blocks = 4>, threads = 128 : i32, shared_bytes = 8192 : i32, arch = "sm_80"} {
    %s = gpu_tile.alloc at 0 : !gpu_tile.shared<64x32xbf16, swizzle = 0>
    gpu_tile.copy %x[0, 0, 0] dims [1, 2] limits [%T, 32] to %s : !x -> !gpu_tile.shared<64x32xbf16, swizzle = 0>
    gpu_tile.return
  }
}
