// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a plan with a team makes of the gated delta rule: decays of heads multiply what the state has given.
// teams = 1
mixer.spec @teams_gated_delta_rule(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H], %beta: [B,T,H] io,
                             %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %falls = mixer.map(%g) { (g) -> -softplus(g) }
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%falls, %k)    { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %falls, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}

tile.program @teams_gated_delta_rule_tiles of @teams_gated_delta_rule plan #mixer.algorithm<chunked, chunk = 32, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>, %arg9: memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>>, %arg10: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant 6.400000e+01 : f32
    %cst_0 = arith.constant 1.000000e+00 : f32
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %cst_1 = arith.constant dense<0.000000e+00> : tensor<32x32xf32>
    %cst_2 = arith.constant dense<0.000000e+00> : tensor<1x64x32xf32>
    %cst_3 = arith.constant 0xFF800000 : f32
    %cst_4 = arith.constant 1.17549435E-38 : f32
    %cst_5 = arith.constant -1.000000e+00 : f32
    %cst_6 = arith.constant 1.44269502 : f32
    %cst_7 = arith.constant 0.000000e+00 : f32
    %c32 = arith.constant 32 : index
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c1 = arith.constant 1 : index
    %0 = arith.remui %arg0, %c2 : index
    %1 = arith.divui %arg0, %c2 : index
    %2 = tile.load %arg10 [%1, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x64x64xf32>
    %3 = scf.for %arg13 = %c0 to %arg2 step %c32 iter_args(%arg14 = %2) -> (tensor<1x64x64xf32>) {
      %6 = arith.subi %arg2, %arg13 : index
      %7 = tile.load %arg8 [%1, %arg13, %0] dims [2, 1] limits [1, %6] : memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>> -> tensor<1x32xf32>
      %8 = tensor.empty() : tensor<1x32xf32>
      %9 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%7 : tensor<1x32xf32>) outs(%8 : tensor<1x32xf32>) {
      ^bb0(%in: f32, %out: f32):
        %59 = arith.maximumf %in, %cst_7 : f32
        %60 = math.absf %in : f32
        %61 = arith.negf %60 : f32
        %62 = math.exp %61 : f32
        %63 = math.log1p %62 : f32
        %64 = arith.addf %59, %63 : f32
        %65 = arith.negf %64 : f32
        linalg.yield %65 : f32
      } -> tensor<1x32xf32>
      %10 = tensor.empty() : tensor<32x1xf32>
      %11 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%9 : tensor<1x32xf32>) outs(%10 : tensor<32x1xf32>) {
      ^bb0(%in: f32, %out: f32):
        %59 = arith.mulf %in, %cst_6 : f32
        %60 = linalg.index 0 : index
        %61 = arith.cmpi slt, %60, %6 : index
        %62 = arith.select %61, %59, %cst_7 : f32
        linalg.yield %62 : f32
      } -> tensor<32x1xf32>
      %12 = tile.load %arg5 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<32x64xbf16>
      %13 = tile.load %arg9 [%1, %arg13, %0] dims [2, 1] limits [1, %6] : memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<1x32xf32>
      %14 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%13 : tensor<1x32xf32>) outs(%8 : tensor<1x32xf32>) {
      ^bb0(%in: f32, %out: f32):
        %59 = linalg.index 1 : index
        %60 = arith.cmpi slt, %59, %6 : index
        %61 = arith.select %60, %in, %cst_7 : f32
        linalg.yield %61 : f32
      } -> tensor<1x32xf32>
      %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%8 : tensor<1x32xf32>) {
      ^bb0(%out: f32):
        linalg.yield %cst_5 : f32
      } -> tensor<1x32xf32>
      %16 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14, %15 : tensor<1x32xf32>, tensor<1x32xf32>) outs(%8 : tensor<1x32xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %59 = arith.mulf %in, %in_10 : f32
        linalg.yield %59 : f32
      } -> tensor<1x32xf32>
      %17 = tile.load %arg6 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<32x64xbf16>
      %18 = tile.load %arg7 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%6, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<32x1x64xbf16>
      %19 = tile.spans %11 blocks [32] anchors [0] : tensor<32x1xf32> -> tensor<1x32x1xf32>
      %20 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%19 : tensor<1x32x1xf32>) outs(%10 : tensor<32x1xf32>) {
      ^bb0(%in: f32, %out: f32):
        %59 = math.exp2 %in : f32
        %60 = arith.cmpf olt, %59, %cst_4 : f32
        %61 = arith.select %60, %cst_4, %59 : f32
        %62 = arith.cmpf oeq, %in, %cst_3 : f32
        %63 = arith.select %62, %cst_7, %61 : f32
        linalg.yield %63 : f32
      } -> tensor<32x1xf32>
      %21 = arith.truncf %arg14 : tensor<1x64x64xf32> to tensor<1x64x64xbf16>
      %22 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%21, %17 : tensor<1x64x64xbf16>, tensor<32x64xbf16>) outs(%cst_2 : tensor<1x64x32xf32>) -> tensor<1x64x32xf32>
      %23 = tensor.empty() : tensor<1x64x32xf32>
      %24 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%22, %20 : tensor<1x64x32xf32>, tensor<32x1xf32>) outs(%23 : tensor<1x64x32xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %59 = arith.cmpf oeq, %in_10, %cst_7 : f32
        %60 = arith.mulf %in, %in_10 : f32
        %61 = arith.select %59, %cst_7, %60 : f32
        linalg.yield %61 : f32
      } -> tensor<1x64x32xf32>
      %25 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%17, %17 : tensor<32x64xbf16>, tensor<32x64xbf16>) outs(%cst_1 : tensor<32x32xf32>) -> tensor<32x32xf32>
      %26 = tile.spans %11 blocks [2, 4, 8, 16, 32] anchors [1, 2, 4, 8, 16] : tensor<32x1xf32> -> tensor<5x32x1xf32>
      %27 = tensor.empty() : tensor<32x32xf32>
      %28 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (0, d0, 0)>, affine_map<(d0, d1) -> (1, d0, 0)>, affine_map<(d0, d1) -> (2, d0, 0)>, affine_map<(d0, d1) -> (3, d0, 0)>, affine_map<(d0, d1) -> (4, d0, 0)>, affine_map<(d0, d1) -> (0, d1, 0)>, affine_map<(d0, d1) -> (1, d1, 0)>, affine_map<(d0, d1) -> (2, d1, 0)>, affine_map<(d0, d1) -> (3, d1, 0)>, affine_map<(d0, d1) -> (4, d1, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%25, %26, %26, %26, %26, %26, %26, %26, %26, %26, %26 : tensor<32x32xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>) outs(%27 : tensor<32x32xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %in_12: f32, %in_13: f32, %in_14: f32, %in_15: f32, %in_16: f32, %in_17: f32, %in_18: f32, %in_19: f32, %out: f32):
        %59 = linalg.index 0 : index
        %60 = arith.shrui %59, %c4 : index
        %61 = linalg.index 1 : index
        %62 = arith.shrui %61, %c4 : index
        %63 = arith.cmpi eq, %60, %62 : index
        %64 = arith.select %63, %in_13, %in_14 : f32
        %65 = arith.shrui %59, %c3 : index
        %66 = arith.shrui %61, %c3 : index
        %67 = arith.cmpi eq, %65, %66 : index
        %68 = arith.select %67, %in_12, %64 : f32
        %69 = arith.shrui %59, %c2 : index
        %70 = arith.shrui %61, %c2 : index
        %71 = arith.cmpi eq, %69, %70 : index
        %72 = arith.select %71, %in_11, %68 : f32
        %73 = arith.shrui %59, %c1 : index
        %74 = arith.shrui %61, %c1 : index
        %75 = arith.cmpi eq, %73, %74 : index
        %76 = arith.select %75, %in_10, %72 : f32
        %77 = arith.select %63, %in_18, %in_19 : f32
        %78 = arith.select %67, %in_17, %77 : f32
        %79 = arith.select %71, %in_16, %78 : f32
        %80 = arith.select %75, %in_15, %79 : f32
        %81 = arith.addf %76, %80 : f32
        %82 = math.exp2 %81 : f32
        %83 = arith.cmpf olt, %82, %cst_4 : f32
        %84 = arith.select %83, %cst_4, %82 : f32
        %85 = arith.cmpf oeq, %81, %cst_3 : f32
        %86 = arith.select %85, %cst_7, %84 : f32
        %87 = arith.cmpf oeq, %86, %cst_7 : f32
        %88 = arith.mulf %in, %86 : f32
        %89 = arith.select %87, %cst_7, %88 : f32
        %90 = arith.cmpi ult, %61, %59 : index
        %91 = arith.select %90, %89, %cst_7 : f32
        linalg.yield %91 : f32
      } -> tensor<32x32xf32>
      %29 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%18, %24, %14, %16 : tensor<32x1x64xbf16>, tensor<1x64x32xf32>, tensor<1x32xf32>, tensor<1x32xf32>) outs(%23 : tensor<1x64x32xf32>) {
      ^bb0(%in: bf16, %in_10: f32, %in_11: f32, %in_12: f32, %out: f32):
        %59 = arith.extf %in : bf16 to f32
        %60 = arith.mulf %59, %in_11 : f32
        %61 = arith.mulf %in_10, %in_12 : f32
        %62 = arith.addf %60, %61 : f32
        linalg.yield %62 : f32
      } -> tensor<1x64x32xf32>
      %30 = tensor.empty() : tensor<1x32x32xf32>
      %31 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%28, %16 : tensor<32x32xf32>, tensor<1x32xf32>) outs(%30 : tensor<1x32x32xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %59 = arith.mulf %in, %in_10 : f32
        linalg.yield %59 : f32
      } -> tensor<1x32x32xf32>
      %32 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%30 : tensor<1x32x32xf32>) {
      ^bb0(%out: f32):
        %59 = linalg.index 1 : index
        %60 = linalg.index 2 : index
        %61 = arith.cmpi eq, %59, %60 : index
        %62 = arith.select %61, %cst_0, %cst_7 : f32
        linalg.yield %62 : f32
      } -> tensor<1x32x32xf32>
      %33 = tile.solve %31, %32 : tensor<1x32x32xf32>, tensor<1x32x32xf32> -> tensor<32x1x32xf32>
      %34 = tensor.empty() : tensor<32x1x64xbf16>
      %35 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%29 : tensor<1x64x32xf32>) outs(%34 : tensor<32x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %59 = arith.truncf %in : f32 to bf16
        linalg.yield %59 : bf16
      } -> tensor<32x1x64xbf16>
      %36 = tensor.empty() : tensor<1x32x32xbf16>
      %37 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%33 : tensor<32x1x32xf32>) outs(%36 : tensor<1x32x32xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %59 = arith.truncf %in : f32 to bf16
        linalg.yield %59 : bf16
      } -> tensor<1x32x32xbf16>
      %finite, %guarded = tile.guard %35 into %cst_2 : tensor<32x1x64xbf16>, tensor<1x64x32xf32>
      %38 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite, %37 : tensor<32x1x64xbf16>, tensor<1x32x32xbf16>) outs(%guarded : tensor<1x64x32xf32>) -> tensor<1x64x32xf32>
      %39 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%38 : tensor<1x64x32xf32>) outs(%34 : tensor<32x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %59 = arith.truncf %in : f32 to bf16
        linalg.yield %59 : bf16
      } -> tensor<32x1x64xbf16>
      %40 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%21, %12 : tensor<1x64x64xbf16>, tensor<32x64xbf16>) outs(%cst_2 : tensor<1x64x32xf32>) -> tensor<1x64x32xf32>
      %41 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%40, %20 : tensor<1x64x32xf32>, tensor<32x1xf32>) outs(%23 : tensor<1x64x32xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %59 = arith.cmpf oeq, %in_10, %cst_7 : f32
        %60 = arith.mulf %in, %in_10 : f32
        %61 = arith.select %59, %cst_7, %60 : f32
        linalg.yield %61 : f32
      } -> tensor<1x64x32xf32>
      %42 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%12, %17 : tensor<32x64xbf16>, tensor<32x64xbf16>) outs(%cst_1 : tensor<32x32xf32>) -> tensor<32x32xf32>
      %43 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (0, d0, 0)>, affine_map<(d0, d1) -> (1, d0, 0)>, affine_map<(d0, d1) -> (2, d0, 0)>, affine_map<(d0, d1) -> (3, d0, 0)>, affine_map<(d0, d1) -> (4, d0, 0)>, affine_map<(d0, d1) -> (0, d1, 0)>, affine_map<(d0, d1) -> (1, d1, 0)>, affine_map<(d0, d1) -> (2, d1, 0)>, affine_map<(d0, d1) -> (3, d1, 0)>, affine_map<(d0, d1) -> (4, d1, 0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%42, %26, %26, %26, %26, %26, %26, %26, %26, %26, %26 : tensor<32x32xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>, tensor<5x32x1xf32>) outs(%27 : tensor<32x32xf32>) {
      ^bb0(%in: f32, %in_10: f32, %in_11: f32, %in_12: f32, %in_13: f32, %in_14: f32, %in_15: f32, %in_16: f32, %in_17: f32, %in_18: f32, %in_19: f32, %out: f32):
        %59 = linalg.index 0 : index
        %60 = arith.shrui %59, %c4 : index
        %61 = linalg.index 1 : index
        %62 = arith.shrui %61, %c4 : index
        %63 = arith.cmpi eq, %60, %62 : index
        %64 = arith.select %63, %in_13, %in_14 : f32
        %65 = arith.shrui %59, %c3 : index
        %66 = arith.shrui %61, %c3 : index
        %67 = arith.cmpi eq, %65, %66 : index
        %68 = arith.select %67, %in_12, %64 : f32
        %69 = arith.shrui %59, %c2 : index
        %70 = arith.shrui %61, %c2 : index
        %71 = arith.cmpi eq, %69, %70 : index
        %72 = arith.select %71, %in_11, %68 : f32
        %73 = arith.shrui %59, %c1 : index
        %74 = arith.shrui %61, %c1 : index
        %75 = arith.cmpi eq, %73, %74 : index
        %76 = arith.select %75, %in_10, %72 : f32
        %77 = arith.select %63, %in_18, %in_19 : f32
        %78 = arith.select %67, %in_17, %77 : f32
        %79 = arith.select %71, %in_16, %78 : f32
        %80 = arith.select %75, %in_15, %79 : f32
        %81 = arith.addf %76, %80 : f32
        %82 = math.exp2 %81 : f32
        %83 = arith.cmpf olt, %82, %cst_4 : f32
        %84 = arith.select %83, %cst_4, %82 : f32
        %85 = arith.cmpf oeq, %81, %cst_3 : f32
        %86 = arith.select %85, %cst_7, %84 : f32
        %87 = arith.cmpf oeq, %86, %cst_7 : f32
        %88 = arith.mulf %in, %86 : f32
        %89 = arith.select %87, %cst_7, %88 : f32
        %90 = arith.cmpi eq, %61, %59 : index
        %91 = arith.select %90, %in, %cst_7 : f32
        %92 = arith.cmpi ult, %61, %59 : index
        %93 = arith.select %92, %89, %91 : f32
        linalg.yield %93 : f32
      } -> tensor<32x32xf32>
      %44 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%43 : tensor<32x32xf32>) outs(%36 : tensor<1x32x32xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %59 = arith.truncf %in : f32 to bf16
        linalg.yield %59 : bf16
      } -> tensor<1x32x32xbf16>
      %finite_8, %guarded_9 = tile.guard %39 into %41 : tensor<32x1x64xbf16>, tensor<1x64x32xf32>
      %45 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite_8, %44 : tensor<32x1x64xbf16>, tensor<1x32x32xbf16>) outs(%guarded_9 : tensor<1x64x32xf32>) -> tensor<1x64x32xf32>
      %46 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%8 : tensor<1x32xf32>) {
      ^bb0(%out: f32):
        %59 = math.rsqrt %cst : f32
        %60 = linalg.index 1 : index
        %61 = arith.cmpi slt, %60, %6 : index
        %62 = arith.select %61, %59, %cst_7 : f32
        linalg.yield %62 : f32
      } -> tensor<1x32xf32>
      %47 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%45, %46 : tensor<1x64x32xf32>, tensor<1x32xf32>) outs(%23 : tensor<1x64x32xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %59 = arith.mulf %in, %in_10 : f32
        linalg.yield %59 : f32
      } -> tensor<1x64x32xf32>
      %48 = tensor.empty() : tensor<1x64x32xbf16>
      %49 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%47 : tensor<1x64x32xf32>) outs(%48 : tensor<1x64x32xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %59 = arith.truncf %in : f32 to bf16
        linalg.yield %59 : bf16
      } -> tensor<1x64x32xbf16>
      tile.store %49, %arg11 [%1, %arg13, %0, 0] dims [2, 3, 1] limits [1, 64, %6] : tensor<1x64x32xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      %50 = tensor.empty() : tensor<1xf32>
      %51 = linalg.generic {indexing_maps = [affine_map<(d0) -> (0, 31, d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%19 : tensor<1x32x1xf32>) outs(%50 : tensor<1xf32>) {
      ^bb0(%in: f32, %out: f32):
        %59 = arith.cmpf oeq, %in, %cst_3 : f32
        %60 = math.exp2 %in : f32
        %61 = arith.cmpf olt, %60, %cst_4 : f32
        %62 = arith.select %61, %cst_4, %60 : f32
        %63 = arith.select %59, %cst_7, %62 : f32
        linalg.yield %63 : f32
      } -> tensor<1xf32>
      %52 = tensor.empty() : tensor<1x64x64xf32>
      %53 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg14, %51 : tensor<1x64x64xf32>, tensor<1xf32>) outs(%52 : tensor<1x64x64xf32>) {
      ^bb0(%in: f32, %in_10: f32, %out: f32):
        %59 = arith.cmpf une, %in_10, %cst_7 : f32
        %60 = arith.mulf %in, %in_10 : f32
        %61 = arith.select %59, %60, %cst_7 : f32
        linalg.yield %61 : f32
      } -> tensor<1x64x64xf32>
      %54 = tile.spans %11 blocks [32] anchors [32] : tensor<32x1xf32> -> tensor<1x32x1xf32>
      %55 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%54 : tensor<1x32x1xf32>) outs(%10 : tensor<32x1xf32>) {
      ^bb0(%in: f32, %out: f32):
        %59 = math.exp2 %in : f32
        %60 = arith.cmpf olt, %59, %cst_4 : f32
        %61 = arith.select %60, %cst_4, %59 : f32
        %62 = arith.cmpf oeq, %in, %cst_3 : f32
        %63 = arith.select %62, %cst_7, %61 : f32
        linalg.yield %63 : f32
      } -> tensor<32x1xf32>
      %56 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%55 : tensor<32x1xf32>) outs(%8 : tensor<1x32xf32>) {
      ^bb0(%in: f32, %out: f32):
        linalg.yield %in : f32
      } -> tensor<1x32xf32>
      %57 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%39, %56 : tensor<32x1x64xbf16>, tensor<1x32xf32>) outs(%34 : tensor<32x1x64xbf16>) {
      ^bb0(%in: bf16, %in_10: f32, %out: bf16):
        %59 = arith.extf %in : bf16 to f32
        %60 = arith.cmpf oeq, %in_10, %cst_7 : f32
        %61 = arith.mulf %59, %in_10 : f32
        %62 = arith.select %60, %cst_7, %61 : f32
        %63 = arith.truncf %62 : f32 to bf16
        linalg.yield %63 : bf16
      } -> tensor<32x1x64xbf16>
      %58 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%57, %17 : tensor<32x1x64xbf16>, tensor<32x64xbf16>) outs(%53 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      scf.yield %58 : tensor<1x64x64xf32>
    }
    %4 = arith.subi %arg3, %c1 : index
    %5 = arith.cmpi eq, %4, %c0 : index
    scf.if %5 {
      tile.store %3, %arg12 [%1, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    }
    tile.return
  }
}
