// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scan in which every entry of the state has a decay of its own, with a correction, read before the step: the recurrence of KDA.
mixer.spec @scan_of_entries(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %beta: [B,T,H] io,
                            %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%gk, %k)   { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %gk, l = %l, r = %r, init = %h0, read = pre
  mixer.return %o, %S
}

tile.program @scan_of_entries_scan of @scan_of_entries plan #mixer.algorithm<scan, chunk = 16, pblock = 64, warps = 1> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>>, %arg10: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant 6.400000e+01 : f32
    %cst_0 = arith.constant 0.000000e+00 : f32
    %cst_1 = arith.constant 1.44269502 : f32
    %c16 = arith.constant 16 : index
    %cst_2 = arith.constant dense<0.000000e+00> : tensor<1x64x16xf32>
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %0 = arith.remui %arg0, %c2 : index
    %1 = arith.divui %arg0, %c2 : index
    %2 = tile.load %arg10 [%1, %0, 0, 0] dims [1, 2, 3] limits [1, 64, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x64x64xf32>
    %3:3 = scf.for %arg13 = %c0 to %arg2 step %c16 iter_args(%arg14 = %2, %arg15 = %cst_2, %arg16 = %cst_2) -> (tensor<1x64x64xf32>, tensor<1x64x16xf32>, tensor<1x64x16xf32>) {
      %6 = arith.subi %arg2, %arg13 : index
      %7 = tile.load %arg8 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %8 = tensor.empty() : tensor<1x64x16xf32>
      %9 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%7 : tensor<16x64xf32>) outs(%8 : tensor<1x64x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %27 = arith.mulf %in, %cst_1 : f32
        %28 = linalg.index 2 : index
        %29 = arith.cmpi slt, %28, %6 : index
        %30 = arith.select %29, %27, %cst_0 : f32
        linalg.yield %30 : f32
      } -> tensor<1x64x16xf32>
      %lag, %low, %level, %factor, %resets, %earlier = tile.lag %9 after %arg15, %arg16 : tensor<1x64x16xf32>
      %10 = tile.load %arg9 [%1, %arg13, %0] dims [2, 1] limits [1, %6] : memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<1x16xf32>
      %11 = tile.load %arg6 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %12 = tensor.empty() : tensor<16x64xf32>
      %13 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %11 : tensor<1x16xf32>, tensor<16x64xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_3: f32, %out: f32):
        %27 = arith.mulf %in, %in_3 : f32
        %28 = linalg.index 0 : index
        %29 = arith.cmpi slt, %28, %6 : index
        %30 = arith.select %29, %27, %cst_0 : f32
        linalg.yield %30 : f32
      } -> tensor<16x64xf32>
      %14 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (0, d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%13, %lag : tensor<16x64xf32>, tensor<1x64x16xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_3: f32, %out: f32):
        %27 = arith.negf %in_3 : f32
        %28 = math.exp2 %27 : f32
        %29 = arith.mulf %in, %28 : f32
        linalg.yield %29 : f32
      } -> tensor<16x64xf32>
      %15 = tile.load %arg5 [%1, %arg13, %0, 0] dims [1, 3] limits [%6, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %16 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%15 : tensor<16x64xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %27 = math.rsqrt %cst : f32
        %28 = arith.mulf %in, %27 : f32
        %29 = linalg.index 0 : index
        %30 = arith.cmpi slt, %29, %6 : index
        %31 = arith.select %30, %28, %cst_0 : f32
        linalg.yield %31 : f32
      } -> tensor<16x64xf32>
      %17 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (0, d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%16, %earlier : tensor<16x64xf32>, tensor<1x64x16xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_3: f32, %out: f32):
        %27 = math.exp2 %in_3 : f32
        %28 = arith.mulf %in, %27 : f32
        linalg.yield %28 : f32
      } -> tensor<16x64xf32>
      %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%10, %11 : tensor<1x16xf32>, tensor<16x64xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_3: f32, %out: f32):
        %27 = arith.mulf %in, %in_3 : f32
        %28 = arith.negf %27 : f32
        %29 = linalg.index 0 : index
        %30 = arith.cmpi slt, %29, %6 : index
        %31 = arith.select %30, %28, %cst_0 : f32
        linalg.yield %31 : f32
      } -> tensor<16x64xf32>
      %19 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (0, d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%18, %lag : tensor<16x64xf32>, tensor<1x64x16xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_3: f32, %out: f32):
        %27 = arith.negf %in_3 : f32
        %28 = math.exp2 %27 : f32
        %29 = arith.mulf %in, %28 : f32
        linalg.yield %29 : f32
      } -> tensor<16x64xf32>
      %20 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%7, %11 : tensor<16x64xf32>, tensor<16x64xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_3: f32, %out: f32):
        %27 = math.exp %in : f32
        %28 = arith.mulf %27, %in_3 : f32
        %29 = linalg.index 0 : index
        %30 = arith.cmpi slt, %29, %6 : index
        %31 = arith.select %30, %28, %cst_0 : f32
        linalg.yield %31 : f32
      } -> tensor<16x64xf32>
      %21 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (0, d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%20, %earlier : tensor<16x64xf32>, tensor<1x64x16xf32>) outs(%12 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_3: f32, %out: f32):
        %27 = math.exp2 %in_3 : f32
        %28 = arith.mulf %in, %27 : f32
        linalg.yield %28 : f32
      } -> tensor<16x64xf32>
      %22 = tile.load %arg7 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%6, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xf32>
      %23 = tensor.empty() : tensor<16x1x64xf32>
      %24 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%22 : tensor<16x1x64xf32>) outs(%23 : tensor<16x1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %27 = linalg.index 0 : index
        %28 = arith.cmpi slt, %27, %6 : index
        %29 = arith.select %28, %in, %cst_0 : f32
        linalg.yield %29 : f32
      } -> tensor<16x1x64xf32>
      %y, %state = tile.scan x = %24, b = %14, c = %17, decay = %factor : tensor<1x64x16xf32>, l = %19 : tensor<16x64xf32>, r = %21 : tensor<16x64xf32>, init = %arg14 pre : tensor<16x1x64xf32>, tensor<16x64xf32>, tensor<16x64xf32>, tensor<1x64x64xf32> -> tensor<16x1x64xf32>, tensor<1x64x64xf32>
      %25 = tensor.empty() : tensor<16x1x64xbf16>
      %26 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y : tensor<16x1x64xf32>) outs(%25 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %27 = arith.truncf %in : f32 to bf16
        linalg.yield %27 : bf16
      } -> tensor<16x1x64xbf16>
      tile.store %26, %arg11 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%6, 1, 64] : tensor<16x1x64xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      scf.yield %state, %lag, %low : tensor<1x64x64xf32>, tensor<1x64x16xf32>, tensor<1x64x16xf32>
    }
    %4 = tensor.empty() : tensor<1x64x64xf32>
    %5 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, 15)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%3#0, %3#1 : tensor<1x64x64xf32>, tensor<1x64x16xf32>) outs(%4 : tensor<1x64x64xf32>) {
    ^bb0(%in: f32, %in_3: f32, %out: f32):
      %6 = math.exp2 %in_3 : f32
      %7 = arith.mulf %in, %6 : f32
      linalg.yield %7 : f32
    } -> tensor<1x64x64xf32>
    tile.store %5, %arg12 [%1, %0, 0, 0] dims [1, 2, 3] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    tile.return
  }
}
