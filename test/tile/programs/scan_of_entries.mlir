// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scan in which every entry of the state has a decay of its own, with a correction, read before the step: the recurrence of KDA.
mixer.spec @scan_of_entries(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %gk: [B,T,H,N], %beta: [B,T,H] io,
                %h0: [B,H,N,P] optional) -> (%o: [B,T,H,P] io, %hT: [B,H,N,P] optional) {
  %falls = mixer.map(%gk) { (g) -> -softplus(g) }
  %qs = mixer.map(%q)        { (q) -> q * rsqrt(N) }
  %b  = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l  = mixer.map(%b)        { (b) -> -b }
  %r  = mixer.map(%falls, %k)   { (g, k) -> exp(g) * k }
  %o, %S = mixer.semiseparable x = %v, b = %b, c = %qs, decay = %falls, l = %l, r = %r, init = %h0, read = pre
  mixer.return %o, %S
}

tile.program @scan_of_entries_scan of @scan_of_entries plan #mixer.algorithm<scan, chunk = 16, pblock = 64, warps = 1> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>>, %arg10: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant 6.400000e+01 : f32
    %cst_0 = arith.constant -1.500000e+02 : f32
    %cst_1 = arith.constant -1.260000e+02 : f32
    %cst_2 = arith.constant 1.44269502 : f32
    %cst_3 = arith.constant 0.000000e+00 : f32
    %c16 = arith.constant 16 : index
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %0 = arith.remui %arg0, %c2 : index
    %1 = arith.divui %arg0, %c2 : index
    %2 = tile.load %arg10 [%1, %0, 0, 0] dims [1, 2, 3] limits [1, 64, 64] optional : memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<1x64x64xf32>
    %3 = scf.for %arg13 = %c0 to %arg2 step %c16 iter_args(%arg14 = %2) -> (tensor<1x64x64xf32>) {
      %4 = arith.subi %arg2, %arg13 : index
      %5 = tile.load %arg8 [%1, %arg13, %0, 0] dims [1, 3] limits [%4, 64] : memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %6 = tensor.empty() : tensor<1x64x16xf32>
      %7 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%5 : tensor<16x64xf32>) outs(%6 : tensor<1x64x16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %20 = arith.maximumf %in, %cst_3 : f32
        %21 = math.absf %in : f32
        %22 = arith.negf %21 : f32
        %23 = math.exp %22 : f32
        %24 = math.log1p %23 : f32
        %25 = arith.addf %20, %24 : f32
        %26 = arith.negf %25 : f32
        %27 = linalg.index 2 : index
        %28 = arith.cmpi slt, %27, %4 : index
        %29 = arith.select %28, %26, %cst_3 : f32
        %30 = arith.mulf %29, %cst_2 : f32
        %31 = arith.maximumf %30, %cst_1 : f32
        %32 = math.exp2 %31 : f32
        %33 = arith.cmpf olt, %30, %cst_0 : f32
        %34 = arith.select %33, %cst_3, %32 : f32
        linalg.yield %34 : f32
      } -> tensor<1x64x16xf32>
      %8 = tile.load %arg9 [%1, %arg13, %0] dims [2, 1] limits [1, %4] : memref<?x?x2xbf16, strided<[?, ?, ?], offset: ?>> -> tensor<1x16xf32>
      %9 = tile.load %arg6 [%1, %arg13, %0, 0] dims [1, 3] limits [%4, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %10 = tensor.empty() : tensor<16x64xf32>
      %11 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (0, d0)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%8, %9 : tensor<1x16xf32>, tensor<16x64xf32>) outs(%10 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_4: f32, %out: f32):
        %20 = arith.mulf %in, %in_4 : f32
        %21 = linalg.index 0 : index
        %22 = arith.cmpi slt, %21, %4 : index
        %23 = arith.select %22, %20, %cst_3 : f32
        linalg.yield %23 : f32
      } -> tensor<16x64xf32>
      %12 = tile.load %arg5 [%1, %arg13, %0, 0] dims [1, 3] limits [%4, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %13 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%12 : tensor<16x64xf32>) outs(%10 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %20 = math.rsqrt %cst : f32
        %21 = arith.mulf %in, %20 : f32
        %22 = linalg.index 0 : index
        %23 = arith.cmpi slt, %22, %4 : index
        %24 = arith.select %23, %21, %cst_3 : f32
        linalg.yield %24 : f32
      } -> tensor<16x64xf32>
      %14 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%5, %9 : tensor<16x64xf32>, tensor<16x64xf32>) outs(%10 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %in_4: f32, %out: f32):
        %20 = arith.maximumf %in, %cst_3 : f32
        %21 = math.absf %in : f32
        %22 = arith.negf %21 : f32
        %23 = math.exp %22 : f32
        %24 = math.log1p %23 : f32
        %25 = arith.addf %20, %24 : f32
        %26 = arith.negf %25 : f32
        %27 = math.exp %26 : f32
        %28 = arith.mulf %27, %in_4 : f32
        %29 = linalg.index 0 : index
        %30 = arith.cmpi slt, %29, %4 : index
        %31 = arith.select %30, %28, %cst_3 : f32
        linalg.yield %31 : f32
      } -> tensor<16x64xf32>
      %15 = tile.load %arg7 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%4, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xf32>
      %16 = tensor.empty() : tensor<16x1x64xf32>
      %17 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%15 : tensor<16x1x64xf32>) outs(%16 : tensor<16x1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %20 = linalg.index 0 : index
        %21 = arith.cmpi slt, %20, %4 : index
        %22 = arith.select %21, %in, %cst_3 : f32
        linalg.yield %22 : f32
      } -> tensor<16x1x64xf32>
      %y, %state = tile.scan x = %17, b = %11, c = %13, decay = %7 : tensor<1x64x16xf32>, r = %14 : tensor<16x64xf32>, init = %arg14 pre : tensor<16x1x64xf32>, tensor<16x64xf32>, tensor<16x64xf32>, tensor<1x64x64xf32> -> tensor<16x1x64xf32>, tensor<1x64x64xf32>
      %18 = tensor.empty() : tensor<16x1x64xbf16>
      %19 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y : tensor<16x1x64xf32>) outs(%18 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %20 = arith.truncf %in : f32 to bf16
        linalg.yield %20 : bf16
      } -> tensor<16x1x64xbf16>
      tile.store %19, %arg11 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%4, 1, 64] : tensor<16x1x64xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      scf.yield %state : tensor<1x64x64xf32>
    }
    tile.store %3, %arg12 [%1, %0, 0, 0] dims [1, 2, 3] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    tile.return
  }
}
