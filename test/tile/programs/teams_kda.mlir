// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a plan with teams makes of kda: factors of all sizes of blocks at once, and an inverse, which the state does not wait for.
// teams = 2
mixer.spec @teams_kda(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %beta: [B,T,H] io,
                %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %falls = mixer.map(%gk) { (g) -> -softplus(g) }
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%falls, %k)   { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %falls, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}

tile.program @teams_kda_tiles of @teams_kda plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>>, %arg10: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant 6.400000e+01 : f32
    %cst_0 = arith.constant dense<0.000000e+00> : tensor<16x16xf32>
    %cst_1 = arith.constant 1.000000e+00 : f32
    %c3 = arith.constant 3 : index
    %cst_2 = arith.constant dense<0.000000e+00> : tensor<4x16x16xf32>
    %cst_3 = arith.constant dense<0.000000e+00> : tensor<1x64x16xf32>
    %cst_4 = arith.constant 0xFF800000 : f32
    %cst_5 = arith.constant 1.17549435E-38 : f32
    %cst_6 = arith.constant -1.000000e+00 : f32
    %cst_7 = arith.constant 1.44269502 : f32
    %cst_8 = arith.constant 0.000000e+00 : f32
    %c16 = arith.constant 16 : index
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c1 = arith.constant 1 : index
    %0 = arith.remui %arg0, %c2 : index
    %1 = arith.divui %arg0, %c2 : index
    %2 = tile.load %arg10 [%1, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x64x64xf32>
    %3 = scf.for %arg13 = %c0 to %arg2 step %c16 iter_args(%arg14 = %2) -> (tensor<1x64x64xf32>) {
      %6 = arith.subi %arg2, %arg13 : index
      %7 = tile.load %arg8 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %8 = tensor.empty() : tensor<16x64xf32>
      %9 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%7 : tensor<16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %64 = arith.maximumf %in, %cst_8 : f32
        %65 = math.absf %in : f32
        %66 = arith.negf %65 : f32
        %67 = math.exp %66 : f32
        %68 = math.log1p %67 : f32
        %69 = arith.addf %64, %68 : f32
        %70 = arith.negf %69 : f32
        %71 = arith.mulf %70, %cst_7 : f32
        %72 = linalg.index 0 : index
        %73 = arith.cmpi slt, %72, %6 : index
        %74 = arith.select %73, %71, %cst_8 : f32
        linalg.yield %74 : f32
      } -> tensor<16x64xf32>
      %10 = tile.load %arg5 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %11 = tile.load %arg9 [%1, %arg13, %0] dims [2, 1] limits [1, %6] : memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<1x16xf32>
      %12 = tensor.empty() : tensor<1x16xf32>
      %13 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11 : tensor<1x16xf32>) outs(%12 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %64 = linalg.index 1 : index
        %65 = arith.cmpi slt, %64, %6 : index
        %66 = arith.select %65, %in, %cst_8 : f32
        linalg.yield %66 : f32
      } -> tensor<1x16xf32>
      %14 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%12 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        linalg.yield %cst_6 : f32
      } -> tensor<1x16xf32>
      %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%13, %14 : tensor<1x16xf32>, tensor<1x16xf32>) outs(%12 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %in_11: f32, %out: f32):
        %64 = arith.mulf %in, %in_11 : f32
        linalg.yield %64 : f32
      } -> tensor<1x16xf32>
      %16 = tile.load %arg6 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %17 = tile.load %arg7 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%6, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xbf16>
      %18 = tile.spans %9 blocks [16] anchors [0] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %19 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%18 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %64 = math.exp2 %in : f32
        %65 = arith.cmpf olt, %64, %cst_5 : f32
        %66 = arith.select %65, %cst_5, %64 : f32
        %67 = arith.cmpf oeq, %in, %cst_4 : f32
        %68 = arith.select %67, %cst_8, %66 : f32
        linalg.yield %68 : f32
      } -> tensor<16x64xf32>
      %20 = arith.truncf %arg14 : tensor<1x64x64xf32> to tensor<1x64x64xbf16>
      %21 = tensor.empty() : tensor<16x64xbf16>
      %22 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %19 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_11: f32, %out: bf16):
        %64 = arith.extf %in : bf16 to f32
        %65 = arith.cmpf oeq, %in_11, %cst_8 : f32
        %66 = arith.mulf %64, %in_11 : f32
        %67 = arith.select %65, %cst_8, %66 : f32
        %68 = arith.truncf %67 : f32 to bf16
        linalg.yield %68 : bf16
      } -> tensor<16x64xbf16>
      %23 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%20, %22 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_3 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %24 = tile.spans %9 blocks [2, 4, 8, 16] anchors [1, 2, 4, 8] : tensor<16x64xf32> -> tensor<4x16x64xf32>
      %25 = tensor.empty() : tensor<4x16x64xf32>
      %26 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%24 : tensor<4x16x64xf32>) outs(%25 : tensor<4x16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %64 = math.exp2 %in : f32
        %65 = arith.cmpf olt, %64, %cst_5 : f32
        %66 = arith.select %65, %cst_5, %64 : f32
        %67 = arith.cmpf oeq, %in, %cst_4 : f32
        %68 = arith.select %67, %cst_8, %66 : f32
        linalg.yield %68 : f32
      } -> tensor<4x16x64xf32>
      %27 = tensor.empty() : tensor<4x16x64xbf16>
      %28 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%16, %26 : tensor<16x64xbf16>, tensor<4x16x64xf32>) outs(%27 : tensor<4x16x64xbf16>) {
      ^bb0(%in: bf16, %in_11: f32, %out: bf16):
        %64 = arith.extf %in : bf16 to f32
        %65 = arith.cmpf oeq, %in_11, %cst_8 : f32
        %66 = arith.mulf %64, %in_11 : f32
        %67 = arith.select %65, %cst_8, %66 : f32
        %68 = arith.truncf %67 : f32 to bf16
        linalg.yield %68 : bf16
      } -> tensor<4x16x64xbf16>
      %29 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%28, %28 : tensor<4x16x64xbf16>, tensor<4x16x64xbf16>) outs(%cst_2 : tensor<4x16x16xf32>) -> tensor<4x16x16xf32>
      %30 = tensor.empty() : tensor<16x16xf32>
      %31 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (1, d0, d1)>, affine_map<(d0, d1) -> (2, d0, d1)>, affine_map<(d0, d1) -> (3, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%29, %29, %29, %29 : tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<4x16x16xf32>) outs(%30 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_11: f32, %in_12: f32, %in_13: f32, %out: f32):
        %64 = linalg.index 0 : index
        %65 = arith.shrui %64, %c3 : index
        %66 = linalg.index 1 : index
        %67 = arith.shrui %66, %c3 : index
        %68 = arith.cmpi eq, %65, %67 : index
        %69 = arith.select %68, %in_12, %in_13 : f32
        %70 = arith.shrui %64, %c2 : index
        %71 = arith.shrui %66, %c2 : index
        %72 = arith.cmpi eq, %70, %71 : index
        %73 = arith.select %72, %in_11, %69 : f32
        %74 = arith.shrui %64, %c1 : index
        %75 = arith.shrui %66, %c1 : index
        %76 = arith.cmpi eq, %74, %75 : index
        %77 = arith.select %76, %in, %73 : f32
        %78 = arith.cmpi ult, %66, %64 : index
        %79 = arith.select %78, %77, %cst_8 : f32
        linalg.yield %79 : f32
      } -> tensor<16x16xf32>
      %32 = tensor.empty() : tensor<1x64x16xf32>
      %33 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%17, %23, %13, %15 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>) outs(%32 : tensor<1x64x16xf32>) {
      ^bb0(%in: bf16, %in_11: f32, %in_12: f32, %in_13: f32, %out: f32):
        %64 = arith.extf %in : bf16 to f32
        %65 = arith.mulf %64, %in_12 : f32
        %66 = arith.mulf %in_11, %in_13 : f32
        %67 = arith.addf %65, %66 : f32
        linalg.yield %67 : f32
      } -> tensor<1x64x16xf32>
      %34 = tensor.empty() : tensor<1x16x16xf32>
      %35 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%31, %15 : tensor<16x16xf32>, tensor<1x16xf32>) outs(%34 : tensor<1x16x16xf32>) {
      ^bb0(%in: f32, %in_11: f32, %out: f32):
        %64 = arith.mulf %in, %in_11 : f32
        linalg.yield %64 : f32
      } -> tensor<1x16x16xf32>
      %36 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%34 : tensor<1x16x16xf32>) {
      ^bb0(%out: f32):
        %64 = linalg.index 1 : index
        %65 = linalg.index 2 : index
        %66 = arith.cmpi eq, %64, %65 : index
        %67 = arith.select %66, %cst_1, %cst_8 : f32
        linalg.yield %67 : f32
      } -> tensor<1x16x16xf32>
      %37 = tile.solve %35, %36 : tensor<1x16x16xf32>, tensor<1x16x16xf32> -> tensor<16x1x16xf32>
      %38 = tensor.empty() : tensor<16x1x64xbf16>
      %39 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%33 : tensor<1x64x16xf32>) outs(%38 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %64 = arith.truncf %in : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<16x1x64xbf16>
      %40 = tensor.empty() : tensor<1x16x16xbf16>
      %41 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%37 : tensor<16x1x16xf32>) outs(%40 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %64 = arith.truncf %in : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<1x16x16xbf16>
      %finite, %guarded = tile.guard %39 into %cst_3 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %42 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite, %41 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %43 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%42 : tensor<1x64x16xf32>) outs(%38 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %64 = arith.truncf %in : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<16x1x64xbf16>
      %44 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %19 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_11: f32, %out: bf16):
        %64 = arith.extf %in : bf16 to f32
        %65 = arith.cmpf oeq, %in_11, %cst_8 : f32
        %66 = arith.mulf %64, %in_11 : f32
        %67 = arith.select %65, %cst_8, %66 : f32
        %68 = arith.truncf %67 : f32 to bf16
        linalg.yield %68 : bf16
      } -> tensor<16x64xbf16>
      %45 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%20, %44 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_3 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %46 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%10, %26 : tensor<16x64xbf16>, tensor<4x16x64xf32>) outs(%27 : tensor<4x16x64xbf16>) {
      ^bb0(%in: bf16, %in_11: f32, %out: bf16):
        %64 = arith.extf %in : bf16 to f32
        %65 = arith.cmpf oeq, %in_11, %cst_8 : f32
        %66 = arith.mulf %64, %in_11 : f32
        %67 = arith.select %65, %cst_8, %66 : f32
        %68 = arith.truncf %67 : f32 to bf16
        linalg.yield %68 : bf16
      } -> tensor<4x16x64xbf16>
      %47 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%46, %28 : tensor<4x16x64xbf16>, tensor<4x16x64xbf16>) outs(%cst_2 : tensor<4x16x16xf32>) -> tensor<4x16x16xf32>
      %48 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%10, %16 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %49 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (1, d0, d1)>, affine_map<(d0, d1) -> (2, d0, d1)>, affine_map<(d0, d1) -> (3, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%47, %47, %47, %47, %48 : tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<4x16x16xf32>, tensor<16x16xf32>) outs(%30 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_11: f32, %in_12: f32, %in_13: f32, %in_14: f32, %out: f32):
        %64 = linalg.index 0 : index
        %65 = arith.shrui %64, %c3 : index
        %66 = linalg.index 1 : index
        %67 = arith.shrui %66, %c3 : index
        %68 = arith.cmpi eq, %65, %67 : index
        %69 = arith.select %68, %in_12, %in_13 : f32
        %70 = arith.shrui %64, %c2 : index
        %71 = arith.shrui %66, %c2 : index
        %72 = arith.cmpi eq, %70, %71 : index
        %73 = arith.select %72, %in_11, %69 : f32
        %74 = arith.shrui %64, %c1 : index
        %75 = arith.shrui %66, %c1 : index
        %76 = arith.cmpi eq, %74, %75 : index
        %77 = arith.select %76, %in, %73 : f32
        %78 = arith.cmpi eq, %66, %64 : index
        %79 = arith.select %78, %in_14, %cst_8 : f32
        %80 = arith.cmpi ult, %66, %64 : index
        %81 = arith.select %80, %77, %79 : f32
        linalg.yield %81 : f32
      } -> tensor<16x16xf32>
      %50 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%49 : tensor<16x16xf32>) outs(%40 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %64 = arith.truncf %in : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<1x16x16xbf16>
      %finite_9, %guarded_10 = tile.guard %43 into %45 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %51 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite_9, %50 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded_10 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %52 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%12 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        %64 = math.rsqrt %cst : f32
        %65 = linalg.index 1 : index
        %66 = arith.cmpi slt, %65, %6 : index
        %67 = arith.select %66, %64, %cst_8 : f32
        linalg.yield %67 : f32
      } -> tensor<1x16xf32>
      %53 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%51, %52 : tensor<1x64x16xf32>, tensor<1x16xf32>) outs(%32 : tensor<1x64x16xf32>) {
      ^bb0(%in: f32, %in_11: f32, %out: f32):
        %64 = arith.mulf %in, %in_11 : f32
        linalg.yield %64 : f32
      } -> tensor<1x64x16xf32>
      %54 = tensor.empty() : tensor<1x64x16xbf16>
      %55 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%53 : tensor<1x64x16xf32>) outs(%54 : tensor<1x64x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %64 = arith.truncf %in : f32 to bf16
        linalg.yield %64 : bf16
      } -> tensor<1x64x16xbf16>
      tile.store %55, %arg11 [%1, %arg13, %0, 0] dims [2, 3, 1] limits [1, 64, %6] : tensor<1x64x16xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      %56 = tensor.empty() : tensor<1x64xf32>
      %57 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, 15, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%18 : tensor<1x16x64xf32>) outs(%56 : tensor<1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %64 = arith.cmpf oeq, %in, %cst_4 : f32
        %65 = math.exp2 %in : f32
        %66 = arith.cmpf olt, %65, %cst_5 : f32
        %67 = arith.select %66, %cst_5, %65 : f32
        %68 = arith.select %64, %cst_8, %67 : f32
        linalg.yield %68 : f32
      } -> tensor<1x64xf32>
      %58 = tensor.empty() : tensor<1x64x64xf32>
      %59 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg14, %57 : tensor<1x64x64xf32>, tensor<1x64xf32>) outs(%58 : tensor<1x64x64xf32>) {
      ^bb0(%in: f32, %in_11: f32, %out: f32):
        %64 = arith.cmpf une, %in_11, %cst_8 : f32
        %65 = arith.mulf %in, %in_11 : f32
        %66 = arith.select %64, %65, %cst_8 : f32
        linalg.yield %66 : f32
      } -> tensor<1x64x64xf32>
      %60 = tile.spans %9 blocks [16] anchors [16] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %61 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%60 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %64 = math.exp2 %in : f32
        %65 = arith.cmpf olt, %64, %cst_5 : f32
        %66 = arith.select %65, %cst_5, %64 : f32
        %67 = arith.cmpf oeq, %in, %cst_4 : f32
        %68 = arith.select %67, %cst_8, %66 : f32
        linalg.yield %68 : f32
      } -> tensor<16x64xf32>
      %62 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %61 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_11: f32, %out: bf16):
        %64 = arith.extf %in : bf16 to f32
        %65 = arith.cmpf oeq, %in_11, %cst_8 : f32
        %66 = arith.mulf %64, %in_11 : f32
        %67 = arith.select %65, %cst_8, %66 : f32
        %68 = arith.truncf %67 : f32 to bf16
        linalg.yield %68 : bf16
      } -> tensor<16x64xbf16>
      %63 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%43, %62 : tensor<16x1x64xbf16>, tensor<16x64xbf16>) outs(%59 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      scf.yield %63 : tensor<1x64x64xf32>
    }
    %4 = arith.subi %arg3, %c1 : index
    %5 = arith.cmpi eq, %4, %c0 : index
    scf.if %5 {
      tile.store %3, %arg12 [%1, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    }
    tile.return
  }
}
