// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the chunked algorithm makes of rwkv7_dplr: spans of decays, scores by blocks, a triangular system.
mixer.spec @chunked_rwkv7_dplr(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %a: [B,T,H,N] io, %b: [B,T,H,N] io,
                       %gk: [B,T,H,N], %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q) { (q) -> q * rsqrt(N) }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %qs, decay = %gk, l = %b, r = %a, init = %h0
  mixer.return %o, %S
}

tile.program @chunked_rwkv7_dplr_chunked of @chunked_rwkv7_dplr plan #mixer.algorithm<chunked, chunk = 16, pblock = 64, operand = bf16, stages = 3> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg10: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg13: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant 1.17549435E-38 : f32
    %cst_0 = arith.constant dense<0.000000e+00> : tensor<1x64x16xf32>
    %c3 = arith.constant 3 : index
    %cst_1 = arith.constant dense<0.000000e+00> : tensor<16x16xf32>
    %cst_2 = arith.constant 0xFF800000 : f32
    %cst_3 = arith.constant 6.400000e+01 : f32
    %cst_4 = arith.constant 0.000000e+00 : f32
    %cst_5 = arith.constant 1.44269502 : f32
    %c16 = arith.constant 16 : index
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c1 = arith.constant 1 : index
    %0 = arith.remui %arg0, %c2 : index
    %1 = arith.divui %arg0, %c2 : index
    %2 = tile.load %arg11 [%1, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x64x64xf32>
    %3 = scf.for %arg14 = %c0 to %arg2 step %c16 iter_args(%arg15 = %2) -> (tensor<1x64x64xf32>) {
      %6 = arith.subi %arg2, %arg14 : index
      %7 = tile.load %arg10 [%1, %arg14, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %8 = tensor.empty() : tensor<16x64xf32>
      %9 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%7 : tensor<16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %95 = arith.mulf %in, %cst_5 : f32
        %96 = linalg.index 0 : index
        %97 = arith.cmpi slt, %96, %6 : index
        %98 = arith.select %97, %95, %cst_4 : f32
        linalg.yield %98 : f32
      } -> tensor<16x64xf32>
      %10 = tile.load %arg5 [%1, %arg14, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %11 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10 : tensor<16x64xbf16>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: bf16, %out: f32):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.rsqrt %cst_3 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = linalg.index 0 : index
        %99 = arith.cmpi slt, %98, %6 : index
        %100 = arith.select %99, %97, %cst_4 : f32
        linalg.yield %100 : f32
      } -> tensor<16x64xf32>
      %12 = tile.load %arg8 [%1, %arg14, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %13 = tile.load %arg7 [%1, %arg14, %0, 0] dims [1, 2, 3] limits [%6, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xbf16>
      %14 = tile.load %arg6 [%1, %arg14, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %15 = tile.load %arg9 [%1, %arg14, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %16 = tile.spans %9 block 2 anchor 1 pre : tensor<16x64xf32>
      %17 = tensor.empty() : tensor<16x64xbf16>
      %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%12, %16 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %19 = tile.spans %9 block 2 anchor 1 : tensor<16x64xf32>
      %20 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14, %19 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %21 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%18, %20 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %22 = tile.spans %9 block 4 anchor 2 pre : tensor<16x64xf32>
      %23 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%12, %22 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %24 = tile.spans %9 block 4 anchor 2 : tensor<16x64xf32>
      %25 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14, %24 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %26 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%23, %25 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %27 = tile.spans %9 block 8 anchor 4 pre : tensor<16x64xf32>
      %28 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%12, %27 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %29 = tile.spans %9 block 8 anchor 4 : tensor<16x64xf32>
      %30 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14, %29 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %31 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%28, %30 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %32 = tile.spans %9 block 16 anchor 8 pre : tensor<16x64xf32>
      %33 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%12, %32 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %34 = tile.spans %9 block 16 anchor 8 : tensor<16x64xf32>
      %35 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14, %34 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %36 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%33, %35 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %37 = tensor.empty() : tensor<16x16xf32>
      %38 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%21, %26, %31, %36 : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) outs(%37 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %in_12: f32, %out: f32):
        %95 = linalg.index 0 : index
        %96 = arith.shrui %95, %c3 : index
        %97 = linalg.index 1 : index
        %98 = arith.shrui %97, %c3 : index
        %99 = arith.cmpi eq, %96, %98 : index
        %100 = arith.select %99, %in_11, %in_12 : f32
        %101 = arith.shrui %95, %c2 : index
        %102 = arith.shrui %97, %c2 : index
        %103 = arith.cmpi eq, %101, %102 : index
        %104 = arith.select %103, %in_10, %100 : f32
        %105 = arith.shrui %95, %c1 : index
        %106 = arith.shrui %97, %c1 : index
        %107 = arith.cmpi eq, %105, %106 : index
        %108 = arith.select %107, %in, %104 : f32
        %109 = arith.cmpi ult, %97, %95 : index
        %110 = arith.select %109, %108, %cst_4 : f32
        linalg.yield %110 : f32
      } -> tensor<16x16xf32>
      %39 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15, %19 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %40 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%18, %39 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %41 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15, %24 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %42 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%23, %41 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %43 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15, %29 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %44 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%28, %43 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %45 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15, %34 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %46 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%33, %45 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %47 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%40, %42, %44, %46 : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) outs(%37 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %in_12: f32, %out: f32):
        %95 = linalg.index 0 : index
        %96 = arith.shrui %95, %c3 : index
        %97 = linalg.index 1 : index
        %98 = arith.shrui %97, %c3 : index
        %99 = arith.cmpi eq, %96, %98 : index
        %100 = arith.select %99, %in_11, %in_12 : f32
        %101 = arith.shrui %95, %c2 : index
        %102 = arith.shrui %97, %c2 : index
        %103 = arith.cmpi eq, %101, %102 : index
        %104 = arith.select %103, %in_10, %100 : f32
        %105 = arith.shrui %95, %c1 : index
        %106 = arith.shrui %97, %c1 : index
        %107 = arith.cmpi eq, %105, %106 : index
        %108 = arith.select %107, %in, %104 : f32
        %109 = arith.cmpi ult, %97, %95 : index
        %110 = arith.select %109, %108, %cst_4 : f32
        linalg.yield %110 : f32
      } -> tensor<16x16xf32>
      %48 = arith.truncf %arg15 : tensor<1x64x64xf32> to tensor<1x64x64xbf16>
      %49 = tile.spans %9 block 16 anchor 0 pre : tensor<16x64xf32>
      %50 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%12, %49 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %51 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%48, %50 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %52 = tensor.empty() : tensor<1x16x16xbf16>
      %53 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%38 : tensor<16x16xf32>) outs(%52 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %95 = arith.truncf %in : f32 to bf16
        linalg.yield %95 : bf16
      } -> tensor<1x16x16xbf16>
      %finite, %guarded = tile.guard %13 into %51 pre : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %54 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite, %53 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %55 = tensor.empty() : tensor<1x16x16xf32>
      %56 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%47 : tensor<16x16xf32>) outs(%55 : tensor<1x16x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        linalg.yield %in : f32
      } -> tensor<1x16x16xf32>
      %57 = tile.solve %56, %54 : tensor<1x16x16xf32>, tensor<1x64x16xf32> -> tensor<16x1x64xf32>
      %58 = tensor.empty() : tensor<16x1x64xbf16>
      %59 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%57 : tensor<16x1x64xf32>) outs(%58 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %95 = arith.truncf %in : f32 to bf16
        linalg.yield %95 : bf16
      } -> tensor<16x1x64xbf16>
      %60 = tile.spans %9 block 16 anchor 0 : tensor<16x64xf32>
      %61 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11, %60 : tensor<16x64xf32>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %in_10: f32, %out: bf16):
        %95 = math.exp2 %in_10 : f32
        %96 = arith.mulf %in, %95 : f32
        %97 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %98 = arith.select %97, %cst_4, %96 : f32
        %99 = arith.truncf %98 : f32 to bf16
        linalg.yield %99 : bf16
      } -> tensor<16x64xbf16>
      %62 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%48, %61 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %63 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11, %19 : tensor<16x64xf32>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %in_10: f32, %out: bf16):
        %95 = math.exp2 %in_10 : f32
        %96 = arith.mulf %in, %95 : f32
        %97 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %98 = arith.select %97, %cst_4, %96 : f32
        %99 = arith.truncf %98 : f32 to bf16
        linalg.yield %99 : bf16
      } -> tensor<16x64xbf16>
      %64 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%63, %20 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %65 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11, %24 : tensor<16x64xf32>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %in_10: f32, %out: bf16):
        %95 = math.exp2 %in_10 : f32
        %96 = arith.mulf %in, %95 : f32
        %97 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %98 = arith.select %97, %cst_4, %96 : f32
        %99 = arith.truncf %98 : f32 to bf16
        linalg.yield %99 : bf16
      } -> tensor<16x64xbf16>
      %66 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%65, %25 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %67 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11, %29 : tensor<16x64xf32>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %in_10: f32, %out: bf16):
        %95 = math.exp2 %in_10 : f32
        %96 = arith.mulf %in, %95 : f32
        %97 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %98 = arith.select %97, %cst_4, %96 : f32
        %99 = arith.truncf %98 : f32 to bf16
        linalg.yield %99 : bf16
      } -> tensor<16x64xbf16>
      %68 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%67, %30 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %69 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11, %34 : tensor<16x64xf32>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %in_10: f32, %out: bf16):
        %95 = math.exp2 %in_10 : f32
        %96 = arith.mulf %in, %95 : f32
        %97 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %98 = arith.select %97, %cst_4, %96 : f32
        %99 = arith.truncf %98 : f32 to bf16
        linalg.yield %99 : bf16
      } -> tensor<16x64xbf16>
      %70 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%69, %35 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %71 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11 : tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %95 = arith.truncf %in : f32 to bf16
        linalg.yield %95 : bf16
      } -> tensor<16x64xbf16>
      %72 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%71, %14 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %73 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%64, %66, %68, %70, %72 : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) outs(%37 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %in_12: f32, %in_13: f32, %out: f32):
        %95 = linalg.index 0 : index
        %96 = arith.shrui %95, %c3 : index
        %97 = linalg.index 1 : index
        %98 = arith.shrui %97, %c3 : index
        %99 = arith.cmpi eq, %96, %98 : index
        %100 = arith.select %99, %in_11, %in_12 : f32
        %101 = arith.shrui %95, %c2 : index
        %102 = arith.shrui %97, %c2 : index
        %103 = arith.cmpi eq, %101, %102 : index
        %104 = arith.select %103, %in_10, %100 : f32
        %105 = arith.shrui %95, %c1 : index
        %106 = arith.shrui %97, %c1 : index
        %107 = arith.cmpi eq, %105, %106 : index
        %108 = arith.select %107, %in, %104 : f32
        %109 = arith.cmpi eq, %97, %95 : index
        %110 = arith.select %109, %in_13, %cst_4 : f32
        %111 = arith.cmpi ult, %97, %95 : index
        %112 = arith.select %111, %108, %110 : f32
        linalg.yield %112 : f32
      } -> tensor<16x16xf32>
      %74 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%73 : tensor<16x16xf32>) outs(%52 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %95 = arith.truncf %in : f32 to bf16
        linalg.yield %95 : bf16
      } -> tensor<1x16x16xbf16>
      %finite_6, %guarded_7 = tile.guard %13 into %62 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %75 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite_6, %74 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded_7 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %76 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%63, %39 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %77 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%65, %41 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %78 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%67, %43 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %79 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%69, %45 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %80 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%71, %15 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %81 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%76, %77, %78, %79, %80 : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) outs(%37 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %in_12: f32, %in_13: f32, %out: f32):
        %95 = linalg.index 0 : index
        %96 = arith.shrui %95, %c3 : index
        %97 = linalg.index 1 : index
        %98 = arith.shrui %97, %c3 : index
        %99 = arith.cmpi eq, %96, %98 : index
        %100 = arith.select %99, %in_11, %in_12 : f32
        %101 = arith.shrui %95, %c2 : index
        %102 = arith.shrui %97, %c2 : index
        %103 = arith.cmpi eq, %101, %102 : index
        %104 = arith.select %103, %in_10, %100 : f32
        %105 = arith.shrui %95, %c1 : index
        %106 = arith.shrui %97, %c1 : index
        %107 = arith.cmpi eq, %105, %106 : index
        %108 = arith.select %107, %in, %104 : f32
        %109 = arith.cmpi eq, %97, %95 : index
        %110 = arith.select %109, %in_13, %cst_4 : f32
        %111 = arith.cmpi ult, %97, %95 : index
        %112 = arith.select %111, %108, %110 : f32
        linalg.yield %112 : f32
      } -> tensor<16x16xf32>
      %82 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%81 : tensor<16x16xf32>) outs(%52 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %95 = arith.truncf %in : f32 to bf16
        linalg.yield %95 : bf16
      } -> tensor<1x16x16xbf16>
      %finite_8, %guarded_9 = tile.guard %59 into %75 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %83 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite_8, %82 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded_9 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %84 = tensor.empty() : tensor<1x64x16xbf16>
      %85 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%83 : tensor<1x64x16xf32>) outs(%84 : tensor<1x64x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %95 = arith.truncf %in : f32 to bf16
        linalg.yield %95 : bf16
      } -> tensor<1x64x16xbf16>
      tile.store %85, %arg12 [%1, %arg14, %0, 0] dims [2, 3, 1] limits [1, 64, %6] : tensor<1x64x16xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      %86 = tensor.empty() : tensor<1x64xf32>
      %87 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (15, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%60 : tensor<16x64xf32>) outs(%86 : tensor<1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %95 = arith.cmpf oeq, %in, %cst_2 : f32
        %96 = math.exp2 %in : f32
        %97 = arith.cmpf olt, %96, %cst : f32
        %98 = arith.select %97, %cst, %96 : f32
        %99 = arith.select %95, %cst_4, %98 : f32
        linalg.yield %99 : f32
      } -> tensor<1x64xf32>
      %88 = tensor.empty() : tensor<1x64x64xf32>
      %89 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg15, %87 : tensor<1x64x64xf32>, tensor<1x64xf32>) outs(%88 : tensor<1x64x64xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %95 = arith.cmpf une, %in_10, %cst_4 : f32
        %96 = arith.mulf %in, %in_10 : f32
        %97 = arith.select %95, %96, %cst_4 : f32
        linalg.yield %97 : f32
      } -> tensor<1x64x64xf32>
      %90 = tile.spans %9 block 16 anchor 16 : tensor<16x64xf32>
      %91 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14, %90 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %92 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%13, %91 : tensor<16x1x64xbf16>, tensor<16x64xbf16>) outs(%89 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      %93 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15, %90 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%17 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %95 = arith.extf %in : bf16 to f32
        %96 = math.exp2 %in_10 : f32
        %97 = arith.mulf %95, %96 : f32
        %98 = arith.cmpf oeq, %in_10, %cst_2 : f32
        %99 = arith.select %98, %cst_4, %97 : f32
        %100 = arith.truncf %99 : f32 to bf16
        linalg.yield %100 : bf16
      } -> tensor<16x64xbf16>
      %94 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%59, %93 : tensor<16x1x64xbf16>, tensor<16x64xbf16>) outs(%92 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      scf.yield %94 : tensor<1x64x64xf32>
    }
    %4 = arith.subi %arg3, %c1 : index
    %5 = arith.cmpi eq, %4, %c0 : index
    scf.if %5 {
      tile.store %3, %arg13 [%1, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    }
    tile.return
  }
}
