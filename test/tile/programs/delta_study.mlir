// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A delta rule with decays of at least exp(-5) for each entry, as a kernel written by hand schedules it: chunks of 16; four teams of two
// warps, of which each builds every fourth chunk's factors from the chunk's start and an inverse of 16 x 16, and fetches its tiles; one
// product with the inverse where the state is carried; results stored by those who have them.
// teams = 4
mixer.spec @delta_study(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %beta: [B,T,H] io,
                %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %falls = mixer.map(%gk) { (g) -> -5 * sigmoid(g) }
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%falls, %k)   { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %falls >= -5, l = %l, r = %r, init = %h0
  mixer.return %o, %S
}

tile.program @delta_study_tiles of @delta_study plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 4, warps = 4, family = portable> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>>, %arg10: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant 1.17549435E-38 : f32
    %cst_0 = arith.constant 0xFF800000 : f32
    %cst_1 = arith.constant 6.400000e+01 : f32
    %cst_2 = arith.constant dense<0.000000e+00> : tensor<16x16xf32>
    %cst_3 = arith.constant -5.800000e+01 : f32
    %cst_4 = arith.constant dense<0.000000e+00> : tensor<1x64x16xf32>
    %cst_5 = arith.constant 3.46944695E-18 : f32
    %cst_6 = arith.constant 5.800000e+01 : f32
    %cst_7 = arith.constant -1.000000e+00 : f32
    %cst_8 = arith.constant 0.000000e+00 : f32
    %cst_9 = arith.constant 1.44269502 : f32
    %cst_10 = arith.constant -5.000000e+00 : f32
    %cst_11 = arith.constant 1.000000e+00 : f32
    %c16 = arith.constant 16 : index
    %c64 = arith.constant 64 : index
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c1 = arith.constant 1 : index
    %0 = arith.remui %arg0, %c2 : index
    %3 = arith.divui %arg0, %c2 : index
    %8 = tile.load %arg10 [%3, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x64x64xf32>
    %9 = scf.for %arg15 = %c0 to %arg2 step %c16 iter_args(%arg16 = %8) -> (tensor<1x64x64xf32>) {
      %12 = arith.subi %arg2, %arg15 : index
      %13 = tile.load %arg8 [%3, %arg15, %0, 0] dims [1, 3] limits [%12, 64] : memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %14 = tensor.empty() : tensor<16x64xf32>
      %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%13 : tensor<16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = arith.negf %in : f32
        %68 = math.exp %67 : f32
        %69 = arith.addf %68, %cst_11 : f32
        %70 = arith.divf %cst_11, %69 : f32
        %71 = arith.mulf %70, %cst_10 : f32
        %72 = arith.mulf %71, %cst_9 : f32
        %73 = linalg.index 0 : index
        %74 = arith.cmpi slt, %73, %12 : index
        %75 = arith.select %74, %72, %cst_8 : f32
        %76 = linalg.index 1 : index
        %77 = arith.cmpi slt, %76, %c64 : index
        %78 = arith.select %77, %75, %cst_8 : f32
        linalg.yield %78 : f32
      } -> tensor<16x64xf32>
      %16 = tile.load %arg5 [%3, %arg15, %0, 0] dims [1, 3] limits [%12, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %17 = tile.load %arg9 [%3, %arg15, %0] dims [2, 1] limits [1, %12] : memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<1x16xf32>
      %18 = tensor.empty() : tensor<1x16xf32>
      %19 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%17 : tensor<1x16xf32>) outs(%18 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = linalg.index 1 : index
        %68 = arith.cmpi slt, %67, %12 : index
        %69 = arith.select %68, %in, %cst_8 : f32
        linalg.yield %69 : f32
      } -> tensor<1x16xf32>
      %20 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%18 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        linalg.yield %cst_7 : f32
      } -> tensor<1x16xf32>
      %21 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%19, %20 : tensor<1x16xf32>, tensor<1x16xf32>) outs(%18 : tensor<1x16xf32>) {
      ^bb0(%in: f32, %in_14: f32, %out: f32):
        %67 = arith.mulf %in, %in_14 : f32
        linalg.yield %67 : f32
      } -> tensor<1x16xf32>
      %22 = tile.load %arg6 [%3, %arg15, %0, 0] dims [1, 3] limits [%12, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xbf16>
      %23 = tile.load %arg7 [%3, %arg15, %0, 0] dims [1, 2, 3] limits [%12, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xbf16>
      %24 = tile.spans %15 blocks [16] anchors [0] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %25 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%24 : tensor<1x16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = arith.addf %in, %cst_6 : f32
        %68 = math.exp2 %67 : f32
        linalg.yield %68 : f32
      } -> tensor<16x64xf32>
      %26 = tensor.empty() : tensor<1x64x64xbf16>
      %27 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg16 : tensor<1x64x64xf32>) outs(%26 : tensor<1x64x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %67 = arith.mulf %in, %cst_5 : f32
        %68 = arith.truncf %67 : f32 to bf16
        linalg.yield %68 : bf16
      } -> tensor<1x64x64xbf16>
      %28 = tensor.empty() : tensor<16x64xbf16>
      %29 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%22, %25 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%28 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_14: f32, %out: bf16):
        %67 = arith.extf %in : bf16 to f32
        %68 = arith.mulf %67, %in_14 : f32
        %69 = arith.truncf %68 : f32 to bf16
        linalg.yield %69 : bf16
      } -> tensor<16x64xbf16>
      %30 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%27, %29 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_4 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %31 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%24 : tensor<1x16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = arith.negf %in : f32
        linalg.yield %67 : f32
      } -> tensor<16x64xf32>
      %32 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%31 : tensor<16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = arith.addf %in, %cst_3 : f32
        %68 = math.exp2 %67 : f32
        linalg.yield %68 : f32
      } -> tensor<16x64xf32>
      %33 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%22, %32 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%28 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_14: f32, %out: bf16):
        %67 = arith.extf %in : bf16 to f32
        %68 = arith.mulf %67, %in_14 : f32
        %69 = arith.truncf %68 : f32 to bf16
        linalg.yield %69 : bf16
      } -> tensor<16x64xbf16>
      %34 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%29, %33 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_2 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %35 = tensor.empty() : tensor<16x16xf32>
      %36 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%34 : tensor<16x16xf32>) outs(%35 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = linalg.index 0 : index
        %68 = linalg.index 1 : index
        %69 = arith.cmpi ult, %68, %67 : index
        %70 = arith.select %69, %in, %cst_8 : f32
        linalg.yield %70 : f32
      } -> tensor<16x16xf32>
      %37 = tensor.empty() : tensor<1x64x16xf32>
      %38 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%23, %30, %19, %21 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>) outs(%37 : tensor<1x64x16xf32>) {
      ^bb0(%in: bf16, %in_14: f32, %in_15: f32, %in_16: f32, %out: f32):
        %67 = arith.extf %in : bf16 to f32
        %68 = arith.mulf %67, %in_15 : f32
        %69 = arith.mulf %in_14, %in_16 : f32
        %70 = arith.addf %68, %69 : f32
        linalg.yield %70 : f32
      } -> tensor<1x64x16xf32>
      %39 = tensor.empty() : tensor<1x16x16xf32>
      %40 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%36, %21 : tensor<16x16xf32>, tensor<1x16xf32>) outs(%39 : tensor<1x16x16xf32>) {
      ^bb0(%in: f32, %in_14: f32, %out: f32):
        %67 = arith.mulf %in, %in_14 : f32
        linalg.yield %67 : f32
      } -> tensor<1x16x16xf32>
      %41 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%39 : tensor<1x16x16xf32>) {
      ^bb0(%out: f32):
        %67 = linalg.index 1 : index
        %68 = linalg.index 2 : index
        %69 = arith.cmpi eq, %67, %68 : index
        %70 = arith.select %69, %cst_11, %cst_8 : f32
        linalg.yield %70 : f32
      } -> tensor<1x16x16xf32>
      %42 = tile.solve %40, %41 : tensor<1x16x16xf32>, tensor<1x16x16xf32> -> tensor<16x1x16xf32>
      %43 = tensor.empty() : tensor<16x1x64xbf16>
      %44 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%38 : tensor<1x64x16xf32>) outs(%43 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %67 = arith.truncf %in : f32 to bf16
        linalg.yield %67 : bf16
      } -> tensor<16x1x64xbf16>
      %45 = tensor.empty() : tensor<1x16x16xbf16>
      %46 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%42 : tensor<16x1x16xf32>) outs(%45 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %67 = arith.truncf %in : f32 to bf16
        linalg.yield %67 : bf16
      } -> tensor<1x16x16xbf16>
      %finite, %guarded = tile.guard %44 into %cst_4 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %47 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite, %46 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %48 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%47 : tensor<1x64x16xf32>) outs(%43 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %67 = arith.truncf %in : f32 to bf16
        linalg.yield %67 : bf16
      } -> tensor<16x1x64xbf16>
      %49 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %25 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%28 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_14: f32, %out: bf16):
        %67 = arith.extf %in : bf16 to f32
        %68 = arith.mulf %67, %in_14 : f32
        %69 = arith.truncf %68 : f32 to bf16
        linalg.yield %69 : bf16
      } -> tensor<16x64xbf16>
      %50 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%27, %49 : tensor<1x64x64xbf16>, tensor<16x64xbf16>) outs(%cst_4 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %51 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>] ins(%49, %33 : tensor<16x64xbf16>, tensor<16x64xbf16>) outs(%cst_2 : tensor<16x16xf32>) -> tensor<16x16xf32>
      %52 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%51 : tensor<16x16xf32>) outs(%35 : tensor<16x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = linalg.index 0 : index
        %68 = linalg.index 1 : index
        %69 = arith.cmpi eq, %68, %67 : index
        %70 = arith.select %69, %in, %cst_8 : f32
        %71 = arith.cmpi ult, %68, %67 : index
        %72 = arith.select %71, %in, %70 : f32
        linalg.yield %72 : f32
      } -> tensor<16x16xf32>
      %53 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%52 : tensor<16x16xf32>) outs(%45 : tensor<1x16x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %67 = arith.truncf %in : f32 to bf16
        linalg.yield %67 : bf16
      } -> tensor<1x16x16xbf16>
      %finite_12, %guarded_13 = tile.guard %48 into %50 : tensor<16x1x64xbf16>, tensor<1x64x16xf32>
      %54 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%finite_12, %53 : tensor<16x1x64xbf16>, tensor<1x16x16xbf16>) outs(%guarded_13 : tensor<1x64x16xf32>) -> tensor<1x64x16xf32>
      %55 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%18 : tensor<1x16xf32>) {
      ^bb0(%out: f32):
        %67 = math.rsqrt %cst_1 : f32
        %68 = linalg.index 1 : index
        %69 = arith.cmpi slt, %68, %12 : index
        %70 = arith.select %69, %67, %cst_8 : f32
        linalg.yield %70 : f32
      } -> tensor<1x16xf32>
      %56 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%54, %55 : tensor<1x64x16xf32>, tensor<1x16xf32>) outs(%37 : tensor<1x64x16xf32>) {
      ^bb0(%in: f32, %in_14: f32, %out: f32):
        %67 = arith.mulf %in, %in_14 : f32
        linalg.yield %67 : f32
      } -> tensor<1x64x16xf32>
      %57 = tensor.empty() : tensor<1x64x16xbf16>
      %58 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%56 : tensor<1x64x16xf32>) outs(%57 : tensor<1x64x16xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %67 = arith.truncf %in : f32 to bf16
        linalg.yield %67 : bf16
      } -> tensor<1x64x16xbf16>
      tile.store %58, %arg11 [%3, %arg15, %0, 0] dims [2, 3, 1] limits [1, 64, %12] : tensor<1x64x16xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      %59 = tensor.empty() : tensor<1x64xf32>
      %60 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, 15, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%24 : tensor<1x16x64xf32>) outs(%59 : tensor<1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = arith.cmpf oeq, %in, %cst_0 : f32
        %68 = math.exp2 %in : f32
        %69 = arith.cmpf olt, %68, %cst : f32
        %70 = arith.select %69, %cst, %68 : f32
        %71 = arith.select %67, %cst_8, %70 : f32
        linalg.yield %71 : f32
      } -> tensor<1x64xf32>
      %61 = tensor.empty() : tensor<1x64x64xf32>
      %62 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg16, %60 : tensor<1x64x64xf32>, tensor<1x64xf32>) outs(%61 : tensor<1x64x64xf32>) {
      ^bb0(%in: f32, %in_14: f32, %out: f32):
        %67 = arith.cmpf une, %in_14, %cst_8 : f32
        %68 = arith.mulf %in, %in_14 : f32
        %69 = arith.select %67, %68, %cst_8 : f32
        linalg.yield %69 : f32
      } -> tensor<1x64x64xf32>
      %63 = tile.spans %15 blocks [16] anchors [16] : tensor<16x64xf32> -> tensor<1x16x64xf32>
      %64 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%63 : tensor<1x16x64xf32>) outs(%14 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %67 = math.exp2 %in : f32
        linalg.yield %67 : f32
      } -> tensor<16x64xf32>
      %65 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%22, %64 : tensor<16x64xbf16>, tensor<16x64xf32>) outs(%28 : tensor<16x64xbf16>) {
      ^bb0(%in: bf16, %in_14: f32, %out: bf16):
        %67 = arith.extf %in : bf16 to f32
        %68 = arith.mulf %67, %in_14 : f32
        %69 = arith.truncf %68 : f32 to bf16
        linalg.yield %69 : bf16
      } -> tensor<16x64xbf16>
      %66 = linalg.contract indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3, d0, d1)>, affine_map<(d0, d1, d2, d3) -> (d3, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>] ins(%48, %65 : tensor<16x1x64xbf16>, tensor<16x64xbf16>) outs(%62 : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
      scf.yield %66 : tensor<1x64x64xf32>
    }
    tile.store %9, %arg12 [%3, %0, 0, 0] dims [1, 3, 2] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    tile.return
  }
}
