// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the chunked algorithm makes of kda: spans of decays, scores by blocks, a triangular system.
mixer.spec @chunked_kda(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %beta: [B,T,H] io,
                %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %falls = mixer.map(%gk) { (g) -> -softplus(g) }
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%falls, %k)   { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %falls, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}

tile.program @chunked_kda_chunked of @chunked_kda plan #mixer.algorithm<chunked, chunk = 16, pblock = 64, operand = bf16, stages = 3> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>>, %arg10: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant 6.400000e+01 : f32
    %c3 = arith.constant 3 : index
    %cst_0 = arith.constant dense<0.000000e+00> : tensor<16x16xf32>
    %cst_1 = arith.constant dense<0.000000e+00> : tensor<1x64x16xf32>
    %cst_2 = arith.constant 0xFF800000 : f32
    %cst_3 = arith.constant 1.17549435E-38 : f32
    %cst_4 = arith.constant -1.000000e+00 : f32
    %cst_5 = arith.constant 1.44269502 : f32
    %cst_6 = arith.constant 0.000000e+00 : f32
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
        %76 = arith.maximumf %in, %cst_6 : f32
        %77 = math.absf %in : f32
        %78 = arith.negf %77 : f32
        %79 = math.exp %78 : f32
        %80 = math.log1p %79 : f32
        %81 = arith.addf %76, %80 : f32
        %82 = arith.negf %81 : f32
        %83 = arith.mulf %82, %cst_5 : f32
        %84 = linalg.index 0 : index
        %85 = arith.cmpi slt, %84, %6 : index
        %86 = arith.select %85, %83, %cst_6 : f32
        linalg.yield %86 : f32
      } -> tensor<16x64xf32>
      %10 = tile.load %arg5 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %11 = tile.load %arg9 [%1, %arg13, %0] dims [2, 1] limits [1, %6] : memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<1x16xf32>
      %12 = tensor.empty() : tensor<1x16xf32>
      %13 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%11 : tensor<1x16xf32>) outs(%12 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = linalg.index 1 : index
        %77 = arith.cmpi slt, %76, %6 : index
        %78 = arith.select %77, %in, %cst_6 : f32
        linalg.yield %78 : f32
      } -> tensor<1x16xf32>
      %14 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%12 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        linalg.yield %cst_4 : f32
      } -> tensor<1x16xf32>
      %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%13, %14 : tensor<1x16xf32>, tensor<1x16xf32>) outs(%12 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %in_7: f32, %out: f32):
        %76 = arith.mulf %in, %in_7 : f32
        linalg.yield %76 : f32
      } -> tensor<1x16xf32>
      %16 = tile.load %arg6 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %17 = tile.load %arg7 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%6, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xbf16>
      %18 = tile.spans %9 blocks [16] anchors [0] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %19 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%18 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = math.exp2 %in : f32
        %77 = arith.cmpf olt, %76, %cst_3 : f32
        %78 = arith.select %77, %cst_3, %76 : f32
        %79 = arith.cmpf oeq, %in, %cst_2 : f32
        %80 = arith.select %79, %cst_6, %78 : f32
        linalg.yield %80 : f32
      } -> tensor<16x64xf32>
      %20 = arith.truncf %arg14 : tensor<1x64x64xf32> to tensor<1x64x64xbf16>
      %21 = tensor.empty() : tensor<16x64xbf16>
      %22 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %19 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %23 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%20, %22 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %24 = tile.spans %9 blocks [2] anchors [1] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %25 = tile.spans %9 blocks [4] anchors [2] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %26 = tile.spans %9 blocks [8] anchors [4] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %27 = tile.spans %9 blocks [16] anchors [8] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %28 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%24 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = math.exp2 %in : f32
        %77 = arith.cmpf olt, %76, %cst_3 : f32
        %78 = arith.select %77, %cst_3, %76 : f32
        %79 = arith.cmpf oeq, %in, %cst_2 : f32
        %80 = arith.select %79, %cst_6, %78 : f32
        linalg.yield %80 : f32
      } -> tensor<16x64xf32>
      %29 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %28 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %30 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%29, %29 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %31 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%25 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = math.exp2 %in : f32
        %77 = arith.cmpf olt, %76, %cst_3 : f32
        %78 = arith.select %77, %cst_3, %76 : f32
        %79 = arith.cmpf oeq, %in, %cst_2 : f32
        %80 = arith.select %79, %cst_6, %78 : f32
        linalg.yield %80 : f32
      } -> tensor<16x64xf32>
      %32 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %31 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %33 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%32, %32 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %34 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%26 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = math.exp2 %in : f32
        %77 = arith.cmpf olt, %76, %cst_3 : f32
        %78 = arith.select %77, %cst_3, %76 : f32
        %79 = arith.cmpf oeq, %in, %cst_2 : f32
        %80 = arith.select %79, %cst_6, %78 : f32
        linalg.yield %80 : f32
      } -> tensor<16x64xf32>
      %35 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %34 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %36 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%35, %35 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %37 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%27 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = math.exp2 %in : f32
        %77 = arith.cmpf olt, %76, %cst_3 : f32
        %78 = arith.select %77, %cst_3, %76 : f32
        %79 = arith.cmpf oeq, %in, %cst_2 : f32
        %80 = arith.select %79, %cst_6, %78 : f32
        linalg.yield %80 : f32
      } -> tensor<16x64xf32>
      %38 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %37 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %39 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%38, %38 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %40 = tensor.empty() : tensor<16x16xf32>
      %41 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%30, %33, %36, %39 : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) outs(%40 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_7: f32, %in_8: f32, %in_9: f32, %out: f32):
        %76 = linalg.index 0 : index
        %77 = arith.shrui %76, %c3 : index
        %78 = linalg.index 1 : index
        %79 = arith.shrui %78, %c3 : index
        %80 = arith.cmpi eq, %77, %79 : index
        %81 = arith.select %80, %in_8, %in_9 : f32
        %82 = arith.shrui %76, %c2 : index
        %83 = arith.shrui %78, %c2 : index
        %84 = arith.cmpi eq, %82, %83 : index
        %85 = arith.select %84, %in_7, %81 : f32
        %86 = arith.shrui %76, %c1 : index
        %87 = arith.shrui %78, %c1 : index
        %88 = arith.cmpi eq, %86, %87 : index
        %89 = arith.select %88, %in, %85 : f32
        %90 = arith.cmpi ult, %78, %76 : index
        %91 = arith.select %90, %89, %cst_6 : f32
        linalg.yield %91 : f32
      } -> tensor<16x16xf32>
      %42 = tensor.empty() : tensor<1x64x16xf32>
      %43 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%17, %23, %13, %15 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>) outs(%42 : tensor<1x64x16xf32>) {
      ^bb0(%in: bf16, %in_7: f32, %in_8: f32, %in_9: f32, %out: f32):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.mulf %76, %in_8 : f32
        %78 = arith.mulf %in_7, %in_9 : f32
        %79 = arith.addf %77, %78 : f32
        linalg.yield %79 : f32
      } -> tensor<1x64x16xf32>
      %44 = tensor.empty() : tensor<1x16x16xf32>
      %45 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%41, %15 : tensor<16x16xf32>, tensor<1x16xf32>) outs(%44 : tensor<1x16x16xf32>) {
      ^bb0(%in: f32, %in_7: f32, %out: f32):
        %76 = arith.mulf %in, %in_7 : f32
        linalg.yield %76 : f32
      } -> tensor<1x16x16xf32>
      %46 = tile.solve %45, %43 : tensor<1x16x16xf32>, tensor<1x64x16xf32> -> tensor<16x1x64xf32>
      %47 = tensor.empty() : tensor<16x1x64xbf16>
      %48 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%46 : tensor<16x1x64xf32>) outs(%47 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %76 = arith.truncf %in : f32 to bf16
        linalg.yield %76 : bf16
      } -> tensor<16x1x64xbf16>
      %49 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %19 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %50 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%20, %49 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_1 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %51 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %28 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %52 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%51, %29 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %53 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %31 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %54 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%53, %32 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %55 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %34 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %56 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%55, %35 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %57 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %37 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %58 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%57, %38 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %59 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%10, %16 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_0 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %60 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%52, %54, %56, %58, %59 : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) outs(%40 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %in_7: f32, %in_8: f32, %in_9: f32, %in_10: f32, %out: f32):
        %76 = linalg.index 0 : index
        %77 = arith.shrui %76, %c3 : index
        %78 = linalg.index 1 : index
        %79 = arith.shrui %78, %c3 : index
        %80 = arith.cmpi eq, %77, %79 : index
        %81 = arith.select %80, %in_8, %in_9 : f32
        %82 = arith.shrui %76, %c2 : index
        %83 = arith.shrui %78, %c2 : index
        %84 = arith.cmpi eq, %82, %83 : index
        %85 = arith.select %84, %in_7, %81 : f32
        %86 = arith.shrui %76, %c1 : index
        %87 = arith.shrui %78, %c1 : index
        %88 = arith.cmpi eq, %86, %87 : index
        %89 = arith.select %88, %in, %85 : f32
        %90 = arith.cmpi eq, %78, %76 : index
        %91 = arith.select %90, %in_10, %cst_6 : f32
        %92 = arith.cmpi ult, %78, %76 : index
        %93 = arith.select %92, %89, %91 : f32
        linalg.yield %93 : f32
      } -> tensor<16x16xf32>
      %61 = tensor.empty() : tensor<1x16x16xbf16>
      %62 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%60 : tensor<16x16xf32>) outs(%61 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %76 = arith.truncf %in : f32 to bf16
        linalg.yield %76 : bf16
      } -> tensor<1x16x16xbf16>
      %finite, %guarded = tile.guard %48 into %50 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %63 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite, %62 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %64 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%12 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        %76 = math.rsqrt %cst : f32
        %77 = linalg.index 1 : index
        %78 = arith.cmpi slt, %77, %6 : index
        %79 = arith.select %78, %76, %cst_6 : f32
        linalg.yield %79 : f32
      } -> tensor<1x16xf32>
      %65 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%63, %64 : tensor<1x64x16xf32>, tensor<1x16xf32>) outs(%42 : tensor<1x64x16xf32>) {
      ^bb0(%in: f32, %in_7: f32, %out: f32):
        %76 = arith.mulf %in, %in_7 : f32
        linalg.yield %76 : f32
      } -> tensor<1x64x16xf32>
      %66 = tensor.empty() : tensor<1x64x16xbf16>
      %67 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%65 : tensor<1x64x16xf32>) outs(%66 : tensor<1x64x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %76 = arith.truncf %in : f32 to bf16
        linalg.yield %76 : bf16
      } -> tensor<1x64x16xbf16>
      tile.store %67, %arg11 [%1, %arg13, %0, 0] dims [2, 3, 1] limits [1, 64, %6] : tensor<1x64x16xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      %68 = tensor.empty() : tensor<1x64xf32>
      %69 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, 15, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%18 : tensor<1x16x64xf32>) outs(%68 : tensor<1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = arith.cmpf oeq, %in, %cst_2 : f32
        %77 = math.exp2 %in : f32
        %78 = arith.cmpf olt, %77, %cst_3 : f32
        %79 = arith.select %78, %cst_3, %77 : f32
        %80 = arith.select %76, %cst_6, %79 : f32
        linalg.yield %80 : f32
      } -> tensor<1x64xf32>
      %70 = tensor.empty() : tensor<1x64x64xf32>
      %71 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg14, %69 : tensor<1x64x64xf32>, tensor<1x64xf32>) outs(%70 : tensor<1x64x64xf32>) {
      ^bb0(%in: f32, %in_7: f32, %out: f32):
        %76 = arith.cmpf une, %in_7, %cst_6 : f32
        %77 = arith.mulf %in, %in_7 : f32
        %78 = arith.select %76, %77, %cst_6 : f32
        linalg.yield %78 : f32
      } -> tensor<1x64x64xf32>
      %72 = tile.spans %9 blocks [16] anchors [16] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %73 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%72 : tensor<1x16x64xf32>) outs(%8 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %76 = math.exp2 %in : f32
        %77 = arith.cmpf olt, %76, %cst_3 : f32
        %78 = arith.select %77, %cst_3, %76 : f32
        %79 = arith.cmpf oeq, %in, %cst_2 : f32
        %80 = arith.select %79, %cst_6, %78 : f32
        linalg.yield %80 : f32
      } -> tensor<16x64xf32>
      %74 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %73 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%21 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_7: f32, %out: bf16):
        %76 = arith.extf %in : bf16 to f32
        %77 = arith.cmpf oeq, %in_7, %cst_6 : f32
        %78 = arith.mulf %76, %in_7 : f32
        %79 = arith.select %77, %cst_6, %78 : f32
        %80 = arith.truncf %79 : f32 to bf16
        linalg.yield %80 : bf16
      } -> tensor<16x64xbf16>
      %75 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%48, %74 : tensor<16x1x64xbf16>, tensor<16x64xbf16>) outs(%71 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      scf.yield %75 : tensor<1x64x64xf32>
    }
    %4 = arith.subi %arg3, %c1 : index
    %5 = arith.cmpi eq, %4, %c0 : index
    scf.if %5 {
      tile.store %3, %arg12 [%1, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    }
    tile.return
  }
}
