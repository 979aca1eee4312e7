// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the quadratic algorithm makes of a mask: weights of pairs of chunks, which read a tile of numbers at the distance of two tokens.
mixer.spec @distances(%q: [B,T,N] io, %k: [B,T,N] io, %v: [B,T,H,P] io, %m: [H,T]) -> (%o: [B,T,H,P] io) {
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, mask = %m
  mixer.return %o
}

tile.program @distances_quadratic of @distances plan #mixer.algorithm<quadratic, chunk = 32, heads = 2, operand = bf16> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>, %arg6: memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<2x?xf32, strided<[?, ?], offset: ?>>, %arg9: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 1, batch = true, rows = 32>, when = #tile.when<always>} {
    %cst = arith.constant 0.000000e+00 : f32
    %cst_0 = arith.constant dense<0.000000e+00> : tensor<32x32xf32>
    %cst_1 = arith.constant dense<0.000000e+00> : tensor<2x64x32xf32>
    %c32 = arith.constant 32 : index
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %0 = tile.earlier %arg8 dim 1 by 32 : memref<2x?xf32, strided<[?, ?], offset: ?>>
    %1 = arith.ceildivui %arg2, %c32 : index
    %2 = arith.remui %arg0, %1 : index
    %3 = arith.divui %arg0, %1 : index
    %4 = arith.muli %2, %c32 : index
    %5 = arith.subi %arg2, %4 : index
    %6 = tile.load %arg5 [%3, %4, 0] dims [1, 2] limits [%5, 64] : memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<32x64xbf16>
    %7 = scf.for %arg10 = %c0 to %2 step %c1 iter_args(%arg11 = %cst_1) -> (tensor<2x64x32xf32>) {
      %18 = arith.subi %2, %c1 : index
      %19 = arith.subi %18, %arg10 : index
      %20 = arith.muli %19, %c32 : index
      %21 = arith.subi %arg2, %20 : index
      %22 = arith.subi %4, %20 : index
      %23 = tile.load %arg6 [%3, %20, 0] dims [1, 2] limits [%21, 64] : memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<32x64xbf16>
      %24 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%6, %23 : tensor<32x64xbf16>, tensor<32x64xbf16>) outs(%cst_0 : tensor<32x32xf32>) -> tensor<32x32xf32>
      %25 = arith.addi %arg2, %c32 : index
      %26 = arith.subi %25, %22 : index
      %27 = tile.load %0 [%c0, %22] dims [0, 1] limits [2, %26] : memref<2x?xf32, strided<[?, ?], offset: ?>> -> tensor<2x64xf32>
      %28 = tensor.empty() : tensor<2x32x32xbf16>
      %29 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1 - d2 + 32)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%24, %27 : tensor<32x32xf32>, tensor<2x64xf32>) outs(%28 : tensor<2x32x32xbf16>) {
      ^bb0(%in: f32, %in_2: f32, %out: bf16):
        %32 = arith.mulf %in, %in_2 : f32
        %33 = arith.truncf %32 : f32 to bf16
        linalg.yield %33 : bf16
      } -> tensor<2x32x32xbf16>
      %30 = tile.load %arg7 [%3, %20, %c0, 0] dims [1, 2, 3] limits [%21, 2, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<32x2x64xbf16>
      %31 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%30, %29 : tensor<32x2x64xbf16>, tensor<2x32x32xbf16>) outs(%arg11 : tensor<2x64x32xf32>) -> tensor<2x64x32xf32>
      scf.yield %31 : tensor<2x64x32xf32>
    }
    %8 = tile.load %arg6 [%3, %4, 0] dims [1, 2] limits [%5, 64] : memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<32x64xbf16>
    %9 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%6, %8 : tensor<32x64xbf16>, tensor<32x64xbf16>) outs(%cst_0 : tensor<32x32xf32>) -> tensor<32x32xf32>
    %10 = arith.addi %arg2, %c32 : index
    %11 = tile.load %0 [%c0, %c0] dims [0, 1] limits [2, %10] : memref<2x?xf32, strided<[?, ?], offset: ?>> -> tensor<2x64xf32>
    %12 = tensor.empty() : tensor<2x32x32xbf16>
    %13 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1 - d2 + 32)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%9, %11 : tensor<32x32xf32>, tensor<2x64xf32>) outs(%12 : tensor<2x32x32xbf16>) {
    ^bb0(%in: f32, %in_2: f32, %out: bf16):
      %18 = arith.mulf %in, %in_2 : f32
      %19 = linalg.index 2 : index
      %20 = linalg.index 1 : index
      %21 = arith.cmpi ule, %19, %20 : index
      %22 = arith.select %21, %18, %cst : f32
      %23 = arith.truncf %22 : f32 to bf16
      linalg.yield %23 : bf16
    } -> tensor<2x32x32xbf16>
    %14 = tile.load %arg7 [%3, %4, %c0, 0] dims [1, 2, 3] limits [%5, 2, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<32x2x64xbf16>
    %finite, %guarded = tile.guard %14 into %7 : tensor<32x2x64xbf16>, tensor<2x64x32xf32>
    %15 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite, %13 : tensor<32x2x64xbf16>, tensor<2x32x32xbf16>) outs(%guarded : tensor<2x64x32xf32>) -> tensor<2x64x32xf32>
    %16 = tensor.empty() : tensor<2x64x32xbf16>
    %17 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%15 : tensor<2x64x32xf32>) outs(%16 : tensor<2x64x32xbf16>) {
    ^bb0(%in: f32, %out: bf16):
      %18 = arith.truncf %in : f32 to bf16
      linalg.yield %18 : bf16
    } -> tensor<2x64x32xbf16>
    tile.store %17, %arg9 [%3, %4, %c0, 0] dims [2, 3, 1] limits [2, 64, %5] : tensor<2x64x32xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
    tile.return
  }
}
