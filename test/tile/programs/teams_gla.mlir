// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a plan with teams makes of gla: resets, which the teams count.
// teams = 2
mixer.spec @teams_gla(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %h0: [B,H,N,P] optional)
    -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %falls = mixer.map(%gk) { (g) -> -softplus(g) }
  %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs, decay = %falls, init = %h0
  mixer.return %o, %S
}

tile.program @teams_gla_tiles of @teams_gla plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 2, warps = 4, family = portable> buffers [#tile.buffer<[-1, -3, 2, 64, 64]>, #tile.buffer<[-1, -3, 2, 64]>] {
  tile.kernel @states(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg10: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>>, %arg13: memref<?x?x2x64xf32, strided<[?, 128, 64, 1], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true, splits = true>, when = #tile.when<split>} {
    %cst = arith.constant 1.000000e+00 : bf16
    %cst_0 = arith.constant 1.17549435E-38 : f32
    %cst_1 = arith.constant 0xFF800000 : f32
    %cst_2 = arith.constant dense<0.000000e+00> : tensor<16x16xf32>
    %cst_3 = arith.constant -1.500000e+02 : f32
    %cst_4 = arith.constant 1.44269502 : f32
    %cst_5 = arith.constant 0.000000e+00 : f32
    %c16 = arith.constant 16 : index
    %cst_6 = arith.constant 1.000000e+00 : f32
    %cst_7 = arith.constant dense<0.000000e+00> : tensor<1x64x64xf32>
    %c2 = arith.constant 2 : index
    %c1 = arith.constant 1 : index
    %0 = arith.remui %arg0, %c2 : index
    %1 = arith.divui %arg0, %c2 : index
    %2 = arith.remui %1, %arg3 : index
    %3 = arith.divui %1, %arg3 : index
    %4 = arith.muli %2, %arg4 : index
    %5 = arith.addi %4, %arg4 : index
    %6 = arith.minui %5, %arg2 : index
    %7 = arith.subi %arg3, %c1 : index
    %8 = arith.cmpi eq, %2, %7 : index
    %9 = arith.select %8, %4, %6 : index
    %10 = tensor.empty() : tensor<1x64xf32>
    %11 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%10 : tensor<1x64xf32>) {
    ^bb0(%out: f32):
      linalg.yield %cst_6 : f32
    } -> tensor<1x64xf32>
    %12:2 = scf.for %arg14 = %4 to %9 step %c16 iter_args(%arg15 = %cst_7, %arg16 = %11) -> (tensor<1x64x64xf32>, tensor<1x64xf32>) {
      %13 = arith.subi %arg2, %arg14 : index
      %14 = tile.load %arg8 [%3, %arg14, %0, 0] dims [1, 3] limits [%13, 64] : memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %15 = tensor.empty() : tensor<16x64xf32>
      %16 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14 : tensor<16x64xf32>) outs(%15 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %38 = arith.maximumf %in, %cst_5 : f32
        %39 = math.absf %in : f32
        %40 = arith.negf %39 : f32
        %41 = math.exp %40 : f32
        %42 = math.log1p %41 : f32
        %43 = arith.addf %38, %42 : f32
        %44 = arith.negf %43 : f32
        %45 = arith.mulf %44, %cst_4 : f32
        %46 = linalg.index 0 : index
        %47 = arith.cmpi slt, %46, %13 : index
        %48 = arith.select %47, %45, %cst_5 : f32
        linalg.yield %48 : f32
      } -> tensor<16x64xf32>
      %17 = tensor.empty() : tensor<16x64xbf16>
      %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16 : tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %38 = arith.cmpf olt, %in, %cst_3 : f32
        %39 = arith.select %38, %cst_5, %cst_6 : f32
        %40 = arith.truncf %39 : f32 to bf16
        linalg.yield %40 : bf16
      } -> tensor<16x64xbf16>
      %19 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%out: bf16):
        linalg.yield %cst : bf16
      } -> tensor<16x64xbf16>
      %20 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%18, %19 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_2 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %21 = tensor.empty() : tensor<1x16xf32>
      %22 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%20 : tensor<16x16xf32>) outs(%21 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %38 = arith.cmpf une, %in, %cst_5 : f32
        %39 = arith.select %38, %cst_5, %cst_1 : f32
        linalg.yield %39 : f32
      } -> tensor<1x16xf32>
      %sums, %resets = tile.cumsum %22 : tensor<1x16xf32>
      %23 = tile.spans %16 blocks [16] anchors [0] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %24 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%23, %resets : tensor<1x16x64xf32>, tensor<1x16xf32>) outs(%15 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_8: f32, %out: f32):
        %38 = arith.cmpf ogt, %in_8, %cst_5 : f32
        %39 = arith.select %38, %cst_1, %in : f32
        linalg.yield %39 : f32
      } -> tensor<16x64xf32>
      %25 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (15, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%24 : tensor<16x64xf32>) outs(%10 : tensor<1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %38 = arith.cmpf oeq, %in, %cst_1 : f32
        %39 = math.exp2 %in : f32
        %40 = arith.cmpf olt, %39, %cst_0 : f32
        %41 = arith.select %40, %cst_0, %39 : f32
        %42 = arith.select %38, %cst_5, %41 : f32
        linalg.yield %42 : f32
      } -> tensor<1x64xf32>
      %26 = tensor.empty() : tensor<1x64x64xf32>
      %27 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg15, %25 : tensor<1x64x64xf32>, tensor<1x64xf32>) outs(%26 : tensor<1x64x64xf32>) {
      ^bb0(%in: f32, %in_8: f32, %out: f32):
        %38 = arith.cmpf une, %in_8, %cst_5 : f32
        %39 = arith.mulf %in, %in_8 : f32
        %40 = arith.select %38, %39, %cst_5 : f32
        linalg.yield %40 : f32
      } -> tensor<1x64x64xf32>
      %28 = tile.load %arg6 [%3, %arg14, %0, 0] dims [1, 3] limits [%13, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %29 = tile.load %arg7 [%3, %arg14, %0, 0] dims [1, 2, 3] limits [%13, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xbf16>
      %30 = tile.spans %16 blocks [16] anchors [16] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %31 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (0, 15)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%30, %resets, %resets : tensor<1x16x64xf32>, tensor<1x16xf32>, tensor<1x16xf32>) outs(%15 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_8: f32, %in_9: f32, %out: f32):
        %38 = arith.cmpf ogt, %in_9, %in_8 : f32
        %39 = arith.select %38, %cst_1, %in : f32
        linalg.yield %39 : f32
      } -> tensor<16x64xf32>
      %32 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%31 : tensor<16x64xf32>) outs(%15 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %38 = math.exp2 %in : f32
        %39 = arith.cmpf olt, %38, %cst_0 : f32
        %40 = arith.select %39, %cst_0, %38 : f32
        %41 = arith.cmpf oeq, %in, %cst_1 : f32
        %42 = arith.select %41, %cst_5, %40 : f32
        linalg.yield %42 : f32
      } -> tensor<16x64xf32>
      %33 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%28, %32 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_8: f32, %out: bf16):
        %38 = arith.extf %in : bf16 to f32
        %39 = arith.cmpf oeq, %in_8, %cst_5 : f32
        %40 = arith.mulf %38, %in_8 : f32
        %41 = arith.select %39, %cst_5, %40 : f32
        %42 = arith.truncf %41 : f32 to bf16
        linalg.yield %42 : bf16
      } -> tensor<16x64xbf16>
      %34 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%29, %33 : tensor<16x1x64xbf16>, tensor<16x64xbf16>) outs(%27 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      %35 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%21 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        linalg.yield %cst_6 : f32
      } -> tensor<1x16xf32>
      %36 = tile.since_reset %34 x = %29, scale = %35, b = %33, resets = %resets : tensor<1x64x64xf32>, tensor<16x1x64xbf16>, tensor<1x16xf32>, tensor<16x64xbf16>, tensor<1x16xf32>
      %37 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%arg16, %25 : tensor<1x64xf32>, tensor<1x64xf32>) outs(%10 : tensor<1x64xf32>) {
      ^bb0(%in: f32, %in_8: f32, %out: f32):
        %38 = arith.cmpf une, %in, %cst_5 : f32
        %39 = arith.cmpf une, %in_8, %cst_5 : f32
        %40 = arith.andi %38, %39 : i1
        %41 = arith.mulf %in, %in_8 : f32
        %42 = arith.cmpf olt, %41, %cst_0 : f32
        %43 = arith.select %42, %cst_0, %41 : f32
        %44 = arith.select %40, %43, %cst_5 : f32
        linalg.yield %44 : f32
      } -> tensor<1x64xf32>
      scf.yield %36, %37 : tensor<1x64x64xf32>, tensor<1x64xf32>
    }
    scf.if %8 {
    } else {
      tile.store %12#0, %arg12 [%3, %2, %0, 0, 0] dims [2, 3, 4] limits [1, 64, 64] : tensor<1x64x64xf32> -> memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>>
      tile.store %12#1, %arg13 [%3, %2, %0, 0] dims [2, 3] limits [1, 64] : tensor<1x64xf32> -> memref<?x?x2x64xf32, strided<[?, 128, 64, 1], offset: ?>>
    }
    tile.return
  }
  tile.kernel @combine(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg10: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>>, %arg13: memref<?x?x2x64xf32, strided<[?, 128, 64, 1], offset: ?>>) attributes {grid = #tile.grid<blocks = 16, batch = true>, when = #tile.when<split>} {
    %cst = arith.constant 0.000000e+00 : f32
    %c1 = arith.constant 1 : index
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c8 = arith.constant 8 : index
    %0 = arith.remui %arg0, %c8 : index
    %1 = arith.divui %arg0, %c8 : index
    %2 = arith.remui %1, %c2 : index
    %3 = arith.divui %1, %c2 : index
    %4 = arith.muli %0, %c8 : index
    %5 = arith.subi %arg3, %c1 : index
    %6 = tile.load %arg9 [%3, %2, 0, %4] dims [1, 3, 2] limits [1, 8, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x8x64xf32>
    %7 = scf.for %arg14 = %c0 to %5 step %c1 iter_args(%arg15 = %6) -> (tensor<1x8x64xf32>) {
      %8 = tile.load %arg13 [%3, %arg14, %2, 0] dims [2, 3] limits [1, 64] : memref<?x?x2x64xf32, strided<[?, 128, 64, 1], offset: ?>> -> tensor<1x64xf32>
      %9 = tile.load %arg12 [%3, %arg14, %2, %4, 0] dims [2, 3, 4] limits [1, 8, 64] : memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>> -> tensor<1x8x64xf32>
      %10 = tensor.empty() : tensor<1x8x64xf32>
      %11 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg15, %9, %8 : tensor<1x8x64xf32>, tensor<1x8x64xf32>, tensor<1x64xf32>) outs(%10 : tensor<1x8x64xf32>) {
      ^bb0(%in: f32, %in_0: f32, %in_1: f32, %out: f32):
        %12 = arith.cmpf une, %in_1, %cst : f32
        %13 = arith.mulf %in, %in_1 : f32
        %14 = arith.select %12, %13, %cst : f32
        %15 = arith.addf %14, %in_0 : f32
        linalg.yield %15 : f32
      } -> tensor<1x8x64xf32>
      tile.store %arg15, %arg12 [%3, %arg14, %2, %4, 0] dims [2, 3, 4] limits [1, 8, 64] : tensor<1x8x64xf32> -> memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>>
      scf.yield %11 : tensor<1x8x64xf32>
    }
    tile.store %7, %arg12 [%3, %5, %2, %4, 0] dims [2, 3, 4] limits [1, 8, 64] : tensor<1x8x64xf32> -> memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>>
    tile.return
  }
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg10: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>>, %arg13: memref<?x?x2x64xf32, strided<[?, 128, 64, 1], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true, splits = true>, when = #tile.when<always>} {
    %cst = arith.constant 1.000000e+00 : bf16
    %cst_0 = arith.constant 6.400000e+01 : f32
    %c3 = arith.constant 3 : index
    %cst_1 = arith.constant dense<0.000000e+00> : tensor<4x16x16xf32>
    %cst_2 = arith.constant dense<0.000000e+00> : tensor<1x64x16xf32>
    %cst_3 = arith.constant 1.17549435E-38 : f32
    %cst_4 = arith.constant 0xFF800000 : f32
    %cst_5 = arith.constant dense<0.000000e+00> : tensor<16x16xf32>
    %cst_6 = arith.constant 1.000000e+00 : f32
    %cst_7 = arith.constant -1.500000e+02 : f32
    %cst_8 = arith.constant 1.44269502 : f32
    %cst_9 = arith.constant 0.000000e+00 : f32
    %c16 = arith.constant 16 : index
    %c2 = arith.constant 2 : index
    %c1 = arith.constant 1 : index
    %0 = arith.remui %arg0, %c2 : index
    %1 = arith.divui %arg0, %c2 : index
    %2 = arith.remui %1, %arg3 : index
    %3 = arith.divui %1, %arg3 : index
    %4 = arith.muli %2, %arg4 : index
    %5 = arith.addi %4, %arg4 : index
    %6 = arith.minui %5, %arg2 : index
    %7 = arith.cmpi ugt, %arg3, %c1 : index
    %8 = scf.if %7 -> (tensor<1x64x64xf32>) {
      %12 = tile.load %arg12 [%3, %2, %0, 0, 0] dims [2, 3, 4] limits [1, 64, 64] : memref<?x?x2x64x64xf32, strided<[?, 8192, 4096, 64, 1], offset: ?>> -> tensor<1x64x64xf32>
      scf.yield %12 : tensor<1x64x64xf32>
    } else {
      %12 = tile.load %arg9 [%3, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x64x64xf32>
      scf.yield %12 : tensor<1x64x64xf32>
    }
    %9 = scf.for %arg14 = %4 to %6 step %c16 iter_args(%arg15 = %8) -> (tensor<1x64x64xf32>) {
      %12 = arith.subi %arg2, %arg14 : index
      %13 = tile.load %arg8 [%3, %arg14, %0, 0] dims [1, 3] limits [%12, 64] : memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %14 = tensor.empty() : tensor<16x64xf32>
      %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%13 : tensor<16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %60 = arith.maximumf %in, %cst_9 : f32
        %61 = math.absf %in : f32
        %62 = arith.negf %61 : f32
        %63 = math.exp %62 : f32
        %64 = math.log1p %63 : f32
        %65 = arith.addf %60, %64 : f32
        %66 = arith.negf %65 : f32
        %67 = arith.mulf %66, %cst_8 : f32
        %68 = linalg.index 0 : index
        %69 = arith.cmpi slt, %68, %12 : index
        %70 = arith.select %69, %67, %cst_9 : f32
        linalg.yield %70 : f32
      } -> tensor<16x64xf32>
      %16 = tensor.empty() : tensor<16x64xbf16>
      %17 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15 : tensor<16x64xf32>) outs(%16 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %60 = arith.cmpf olt, %in, %cst_7 : f32
        %61 = arith.select %60, %cst_9, %cst_6 : f32
        %62 = arith.truncf %61 : f32 to bf16
        linalg.yield %62 : bf16
      } -> tensor<16x64xbf16>
      %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%16 : tensor<16x64xbf16>) {
      ^bb0(%out: bf16):
        linalg.yield %cst : bf16
      } -> tensor<16x64xbf16>
      %19 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%17, %18 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_5 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %20 = tensor.empty() : tensor<1x16xf32>
      %21 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%19 : tensor<16x16xf32>) outs(%20 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %60 = arith.cmpf une, %in, %cst_9 : f32
        %61 = arith.select %60, %cst_9, %cst_4 : f32
        linalg.yield %61 : f32
      } -> tensor<1x16xf32>
      %sums, %resets = tile.cumsum %21 : tensor<1x16xf32>
      %22 = tile.load %arg5 [%3, %arg14, %0, 0] dims [1, 3] limits [%12, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %23 = tile.load %arg6 [%3, %arg14, %0, 0] dims [1, 3] limits [%12, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %24 = tile.load %arg7 [%3, %arg14, %0, 0] dims [1, 2, 3] limits [%12, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xbf16>
      %25 = tile.spans %15 blocks [16] anchors [0] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %26 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%25, %resets : tensor<1x16x64xf32>, tensor<1x16xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %60 = arith.cmpf ogt, %in_10, %cst_9 : f32
        %61 = arith.select %60, %cst_4, %in : f32
        linalg.yield %61 : f32
      } -> tensor<16x64xf32>
      %27 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%26 : tensor<16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %60 = math.exp2 %in : f32
        %61 = arith.cmpf olt, %60, %cst_3 : f32
        %62 = arith.select %61, %cst_3, %60 : f32
        %63 = arith.cmpf oeq, %in, %cst_4 : f32
        %64 = arith.select %63, %cst_9, %62 : f32
        linalg.yield %64 : f32
      } -> tensor<16x64xf32>
      %28 = arith.truncf %arg15 : tensor<1x64x64xf32> to tensor<1x64x64xbf16>
      %29 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%22, %27 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%16 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %60 = arith.extf %in : bf16 to f32
        %61 = arith.cmpf oeq, %in_10, %cst_9 : f32
        %62 = arith.mulf %60, %in_10 : f32
        %63 = arith.select %61, %cst_9, %62 : f32
        %64 = arith.truncf %63 : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<16x64xbf16>
      %30 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%28, %29 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_2 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %31 = tile.spans %15 blocks [2, 4, 8, 16] anchors [1, 2, 4, 8] : tensor<16x64xf32> -> tensor<4x16x64xf32>
      %32 = tensor.empty() : tensor<4x16x64xf32>
      %33 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%31 : tensor<4x16x64xf32>) outs(%32 : tensor<4x16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %60 = math.exp2 %in : f32
        %61 = arith.cmpf olt, %60, %cst_3 : f32
        %62 = arith.select %61, %cst_3, %60 : f32
        %63 = arith.cmpf oeq, %in, %cst_4 : f32
        %64 = arith.select %63, %cst_9, %62 : f32
        linalg.yield %64 : f32
      } -> tensor<4x16x64xf32>
      %34 = tensor.empty() : tensor<4x16x64xbf16>
      %35 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%22, %33 : tensor<16x64xbf16>, tensor<4x16x64xf32>) outs(%34 : tensor<4x16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %60 = arith.extf %in : bf16 to f32
        %61 = arith.cmpf oeq, %in_10, %cst_9 : f32
        %62 = arith.mulf %60, %in_10 : f32
        %63 = arith.select %61, %cst_9, %62 : f32
        %64 = arith.truncf %63 : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<4x16x64xbf16>
      %36 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%23, %33 : tensor<16x64xbf16>, tensor<4x16x64xf32>) outs(%34 : tensor<4x16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %60 = arith.extf %in : bf16 to f32
        %61 = arith.cmpf oeq, %in_10, %cst_9 : f32
        %62 = arith.mulf %60, %in_10 : f32
        %63 = arith.select %61, %cst_9, %62 : f32
        %64 = arith.truncf %63 : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<4x16x64xbf16>
      %37 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%35, %36 : tensor<4x16x64xbf16>, tensor<4x16x64xbf16>) outs(%cst_1 : tensor<4x16x16xf32>) -> tensor<4x16x16xf32>
      %38 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%22, %23 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_5 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %39 = tensor.empty() : tensor<16x16xf32>
      %40 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (1, d0, d1)>, affine_map<(d0, d1) -> (2, d0, d1)>, affine_map<(d0, d1) -> (3, d0, d1)>, affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%37, %37, %37, %37, %resets, %resets, %38 : tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>, tensor<16x16xf32>) outs(%39 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %in_12: f32, %in_13: f32, %in_14: f32, %in_15: f32, %out: f32):
        %60 = linalg.index 0 : index
        %61 = arith.shrui %60, %c3 : index
        %62 = linalg.index 1 : index
        %63 = arith.shrui %62, %c3 : index
        %64 = arith.cmpi eq, %61, %63 : index
        %65 = arith.select %64, %in_11, %in_12 : f32
        %66 = arith.shrui %60, %c2 : index
        %67 = arith.shrui %62, %c2 : index
        %68 = arith.cmpi eq, %66, %67 : index
        %69 = arith.select %68, %in_10, %65 : f32
        %70 = arith.shrui %60, %c1 : index
        %71 = arith.shrui %62, %c1 : index
        %72 = arith.cmpi eq, %70, %71 : index
        %73 = arith.select %72, %in, %69 : f32
        %74 = arith.cmpf oeq, %in_13, %in_14 : f32
        %75 = arith.select %74, %73, %cst_9 : f32
        %76 = arith.cmpi eq, %62, %60 : index
        %77 = arith.select %76, %in_15, %cst_9 : f32
        %78 = arith.cmpi ult, %62, %60 : index
        %79 = arith.select %78, %75, %77 : f32
        linalg.yield %79 : f32
      } -> tensor<16x16xf32>
      %41 = tensor.empty() : tensor<1x16x16xbf16>
      %42 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%40 : tensor<16x16xf32>) outs(%41 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %60 = arith.truncf %in : f32 to bf16
        linalg.yield %60 : bf16
      } -> tensor<1x16x16xbf16>
      %finite, %guarded = tile.guard %24 into %30 since %resets : tensor<1x16xf32> : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %43 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite, %42 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %44 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%20 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        %60 = math.rsqrt %cst_0 : f32
        %61 = linalg.index 1 : index
        %62 = arith.cmpi slt, %61, %12 : index
        %63 = arith.select %62, %60, %cst_9 : f32
        linalg.yield %63 : f32
      } -> tensor<1x16xf32>
      %45 = tensor.empty() : tensor<1x64x16xf32>
      %46 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%43, %44 : tensor<1x64x16xf32>, tensor<1x16xf32>) outs(%45 : tensor<1x64x16xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %60 = arith.mulf %in, %in_10 : f32
        linalg.yield %60 : f32
      } -> tensor<1x64x16xf32>
      %47 = tensor.empty() : tensor<1x64x16xbf16>
      %48 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%46 : tensor<1x64x16xf32>) outs(%47 : tensor<1x64x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %60 = arith.truncf %in : f32 to bf16
        linalg.yield %60 : bf16
      } -> tensor<1x64x16xbf16>
      tile.store %48, %arg10 [%3, %arg14, %0, 0] dims [2, 3, 1] limits [1, 64, %12] : tensor<1x64x16xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      %49 = tensor.empty() : tensor<1x64xf32>
      %50 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (15, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%26 : tensor<16x64xf32>) outs(%49 : tensor<1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %60 = arith.cmpf oeq, %in, %cst_4 : f32
        %61 = math.exp2 %in : f32
        %62 = arith.cmpf olt, %61, %cst_3 : f32
        %63 = arith.select %62, %cst_3, %61 : f32
        %64 = arith.select %60, %cst_9, %63 : f32
        linalg.yield %64 : f32
      } -> tensor<1x64xf32>
      %51 = tensor.empty() : tensor<1x64x64xf32>
      %52 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg15, %50 : tensor<1x64x64xf32>, tensor<1x64xf32>) outs(%51 : tensor<1x64x64xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %60 = arith.cmpf une, %in_10, %cst_9 : f32
        %61 = arith.mulf %in, %in_10 : f32
        %62 = arith.select %60, %61, %cst_9 : f32
        linalg.yield %62 : f32
      } -> tensor<1x64x64xf32>
      %53 = tile.spans %15 blocks [16] anchors [16] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %54 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (0, 15)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%53, %resets, %resets : tensor<1x16x64xf32>, tensor<1x16xf32>, tensor<1x16xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %out: f32):
        %60 = arith.cmpf ogt, %in_11, %in_10 : f32
        %61 = arith.select %60, %cst_4, %in : f32
        linalg.yield %61 : f32
      } -> tensor<16x64xf32>
      %55 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%54 : tensor<16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %60 = math.exp2 %in : f32
        %61 = arith.cmpf olt, %60, %cst_3 : f32
        %62 = arith.select %61, %cst_3, %60 : f32
        %63 = arith.cmpf oeq, %in, %cst_4 : f32
        %64 = arith.select %63, %cst_9, %62 : f32
        linalg.yield %64 : f32
      } -> tensor<16x64xf32>
      %56 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%23, %55 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%16 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %60 = arith.extf %in : bf16 to f32
        %61 = arith.cmpf oeq, %in_10, %cst_9 : f32
        %62 = arith.mulf %60, %in_10 : f32
        %63 = arith.select %61, %cst_9, %62 : f32
        %64 = arith.truncf %63 : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<16x64xbf16>
      %57 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%24, %56 : tensor<16x1x64xbf16>, tensor<16x64xbf16>) outs(%52 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      %58 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%20 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        linalg.yield %cst_6 : f32
      } -> tensor<1x16xf32>
      %59 = tile.since_reset %57 x = %24, scale = %58, b = %56, resets = %resets : tensor<1x64x64xf32>, tensor<16x1x64xbf16>, tensor<1x16xf32>, tensor<16x64xbf16>, tensor<1x16xf32>
      scf.yield %59 : tensor<1x64x64xf32>
    }
    %10 = arith.subi %arg3, %c1 : index
    %11 = arith.cmpi eq, %2, %10 : index
    scf.if %11 {
      tile.store %9, %arg11 [%3, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    }
    tile.return
  }
}
