// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scan that reads its state across the columns, with a correction and decays of entries.
mixer.spec @scan_across(%q: [B,T,H,P] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %g: [B,T,H,N], %r: [B,T,H,N] io,
                %h0: [B,H,N,P] optional) -> (%o: [B,T,H,N] io, %hT: [B,H,N,P] optional) {
  %0 = mixer.map(%g) { (g) -> -softplus(g) }
  %1 = mixer.map(%r) { (r) -> r * -0.02 }
  %o, %hT = mixer.semiseparable x = %v, b = %k, c = %q, decay = %0, l = %1, r = %r, init = %h0
  mixer.return %o, %hT
}
tile.program @scan_across_scan of @scan_across plan #mixer.algorithm<scan, chunk = 16, pblock = 64> buffers [] {
  tile.kernel @main(%arg0: index, %arg1: index, %arg2: index, %arg3: index, %arg4: index, %arg5: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg6: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg7: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg8: memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg9: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg10: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>, %arg11: memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>, %arg12: memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>) attributes {grid = #tile.grid<blocks = 2, batch = true>, when = #tile.when<always>} {
    %cst = arith.constant -2.000000e-02 : f32
    %cst_0 = arith.constant -1.500000e+02 : f32
    %cst_1 = arith.constant -1.260000e+02 : f32
    %cst_2 = arith.constant 1.44269502 : f32
    %cst_3 = arith.constant 0.000000e+00 : f32
    %c16 = arith.constant 16 : index
    %c64 = arith.constant 64 : index
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
        %21 = arith.maximumf %in, %cst_3 : f32
        %22 = math.absf %in : f32
        %23 = arith.negf %22 : f32
        %24 = math.exp %23 : f32
        %25 = math.log1p %24 : f32
        %26 = arith.addf %21, %25 : f32
        %27 = arith.negf %26 : f32
        %28 = linalg.index 2 : index
        %29 = arith.cmpi slt, %28, %4 : index
        %30 = arith.select %29, %27, %cst_3 : f32
        %31 = arith.mulf %30, %cst_2 : f32
        %32 = arith.maximumf %31, %cst_1 : f32
        %33 = math.exp2 %32 : f32
        %34 = arith.cmpf olt, %31, %cst_0 : f32
        %35 = arith.select %34, %cst_3, %33 : f32
        linalg.yield %35 : f32
      } -> tensor<1x64x16xf32>
      %8 = tile.load %arg6 [%1, %arg13, %0, 0] dims [1, 3] limits [%4, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %9 = tensor.empty() : tensor<16x64xf32>
      %10 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%8 : tensor<16x64xf32>) outs(%9 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %21 = linalg.index 0 : index
        %22 = arith.cmpi slt, %21, %4 : index
        %23 = arith.select %22, %in, %cst_3 : f32
        linalg.yield %23 : f32
      } -> tensor<16x64xf32>
      %11 = tile.load %arg5 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%4, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xf32>
      %12 = tensor.empty() : tensor<16x1x64xf32>
      %13 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%11 : tensor<16x1x64xf32>) outs(%12 : tensor<16x1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %21 = linalg.index 0 : index
        %22 = arith.cmpi slt, %21, %4 : index
        %23 = arith.select %22, %in, %cst_3 : f32
        %24 = linalg.index 2 : index
        %25 = arith.cmpi slt, %24, %c64 : index
        %26 = arith.select %25, %23, %cst_3 : f32
        linalg.yield %26 : f32
      } -> tensor<16x1x64xf32>
      %14 = tile.load %arg9 [%1, %arg13, %0, 0] dims [1, 3] limits [%4, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x64xf32>
      %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14 : tensor<16x64xf32>) outs(%9 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %21 = arith.mulf %in, %cst : f32
        %22 = linalg.index 0 : index
        %23 = arith.cmpi slt, %22, %4 : index
        %24 = arith.select %23, %21, %cst_3 : f32
        linalg.yield %24 : f32
      } -> tensor<16x64xf32>
      %16 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%14 : tensor<16x64xf32>) outs(%9 : tensor<16x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %21 = linalg.index 0 : index
        %22 = arith.cmpi slt, %21, %4 : index
        %23 = arith.select %22, %in, %cst_3 : f32
        linalg.yield %23 : f32
      } -> tensor<16x64xf32>
      %17 = tile.load %arg7 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%4, 1, 64] : memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>> -> tensor<16x1x64xf32>
      %18 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%17 : tensor<16x1x64xf32>) outs(%12 : tensor<16x1x64xf32>) {
      ^bb0(%in: f32, %out: f32):
        %21 = linalg.index 0 : index
        %22 = arith.cmpi slt, %21, %4 : index
        %23 = arith.select %22, %in, %cst_3 : f32
        %24 = linalg.index 2 : index
        %25 = arith.cmpi slt, %24, %c64 : index
        %26 = arith.select %25, %23, %cst_3 : f32
        linalg.yield %26 : f32
      } -> tensor<16x1x64xf32>
      %y, %state = tile.scan x = %18, b = %10, c = %13, decay = %7 : tensor<1x64x16xf32>, l = %15 : tensor<16x64xf32>, r = %16 : tensor<16x64xf32>, init = %arg14 across : tensor<16x1x64xf32>, tensor<16x64xf32>, tensor<16x1x64xf32>, tensor<1x64x64xf32> -> tensor<16x1x64xf32>, tensor<1x64x64xf32>
      %19 = tensor.empty() : tensor<16x1x64xbf16>
      %20 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y : tensor<16x1x64xf32>) outs(%19 : tensor<16x1x64xbf16>) {
      ^bb0(%in: f32, %out: bf16):
        %21 = arith.truncf %in : f32 to bf16
        linalg.yield %21 : bf16
      } -> tensor<16x1x64xbf16>
      tile.store %20, %arg11 [%1, %arg13, %0, 0] dims [1, 2, 3] limits [%4, 1, 64] : tensor<16x1x64xbf16> -> memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
      scf.yield %state : tensor<1x64x64xf32>
    }
    tile.store %3, %arg12 [%1, %0, 0, 0] dims [1, 2, 3] limits [1, 64, 64] optional : tensor<1x64x64xf32> -> memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>
    tile.return
  }
}
