// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads and stores of a tensor that other threads may have stored or read: a barrier stands between them, and no load runs ahead.
// RUN: mixer-opt %s --split-input-file --tile-to-gpu="arch=sm_80" | FileCheck %s

// A row that another thread overwrites.
// CHECK-LABEL: gpu_tile.kernel @k
// CHECK: scf.for
// CHECK: gpu_tile.barrier
// CHECK-NEXT: gpu_tile.load
// CHECK-NEXT: gpu_tile.barrier
// CHECK-NEXT: gpu_tile.store
!x = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = f32, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %bb: !x, %o: !x, %u: !x) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    scf.for %i = %c0 to %T step %c64 {
      %left = arith.subi %T, %i : index
      %i1 = arith.addi %i, %c1 : index
      %left1 = arith.subi %T, %i1 : index
      %old = tile.load %o[%b, %i1, %h, 0] dims [1, 3] limits [%left1, 64] : !x -> tensor<64x64xf32>
      tile.store %old, %o[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xf32> -> !x
    }
    tile.return
  }
}

// -----

// Rows of two stores are with other threads.
// CHECK-LABEL: gpu_tile.kernel @k
// CHECK: gpu_tile.store
// CHECK: gpu_tile.barrier
// CHECK-NEXT: gpu_tile.store
!x = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = f32, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %bb: !x, %o: !x, %u: !x) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %p = tile.load %x[%b, 0, %h, 0] dims [1, 3] limits [%T, 64] : !x -> tensor<64x64xf32>
    %q = tile.load %bb[%b, 0, %h, 0] dims [1, 3] limits [%T, 64] : !x -> tensor<64x64xf32>
    tile.store %p, %o[%b, 1, %h, 0] dims [1, 3] limits [%T, 64] : tensor<64x64xf32> -> !x
    tile.store %q, %o[%b, 0, %h, 0] dims [1, 3] limits [%T, 64] : tensor<64x64xf32> -> !x
    tile.return
  }
}

// -----

// The same elements from the other end.
// CHECK-LABEL: gpu_tile.kernel @k
// CHECK: gpu_tile.store
// CHECK: gpu_tile.barrier
// CHECK: gpu_tile.load
!x = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = f32, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %bb: !x, %o: !x, %u: !x) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %r = tile.reverse %o dim 1 of %T : !x
    %p = tile.load %x[%b, 0, %h, 0] dims [1, 3] limits [%T, 64] : !x -> tensor<64x64xf32>
    tile.store %p, %o[%b, 64, %h, 0] dims [1, 3] limits [64, 64] : tensor<64x64xf32> -> !x
    %q = tile.load %r[%b, 0, %h, 0] dims [1, 3] limits [%T, 64] : !x -> tensor<64x64xf32>
    tile.store %q, %u[%b, 0, %h, 0] dims [1, 3] limits [%T, 64] : tensor<64x64xf32> -> !x
    tile.return
  }
}

// -----

// What an earlier iteration has stored, in a branch.
// CHECK-LABEL: gpu_tile.kernel @k
// CHECK: scf.if
// CHECK: gpu_tile.barrier
// CHECK-NEXT: gpu_tile.load
!x = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = f32, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %bb: !x, %o: !x, %u: !x) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    scf.for %i = %c0 to %T step %c64 {
      %left = arith.subi %T, %i : index
      %on = arith.cmpi ult, %i, %T : index
      scf.if %on {
        %q = tile.load %o[%b, 0, %h, 0] dims [3, 1] limits [64, %T] : !x -> tensor<64x64xf32>
        tile.store %q, %o[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xf32> -> !x
      }
    }
    tile.return
  }
}

// -----

// The same place, in each iteration its own: none.
// CHECK-LABEL: gpu_tile.kernel @k
// CHECK-NOT: gpu_tile.barrier
// CHECK: gpu_tile.return
!x = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = f32, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %bb: !x, %o: !x, %u: !x) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    scf.for %i = %c0 to %T step %c64 {
      %left = arith.subi %T, %i : index
      %old = tile.load %o[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xf32>
      tile.store %old, %o[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<64x64xf32> -> !x
    }
    tile.return
  }
}
