// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a block does, counted from its ops.
// RUN: mixer-opt %s --pass-pipeline="builtin.module(tile.program(tile.kernel(tile-count-work)))" --verify-diagnostics --split-input-file
// RUN: mixer-opt %s --pass-pipeline="builtin.module(tile.program(tile.kernel(tile-count-work{warps=4})))" --split-input-file 2>&1 | FileCheck %s

// A product of 16 x 32 by 32 x 64 in each of the chunks; four warps have one tile of 16 rows and four of 16 columns: a square of two by two
// reads every operand twice. Loads that a call may leave out move nothing.
tile.program @product of @spec plan "any" buffers [] {
  // expected-remark @+3 {{once, matrix 0, operands 0, scalar 0, special 0, moved #1: 8192}}
  // expected-remark @+2 {{each 16, matrix 65536, operands 0, scalar 0, special 0, moved #0: 1024}}
  // CHECK: each 16, matrix 65536, operands 10240,
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x32xbf16, strided<[?, ?], offset: ?>>,
                    %w: memref<32x64xf32, strided<[?, ?], offset: ?>>, %y: memref<?x64xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %zero = arith.constant dense<0.0> : tensor<16x64xf32>
    %b = tile.load %w[0, 0] dims [0, 1] limits [32, 64] : memref<32x64xf32, strided<[?, ?], offset: ?>> -> tensor<32x64xbf16>
    scf.for %t = %c0 to %T step %c16 {
      %rest = arith.subi %T, %t : index
      %a = tile.load %x[%t, 0] dims [0, 1] limits [%rest, 32] : memref<?x32xbf16, strided<[?, ?], offset: ?>> -> tensor<16x32xbf16>
      %c = linalg.contract indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>]
        ins(%a, %b : tensor<16x32xbf16>, tensor<32x64xbf16>) outs(%zero : tensor<16x64xf32>) -> tensor<16x64xf32>
      tile.store %c, %y[%t, 0] dims [0, 1] limits [%rest, 64] optional : tensor<16x64xf32> -> memref<?x64xf32, strided<[?, ?], offset: ?>>
    }
    tile.return
  }
}

// -----

// Elementwise: one operation an op, half of one for a conversion, an exponential, four for a running sum; what limits leave out is not
// moved; a reversed tensor is
// the tensor; the loop of three trips runs three times.
tile.program @elementwise of @spec plan "any" buffers [] {
  // expected-remark @+2 {{once, matrix 0, operands 0, scalar 0, special 0, moved}}
  // expected-remark @+1 {{each 8, matrix 0, operands 0, scalar 1088, special 384, moved #0: 96}}
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<?x6xbf16, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c8 = arith.constant 8 : index
    %reversed = tile.reverse %x dim 0 of %T : memref<?x6xbf16, strided<[?, ?], offset: ?>>
    scf.for %t = %c0 to %T step %c8 {
      %rest = arith.subi %T, %t : index
      %a = tile.load %reversed[%t, 0] dims [0, 1] limits [%rest, 6] : memref<?x6xbf16, strided<[?, ?], offset: ?>> -> tensor<8x16xbf16>
      %empty = tensor.empty() : tensor<8x16xf32>
      %b = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<8x16xbf16>) outs(%empty : tensor<8x16xf32>) {
      ^bb0(%in: bf16, %out: f32):
        %0 = arith.extf %in : bf16 to f32
        %1 = math.absf %0 : f32
        linalg.yield %1 : f32
      } -> tensor<8x16xf32>
      %c = scf.for %i = %c0 to %c3 step %c1 iter_args(%s = %b) -> tensor<8x16xf32> {
        %e = math.exp2 %s : tensor<8x16xf32>
        %2 = arith.addf %e, %b : tensor<8x16xf32>
        scf.yield %2 : tensor<8x16xf32>
      }
      %sums, %resets = tile.cumsum %c : tensor<8x16xf32>
    }
    tile.return
  }
}

// -----

// Of two branches the one that does more; of two parts each does all but what is loaded for both.
tile.program @branches of @spec plan "any" buffers [] {
  // expected-remark @+2 {{once, matrix 0, operands 0, scalar 256, special 0, moved #0: 512 #1: 1024}}
  // expected-remark @+1 {{each 0, matrix 0, operands 0, scalar 0, special 0, moved}}
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: memref<128xf32, strided<[?], offset: ?>>,
                    %y: memref<2x128xf32, strided<[?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1>} {
    %part = tile.part of 2
    %a = tile.load %x[0] dims [0] limits [128] : memref<128xf32, strided<[?], offset: ?>> -> tensor<128xf32>
    %own = tile.load %y[%part, 0] dims [1] limits [128] : memref<2x128xf32, strided<[?, ?], offset: ?>> -> tensor<128xf32>
    %c0 = arith.constant 0 : index
    %isFirst = arith.cmpi eq, %part, %c0 : index
    %b = scf.if %isFirst -> tensor<128xf32> {
      %sum = arith.addf %a, %own : tensor<128xf32>
      scf.yield %sum : tensor<128xf32>
    } else {
      scf.yield %a : tensor<128xf32>
    }
    tile.return
  }
}
